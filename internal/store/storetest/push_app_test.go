package storetest_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

func lametricClient(t *testing.T, s *store.Store, owner domain.User, id domain.ClientID, state domain.ClientState) {
	t.Helper()
	madeClient(t, s, owner, id, func(c *domain.Client) {
		c.Kind, c.State, c.Resources = domain.LametricClient, state, nil
	})
}

const aPackage, anotherPackage = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"

func TestAPushTokenIsRotatedAndThePackageStays(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		lametricClient(t, s, storetest.User(t, s, "alice"), "clock-app", domain.ClientApproved)
		if _, err := s.PushApp(ctx, "clock-app"); domain.CodeOf(err) != "push_app_not_found" {
			t.Errorf("got %v, want push_app_not_found", err)
		}
		first, second := secret.New("first").Hash(), secret.New("second").Hash()
		set := func(pkg string, token secret.Hash) domain.PushApp {
			t.Helper()
			app, err := s.SetPushToken(ctx, "clock-app", pkg, token, domain.AuditEvent{Act: "client.push_token", At: clock.Now()})
			if err != nil {
				t.Fatal(err)
			}
			return app
		}
		set(aPackage, first)
		if kept, err := s.SetFrames(ctx, aPackage, first, "1", `[{"text":"a"}]`, clock.Now()); !kept || err != nil {
			t.Fatalf("got %t, %v", kept, err)
		}
		rotated := set(anotherPackage, second)
		want := domain.PushApp{Client: "clock-app", Package: aPackage, Token: second, Version: "1", Frames: `[{"text":"a"}]`, PushedAt: clock.Now()}
		if diff := cmp.Diff(want, rotated); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if kept, err := s.SetFrames(ctx, aPackage, first, "1", "[]", clock.Now()); kept || err != nil {
			t.Errorf("the old token: got %t, %v", kept, err)
		}
		found, err := s.PushAppByPackage(ctx, aPackage)
		if diff := cmp.Diff(want, found); diff != "" || err != nil {
			t.Errorf("by package (-want +got) %v\n%s", err, diff)
		}
		if _, err := s.PushAppByPackage(ctx, anotherPackage); domain.CodeOf(err) != "push_app_not_found" {
			t.Errorf("got %v, want push_app_not_found", err)
		}
	})
}

func TestOfTwoTokensMadeAtOnceOneCounts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		lametricClient(t, s, storetest.User(t, s, "alice"), "clock-app", domain.ClientApproved)
		packages := map[string]bool{}
		var mu sync.Mutex
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				app, err := s.SetPushToken(ctx, "clock-app", secret.NewPackage(), secret.GeneratePushToken().Hash(), domain.AuditEvent{Act: "client.push_token"})
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				packages[app.Package] = true
			})
		}
		group.Wait()
		if len(packages) != 1 {
			t.Errorf("got %d packages, want one", len(packages))
		}
	})
}

func TestAppsThatMayNotBeUsedTakeNoFrames(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice, bob := storetest.User(t, s, "alice"), storetest.User(t, s, "bobby")
		token := secret.New("token").Hash()
		push := func(id domain.ClientID, owner domain.User, state domain.ClientState, then func() error, want bool) {
			t.Helper()
			lametricClient(t, s, owner, id, state)
			app, err := s.SetPushToken(ctx, id, secret.NewPackage(), token, domain.AuditEvent{Act: "client.push_token"})
			if err == nil && then != nil {
				err = then()
			}
			if err != nil {
				t.Fatal(err)
			}
			kept, err := s.SetFrames(ctx, app.Package, token, "", "[]", time.Now())
			_, notFound := s.PushAppByPackage(ctx, app.Package)
			if kept != want || (notFound == nil) != want || err != nil {
				t.Errorf("%s: got %t and %v (%v), want it taken: %t", id, kept, notFound, err, want)
			}
		}
		push("approved", alice, domain.ClientApproved, nil, true)
		push("requested", alice, domain.ClientRequested, nil, true)
		push("rejected", alice, domain.ClientRejected, nil, false)
		push("suspended", alice, domain.ClientSuspended, nil, false)
		push("deleted", alice, domain.ClientApproved, func() error {
			return s.DeleteClient(ctx, "deleted", domain.AuditEvent{Act: "client.delete", At: time.Now()})
		}, false)
		push("of-a-suspended-user", bob, domain.ClientApproved, func() error {
			return s.SuspendUser(ctx, bob.ID, domain.AuditEvent{Act: "user.suspend", At: time.Now()})
		}, false)
		all, private, err := s.CountClientsOf(ctx, alice.ID)
		if all != 4 || private != 3 || err != nil {
			t.Errorf("got %d and %d (%v), want 4 apps, 3 of them not for everybody", all, private, err)
		}
	})
}
