package storetest_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

// manyGrants is how many connections the client has that is deleted; with
// THINGWARD_CRASH_ROUNDS as many as a large site may have.
func manyGrants() int {
	if os.Getenv("THINGWARD_CRASH_ROUNDS") != "" {
		return 100_000
	}
	return 3_000
}

func TestDeletingAClientWithManyConnectionsHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		madeClient(t, s, alice, "wall", nil)
		madeClient(t, s, alice, "other", nil)
		standing := standingFor(t, s, alice, "other")
		grants := allowMany(t, s, alice, "wall", manyGrants())

		done := make(chan struct{})
		slowest := make(chan time.Duration)
		go func() { slowest <- slowestWrite(t, s, standing, done) }()
		began := time.Now()
		if err := s.DeleteClient(ctx, "wall", domain.AuditEvent{At: time.Now(), Act: "client.delete"}); err != nil {
			t.Fatal(err)
		}
		took := time.Since(began)
		if _, err := s.ClientCheck(ctx, "wall"); !domain.IsKind(err, domain.NotFound) {
			t.Errorf("got %v for the client, want not found", err)
		}
		close(done)
		waited := <-slowest
		for _, id := range grants {
			if g, err := s.Grant(ctx, id); err != nil || g.RevokedAt.IsZero() {
				t.Fatalf("grant %d: got %+v, %v; want it revoked", id, g, err)
			}
		}
		if waited > 200*time.Millisecond && len(grants) > 10_000 {
			t.Errorf("somebody waited for %s", waited)
		}
		t.Logf("deleting a client with %d connections took %s; others waited up to %s", len(grants), took, waited)
	})
}

// A deletion that is cut short after its first commit is a deletion; what is
// left is ended by the sweep.
func TestADeletionThatWasCutShortIsFinished(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		alice := storetest.User(t, s, "alice")
		madeClient(t, s, alice, "wall", nil)
		grants := allowMany(t, s, alice, "wall", 650)
		spared := standingFor(t, s, alice, "other")
		ctx, cancel := context.WithCancel(context.Background())
		s.OnChange(func(change store.Change) {
			if change.Topic == "client" {
				cancel()
			}
		})
		if err := s.DeleteClient(ctx, "wall", domain.AuditEvent{At: time.Now(), Act: "client.delete"}); err != nil {
			t.Fatal(err)
		}
		alive := func() (n int) {
			for _, id := range grants {
				g, err := s.Grant(context.Background(), id)
				if err != nil {
					t.Fatal(err)
				}
				if g.RevokedAt.IsZero() {
					n++
				}
			}
			return n
		}
		if n := alive(); n == 0 || n == len(grants) {
			t.Fatalf("%d of %d grants are alive, so this tests nothing", n, len(grants))
		}
		steps := 0
		for ; steps < 100; steps++ {
			if n, err := s.SweepDeletedClients(context.Background(), time.Now()); err != nil || n == 0 {
				if err != nil {
					t.Fatal(err)
				}
				break
			}
		}
		if n := alive(); n > 0 || steps == 0 || steps == 100 {
			t.Errorf("%d grants are alive after %d steps of the sweep", n, steps)
		}
		if g, err := s.Grant(context.Background(), spared.ID); err != nil || !g.RevokedAt.IsZero() {
			t.Errorf("another client's grant: got %+v, %v", g, err)
		}
	})
}

func standingFor(t *testing.T, s *store.Store, user domain.User, client domain.ClientID) domain.Grant {
	t.Helper()
	made, err := s.Allow(context.Background(), domain.Allowed{Grant: domain.Grant{User: user.ID, Client: client, Name: "made by a test", Scopes: reading, CreatedAt: time.Now()}}, domain.AuditEvent{Act: "grant.allow"})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// allowMany makes as many grants, with an access token each.
func allowMany(t *testing.T, s *store.Store, user domain.User, client domain.ClientID, n int) []domain.GrantID {
	t.Helper()
	ids := make([]domain.GrantID, n)
	var group sync.WaitGroup
	const senders = 64
	for sender := range senders {
		group.Go(func() {
			for i := sender; i < n; i += senders {
				g := domain.Grant{User: user.ID, Client: client, Name: fmt.Sprintf("Wall %d", i), Scopes: reading, CreatedAt: time.Now()}
				_, _, minted := mint(g)
				made, err := s.Allow(context.Background(), domain.Allowed{Grant: g, Token: &minted.Token}, domain.AuditEvent{Act: "grant.allow"})
				if err != nil {
					t.Error(err)
					return
				}
				ids[i] = made.ID
			}
		})
	}
	group.Wait()
	return ids
}

// slowestWrite issues tokens until it is done, one after the other.
func slowestWrite(t *testing.T, s *store.Store, g domain.Grant, done chan struct{}) (slowest time.Duration) {
	for {
		select {
		case <-done:
			return slowest
		default:
		}
		_, _, minted := mint(g)
		began := time.Now()
		if err := s.IssueToken(context.Background(), minted.Token); err != nil {
			t.Error(err)
		}
		slowest = max(slowest, time.Since(began))
	}
}
