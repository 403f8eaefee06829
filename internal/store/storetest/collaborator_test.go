package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/store"
)

func anySharing(domain.Sharing) error { return nil }

// whoShares lets pass what is asked by somebody who holds the right to share
// in the transaction, or who leaves.
func whoShares(by domain.User) store.MaySet {
	return func(now domain.Sharing) error {
		leaves := now.After == 0 && now.User == by.ID
		if leaves || by.ID.Owner() == now.Thing.Owner || now.Thing.Given.Has(domain.ShareRight(now.Thing.Noun)) {
			return nil
		}
		return errNotHis
	}
}

var errNotHis = errors.New("he may not share it")

func share(t testing.TB, s *store.Store, by domain.User, thing domain.ThingKey, with domain.User, rights ...domain.Right) {
	t.Helper()
	if _, err := s.SetCollaborator(context.Background(), callerOf(by), thing, with.Name, domain.SetOf(rights...), whoShares(by)); err != nil {
		t.Fatalf("share %v with %s: %v", thing, with.Name, err)
	}
}

// worksOn returns who works on a thing, with the rights in words.
func worksOn(t testing.TB, s *store.Store, thing domain.Thing) []string {
	t.Helper()
	list, err := s.Collaborators(context.Background(), thing)
	if err != nil {
		t.Fatal(err)
	}
	words := []string{}
	for _, c := range list {
		word := c.Name + ": " + c.Rights.PrintRights()
		if c.Owner {
			word += " (owner)"
		}
		words = append(words, word)
	}
	return words
}

func createComponent(t testing.TB, s *store.Store, owner domain.User, name string) domain.Component {
	t.Helper()
	made, err := s.CreateComponent(context.Background(), callerOf(owner), domain.Component{Kind: domain.HandlerComponent, Name: name, Owner: owner.ID.Owner(), OwnerName: owner.Name})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

const allOfComponent = "component:settings component:delete component:collaborators"

func wantWorksOn(t testing.TB, s *store.Store, thing domain.Thing, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, worksOn(t, s, thing)); diff != "" {
		t.Errorf("collaborators of %v (-want +got)\n%s", thing.Key(), diff)
	}
}

func TestACollaboratorIsSetChangedAndRemoved(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice, bob, carol := User(t, s, "alice"), User(t, s, "bobby"), User(t, s, "carol")
		thing := createSensor(t, s, alice, sensorOf(alice, "greenhouse")).Thing()
		has := func(want ...domain.Right) {
			t.Helper()
			got, err := s.GivenRights(ctx, thing.Key(), bob.ID)
			if err != nil || got != domain.SetOf(want...) {
				t.Errorf("got %q (%v), want %q", got.PrintRights(), err, domain.SetOf(want...).PrintRights())
			}
		}
		has()
		share(t, s, alice, thing.Key(), bob, domain.ReadingsRead)
		has(domain.ReadingsRead)
		share(t, s, alice, thing.Key(), carol, domain.SensorRead)
		share(t, s, alice, thing.Key(), bob, domain.ReadingsWrite)
		has(domain.ReadingsWrite)
		wantWorksOn(t, s, thing, "alice: read write delete share readings.read readings.write (owner)", "bobby: read readings.write", "carol: read")
		for _, name := range []string{"nobody", "", "bobby@example.org", "a\x00b", "\xff"} {
			_, err := s.SetCollaborator(ctx, callerOf(alice), thing.Key(), name, domain.SetOf(domain.SensorRead), anySharing)
			wantCode(t, err, domain.NotFound, "user_not_found")
			wantCode(t, s.RemoveCollaborator(ctx, callerOf(alice), thing.Key(), name, anySharing), domain.NotFound, "collaborator_not_found")
		}
		refused := func(domain.Sharing) error { return errNotHis }
		if err := s.RemoveCollaborator(ctx, callerOf(alice), thing.Key(), "bobby", refused); !errors.Is(err, errNotHis) {
			t.Errorf("got %v, want what was not allowed", err)
		}
		has(domain.ReadingsWrite)
		if err := s.RemoveCollaborator(ctx, callerOf(alice), thing.Key(), "bobby", anySharing); err != nil {
			t.Fatal(err)
		}
		has()
		wantCode(t, s.RemoveCollaborator(ctx, callerOf(alice), thing.Key(), "bobby", anySharing), domain.NotFound, "collaborator_not_found")
		wantCode(t, s.RemoveCollaborator(ctx, callerOf(alice), domain.ThingKey{Noun: domain.NounSensor, ID: 4711}, "bobby", anySharing), domain.NotFound, "sensor_not_found")
	})
}

