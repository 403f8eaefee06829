package acceptance

import (
	"net/http"
	"strings"
	"testing"
)

// TestAnAppReachesForMore than it was allowed, at every door where it could
// say so.
func TestAnAppReachesForMore(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		admin := s.administrator(t, "root-admin")
		w := newOAuthWorld(t, s)
		for _, who := range []person{w.alice, admin} {
			for _, scope := range []string{"admin", "account", "readings.read admin", "account offline_access", "clients.write", "readings.* alerts.read", "devices.read"} {
				for _, a := range []oauthApp{w.web, w.native} {
					if values := a.decide(who, "allow", "scope", scope); values.Get("error") != "invalid_scope" {
						t.Errorf("%s asks %s for %q: got %v", a.ID, who.name, scope, values)
					}
				}
			}
		}
		for _, scope := range []string{"admin", "account"} {
			w.developer.patch("/api/v1/clients/web", map[string]any{"scopes": []string{"readings.read", scope}}).want(http.StatusBadRequest)
			admin.patch("/api/v1/clients/web", map[string]any{"scopes": []string{"readings.read", scope}}).want(http.StatusBadRequest)
			w.web.exchange("grant_type", "client_credentials", "scope", scope).wantFault(400, "invalid_scope")
		}
		tokens := w.web.tokens(admin, "scope", "readings.read sensors.read offline_access")
		for _, scope := range []string{"admin", "account", "readings.read readings.write", "sensors.*", "profile", "readings.read:root-admin.x"} {
			w.web.refresh(tokens.Refresh, "scope", scope).wantFault(400, "invalid_scope")
		}
		c := s.bearer(t, tokens.Access) // of an administrator, and acts as none
		for _, path := range []string{"/api/v1/users", "/api/v1/keys", "/api/v1/connections"} {
			c.get(path).want(http.StatusForbidden)
		}
		c.post("/api/v1/users/alice/suspend", `{}`).want(http.StatusForbidden)
		c.post("/api/v1/clients/web/approve", `{}`).want(http.StatusForbidden)
		if got := c.get("/api/v1/sensors/alice.greenhouse"); got.status != http.StatusNotFound {
			t.Errorf("it sees what is Alice's: %d", got.status)
		}
	})
}

// TestATokenReachesNoOtherThing than those that its user chose, whatever the
// program names.
func TestATokenReachesNoOtherThing(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		w := newOAuthWorld(t, s)
		w.alice.makeSensor("bedroom", private)
		page := w.web.visit(w.alice.client, "scope", "sensors.read readings.read offline_access")
		yes := w.alice.questionIn(page).choose("sensors", "chosen").choose("sensor", "alice.greenhouse").post("allow")
		tokens := w.web.take(w.web.redeem(w.web.response(t, yes).Get("code")))
		c := s.bearer(t, tokens.Access)
		c.get("/api/v1/sensors/alice.greenhouse/readings").want(http.StatusOK)
		c.get("/api/v1/sensors/alice.bedroom").want(http.StatusNotFound)
		c.get("/wotkit/api/sensors/bedroom").want(http.StatusNotFound)
		if list := c.get("/api/v1/sensors").want(http.StatusOK); list.contains("bedroom") {
			t.Errorf("got %s", list.body)
		}
		for _, scope := range []string{"readings.read", "readings.read:alice.bedroom", "sensors.read readings.read"} {
			w.web.refresh(tokens.Refresh, "scope", scope).wantFault(400, "invalid_scope")
		}
		next := w.web.take(w.web.refresh(tokens.Refresh, "scope", "readings.read:alice.greenhouse"))
		s.bearer(t, next.Access).get("/api/v1/sensors/alice.bedroom").want(http.StatusNotFound)
		// Asked again for all of them, the app gets what she left it, without a page.
		again := w.web.tokens(w.alice, "scope", "sensors.read readings.read")
		if strings.Contains(" "+again.Scope+" ", " sensors.read ") {
			t.Errorf("got %q without asking", again.Scope)
		}
	})
}

// TestAChallengeIsStrippedOnTheWay: Mallory changes the request in the
// browser, so that a code comes without PKCE or with a proof of his own
// (RFC 9700 §4.8).
func TestAChallengeIsStrippedOnTheWay(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		w := newOAuthWorld(t, s)
		if values := w.native.decide(w.alice, "allow", "code_challenge", none, "code_challenge_method", none); values.Get("error") != "invalid_request" {
			t.Errorf("a public app without a challenge: got %v", values)
		}
		if values := w.native.decide(w.alice, "allow", "code_challenge", verifier, "code_challenge_method", "plain"); values.Get("error") != "invalid_request" {
			t.Errorf("plain: got %v", values)
		}
		// A confidential program that sends a verifier, as it always does, is
		// told that its challenge never arrived.
		w.web.redeem(w.web.code(w.alice), "code_verifier", verifier).wantFault(400, "invalid_grant")
		// And one whose challenge arrived cannot be made to forget it.
		w.web.redeem(w.web.code(w.alice, "code_challenge", challenge, "code_challenge_method", "S256")).wantFault(400, "invalid_grant")
		w.native.redeem(w.native.code(w.alice), "code_verifier", none).wantFault(400, "invalid_grant")
	})
}
