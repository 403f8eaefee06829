package browser_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestWhatActsForAPerson looks at a key among the connections, renames it and
// ends it.
func TestWhatActsForAPerson(t *testing.T) {
	t.Parallel()
	server := serve(t)
	b := open(t, server.url)
	b.signUp("dora")
	b.visit("/connections")
	b.sees("Nothing acts for you")
	b.inspect("connections-empty")
	b.visit("/keys/new")
	b.fill("#name", "Cellar gateway")
	b.pressButton("Create the key")
	id, keyPassword := b.text("#key-id"), b.text("#key-password")
	whoAmI := func() int {
		request, err := http.NewRequest(http.MethodGet, server.url+"/api/v1/sensors", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.SetBasicAuth(id, keyPassword)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return response.StatusCode
	}
	if got := whoAmI(); got != http.StatusOK {
		t.Fatalf("the key: got %d", got)
	}
	b.visit("/connections")
	b.inspect("connections")
	b.pressButton("Cellar gateway")
	b.inspect("connection")
	b.pressButton("Rename")
	b.inspect("connection-rename")
	b.fill("#name", "Attic gateway")
	b.pressButton("Save")
	b.sees("Attic gateway")
	b.pressButton("End")
	b.inspect("connection-end")
	b.pressButton("End the key")
	if !strings.HasPrefix(b.path(), "/connections?") {
		t.Errorf("after the end: got %s", b.path())
	}
	if got := whoAmI(); got != http.StatusUnauthorized {
		t.Errorf("the key after its end: got %d, want 401", got)
	}
}
