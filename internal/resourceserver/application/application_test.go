package application

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

// world is a service on a store: alice owns apitest, which is registered.
type world struct {
	*Service
	store             *store.Store
	clock             *storetest.Clock
	alice, bob, carol domain.Caller
	app               domain.Application
}

func newWorld(t testing.TB) world {
	t.Helper()
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock.Now)
	sealer, err := secret.NewSealer(secret.RandomBytes(32))
	if err != nil {
		t.Fatal(err)
	}
	w := world{Service: &Service{Store: s, Finder: guard.NewFinder(s, nil), Issuer: "ttn-account-v2", Sealer: sealer, Vault: sealer, Now: clock.Now}, store: s, clock: clock,
		alice: storetest.Person(storetest.User(t, s, "alice")), bob: storetest.Person(storetest.User(t, s, "bobby")), carol: storetest.Person(storetest.User(t, s, "carol"))}
	w.app = w.create(t, w.alice, "apitest")
	if err := w.Register(context.Background(), w.alice, "apitest"); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w world) create(t testing.TB, c domain.Caller, name string) domain.Application {
	t.Helper()
	made, err := w.Create(context.Background(), c, New{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// acting is who calls with an access key of the application.
func acting(a domain.Application, rights ...domain.Right) domain.Caller {
	key := domain.AccessKey{Thing: a.Thing().Key(), Rights: domain.SetOf(rights...)}
	return domain.Caller{Credential: domain.AccessCredential, Acting: key.Thing, Rights: key.Rights, Scopes: key.Scopes()}
}

// share makes somebody a collaborator on apitest.
func (w world) share(t testing.TB, with domain.Caller, rights ...domain.Right) {
	t.Helper()
	_, err := w.store.SetCollaborator(context.Background(), w.alice, w.app.Thing().Key(), with.User.Name, domain.SetOf(rights...), func(domain.Sharing) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t testing.TB, what string, err error, code string) {
	t.Helper()
	if got := domain.CodeOf(err); (err == nil) != (code == "") || err != nil && got != code {
		t.Errorf("%s: got %v, want the code %q", what, err, code)
	}
}

func someDevice(name string, number int) domain.EndDevice {
	return domain.EndDevice{Name: name, AppEUI: "70B3D57EF0000000", DevEUI: fmt.Sprintf("%016X", number), Keys: domain.EndDeviceKeys{App: secret.New(strings.Repeat("0A", 16))}}
}

// acts are all acts on the application, and the right that each needs.
func (w world) acts(ctx context.Context, c domain.Caller) map[string]func() error {
	return map[string]func() error{
		"settings: edit":           func() error { _, err := w.Edit(ctx, c, "apitest", Edit{Description: new(string)}); return err },
		"settings: add EUI":        func() error { _, err := w.AddEUI(ctx, c, "apitest", "0102030405060708"); return err },
		"settings: keys":           func() error { _, err := w.AccessKeys(ctx, c, "apitest"); return err },
		"devices: list":            func() error { _, err := w.EndDevices(ctx, c, "apitest", domain.Page{}); return err },
		"devices: list at":         func() error { _, _, err := w.EndDevicesAt(ctx, c, "apitest", 0, 0); return err },
		"devices: set":             func() error { _, err := w.SetEndDevice(ctx, c, "apitest", someDevice("one", 1)); return err },
		"devices: show":            func() error { _, err := w.EndDevice(ctx, c, "apitest", "one"); return err },
		"see: show":                func() error { _, err := w.Find(ctx, c, "apitest"); return err },
		"see: rights":              func() error { _, err := w.Rights(ctx, c, "apitest"); return err },
		"settings: register twice": func() error { return registeredAlready(w.Register(ctx, c, "apitest")) },
	}
}

func registeredAlready(err error) error {
	if domain.CodeOf(err) == "application_registered" {
		return nil
	}
	return err
}

func TestEachActNeedsItsRight(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	if _, err := w.SetEndDevice(ctx, w.alice, "apitest", someDevice("one", 1)); err != nil {
		t.Fatal(err)
	}
	w.share(t, w.bob, domain.ApplicationSettings)
	w.share(t, w.carol, domain.ApplicationDevices)
	stranger := storetest.Person(storetest.User(t, w.store, "mallory"))
	tests := []struct {
		name    string
		caller  domain.Caller
		may     string // rights, with spaces between
		refused string
	}{
		{"the owner", w.alice, "see settings devices", ""},
		{"a collaborator for settings", w.bob, "see settings", "right_missing"},
		{"a collaborator for end devices", w.carol, "see devices", "right_missing"},
		{"a stranger", stranger, "", "application_not_found"},
		{"nobody", domain.Caller{}, "", "application_not_found"},
		{"a key of the owner for another application", storetest.Holding(t, w.alice, "applications.*:#999"), "", "application_not_found"},
		{"a key of the owner for this one", storetest.Holding(t, w.alice, "applications.*:"+domain.ThingRef(int64(w.app.ID))), "see settings devices", ""},
		{"a key of the owner that reads", storetest.Holding(t, w.alice, "applications.read"), "see", "insufficient_scope"},
		{"a key of the owner for end devices", storetest.Holding(t, w.alice, "applications.devices"), "devices", "insufficient_scope"},
		{"a key of the owner for devices, which are something else", storetest.Holding(t, w.alice, "devices.read devices.write"), "", "application_not_found"},
		{"an access key for end devices", acting(w.app, domain.ApplicationDevices), "see devices", "right_missing"},
		{"an access key for settings", acting(w.app, domain.ApplicationSettings), "see settings", "right_missing"},
		{"an access key for messages", acting(w.app, domain.MessagesUpRead), "see", "right_missing"},
		{"an access key of another application", acting(domain.Application{ID: 999}, domain.ApplicationSettings, domain.ApplicationDevices), "", "application_not_found"},
	}
	for _, test := range tests {
		for what, act := range w.acts(ctx, test.caller) {
			right, _, _ := strings.Cut(what, ":")
			want := test.refused
			if slices.Contains(strings.Fields(test.may), right) {
				want = ""
			}
			wantCode(t, test.name+", "+what, act(), want)
		}
	}
}

func TestWhoMayCreate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	for i, test := range []struct {
		caller domain.Caller
		code   string
	}{
		{w.bob, ""}, {storetest.Holding(t, w.bob, "applications.write"), ""},
		{storetest.Holding(t, w.bob, "applications.write:#1"), "insufficient_scope"}, {storetest.Holding(t, w.bob, "applications.read"), "insufficient_scope"},
		{acting(w.app, domain.ApplicationSettings), "no_user"}, {domain.Caller{}, "credential_missing"},
	} {
		_, err := w.Create(ctx, test.caller, New{Name: fmt.Sprint("app-", i)})
		wantCode(t, fmt.Sprint(i), err, test.code)
	}
	for name, in := range map[string]New{
		"invalid_id": {Name: "a" + strings.Repeat("-a", 35)}, "invalid_eui": {Name: "good", EUIs: []string{"12"}},
		"invalid_description": {Name: "good", Description: strings.Repeat("x", 1001)}, "application_id_taken": {Name: "apitest"},
	} {
		_, err := w.Create(ctx, w.bob, in)
		wantCode(t, name, err, name)
	}
}

func TestNobodyTakesTheNameOfADeletedApplication(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	if err := w.Delete(ctx, w.alice, "apitest"); err != nil {
		t.Fatal(err)
	}
	_, err := w.Create(ctx, w.bob, New{Name: "apitest"})
	wantCode(t, "create", err, "application_id_taken")
	_, err = w.Restore(ctx, w.bob, "apitest")
	wantCode(t, "restore", err, "application_not_found")
	_, err = w.Restore(ctx, storetest.Holding(t, w.alice, "applications.write:#999"), "apitest")
	wantCode(t, "restore with a key for another one", err, "application_not_found")
	restored, err := w.Restore(ctx, storetest.Holding(t, w.alice, "applications.write"), "apitest")
	if err != nil || restored.ID != w.app.ID || !slices.Equal(restored.EUIs, w.app.EUIs) {
		t.Errorf("got %+v (%v)", restored, err)
	}
	_, err = w.Restore(ctx, w.alice, "apitest")
	wantCode(t, "restore what is there", err, "application_not_deleted")
	w.share(t, w.carol, domain.ApplicationDelete)
	if err := w.Delete(ctx, w.carol, "apitest"); err != nil {
		t.Fatal(err)
	}
	if _, err = w.Restore(ctx, w.carol, "apitest"); err != nil {
		t.Errorf("a collaborator with the right to delete: got %v", err)
	}
	if err := w.Delete(ctx, w.alice, "apitest"); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(domain.RestoreWithin + time.Hour)
	_, err = w.Restore(ctx, w.alice, "apitest")
	wantCode(t, "restore too late", err, "application_not_found")
}

func TestARestrictedTokenSeesItsApplicationsAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	other := w.create(t, w.alice, "other")
	w.create(t, w.bob, "foreign")
	names := func(c domain.Caller, which domain.Which) string {
		t.Helper()
		listed, err := w.List(ctx, c, which, domain.Page{})
		if err != nil {
			t.Fatal(err)
		}
		list := []string{}
		for _, a := range listed.Items {
			list = append(list, a.Name)
		}
		return strings.Join(list, " ")
	}
	narrow := storetest.Holding(t, w.alice, "applications.*:"+domain.ThingRef(int64(other.ID)))
	elsewhere := storetest.Holding(t, w.alice, "applications.*:#999")
	if got := names(w.alice, domain.Living) + "|" + names(narrow, domain.WithDeleted) + "|" + names(elsewhere, domain.WithDeleted) + "|" + names(acting(other, domain.MessagesUpRead), domain.Living); got != "apitest other|other||other" {
		t.Errorf("got %q", got)
	}
	if err := w.Delete(ctx, narrow, "other"); err != nil {
		t.Fatal(err)
	}
	if got := names(w.alice, domain.Living) + "|" + names(w.alice, domain.WithDeleted) + "|" + names(w.alice, domain.OnlyDeleted); got != "apitest|apitest other|other" {
		t.Errorf("after the deletion: got %q", got)
	}
	_, err := w.List(ctx, storetest.Holding(t, w.alice, "sensors.read"), domain.Living, domain.Page{})
	wantCode(t, "without the scope", err, "insufficient_scope")
	if got := names(domain.Caller{Credential: domain.TokenCredential, Scopes: domain.EveryScope()}, domain.Living); got != "" {
		t.Errorf("a client without a user lists %q", got)
	}
}

func TestTheRightsThatACallerIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.share(t, w.bob, domain.ApplicationSettings, domain.ApplicationDevices)
	for want, c := range map[string]domain.Caller{
		"settings delete collaborators devices": w.alice,
		"settings devices":                      w.bob,
		"devices":                               storetest.Holding(t, w.bob, "applications.read applications.devices"),
		"messages:up:r messages:down:w":         acting(w.app, domain.MessagesUpRead, domain.MessagesDownWrite),
	} {
		rights, err := w.Rights(context.Background(), c, "apitest")
		if got := rights.PrintRights(); got != want || err != nil {
			t.Errorf("got %q (%v), want %q", got, err, want)
		}
	}
}
