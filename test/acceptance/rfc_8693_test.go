package acceptance

import (
	"net/http"
	"strings"
	"testing"
)

const (
	exchangeType = "urn:ietf:params:oauth:grant-type:token-exchange"
	accessType   = "urn:ietf:params:oauth:token-type:access_token"
)

// narrow exchanges a token of the app for a restricted one.
func (a oauthApp) narrow(token string, pairs ...string) answer {
	a.t.Helper()
	return a.send("/oauth/token", append([]string{"grant_type", exchangeType, "subject_token", token, "subject_token_type", accessType}, pairs...)...)
}

// TestTokenExchange holds RFC 8693, and what it takes from RFC 8707 and
// RFC 9396.
func TestTokenExchange(t *testing.T) {
	const sensor, readings, resource = "/api/v1/sensors/alice.greenhouse", "/api/v1/sensors/alice.greenhouse/readings", "https://meters.example/"
	holdRules(t, []rule{
		{"RFC 8693 §2.1 a token for less, and an answer that names its type (§2.2.1)", func(t *testing.T, w oauthWorld) {
			whole := w.web.tokens(w.alice, "scope", "readings.read readings.write sensors.read offline_access")
			got := w.web.narrow(whole.Access, "scope", "readings.read:alice.greenhouse")
			var body struct {
				oauthTokens
				Issued string `json:"issued_token_type"`
			}
			got.decode(&body)
			child := w.web.take(got)
			if body.Issued != accessType || child.Type != "Bearer" || child.Refresh != "" || child.Scope != "readings.read:alice.greenhouse" || child.Expires <= 0 || child.Expires > whole.Expires {
				t.Errorf("got %s", got.body)
			}
			if got.header.Get("Cache-Control") != "no-store" {
				t.Errorf("got the headers %v", got.header)
			}
			c := w.s.bearer(t, child.Access)
			c.get(readings).want(http.StatusOK)
			c.get(sensor).want(http.StatusForbidden)
			c.post(readings, map[string]any{"value": 1}).want(http.StatusForbidden)
			if !w.web.active(child.Access) || w.other.active(child.Access) {
				t.Error("the app that it was issued to knows it, and no other (RFC 7662)")
			}
		}},
		{"RFC 8693 §2.1 a public client narrows its own", func(t *testing.T, w oauthWorld) {
			whole := w.native.tokens(w.alice, "scope", "readings.read sensors.read")
			child := w.native.take(w.native.narrow(whole.Access, "scope", "sensors.read"))
			w.s.bearer(t, child.Access).get(sensor).want(http.StatusOK)
			w.s.bearer(t, child.Access).get(readings).want(http.StatusForbidden)
		}},
		{"RFC 8693 §2.1 what must be there", func(t *testing.T, w oauthWorld) {
			whole := w.web.tokens(w.alice)
			for _, left := range []string{"subject_token", "subject_token_type", "grant_type"} {
				w.web.narrow(whole.Access, left, none).wantFault(400, "invalid_request")
			}
			w.web.narrow(whole.Access, "subject_token_type", "urn:ietf:params:oauth:token-type:refresh_token").wantFault(400, "invalid_request")
			w.web.narrow(whole.Access, "requested_token_type", "urn:ietf:params:oauth:token-type:id_token").wantFault(400, "invalid_request")
			w.web.take(w.web.narrow(whole.Access, "requested_token_type", accessType))
		}},
		{"RFC 8693 §1.1 nobody acts for two", func(t *testing.T, w oauthWorld) {
			whole := w.web.tokens(w.alice)
			got := w.web.narrow(whole.Access, "actor_token", whole.Access, "actor_token_type", accessType).wantFault(400, "invalid_request")
			if !strings.Contains(string(got.body), "actor_token") {
				t.Errorf("got %s", got.body)
			}
		}},
		{"RFC 8693 §2.2.2 a token that does not hold, or is not the client's", func(t *testing.T, w oauthWorld) {
			whole := w.web.tokens(w.alice)
			w.other.narrow(whole.Access).wantFault(400, "invalid_request")
			w.native.narrow(whole.Access).wantFault(400, "invalid_request")
			for _, text := range []string{"nothing", whole.Refresh, swapEnds(whole.Access), strings.Repeat("x", 10_000), "eyJ.eyJ.eyJ"} {
				w.web.narrow(text).wantFault(400, "invalid_request")
			}
			w.web.send("/oauth/revoke", "token", whole.Access).want(http.StatusOK)
			w.web.narrow(whole.Access).wantFault(400, "invalid_request")
			bare := w.web
			bare.Secret = ""
			bare.narrow(whole.Access, "client_id", bare.ID).wantFault(401, "invalid_client")
		}},
		{"RFC 6749 §5.2 never a wider scope, nor the second time", func(t *testing.T, w oauthWorld) {
			whole := w.web.tokens(w.alice, "scope", "readings.read readings.write")
			child := w.web.take(w.web.narrow(whole.Access, "scope", "readings.read:alice.greenhouse"))
			for _, scope := range []string{"readings.read", "readings.write:alice.greenhouse", "readings.*:alice.greenhouse", "sensors.read", "admin", "account", "everything"} {
				w.web.narrow(child.Access, "scope", scope).wantFault(400, "invalid_scope")
			}
			stranger := w.s.signUp(t, "stranger-8693")
			stranger.makeSensor("cellar", private)
			w.web.narrow(whole.Access, "scope", "readings.read:stranger-8693.cellar").wantFault(400, "invalid_scope")
			w.web.narrow(whole.Access, "scope", "readings.read:stranger-8693.nothing").wantFault(400, "invalid_scope")
		}},
		{"RFC 8707 §2 the address of a thing", func(t *testing.T, w oauthWorld) {
			whole := w.web.tokens(w.alice, "scope", "readings.read sensors.read profile")
			child := w.web.take(w.web.narrow(whole.Access, "resource", w.s.config.PublicURL+sensor))
			if child.Scope != "readings.read:alice.greenhouse sensors.read:alice.greenhouse" && child.Scope != "sensors.read:alice.greenhouse readings.read:alice.greenhouse" {
				t.Errorf("got the scope %q", child.Scope)
			}
			w.s.bearer(t, child.Access).get(readings).want(http.StatusOK)
			w.web.narrow(whole.Access, "resource", w.s.config.PublicURL+"/api/v1/sensors/alice.nothing").wantFault(400, "invalid_target")
			w.web.narrow(whole.Access, "resource", "https://elsewhere.example/").wantFault(400, "invalid_target")
			w.web.narrow(whole.Access, "resource", "greenhouse").wantFault(400, "invalid_target")
		}},
		{"RFC 8707 §2 a token for another server counts there alone", func(t *testing.T, w oauthWorld) {
			server := w.resourceServer("meters", resource)
			whole := w.web.tokens(w.alice, "scope", "readings.read")
			child := w.web.take(w.web.narrow(whole.Access, "resource", resource))
			w.s.bearer(t, child.Access).get(readings).want(http.StatusUnauthorized)
			if got := server.send("/oauth/introspect", "token", child.Access); !got.contains(`"active":true`) || !got.contains(`"aud":"`+resource+`"`) {
				t.Errorf("got %s", got.body)
			}
			if server.active(whole.Access) {
				t.Error("the server learns of a token that is not for it")
			}
			again := w.web.take(w.web.narrow(child.Access))
			w.s.bearer(t, again.Access).get(readings).want(http.StatusUnauthorized)
		}},
		{"RFC 9396 §2 by authorization_details, which the answer repeats (§7)", func(t *testing.T, w oauthWorld) {
			whole := w.web.tokens(w.alice, "scope", "readings.read readings.write sensors.read")
			got := w.web.narrow(whole.Access, "authorization_details", `[{"type":"reading","identifier":"alice.greenhouse","actions":["read"]}]`)
			child := w.web.take(got)
			if !got.contains(`"authorization_details":[{"type":"reading","identifier":"alice.greenhouse","actions":["read"]}]`) || child.Scope != "readings.read:alice.greenhouse" {
				t.Errorf("got %s", got.body)
			}
			w.s.bearer(t, child.Access).get(readings).want(http.StatusOK)
			w.s.bearer(t, child.Access).get(sensor).want(http.StatusForbidden)
		}},
		{"RFC 9396 §5 details that are not understood are refused", func(t *testing.T, w oauthWorld) {
			whole := w.web.tokens(w.alice, "scope", "readings.read")
			for _, details := range []string{`[]`, `{}`, `nothing`, `[{"type":"payment"}]`, `[{"type":"reading","actions":["fly"]}]`, `[{"type":"reading","locations":["https://x.example"]}]`} {
				w.web.narrow(whole.Access, "authorization_details", details).wantFault(400, "invalid_authorization_details")
			}
			w.web.narrow(whole.Access, "authorization_details", `[{"type":"reading","actions":["write"]}]`).wantFault(400, "invalid_scope")
		}},
		{"RFC 7009 §2.1 with a token go those that were made of it", func(t *testing.T, w oauthWorld) {
			whole := w.web.tokens(w.alice, "scope", "readings.read sensors.read offline_access")
			child := w.web.take(w.web.narrow(whole.Access, "scope", "readings.read"))
			grandchild := w.web.take(w.web.narrow(child.Access))
			w.web.send("/oauth/revoke", "token", child.Access).want(http.StatusOK)
			for _, token := range []string{child.Access, grandchild.Access} {
				w.s.bearer(t, token).get(readings).want(http.StatusUnauthorized)
			}
			w.s.bearer(t, whole.Access).get(readings).want(http.StatusOK)
			child = w.web.take(w.web.narrow(whole.Access))
			w.web.send("/oauth/revoke", "token", whole.Refresh).want(http.StatusOK)
			w.s.bearer(t, child.Access).get(readings).want(http.StatusUnauthorized)
		}},
		{"RFC 6749 §4.4 a token of the client itself is narrowed, too", func(t *testing.T, w oauthWorld) {
			own := w.web.take(w.web.send("/oauth/token", "grant_type", "client_credentials"))
			child := w.web.take(w.web.narrow(own.Access, "scope", "sensors.read"))
			if child.Scope != "sensors.read" {
				t.Errorf("got the scope %q", child.Scope)
			}
		}},
	})
}

