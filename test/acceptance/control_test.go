package acceptance

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

// TestAnOperatorsCommandTakesEffectAtOnce in the server that runs: the next
// request after the command returned finds it done.
func TestAnOperatorsCommandTakesEffectAtOnce(t *testing.T) {
	t.Parallel()
	v := buildVictim(t)
	v.serve = []string{"--client-approval", "standard"}
	s := v.start(t).s
	developer, alice := s.signUp(t, "developer"), s.signUp(t, "alice")

	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("an old secret of the wall\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	wall := oauthApp{askingApp{t: t, s: s, endpoint: authorizeAt["standard"], ID: "wall", Secret: "an old secret of the wall", Redirect: "https://wall.example/back"}}
	wall.exchange("grant_type", "client_credentials").wantFault(http.StatusUnauthorized, "invalid_client")
	v.run(t, nil, "clients", "import", "--user", "developer", "--id", "wall", "--secret-file", secret, "--uri", wall.Redirect,
		"--scope", "readings.read,offline_access,profile", "--grants", "authorization_code,refresh_token,client_credentials")
	wall.take(wall.exchange("grant_type", "client_credentials"))
	tokens := wall.tokens(alice, "scope", "profile offline_access")

	me := s.bearer(t, tokens.Access)
	for range 5 {
		me.get("/api/v1/users/me").want(http.StatusOK)
		v.run(t, nil, "clients", "suspend", "wall", "--reason", "It spams.")
		me.get("/api/v1/users/me").want(http.StatusUnauthorized)
		wall.refresh(tokens.Refresh).wantFault(http.StatusBadRequest, "unauthorized_client")
		v.run(t, nil, "clients", "resume", "wall")
	}
	me.get("/api/v1/users/me").want(http.StatusOK)

	requested := developer.registerApp("requested")
	if got := requested.decide(alice, "allow"); got.Get("error") != "access_denied" {
		t.Errorf("got %v before the approval", got)
	}
	v.run(t, nil, "clients", "approve", "requested")
	requested.tokens(alice)

	k := alice.makeKey(keyOptions{}, "profile")
	gateway := s.use(t, k)
	gateway.get("/api/v1/users/me").want(http.StatusOK)
	v.run(t, nil, "keys", "revoke", k.ID)
	gateway.get("/api/v1/users/me").want(http.StatusUnauthorized)
}

// TestAnotherProcessThatWritesIsNoticed within a second, where it goes past
// the control socket: what it ended is dead, what it suspended is refused.
func TestAnotherProcessThatWritesIsNoticed(t *testing.T) {
	t.Parallel()
	v := buildVictim(t)
	s := v.start(t).s
	alice := s.signUp(t, "alice")
	wall := s.signUp(t, "developer").registerApp("wall")
	other := storetest.OpenAgain(t, filepath.Join(v.data, "thingward.db"))
	revoke := func(t *testing.T, id int64) {
		if err := other.RevokeGrant(t.Context(), domain.GrantID(id), domain.AuditEvent{At: time.Now(), Act: "grant.revoke"}); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		tokens := wall.tokens(alice, "scope", "profile offline_access")
		me := s.bearer(t, tokens.Access)
		me.get("/api/v1/users/me").want(http.StatusOK)
		revoke(t, alice.connections()[0].ID)
		took := until(t, "a grant that another process ended", func() bool { return me.get("/api/v1/users/me").status == http.StatusUnauthorized })
		t.Logf("an ended grant was noticed after %s", took)
	}
	tokens := wall.tokens(alice, "scope", "profile offline_access")
	me := s.bearer(t, tokens.Access)
	me.get("/api/v1/users/me").want(http.StatusOK)
	suspend(t, other, "alice")
	took := until(t, "a user whom another process suspended", func() bool { return me.get("/api/v1/users/me").status == http.StatusUnauthorized })
	t.Logf("a suspended user was noticed after %s", took)
}

func suspend(t *testing.T, s *store.Store, name string) {
	t.Helper()
	user, err := s.UserByName(t.Context(), name)
	if err == nil {
		err = s.SuspendUser(t.Context(), user.ID, domain.AuditEvent{At: time.Now(), Act: "user.suspend"})
	}
	if err != nil {
		t.Fatal(err)
	}
}
