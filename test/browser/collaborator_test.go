package browser_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// tick sets the boxes of a form to exactly these values.
func (b *tab) tick(name string, values ...string) {
	b.t.Helper()
	b.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelectorAll('input[name=%q]').forEach(box => { if (box.checked) box.click() })`, name)))
	for _, value := range values {
		b.do(chromedp.Click(chromedp.CSS(fmt.Sprintf(`input[name=%q][value=%q]`, name, value))))
	}
}

func TestADeviceIsSharedChangedAndLeft(t *testing.T) {
	t.Parallel()
	url := serve(t).url
	erin, frank, gina := open(t, url), open(t, url), open(t, url)
	erin.signUp("erin")
	frank.signUp("frank")
	gina.signUp("gina")
	erin.visit("/devices/new")
	erin.fill("#name", "Kitchen clock")
	erin.fill("#serial_number", "SA170400099900W00BT1")
	erin.pressButton("Add the device")
	erin.pressButton("Collaborators")
	erin.sees("owner")
	erin.inspect("collaborators-alone")
	erin.fill("#user", "nobody-there")
	erin.pressButton("Add")
	erin.sees("There is no user of that name.")
	erin.inspect("collaborators-refused")
	erin.fill("#user", "frank")
	erin.tick("right", "read", "share")
	erin.pressButton("Add")
	erin.sees("The rights are given.")
	frank.visit("/devices")
	frank.sees("shared by erin")
	frank.inspect("devices-shared")
	frank.pressButton("Kitchen clock")
	if text := frank.text("main"); text == "" || frank.count(`a[href$="/delete"]`) != 0 || frank.count(`a[href$="/edit"]`) != 0 {
		t.Error("frank is offered what he may not do")
	}
	frank.visit("/devices/1/collaborators")
	if got := frank.count(`input[name="right"]`); got != 2 {
		t.Errorf("frank can give %d rights, want those 2 that he has", got)
	}
	frank.fill("#user", "gina")
	frank.tick("right", "read")
	frank.pressButton("Add")
	frank.inspect("collaborators")
	gina.visit("/devices/1/collaborators")
	gina.sees("frank")
	if gina.count(`input[name="right"]`) != 0 {
		t.Error("gina is offered to share what she may not")
	}
	gina.inspect("collaborators-reader")
	erin.visit("/devices/1/collaborators/frank")
	erin.inspect("collaborator")
	erin.tick("right", "read", "write")
	erin.pressButton("Save the rights")
	frank.visit("/devices/1/collaborators/gina")
	frank.sees("can change them")
	frank.inspect("collaborator-not-mine")
	gina.visit("/devices/1/collaborators/gina/remove")
	gina.inspect("collaborator-leave")
	gina.pressButton("Leave it")
	gina.sees("No devices yet")
	erin.visit("/devices/1/collaborators/frank/remove")
	erin.inspect("collaborator-remove")
	erin.pressButton("Remove frank")
	erin.sees("The rights are taken back.")
	if status := frank.visit("/devices/1"); status != 404 {
		t.Errorf("got %d for frank, want 404", status)
	}
}

func (b *tab) count(selector string) int {
	b.t.Helper()
	return ask(b, chromedp.Evaluate[int](fmt.Sprintf(`document.querySelectorAll(%q).length`, selector)))
}

func TestASensorAndAnApplicationAreShared(t *testing.T) {
	t.Parallel()
	url := serve(t).url
	alice, bob := open(t, url), open(t, url)
	alice.signUp("alice")
	bob.signUp("bobby")
	api := signedIn(t, url, "alice")
	api.makes("/api/v1/sensors", map[string]any{"name": "greenhouse", "long_name": "Greenhouse"})
	api.makes("/api/v1/applications", map[string]any{"id": "apitest"})
	alice.visit("/sensors/alice.greenhouse")
	alice.pressButton("nobody but you")
	alice.inspect("collaborators-sensor")
	alice.fill("#user", "bobby")
	alice.tick("right", "read")
	alice.pressButton("Add")
	bob.visit("/sensors")
	bob.sees("shared by alice")
	bob.inspect("sensors-shared")
	bob.visit("/sensors/alice.greenhouse")
	bob.sees("2 people work on it")
	bob.sees("not read its data")
	bob.inspect("sensor-shared")
	alice.visit("/applications/apitest/collaborators")
	alice.inspect("collaborators-application")
	alice.visit("/applications/apitest/collaborators/alice/remove")
	alice.pressButton("Leave it")
	alice.sees("Nobody else has all rights on this application")
	alice.inspect("collaborators-last")
	alice.visit("/applications/apitest/collaborators")
	alice.fill("#user", "bobby")
	alice.tick("right", "settings", "delete", "collaborators", "devices")
	alice.pressButton("Add")
	alice.visit("/applications/apitest/collaborators/alice/remove")
	alice.pressButton("Leave it")
	alice.sees("You left it.")
	bob.visit("/applications/apitest/collaborators")
	bob.sees("owner")
}
