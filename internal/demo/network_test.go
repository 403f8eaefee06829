package demo

import (
	"context"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/resourceserver/application"
	"github.com/thingward/thingward/internal/resourceserver/collaborator"
	"github.com/thingward/thingward/internal/resourceserver/component"
	"github.com/thingward/thingward/internal/resourceserver/gateway"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
)

// network is the use cases of applications, gateways and what goes with them.
type network struct {
	applications  *application.Service
	gateways      *gateway.Service
	components    *component.Service
	collaborators *collaborator.Service
}

func wireNetwork(s *store.Store, finder *guard.Finder, now func() time.Time) network {
	vault, err := secret.NewSealer(secret.RandomBytes(32))
	if err != nil {
		panic(err)
	}
	return network{
		applications:  &application.Service{Store: s, Finder: finder, Issuer: "ttn-account-v2", Sealer: vault, Vault: vault, Now: now},
		gateways:      &gateway.Service{Store: s, Finder: finder, Issuer: "ttn-account-v2", Sealer: vault, Now: now},
		components:    &component.Service{Store: s, Finder: finder},
		collaborators: &collaborator.Service{Store: s, Finder: finder, Now: now},
	}
}

// checkNetwork holds that the first owner has applications with end devices
// and access keys, gateways and components, and works with others.
func checkNetwork(t *testing.T, w wired, owner domain.User) {
	t.Helper()
	ctx, c := context.Background(), domain.Caller{User: owner, Credential: domain.SessionCredential, Scopes: domain.EveryScope()}
	applications, err := w.applications.List(ctx, c, domain.Living, domain.Page{})
	if err != nil || len(applications.Items) != 3 {
		t.Fatalf("got %d applications (%v), want two of her own and a shared one", len(applications.Items), err)
	}
	for _, a := range applications.Items {
		devices, err := w.applications.EndDevices(ctx, c, a.Name, domain.Page{})
		if err != nil || len(devices.Items) < 3 {
			t.Errorf("%s has %d end devices (%v)", a.Name, len(devices.Items), err)
		}
	}
	if keys, err := w.applications.AccessKeys(ctx, c, "havenmouth-floods"); err != nil || len(keys) != 3 {
		t.Errorf("got %d access keys (%v), want 3", len(keys), err)
	}
	if gateways, err := w.gateways.List(ctx, c, domain.Living, domain.Page{}); err != nil || len(gateways.Items) != 3 || gateways.Items[0].Antenna == nil {
		t.Errorf("got the gateways %+v (%v), want 3 that stand somewhere", gateways.Items, err)
	}
	if components, err := w.components.List(ctx, c, domain.Living, domain.Page{}); err != nil || len(components.Items) != 2 {
		t.Errorf("got the components %+v (%v), want 2", components.Items, err)
	}
}
