package storetest_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

func ownComponent(owner domain.User, kind domain.ComponentKind, name string) domain.Component {
	return domain.Component{Kind: kind, Name: name, Owner: owner.ID.Owner(), OwnerName: owner.Name}
}

func TestAComponentLivesAndIsRestored(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		made, err := s.CreateComponent(ctx, asSession(alice), ownComponent(alice, domain.HandlerComponent, "my-handler"))
		if err != nil {
			t.Fatal(err)
		}
		want := made
		want.Given = 0
		if found, err := s.Component(ctx, "my-handler"); err != nil || cmp.Diff(want, found) != "" {
			t.Errorf("(-made +found) %v\n%s", err, cmp.Diff(want, found))
		}
		if listed, err := s.Components(ctx, domain.NetworkFilter[domain.ComponentID]{User: alice.ID}, domain.Page{}); err != nil || len(listed.Items) != 1 || cmp.Diff(made, listed.Items[0]) != "" {
			t.Errorf("listed %+v (%v)", listed, err)
		}
		yes := func(domain.Component) error { return nil }
		refused := errors.New("no")
		if err := s.DeleteComponent(ctx, asSession(alice), made.ID, func(domain.Component) error { return refused }); !errors.Is(err, refused) {
			t.Fatalf("got %v, want the refusal", err)
		}
		if err := s.DeleteComponent(ctx, asSession(alice), made.ID, yes); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Component(ctx, "my-handler"); domain.CodeOf(err) != "component_not_found" {
			t.Errorf("deleted: got %v, want component_not_found", err)
		}
		if deleted, err := s.Components(ctx, domain.NetworkFilter[domain.ComponentID]{User: alice.ID, Which: domain.OnlyDeleted}, domain.Page{}); err != nil || len(deleted.Items) != 1 {
			t.Errorf("deleted: %+v (%v)", deleted, err)
		}
		if restored, err := s.RestoreComponent(ctx, asSession(alice), "my-handler", yes); err != nil || restored.ID != made.ID {
			t.Errorf("got %+v (%v)", restored, err)
		}
		if err := s.DeleteComponent(ctx, asSession(alice), made.ID, yes); err != nil {
			t.Fatal(err)
		}
		clock.Advance(domain.RestoreWithin)
		if n, err := s.SweepComponents(ctx, clock.Now()); n != 1 || err != nil {
			t.Errorf("swept %d (%v), want 1", n, err)
		}
		if _, err := s.RestoreComponent(ctx, asSession(alice), "my-handler", yes); domain.CodeOf(err) != "component_not_found" {
			t.Errorf("purged: got %v, want component_not_found", err)
		}
	})
}

func TestAComponentIDIsGivenOutOnceWhateverTheKind(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice, bob := storetest.User(t, s, "alice"), storetest.User(t, s, "bobby")
		var made, refused atomic.Int64
		var group sync.WaitGroup
		for i := range 20 {
			group.Go(func() {
				owner, kind := []domain.User{alice, bob}[i%2], domain.ComponentKinds()[i%3]
				switch _, err := s.CreateComponent(ctx, asSession(owner), ownComponent(owner, kind, "ttn-core")); {
				case err == nil:
					made.Add(1)
				case domain.CodeOf(err) == "component_id_taken" && domain.IsKind(err, domain.Conflict):
					refused.Add(1)
				default:
					t.Errorf("got %v", err)
				}
			})
		}
		group.Wait()
		if made.Load() != 1 || refused.Load() != 19 {
			t.Errorf("got %d made and %d refused, want 1 and 19", made.Load(), refused.Load())
		}
	})
}
