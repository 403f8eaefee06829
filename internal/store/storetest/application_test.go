package storetest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

var fine domain.MayApplication = func(domain.Application) error { return nil }

// accessKey is a new access key with a text of its own.
func accessKey(name, text string, rights ...domain.Right) domain.NewAccessKey {
	seal := func(id domain.AccessKeyID) []byte { return fmt.Appendf(nil, "%s:%d", text, id) }
	return domain.NewAccessKey{Name: name, Rights: domain.SetOf(rights...), Hash: secret.New(text).Hash(), Seal: seal}
}

func ownApplication(owner domain.User, name string) domain.Application {
	return domain.Application{Name: name, Owner: owner.ID.Owner(), OwnerName: owner.Name, Description: "of " + owner.Name}
}

func makeApplication(t testing.TB, s *store.Store, owner domain.User, name string) domain.Application {
	t.Helper()
	made, err := s.CreateApplication(context.Background(), asSession(owner), ownApplication(owner, name), accessKey(domain.DefaultAccessKey, "default of "+name, domain.MessagesUpRead))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestAnApplicationIsKeptAsItWasMade(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		made := makeApplication(t, s, alice, "apitest")
		for _, ref := range []string{"apitest", domain.ThingRef(int64(made.ID))} {
			found, err := s.Application(ctx, ref)
			if diff := cmp.Diff(made, found); diff != "" || err != nil {
				t.Errorf("%s (-made +found) %v\n%s", ref, err, diff)
			}
		}
		if want := []string{"70B3D57EF0000000"}; !slices.Equal(made.EUIs, want) || made.ID == 0 || made.CreatedAt.IsZero() {
			t.Errorf("got %+v, want the EUIs %v", made, want)
		}
		keys, err := s.AccessKeysOf(ctx, domain.NounApplication, []int64{int64(made.ID), 999})
		if err != nil || len(keys) != 1 || keys[0].Name != "default key" || !keys[0].Viewable || string(keys[0].Sealed) != fmt.Sprintf("default of apitest:%d", keys[0].ID) {
			t.Errorf("got %+v (%v), want the default key, sealed under its number", keys, err)
		}
		given, err := s.GivenRights(ctx, made.Thing().Key(), alice.ID)
		if err != nil || given != domain.CreatorRights(domain.NounApplication) {
			t.Errorf("got the rights %v (%v)", given.Names(), err)
		}
	})
}

func TestANameIsGivenToOneApplicationForEver(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		users := []domain.User{storetest.User(t, s, "alice"), storetest.User(t, s, "bobby")}
		var won, refused atomic.Int64
		var group sync.WaitGroup
		for i := range 20 {
			group.Go(func() {
				owner := users[i%2]
				_, err := s.CreateApplication(ctx, asSession(owner), ownApplication(owner, "apitest"), accessKey("default key", fmt.Sprint(i)))
				switch {
				case err == nil:
					won.Add(1)
				case domain.CodeOf(err) == "application_id_taken" && domain.IsKind(err, domain.Conflict):
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		group.Wait()
		if won.Load() != 1 || refused.Load() != 19 {
			t.Fatalf("got %d made and %d refused, want 1 and 19", won.Load(), refused.Load())
		}
		made, err := s.Application(ctx, "apitest")
		if err != nil {
			t.Fatal(err)
		}
		owner := users[0]
		if err := s.DeleteApplication(ctx, asSession(owner), made.ID, fine); err != nil {
			t.Fatal(err)
		}
		squat := func(when string) {
			t.Helper()
			_, err := s.CreateApplication(ctx, asSession(users[1]), ownApplication(users[1], "apitest"), accessKey("default key", when))
			if domain.CodeOf(err) != "application_id_taken" {
				t.Errorf("%s: got %v, want application_id_taken", when, err)
			}
		}
		squat("when it was deleted")
		clock.Advance(domain.RestoreWithin + time.Hour)
		if n, err := s.SweepApplications(ctx, clock.Now()); n != 1 || err != nil {
			t.Fatalf("purged %d (%v), want 1", n, err)
		}
		squat("when it was purged")
	})
}

func TestEUIsAreAssignedOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		first, second := makeApplication(t, s, alice, "first"), makeApplication(t, s, alice, "second")
		if _, err := s.AddApplicationEUI(ctx, asSession(alice), second.ID, "70B3D57EF0000003", fine); err != nil {
			t.Fatal(err) // which will be assigned soon
		}
		var mu sync.Mutex
		seen := map[string]bool{first.EUIs[0]: true, second.EUIs[0]: true}
		var group sync.WaitGroup
		for i := range 20 {
			group.Go(func() {
				eui, err := s.AddApplicationEUI(ctx, asSession(alice), []domain.ApplicationID{first.ID, second.ID}[i%2], "", fine)
				mu.Lock()
				defer mu.Unlock()
				if err != nil || seen[eui] {
					t.Errorf("got %q (%v), want a fresh one", eui, err)
				}
				seen[eui] = true
			})
		}
		group.Wait()
		if a, err := s.WholeApplication(ctx, second.ID); err != nil || len(a.EUIs) != 12 || !slices.IsSorted(a.EUIs) {
			t.Errorf("got %v (%v), want 12 of them in order", a.EUIs, err)
		}
	})
}

