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
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

// gatewayKey is the key of a gateway that is made of the text, sealed as what
// it was sealed for.
func gatewayKey(text string) domain.NewAccessKey {
	return domain.NewAccessKey{Name: domain.GatewayKeyName, Rights: domain.GatewayKeyRights(), Hash: secret.New(text).Hash(),
		Seal: func(id domain.AccessKeyID) []byte {
			return fmt.Appendf(nil, "%s for %s", text, domain.AccessKeyRow(id))
		}}
}

func makeGateway(t *testing.T, s *store.Store, owner domain.User, name string) domain.Gateway {
	t.Helper()
	made, err := s.CreateGateway(context.Background(), asSession(owner), ownGateway(owner, name), gatewayKey("key of "+name))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func ownGateway(owner domain.User, name string) domain.Gateway {
	return domain.Gateway{Name: name, Owner: owner.ID.Owner(), OwnerName: owner.Name, FrequencyPlan: "EU_863_870",
		Antenna: &domain.Location{Latitude: 52.37403, Longitude: 4.88969, Altitude: 12}, Attributes: map[string]string{"placement": "outdoor"},
		Router: "ttn-router-eu", FallbackRouters: []string{"r1", "r2"}, StatusPublic: true, AutoUpdate: true}
}

func anyGateway(domain.Gateway) error { return nil }

func TestAGatewayIsKeptAsItWasMade(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		made := makeGateway(t, s, alice, "mygtw")
		if made.ID == 0 || made.CreatedAt.IsZero() || made.Given != domain.AllRights(domain.NounGateway) {
			t.Errorf("got %+v", made)
		}
		made.Given = 0
		for _, ref := range []string{"mygtw", domain.ThingRef(int64(made.ID)), "mygtw"} {
			found, err := s.Gateway(ctx, ref)
			if diff := cmp.Diff(made, found); diff != "" || err != nil {
				t.Errorf("%s: (-made +found) %v\n%s", ref, err, diff)
			}
		}
		keys, err := s.SealedGatewayKeys(ctx, []domain.GatewayID{made.ID, made.ID + 99})
		if err != nil || len(keys) != 1 || string(keys[0].Sealed) != "key of mygtw for "+domain.AccessKeyRow(keys[0].ID) || keys[0].Thing != made.Thing().Key() {
			t.Errorf("got the keys %+v (%v)", keys, err)
		}
		key, err := s.AccessKeyByHash(ctx, secret.New("key of mygtw").Hash())
		if err != nil || key.Rights != domain.GatewayKeyRights() || !key.Viewable {
			t.Errorf("got %+v (%v)", key, err)
		}
		if _, err := s.Gateway(ctx, "other"); domain.CodeOf(err) != "gateway_not_found" {
			t.Errorf("got %v, want gateway_not_found", err)
		}
	})
}

func TestAGatewayIDIsGivenOutOnce(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		alice, bob := storetest.User(t, s, "alice"), storetest.User(t, s, "bobby")
		var made, refused atomic.Int64
		var group sync.WaitGroup
		for i := range 20 {
			group.Go(func() {
				owner := []domain.User{alice, bob}[i%2]
				switch _, err := s.CreateGateway(ctx, asSession(owner), ownGateway(owner, "mygtw"), gatewayKey(fmt.Sprint("key", i))); {
				case err == nil:
					made.Add(1)
				case domain.CodeOf(err) == "gateway_id_taken" && domain.IsKind(err, domain.Conflict):
					refused.Add(1)
				default:
					t.Errorf("got %v", err)
				}
			})
		}
		group.Wait()
		if made.Load() != 1 || refused.Load() != 19 {
			t.Fatalf("got %d made and %d refused, want 1 and 19", made.Load(), refused.Load())
		}
		gateway, err := s.Gateway(ctx, "mygtw")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.DeleteGateway(ctx, asSession(alice), gateway.ID, anyGateway); err != nil {
			t.Fatal(err)
		}
		for _, later := range []time.Duration{0, domain.RestoreWithin + time.Hour} {
			clock.Advance(later)
			if _, err := s.SweepGateways(ctx, clock.Now()); err != nil {
				t.Fatal(err)
			}
			if _, err := s.CreateGateway(ctx, asSession(bob), ownGateway(bob, "mygtw"), gatewayKey("late")); domain.CodeOf(err) != "gateway_id_taken" {
				t.Errorf("%s after it was deleted: got %v, want gateway_id_taken", later, err)
			}
		}
	})
}

