package browser_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/thingward/thingward/internal/app"
)

// TestFirstAdministrator goes from the link that the server printed to an
// invitation, a user and a suspension.
func TestFirstAdministrator(t *testing.T) {
	t.Parallel()
	server := serve(t, func(c *app.Config) { c.SignUp = "invite" })
	b := open(t, server.url)
	b.visit("/")
	b.sees("This server is new.")
	b.inspect("front-new")
	b.visit(server.setup)
	if got := ask(b, chromedp.Value(chromedp.CSS("#code"))); !strings.HasSuffix(server.setup, got) || got == "" {
		t.Errorf("the link does not fill the code in")
	}
	b.inspect("setup")
	b.fill("#name", "rosa")
	b.fill("#password", password)
	b.pressButton("Make the administrator")
	b.sees("This server is set up, and you are its administrator.")
	b.inspect("home-admin")

	b.visit("/admin/users/new")
	b.inspect("admin-user-new")
	b.fill("#name", "bob")
	b.fill("#password", password)
	b.pressButton("Create the user")
	b.sees("The user is created.")
	b.press(`a[aria-label="Suspend bob"]`)
	b.inspect("admin-suspend")
	b.pressButton("Suspend")
	b.sees("The user is suspended")
	b.inspect("admin-users")
	b.press(`a[aria-label="Resume bob"]`)
	b.pressButton("Resume")
	b.press(`a[aria-label="Reset password of bob"]`)
	b.pressButton("Make a temporary password")
	temporary := b.text("#secret")
	b.inspect("admin-secret")
	b.visit("/admin/users")
	b.pressButton("Invite somebody")
	b.sees("Invitation code")
	invitation := b.text("#secret")
	b.inspect("admin-invitation")
	b.visit("/admin/audit")
	b.sees("Account suspended")
	b.inspect("admin-audit")

	bob := open(t, server.url)
	bob.visit("/login")
	bob.fill("#name", "bob")
	bob.fill("#password", temporary)
	bob.pressButton("Sign in")
	if status := bob.visit("/admin/users"); status != http.StatusForbidden {
		t.Errorf("a user who is no administrator: got %d, want 403", status)
	}
	bob.inspect("forbidden")

	guest := open(t, server.url)
	guest.visit("/sign-up")
	guest.inspect("sign-up-invite")
	guest.fill("#name", "carol")
	guest.fill("#password", password)
	guest.fill("#invite", "twi_made_up")
	guest.pressButton("Create the account")
	guest.sees("not valid")
	guest.fill("#invite", invitation)
	guest.fill("#password", password)
	guest.pressButton("Create the account")
	guest.sees("Welcome!")
}

// TestASensorOnItsPage makes a sensor with the commands that the pages show.
func TestASensorOnItsPage(t *testing.T) {
	t.Parallel()
	server := serve(t)
	b := open(t, server.url)
	b.signUp("frank")
	b.visit("/sensors")
	b.sees("No sensors yet")
	b.inspect("sensors-empty")
	b.visit("/keys/new")
	b.fill("#name", "Workshop")
	b.do(chromedp.Click(chromedp.CSS("input[value='sensors.write']")))
	b.pressButton("Create the key")
	id, keyPassword := b.text("#key-id"), b.text("#key-password")
	send := func(path, contentType, body string) {
		t.Helper()
		request, err := http.NewRequest(http.MethodPost, server.url+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.SetBasicAuth(id, keyPassword)
		request.Header.Set("Content-Type", contentType)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode/100 != 2 {
			t.Fatalf("POST %s: got %d", path, response.StatusCode)
		}
	}
	send("/api/v1/sensors", "application/json", `{"name":"greenhouse","long_name":"Greenhouse","visibility":"private"}`)
	send("/wotkit/api/sensors/frank.greenhouse/data", "application/x-www-form-urlencoded", "value=21.5")
	send("/wotkit/api/sensors/frank.greenhouse/data", "application/x-www-form-urlencoded", "value=22.25&message=warm")

	b.visit("/")
	b.sees("Up and running")
	b.inspect("home")
	b.visit("/sensors")
	b.sees("22.25")
	b.inspect("sensors")
	b.fill("#q", "cellar")
	b.pressButton("Search")
	b.sees("Nothing matches")
	b.inspect("sensors-sought")
	b.fill("#q", "GREEN")
	b.pressButton("Search")
	b.sees("frank.greenhouse")
	b.visit("/sensors/frank.greenhouse")
	b.sees("warm")
	b.inspect("sensor")
	b.visit("/keys/new")
	b.do(chromedp.Click(chromedp.CSS("input[value='chosen']")), chromedp.Click(chromedp.CSS("input[value='frank.greenhouse']")))
	b.fill("#name", "One sensor")
	b.inspect("key-new-chosen")
	b.pressButton("Create the key")
	b.pressButton("Done")
	b.sees("(only frank.greenhouse)")
	stranger := open(t, server.url)
	if status := stranger.visit("/sensors/frank.greenhouse"); status != http.StatusNotFound {
		t.Errorf("a stranger at a private sensor: got %d, want 404", status)
	}
}
