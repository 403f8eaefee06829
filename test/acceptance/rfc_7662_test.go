package acceptance

import (
	"net/http"
	"strings"
	"testing"
)

// TestIntrospection holds RFC 7662.
func TestIntrospection(t *testing.T) {
	const resource = "https://api.example/"
	inspect := func(a oauthApp, pairs ...string) answer { a.t.Helper(); return a.send("/oauth/introspect", pairs...) }
	inactive := func(t *testing.T, a oauthApp, why, token string) {
		t.Helper()
		if got := inspect(a, "token", token).want(http.StatusOK); strings.TrimSpace(string(got.body)) != `{"active":false}` {
			t.Errorf("%s: got %s", why, got.body)
		}
	}
	holdRules(t, []rule{
		{"RFC 7662 §2 POST and nothing else", func(t *testing.T, w oauthWorld) {
			tokens := w.web.tokens(w.alice)
			for _, method := range []string{"GET", "PUT", "DELETE"} {
				w.web.caller().send(method, "/oauth/introspect?token="+tokens.Access, asForm, "token="+tokens.Access).want(http.StatusMethodNotAllowed)
			}
		}},
		{"RFC 7662 §2.1 nobody asks who has not proven himself", func(t *testing.T, w oauthWorld) {
			tokens := w.web.tokens(w.alice)
			for _, c := range []client{w.s.anonymous(t), w.s.bearer(t, tokens.Access), w.s.basic(t, "web", "wrong-wrong"), w.alice.client} {
				got := c.form("/oauth/introspect", "token="+tokens.Access).wantFault(401, "invalid_client")
				if got.header.Get("WWW-Authenticate") == "" {
					t.Error("got no challenge (§2.3)")
				}
			}
			inspect(w.native, "token", tokens.Access).wantFault(401, "invalid_client")
			k := w.alice.makeKey(keyOptions{}, "profile", "account")
			w.s.use(t, k).form("/oauth/introspect", "token="+tokens.Access).wantFault(401, "invalid_client")
		}},
		{"RFC 7662 §2.1 the token must be there, once, in the body", func(t *testing.T, w oauthWorld) {
			inspect(w.web).wantFault(400, "invalid_request")
			inspect(w.web, "token", "").wantFault(400, "invalid_request")
			w.web.caller().form("/oauth/introspect", "token=a&token=b").wantFault(400, "invalid_request")
			w.web.caller().form("/oauth/introspect?token=a", "").wantFault(400, "invalid_request")
		}},
		{"RFC 7662 §2.1 a hint that is wrong, or unknown, does no harm", func(t *testing.T, w oauthWorld) {
			tokens := w.web.tokens(w.alice)
			for _, hint := range []string{"access_token", "refresh_token", "pigeon", ""} {
				for _, token := range []string{tokens.Access, tokens.Refresh} {
					if !inspect(w.web, "token", token, "token_type_hint", hint).want(http.StatusOK).contains(`"active":true`) {
						t.Errorf("with the hint %q: not active", hint)
					}
				}
			}
		}},
		{"RFC 7662 §2.2 what an active token is", func(t *testing.T, w oauthWorld) {
			tokens := w.web.tokens(w.alice, "scope", "readings.read profile offline_access", "prompt", "consent")
			var found struct {
				Active                           bool
				Scope, Sub, Aud, Iss, Username   string
				Client                           string `json:"client_id"`
				Type                             string `json:"token_type"`
				Exp, Iat                         int64
				Email, Password, Address, Secret string
			}
			got := inspect(w.web, "token", tokens.Access).want(http.StatusOK)
			got.decode(&found)
			if !found.Active || found.Scope != tokens.Scope || found.Client != "web" || found.Username != "alice" || found.Type != "Bearer" || found.Exp-found.Iat != 3600 ||
				found.Sub == "" || found.Sub == "alice" || found.Aud != w.s.config.PublicURL || found.Iss != w.s.config.PublicURL {
				t.Errorf("got %s", got.body)
			}
			if got.header.Get("Cache-Control") != "no-store" || !strings.HasPrefix(got.header.Get("Content-Type"), "application/json") {
				t.Errorf("got the headers %v", got.header)
			}
			if again := inspect(w.web, "token", tokens.Refresh).want(http.StatusOK); again.contains("token_type") || !again.contains(`"active":true`) {
				t.Errorf("the refresh token: got %s", again.body)
			}
		}},
		{"RFC 7662 §2.2 of what does not hold nothing is told", func(t *testing.T, w oauthWorld) {
			tokens := w.web.tokens(w.alice)
			next := w.web.take(w.web.refresh(tokens.Refresh))
			inactive(t, w.web, "a refresh token that was redeemed", tokens.Refresh)
			w.web.send("/oauth/revoke", "token", next.Refresh).want(http.StatusOK)
			for why, token := range map[string]string{"an access token of a revoked chain": next.Access, "the first access token of it": tokens.Access, "a revoked refresh token": next.Refresh,
				"nothing": "nothing", "a long one": strings.Repeat("x", 10_000), "bytes": "\x00\xc3\xa4", "a secret": w.web.Secret, "a code": w.web.code(w.alice)} {
				inactive(t, w.web, why, token)
			}
		}},
		{"RFC 7662 §2.2 a resource server learns only what is meant for it", func(t *testing.T, w oauthWorld) {
			server := w.resourceServer("meter-api", resource)
			mine := w.web.tokens(w.alice)
			meant := w.web.take(w.web.redeem(w.web.code(w.alice, "resource", resource)))
			inactive(t, server, "a token for Thingward", mine.Access)
			inactive(t, server, "a refresh token beside one that is for it", meant.Refresh)
			inactive(t, w.other, "a token for another", meant.Access)
			inactive(t, w.other, "a token of another client", mine.Access)
			inactive(t, w.other, "a refresh token of another client", mine.Refresh)
			if got := inspect(server, "token", meant.Access); !got.contains(`"active":true`) || !got.contains(`"aud":"`+resource+`"`) {
				t.Errorf("a token for it: got %s", got.body)
			}
		}},
		{"RFC 7662 §4 the answer follows a revocation at once", func(t *testing.T, w oauthWorld) {
			tokens := w.web.tokens(w.alice)
			if !w.web.active(tokens.Access) || !w.web.active(tokens.Refresh) {
				t.Fatal("not active")
			}
			w.endConnections(t)
			inactive(t, w.web, "after its user ended the connection", tokens.Access)
			inactive(t, w.web, "after its user ended the connection", tokens.Refresh)
		}},
	})
}

// endConnections lets alice end everything that acts for her.
func (w oauthWorld) endConnections(t *testing.T) {
	t.Helper()
	w.alice.delete("/api/v1/connections").want(http.StatusOK)
}
