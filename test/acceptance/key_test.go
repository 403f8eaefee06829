package acceptance

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestTheOwnerTakesTheKeyAwayAndItIsDeadBeforeTheAnswer(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		alice.makeSensor("greenhouse", private)
		k := alice.makeKey(keyOptions{}, "readings.write", "profile")
		gateway := s.use(t, k)
		gateway.form("/wotkit/api/sensors/greenhouse/data", "value=1").want(http.StatusCreated)

		// Requests that began after the answer to the revocation must all fail.
		var revoked atomic.Bool
		var group sync.WaitGroup
		began := make(chan struct{})
		for i := range 8 {
			group.Go(func() {
				c := s.use(t, k)
				for n := range 5000 {
					late := revoked.Load()
					a := c.get("/api/v1/users/me")
					if late && a.status != http.StatusUnauthorized {
						t.Errorf("got %d from a request that began after the revocation was answered", a.status)
					}
					if i == 0 && n == 3 {
						close(began)
					}
					if late {
						return
					}
				}
			})
		}
		<-began
		alice.delete("/api/v1/keys/" + k.ID).want(http.StatusNoContent)
		revoked.Store(true)
		group.Wait()
		gateway.form("/wotkit/api/sensors/greenhouse/data", "value=2").want(http.StatusUnauthorized)
		if got := alice.readings("greenhouse"); len(got) != 1 {
			t.Errorf("got %d readings, want the one from before", len(got))
		}
		alice.delete("/api/v1/keys/" + k.ID).want(http.StatusNotFound)
	})
}

func TestAKeyForOneSensorReachesNoOther(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		alice.makeSensor("greenhouse", private)
		alice.makeSensor("bedroom", private)
		gateway := alice.withKey("readings.write:alice.greenhouse", "sensors.read:alice.greenhouse")
		gateway.post("/api/v1/sensors/alice.greenhouse/readings", `{"values":{"value":1}}`).want(http.StatusCreated)
		gateway.post("/api/v1/sensors/alice.bedroom/readings", `{"values":{"value":1}}`).want(http.StatusNotFound)
		gateway.get("/api/v1/sensors/alice.bedroom").want(http.StatusNotFound)
		gateway.get("/api/v1/sensors/alice.greenhouse").want(http.StatusOK)
		gateway.get("/api/v1/sensors/alice.greenhouse/readings").want(http.StatusForbidden)
		var me struct{ Credential struct{ Scopes string } }
		gateway.get("/api/v1/users/me").want(http.StatusOK).decode(&me)
		if want := "readings.write:alice.greenhouse sensors.read:alice.greenhouse"; me.Credential.Scopes != want {
			t.Errorf("got the scopes %q, want %q", me.Credential.Scopes, want)
		}
		var list struct{ Items []sensor }
		gateway.get("/api/v1/sensors").want(http.StatusOK).decode(&list)
		if len(list.Items) != 1 || list.Items[0].FullName != "alice.greenhouse" {
			t.Errorf("got the list %v, want alice.greenhouse alone", list.Items)
		}
	})
}

func TestAKeyMakesNoKeysUnlessItMayManageTheAccount(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		alice.withKey("sensors.*", "readings.*", "profile").post("/api/v1/keys", map[string]any{"name": "more", "scopes": []string{"account"}}).
			wantCode(http.StatusForbidden, "insufficient_scope")
	})
}

func TestAnExpiredKeyIsRefused(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		soon := time.Now().Add(1500 * time.Millisecond)
		k := alice.makeKey(keyOptions{ExpiresAt: &soon}, "profile")
		c := s.use(t, k)
		c.get("/api/v1/users/me").want(http.StatusOK)
		eventually(t, 10*time.Second, func() bool { return c.get("/api/v1/users/me").status == http.StatusUnauthorized })
		if !time.Now().After(soon) {
			t.Error("the key was refused before it expired")
		}
	})
}

