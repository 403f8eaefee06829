package storetest

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/store"
)

func TestSharedSensorsAreListed(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		w := build(t, s)
		share(t, s, w.alice, w.cellar.Thing().Key(), w.bob, domain.SensorWrite)
		share(t, s, w.alice, w.summit.Thing().Key(), w.bob, domain.ReadingsRead)
		bob := w.bob.ID
		wantListed(t, s, domain.SensorFilter{VisibleTo: bob}, "harbour", "cellar", "summit", "field")
		wantListed(t, s, domain.SensorFilter{VisibleTo: bob, Given: domain.SensorRead}, "harbour", "cellar", "summit", "field")
		wantListed(t, s, domain.SensorFilter{VisibleTo: bob, Given: domain.ReadingsRead}, "harbour", "summit", "field")
		wantListed(t, s, domain.SensorFilter{VisibleTo: bob, OnlyThings: []domain.SensorID{w.cellar.ID}}, "harbour", "cellar", "summit")
		wantListed(t, s, domain.SensorFilter{VisibleTo: bob, OnlyThings: []domain.SensorID{w.field.ID}}, "harbour", "summit", "field")
		wantListed(t, s, domain.SensorFilter{VisibleTo: bob, Relation: domain.Contributed}, "field")
		wantListed(t, s, domain.SensorFilter{VisibleTo: bob, Relation: domain.Shared}, "cellar", "summit")
		wantListed(t, s, domain.SensorFilter{VisibleTo: bob, Relation: domain.Workable}, "cellar", "summit", "field")
		wantListed(t, s, domain.SensorFilter{VisibleTo: w.alice.ID, Relation: domain.Shared})
		wantListed(t, s, domain.SensorFilter{Relation: domain.Workable})
		sensors, err := s.Sensors(context.Background(), domain.SensorFilter{VisibleTo: bob})
		if err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, sensor := range sensors {
			got = append(got, sensor.Given.PrintRights())
		}
		if diff := cmp.Diff([]string{"", "read write", "read readings.read", ""}, got); diff != "" {
			t.Errorf("rights on what is listed (-want +got)\n%s", diff)
		}
	})
}

func TestWhoIsRemovedLosesWhatHeSubscribedTo(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		w := build(t, s)
		for _, sensor := range []domain.Sensor{w.cellar, w.summit} {
			share(t, s, w.alice, sensor.Thing().Key(), w.bob, domain.SensorRead)
			if err := s.Subscribe(ctx, w.bob.ID, sensor.ID, anySensor); err != nil {
				t.Fatal(err)
			}
		}
		for _, sensor := range []domain.Sensor{w.cellar, w.summit} {
			if err := s.RemoveCollaborator(ctx, callerOf(w.alice), sensor.Thing().Key(), "bobby", anySharing); err != nil {
				t.Fatal(err)
			}
		}
		wantListed(t, s, domain.SensorFilter{VisibleTo: w.bob.ID, Relation: domain.Subscribed}, "summit") // it is public
		subscribers, err := s.Subscribers(ctx, w.cellar.ID, w.summit.ID)
		if err != nil || len(subscribers[w.cellar.ID]) != 0 || len(subscribers[w.summit.ID]) != 1 {
			t.Errorf("got %v (%v)", subscribers, err)
		}
	})
}

func TestSharedDevicesAreListedAmongOnesOwn(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice, bob := User(t, s, "alice"), User(t, s, "bobby")
		var all []domain.Device
		for i, owner := range []domain.User{bob, alice, bob, alice, alice, bob} {
			device := domain.Device{Owner: owner.ID.Owner(), OwnerName: owner.Name, Name: "Clock", State: domain.DeviceNew, SerialNumber: fmt.Sprintf("SA%d", i)}
			made, err := s.CreateDevice(ctx, callerOf(owner), device, func(domain.DeviceID, int64) []byte { return nil })
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, made)
		}
		share(t, s, alice, all[1].Thing().Key(), bob, domain.DeviceRead)
		share(t, s, alice, all[4].Thing().Key(), bob, domain.DeviceWrite)
		all[1].Given, all[4].Given = domain.SetOf(domain.DeviceRead), domain.SetOf(domain.DeviceWrite)
		want := []domain.Device{all[0], all[1], all[2], all[4], all[5]}
		var got []domain.Device
		for page := (domain.Page{Limit: 2}); ; {
			listed, err := s.Devices(ctx, bob.ID, nil, page)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, listed.Items...)
			if listed.Total != 5 || len(listed.Items) > 2 {
				t.Errorf("got %d of %d on a page", len(listed.Items), listed.Total)
			}
			if page.Cursor = listed.Next; page.Cursor == "" {
				break
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("page by page (-want +got)\n%s", diff)
		}
		among, err := s.Devices(ctx, bob.ID, []domain.DeviceID{all[3].ID, all[4].ID}, domain.Page{})
		if diff := cmp.Diff([]domain.Device{all[4]}, among.Items); diff != "" || err != nil || among.Total != 1 {
			t.Errorf("among things, %d (%v)\n%s", among.Total, err, diff)
		}
		if n, err := s.CountDevices(ctx, bob.ID); n != 5 || err != nil {
			t.Errorf("got %d (%v), want 5", n, err)
		}
	})
}