func TestSharingIsAskedAboutAsItStands(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice, bob, carol := User(t, s, "alice"), User(t, s, "bobby"), User(t, s, "carol")
		thing := createSensor(t, s, alice, sensorOf(alice, "greenhouse")).Thing()
		share(t, s, alice, thing.Key(), bob, domain.SensorShare)
		share(t, s, alice, thing.Key(), carol, domain.ReadingsRead)
		var asked domain.Sharing
		_, err := s.SetCollaborator(ctx, callerOf(bob), thing.Key(), "carol", domain.SetOf(domain.ReadingsWrite), func(now domain.Sharing) error {
			asked = now
			return errNotHis
		})
		thing.Given = domain.SetOf(domain.SensorShare)
		want := domain.Sharing{Thing: thing, User: carol.ID, Before: domain.SetOf(domain.ReadingsRead), After: domain.SetOf(domain.ReadingsWrite)}
		if diff := cmp.Diff(want, asked); diff != "" || !errors.Is(err, errNotHis) {
			t.Errorf("%v (-want +got)\n%s", err, diff)
		}
	})
}

func TestTheOwnerKeepsHisRights(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice, bob := User(t, s, "alice"), User(t, s, "bobby")
		sensor := createSensor(t, s, alice, sensorOf(alice, "greenhouse")).Thing()
		component := createComponent(t, s, alice, "handler").Thing()
		for _, thing := range []domain.Thing{sensor, component} {
			share(t, s, alice, thing.Key(), bob, domain.ShareRight(thing.Noun))
			_, err := s.SetCollaborator(ctx, callerOf(bob), thing.Key(), "alice", domain.SetOf(domain.SeeRight(thing.Noun)), anySharing)
			wantCode(t, err, domain.Conflict, "owner_keeps_rights")
			if same, err := s.SetCollaborator(ctx, callerOf(bob), thing.Key(), "alice", domain.AllRights(thing.Noun), anySharing); err != nil || !same.Owner {
				t.Errorf("got %+v, %v, want the owner as he is", same, err)
			}
			wantCode(t, s.RemoveCollaborator(ctx, callerOf(bob), thing.Key(), "alice", anySharing), domain.Conflict, "owner_stays")
		}
		wantCode(t, s.RemoveCollaborator(ctx, callerOf(alice), sensor.Key(), "alice", anySharing), domain.Conflict, "owner_stays")
		wantWorksOn(t, s, component, "alice: "+allOfComponent+" (owner)", "bobby: component:collaborators")
	})
}

func TestWhoLeavesHandsOverToTheOneLongestThereWithAllRights(t *testing.T) {
	t.Parallel()
	EachWithClock(t, func(t *testing.T, s *store.Store, clock *Clock) {
		ctx := context.Background()
		alice, bob, carol, dave, erin := User(t, s, "alice"), User(t, s, "bobby"), User(t, s, "carol"), User(t, s, "dave"), User(t, s, "erin")
		component := createComponent(t, s, alice, "handler")
		key, all := component.Thing().Key(), domain.RightsOn(domain.NounComponent)
		leave := func(user domain.User) error {
			return s.RemoveCollaborator(ctx, callerOf(user), key, user.Name, whoShares(user))
		}
		share(t, s, alice, key, bob, domain.ComponentCollaborators, domain.ComponentSettings)
		wantCode(t, leave(alice), domain.Conflict, "last_collaborator")
		for _, next := range []domain.User{erin, carol, dave} {
			clock.Advance(time.Minute)
			share(t, s, alice, key, next, all...)
		}
		if err := s.SuspendUser(ctx, erin.ID, domain.AuditEvent{Act: "user.suspend"}); err != nil {
			t.Fatal(err)
		}
		if err := leave(alice); err != nil {
			t.Fatal(err)
		}
		now, err := s.Component(ctx, "handler")
		if err != nil || now.Owner != carol.ID.Owner() || now.OwnerName != "carol" {
			t.Errorf("got the owner %s (%v), want carol", now.OwnerName, err)
		}
		wantWorksOn(t, s, now.Thing(), "carol: "+allOfComponent+" (owner)", "bobby: component:settings component:collaborators", "erin: "+allOfComponent, "dave: "+allOfComponent)
		if given, err := s.GivenRights(ctx, key, alice.ID); given != 0 || err != nil {
			t.Errorf("got %q (%v), want nothing left", given.PrintRights(), err)
		}
	})
}

