package component

import (
	"context"
	"testing"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

// world is a service on a store with two users.
type world struct {
	*Service
	store      *store.Store
	alice, bob domain.Caller
}

func newWorld(t testing.TB) world {
	t.Helper()
	s := storetest.Open(t)
	return world{Service: &Service{Store: s, Finder: guard.NewFinder(s, nil)}, store: s,
		alice: storetest.Person(storetest.User(t, s, "alice")), bob: storetest.Person(storetest.User(t, s, "bobby"))}
}

func wantCode(t testing.TB, err error, code string) {
	t.Helper()
	if err == nil || domain.CodeOf(err) != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

func TestOnlyValidComponentsAreMade(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	for _, c := range []struct {
		kind domain.ComponentKind
		name string
		code string
	}{{"gateway", "core", "invalid_kind"}, {"", "core", "invalid_kind"}, {domain.RouterComponent, "Core", "invalid_id"}, {domain.RouterComponent, "c", "invalid_id"}} {
		_, err := w.Create(ctx, w.alice, c.kind, c.name)
		wantCode(t, err, c.code)
	}
	for _, kind := range domain.ComponentKinds() {
		if made, err := w.Create(ctx, w.alice, kind, "my-"+string(kind)); err != nil || made.Kind != kind || made.OwnerName != "alice" {
			t.Errorf("got %+v (%v)", made, err)
		}
	}
	_, err := w.Create(ctx, domain.Caller{}, domain.RouterComponent, "nobodys")
	wantCode(t, err, "credential_missing")
	_, err = w.Create(ctx, domain.Caller{Credential: domain.AccessCredential, Scopes: domain.EveryScope()}, domain.RouterComponent, "nobodys")
	wantCode(t, err, "no_user")
}

func TestACredentialThatIsNarrowedToOneComponent(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	made, err := w.Create(ctx, w.alice, domain.HandlerComponent, "my-handler")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Create(ctx, w.alice, domain.RouterComponent, "my-router"); err != nil {
		t.Fatal(err)
	}
	narrow := w.alice
	narrow.Credential, narrow.KeyID = domain.KeyCredential, "0123456789abcdef"
	if narrow.Scopes, err = domain.ParseScopes("components.*:" + domain.ThingRef(int64(made.ID))); err != nil {
		t.Fatal(err)
	}
	listed, err := w.List(ctx, narrow, domain.Living, domain.Page{})
	if err != nil || len(listed.Items) != 1 || listed.Items[0].Name != "my-handler" {
		t.Errorf("listed %+v (%v)", listed, err)
	}
	_, err = w.Find(ctx, narrow, "my-router")
	wantCode(t, err, "component_not_found")
	_, err = w.Create(ctx, narrow, domain.BrokerComponent, "my-broker")
	wantCode(t, err, "insufficient_scope")
}

func TestADeletedComponentIsRestoredByWhoMayDelete(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	made, err := w.Create(ctx, w.alice, domain.HandlerComponent, "my-handler")
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, w.Delete(ctx, w.bob, "my-handler"), "component_not_found")
	given := domain.SetOf(domain.ComponentSettings)
	if _, err := w.store.SetCollaborator(ctx, w.alice, made.Thing().Key(), "bobby", given, func(domain.Sharing) error { return nil }); err != nil {
		t.Fatal(err)
	}
	wantCode(t, w.Delete(ctx, w.bob, "my-handler"), "right_missing")
	if rights, err := w.Rights(ctx, w.bob, "my-handler"); err != nil || rights != given {
		t.Errorf("bobby has %v (%v)", rights.Names(), err)
	}
	if err := w.Delete(ctx, w.alice, "my-handler"); err != nil {
		t.Fatal(err)
	}
	_, err = w.Restore(ctx, w.bob, "my-handler")
	wantCode(t, err, "right_missing")
	_, err = w.Create(ctx, w.bob, domain.HandlerComponent, "my-handler")
	wantCode(t, err, "component_id_taken")
	if deleted, err := w.List(ctx, w.alice, domain.OnlyDeleted, domain.Page{}); err != nil || len(deleted.Items) != 1 {
		t.Errorf("deleted: %+v (%v)", deleted, err)
	}
	if restored, err := w.Restore(ctx, w.alice, "my-handler"); err != nil || restored.ID != made.ID {
		t.Errorf("got %+v (%v)", restored, err)
	}
	_, err = w.Restore(ctx, w.alice, "my-handler")
	wantCode(t, err, "component_not_deleted")
}
