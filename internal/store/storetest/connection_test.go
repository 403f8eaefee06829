package storetest_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

// allow makes a grant of the user to the client that every store has.
func allow(t *testing.T, s *store.Store, clock *storetest.Clock, user domain.User, name string, expires time.Time) domain.Grant {
	t.Helper()
	grant, err := s.Allow(context.Background(), domain.Allowed{Grant: domain.Grant{User: user.ID, Client: domain.CommandLineID, Name: name,
		Scopes: domain.ScopeSet{domain.ScopeReadingsRead}, CreatedAt: clock.Now(), ExpiresAt: expires}}, ended(clock, user))
	if err != nil {
		t.Fatal(err)
	}
	return grant
}

func ended(clock *storetest.Clock, user domain.User) domain.AuditEvent {
	return domain.AuditEvent{At: clock.Now(), Act: "grant.revoke", Actor: user.ID, Subject: user.ID, Result: "ok"}
}

func namesOf(connections []domain.Connection) []string {
	names := make([]string, len(connections))
	for i, c := range connections {
		names[i] = c.Grant.Name
	}
	return names
}

func TestConnectionsAreTheLivingGrantsOfAUser(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		alice, bob := storetest.User(t, s, "alice"), storetest.User(t, s, "bob")
		makeKey(t, s, alice, "0123456789abcdef", secret.New("pw"))
		allow(t, s, clock, alice, "laptop", time.Time{})
		allow(t, s, clock, alice, "for an hour", clock.Now().Add(time.Hour))
		allow(t, s, clock, bob, "of bob", time.Time{})
		own := domain.Grant{User: alice.ID, Client: domain.CommandLineID, OfClient: true, Name: "by itself", CreatedAt: clock.Now()}
		if _, err := s.StandingGrant(ctx, own, ended(clock, alice)); err != nil {
			t.Fatal(err)
		}
		for _, step := range []struct {
			after time.Duration
			want  []string
		}{{0, []string{"for an hour", "laptop", "gateway"}}, {time.Hour, []string{"laptop", "gateway"}}} {
			clock.Advance(step.after)
			got, err := s.Connections(ctx, alice.ID, domain.Page{})
			if err != nil || !slices.Equal(namesOf(got.Items), step.want) || got.Total != len(step.want) {
				t.Fatalf("after %v: got %q, total %d, %v; want %q", step.after, namesOf(got.Items), got.Total, err, step.want)
			}
		}
		list, err := s.Connections(ctx, alice.ID, domain.Page{})
		if err != nil {
			t.Fatal(err)
		}
		if laptop := list.Items[0]; laptop.Key != nil || laptop.Client == nil || !laptop.Client.Official || laptop.Client.ID != domain.CommandLineID {
			t.Errorf("the grant of a client: got %+v", laptop)
		}
		if gateway := list.Items[1]; gateway.Client != nil || gateway.Key == nil || gateway.Key.ID != "0123456789abcdef" || gateway.Key.Description != "in the cellar" {
			t.Errorf("the grant of a key: got %+v", gateway)
		}
		if _, err := s.Connection(ctx, bob.ID, list.Items[0].Grant.ID); !domain.IsKind(err, domain.NotFound) {
			t.Errorf("somebody else's: got %v, want NotFound", err)
		}
		var paged []string
		for page := (domain.Page{Limit: 1}); ; {
			some, err := s.Connections(ctx, alice.ID, page)
			if err != nil {
				t.Fatal(err)
			}
			paged = append(paged, namesOf(some.Items)...)
			if page.Cursor = some.Next; some.Next == "" {
				break
			}
		}
		if want := []string{"laptop", "gateway"}; !slices.Equal(paged, want) {
			t.Errorf("page by page: got %q, want %q", paged, want)
		}
	})
}

