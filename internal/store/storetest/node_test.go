package storetest_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

// What ends on one node is dead on the others within a second (SECURITY.md,
// Revocation), although they have it in their caches.
func TestARevocationReachesTheOtherNode(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) { // another process on the same file
		t.Parallel()
		path := filepath.Join(t.TempDir(), "thingward.db")
		revokeAcross(t, storetest.OpenAgain(t, path), storetest.OpenAgain(t, path))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		url := storetest.PostgresURL(t)
		revokeAcross(t, storetest.OpenURL(t, url), storetest.OpenURL(t, url))
	})
}

func revokeAcross(t *testing.T, here, there *store.Store) {
	t.Helper()
	ctx := context.Background()
	alice := storetest.User(t, here, "alice")
	cookie := startSession(t, here, alice)
	session, err := there.SessionByHash(ctx, cookie.Hash())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := there.UserByID(ctx, alice.ID); err != nil || got.Suspended {
		t.Fatalf("got %+v, error %v", got, err)
	}
	heard := make(chan store.Change, 1000)
	there.OnChange(func(change store.Change) { heard <- change })
	until := time.After(10 * time.Second) // generous: the machine may be busy
	dead := func() bool {
		_, err := there.SessionByHash(ctx, cookie.Hash())
		return domain.IsKind(err, domain.NotFound)
	}
	suspended := func() bool {
		user, err := there.UserByID(ctx, alice.ID)
		return err == nil && user.Suspended
	}
	await := func(what string, seen func() bool) {
		t.Helper()
		for !seen() {
			select {
			case <-heard:
			case <-until:
				t.Fatalf("the other node never saw that %s", what)
			}
		}
	}
	if err := here.EndSession(ctx, alice.ID, session.ID, domain.AuditEvent{}); err != nil {
		t.Fatal(err)
	}
	await("the session ended", dead)
	if err := here.SuspendUser(ctx, alice.ID, domain.AuditEvent{}); err != nil {
		t.Fatal(err)
	}
	await("the user is suspended", suspended)
}

// Two nodes that need the standing grant of a client at once find the same.
func TestAStandingGrantIsOneForAllNodes(t *testing.T) {
	t.Parallel()
	url := storetest.PostgresURL(t)
	nodes := []*store.Store{storetest.OpenURL(t, url), storetest.OpenURL(t, url)}
	alice := storetest.User(t, nodes[0], "alice")
	for round := range 20 {
		wanted := domain.Grant{User: alice.ID, Client: domain.ClientID(fmt.Sprintf("garden-%d", round)), OfClient: true, Name: "client_credentials",
			Scopes: reading, CreatedAt: time.Now()}
		var got [2]domain.Grant
		var both sync.WaitGroup
		for i, node := range nodes {
			both.Go(func() {
				var err error
				if got[i], err = node.StandingGrant(context.Background(), wanted, domain.AuditEvent{Act: "grant.standing"}); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		if got[0].ID == 0 || got[0].ID != got[1].ID {
			t.Fatalf("the nodes stand on the grants %d and %d, want one", got[0].ID, got[1].ID)
		}
	}
}