func TestTwoWhoRemoveEachOtherLeaveOne(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice, bob, carol := User(t, s, "alice"), User(t, s, "bobby"), User(t, s, "carol")
		for round := range 10 {
			component := createComponent(t, s, alice, fmt.Sprintf("handler%d", round))
			key := component.Thing().Key()
			share(t, s, alice, key, bob, domain.RightsOn(domain.NounComponent)...)
			share(t, s, alice, key, carol, domain.RightsOn(domain.NounComponent)...)
			var group sync.WaitGroup
			var removed atomic.Int64
			for range 10 {
				for _, pair := range [][2]domain.User{{bob, carol}, {carol, bob}} {
					group.Go(func() {
						if err := s.RemoveCollaborator(ctx, callerOf(pair[0]), key, pair[1].Name, whoShares(pair[0])); err == nil {
							removed.Add(1)
						}
					})
				}
			}
			group.Wait()
			if got := len(worksOn(t, s, component.Thing())); removed.Load() != 1 || got != 2 {
				t.Errorf("%d were removed and %d are left, want 1 and 2", removed.Load(), got)
			}
		}
	})
}

func TestAThingWhoseOwnersLeaveAtOnceKeepsOne(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		var people []domain.User
		for i := range 20 {
			people = append(people, User(t, s, fmt.Sprintf("person%02d", i)))
		}
		component := createComponent(t, s, people[0], "handler")
		key := component.Thing().Key()
		for _, other := range people[1:] {
			share(t, s, people[0], key, other, domain.RightsOn(domain.NounComponent)...)
		}
		var group sync.WaitGroup
		var last atomic.Int64
		for _, user := range people {
			group.Go(func() {
				err := s.RemoveCollaborator(ctx, callerOf(user), key, user.Name, whoShares(user))
				if domain.CodeOf(err) == "last_collaborator" {
					last.Add(1)
				} else if err != nil {
					t.Errorf("%s leaves: %v", user.Name, err)
				}
			})
		}
		group.Wait()
		now, err := s.Component(ctx, "handler")
		if err != nil {
			t.Fatal(err)
		}
		wantWorksOn(t, s, now.Thing(), now.OwnerName+": "+allOfComponent+" (owner)")
		if last.Load() != 1 {
			t.Errorf("%d were told that they are the last, want 1", last.Load())
		}
	})
}

func TestAThingHasRoomForSoManyCollaborators(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice := User(t, s, "alice")
		thing := createSensor(t, s, alice, sensorOf(alice, "greenhouse")).Thing()
		for i := range domain.MaxCollaborators - 1 {
			share(t, s, alice, thing.Key(), User(t, s, fmt.Sprintf("person%03d", i)), domain.SensorRead)
		}
		var added, refused atomic.Int64
		var group sync.WaitGroup
		for i := range 20 {
			user := User(t, s, fmt.Sprintf("late%02d", i))
			group.Go(func() {
				switch _, err := s.SetCollaborator(ctx, callerOf(alice), thing.Key(), user.Name, domain.SetOf(domain.SensorRead), anySharing); {
				case err == nil:
					added.Add(1)
				case domain.CodeOf(err) == "too_many_collaborators":
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		group.Wait()
		if added.Load() != 1 || refused.Load() != 19 {
			t.Errorf("%d were added and %d refused, want 1 and 19", added.Load(), refused.Load())
		}
	})
}

func TestASuspendedUserIsNotAddedButCanBeRemoved(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice, bob, carol := User(t, s, "alice"), User(t, s, "bobby"), User(t, s, "carol")
		key := createSensor(t, s, alice, sensorOf(alice, "greenhouse")).Thing().Key()
		share(t, s, alice, key, bob, domain.SensorRead)
		for _, user := range []domain.User{bob, carol} {
			if err := s.SuspendUser(ctx, user.ID, domain.AuditEvent{Act: "user.suspend"}); err != nil {
				t.Fatal(err)
			}
		}
		_, err := s.SetCollaborator(ctx, callerOf(alice), key, "carol", domain.SetOf(domain.SensorRead), anySharing)
		wantCode(t, err, domain.NotFound, "user_not_found")
		share(t, s, alice, key, bob, domain.ReadingsRead)
		if err := s.RemoveCollaborator(ctx, callerOf(alice), key, "bobby", anySharing); err != nil {
			t.Error(err)
		}
	})
}

