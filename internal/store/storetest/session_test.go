package storetest_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

func startSession(t *testing.T, s *store.Store, user domain.User) secret.Secret {
	t.Helper()
	_, hash, err := s.UserWithPassword(context.Background(), user.Name)
	if err != nil {
		t.Fatal(err)
	}
	cookie := secret.Generate(secret.Session)
	n := domain.NewSession{Hash: cookie.Hash(), User: user.ID, Verified: hash, Address: "192.0.2.1", Program: "browser"}
	if _, err := s.CreateSession(context.Background(), n, domain.AuditEvent{Act: "session.start", Subject: user.ID}); err != nil {
		t.Fatal(err)
	}
	return cookie
}

func TestASessionIsFoundByItsCookie(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	storetest.EachAt(t, clock.Now, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		user := storetest.User(t, s, "alice")
		cookie := startSession(t, s, user)
		got, err := s.SessionByHash(ctx, cookie.Hash())
		if err != nil {
			t.Fatal(err)
		}
		now := clock.Now()
		want := domain.Session{ID: got.ID, User: user.ID, CreatedAt: now, LastSeenAt: now, ConfirmedAt: now, Address: "192.0.2.1", Program: "browser"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("session differs (-want +got):\n%s", diff)
		}
		if _, err := s.SessionByHash(ctx, secret.Generate(secret.Session).Hash()); !domain.IsKind(err, domain.NotFound) {
			t.Errorf("unknown cookie: got %v, want NotFound", err)
		}
		if signedIn, _ := s.UserByName(ctx, "alice"); !signedIn.LastSignInAt.Equal(now) {
			t.Errorf("got last sign-in %v, want %v", signedIn.LastSignInAt, now)
		}
	})
}

func TestASessionInUseIsSeenOnceAMinuteAndGoesOn(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		user := storetest.User(t, s, "alice")
		cookie := startSession(t, s, user)
		began := clock.Now()
		lastSeen := func() time.Time {
			t.Helper()
			sessions, err := s.SessionsOf(ctx, user.ID)
			if err != nil || len(sessions) != 1 {
				t.Fatalf("got sessions %v, error %v", sessions, err)
			}
			return sessions[0].LastSeenAt
		}
		clock.Advance(59 * time.Second)
		if _, err := s.SessionByHash(ctx, cookie.Hash()); err != nil || !lastSeen().Equal(began) {
			t.Errorf("within a minute: got last seen %v, error %v, want %v", lastSeen(), err, began)
		}
		clock.Advance(time.Second)
		if _, err := s.SessionByHash(ctx, cookie.Hash()); err != nil || !lastSeen().Equal(clock.Now()) {
			t.Errorf("after a minute: got last seen %v, error %v, want %v", lastSeen(), err, clock.Now())
		}
		for range 10 { // used now and then, it outlives the idle time
			clock.Advance(domain.SessionIdle / 3)
			if _, err := s.SessionByHash(ctx, cookie.Hash()); err != nil {
				t.Fatalf("after %v: %v", clock.Now().Sub(began), err)
			}
		}
	})
}

func TestSessionsExpire(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		user := storetest.User(t, s, "alice")
		idle := startSession(t, s, user)
		clock.Advance(domain.SessionIdle + time.Millisecond)
		if _, err := s.SessionByHash(ctx, idle.Hash()); !domain.IsKind(err, domain.NotFound) {
			t.Errorf("idle too long: got %v, want NotFound", err)
		}
		old := startSession(t, s, user)
		for range 31 {
			_, _ = s.SessionByHash(ctx, old.Hash())
			clock.Advance(24 * time.Hour)
		}
		if _, err := s.SessionByHash(ctx, old.Hash()); !domain.IsKind(err, domain.NotFound) {
			t.Errorf("too old: got %v, want NotFound", err)
		}
		live := startSession(t, s, user)
		if swept, err := s.SweepSessions(ctx); swept != 2 || err != nil {
			t.Errorf("got %d swept, error %v, want 2", swept, err)
		}
		if _, err := s.SessionByHash(ctx, live.Hash()); err != nil {
			t.Errorf("a live session was swept: %v", err)
		}
	})
}

func TestAnEndedSessionIsDeadAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice, bob := storetest.User(t, s, "alice"), storetest.User(t, s, "bob")
		cookie := startSession(t, s, alice)
		session, err := s.SessionByHash(ctx, cookie.Hash())
		if err != nil {
			t.Fatal(err)
		}
		if err := s.EndSession(ctx, bob.ID, session.ID, domain.AuditEvent{}); !domain.IsKind(err, domain.NotFound) {
			t.Errorf("ended by somebody else: got %v, want NotFound", err)
		}
		errs := atOnce(20, func(int) error { return s.EndSession(ctx, alice.ID, session.ID, domain.AuditEvent{}) })
		wantOneWinner(t, errs, "session_not_found")
		if _, err := s.SessionByHash(ctx, cookie.Hash()); !domain.IsKind(err, domain.NotFound) {
			t.Errorf("got %v, want NotFound", err)
		}
	})
}

// A session that is looked up while it ends must not come back into the
// cache, however the two interleave.
func TestAnEndedSessionStaysDeadUnderLoad(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		for range 20 {
			cookie := startSession(t, s, alice)
			session, err := s.SessionByHash(ctx, cookie.Hash())
			if err != nil {
				t.Fatal(err)
			}
			errs := atOnce(9, func(i int) error {
				if i == 0 {
					return s.EndSession(ctx, alice.ID, session.ID, domain.AuditEvent{})
				}
				_, _ = s.SessionByHash(ctx, cookie.Hash())
				return nil
			})
			if errs[0] != nil {
				t.Fatal(errs[0])
			}
			if _, err := s.SessionByHash(ctx, cookie.Hash()); !domain.IsKind(err, domain.NotFound) {
				t.Fatalf("the session came back: %v", err)
			}
		}
	})
}

func TestAPasswordChangeEndsTheOtherSessions(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice, bob := storetest.User(t, s, "alice"), storetest.User(t, s, "bob")
		kept, ended, foreign := startSession(t, s, alice), startSession(t, s, alice), startSession(t, s, bob)
		session, err := s.SessionByHash(ctx, kept.Hash())
		if err != nil {
			t.Fatal(err)
		}
		_, old, _ := s.UserWithPassword(ctx, "alice")
		if err := s.SetPassword(ctx, domain.PasswordChange{User: alice.ID, Old: old, New: "new", Keep: session.ID}, domain.AuditEvent{}); err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]struct {
			cookie secret.Secret
			alive  bool
		}{"own": {kept, true}, "other": {ended, false}, "somebody else's": {foreign, true}} {
			if _, err := s.SessionByHash(ctx, want.cookie.Hash()); (err == nil) != want.alive {
				t.Errorf("%s session: got %v, want alive %v", name, err, want.alive)
			}
		}
		n := domain.NewSession{Hash: secret.Generate(secret.Session).Hash(), User: alice.ID, Verified: old}
		if _, err := s.CreateSession(ctx, n, domain.AuditEvent{}); !domain.IsKind(err, domain.Unauthenticated) {
			t.Errorf("sign-in that was verified against the old password: got %v, want Unauthenticated", err)
		}
	})
}

func TestEndSessionsSparesOne(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		kept := startSession(t, s, alice)
		for range 3 {
			startSession(t, s, alice)
		}
		session, err := s.SessionByHash(ctx, kept.Hash())
		if err != nil {
			t.Fatal(err)
		}
		if err := s.EndSessions(ctx, alice.ID, session.ID, domain.AuditEvent{}); err != nil {
			t.Fatal(err)
		}
		got, err := s.SessionsOf(ctx, alice.ID)
		if err != nil || len(got) != 1 || got[0].ID != session.ID {
			t.Errorf("got %v, error %v, want only the spared one", got, err)
		}
	})
}

func TestAConfirmedSessionIsFreshAgain(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		cookie := startSession(t, s, storetest.User(t, s, "alice"))
		clock.Advance(domain.FreshPassword)
		session, err := s.SessionByHash(ctx, cookie.Hash())
		if err != nil || session.Fresh(clock.Now()) {
			t.Fatalf("got %+v, error %v, want a session that is no longer fresh", session, err)
		}
		if err := s.ConfirmSession(ctx, session.ID, domain.AuditEvent{Act: "password.confirm"}); err != nil {
			t.Fatal(err)
		}
		if session, _ = s.SessionByHash(ctx, cookie.Hash()); !session.Fresh(clock.Now()) {
			t.Error("the session is not fresh after the password was entered")
		}
		if err := s.ConfirmSession(ctx, 999, domain.AuditEvent{}); !domain.IsKind(err, domain.NotFound) {
			t.Errorf("unknown session: got %v, want NotFound", err)
		}
	})
}
