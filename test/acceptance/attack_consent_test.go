package acceptance

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestAYesIsForged: Mallory's page makes Alice's browser post the form with
// her answer, with whatever token he can come by (RFC 6749 §10.12).
func TestAYesIsForged(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		w := newOAuthWorld(t, s)
		mallory := s.signUp(t, "mallory")
		asked := w.native.ask()
		own := w.alice.asked("/oauth/authorize?" + asked.Encode())
		another := w.alice.asked("/oauth/authorize?" + w.web.ask().Encode())
		narrower := w.alice.asked("/oauth/authorize?" + w.native.ask("scope", "profile").Encode())
		his := mallory.asked("/oauth/authorize?" + asked.Encode())
		elsewhere := s.signIn(t, "alice", w.alice.password)
		ofOtherSession := elsewhere.asked("/oauth/authorize?" + asked.Encode())
		s.keep(own.Values.Get("token"), "the token of a form")
		forge := func(token ...string) url.Values {
			form := url.Values{"decision": {"allow"}, "scope": own.Values["scope"], "kind": own.Values["kind"], "query": own.Values["query"]}
			if token != nil {
				form["token"] = token
			}
			return form
		}
		for name, form := range map[string]url.Values{
			"no token":                       forge(),
			"an empty token":                 forge(""),
			"a made up token":                forge(strings.Repeat("0", len(own.Values.Get("token")))),
			"the token of another request":   forge(another.Values.Get("token")),
			"the token of a narrower one":    forge(narrower.Values.Get("token")),
			"Mallory's own token":            forge(his.Values.Get("token")),
			"a token of her other session":   forge(ofOtherSession.Values.Get("token")),
			"two tokens, the second is hers": forge("x", own.Values.Get("token")),
		} {
			got := w.alice.client.form("/oauth/consent", form.Encode())
			if got.status < 400 || got.status > 499 || got.header.Get("Location") != "" {
				t.Errorf("%s: got %d and a redirect to %q", name, got.status, got.header.Get("Location"))
			}
		}
		// The right token, but another site sends it, or it is no form at all.
		right := forge(own.Values.Get("token"))
		for _, site := range []string{"cross-site", "same-site"} {
			w.alice.client.with("Origin", "https://evil.example").with("Sec-Fetch-Site", site).form("/oauth/consent", right.Encode()).want(http.StatusForbidden)
		}
		w.alice.client.with("Origin", "null").form("/oauth/consent", right.Encode()).want(http.StatusForbidden)
		w.alice.client.get("/oauth/consent?" + right.Encode()).want(http.StatusMethodNotAllowed)
		if got := w.alice.client.send("POST", "/oauth/consent?"+right.Encode(), asForm, ""); got.header.Get("Location") != "" || got.status < 400 {
			t.Errorf("in the address: got %d", got.status)
		}
		if got := w.alice.get("/api/v1/connections").want(http.StatusOK); got.contains("native") {
			t.Errorf("Alice is connected to the app: %s", got.body)
		}
		// Alice herself answers, and more than she was asked for is not given.
		own.choose("scope", "readings.read", "readings.write", "sensors.*", "account", "admin")
		tokens := w.native.take(w.native.redeem(w.native.response(t, own.post("allow")).Get("code")))
		if tokens.Scope != "readings.read" {
			t.Errorf("got the scope %q, want what was asked for and left", tokens.Scope)
		}
	})
}

// TestThePageIsFramed: Mallory lays the page invisibly over a game, so that
// Alice clicks Allow (RFC 6749 §10.13). No browser frames it, and none leaves
// the form's target or its scripts to others.
func TestThePageIsFramed(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		w := newOAuthWorld(t, s)
		for _, got := range []answer{
			w.native.visit(w.alice.client).want(http.StatusOK),
			w.native.visit(w.alice.client, "redirect_uri", "https://evil.example/").wantPage(),
			s.anonymous(t).get("/login?next=%2Foauth%2Fauthorize%3Fclient_id%3Dnative").want(http.StatusOK),
			w.alice.get("/connections").want(http.StatusOK),
		} {
			policy := got.header.Get("Content-Security-Policy")
			if !strings.Contains(policy, "frame-ancestors 'none'") || !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || !strings.Contains(policy, "base-uri 'none'") {
				t.Errorf("%s: got the policy %q", got.about, policy)
			}
		}
	})
}

// TestAnAppPassesItselfOffAsAnother by what it is called: the page says whose
// it is and where the answer goes, and shows nothing of it but text.
func TestAnAppPassesItselfOffAsAnother(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		w := newOAuthWorld(t, s)
		mallory := s.signUp(t, "mallory")
		evil := mallory.registerApp("evil", appOptions{"name": "<script>alert(1)</script>", "description": "\"><img src=x onerror=alert(1)>", "website": "https://thingward.example/?a=\"><script>"})
		page := evil.visit(w.alice.client).want(http.StatusOK)
		for _, bad := range []string{"<script>alert", "<img src=x"} {
			if page.contains(bad) {
				t.Errorf("the page has %s", bad)
			}
		}
		for _, said := range []string{"mallory", "not checked", "evil.example"} {
			if !page.contains(said) {
				t.Errorf("the page does not say %s", said)
			}
		}
		for field, value := range map[string]any{"official": true, "state": "approved", "owner": "alice"} {
			got := mallory.patch("/api/v1/clients/evil", map[string]any{field: value})
			if got.status != http.StatusForbidden && got.status != http.StatusBadRequest {
				t.Errorf("%s: got %d", field, got.status)
			}
		}
		for _, website := range []string{"javascript:alert(1)", "data:text/html,x", "//evil.example"} {
			mallory.patch("/api/v1/clients/evil", map[string]any{"website": website}).want(http.StatusBadRequest)
			mallory.patch("/api/v1/clients/evil", map[string]any{"privacy_url": website}).want(http.StatusBadRequest)
		}
		for _, name := range []string{"Thingward\u202e", "two\nlines", "", " "} {
			mallory.patch("/api/v1/clients/evil", map[string]any{"name": name}).want(http.StatusBadRequest)
		}
		for _, id := range []string{"thingward-cli", "ttnctl", "web"} {
			mallory.post("/api/v1/clients", map[string]any{"client_id": id, "name": "x", "description": "x", "redirect_uris": []string{"https://evil.example/"}, "scopes": []string{"profile"}, "grant_types": []string{"authorization_code"}}).want(http.StatusConflict)
		}
		// Whoever knows the id of a public app is asked like that app, and the
		// answer goes to its redirect URI alone; no token comes without asking.
		w.native.code(w.alice)
		w.native.visit(w.alice.client).want(http.StatusOK)
	})
}