func TestAnApplicationKeepsAnEUI(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		made := makeApplication(t, s, alice, "apitest")
		by := asSession(alice)
		for range 2 {
			if eui, err := s.AddApplicationEUI(ctx, by, made.ID, "0102030405060708", fine); eui != "0102030405060708" || err != nil {
				t.Fatalf("got %q (%v)", eui, err)
			}
		}
		var removed, kept atomic.Int64
		var group sync.WaitGroup
		for _, eui := range append(slices.Clone(made.EUIs), "0102030405060708") {
			group.Go(func() {
				switch err := s.RemoveApplicationEUI(ctx, by, made.ID, eui, fine); {
				case err == nil:
					removed.Add(1)
				case domain.CodeOf(err) == "last_eui":
					kept.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		group.Wait()
		if removed.Load() != 1 || kept.Load() != 1 {
			t.Errorf("got %d removed and %d kept of two at once", removed.Load(), kept.Load())
		}
		if err := s.RemoveApplicationEUI(ctx, by, made.ID, "FFFFFFFFFFFFFFFF", fine); domain.CodeOf(err) != "eui_not_found" {
			t.Errorf("got %v, want eui_not_found", err)
		}
	})
}

func TestEditsOfAnApplicationBuildUponEachOther(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		made := makeApplication(t, s, alice, "apitest")
		clock.Advance(time.Minute)
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				_, err := s.UpdateApplication(ctx, asSession(alice), made.ID, func(a *domain.Application) error {
					a.Description += "x"
					a.Payload.Decoder += "y"
					a.ID, a.Name, a.Owner, a.EndDevices, a.CreatedAt, a.RegisteredAt = 7, "mine", 7, 7, time.Time{}, clock.Now()
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		want := made
		want.Description, want.Payload.Decoder, want.ChangedAt = "of alicexxxxxxxxxxxxxxxxxxxx", "yyyyyyyyyyyyyyyyyyyy", clock.Now()
		got, err := s.WholeApplication(ctx, made.ID)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("(-want +got) %v\n%s", err, diff)
		}
		refused := errors.New("no")
		_, err = s.UpdateApplication(ctx, asSession(alice), made.ID, func(a *domain.Application) error { a.Description = "no"; return refused })
		if after, _ := s.Application(ctx, "apitest"); !errors.Is(err, refused) || after.Description != want.Description {
			t.Errorf("got %v and %q", err, after.Description)
		}
	})
}

func TestAJoinKeyIsAKeyOfTheApplication(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		by := asSession(alice)
		mine, other := makeApplication(t, s, alice, "mine"), makeApplication(t, s, alice, "other")
		set := func(id domain.AccessKeyID) error {
			_, err := s.UpdateApplication(ctx, by, mine.ID, func(a *domain.Application) error { a.JoinKey = id; return nil })
			return err
		}
		own, err := s.CreateAccessKey(ctx, by, mine.ID, accessKey("register-on-join", "1", domain.ApplicationDevices), fine)
		if err != nil {
			t.Fatal(err)
		}
		foreign, err := s.CreateAccessKey(ctx, by, other.ID, accessKey("register-on-join", "2", domain.ApplicationDevices), fine)
		if err != nil {
			t.Fatal(err)
		}
		if err := set(foreign.ID); domain.CodeOf(err) != "access_key_not_found" {
			t.Errorf("a key of another application: got %v", err)
		}
		if err := set(own.ID); err != nil {
			t.Fatal(err)
		}
		if a, err := s.Application(ctx, "mine"); err != nil || a.JoinKey != own.ID {
			t.Errorf("got the join key %d (%v), want %d", a.JoinKey, err, own.ID)
		}
		if err := s.DeleteAccessKey(ctx, by, mine.ID, "register-on-join", fine); err != nil {
			t.Fatal(err)
		}
		if a, err := s.Application(ctx, "mine"); err != nil || a.JoinKey != 0 {
			t.Errorf("got the join key %d (%v) after it was deleted", a.JoinKey, err)
		}
		if err := set(own.ID); domain.CodeOf(err) != "access_key_not_found" {
			t.Errorf("a deleted key: got %v", err)
		}
	})
}

