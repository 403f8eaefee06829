package acceptance

import (
	"net/http"
	"strings"
	"testing"
)

// TestBestPractice holds RFC 9700.
func TestBestPractice(t *testing.T) {
	const readings = "/api/v1/sensors/alice.greenhouse/readings"
	holdRules(t, []rule{
		{"RFC 9700 §2.1 redirect URIs match exactly, but for the port of the loopback for native apps", func(t *testing.T, w oauthWorld) {
			native := w.developer.registerApp("loopback", publicApp, appOptions{"redirect_uris": []string{"http://127.0.0.1/callback"}})
			for _, uri := range []string{"http://127.0.0.1:49152/callback", "http://127.0.0.1:1/callback"} {
				native.visit(w.alice.client, "redirect_uri", uri).want(http.StatusOK)
			}
			for _, uri := range []string{"http://localhost:49152/callback", "http://[::1]:49152/callback", "http://127.0.0.1:49152/callback/", "http://127.0.0.1:49152/", "http://127.0.0.2/callback",
				"https://127.0.0.1/callback", "http://127.0.0.1:49152/callback?x=1", "http://127.0.0.1:49152@evil.example/callback", "http://127.0.0.1.evil.example/callback"} {
				native.visit(w.alice.client, "redirect_uri", uri).wantPage()
			}
			strict := w.developer.registerApp("strict", appOptions{"redirect_uris": []string{"http://127.0.0.1:5000/callback"}})
			strict.visit(w.alice.client, "redirect_uri", "http://127.0.0.1:5001/callback").wantPage()
		}},
		{"RFC 9700 §2.1.1 a public client uses PKCE", func(t *testing.T, w oauthWorld) {
			if values := w.native.decide(w.alice, "allow", "code_challenge", none, "code_challenge_method", none); values.Get("error") != "invalid_request" {
				t.Errorf("got %v", values)
			}
		}},
		{"RFC 9700 §2.1.1 a challenge that was sent means a verifier", func(t *testing.T, w oauthWorld) {
			code := w.web.code(w.alice, "code_challenge", challenge, "code_challenge_method", "S256")
			w.web.redeem(code).wantFault(400, "invalid_grant")
		}},
		{"RFC 9700 §2.1.1 no challenge means no verifier", func(t *testing.T, w oauthWorld) {
			w.web.redeem(w.web.code(w.alice), "code_verifier", verifier).wantFault(400, "invalid_grant")
		}},
		{"RFC 9700 §2.1.2 implicit is off", func(t *testing.T, w oauthWorld) {
			for _, a := range []oauthApp{w.web, w.native} {
				if values := a.decide(w.alice, "allow", "response_type", "token", "code_challenge", none, "code_challenge_method", none); values.Has("access_token") {
					t.Errorf("%s got a token", a.ID)
				}
			}
		}},
		{"RFC 9700 §2.2.2 the refresh tokens of public clients rotate", func(t *testing.T, w oauthWorld) {
			tokens := w.native.tokens(w.alice)
			next := w.native.take(w.native.refresh(tokens.Refresh))
			if next.Refresh == tokens.Refresh || next.Refresh == "" {
				t.Error("the refresh token stayed")
			}
			w.developer.post("/api/v1/clients", map[string]any{"client_id": "stays", "name": "Stays", "description": "x", "public": true, "redirect_uris": []string{"https://x.example/"}, "switches": []string{"keep_refresh"},
				"scopes": []string{"profile"}, "grant_types": []string{"authorization_code", "refresh_token"}}).want(http.StatusBadRequest)
		}},
		{"RFC 9700 §2.3 a token has no more than it needs", func(t *testing.T, w oauthWorld) {
			tokens := w.web.tokens(w.alice)
			c := w.s.bearer(t, tokens.Access)
			c.get(readings).want(http.StatusOK)
			c.post(readings, `{"values":{"value":1}}`).want(http.StatusForbidden)
			c.get("/api/v1/keys").want(http.StatusForbidden)
			c.get("/api/v1/connections").want(http.StatusForbidden)
			c.get("/api/v1/clients").want(http.StatusForbidden)
			c.get("/api/v1/users").want(http.StatusForbidden)
		}},
		{"RFC 9700 §2.4 no password grant", func(t *testing.T, w oauthWorld) {
			w.web.exchange("grant_type", "password", "username", "alice", "password", w.alice.password).wantFault(400, "unsupported_grant_type")
		}},
		{"RFC 9700 §2.6 the authorization endpoint is for no script of another origin", func(t *testing.T, w oauthWorld) {
			foreign := w.alice.client.with("Origin", "https://evil.example")
			for _, got := range []answer{w.web.visit(foreign), foreign.send("OPTIONS", "/oauth/authorize", "", "")} {
				if origin := got.header.Get("Access-Control-Allow-Origin"); origin != "" {
					t.Errorf("%s allows %s", got.about, origin)
				}
			}
			for _, path := range []string{"/oauth/token", "/oauth/revoke"} { // those that programs in browsers call
				got := w.s.anonymous(t).with("Origin", "https://app.example").form(path, "")
				if got.header.Get("Access-Control-Allow-Origin") != "*" || got.header.Get("Access-Control-Allow-Credentials") != "" {
					t.Errorf("%s: got the headers %v", path, got.header)
				}
			}
		}},
		{"RFC 9700 §4.2.4 no page tells where it was", func(t *testing.T, w oauthWorld) {
			for _, got := range []answer{w.native.visit(w.alice.client), w.web.visit(w.alice.client, "client_id", "nobody"), w.s.anonymous(t).get("/login?next=%2Foauth%2Fauthorize")} {
				if policy := got.header.Get("Referrer-Policy"); policy != "no-referrer" && policy != "same-origin" && policy != "strict-origin" {
					t.Errorf("%s: got the referrer policy %q", got.about, policy)
				}
			}
		}},
		{"RFC 9700 §4.3.1 a code in the history of a browser is worth nothing", func(t *testing.T, w oauthWorld) {
			code := w.native.code(w.alice)
			w.native.take(w.native.redeem(code))
			w.native.redeem(code).wantFault(400, "invalid_grant")
		}},
		{"RFC 9700 §4.10.2 audience: what was allowed for one resource is for no other", func(t *testing.T, w oauthWorld) {
			w.resourceServer("audience-one", "https://one.example/")
			w.resourceServer("audience-two", "https://two.example/")
			code := w.web.code(w.alice, "resource", "https://one.example/")
			w.web.redeem(code, "resource", "https://two.example/").wantFault(400, "invalid_target")
			tokens := w.web.take(w.web.redeem(code))
			w.web.refresh(tokens.Refresh, "resource", w.s.config.PublicURL).wantFault(400, "invalid_target")
			w.s.bearer(t, w.web.take(w.web.refresh(tokens.Refresh)).Access).get("/api/v1/sensors/alice.greenhouse").want(http.StatusUnauthorized)
			if values := w.web.decide(w.alice, "allow", "resource", "https://unknown.example/"); values.Get("error") != "invalid_target" {
				t.Errorf("got %v", values)
			}
		}},
		{"RFC 9700 §4.12 every redirect is a 303, which drops the form", func(t *testing.T, w oauthWorld) {
			w.web.visit(w.s.anonymous(t)).want(http.StatusSeeOther)
			w.web.code(w.alice) // by consent, which wants 303
			w.web.visit(w.alice.client).want(http.StatusSeeOther)
			w.alice.client.form("/oauth/authorize", w.web.ask().Encode()).want(http.StatusSeeOther)
		}},
		{"RFC 9700 §4.14.2 a refresh token keeps to its scope and resource", func(t *testing.T, w oauthWorld) {
			tokens := w.web.tokens(w.alice)
			w.web.refresh(tokens.Refresh, "scope", "readings.write").wantFault(400, "invalid_scope")
			w.web.refresh(tokens.Refresh, "resource", "https://one.example/").wantFault(400, "invalid_target")
		}},
		{"RFC 9700 §4.15 no client has the name of a user", func(t *testing.T, w oauthWorld) {
			var own struct{ Sub string }
			machine := w.developer.registerApp("10", appOptions{"grant_types": []string{"client_credentials"}, "redirect_uris": []string{}})
			token := machine.take(machine.exchange("grant_type", "client_credentials"))
			machine.send("/oauth/introspect", "token", token.Access).want(http.StatusOK).decode(&own)
			if strings.Trim(own.Sub, "0123456789") == "" {
				t.Errorf("a client has the subject %q, which is a user's", own.Sub)
			}
		}},
		{"RFC 9700 §4.16 no page of the flow can be framed", func(t *testing.T, w oauthWorld) {
			for _, got := range []answer{w.native.visit(w.alice.client), w.web.visit(w.alice.client, "client_id", "nobody"), w.s.anonymous(t).get("/login")} {
				if !strings.Contains(got.header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
					t.Errorf("%s: got %q", got.about, got.header.Get("Content-Security-Policy"))
				}
			}
		}},
	})
}
