package portal

import (
	"net/http"
	"strings"
	"testing"
)

func TestAMailedCodeIsFilledInAndCountsOnlyWhenSent(t *testing.T) {
	t.Parallel()
	for _, page := range []struct{ path, leadsTo string }{{"/confirm", "/login?notice=address-confirmed"}, {"/reset", "/login?notice=password-reset"}} {
		w := newWorld()
		v := visit(t, w, w.portal())
		got := v.get(page.path + "?code=" + rightCode)
		if got.StatusCode != http.StatusOK || !strings.Contains(got.body, `value="`+rightCode+`"`) || got.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: got %d with the policy %q; want the code filled in, and told to nobody:\n%s", page.path, got.StatusCode, got.Header.Get("Referrer-Policy"), got.body)
		}
		got = v.post(page.path, "code", "wrong-code", "new_password", "correct horse battery")
		if got.StatusCode != http.StatusForbidden || !strings.Contains(got.body, "This code is not valid.") || got.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: got %d to a wrong code", page.path, got.StatusCode)
		}
		got = v.post(page.path, "code", rightCode, "new_password", "correct horse battery")
		if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != page.leadsTo {
			t.Errorf("%s: got %d to %q, want %q", page.path, got.StatusCode, got.Header.Get("Location"), page.leadsTo)
		}
	}
}

func TestForgottenPasswordsAreAnsweredTheSameForEverybody(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.addUser("alice", "correct horse battery", false)
	v := visit(t, w, w.portal())
	known, unknown := v.post("/forgot", "name", "alice"), v.post("/forgot", "name", "nobody")
	if known.StatusCode != http.StatusSeeOther || known.StatusCode != unknown.StatusCode || known.Header.Get("Location") != unknown.Header.Get("Location") || known.body != unknown.body {
		t.Errorf("got %d %q and %d %q, want the same", known.StatusCode, known.Header.Get("Location"), unknown.StatusCode, unknown.Header.Get("Location"))
	}
	if got := v.get(known.Header.Get("Location")); !strings.Contains(got.body, "If there is such an account") {
		t.Errorf("got a page that does not say so:\n%s", got.body)
	}
	w.throttled = true
	if got := v.post("/forgot", "name", "alice"); got.StatusCode != http.StatusTooManyRequests || got.Header.Get("Retry-After") != "600" || !strings.Contains(got.body, "10 minutes") {
		t.Errorf("got %d, Retry-After %q", got.StatusCode, got.Header.Get("Retry-After"))
	}
}

func TestAnAddressThatIsNotConfirmedIsSaidInTheSettings(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.addUser("alice", "correct horse battery", false).Email = "alice@example.org"
	v := visit(t, w, w.portal())
	v.signIn("alice")
	if got := v.get("/settings"); !strings.Contains(got.body, "alice@example.org</strong> is not confirmed yet") {
		t.Errorf("the settings do not say that the address is not confirmed:\n%s", got.body)
	}
	if got := v.post("/settings/address/resend"); got.Header.Get("Location") != "/settings?notice=address-mailed" {
		t.Errorf("got %d to %q", got.StatusCode, got.Header.Get("Location"))
	}
	v.post("/confirm", "code", rightCode)
	if got := v.get("/settings"); strings.Contains(got.body, "not confirmed yet") {
		t.Error("the settings still say that the address is not confirmed")
	}
}

func TestAdministratorsSeeTheOutbox(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.addUser("root", "correct horse battery", true)
	w.addUser("alice", "correct horse battery", false)
	v := visit(t, w, w.portal())
	v.signIn("root")
	list := v.get("/admin/mails")
	for _, want := range []string{"sent</span>", "kept here", "given up", "waits", "550 no such user", "&lt;Wall&gt;", `href="/admin/mails" aria-current="page"`} {
		if !strings.Contains(list.body, want) {
			t.Errorf("the list does not say %q:\n%s", want, list.body)
		}
	}
	if got := strings.Count(list.body, "/send-again"); got != 2 {
		t.Errorf("got %d buttons to send again, want them for what was kept and given up", got)
	}
	w.unkept = true
	if got := v.get("/admin/mails"); strings.Count(got.body, "/send-again") != 1 || !strings.Contains(got.body, "nobody gets these mails") {
		t.Errorf("without a server for mails the page says:\n%s", got.body)
	}
	if got := v.get("/admin/mails/2"); !strings.Contains(got.body, "Your app &lt;Wall&gt; was approved.") {
		t.Errorf("the mail does not show its text:\n%s", got.body)
	}
	if got := v.get("/admin/mails/4"); !strings.Contains(got.body, "forgotten when it was sent") {
		t.Errorf("the mail does not say that its text is gone:\n%s", got.body)
	}
	for _, id := range []string{"9", "x"} {
		if got := v.get("/admin/mails/" + id); got.StatusCode != http.StatusNotFound {
			t.Errorf("mail %s: got %d, want 404", id, got.StatusCode)
		}
	}
	if got := v.post("/admin/mails/2/send-again"); got.Header.Get("Location") != "/admin/mails?notice=mail-again" {
		t.Errorf("got %d to %q", got.StatusCode, got.Header.Get("Location"))
	}
	other := visit(t, w, w.portal())
	other.signIn("alice")
	if got := other.get("/admin/mails"); got.StatusCode == http.StatusOK {
		t.Error("everybody sees the outbox")
	}
}
