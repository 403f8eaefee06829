package browser_test

import (
	"regexp"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestMailedCodes goes from a sign-up to a confirmed address and on to a new
// password, with the mails that the outbox shows to the administrator.
func TestMailedCodes(t *testing.T) {
	t.Parallel()
	server := serve(t)
	root := open(t, server.url)
	root.visit(server.setup)
	root.fill("#name", "rosa")
	root.fill("#password", password)
	root.pressButton("Make the administrator")
	root.visit("/admin/mails")
	root.sees("No mails")
	root.inspect("admin-mails-none")

	alice := open(t, server.url)
	alice.visit("/sign-up")
	alice.fill("#name", "alice")
	alice.fill("#email", "alice@example.org")
	alice.fill("#password", password)
	alice.pressButton("Create the account")
	alice.sees("Please confirm your e-mail address")
	alice.visit("/settings")
	alice.sees("is not confirmed yet")
	alice.inspect("settings-unconfirmed")
	alice.visit(mailed(root, "Confirm your e-mail address"))
	alice.inspect("confirm")
	alice.pressButton("Confirm the address")
	alice.sees("The e-mail address is confirmed.")

	stranger := open(t, server.url)
	stranger.visit("/login")
	stranger.press(`a[href="/forgot"]`)
	stranger.inspect("forgot")
	stranger.fill("#name", "alice")
	stranger.pressButton("Mail me a code")
	stranger.sees("If there is such an account")
	stranger.inspect("forgot-sent")
	stranger.visit(mailed(root, "Set a new password"))
	stranger.inspect("reset")
	if got := ask(stranger, chromedp.Value(chromedp.CSS("#code"))); got == "" {
		t.Error("the link does not fill the code in")
	}
	stranger.fill("#new_password", "four other unrelated words")
	stranger.pressButton("Set the password")
	stranger.sees("The new password is set.")
	alice.visit("/settings")
	alice.sees("Please sign in to go on.")
}

var codeLink = regexp.MustCompile(`/(?:confirm|reset)\?code=\w+`)

// mailed reads the newest mail with the subject and returns its link.
func mailed(root *tab, subject string) string {
	root.t.Helper()
	root.visit("/admin/mails")
	root.inspect("admin-mails")
	root.press(`tbody tr:first-child th a`)
	root.sees(subject)
	root.sees("That you read it is noted")
	root.inspect("admin-mail")
	return codeLink.FindString(root.text(".code"))
}
