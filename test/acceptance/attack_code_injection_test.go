package acceptance

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestAStolenCodeIsInjected: Mallory got hold of a code that Thingward made
// for Alice's browser, out of a log, a referrer or the history, and feeds it
// to a program (RFC 9700 §4.5).
func TestAStolenCodeIsInjected(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		w := newOAuthWorld(t, s)
		mallory := s.signUp(t, "mallory")
		evil := mallory.registerApp("evil")
		proven := []string{"code_challenge", challenge, "code_challenge_method", "S256"}

		stolen := w.web.code(w.alice, proven...)
		evil.redeem(stolen, "redirect_uri", evil.Redirect, "code_verifier", verifier).wantFault(400, "invalid_grant")
		evil.redeem(stolen, "redirect_uri", w.web.Redirect, "code_verifier", verifier).wantFault(400, "invalid_grant")

		// He opens the program itself, which began a request with a verifier
		// of its own, and puts Alice's code in the place of his.
		const his = "mallorys-program-made-this-verifier-for-his-own-sign-in"
		w.web.redeem(stolen, "code_verifier", his).wantFault(400, "invalid_grant")
		w.web.redeem(stolen).wantFault(400, "invalid_grant")

		// A program without PKCE is safe where the code came by another of its
		// redirect URIs.
		two := mallory.registerApp("two-ways", appOptions{"redirect_uris": []string{"https://two-ways.example/back", "https://two-ways.example/debug"}})
		leaked := two.code(w.alice, "redirect_uri", "https://two-ways.example/back")
		two.redeem(leaked, "redirect_uri", "https://two-ways.example/debug").wantFault(400, "invalid_grant")

		// None of that took the code from whom it was for.
		w.web.take(w.web.redeem(stolen, "code_verifier", verifier))
	})
}

// TestACodeIsForcedUponSomebody: Mallory lets Alice's browser open the
// redirect URI with a code of his own account, so that her data would go
// there (RFC 9700 §4.7). The program recognises it by the state, which
// Thingward gives back untouched, or by PKCE: his code has his challenge.
func TestACodeIsForcedUponSomebody(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		w := newOAuthWorld(t, s)
		mallory := s.signUp(t, "mallory")
		forced := w.native.decide(mallory, "allow", "state", "mallorys state", "code_challenge", s256(strings.Repeat("m", 43)))
		if forced.Get("state") != "mallorys state" {
			t.Errorf("got the state %q, so that the program could not tell", forced.Get("state"))
		}
		w.native.redeem(forced.Get("code"), "code_verifier", verifier).wantFault(400, "invalid_grant")
	})
}

// TestAFormIsTakenForARequest: what a stranger's page posts to the
// authorization endpoint asks the person, and answers nothing for him.
func TestAFormIsTakenForARequest(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		w := newOAuthWorld(t, s)
		site := w.alice.client.with("Origin", "https://evil.example").with("Sec-Fetch-Site", "cross-site").with("Sec-Fetch-Mode", "navigate")
		form := w.native.ask("decision", "allow", "token", "x")
		form["scope"] = []string{"readings.read"}
		kept := site.form("/oauth/authorize", form.Encode()).want(http.StatusSeeOther)
		location, err := url.Parse(kept.header.Get("Location"))
		if err != nil || location.Path != "/oauth/authorize" || location.Host != "" {
			t.Fatalf("got sent to %s", kept.header.Get("Location"))
		}
		w.alice.asked(location.RequestURI())
	})
}
