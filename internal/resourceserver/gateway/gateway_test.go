package gateway

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

// world is a service on a store with three users.
type world struct {
	*Service
	store             *store.Store
	clock             *storetest.Clock
	alice, bob, carol domain.Caller
}

func newWorld(t testing.TB) world {
	t.Helper()
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock.Now)
	sealer, err := secret.NewSealer(secret.RandomBytes(32))
	if err != nil {
		t.Fatal(err)
	}
	return world{
		Service: &Service{Store: s, Finder: guard.NewFinder(s, nil), Sealer: sealer, Issuer: "ttn-account-v2", PublicURL: "https://things.example", Now: clock.Now},
		store:   s, clock: clock,
		alice: storetest.Person(storetest.User(t, s, "alice")), bob: storetest.Person(storetest.User(t, s, "bobby")), carol: storetest.Person(storetest.User(t, s, "carol")),
	}
}

func amsterdam() *domain.Location {
	return &domain.Location{Latitude: 52.37403, Longitude: 4.88969, Altitude: 12}
}

func (w world) create(t testing.TB, name string) domain.Gateway {
	t.Helper()
	made, _, err := w.Create(context.Background(), w.alice, New{Name: name, FrequencyPlan: "EU_863_870", Antenna: amsterdam(), Attributes: map[string]string{"placement": "outdoor"}})
	if err != nil {
		t.Fatalf("create %s: %v", name, err)
	}
	return made
}