func TestEditsOfAGatewayBuildUponEachOther(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		made := makeGateway(t, s, alice, "mygtw")
		clock.Advance(time.Minute)
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				_, err := s.UpdateGateway(ctx, asSession(alice), made.ID, func(g *domain.Gateway) error {
					g.Router += "x"
					g.Antenna = nil
					g.ID, g.Name, g.Owner, g.CreatedAt = 7, "other", 7, time.Time{}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		want := made
		want.Router, want.Antenna, want.ChangedAt, want.Given = "ttn-router-euxxxxxxxxxxxxxxxxxxxx", nil, clock.Now(), 0
		if got, err := s.Gateway(ctx, "mygtw"); err != nil || cmp.Diff(want, got) != "" {
			t.Errorf("(-want +got) %v\n%s", err, cmp.Diff(want, got))
		}
		refused := errors.New("no")
		_, err := s.UpdateGateway(ctx, asSession(alice), made.ID, func(g *domain.Gateway) error { g.Router = "no"; return refused })
		if after, _ := s.Gateway(ctx, "mygtw"); !errors.Is(err, refused) || after.Router != want.Router {
			t.Errorf("got %v and the router %q", err, after.Router)
		}
		if _, err := s.UpdateGateway(ctx, asSession(alice), 99, func(*domain.Gateway) error { return nil }); domain.CodeOf(err) != "gateway_not_found" {
			t.Errorf("got %v, want gateway_not_found", err)
		}
	})
}

func TestAGatewayIsHandedOverToACollaborator(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice, bob := storetest.User(t, s, "alice"), storetest.User(t, s, "bobby")
		made := makeGateway(t, s, alice, "mygtw")
		to := func(name string) error {
			_, err := s.UpdateGateway(ctx, asSession(alice), made.ID, func(g *domain.Gateway) error { g.OwnerName = name; return nil })
			return err
		}
		for _, nobody := range []string{"bobby", "nobody", "", "b\x00b"} {
			if err := to(nobody); domain.CodeOf(err) != "invalid_owner" {
				t.Errorf("to %q: got %v, want invalid_owner", nobody, err)
			}
		}
		yes := func(domain.Sharing) error { return nil }
		if _, err := s.SetCollaborator(ctx, asSession(alice), made.Thing().Key(), "bobby", domain.SetOf(domain.GatewayStatus), yes); err != nil {
			t.Fatal(err)
		}
		if err := to("bobby"); err != nil {
			t.Fatal(err)
		}
		gateway, err := s.Gateway(ctx, "mygtw")
		if err != nil || gateway.Owner != bob.ID.Owner() || gateway.OwnerName != "bobby" {
			t.Errorf("got %+v (%v), want bobby's", gateway, err)
		}
		for _, user := range []domain.User{alice, bob} {
			if given, err := s.GivenRights(ctx, made.Thing().Key(), user.ID); err != nil || given != domain.AllRights(domain.NounGateway) {
				t.Errorf("%s has %v (%v), want everything", user.Name, given.Names(), err)
			}
		}
	})
}

