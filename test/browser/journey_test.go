package browser_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const password = "correct horse battery staple"

// signUp makes an account on the page for it and leaves the tab signed in.
func (b *tab) signUp(name string) {
	b.t.Helper()
	b.visit("/sign-up")
	b.fill("#name", name)
	b.fill("#email", name+"@example.org")
	b.fill("#password", password)
	b.pressButton("Create the account")
	b.sees("Welcome! Your account is ready.")
}

// newKey makes a key with the rights that are ticked at first and returns its
// id and password.
func (b *tab) newKey(name string) (id, keyPassword string) {
	b.t.Helper()
	b.visit("/keys/new")
	b.fill("#name", name)
	b.pressButton("Create the key")
	b.sees("Your new key")
	return b.text("#key-id"), b.text("#key-password")
}

func TestAKeyFromSignUpToItsEnd(t *testing.T) {
	t.Parallel()
	b := open(t, serve(t).url)
	b.signUp("alice")
	b.visit("/keys")
	b.sees("No keys yet")
	b.inspect("keys-empty")
	id, first := b.newKey("Balcony gateway")
	if len(id) != 16 || !strings.HasPrefix(first, "twk_") {
		t.Fatalf("got key %q with a password of %d characters", id, len(first))
	}
	b.inspect("key-created")
	b.pressButton("Done")
	b.sees("It has not touched any of your things yet.")
	b.inspect("key")

	b.visit("/keys/" + id + "/view")
	b.sees("enter the password of your account")
	b.inspect("key-view")
	b.fill("#password", "not this one at all")
	b.pressButton("View key")
	b.sees("This is not your password.")
	b.inspect("key-view-refused")
	b.fill("#password", password)
	b.pressButton("View key")
	if got := b.text("#key-password"); got != first {
		t.Errorf("viewing the key shows another password than its making")
	}
	b.pressButton("Done")
	b.pressButton("View key") // the password was entered just now: no question
	if got := b.text("#key-password"); got != first {
		t.Errorf("viewing the key again shows another password than its making")
	}
	b.pressButton("Done")

	b.pressButton("New password")
	b.inspect("key-rotate")
	b.pressButton("Make a new password")
	if got := b.text("#key-password"); got == first || !strings.HasPrefix(got, "twk_") {
		t.Errorf("rotating the key left its password as it was")
	}
	b.pressButton("Done")
	b.sees("Old password")

	b.pressButton("Edit")
	b.inspect("key-edit")
	b.fill("#allowed_addresses", "nonsense")
	b.pressButton("Save")
	b.sees("is not an address or network")
	b.inspect("key-edit-refused")
	b.fill("#allowed_addresses", "192.0.2.7")
	b.pressButton("Save")
	b.sees("The key is saved.")
	b.sees("192.0.2.7")
	b.visit("/keys")
	b.sees("Balcony gateway")
	b.inspect("keys")

	b.visit("/keys/" + id)
	b.pressButton("Delete")
	b.sees("Delete the key Balcony gateway?")
	b.inspect("key-delete")
	b.pressButton("Delete the key")
	b.sees("The key is deleted.")
	b.sees("No keys yet")
	if status := b.visit("/keys/" + id); status != 404 {
		t.Errorf("a deleted key: got %d, want 404", status)
	}
	b.inspect("not-found")
}

func TestPagesOfAVisitor(t *testing.T) {
	t.Parallel()
	b := open(t, serve(t).url)
	for _, page := range []struct{ name, path string }{
		{"front", "/"}, {"login", "/login?next=/keys&ended=1"}, {"sign-up", "/sign-up"}, {"setup-done", "/setup"},
	} {
		if status := b.visit(page.path); status != 200 {
			t.Errorf("%s: got %d, want 200", page.path, status)
		}
		b.inspect(page.name)
	}
	b.visit("/keys")
	if got := b.path(); !strings.HasPrefix(got, "/login?") || !strings.Contains(got, "next=%2Fkeys") {
		t.Errorf("a page that needs a person led to %s", got)
	}
	b.fill("#name", "nobody")
	b.fill("#password", "something wrong")
	b.pressButton("Sign in")
	if got := ask(b, chromedp.Value(chromedp.CSS("#name"))); got != "nobody" {
		t.Errorf("a refused sign-in keeps the name: got %q", got)
	}
	b.inspect("login-refused")
	b.visit("/sign-up")
	b.fill("#name", "UPPER")
	b.fill("#password", password)
	b.pressButton("Create the account")
	b.sees("lower-case letters")
	b.inspect("sign-up-refused")
}

