package acceptance

import (
	"net/http"
	"sync"
	"testing"
	"time"
)

// TestACodeIsReplayed: Mallory read a code out of a proxy's log after it was
// used. Whoever comes second shows that somebody else has it: what the first
// got ends (RFC 6749 §4.1.2).
func TestACodeIsReplayed(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		w := newOAuthWorld(t, s)
		for _, a := range []oauthApp{w.web, w.native} {
			code := a.code(w.alice)
			first := a.take(a.redeem(code))
			next := a.take(a.refresh(first.Refresh))
			a.redeem(code).wantFault(400, "invalid_grant")
			for _, token := range []string{first.Access, next.Access} {
				s.bearer(t, token).get("/api/v1/sensors/alice.greenhouse").want(http.StatusUnauthorized)
			}
			a.refresh(next.Refresh).wantFault(400, "invalid_grant")
		}
		if got := w.alice.get("/settings/audit").want(http.StatusOK); !got.contains("code.reuse") && !got.contains("twice") {
			t.Errorf("Alice is not told: %.2000s", got.body)
		}
	})
}

// TestACodeIsRedeemedTwentyTimesAtOnce over HTTP: at most one gets tokens, and
// they are dead when all have their answers.
func TestACodeIsRedeemedTwentyTimesAtOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		w := newOAuthWorld(t, s)
		code := w.native.code(w.alice)
		var mu sync.Mutex
		var won []answer
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				got := w.native.redeem(code)
				mu.Lock()
				defer mu.Unlock()
				if got.status == http.StatusOK {
					won = append(won, got)
				} else if got.status != http.StatusBadRequest {
					t.Errorf("got %d %s", got.status, got.body)
				}
			})
		}
		group.Wait()
		if len(won) != 1 {
			t.Fatalf("%d of 20 got tokens, want 1", len(won))
		}
		tokens := w.native.take(won[0])
		s.bearer(t, tokens.Access).get("/api/v1/sensors/alice.greenhouse").want(http.StatusUnauthorized)
		w.native.refresh(tokens.Refresh).wantFault(400, "invalid_grant")
	})
}

// TestARefreshTokenIsStolen: Mallory copied a refresh token from a backup. The
// program has gone on meanwhile; when the old one is presented after its
// grace, nobody can tell thief from holder, and the whole connection ends
// (RFC 9700 §4.14.2).
func TestARefreshTokenIsStolen(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		w := newOAuthWorld(t, s)
		a := w.developer.registerApp("gateway", publicApp, appOptions{"lives": map[string]any{"grace_seconds": 1}})
		first := a.tokens(w.alice)
		apart := a.tokens(w.alice) // of a second yes, for another gateway
		second := a.take(a.refresh(first.Refresh))
		eventually(t, 20*time.Second, func() bool { return a.refresh(first.Refresh).status != http.StatusOK })
		for _, token := range []string{first.Access, second.Access} {
			s.bearer(t, token).get("/api/v1/sensors/alice.greenhouse").want(http.StatusUnauthorized)
		}
		a.refresh(second.Refresh).wantFault(400, "invalid_grant")
		a.take(a.refresh(apart.Refresh))
	})
}

// TestAStolenRefreshTokenIsOfNoUseToAnother app, nor to whoever knows the id
// of the app alone.
func TestAStolenRefreshTokenIsOfNoUseToAnother(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		w := newOAuthWorld(t, s)
		evil := s.signUp(t, "mallory").registerApp("evil")
		tokens := w.web.tokens(w.alice)
		evil.refresh(tokens.Refresh).wantFault(400, "invalid_grant")
		evil.refresh(tokens.Refresh, "client_id", w.web.ID).wantFault(400, "invalid_request")
		bare := w.web
		bare.Secret = ""
		bare.refresh(tokens.Refresh).wantFault(401, "invalid_client")
		if evil.active(tokens.Access) || evil.active(tokens.Refresh) {
			t.Error("a stranger learns of the tokens")
		}
		evil.send("/oauth/revoke", "token", tokens.Refresh).wantFault(400, "unauthorized_client")
		if !w.web.active(tokens.Access) {
			t.Error("a stranger ended the token")
		}
		w.web.take(w.web.refresh(tokens.Refresh))
	})
}