func TestGatewaysAreListedForWhoWorksOnThem(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice, bob := storetest.User(t, s, "alice"), storetest.User(t, s, "bobby")
		var ids []domain.GatewayID
		for i := range 3 {
			ids = append(ids, makeGateway(t, s, alice, fmt.Sprintf("gtw-%d", i)).ID)
		}
		foreign := makeGateway(t, s, bob, "of-bobby")
		gone := makeGateway(t, s, alice, "gone")
		if err := s.DeleteGateway(ctx, asSession(alice), gone.ID, anyGateway); err != nil {
			t.Fatal(err)
		}
		shared := domain.SetOf(domain.GatewayStatus)
		if _, err := s.SetCollaborator(ctx, asSession(bob), foreign.Thing().Key(), "alice", shared, func(domain.Sharing) error { return nil }); err != nil {
			t.Fatal(err)
		}
		list := func(only []domain.GatewayID, page domain.Page) (got []domain.GatewayID, listed domain.Listed[domain.Gateway]) {
			t.Helper()
			listed, err := s.Gateways(ctx, domain.NetworkFilter[domain.GatewayID]{User: alice.ID, Only: only}, page)
			if err != nil {
				t.Fatal(err)
			}
			for _, gateway := range listed.Items {
				got = append(got, gateway.ID)
			}
			return got, listed
		}
		first, page := list(nil, domain.Page{Limit: 2})
		rest, end := list(nil, domain.Page{Limit: 2, Cursor: page.Next})
		want := [][]domain.GatewayID{ids[:2], {ids[2], foreign.ID}}
		if diff := cmp.Diff(want, [][]domain.GatewayID{first, rest}); diff != "" || end.Next != "" || page.Total != 4 {
			t.Errorf("pages of %d, then %q (-want +got)\n%s", page.Total, end.Next, diff)
		}
		if given := end.Items[1].Given; given != shared {
			t.Errorf("alice has %v on the shared one", given.Names())
		}
		only := []domain.GatewayID{foreign.ID, gone.ID, 9999, ids[0], ids[0]}
		among, page := list(only, domain.Page{Limit: 1})
		after, _ := list(only, domain.Page{Limit: 1, Cursor: page.Next})
		if diff := cmp.Diff([]domain.GatewayID{ids[0], foreign.ID}, append(among, after...)); diff != "" || page.Total != 2 {
			t.Errorf("among things, %d in total (-want +got)\n%s", page.Total, diff)
		}
		deleted, err := s.Gateways(ctx, domain.NetworkFilter[domain.GatewayID]{User: alice.ID, Which: domain.OnlyDeleted}, domain.Page{})
		if err != nil || len(deleted.Items) != 1 || deleted.Items[0].ID != gone.ID || deleted.Total != 1 {
			t.Errorf("deleted: got %+v (%v)", deleted, err)
		}
	})
}

func TestADeletedGatewayIsRestoredWithItsKey(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		made := makeGateway(t, s, alice, "mygtw")
		hash := secret.New("key of mygtw").Hash()
		if _, err := s.AccessKeyByHash(ctx, hash); err != nil {
			t.Fatal(err)
		}
		if err := s.DeleteGateway(ctx, asSession(alice), made.ID, anyGateway); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Gateway(ctx, "mygtw"); domain.CodeOf(err) != "gateway_not_found" {
			t.Errorf("deleted: got %v, want gateway_not_found", err)
		}
		if _, err := s.AccessKeyByHash(ctx, hash); !domain.IsKind(err, domain.NotFound) {
			t.Errorf("the key of the deleted one: got %v, want NotFound", err)
		}
		if err := s.DeleteGateway(ctx, asSession(alice), made.ID, anyGateway); domain.CodeOf(err) != "gateway_not_found" {
			t.Errorf("deleted again: got %v, want gateway_not_found", err)
		}
		clock.Advance(domain.RestoreWithin - time.Minute)
		if n, err := s.SweepGateways(ctx, clock.Now()); n != 0 || err != nil {
			t.Errorf("swept %d (%v) before its time", n, err)
		}
		refused := errors.New("no")
		if _, err := s.RestoreGateway(ctx, asSession(alice), "mygtw", func(domain.Gateway) error { return refused }); !errors.Is(err, refused) {
			t.Errorf("got %v, want the refusal", err)
		}
		restored, err := s.RestoreGateway(ctx, asSession(alice), "mygtw", anyGateway)
		if err != nil || restored.ID != made.ID || !restored.DeletedAt.IsZero() || restored.Given != made.Given {
			t.Errorf("got %+v (%v)", restored, err)
		}
		if _, err := s.AccessKeyByHash(ctx, hash); err != nil {
			t.Errorf("the key of the restored one: %v", err)
		}
		if _, err := s.RestoreGateway(ctx, asSession(alice), "mygtw", anyGateway); domain.CodeOf(err) != "gateway_not_found" {
			t.Errorf("restored again: got %v, want gateway_not_found", err)
		}
	})
}

