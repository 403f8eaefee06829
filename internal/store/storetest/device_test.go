package storetest_test

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
	"github.com/thingward/thingward/internal/store/storetest"
)

// sealAs stands in for the server key: it writes down for which row it sealed.
func sealAs(text string) store.SealKey {
	return func(id domain.DeviceID, number int64) []byte { return fmt.Appendf(nil, "%s:%d:%d", text, id, number) }
}

func ownDevice(owner domain.User, serial string) domain.Device {
	return domain.Device{Owner: owner.ID.Owner(), OwnerName: owner.Name, Name: "Clock " + serial, State: domain.DeviceNew, SerialNumber: serial, IPv4: domain.NeverSeen}
}

func asSession(user domain.User) domain.Caller {
	return domain.Caller{User: user, Credential: domain.SessionCredential, Scopes: domain.EveryScope()}
}

func makeDevice(t *testing.T, s *store.Store, owner domain.User, serial string) domain.Device {
	t.Helper()
	made, err := s.CreateDevice(context.Background(), asSession(owner), ownDevice(owner, serial), sealAs("first"))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestADeviceIsKeptAsItWasMade(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		made := makeDevice(t, s, alice, "SA14")
		found, err := s.DeviceByID(ctx, made.ID)
		if diff := cmp.Diff(made, found); diff != "" || err != nil {
			t.Errorf("(-made +found) %v\n%s", err, diff)
		}
		if made.ID == 0 || made.KeyNumber != 1 || made.CreatedAt.IsZero() {
			t.Errorf("got %+v", made)
		}
		keys, err := s.SealedLANKeys(ctx, []domain.DeviceID{made.ID, made.ID + 99})
		want := []domain.SealedLANKey{{Device: made.ID, Number: 1, Sealed: fmt.Appendf(nil, "first:%d:1", made.ID)}}
		if diff := cmp.Diff(want, keys); diff != "" || err != nil {
			t.Errorf("LAN keys (-want +got) %v\n%s", err, diff)
		}
		if _, err := s.DeviceByID(ctx, made.ID+99); domain.CodeOf(err) != "device_not_found" {
			t.Errorf("got %v, want device_not_found", err)
		}
	})
}

func TestASerialNumberIsRegisteredOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice, bob := storetest.User(t, s, "alice"), storetest.User(t, s, "bobby")
		var made, refused atomic.Int64
		var group sync.WaitGroup
		for i := range 20 {
			group.Go(func() {
				owner := []domain.User{alice, bob}[i%2]
				switch _, err := s.CreateDevice(ctx, asSession(owner), ownDevice(owner, "SA14"), sealAs("x")); {
				case err == nil:
					made.Add(1)
				case domain.IsKind(err, domain.Conflict) && domain.CodeOf(err) == "serial_number_taken":
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

func TestDevicesAreListedByOwnerAndAmongThings(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice, bob := storetest.User(t, s, "alice"), storetest.User(t, s, "bobby")
		var ids []domain.DeviceID
		for i := range 3 {
			ids = append(ids, makeDevice(t, s, alice, fmt.Sprintf("SA0%d-", i)).ID)
		}
		foreign := makeDevice(t, s, bob, "SB01").ID
		list := func(only []domain.DeviceID, page domain.Page) (got []domain.DeviceID, next string, total int) {
			t.Helper()
			listed, err := s.Devices(ctx, alice.ID, only, page)
			if err != nil {
				t.Fatal(err)
			}
			for _, device := range listed.Items {
				got = append(got, device.ID)
			}
			return got, listed.Next, listed.Total
		}
		first, next, total := list(nil, domain.Page{Limit: 2})
		rest, end, _ := list(nil, domain.Page{Limit: 2, Cursor: next})
		if diff := cmp.Diff([][]domain.DeviceID{ids[:2], ids[2:]}, [][]domain.DeviceID{first, rest}); diff != "" || end != "" || total != 3 {
			t.Errorf("pages of %d, then %q (-want +got)\n%s", total, end, diff)
		}
		only := []domain.DeviceID{ids[2], foreign, 9999, ids[0], ids[0]}
		among, next, total := list(only, domain.Page{Limit: 1})
		after, _, _ := list(only, domain.Page{Limit: 1, Cursor: next})
		if diff := cmp.Diff([]domain.DeviceID{ids[0], ids[2]}, append(among, after...)); diff != "" || total != 2 {
			t.Errorf("among things, %d in total (-want +got)\n%s", total, diff)
		}
		if none, _, total := list([]domain.DeviceID{}, domain.Page{}); len(none) != 0 || total != 0 {
			t.Errorf("among no things: got %v of %d", none, total)
		}
		if n, err := s.CountDevices(ctx, bob.ID); n != 1 || err != nil {
			t.Errorf("got %d devices of bobby (%v), want 1", n, err)
		}
	})
}

func TestEditsOfADeviceBuildUponEachOther(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		made := makeDevice(t, s, alice, "SA14")
		clock.Advance(time.Minute)
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				_, err := s.UpdateDevice(ctx, asSession(alice), made.ID, func(d *domain.Device) error {
					d.Model += "x"
					d.ID, d.Owner, d.SerialNumber, d.KeyNumber = 7, 7, "SA99", 7
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		got, err := s.DeviceByID(ctx, made.ID)
		want := made
		want.Model, want.UpdatedAt = "xxxxxxxxxxxxxxxxxxxx", clock.Now()
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("(-want +got) %v\n%s", err, diff)
		}
		refused := errors.New("no")
		_, err = s.UpdateDevice(ctx, asSession(alice), made.ID, func(d *domain.Device) error { d.Name = "no"; return refused })
		if after, _ := s.DeviceByID(ctx, made.ID); !errors.Is(err, refused) || after.Name != made.Name {
			t.Errorf("got %v and the name %q", err, after.Name)
		}
		if _, err := s.UpdateDevice(ctx, asSession(alice), 99, func(*domain.Device) error { return nil }); domain.CodeOf(err) != "device_not_found" {
			t.Errorf("got %v, want device_not_found", err)
		}
	})
}

func TestRotatedLANKeysAreCounted(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		made := makeDevice(t, s, alice, "SA14")
		yes := func(domain.Device) error { return nil }
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				if _, err := s.RotateLANKey(ctx, asSession(alice), made.ID, yes, sealAs("next")); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		refused := errors.New("no")
		_, err := s.RotateLANKey(ctx, asSession(alice), made.ID, func(domain.Device) error { return refused }, sealAs("never"))
		if !errors.Is(err, refused) {
			t.Errorf("got %v, want the refusal", err)
		}
		keys, err := s.SealedLANKeys(ctx, []domain.DeviceID{made.ID})
		if err != nil || len(keys) != 1 || keys[0].Number != 21 || string(keys[0].Sealed) != fmt.Sprintf("next:%d:21", made.ID) {
			t.Errorf("got %+v (%v), want number 21 sealed as such", keys, err)
		}
		none := func(domain.DeviceID, int64) []byte { return nil }
		if _, err := s.RotateLANKey(ctx, asSession(alice), made.ID, yes, none); err != nil {
			t.Fatal(err)
		}
		if keys, err := s.SealedLANKeys(ctx, []domain.DeviceID{made.ID}); err != nil || len(keys[0].Sealed) != 0 {
			t.Errorf("got %+v (%v), want nothing kept", keys, err)
		}
		if newest, err := s.NewestLANKeys(ctx, 5); err != nil || len(newest) != 0 {
			t.Errorf("got %+v (%v), want none", newest, err)
		}
	})
}

func TestADeletedDeviceLeavesItsSerialNumberFree(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice, bob := storetest.User(t, s, "alice"), storetest.User(t, s, "bobby")
		made := makeDevice(t, s, alice, "SA14")
		refused := errors.New("no")
		if err := s.DeleteDevice(ctx, asSession(bob), made.ID, func(domain.Device) error { return refused }); !errors.Is(err, refused) {
			t.Fatalf("got %v, want the refusal", err)
		}
		yes := func(domain.Device) error { return nil }
		if err := s.DeleteDevice(ctx, asSession(alice), made.ID, yes); err != nil {
			t.Fatal(err)
		}
		if err := s.DeleteDevice(ctx, asSession(alice), made.ID, yes); domain.CodeOf(err) != "device_not_found" {
			t.Errorf("got %v, want device_not_found", err)
		}
		if again := makeDevice(t, s, bob, "SA14"); again.ID <= made.ID {
			t.Errorf("got the id %d after %d: ids are never given out twice", again.ID, made.ID)
		}
	})
}

func TestActsOnDevicesAreAudited(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice, admin := storetest.User(t, s, "alice"), storetest.Admin(t, s, "root-admin")
		made := makeDevice(t, s, alice, "SA14")
		if err := s.LANKeysShown(ctx, asSession(admin), []domain.Device{made}); err != nil {
			t.Fatal(err)
		}
		if err := s.DeleteDevice(ctx, asSession(alice), made.ID, func(domain.Device) error { return nil }); err != nil {
			t.Fatal(err)
		}
		audit, err := s.AuditOf(ctx, alice.ID, domain.Page{Limit: 3})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, event := range audit.Items {
			got = append(got, event.ActorName+" "+event.Act+" "+event.Thing)
		}
		thing := fmt.Sprintf(" device %d", made.ID)
		want := []string{"alice device.delete" + thing, "root-admin device.view" + thing, "alice device.create" + thing}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}
