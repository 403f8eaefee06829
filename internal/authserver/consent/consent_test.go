package consent_test

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/authserver/consent"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

type world struct {
	*consent.Service
	store *store.Store
	clock *storetest.Clock
	alice domain.Caller
	green domain.Sensor
}

// newWorld makes a store in which alice is signed in and has a sensor.
func newWorld(t *testing.T) world {
	t.Helper()
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock.Now)
	w := world{store: s, clock: clock, alice: person(t, s, "alice")}
	w.Service = &consent.Service{Store: s, Finder: guard.NewFinder(s, nil), Now: clock.Now}
	sensor := domain.Sensor{Owner: w.alice.User.ID.Owner(), Publisher: "alice", Name: "greenhouse", LongName: "Greenhouse", Visibility: domain.Private}
	made, err := s.CreateSensors(context.Background(), w.alice, []domain.Sensor{sensor})
	if err != nil {
		t.Fatal(err)
	}
	w.green = made[0]
	return w
}

func person(t *testing.T, s *store.Store, name string) domain.Caller {
	t.Helper()
	return domain.Caller{User: storetest.User(t, s, name), Credential: domain.SessionCredential, Scopes: domain.EveryScope()}
}

func (w world) event() domain.AuditEvent { return domain.AuditEvent{At: w.clock.Now(), Result: "ok"} }

// allow makes a grant of alice to the client that every store has.
func (w world) allow(t *testing.T, name string, scopes ...domain.Scope) domain.GrantID {
	t.Helper()
	grant, err := w.store.Allow(context.Background(), domain.Allowed{Grant: domain.Grant{User: w.alice.User.ID, Client: domain.CommandLineID,
		Name: name, Scopes: scopes, CreatedAt: w.clock.Now()}}, w.event())
	if err != nil {
		t.Fatal(err)
	}
	return grant.ID
}

// makeKey makes a key of alice.
func (w world) makeKey(t *testing.T, id domain.KeyID, scopes ...domain.Scope) domain.GrantID {
	t.Helper()
	key := domain.Key{ID: id, Grant: domain.Grant{User: w.alice.User.ID, Name: string(id), Scopes: scopes, CreatedAt: w.clock.Now()}}
	stored := domain.NewStoredSecret{Hash: secret.Generate(secret.KeyPassword).Hash(), Seal: func(int64) []byte { return nil }}
	made, err := w.store.CreateKey(context.Background(), key, stored, w.event())
	if err != nil {
		t.Fatal(err)
	}
	return made.Grant.ID
}

func TestConnectionsNameTheirThings(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	w.makeKey(t, "balcony", domain.ScopeReadingsWrite.On(int64(w.green.ID)), domain.ScopeReadingsWrite.On(999))
	id := w.allow(t, "laptop", domain.ScopeSensorsRead.On(int64(w.green.ID)))
	list, err := w.Connections(ctx, w.alice, domain.Page{})
	if err != nil || len(list.Items) != 2 {
		t.Fatalf("got %+v, %v; want two", list, err)
	}
	for i, want := range []string{"sensors.read:alice.greenhouse", "readings.write:alice.greenhouse readings.write:#999"} {
		if got := list.Items[i].Grant.Scopes.String(); got != want {
			t.Errorf("got the scopes %q, want %q", got, want)
		}
	}
	one, err := w.Find(ctx, w.alice, id)
	if err != nil || one.Grant.Scopes.String() != "sensors.read:alice.greenhouse" {
		t.Errorf("alone: got %+v, %v", one, err)
	}
}