func TestAnAccessKeyNameIsTakenOnceAndKeysAreBounded(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		made := makeApplication(t, s, alice, "apitest")
		var won, refused, full atomic.Int64
		var group sync.WaitGroup
		create := func(name, text string) {
			switch _, err := s.CreateAccessKey(ctx, asSession(alice), made.ID, accessKey(name, text, domain.MessagesUpRead), fine); domain.CodeOf(err) {
			case "access_key_name_taken":
				refused.Add(1)
			case "too_many_access_keys":
				full.Add(1)
			default:
				if err != nil {
					t.Error(err)
				}
				won.Add(1)
			}
		}
		for i := range 20 {
			group.Go(func() { create("one", fmt.Sprint("a", i)) })
		}
		group.Wait()
		if won.Load() != 1 || refused.Load() != 19 {
			t.Errorf("got %d made and %d refused, want 1 and 19", won.Load(), refused.Load())
		}
		for i := range 60 {
			group.Go(func() { create(fmt.Sprint("other ", i), fmt.Sprint("b", i)) })
		}
		group.Wait()
		if keys, err := s.AccessKeysOf(ctx, domain.NounApplication, []int64{int64(made.ID)}); err != nil || len(keys) != domain.MaxAccessKeys || full.Load() != 12 {
			t.Errorf("got %d keys (%v), and %d times that they are too many", len(keys), err, full.Load())
		}
	})
}

// dead reports whether an access key is not found by its text.
func dead(t *testing.T, s *store.Store, text string) bool {
	t.Helper()
	_, err := s.AccessKeyByHash(context.Background(), secret.New(text).Hash())
	if err != nil && !domain.IsKind(err, domain.NotFound) {
		t.Fatal(err)
	}
	return err != nil
}