// share gives bob rights on a gateway of alice.
func (w world) share(t testing.TB, gateway domain.Gateway, rights ...domain.Right) {
	t.Helper()
	_, err := w.store.SetCollaborator(context.Background(), w.alice, gateway.Thing().Key(), "bobby", domain.SetOf(rights...), func(domain.Sharing) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t testing.TB, err error, code string) {
	t.Helper()
	if err == nil || domain.CodeOf(err) != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

// roughly is amsterdam for who may not know better.
func roughly() *domain.Location { return &domain.Location{Latitude: 52.37, Longitude: 4.89} }

func TestWhoSeesWhereAGatewayStands(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	gateway := w.create(t, "mygtw")
	find := func(c domain.Caller) *domain.Location {
		t.Helper()
		found, err := w.Find(ctx, c, "mygtw")
		if err != nil {
			t.Fatal(err)
		}
		return found.Antenna
	}
	if diff := cmp.Diff(amsterdam(), find(w.alice)); diff != "" {
		t.Errorf("its owner (-want +got)\n%s", diff)
	}
	_, err := w.Find(ctx, w.bob, "mygtw")
	wantCode(t, err, "gateway_not_found")
	w.share(t, gateway, domain.GatewayStatus)
	if diff := cmp.Diff(roughly(), find(w.bob)); diff != "" {
		t.Errorf("a collaborator without the right (-want +got)\n%s", diff)
	}
	listed, err := w.List(ctx, w.bob, domain.Living, domain.Page{})
	if err != nil || len(listed.Items) != 1 || cmp.Diff(roughly(), listed.Items[0].Antenna) != "" {
		t.Errorf("in a list: got %+v (%v)", listed.Items, err)
	}
	w.share(t, gateway, domain.GatewayLocation)
	if diff := cmp.Diff(amsterdam(), find(w.bob)); diff != "" {
		t.Errorf("a collaborator with the right (-want +got)\n%s", diff)
	}
	yes := true
	if _, err := w.Edit(ctx, w.alice, "mygtw", Edit{StatusPublic: &yes}); err != nil {
		t.Fatal(err)
	}
	if got := find(w.carol); got != nil {
		t.Errorf("everybody, of a gateway whose status alone is public: got %+v, want nothing", got)
	}
	if diff := cmp.Diff(amsterdam(), find(w.bob)); diff != "" {
		t.Errorf("the collaborator, of a public gateway (-want +got)\n%s", diff)
	}
	if _, err := w.Edit(ctx, w.alice, "mygtw", Edit{LocationPublic: &yes}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(amsterdam(), find(domain.Caller{})); diff != "" {
		t.Errorf("everybody, of a public place (-want +got)\n%s", diff)
	}
}

func TestEverybodyIsToldWhatIsPublicAndNothingElse(t *testing.T) {
	t.Parallel()
	w, ctx, yes := newWorld(t), context.Background(), true
	w.create(t, "mygtw")
	if _, err := w.Edit(ctx, w.alice, "mygtw", Edit{OwnerPublic: &yes, Router: ptr("ttn-router-eu")}); err != nil {
		t.Fatal(err)
	}
	got, err := w.Find(ctx, w.carol, "mygtw")
	want := domain.Gateway{ID: got.ID, Name: "mygtw", FrequencyPlan: "EU_863_870", Owner: w.alice.User.ID.Owner(), OwnerName: "alice", OwnerPublic: true,
		Attributes: map[string]string{}, CreatedAt: w.clock.Now()}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("(-want +got) %v\n%s", err, diff)
	}
	if rights, err := w.Rights(ctx, w.carol, "mygtw"); err != nil || len(rights.Names()) != 0 {
		t.Errorf("got the rights %v (%v), want none", rights.Names(), err)
	}
}

func ptr[T any](v T) *T { return &v }

func TestEditsNeedTheRightsOfWhatTheyChange(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	gateway := w.create(t, "mygtw")
	edits := map[string]Edit{
		"settings": {Router: ptr("r1")}, "place": {Antenna: amsterdam()}, "no place": {NoAntenna: true}, "public place": {LocationPublic: ptr(true)}, "owner": {Owner: ptr("bobby")},
		"status": {StatusPublic: ptr(true)}, "publicity": {OwnerPublic: ptr(true)},
	}
	all := domain.AllRights(domain.NounGateway).List()
	for _, c := range []struct {
		rights []domain.Right
		may    string
	}{
		{[]domain.Right{domain.GatewayStatus}, ""},
		{[]domain.Right{domain.GatewayLocation, domain.GatewayOwner}, ""},
		{[]domain.Right{domain.GatewaySettings}, "settings"},
		{[]domain.Right{domain.GatewaySettings, domain.GatewayLocation}, "settings place no place public place"},
		{[]domain.Right{domain.GatewaySettings, domain.GatewayStatus}, "settings status"},
		{[]domain.Right{domain.GatewaySettings, domain.GatewayOwner}, "settings publicity"}, // he would give what he lacks
		{all, "settings place no place public place status publicity owner"},
	} {
		w.share(t, gateway, c.rights...)
		for name, edit := range edits {
			_, err := w.Edit(ctx, w.bob, "mygtw", edit)
			switch may := strings.Contains(c.may, name); {
			case may && err != nil:
				t.Errorf("%v, %s: %v", c.rights, name, err)
			case !may:
				wantCode(t, err, "right_missing")
			}
		}
	}
}

func TestAGatewayIsHandedOver(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	gateway := w.create(t, "mygtw")
	_, err := w.Edit(ctx, w.alice, "mygtw", Edit{Owner: ptr("bobby")})
	wantCode(t, err, "invalid_owner")
	w.share(t, gateway, domain.GatewayStatus)
	changed, err := w.Edit(ctx, w.alice, "mygtw", Edit{Owner: ptr("bobby")})
	if err != nil || changed.OwnerName != "bobby" {
		t.Fatalf("got %+v (%v)", changed, err)
	}
	for _, c := range []domain.Caller{w.alice, w.bob} {
		if rights, err := w.Rights(ctx, c, "mygtw"); err != nil || rights != domain.AllRights(domain.NounGateway) {
			t.Errorf("%s has %v (%v)", c.User.Name, rights.Names(), err)
		}
	}
}

func TestTheKeyOfAGateway(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	made, key, err := w.Create(ctx, w.alice, New{Name: "mygtw", FrequencyPlan: "EU_863_870"})
	if issuer, random, _ := strings.Cut(key.Reveal(), "."); err != nil || issuer != "ttn-account-v2" || len(random) != 43 {
		t.Fatalf("got a key of %d characters behind %s (%v)", len(random), issuer, err)
	}
	if again, err := w.Key(ctx, w.alice, "mygtw"); err != nil || again.Reveal() != key.Reveal() {
		t.Errorf("another key was shown (%v)", err)
	}
	w.share(t, made, domain.GatewaySettings, domain.GatewayStatus)
	_, err = w.Key(ctx, w.bob, "mygtw")
	wantCode(t, err, "right_missing") // the key knows where the gateway stands, and he does not
	_, err = w.RotateKey(ctx, w.bob, "mygtw")
	wantCode(t, err, "right_missing")
	w.share(t, made, domain.GatewaySettings, domain.GatewayStatus, domain.GatewayLocation)
	if again, err := w.Key(ctx, w.bob, "mygtw"); err != nil || again.Reveal() != key.Reveal() {
		t.Errorf("another key was shown (%v)", err)
	}
	next, err := w.RotateKey(ctx, w.bob, "mygtw")
	if err != nil || next.Reveal() == key.Reveal() {
		t.Fatalf("got the same key (%v)", err)
	}
	if again, err := w.Key(ctx, w.alice, "mygtw"); err != nil || again.Reveal() != next.Reveal() {
		t.Errorf("not the new key was shown (%v)", err)
	}
	w.Sealer = nil
	_, err = w.Key(ctx, w.alice, "mygtw")
	wantCode(t, err, "not_viewable")
}

func TestThatAKeyWasShownIsAuditedOnceADay(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	w.create(t, "mygtw")
	for range 2 {
		for range 3 {
			if _, err := w.Key(ctx, w.alice, "mygtw"); err != nil {
				t.Fatal(err)
			}
		}
		w.clock.Advance(24 * time.Hour)
	}
	audit, err := w.store.AuditOf(ctx, w.alice.User.ID, domain.Page{})
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for _, event := range audit.Items {
		if event.Act == "gateway.view-key" {
			shown++
		}
	}
	if shown != 2 {
		t.Errorf("%d events, want 2", shown)
	}
}

func TestAGatewaysKeySeesTheGatewayAndChangesNothing(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	gateway, other := w.create(t, "mygtw"), w.create(t, "other")
	key := domain.AccessKey{Thing: gateway.Thing().Key(), Rights: domain.GatewayKeyRights()}
	itself := domain.Caller{Credential: domain.AccessCredential, Acting: key.Thing, Rights: key.Rights, Scopes: key.Scopes()}
	found, err := w.Find(ctx, itself, "mygtw")
	if diff := cmp.Diff(amsterdam(), found.Antenna); diff != "" || err != nil {
		t.Errorf("(-want +got) %v\n%s", err, diff)
	}
	if listed, err := w.List(ctx, itself, domain.Living, domain.Page{}); err != nil || len(listed.Items) != 1 || listed.Items[0].ID != gateway.ID {
		t.Errorf("listed %+v (%v)", listed, err)
	}
	_, err = w.Find(ctx, itself, other.Name)
	wantCode(t, err, "gateway_not_found")
	_, err = w.Edit(ctx, itself, "mygtw", Edit{Router: ptr("r1")})
	wantCode(t, err, "right_missing")
	_, err = w.Key(ctx, itself, "mygtw")
	wantCode(t, err, "right_missing")
	wantCode(t, w.Delete(ctx, itself, "mygtw"), "right_missing")
	_, _, err = w.Create(ctx, itself, New{Name: "next", FrequencyPlan: "EU_863_870"})
	wantCode(t, err, "no_user")
}

func TestACredentialThatIsNarrowedToOneGateway(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	gateway := w.create(t, "mygtw")
	w.create(t, "other")
	narrow := storetest.Holding(t, w.alice, "gateways.*:"+domain.ThingRef(int64(gateway.ID)))
	listed, err := w.List(ctx, narrow, domain.Living, domain.Page{})
	if err != nil || len(listed.Items) != 1 || listed.Items[0].Name != "mygtw" || listed.Total != 1 {
		t.Errorf("listed %+v (%v)", listed, err)
	}
	_, err = w.Find(ctx, narrow, "other")
	wantCode(t, err, "gateway_not_found")
	_, _, err = w.Create(ctx, narrow, New{Name: "next", FrequencyPlan: "EU_863_870"})
	wantCode(t, err, "insufficient_scope")
	readOnly := storetest.Holding(t, w.alice, "gateways.read")
	_, err = w.Edit(ctx, readOnly, "mygtw", Edit{Router: ptr("r1")})
	wantCode(t, err, "insufficient_scope")
	if rights, err := w.Rights(ctx, readOnly, "mygtw"); err != nil || rights != domain.SetOf(domain.GatewayLocation, domain.GatewayStatus) {
		t.Errorf("got %v (%v)", rights.Names(), err)
	}
}

func TestADeletedGatewayIsRestoredByWhoMayDelete(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	gateway := w.create(t, "mygtw")
	w.share(t, gateway, domain.GatewaySettings)
	wantCode(t, w.Delete(ctx, w.bob, "mygtw"), "right_missing")
	if err := w.Delete(ctx, w.alice, "mygtw"); err != nil {
		t.Fatal(err)
	}
	_, err := w.Restore(ctx, w.carol, "mygtw")
	wantCode(t, err, "gateway_not_found")
	_, err = w.Restore(ctx, w.bob, "mygtw")
	wantCode(t, err, "right_missing")
	_, _, err = w.Create(ctx, w.bob, New{Name: "mygtw", FrequencyPlan: "EU_863_870"})
	wantCode(t, err, "gateway_id_taken")
	for c, want := range map[*domain.Caller]*domain.Location{&w.alice: amsterdam(), &w.bob: roughly()} {
		deleted, err := w.List(ctx, *c, domain.OnlyDeleted, domain.Page{})
		if err != nil || len(deleted.Items) != 1 || cmp.Diff(want, deleted.Items[0].Antenna) != "" {
			t.Errorf("deleted, for %s: %+v (%v)", c.User.Name, deleted, err)
		}
	}
	if restored, err := w.Restore(ctx, w.alice, "mygtw"); err != nil || restored.Name != "mygtw" {
		t.Errorf("got %+v (%v)", restored, err)
	}
	_, err = w.Restore(ctx, w.alice, "mygtw")
	wantCode(t, err, "gateway_not_deleted")
	_, err = w.Restore(ctx, w.carol, "mygtw")
	wantCode(t, err, "gateway_not_found")
	if rights, err := w.Rights(ctx, w.bob, "mygtw"); err != nil || rights != domain.SetOf(domain.GatewaySettings) {
		t.Errorf("bobby has %v (%v)", rights.Names(), err)
	}
}

func TestAttributesAreMerged(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	w.create(t, "mygtw")
	changed, err := w.Edit(ctx, w.alice, "mygtw", Edit{Attributes: map[string]string{"brand": "x", "placement": ""}})
	if diff := cmp.Diff(map[string]string{"brand": "x"}, changed.Attributes); diff != "" || err != nil {
		t.Errorf("(-want +got) %v\n%s", err, diff)
	}
	_, err = w.Edit(ctx, w.alice, "mygtw", Edit{FrequencyPlan: ptr("EU_868")})
	wantCode(t, err, "invalid_frequency_plan")
}