func TestNothingIsSharedAnyMoreWhenTheThingIsGone(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice, bob := User(t, s, "alice"), User(t, s, "bobby")
		sensor := createSensor(t, s, alice, sensorOf(alice, "greenhouse"))
		device, err := s.CreateDevice(ctx, callerOf(alice), domain.Device{Owner: alice.ID.Owner(), OwnerName: "alice", Name: "Clock", State: domain.DeviceNew, SerialNumber: "SA14"},
			func(domain.DeviceID, int64) []byte { return nil })
		if err != nil {
			t.Fatal(err)
		}
		component := createComponent(t, s, alice, "handler")
		for _, thing := range []domain.Thing{sensor.Thing(), device.Thing(), component.Thing()} {
			share(t, s, alice, thing.Key(), bob, domain.ShareRight(thing.Noun))
		}
		err = errors.Join(s.DeleteSensor(ctx, callerOf(alice), sensor.ID, anySensor),
			s.DeleteDevice(ctx, callerOf(alice), device.ID, func(domain.Device) error { return nil }),
			s.DeleteComponent(ctx, callerOf(alice), component.ID, func(domain.Component) error { return nil }))
		if err != nil {
			t.Fatal(err)
		}
		for _, thing := range []domain.Thing{sensor.Thing(), device.Thing()} {
			if given, err := s.GivenRights(ctx, thing.Key(), bob.ID); given != 0 || err != nil {
				t.Errorf("%s: got %q (%v), want nothing", thing.Noun, given.PrintRights(), err)
			}
		}
		_, err = s.SetCollaborator(ctx, callerOf(alice), component.Thing().Key(), "bobby", domain.SetOf(domain.ComponentSettings), anySharing)
		wantCode(t, err, domain.NotFound, "component_not_found")
		if _, err := s.RestoreComponent(ctx, callerOf(alice), "handler", func(domain.Component) error { return nil }); err != nil {
			t.Fatal(err)
		}
		wantWorksOn(t, s, component.Thing(), "alice: "+allOfComponent+" (owner)", "bobby: component:collaborators")
	})
}

func TestSharingIsInTheActivityOfTheOwnerAndOfWhomItIsAbout(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice, bob, carol := User(t, s, "alice"), User(t, s, "bobby"), User(t, s, "carol")
		key := createSensor(t, s, alice, sensorOf(alice, "greenhouse")).Thing().Key()
		share(t, s, alice, key, bob, domain.SensorShare)
		share(t, s, bob, key, carol, domain.SensorRead)
		if err := s.RemoveCollaborator(ctx, callerOf(carol), key, "carol", whoShares(carol)); err != nil {
			t.Fatal(err)
		}
		want := map[domain.UserID][]string{
			alice.ID: {"carol collaborator.remove sensor alice.greenhouse for carol", "bobby collaborator.add sensor alice.greenhouse for carol: read", "alice collaborator.add sensor alice.greenhouse for bobby: read share"},
			bob.ID:   {"alice collaborator.add sensor alice.greenhouse for bobby: read share"},
			carol.ID: {"carol collaborator.remove sensor alice.greenhouse for carol", "bobby collaborator.add sensor alice.greenhouse for carol: read"},
		}
		for user, events := range want {
			audit, err := s.AuditOf(ctx, user, domain.Page{Limit: len(events)})
			if err != nil {
				t.Fatal(err)
			}
			got := []string{}
			for _, event := range audit.Items {
				got = append(got, event.ActorName+" "+event.Act+" "+event.Thing)
			}
			if diff := cmp.Diff(events, got); diff != "" {
				t.Errorf("activity (-want +got)\n%s", diff)
			}
		}
	})
}
