package authorize

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// codeOf returns how the code of a redirect is stored.
func (w *world) codeOf(answer url.Values) domain.AuthorizationCode {
	w.t.Helper()
	code, err := w.store.AuthorizationCode(context.Background(), secret.New(answer.Get("code")).Hash())
	if err != nil {
		w.t.Fatal(err)
	}
	return code
}

// TestTheCodeToCopy goes to a page of our own, below the door, from a program
// that knows no PKCE, and is asked for each time.
func TestTheCodeToCopy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.begin(domain.TTNClient, query("client_id=ttnctl", "redirect_uri=/oauth/callback/ttnctl", "response_type=code"))
	if want := issuer + "/ttn/oauth/callback/ttnctl"; r.RedirectURI != want {
		t.Errorf("got the redirect URI %s, want %s", r.RedirectURI, want)
	}
	if !r.CopiesCode() {
		t.Error("the person is not told that he copies a code")
	}
	if got := strings.Join(names(r), " "); got != "profile apps gateways components clients" {
		t.Errorf("without a scope it asks for %q", got)
	}
	to, err := w.Allow(context.Background(), caller(w.alice), r, Decision{Names: names(r)})
	if err != nil || !strings.HasPrefix(to.To, issuer+"/ttn/oauth/callback/ttnctl?code=") {
		t.Fatalf("got %s, %v", to.To, err)
	}
	answer, _ := answerOf(t, to.To)
	code := w.codeOf(answer)
	if got := code.ExpiresAt.Sub(code.IssuedAt); got != 5*time.Minute || code.RedirectURI != domain.CopyCodeURI || code.Challenge != "" {
		t.Errorf("got a code for %s, to %s", got, code.RedirectURI)
	}
	if q, err := w.Ask(context.Background(), caller(w.alice), r); err != nil || q.Answered {
		t.Errorf("asked again: got %v, %v", q.Answered, err)
	}
	r = w.begin(domain.TTNClient, query("client_id=ttnctl", "response_type=code", "code_challenge="+challenge, "code_challenge_method=S256"))
	if r.Challenge != challenge {
		t.Error("a challenge that was sent does not count")
	}
	for _, to := range []string{issuer + "/ttn/oauth/callback/ttnctl", "/oauth/callback/ttnctl/", "/oauth/callback/ttnctl?x=1", "http://localhost/oauth/callback/ttnctl"} {
		if _, err := w.Begin(context.Background(), domain.TTNClient, query("client_id=ttnctl", "redirect_uri="+to, "response_type=code")); domain.CodeOf(err) != "invalid_redirect_uri" {
			t.Errorf("%s: got %v", to, err)
		}
	}
}

// TestCodesOfOthersLiveAMinute, also those that are copied.
func TestCodesOfOthersLiveAMinute(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.client("myclient", domain.TTNClient, func(c *domain.Client) { c.RedirectURIs = []string{domain.CopyCodeURI} })
	r := w.begin(domain.TTNClient, query("client_id=myclient", "response_type=code", "state=x y"))
	code := w.codeOf(w.allow(r, Decision{Names: names(r)}))
	if got := code.ExpiresAt.Sub(code.IssuedAt); got != time.Minute {
		t.Errorf("got a code for %s, want a minute", got)
	}
}