func TestNobodyManagesSomebodyElsesConnection(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	id := w.allow(t, "laptop", domain.ScopeProfile)
	mallory := person(t, w.store, "mallory")
	without := w.alice
	without.Scopes = domain.ScopeSet{domain.ScopeSensorsRead}
	byItself := domain.Caller{Credential: domain.TokenCredential, Scopes: domain.EveryScope()}
	acts := map[string]func(domain.Caller) error{
		"find":   func(c domain.Caller) error { _, err := w.Find(ctx, c, id); return err },
		"uses":   func(c domain.Caller) error { _, err := w.Uses(ctx, c, id); return err },
		"rename": func(c domain.Caller) error { _, err := w.Rename(ctx, c, id, "mine"); return err },
		"end":    func(c domain.Caller) error { return w.End(ctx, c, id) },
	}
	for act, do := range acts {
		if err := do(mallory); !domain.IsKind(err, domain.NotFound) {
			t.Errorf("%s by somebody else: got %v, want NotFound", act, err)
		}
		for who, c := range map[string]domain.Caller{"without account": without, "for nobody": byItself} {
			if err := do(c); domain.CodeOf(err) != "insufficient_scope" {
				t.Errorf("%s %s: got %v, want insufficient_scope", act, who, err)
			}
		}
	}
	if ended, err := w.EndAll(ctx, mallory); err != nil || ended != 0 {
		t.Errorf("mallory ends all of hers: got %d, %v", ended, err)
	}
	if _, err := w.Find(ctx, w.alice, id); err != nil {
		t.Errorf("alice's connection: %v", err)
	}
}

func TestACredentialRenamesOnlyWhatLiesWithinItButEndsAnything(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	wide := w.allow(t, "laptop", domain.ScopeSensorsWrite)
	narrowID := w.makeKey(t, "narrow", domain.ScopeAccount, domain.ScopeProfile)
	narrow := w.alice
	narrow.Credential, narrow.KeyID, narrow.Grant, narrow.Scopes = domain.KeyCredential, "narrow", narrowID, domain.ScopeSet{domain.ScopeAccount, domain.ScopeProfile}
	if _, err := w.Rename(ctx, narrow, wide, "harmless"); domain.CodeOf(err) != "insufficient_scope" {
		t.Errorf("rename a wider one: got %v, want insufficient_scope", err)
	}
	if got, err := w.Rename(ctx, narrow, narrowID, "balcony"); err != nil || got.Grant.Name != "balcony" {
		t.Errorf("rename itself: got %+v, %v", got, err)
	}
	if _, err := w.Rename(ctx, w.alice, wide, "two\nlines"); domain.CodeOf(err) != "invalid_name" && !domain.IsKind(err, domain.Invalid) {
		t.Errorf("a bad name: got %v, want Invalid", err)
	}
	if ended, err := w.EndAll(ctx, narrow); err != nil || ended != 1 {
		t.Errorf("end all: got %d, %v; want the other one", ended, err)
	}
	if _, err := w.Find(ctx, narrow, narrowID); err != nil {
		t.Errorf("the credential that asked: %v", err)
	}
}

func TestUsesOfAConnectionNameThings(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	id := w.allow(t, "laptop", domain.ScopeReadingsRead)
	used := domain.CredentialUse{Grant: id, Thing: w.green.Thing().Key(), Right: domain.ReadingsRead, Day: 20000, Uses: 3, LastAt: w.clock.Now(), Address: netip.MustParseAddr("192.0.2.7")}
	gone := used
	gone.Thing.ID, gone.Day = 999, 19999
	if err := w.store.AddCredentialUses(ctx, []domain.CredentialUse{used, gone}); err != nil {
		t.Fatal(err)
	}
	got, err := w.Uses(ctx, w.alice, id)
	if err != nil || len(got) != 2 {
		t.Fatalf("got %+v, %v", got, err)
	}
	want := domain.DayUse{Thing: "alice.greenhouse", Right: domain.ReadingsRead, Day: time.Date(2024, 10, 4, 0, 0, 0, 0, time.UTC), Uses: 3, LastAt: used.LastAt, Address: "192.0.2.7"}
	if !got[0].LastAt.Equal(want.LastAt) || got[0].Thing != want.Thing || !got[0].Day.Equal(want.Day) || got[0].Address != want.Address || got[0].Uses != 3 {
		t.Errorf("got %+v, want %+v", got[0], want)
	}
	if got[1].Thing != "sensor #999 (deleted)" {
		t.Errorf("a thing that is gone: got %q", got[1].Thing)
	}
}