func TestAnEndedConnectionIsDeadAtOnce(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		alice, bob := storetest.User(t, s, "alice"), storetest.User(t, s, "bob")
		key := makeKey(t, s, alice, "0123456789abcdef", secret.New("pw"))
		laptop := allow(t, s, clock, alice, "laptop", time.Time{})
		for _, id := range []domain.GrantID{key.Grant.ID, laptop.ID} { // into the caches
			if _, err := s.Grant(ctx, id); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.KeyCheck(ctx, key.ID); err != nil {
			t.Fatal(err)
		}
		if err := s.EndConnection(ctx, bob.ID, laptop.ID, ended(clock, bob)); !domain.IsKind(err, domain.NotFound) {
			t.Fatalf("somebody else ends it: got %v, want NotFound", err)
		}
		var succeeded atomic.Int64
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				if s.EndConnection(ctx, alice.ID, laptop.ID, ended(clock, alice)) == nil {
					succeeded.Add(1)
				}
			})
		}
		group.Wait()
		if succeeded.Load() != 1 {
			t.Errorf("twenty end it at once: got %d that did, want 1", succeeded.Load())
		}
		if err := s.EndConnection(ctx, alice.ID, key.Grant.ID, ended(clock, alice)); err != nil {
			t.Fatal(err)
		}
		for _, id := range []domain.GrantID{key.Grant.ID, laptop.ID} {
			if grant, err := s.Grant(ctx, id); err != nil || grant.RevokedAt.IsZero() {
				t.Errorf("grant %d: got %+v, %v; want it revoked", id, grant, err)
			}
		}
		if check, err := s.KeyCheck(ctx, key.ID); err != nil || len(check.Passwords) != 0 || check.Key.Grant.RevokedAt.IsZero() {
			t.Errorf("the key: got %+v, %v; want it without passwords and revoked", check, err)
		}
		checkEvents(t, s, alice, "key 0123456789abcdef", "client thingward-cli")
	})
}

func TestAllConnectionsEndButTheOneThatIsSpared(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		alice, bob := storetest.User(t, s, "alice"), storetest.User(t, s, "bob")
		key := makeKey(t, s, alice, "0123456789abcdef", secret.New("pw"))
		laptop := allow(t, s, clock, alice, "laptop", time.Time{})
		allow(t, s, clock, alice, "tablet", time.Time{})
		other := allow(t, s, clock, bob, "of bob", time.Time{})
		if _, err := s.KeyCheck(ctx, key.ID); err != nil {
			t.Fatal(err)
		}
		got, err := s.EndConnections(ctx, alice.ID, laptop.ID, ended(clock, alice))
		if err != nil || got != 2 {
			t.Fatalf("got %d, %v; want 2", got, err)
		}
		list, err := s.Connections(ctx, alice.ID, domain.Page{})
		if err != nil || !slices.Equal(namesOf(list.Items), []string{"laptop"}) {
			t.Errorf("got %q, %v; want the spared one alone", namesOf(list.Items), err)
		}
		if _, err := s.Connection(ctx, bob.ID, other.ID); err != nil {
			t.Errorf("the connection of somebody else: %v", err)
		}
		if check, err := s.KeyCheck(ctx, key.ID); err != nil || len(check.Passwords) != 0 {
			t.Errorf("the key: got %+v, %v; want it without passwords", check, err)
		}
		checkEvents(t, s, alice, "client thingward-cli", "key 0123456789abcdef")
		if got, err := s.EndConnections(ctx, alice.ID, 0, ended(clock, alice)); err != nil || got != 1 {
			t.Errorf("without a spared one: got %d, %v; want 1", got, err)
		}
	})
}

func TestAConnectionIsRenamed(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		alice, bob := storetest.User(t, s, "alice"), storetest.User(t, s, "bob")
		key := makeKey(t, s, alice, "0123456789abcdef", secret.New("pw"))
		if _, err := s.KeyCheck(ctx, key.ID); err != nil {
			t.Fatal(err)
		}
		if err := s.RenameConnection(ctx, bob.ID, key.Grant.ID, "mine", ended(clock, bob)); !domain.IsKind(err, domain.NotFound) {
			t.Errorf("by somebody else: got %v, want NotFound", err)
		}
		if err := s.RenameConnection(ctx, alice.ID, key.Grant.ID, "balcony", ended(clock, alice)); err != nil {
			t.Fatal(err)
		}
		check, err := s.KeyCheck(ctx, key.ID)
		if err != nil || check.Key.Grant.Name != "balcony" {
			t.Errorf("got the name %q, %v; want balcony", check.Key.Grant.Name, err)
		}
	})
}

// checkEvents fails the test unless the newest events of ending are of these things.
func checkEvents(t *testing.T, s *store.Store, user domain.User, want ...string) {
	t.Helper()
	events, err := s.AuditOf(context.Background(), user.ID, domain.Page{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, event := range events.Items {
		if event.Act == "grant.revoke" && event.Thing != "" {
			got = append(got, event.Thing)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got events of %q, want %q", got, want)
	}
}
