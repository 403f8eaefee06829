package storetest

import (
	"context"
	"fmt"
	"reflect"
	"testing"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
)

// TestCollaboratorsOfManyThingsAreThoseOfEach: also where there are more of
// them than one statement asks for, and nobody of another kind of thing.
func TestCollaboratorsOfManyThingsAreThoseOfEach(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice, bobby := User(t, s, "alice"), User(t, s, "bobby")
		var things []domain.Thing
		for i := range 520 {
			owner, other := alice, bobby
			if i%3 == 0 {
				owner, other = bobby, alice
			}
			thing := createComponent(t, s, owner, fmt.Sprintf("handler-%d", i)).Thing()
			if i%2 == 0 {
				share(t, s, owner, thing.Key(), other, domain.ComponentSettings)
			}
			things = append(things, thing)
		}
		noSeal := func(domain.AccessKeyID) []byte { return nil }
		if _, err := s.CreateApplication(ctx, callerOf(bobby), domain.Application{Name: "of-another-kind", Owner: bobby.ID.Owner()},
			domain.NewAccessKey{Name: domain.DefaultAccessKey, Rights: domain.DefaultAccessRights(), Hash: secret.New("key").Hash(), Seal: noSeal}); err != nil {
			t.Fatal(err)
		}
		got, err := s.CollaboratorsIn(ctx, domain.NounComponent, things)
		if err != nil || len(got) != len(things) {
			t.Fatalf("got those of %d components, %v; want %d", len(got), err, len(things))
		}
		for _, thing := range things {
			want, err := s.Collaborators(ctx, thing)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got[thing.ID], want) || !want[0].Owner {
				t.Errorf("component %d: got %+v, want %+v", thing.ID, got[thing.ID], want)
			}
		}
	})
}