func TestAKeyWorksFromItsAllowedAddressesOnly(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		here := alice.makeKey(keyOptions{AllowedAddresses: []string{"127.0.0.0/8"}}, "profile")
		elsewhere := alice.makeKey(keyOptions{AllowedAddresses: []string{"192.0.2.0/24"}}, "profile")
		s.use(t, here).get("/api/v1/users/me").want(http.StatusOK)
		s.use(t, elsewhere).get("/api/v1/users/me").wantCode(http.StatusForbidden, "address_not_allowed")
		// Nobody may talk himself into an address.
		s.use(t, elsewhere).with("X-Forwarded-For", "192.0.2.7").get("/api/v1/users/me").wantCode(http.StatusForbidden, "address_not_allowed")
	})
}

func TestARotatedKeyWorksWithBothPasswordsUntilTheOverlapEnds(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		k := alice.makeKey(keyOptions{}, "profile")
		old := s.use(t, k)
		var rotated key
		alice.post("/api/v1/keys/"+k.ID+"/rotate", map[string]any{"overlap_seconds": 2}).want(http.StatusOK).decode(&rotated)
		if rotated.ID != k.ID || rotated.Password == k.Password || rotated.Password == "" {
			t.Fatalf("got the id %q and a password that is new: %t", rotated.ID, rotated.Password != k.Password)
		}
		fresh := s.use(t, rotated)
		fresh.get("/api/v1/users/me").want(http.StatusOK)
		old.get("/api/v1/users/me").want(http.StatusOK)
		eventually(t, 10*time.Second, func() bool { return old.get("/api/v1/users/me").status == http.StatusUnauthorized })
		fresh.get("/api/v1/users/me").want(http.StatusOK)

		var again key
		alice.send("POST", "/api/v1/keys/"+k.ID+"/rotate", "", "").want(http.StatusOK).decode(&again) // without a body: no overlap
		fresh.get("/api/v1/users/me").want(http.StatusUnauthorized)
		s.use(t, again).get("/api/v1/users/me").want(http.StatusOK)
	})
}

func TestWhatAKeyDidIsShownToItsOwner(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		alice.makeSensor("greenhouse", private)
		k := alice.makeKey(keyOptions{}, "readings.write")
		gateway := s.use(t, k).with("User-Agent", "gateway/1.0")
		for range 3 {
			gateway.post("/api/v1/sensors/alice.greenhouse/readings", `{"values":{"value":1}}`).want(http.StatusCreated)
		}
		var uses struct {
			Items []struct {
				Thing, Right string
				Uses         int64
			}
		}
		eventually(t, 15*time.Second, func() bool {
			alice.get("/api/v1/keys/" + k.ID + "/uses").want(http.StatusOK).decode(&uses)
			return len(uses.Items) == 1 && uses.Items[0].Uses == 3
		})
		var shown struct {
			LastUsed struct {
				Program, Address string
			} `json:"last_used"`
		}
		alice.get("/api/v1/keys/" + k.ID).want(http.StatusOK).decode(&shown)
		if shown.LastUsed.Program != "gateway/1.0" || shown.LastUsed.Address != "127.0.0.1" {
			t.Errorf("got last use %+v, want gateway/1.0 from 127.0.0.1", shown.LastUsed)
		}
	})
}

func TestASuspendedUserIsOutWithAllCredentialsAtOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		admin := s.administrator(t, "root-admin")
		bob := s.signUp(t, "bob")
		c := bob.withKey("profile")
		c.get("/api/v1/users/me").want(http.StatusOK)
		admin.post("/api/v1/users/bob/suspend", `{}`).want(http.StatusNoContent)
		c.get("/api/v1/users/me").want(http.StatusUnauthorized)
		bob.get("/api/v1/users/me").want(http.StatusUnauthorized)
		again := s.browser(t)
		if a := again.open("/login").submit(map[string]string{"username": "bob", "current-password": bob.password}); a.status == http.StatusSeeOther {
			t.Error("a suspended user could sign in")
		}
		admin.post("/api/v1/users/bob/resume", `{}`).want(http.StatusNoContent)
		c.get("/api/v1/users/me").want(http.StatusOK)
	})
}

// eventually asks until the answer is yes.
func eventually(t *testing.T, within time.Duration, yes func() bool) {
	t.Helper()
	end := time.Now().Add(within)
	for tick := time.Tick(50 * time.Millisecond); !yes(); <-tick {
		if time.Now().After(end) {
			t.Fatalf("not within %s", within)
		}
	}
}