func TestADeletedApplicationIsGoneAtOnceAndComesBack(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		by := asSession(alice)
		made := makeApplication(t, s, alice, "apitest")
		register(t, s, alice, made)
		putDevice(t, s, alice, made, "one", 1)
		if dead(t, s, "default of apitest") {
			t.Fatal("the key is not known")
		}
		if err := s.DeleteApplication(ctx, by, made.ID, fine); err != nil {
			t.Fatal(err)
		}
		for _, ref := range []string{"apitest", domain.ThingRef(int64(made.ID))} {
			if _, err := s.Application(ctx, ref); !domain.IsKind(err, domain.NotFound) {
				t.Errorf("%s: got %v, want not found", ref, err)
			}
		}
		if !dead(t, s, "default of apitest") {
			t.Error("the access key of a deleted application lives")
		}
		_, devErr := s.EndDevice(ctx, made.ID, "one")
		_, setErr := s.SetEndDevice(ctx, by, endDevice(made, "two", 2), noSeal, fine)
		if !domain.IsKind(devErr, domain.NotFound) || !domain.IsKind(setErr, domain.NotFound) {
			t.Errorf("got %v and %v for its end devices", devErr, setErr)
		}
		if err := s.DeleteApplication(ctx, by, made.ID, fine); !domain.IsKind(err, domain.NotFound) {
			t.Errorf("deleted twice: got %v", err)
		}
		clock.Advance(domain.RestoreWithin - time.Hour)
		if n, err := s.SweepApplications(ctx, clock.Now()); n != 0 || err != nil {
			t.Fatalf("purged %d too early (%v)", n, err)
		}
		if _, err := s.RestoreApplication(ctx, by, "apitest", fine); err != nil {
			t.Fatal(err)
		}
		device, err := s.EndDevice(ctx, made.ID, "one")
		if err != nil || device.Name != "one" || dead(t, s, "default of apitest") {
			t.Errorf("after the restore: got %+v (%v)", device.EndDevice, err)
		}
		if _, err := s.RestoreApplication(ctx, by, "apitest", fine); !domain.IsKind(err, domain.NotFound) {
			t.Errorf("restored twice: got %v", err)
		}
	})
}

func TestAPurgedApplicationLeavesItsNameAlone(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		by := asSession(alice)
		made, living := makeApplication(t, s, alice, "apitest"), makeApplication(t, s, alice, "living")
		for _, a := range []domain.Application{made, living} {
			register(t, s, alice, a)
			putDevice(t, s, alice, a, "one", 1)
		}
		if err := s.DeleteApplication(ctx, by, made.ID, fine); err != nil {
			t.Fatal(err)
		}
		clock.Advance(domain.RestoreWithin + time.Hour)
		if n, err := s.SweepApplications(ctx, clock.Now()); n != 1 || err != nil {
			t.Fatalf("purged %d (%v), want 1", n, err)
		}
		sweepAll(t, s)
		if _, err := s.RestoreApplication(ctx, by, "apitest", fine); !domain.IsKind(err, domain.NotFound) {
			t.Errorf("restored after the purge: got %v", err)
		}
		listed, err := s.Applications(ctx, domain.NetworkFilter[domain.ApplicationID]{User: alice.ID, Which: domain.WithDeleted}, domain.Page{})
		if err != nil || len(listed.Items) != 1 || listed.Items[0].Name != "living" {
			t.Errorf("got %+v (%v), want the living one alone", listed.Items, err)
		}
		var backup bytes.Buffer
		if err := s.Backup(ctx, &backup); err != nil {
			t.Fatal(err)
		}
		if tables := rowsOf(t, &backup); tables["end_devices"] != 1 || tables["access_keys"] != 1 || tables["application_euis"] != 1 || tables["collaborators"] != 1 ||
			tables["end_device_blocks"] != 1 || tables["applications"] != 2 {
			t.Errorf("got the rows %v, want those of the living one, and two applications", tables)
		}
	})
}

