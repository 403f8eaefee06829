package demo

import (
	"context"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/thingward/thingward/internal/authserver/account"
	"github.com/thingward/thingward/internal/authserver/authorize"
	"github.com/thingward/thingward/internal/authserver/client"
	"github.com/thingward/thingward/internal/authserver/key"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/resourceserver/device"
	"github.com/thingward/thingward/internal/resourceserver/reading"
	"github.com/thingward/thingward/internal/resourceserver/sensor"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

// wired is the real use cases on a store of their own.
type wired struct {
	store    *store.Store
	accounts *account.Service
	keys     *key.Service
	sensors  *sensor.Service
	readings *reading.Service
	devices  *device.Service
	clients  *client.Service
	network
	consents *authorize.Service
	uses     *guard.Uses
}

func wire(t *testing.T) wired {
	t.Helper()
	now := func() time.Time { return testNow }
	s := storetest.OpenAt(t, now)
	uses := &guard.Uses{Now: now}
	finder := guard.NewFinder(s, uses)
	approval, err := client.ParseApproval([]string{"ttn", "dynamic"})
	if err != nil {
		t.Fatal(err)
	}
	return wired{
		store: s, accounts: account.New(s, account.SignUpClosed, now),
		keys:     &key.Service{Store: s, Reader: s, Finder: finder, Now: now},
		sensors:  &sensor.Service{Store: s, Finder: finder, Now: now},
		readings: &reading.Service{Store: s, Finder: finder, Now: now},
		devices:  &device.Service{Store: s, Finder: finder, Now: now},
		clients:  &client.Service{Store: s, Reader: s, Approval: approval, Now: now},
		consents: &authorize.Service{Store: s, Finder: finder, Issuer: "http://localhost:8080", Now: now},
		uses:     uses,
		network:  wireNetwork(s, finder, now),
	}
}

func (w wired) services() Services {
	return Services{Applications: w.applications, Gateways: w.gateways, Components: w.components, Collaborators: w.collaborators,
		Accounts: w.accounts, Keys: w.keys, Sensors: w.sensors, Readings: w.readings, Devices: w.devices,
		Clients: w.clients, Consents: w.consents, Uses: w.uses, Facts: w.store}
}

func TestPrepareMakesADemoThatCanBeUsed(t *testing.T) {
	t.Parallel()
	ctx, w, path := context.Background(), wire(t), filepath.Join(t.TempDir(), "demo.json")
	begun := time.Now()
	summary, err := Prepare(ctx, w.services(), path, testNow, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d sensors and %d readings in %v", len(summary.Sensors), summary.Readings, time.Since(begun))
	checkFirstPerson(t, summary)
	for _, user := range summary.Users {
		signedIn, err := w.accounts.SignIn(ctx, user.Name, user.Password, account.Origin{})
		if err != nil || signedIn.User.Admin != user.Admin {
			t.Errorf("sign in as %s: %v, admin %v", user.Name, err, signedIn.User.Admin)
		}
	}
	owner, err := w.store.UserByName(ctx, "alice")
	if err != nil {
		t.Fatal(err)
	}
	clocks, err := w.devices.List(ctx, domain.Caller{User: owner, Credential: domain.SessionCredential, Scopes: domain.EveryScope()}, domain.Page{Limit: 10})
	if err != nil || len(clocks.Items) < 4 {
		t.Errorf("got the devices %v, %v, want some", clocks.Items, err)
	}
	for _, k := range summary.Keys {
		check, err := w.store.KeyCheck(ctx, k.ID)
		if err != nil {
			t.Errorf("key of %s: %v", k.Owner, err)
			continue
		}
		if !slices.ContainsFunc(check.Passwords, func(p domain.StoredSecret) bool { return p.Hash.Matches(k.Password.Hash()) }) {
			t.Errorf("the password of a key of %s in the summary is not its password", k.Owner)
		}
	}
	checkClients(t, w, summary)
	checkConnection(t, w, owner)
	checkNetwork(t, w, owner)
	again, err := Prepare(ctx, w.services(), path, testNow.Add(time.Hour), 2)
	if err != nil {
		t.Fatalf("a store that is a demo already: %v", err)
	}
	again.Readings = summary.Readings
	if diff := cmp.Diff(summary, again, cmp.Transformer("Reveal", secret.Secret.Reveal)); diff != "" {
		t.Errorf("a second start changed the demo (-first +second):\n%s", diff)
	}
}

// checkFirstPerson holds what scripts rely on in a demo: the
// first person who is no administrator owns things, and his first key may do
// everything that a program may.
func checkFirstPerson(t *testing.T, summary Summary) {
	t.Helper()
	i := slices.IndexFunc(summary.Users, func(u User) bool { return !u.Admin })
	if i < 0 || !slices.ContainsFunc(summary.Users, func(u User) bool { return u.Admin }) {
		t.Fatalf("got people %v, want an administrator and others", summary.Users)
	}
	first := summary.Users[i].Name
	if !slices.ContainsFunc(summary.Sensors, func(name string) bool { return strings.HasPrefix(name, first+".") }) {
		t.Errorf("%s owns no sensor", first)
	}
	k, ok := summary.find(first, "readings.write")
	for _, scope := range []string{"sensors.read", "sensors.write", "readings.read", "profile"} {
		if !ok || !slices.Contains(k.Scopes, scope) {
			t.Errorf("the first key of %s has the scopes %v, want %s among them", first, k.Scopes, scope)
		}
	}
	if slices.Contains(k.Scopes, "admin") || slices.Contains(k.Scopes, "account") {
		t.Errorf("a program's key holds %v", k.Scopes)
	}
}

// checkClients holds what scripts rely on: there is a client of each kind,
// the first is approved, may use codes and refresh tokens, comes back to the
// loopback, may ask for all that its door has, and its secret is right.
func checkClients(t *testing.T, w wired, summary Summary) {
	t.Helper()
	ctx, gate := context.Background(), &guard.ClientGate{Clients: w.store, Now: func() time.Time { return testNow }}
	for kind, of := range map[string]domain.ClientKind{"standard": domain.StandardClient, "public": domain.StandardClient,
		"wotkit": domain.WotkitClient, "lametric": domain.LametricClient, "ttn": domain.TTNClient} {
		entry, ok := summary.client(kind)
		if !ok {
			t.Errorf("there is no client of the kind %s", kind)
			continue
		}
		made, err := gate.Authenticate(ctx, guard.ClientProof{ID: entry.ID, Secret: entry.Secret})
		if err != nil || made.Public != (kind == "public") || made.Kind != of || made.State != domain.ClientApproved {
			t.Errorf("%s: got %v, %v", kind, made, err)
		}
		if entry.Secret.Empty() != made.Public {
			t.Errorf("%s: whether demo.json has a secret: %t", kind, !entry.Secret.Empty())
		}
		uri, err := url.Parse(entry.RedirectURIs[0])
		if err != nil || !domain.IsLoopback(uri.Hostname()) || made.CheckRedirectURI(entry.RedirectURIs[0]) != nil {
			t.Errorf("%s: got the redirect URIs %v", kind, entry.RedirectURIs)
		}
		if !made.MayUse(domain.CodeGrant) || !made.MayUse(domain.RefreshGrant) || !slices.Contains(entry.GrantTypes, "authorization_code") || !slices.Contains(entry.GrantTypes, "refresh_token") {
			t.Errorf("%s: got the grant types %v", kind, entry.GrantTypes)
		}
		if all := domain.UnionOf(of.ScopeNames()); !all.Within(made.Scopes) || len(entry.Scopes) != len(of.ScopeNames()) {
			t.Errorf("%s: got the scopes %v", kind, entry.Scopes)
		}
	}
	if waiting, err := w.store.Client(ctx, "parking-pilot"); err != nil || waiting.State != domain.ClientRequested {
		t.Errorf("nothing waits for an administrator: %v, %v", waiting.State, err)
	}
}

// checkConnection holds that something acts for the first owner, and did.
func checkConnection(t *testing.T, w wired, owner domain.User) {
	t.Helper()
	ctx := context.Background()
	if err := w.uses.Flush(ctx, w.store); err != nil {
		t.Fatal(err)
	}
	grants, err := w.store.LiveGrants(ctx, owner.ID, diary)
	if err != nil || len(grants) != 1 || grants[0].LastUse.At.IsZero() {
		t.Fatalf("got the grants %v, %v, want one that was used", grants, err)
	}
	if ids := grants[0].Scopes.ThingIDs(domain.NounSensor); len(ids) != 1 {
		t.Errorf("got the scopes %v, want one sensor's", grants[0].Scopes)
	}
}

func TestEveryStationHasItsReadings(t *testing.T) {
	t.Parallel()
	ctx, w := context.Background(), wire(t)
	if _, err := Fill(ctx, w.services(), testNow, 1); err != nil {
		t.Fatal(err)
	}
	from, to := span(testNow)
	sky, admin := newWorld(1, from, to), operatorCaller()
	for _, station := range stations() {
		want := station.readings(sky, from, to)
		_, stored, err := w.readings.Query(ctx, admin, station.sensor.FullName(), reading.Query{Range: domain.Everything()})
		if err != nil {
			t.Fatalf("%s: %v", station.sensor.FullName(), err)
		}
		count := 0
		for got, err := range stored {
			if err != nil {
				t.Fatal(err)
			}
			if count < len(want) && (got.At != want[count].At || !slices.Equal(got.Values, want[count].Values)) {
				t.Errorf("%s: reading %d is %v, want %v", station.sensor.FullName(), count, got, want[count])
				break
			}
			count++
		}
		if count != len(want) {
			t.Errorf("%s has %d readings, want %d", station.sensor.FullName(), count, len(want))
		}
	}
}

// stumbling fails after some batches, as a process that is killed would.
type stumbling struct {
	Readings
	left int
}

func (s *stumbling) Append(ctx context.Context, c domain.Caller, ref string, readings []domain.Reading, once reading.Once) ([]domain.ReadingID, error) {
	if s.left--; s.left < 0 {
		return nil, context.Canceled
	}
	return s.Readings.Append(ctx, c, ref, readings, once)
}

func TestADemoThatWasCutOffIsCompleted(t *testing.T) {
	t.Parallel()
	ctx, w, path := context.Background(), wire(t), filepath.Join(t.TempDir(), "demo.json")
	cut := w.services()
	cut.Readings = &stumbling{Readings: w.readings, left: 5}
	if _, err := Prepare(ctx, cut, path, testNow, 1); err == nil {
		t.Fatal("the cut was not noticed")
	}
	summary, err := Prepare(ctx, w.services(), path, testNow.Add(time.Minute), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, user := range summary.Users {
		if _, err := w.accounts.SignIn(ctx, user.Name, user.Password, account.Origin{}); err != nil {
			t.Errorf("sign in as %s: %v", user.Name, err)
		}
	}
	checkClients(t, w, summary)
	first := stations()[0].sensor.FullName()
	_, stored, err := w.readings.Query(ctx, operatorCaller(), first, reading.Query{Range: domain.Everything()})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[domain.Millis]bool{}
	for got, err := range stored {
		if err != nil {
			t.Fatal(err)
		}
		if seen[got.At] {
			t.Fatalf("%s has two readings at %v", first, got.At.Time())
		}
		seen[got.At] = true
	}
	if len(seen) == 0 {
		t.Errorf("%s has no readings", first)
	}
}

func TestADemoThatWasNotWrittenDownIsMadeAgain(t *testing.T) {
	t.Parallel()
	ctx, w := context.Background(), wire(t)
	if _, err := Fill(ctx, w.services(), testNow, 1); err != nil {
		t.Fatal(err)
	}
	summary, err := Prepare(ctx, w.services(), filepath.Join(t.TempDir(), "demo.json"), testNow, 1)
	if err != nil {
		t.Fatal(err)
	}
	owner, err := w.store.UserByName(ctx, "alice")
	if err != nil {
		t.Fatal(err)
	}
	checkClients(t, w, summary)
	checkConnection(t, w, owner)
	checkNetwork(t, w, owner)
	checkFirstPerson(t, summary)
}

func TestAStoreWithPeopleIsNoDemo(t *testing.T) {
	t.Parallel()
	ctx, w := context.Background(), wire(t)
	storetest.User(t, w.store, "dora")
	_, err := Prepare(ctx, w.services(), filepath.Join(t.TempDir(), "demo.json"), testNow, 1)
	if domain.CodeOf(err) != "not_a_demo" {
		t.Fatalf("got %v, want not_a_demo", err)
	}
	users, err := w.accounts.Users(ctx, operatorCaller(), domain.Page{Limit: 10})
	if err != nil || len(users.Items) != 1 {
		t.Errorf("the store was touched: %v, %v", users.Items, err)
	}
}
