package acceptance

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestTheAuthorizationEndpoint holds RFC 6749 where people are asked.
func TestTheAuthorizationEndpoint(t *testing.T) {
	holdRules(t, []rule{
		{"RFC 6749 §3.1 whoever is not signed in is asked to", func(t *testing.T, w oauthWorld) {
			got := w.web.visit(w.s.anonymous(t)).want(http.StatusSeeOther)
			if !strings.HasPrefix(got.header.Get("Location"), "/login?") {
				t.Errorf("got sent to %s", got.header.Get("Location"))
			}
		}},
		{"RFC 6749 §3.1 POST is as good as GET", func(t *testing.T, w oauthWorld) {
			kept := w.alice.client.form("/oauth/authorize", w.web.ask("state", "a state by POST").Encode()).want(http.StatusSeeOther)
			values := w.web.response(t, w.alice.questionIn(w.alice.get(kept.header.Get("Location"))).post("allow"))
			if values.Get("state") != "a state by POST" || values.Get("code") == "" {
				t.Errorf("got %v", values)
			}
		}},
		{"RFC 6749 §3.1 a parameter without a value was left out", func(t *testing.T, w oauthWorld) {
			values := w.web.decide(w.alice, "allow", "state", "", "nonce", "", "code_challenge", "", "prompt", "")
			if values.Get("code") == "" || values.Has("state") {
				t.Errorf("got %v", values)
			}
		}},
		{"RFC 6749 §3.1 an unknown parameter counts for nothing", func(t *testing.T, w oauthWorld) {
			w.web.code(w.alice, "favourite_colour", "green")
		}},
		{"RFC 6749 §3.1 no parameter comes twice", func(t *testing.T, w oauthWorld) {
			for name, value := range map[string]string{"response_type": "code", "scope": "profile", "state": "x", "x": "1", "code_challenge": challenge, "prompt": "none"} {
				query := w.web.ask(name, value).Encode() + "&" + name + "=" + value
				if values := w.web.response(t, w.alice.get("/oauth/authorize?"+query)); values.Get("error") != "invalid_request" {
					t.Errorf("%s twice: got %v", name, values)
				}
			}
			for _, name := range []string{"client_id", "redirect_uri"} {
				query := w.web.ask()
				w.alice.get("/oauth/authorize?" + query.Encode() + "&" + url.Values{name: query[name]}.Encode()).wantPage()
			}
		}},
		{"RFC 6749 §3.1.1 a request says its response_type", func(t *testing.T, w oauthWorld) {
			for given, want := range map[string]string{none: "invalid_request", "": "invalid_request", "id_token": "unsupported_response_type", "code token": "unsupported_response_type", "CODE": "unsupported_response_type"} {
				if values := w.web.decide(w.alice, "allow", "response_type", given); values.Get("error") != want || values.Get("state") == "" {
					t.Errorf("response_type %q: got %v, want %s", given, values, want)
				}
			}
		}},
		{"RFC 6749 §3.1.2 a redirect URI is absolute and has no fragment", func(t *testing.T, w oauthWorld) {
			for _, uri := range []string{"/back", "web.example/back", "https://web.example/back#here", "https://web.example/back#", "https:web.example", "https:///back", "javascript:alert(1)", "data:text/html,x", "https://u:p@web.example/", "https://*.example/", "http://web.example/"} {
				got := w.developer.post("/api/v1/clients", map[string]any{"client_id": "bad-uri", "name": "Bad", "description": "x", "redirect_uris": []string{uri}, "scopes": []string{"profile"}, "grant_types": []string{"authorization_code"}})
				if got.status != http.StatusBadRequest {
					t.Errorf("registering %s: got %d", uri, got.status)
				}
			}
		}},
		{"RFC 6749 §3.1.2 a query of the redirect URI is kept", func(t *testing.T, w oauthWorld) {
			a := w.developer.registerApp("with-query", appOptions{"redirect_uris": []string{"https://q.example/back?tenant=7"}})
			got := a.decide(w.alice, "deny")
			if got.Get("error") != "access_denied" {
				t.Errorf("got %v", got)
			}
		}},
		{"RFC 6749 §3.1.2.2 a client that uses the endpoint has registered a redirect URI", func(t *testing.T, w oauthWorld) {
			for _, public := range []bool{true, false} {
				w.developer.post("/api/v1/clients", map[string]any{"client_id": "without", "name": "Without", "description": "x", "public": public, "redirect_uris": []string{},
					"scopes": []string{"profile"}, "grant_types": []string{"authorization_code"}}).want(http.StatusBadRequest)
			}
		}},
		{"RFC 6749 §3.1.2.3 of several redirect URIs the request names one", func(t *testing.T, w oauthWorld) {
			a := w.developer.registerApp("two-uris", appOptions{"redirect_uris": []string{"https://one.example/back", "https://two.example/back"}})
			a.visit(w.alice.client, "redirect_uri", none).wantPage()
			a.visit(w.alice.client, "redirect_uri", "").wantPage()
			a.code(w.alice)
			w.web.code(w.alice, "redirect_uri", none)
		}},
		{"RFC 6749 §3.1.2.3 redirect URIs are compared as text", func(t *testing.T, w oauthWorld) {
			for _, uri := range []string{"https://web.example/back/", "https://web.example/Back", "https://WEB.example/back", "https://web.example:443/back", "https://web.example/back?x=1", "https://web.example/back#x",
				"https://web.example/b%61ck", "https://web.example/x/../back", "https://web.example", "https://web.example/", "http://web.example/back", "https://web.example./back"} {
				w.web.visit(w.alice.client, "redirect_uri", uri).wantPage()
			}
		}},
		{"RFC 6749 §3.1.2.4 nobody is sent to a URI that is not registered", func(t *testing.T, w oauthWorld) {
			for _, c := range []client{w.alice.client, w.s.anonymous(t)} {
				w.web.visit(c, "redirect_uri", "https://evil.example/").wantPage()
				w.web.visit(c, "redirect_uri", w.other.Redirect).wantPage()
			}
		}},
		{"RFC 6749 §3.3 without a scope the door's own is asked for", func(t *testing.T, w oauthWorld) {
			tokens := w.web.take(w.web.redeem(w.web.code(w.alice, "scope", none)))
			if tokens.Scope != "" {
				t.Errorf("got the scope %q, want none: nothing was asked for", tokens.Scope)
			}
			w.s.bearer(t, tokens.Access).get("/api/v1/sensors/alice.greenhouse").want(http.StatusNotFound)
		}},
		{"RFC 6749 §3.3 a scope that is none is refused", func(t *testing.T, w oauthWorld) {
			for _, scope := range []string{"sensors.fly", "readings.read sensors", "\"", "profile\x00", strings.Repeat("profile ", 1000), "devices.read", "admin", "account"} {
				if values := w.web.decide(w.alice, "allow", "scope", scope); values.Get("error") != "invalid_scope" && values.Get("error") != "invalid_request" {
					t.Errorf("scope %.40q: got %v", scope, values)
				}
			}
		}},
		{"RFC 6749 §4.1.1 a request says who its client is", func(t *testing.T, w oauthWorld) {
			for _, id := range []string{none, "", "nobody", "WEB", "web ", "web\x00", strings.Repeat("x", 5000), "ünbekannt"} {
				w.web.visit(w.alice.client, "client_id", id).wantPage()
				w.web.visit(w.s.anonymous(t), "client_id", id).wantPage()
			}
		}},
		{"RFC 6749 §4.1.2 state comes back byte for byte", func(t *testing.T, w oauthWorld) {
			for _, state := range []string{"simple", "a state with = and & and #", "%2B+%20", "ünïcode ✓", "{\"json\":\"quoted\"}", "\xff\xfe", "semi;colon", strings.Repeat("s", 2000)} {
				for _, decision := range []string{"allow", "deny"} {
					if got := w.web.decide(w.alice, decision, "state", state, "prompt", "consent"); got.Get("state") != state {
						t.Errorf("%s: got the state %.60q, want %.60q", decision, got.Get("state"), state)
					}
				}
			}
			if values := w.web.decide(w.alice, "allow", "state", none); values.Has("state") {
				t.Errorf("got %v, want no state", values)
			}
		}},
		{"RFC 6749 §4.1.2.1 a person's no is access_denied", func(t *testing.T, w oauthWorld) {
			values := w.native.decide(w.alice, "deny")
			if values.Get("error") != "access_denied" || values.Has("code") || !plainDescription.MatchString(values.Get("error_description")) {
				t.Errorf("got %v", values)
			}
		}},
		{"RFC 6749 §4.1.2.1 a client without the grant type is unauthorized_client", func(t *testing.T, w oauthWorld) {
			a := w.developer.registerApp("machine", appOptions{"grant_types": []string{"client_credentials"}})
			if values := a.decide(w.alice, "allow"); values.Get("error") != "unauthorized_client" {
				t.Errorf("got %v", values)
			}
		}},
		{"RFC 6749 §4.2 implicit is for clients that have it", func(t *testing.T, w oauthWorld) {
			values := w.web.decide(w.alice, "allow", "response_type", "token")
			if values.Get("error") != "unauthorized_client" || values.Has("access_token") {
				t.Errorf("got %v", values)
			}
		}},
		{"RFC 6749 §4.2.2 implicit answers in the fragment, without a refresh token", func(t *testing.T, w oauthWorld) {
			a := w.developer.registerApp("page", appOptions{"public": true, "grant_types": []string{"authorization_code", "implicit"}})
			got := a.visit(w.alice.client, "response_type", "token", "scope", "sensors.read", "code_challenge", none, "code_challenge_method", none)
			done := w.alice.questionIn(got.want(http.StatusOK)).post("allow")
			location := done.header.Get("Location")
			values := a.response(t, done)
			if !strings.HasPrefix(location, a.Redirect+"#") || strings.Contains(location, "?") || !strings.EqualFold(values.Get("token_type"), "bearer") || values.Has("refresh_token") || values.Has("code") ||
				values.Get("expires_in") == "" || values.Get("state") != "the state of page" {
				t.Errorf("got the parameters %v", values)
			}
			w.s.bearer(t, values.Get("access_token")).get("/api/v1/sensors/alice.greenhouse").want(http.StatusOK)
			if denied := a.decide(w.alice, "deny", "response_type", "token", "code_challenge", none, "code_challenge_method", none); denied.Get("error") != "access_denied" {
				t.Errorf("denied: got %v", denied)
			}
		}},
		{"RFC 6749 §10.2 a public client is not answered without its user", func(t *testing.T, w oauthWorld) {
			w.native.code(w.alice)
			w.native.visit(w.alice.client).want(http.StatusOK)
			values := w.native.decide(w.alice, "allow", "prompt", "none")
			if values.Has("code") || values.Get("error") == "" {
				t.Errorf("prompt=none: got %v", values)
			}
		}},
		{"RFC 6749 §10.15 an unproven request leads nowhere, whatever else it has", func(t *testing.T, w oauthWorld) {
			for _, pairs := range [][]string{{"client_id", "nobody", "prompt", "none"}, {"redirect_uri", "https://evil.example/", "prompt", "none"}, {"redirect_uri", "https://evil.example/", "response_type", "nonsense"}, {"redirect_uri", "//evil.example/"}} {
				w.web.visit(w.alice.client, pairs...).wantPage()
			}
		}},
	})
}
