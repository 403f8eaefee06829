package portal

import (
	"net/http"
	"strings"
	"testing"

	"github.com/thingward/thingward/internal/domain"
)

func gardening() domain.Client {
	return domain.Client{ID: "gardening", Owner: 99, OwnerName: "bob", Kind: domain.StandardClient, State: domain.ClientApproved, Name: "Gardening",
		Description: "Waters what is dry.", Website: "https://garden.example", Official: true}
}

func TestConnectionsShowWhatAppsAndKeysMay(t *testing.T) {
	t.Parallel()
	w := newWorld()
	alice := w.addUser("alice", "correct horse battery", false)
	v := visit(t, w, w.portal())
	v.signIn("alice")
	if got := v.get("/connections"); !strings.Contains(got.body, "Nothing acts for you") {
		t.Errorf("without connections: got %s", got.body)
	}
	if got := v.get("/connections/end-all"); got.StatusCode != http.StatusSeeOther {
		t.Errorf("nothing to end: got %d, want a way back", got.StatusCode)
	}
	v.post("/keys/new", "name", "Gateway", "scope", "readings.write", "expiry", "never")
	app := gardening()
	made := w.allow(alice, app, "Gardening", domain.Scope{Noun: "devices", Verb: "read", Thing: "7"})
	w.grants[0].Things = map[string]string{"7": "Kitchen clock"}
	app.ID, app.Name, app.State, app.Official = "shady", "Shady", domain.ClientSuspended, false
	shady := w.allow(alice, app, "On my phone", domain.ScopeProfile)
	page := v.get("/connections").body
	for _, want := range []string{"Gateway", "Gardening", "app of bob", "official", "(only Kitchen clock)", "On my phone", "suspended", "okhttp/4.12", "192.0.2.9"} {
		if !strings.Contains(page, want) {
			t.Errorf("the list: want it to hold %q", want)
		}
	}
	page = v.get(connectionHref(made.Grant.ID)).body
	for _, want := range []string{"Waters what is dry.", "https://garden.example", "alice.greenhouse", "17", `href="/apps/gardening"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the connection: want it to hold %q", want)
		}
	}
	if page = v.get(connectionHref(shady.Grant.ID)).body; !strings.Contains(page, "An administrator suspended this app.") {
		t.Errorf("a suspended app: got %s", page)
	}
	for _, path := range []string{"/connections/x", "/connections/999", "/connections/999/end", "/connections/999/rename"} {
		if got := v.get(path); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", path, got.StatusCode)
		}
	}
}

func TestAConnectionIsRenamedAndEnded(t *testing.T) {
	t.Parallel()
	w := newWorld()
	alice := w.addUser("alice", "correct horse battery", false)
	v := visit(t, w, w.portal())
	v.signIn("alice")
	made, other := w.allow(alice, gardening(), "Gardening", domain.ScopeProfile), w.allow(alice, gardening(), "Second", domain.ScopeProfile)
	href := connectionHref(made.Grant.ID)
	if got := v.post(href+"/rename", "name", ""); got.StatusCode != http.StatusBadRequest || !strings.Contains(got.body, "1 to 60 characters") {
		t.Errorf("without a name: got %d", got.StatusCode)
	}
	if got := v.post(href+"/rename", "name", "Greenhouse tablet"); got.StatusCode != http.StatusSeeOther || !strings.HasPrefix(got.Header.Get("Location"), href) {
		t.Errorf("rename: got %d to %q", got.StatusCode, got.Header.Get("Location"))
	}
	if got := v.get(href + "/end"); !strings.Contains(got.body, "End the connection to Greenhouse tablet?") {
		t.Errorf("the question: got %s", got.body)
	}
	if got := v.post(href + "/end"); got.Header.Get("Location") != "/connections?notice=connection-ended" {
		t.Errorf("end: got %d to %q", got.StatusCode, got.Header.Get("Location"))
	}
	if got := v.get(href); got.StatusCode != http.StatusNotFound {
		t.Errorf("after its end: got %d, want 404", got.StatusCode)
	}
	v.post("/keys/new", "name", "Gateway", "scope", "readings.write", "expiry", "never")
	if got := v.get("/connections/end-all"); !strings.Contains(got.body, "all 2 apps and keys") {
		t.Errorf("the question about all: got %s", got.body)
	}
	v.post("/connections/end-all")
	if got := v.get(connectionHref(other.Grant.ID)); got.StatusCode != http.StatusNotFound || len(w.keys) != 0 {
		t.Errorf("after the end of all: got %d and %d keys", got.StatusCode, len(w.keys))
	}
}
