package storetest_test

import (
	"context"
	"fmt"
	"reflect"
	"testing"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

// TestCollaboratorsOfManyThingsAreThoseOfEach: also where there are more of
// them than one statement asks for, and nobody of another kind of thing.
func TestCollaboratorsOfManyThingsAreThoseOfEach(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice, bobby := storetest.User(t, s, "alice"), storetest.User(t, s, "bobby")
		var things []domain.Thing
		for i := range 520 {
			owner, other := alice, bobby
			if i%3 == 0 {
				owner, other = bobby, alice
			}
			thing := makeApplication(t, s, owner, fmt.Sprintf("app-%d", i)).Thing()
			if i%2 == 0 {
				share(t, s, owner, thing.Key(), other, domain.ApplicationDevices)
			}
			things = append(things, thing)
		}
		createComponent(t, s, bobby, "of-another-kind")
		got, err := s.CollaboratorsIn(ctx, domain.NounApplication, things)
		if err != nil || len(got) != len(things) {
			t.Fatalf("got those of %d applications, %v; want %d", len(got), err, len(things))
		}
		for _, thing := range things {
			want, err := s.Collaborators(ctx, thing)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got[thing.ID], want) || !want[0].Owner {
				t.Errorf("application %d: got %+v, want %+v", thing.ID, got[thing.ID], want)
			}
		}
	})
}
