package acceptance

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/store/storetest"
)

// TestABackupOfTokenTrafficIsRestored takes a backup while codes are redeemed
// and refresh tokens rotated, and restores it into both databases: apps,
// connections, chains and devices with their LAN keys are there, and the
// doctor finds nothing wrong.
func TestABackupOfTokenTrafficIsRestored(t *testing.T) {
	t.Parallel()
	v := buildVictim(t)
	v.run(t, nil, "users", "create", "root-admin", "--admin", "--email", "root@example.org")
	s := v.start(t).s
	alice, bob := s.signUp(t, "alice"), s.signUp(t, "bob")
	app := s.signUp(t, "developer").registerApp("wall")
	clock := alice.makeDevice("Clock", "SA140100002200W00BS9")
	home := alice.makeKey(keyOptions{}, "devices.read", "account")
	chains := []oauthTokens{app.tokens(alice), app.tokens(alice), app.tokens(alice)}
	chains[1] = app.take(app.refresh(chains[1].Refresh))
	app.send("/oauth/revoke", "token", chains[2].Refresh).want(http.StatusOK)

	load := newTokenLoad(bob, app)
	wait := load.work(t, 2)
	eventually(t, 30*time.Second, func() bool { return load.count() > 100 })
	file := filepath.Join(t.TempDir(), "backup")
	v.run(t, nil, "backup", file)
	seen := load.count()
	eventually(t, 30*time.Second, func() bool { return load.count() > seen+100 })
	load.over.Store(true)
	wait()
	v.kill(t)

	for _, to := range []string{"sqlite", "postgres"} {
		t.Run(to, func(t *testing.T) {
			var flags []string
			if to == "postgres" {
				flags = []string{"--database", storetest.PostgresURL(t)}
			}
			restored := v.restoredFrom(t, file, flags...)
			restored.run(t, nil, "doctor")
			s := restored.start(t).s
			app := app.in(t).on(s)
			for _, tokens := range chains[:2] {
				s.bearer(t, tokens.Access).get("/api/v1/sensors").want(http.StatusOK)
				next := app.take(app.refresh(tokens.Refresh))
				app.take(app.refresh(next.Refresh))
			}
			app.refresh(chains[2].Refresh).wantFault(http.StatusBadRequest, "invalid_grant")
			s.bearer(t, chains[2].Access).get("/api/v1/sensors").want(http.StatusUnauthorized)
			app.tokens(s.signIn(t, "alice", alice.password))
			c := s.use(t, home)
			if got := len(c.connections()); got != 2 { // the key and the app
				t.Errorf("got %d connections, want 2", got)
			}
			if a := c.get("/lametric/api/v2/users/me/devices").want(http.StatusOK); !a.contains(clock.LANKey) {
				t.Error("the LAN key of the device is not there")
			}
			restored.kill(t)
		})
	}
}

// restoredFrom restores a backup into a new folder that has the server key.
func (v *victim) restoredFrom(t *testing.T, file string, flags ...string) *victim {
	t.Helper()
	restored := &victim{binary: v.binary, data: filepath.Join(t.TempDir(), "restored"), address: v.address, flags: flags, key: v.key}
	sealing, err := os.ReadFile(filepath.Join(v.data, "server.key"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(restored.data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(restored.data, "server.key"), sealing, 0o600); err != nil {
		t.Fatal(err)
	}
	restored.run(t, nil, "restore", file)
	return restored
}