func TestSettings(t *testing.T) {
	t.Parallel()
	server := serve(t)
	b, other := open(t, server.url), open(t, server.url)
	b.signUp("carol")
	b.inspect("home-first")
	other.visit("/login")
	other.fill("#name", "carol")
	other.fill("#password", password)
	other.pressButton("Sign in")

	b.visit("/settings")
	b.inspect("settings")
	b.fill("#display_name", "Carol of the Bells")
	b.fill("#time_zone", "Mars/Olympus")
	b.pressButton("Save the profile")
	b.sees("is not a time zone")
	b.inspect("settings-refused")
	b.fill("#time_zone", "Europe/Berlin")
	b.pressButton("Save the profile")
	b.sees("The profile is saved.")
	b.pressButton("Sign out everywhere else")
	b.sees("You are signed out everywhere else.")
	other.visit("/keys")
	if got := other.path(); !strings.HasPrefix(got, "/login") {
		t.Errorf("an ended session still sees %s", got)
	}
	b.fill("#password", password)
	b.fill("#new_password", "a wholly new password")
	b.pressButton("Change the password")
	b.sees("The password is changed.")
	b.visit("/settings/audit")
	b.inspect("audit")
	b.visit("/confirm-password?next=/settings")
	b.inspect("confirm-password")
	b.fill("#password", "a wholly new password")
	b.pressButton("Go on")
	if got := b.path(); got != "/settings" {
		t.Errorf("after the password: got %s, want /settings", got)
	}
	b.clean()
}

func TestKeyboardAlone(t *testing.T) {
	t.Parallel()
	server := serve(t)
	open(t, server.url).signUp("dave")
	b := open(t, server.url)
	b.visit("/keys/new")
	b.do(chromedp.Evaluate[chromedp.Void](`document.activeElement.blur()`))
	b.tabTo(".skip")
	b.tabTo("#name")
	b.do(chromedp.KeyEvent("dave"))
	b.tabTo("#password")
	b.do(chromedp.KeyEvent(password))
	b.tabTo("main button[type=submit]")
	b.key(kb.Enter)
	if got := b.path(); got != "/keys/new" {
		t.Fatalf("after signing in: got %s, want /keys/new", got)
	}
	b.do(chromedp.KeyEvent("Made by keyboard"))
	b.tabTo("input[value='profile']")
	b.do(chromedp.KeyEvent(" "))
	b.tabTo("input[name=things]")
	b.tabTo("#expiry")
	b.do(chromedp.KeyEvent(kb.ArrowUp))
	b.tabTo("main button[type=submit]")
	b.key(kb.Enter)
	b.sees("Your new key")
	b.tabTo("main .actions a")
	b.key(kb.Enter)
	b.sees("Made by keyboard")
	b.sees("see your name and time zone")
	b.do(chromedp.Evaluate[chromedp.Void](`document.activeElement.blur()`))
	b.tabTo(".menu summary")
	b.do(chromedp.KeyEvent(kb.Enter))
	b.tabTo(".menu-body button")
	b.key(kb.Enter)
	b.sees("You are signed out.")
	b.clean()
}

func TestWithoutScripts(t *testing.T) {
	t.Parallel()
	b := open(t, serve(t).url)
	b.withoutScripts()
	b.visit("/sign-up")
	b.do(chromedp.SendKeys(chromedp.CSS("#name"), "erin"), chromedp.SendKeys(chromedp.CSS("#password"), password))
	b.pressButton("Create the account")
	b.visit("/keys/new")
	b.do(chromedp.SendKeys(chromedp.CSS("#name"), "Plain"))
	b.pressButton("Create the key")
	b.sees("Your new key")
	b.pressButton("Done")
	b.pressButton("Delete")
	b.pressButton("Delete the key")
	b.sees("No keys yet")
	b.clean()
}