func TestApplicationsAreListedByWhoWorksOnThem(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice, bob := storetest.User(t, s, "alice"), storetest.User(t, s, "bobby")
		var ids []domain.ApplicationID
		for _, name := range []string{"first", "second", "third"} {
			ids = append(ids, makeApplication(t, s, alice, name).ID)
		}
		foreign := makeApplication(t, s, bob, "foreign")
		if err := s.DeleteApplication(ctx, asSession(alice), ids[1], fine); err != nil {
			t.Fatal(err)
		}
		list := func(filter domain.NetworkFilter[domain.ApplicationID], page domain.Page) (names []string, next string, total int) {
			t.Helper()
			filter.User = alice.ID
			listed, err := s.Applications(ctx, filter, page)
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range listed.Items {
				if names = append(names, a.Name); len(a.EUIs) != 1 || a.Given != domain.CreatorRights(domain.NounApplication) {
					t.Errorf("%s: got the EUIs %v and the rights %v", a.Name, a.EUIs, a.Given.Names())
				}
			}
			return names, listed.Next, listed.Total
		}
		if names, _, total := list(domain.NetworkFilter[domain.ApplicationID]{}, domain.Page{}); !slices.Equal(names, []string{"first", "third"}) || total != 2 {
			t.Errorf("living: got %v of %d", names, total)
		}
		first, next, total := list(domain.NetworkFilter[domain.ApplicationID]{Which: domain.WithDeleted}, domain.Page{Limit: 2})
		rest, end, _ := list(domain.NetworkFilter[domain.ApplicationID]{Which: domain.WithDeleted}, domain.Page{Limit: 2, Cursor: next})
		if !slices.Equal(append(first, rest...), []string{"first", "second", "third"}) || total != 3 || end != "" {
			t.Errorf("with deleted ones: got %v, %v of %d", first, rest, total)
		}
		only := domain.NetworkFilter[domain.ApplicationID]{Only: []domain.ApplicationID{ids[2], foreign.ID, ids[1], 999}}
		if names, _, total := list(only, domain.Page{}); !slices.Equal(names, []string{"third"}) || total != 1 {
			t.Errorf("of some: got %v of %d", names, total)
		}
		if names, _, total := list(domain.NetworkFilter[domain.ApplicationID]{Only: []domain.ApplicationID{}}, domain.Page{}); len(names) != 0 || total != 0 {
			t.Errorf("of none: got %v of %d", names, total)
		}
	})
}

func TestTheStoreAsksAgainWhetherAnApplicationMayBeChanged(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice, bob := storetest.User(t, s, "alice"), storetest.User(t, s, "bobby")
		by := asSession(bob)
		made := makeApplication(t, s, alice, "apitest")
		register(t, s, alice, made)
		putDevice(t, s, alice, made, "one", 1)
		refused := errors.New("no")
		asked := 0
		no := func(a domain.Application) error {
			if asked++; a.ID != made.ID || a.Owner != alice.ID.Owner() || a.Given != 0 {
				t.Errorf("asked about %+v", a)
			}
			return refused
		}
		acts := []func() error{
			func() error { return s.DeleteApplication(ctx, by, made.ID, no) },
			func() error { _, err := s.AddApplicationEUI(ctx, by, made.ID, "", no); return err },
			func() error { return s.RemoveApplicationEUI(ctx, by, made.ID, made.EUIs[0], no) },
			func() error { return s.RegisterApplication(ctx, by, made.ID, no) },
			func() error { return s.UnregisterApplication(ctx, by, made.ID, no) },
			func() error { _, err := s.CreateAccessKey(ctx, by, made.ID, accessKey("x", "x"), no); return err },
			func() error { return s.DeleteAccessKey(ctx, by, made.ID, "default key", no) },
			func() error { _, err := s.SetEndDevice(ctx, by, endDevice(made, "two", 2), noSeal, no); return err },
			func() error { _, err := s.CreateEndDevice(ctx, by, endDevice(made, "two", 2), noSeal, no); return err },
			func() error { return s.DeleteEndDevice(ctx, by, made.ID, "one", no) },
		}
		for i, act := range acts {
			if err := act(); !errors.Is(err, refused) {
				t.Errorf("act %d: got %v, want the refusal", i, err)
			}
		}
		if asked != len(acts) {
			t.Errorf("asked %d times of %d", asked, len(acts))
		}
		whole, err := s.WholeApplication(ctx, made.ID)
		if err != nil || whole.EndDevices != 1 || len(whole.EUIs) != 1 || whole.RegisteredAt.IsZero() {
			t.Errorf("got %+v (%v)", whole, err)
		}
	})
}