// TestARestrictedTokenEndsOnTheOtherNode with what it hangs on.
func TestARestrictedTokenEndsOnTheOtherNode(t *testing.T) {
	t.Parallel()
	here, there := twoNodes(t)
	developer, alice := here.signUp(t, "developer"), here.signUp(t, "alice")
	web := developer.registerApp("web")
	for name, end := range map[string]func(whole, child oauthTokens){
		"itself":    func(_, child oauthTokens) { web.send("/oauth/revoke", "token", child.Access).want(http.StatusOK) },
		"parent":    func(whole, _ oauthTokens) { web.send("/oauth/revoke", "token", whole.Access).want(http.StatusOK) },
		"chain":     func(whole, _ oauthTokens) { web.send("/oauth/revoke", "token", whole.Refresh).want(http.StatusOK) },
		"the grant": func(_, _ oauthTokens) { alice.delete("/api/v1/connections").want(http.StatusOK) },
	} {
		whole := web.tokens(alice, "scope", "profile offline_access")
		child := web.take(web.narrow(whole.Access, "scope", "profile"))
		credential := there.bearer(t, child.Access)
		for range 3 {
			credential.get("/api/v1/users/me").want(http.StatusOK)
		}
		end(whole, child)
		took := until(t, name, func() bool { return credential.get("/api/v1/users/me").status == http.StatusUnauthorized })
		t.Logf("%s: refused on the other node %s after the answer", name, took)
	}
}