func TestAPurgedGatewayLeavesNothingButItsName(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		made, kept := makeGateway(t, s, alice, "mygtw"), makeGateway(t, s, alice, "kept")
		if err := s.DeleteGateway(ctx, asSession(alice), made.ID, anyGateway); err != nil {
			t.Fatal(err)
		}
		clock.Advance(domain.RestoreWithin)
		if _, err := s.RestoreGateway(ctx, asSession(alice), "mygtw", anyGateway); domain.CodeOf(err) != "gateway_not_found" {
			t.Errorf("restored too late: got %v, want gateway_not_found", err)
		}
		for _, want := range []int64{1, 0} {
			if n, err := s.SweepGateways(ctx, clock.Now()); n != want || err != nil {
				t.Errorf("swept %d (%v), want %d", n, err, want)
			}
		}
		if given, err := s.GivenRights(ctx, made.Thing().Key(), alice.ID); given != 0 || err != nil {
			t.Errorf("alice still has %v (%v)", given.Names(), err)
		}
		if names, err := s.NetworkNames(ctx, domain.NounGateway, []int64{int64(made.ID)}); names[int64(made.ID)] != "mygtw" || err != nil {
			t.Errorf("got the names %v (%v)", names, err)
		}
		listed, err := s.Gateways(ctx, domain.NetworkFilter[domain.GatewayID]{User: alice.ID}, domain.Page{})
		if err != nil || len(listed.Items) != 1 || listed.Items[0].ID != kept.ID {
			t.Errorf("got %+v (%v), want the other one", listed, err)
		}
	})
}

func TestTheKeyOfAGatewayIsReplaced(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		made := makeGateway(t, s, alice, "mygtw")
		first := secret.New("key of mygtw").Hash()
		if _, err := s.AccessKeyByHash(ctx, first); err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		for i := range 20 {
			group.Go(func() {
				if err := s.RotateGatewayKey(ctx, asSession(alice), made.ID, anyGateway, gatewayKey(fmt.Sprint("next", i))); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if _, err := s.AccessKeyByHash(ctx, first); !domain.IsKind(err, domain.NotFound) {
			t.Errorf("the first key: got %v, want NotFound", err)
		}
		alive := 0
		for i := range 20 {
			if _, err := s.AccessKeyByHash(ctx, secret.New(fmt.Sprint("next", i)).Hash()); err == nil {
				alive++
			}
		}
		if alive != 1 {
			t.Errorf("%d keys are alive, want 1", alive)
		}
		refused := errors.New("no")
		if err := s.RotateGatewayKey(ctx, asSession(alice), made.ID, func(domain.Gateway) error { return refused }, gatewayKey("never")); !errors.Is(err, refused) {
			t.Errorf("got %v, want the refusal", err)
		}
	})
}

func TestActsOnGatewaysAreAudited(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice, admin := storetest.User(t, s, "alice"), storetest.Admin(t, s, "root-admin")
		made := makeGateway(t, s, alice, "mygtw")
		if err := s.GatewayKeysShown(ctx, asSession(admin), []domain.Gateway{made}); err != nil {
			t.Fatal(err)
		}
		if err := s.DeleteGateway(ctx, asSession(alice), made.ID, anyGateway); err != nil {
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
		want := []string{"alice gateway.delete gateway mygtw", "root-admin gateway.view-key gateway mygtw", "alice gateway.create gateway mygtw"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}
