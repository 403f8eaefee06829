package browser_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestAnAppFromItsFormToItsApproval registers apps of several kinds, looks at
// them with different eyes, and lets an administrator decide about one.
func TestAnAppFromItsFormToItsApproval(t *testing.T) {
	t.Parallel()
	server := serve(t)
	admin := open(t, server.url)
	admin.visit(server.setup)
	admin.fill("#name", "rosa")
	admin.fill("#password", password)
	admin.pressButton("Make the administrator")
	admin.visit("/admin/apps")
	admin.inspect("admin-apps-empty")

	b := open(t, server.url)
	b.signUp("alice")
	b.visit("/apps")
	b.sees("No apps yet")
	b.inspect("apps-empty")
	b.pressButton("New app")
	b.inspect("app-kinds")
	for _, kind := range []string{"standard", "wotkit", "lametric"} {
		b.visit("/apps/new?kind=" + kind)
		b.inspect("app-new-" + kind)
	}
	b.fill("#name", "Clock faces")
	b.fill("#redirect_uris", "http://clock.example/")
	b.pressButton("Register the app")
	b.sees("plain http")
	b.inspect("app-new-refused")
	b.fill("#redirect_uris", "https://clock.example/callback")
	b.pressButton("Register the app")
	secret := b.text("#client-secret")
	b.inspect("app-secret")
	b.pressButton("Done")
	b.sees("https://clock.example/callback")
	if strings.Contains(b.text("main"), secret) {
		t.Error("the page of the app shows its secret")
	}
	b.inspect("app")
	b.pressButton("View secret")
	b.sees(secret) // the password was entered a moment ago
	b.visit("/apps")
	b.sees("Clock faces")

	b.visit("/apps/new?kind=ttn")
	b.do(chromedp.Click(chromedp.CSS("details.fold > summary")))
	for _, box := range []string{"apps", "gateways"} {
		b.do(chromedp.Click(chromedp.CSS("input[value='" + box + "']")))
	}
	b.do(chromedp.Click(chromedp.CSS("input[value='keep_refresh']")))
	b.fill("#name", "Meadow network")
	b.fill("#client_id", "meadow")
	b.fill("#redirect_uris", "https://meadow.example/callback")
	b.pressButton("Register the app")
	b.sees("as soon as an administrator has approved it")
	b.visit("/apps/meadow")
	b.inspect("app-requested")

	stranger := open(t, server.url)
	stranger.signUp("bob")
	if status := stranger.visit("/apps/meadow"); status != http.StatusNotFound {
		t.Errorf("a stranger at a requested app: got %d, want 404", status)
	}
	admin.visit("/admin/apps")
	admin.sees("Waiting for you")
	admin.inspect("admin-apps")
	admin.press(`a[aria-label="Reject Meadow network"]`)
	admin.inspect("admin-app-reject")
	admin.fill("#reason", "The website does not answer.")
	admin.pressButton("Reject")
	admin.sees("The app is rejected.")
	admin.inspect("app-rejected")
	admin.pressButton("Approve")
	admin.pressButton("Mark as official")
	admin.pressButton("Suspend")
	admin.fill("#reason", "It leaks.")
	admin.pressButton("Suspend")
	admin.sees("It leaks.")
	admin.pressButton("Resume")
	stranger.visit("/apps/meadow")
	stranger.sees("by an administrator of this server")
	stranger.inspect("app-of-somebody")
	if strings.Contains(stranger.text("main"), "meadow.example") {
		t.Error("a stranger sees the redirect URI")
	}
	stranger.visit("/apps")
	stranger.inspect("apps")

	b.visit("/apps/meadow/edit")
	b.inspect("app-edit")
	b.visit("/apps/meadow/rotate")
	b.inspect("app-rotate")
	b.visit("/apps/meadow/delete")
	b.inspect("app-delete")
	b.pressButton("Delete the app")
	b.sees("The app is deleted")
}

// TestAppsWithoutScripts registers an app and ends all connections where
// JavaScript is off.
func TestAppsWithoutScripts(t *testing.T) {
	t.Parallel()
	server := serve(t)
	b := open(t, server.url)
	b.signUp("carol")
	b.withoutScripts()
	b.visit("/apps/new")
	b.press(`a[href="/apps/new?kind=wotkit"]`)
	b.do(chromedp.SendKeys(chromedp.CSS("#name"), "Old dashboard"), chromedp.SendKeys(chromedp.CSS("#redirect_uris"), "https://old.example/callback"))
	b.pressButton("Register the app")
	b.sees("Your new app")
	b.pressButton("Done")
	b.sees("/wotkit/api/oauth/token")
	b.visit("/keys/new")
	b.do(chromedp.SendKeys(chromedp.CSS("#name"), "Gateway"))
	b.pressButton("Create the key")
	b.visit("/connections")
	b.pressButton("End all")
	b.sees("the one app or key that acts for you")
	b.pressButton("End all of them")
	b.sees("Everything that acted for you has ended.")
}
