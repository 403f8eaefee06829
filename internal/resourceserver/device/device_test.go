package device

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

// world is a service on a store with two users.
type world struct {
	*Service
	store      *store.Store
	clock      *storetest.Clock
	alice, bob domain.Caller
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
		Service: &Service{Store: s, Finder: guard.NewFinder(s, nil), Sealer: sealer, Now: clock.Now},
		store:   s, clock: clock,
		alice: storetest.Person(storetest.User(t, s, "alice")), bob: storetest.Person(storetest.User(t, s, "bobby")),
	}
}

func (w world) create(t testing.TB, c domain.Caller, serial string) (domain.Device, secret.Secret) {
	t.Helper()
	made, key, err := w.Create(context.Background(), c, New{Name: "Clock " + serial, SerialNumber: serial})
	if err != nil {
		t.Fatalf("create %s: %v", serial, err)
	}
	return made, key
}

func ref(d domain.Device) string { return strconv.FormatInt(int64(d.ID), 10) }

func wantCode(t testing.TB, err error, kind domain.ErrorKind, code string) {
	t.Helper()
	if !domain.IsKind(err, kind) || domain.CodeOf(err) != code {
		t.Errorf("got %v (%s), want %s", err, domain.CodeOf(err), code)
	}
}

func TestCreateFillsInWhatIsLeftOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made, key, err := w.Create(context.Background(), w.alice, New{Name: " Kitchen ", SerialNumber: "SA14", MAC: "58-63-56-10-d6-30"})
	if err != nil {
		t.Fatal(err)
	}
	want := domain.Device{ID: made.ID, Owner: w.alice.User.ID.Owner(), OwnerName: "alice", Name: "Kitchen", State: domain.DeviceNew, SerialNumber: "SA14",
		IPv4: "0.0.0.0", MAC: "58:63:56:10:D6:30", KeyNumber: 1, CreatedAt: w.clock.Now(), UpdatedAt: w.clock.Now()}
	if made != want || made.ID == 0 {
		t.Errorf("got %+v, want %+v", made, want)
	}
	if err := domain.CheckLANKey(key.Reveal()); err != nil {
		t.Errorf("the LAN key that was made: %v", err)
	}
	given := secret.New(strings.Repeat("ab", 32))
	_, key, err = w.Create(context.Background(), w.alice, New{Name: "Other", SerialNumber: "SA15", LANKey: given})
	if err != nil || key.Hash() != given.Hash() {
		t.Errorf("got %v, want the LAN key that was given", err)
	}
}

func TestCreateRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create(t, w.bob, "TAKEN")
	userless := storetest.Holding(t, w.alice, "devices.*")
	userless.User, userless.Credential = domain.User{}, domain.TokenCredential
	good := New{Name: "Clock", SerialNumber: "SA14"}
	taken, bad, badKey := good, good, good
	taken.SerialNumber, bad.Name, badKey.LANKey = "TAKEN", "", secret.New("0123")
	tests := []struct {
		name   string
		caller domain.Caller
		in     New
		kind   domain.ErrorKind
		code   string
	}{
		{"anonymous", domain.Caller{}, good, domain.Unauthenticated, "credential_missing"},
		{"no scope", storetest.Holding(t, w.alice, "devices.read sensors.*"), good, domain.Forbidden, "insufficient_scope"},
		{"narrowed to things", storetest.Holding(t, w.alice, "devices.write:#1"), good, domain.Forbidden, "insufficient_scope"},
		{"nobody", userless, good, domain.Forbidden, "no_user"},
		{"not valid", w.alice, bad, domain.Invalid, "invalid_name"},
		{"a LAN key that is none", w.alice, badKey, domain.Invalid, "invalid_lan_key"},
		{"somebody else's serial number", w.alice, taken, domain.Conflict, "serial_number_taken"},
	}
	for _, test := range tests {
		_, _, err := w.Create(context.Background(), test.caller, test.in)
		t.Run(test.name, func(t *testing.T) { wantCode(t, err, test.kind, test.code) })
	}
}

func TestANarrowedCredentialListsItsOwnThingsAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	first, _ := w.create(t, w.alice, "SA01")
	second, _ := w.create(t, w.alice, "SA02")
	foreign, _ := w.create(t, w.bob, "SB01")
	nobody := storetest.Holding(t, w.alice, "devices.read")
	nobody.User, nobody.Credential = domain.User{}, domain.TokenCredential
	for _, test := range []struct {
		name   string
		caller domain.Caller
		want   []domain.DeviceID
	}{
		{"all", w.alice, []domain.DeviceID{first.ID, second.ID}},
		{"one", storetest.Holding(t, w.alice, fmt.Sprintf("devices.read:#%d", second.ID)), []domain.DeviceID{second.ID}},
		{"one to write and one to read", storetest.Holding(t, w.alice, fmt.Sprintf("devices.write:#%d devices.read:#%d", first.ID, second.ID)), []domain.DeviceID{second.ID}},
		{"somebody else's", storetest.Holding(t, w.alice, fmt.Sprintf("devices.*:#%d", foreign.ID)), nil},
		{"a client without a user", nobody, nil},
	} {
		listed, err := w.List(ctx, test.caller, domain.Page{})
		var got []domain.DeviceID
		for _, device := range listed.Items {
			got = append(got, device.ID)
		}
		if err != nil || !slices.Equal(got, test.want) || listed.Total != len(test.want) {
			t.Errorf("%s: got %v of %d (%v), want %v", test.name, got, listed.Total, err, test.want)
		}
	}
	_, err := w.List(ctx, storetest.Holding(t, w.alice, "devices.write"), domain.Page{})
	wantCode(t, err, domain.Forbidden, "insufficient_scope")
	if n, err := w.Count(ctx, storetest.Holding(t, w.alice, "profile")); n != 2 || err != nil {
		t.Errorf("got %d devices (%v), want both in the profile", n, err)
	}
	_, err = w.Count(ctx, storetest.Holding(t, w.alice, "devices.read"))
	wantCode(t, err, domain.Forbidden, "insufficient_scope")
}

func TestOnlyWhoHasTheRightSeesChangesAndDeletes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	made, _ := w.create(t, w.alice, "SA01")
	admin := w.bob
	admin.User.Admin = true
	name := "Renamed"
	for _, test := range []struct {
		name              string
		caller            domain.Caller
		see, change, kill string // codes; empty: allowed
	}{
		{"stranger", w.bob, "device_not_found", "device_not_found", "device_not_found"},
		{"reader", storetest.Holding(t, w.alice, "devices.read"), "", "insufficient_scope", "insufficient_scope"},
		{"writer", storetest.Holding(t, w.alice, "devices.write"), "insufficient_scope", "", "stop"},
		{"another thing", storetest.Holding(t, w.alice, "devices.*:#99"), "device_not_found", "device_not_found", "device_not_found"},
		{"administrator", admin, "", "", "stop"},
		{"owner", w.alice, "", "", ""},
	} {
		_, err := w.Find(ctx, test.caller, ref(made))
		if got := codeOf(err); got != test.see {
			t.Errorf("%s sees: got %q, want %q", test.name, got, test.see)
		}
		_, err = w.Edit(ctx, test.caller, ref(made), Edit{Name: &name})
		if got := codeOf(err); got != test.change {
			t.Errorf("%s changes: got %q, want %q", test.name, got, test.change)
		}
		if test.kill == "stop" {
			continue
		}
		if got := codeOf(w.Delete(ctx, test.caller, ref(made))); got != test.kill {
			t.Errorf("%s deletes: got %q, want %q", test.name, got, test.kill)
		}
	}
	for _, unknown := range []string{"99", "0", "-1", "x", "", "9999999999999999999999"} {
		_, err := w.Find(ctx, w.alice, unknown)
		wantCode(t, err, domain.NotFound, "device_not_found")
	}
}

func codeOf(err error) string {
	if err == nil {
		return ""
	}
	return domain.CodeOf(err)
}

func TestEditKeepsWhatIsNotNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	made, _ := w.create(t, w.alice, "SA01")
	w.clock.Advance(time.Hour)
	address, state := "192.168.0.17", domain.DeviceConfigured
	got, err := w.Edit(ctx, w.alice, ref(made), Edit{IPv4: &address, State: &state})
	want := made
	want.IPv4, want.State, want.UpdatedAt = address, state, w.clock.Now()
	if err != nil || got != want {
		t.Errorf("got %+v (%v), want %+v", got, err, want)
	}
	for _, state := range []domain.DeviceState{"", "lost"} {
		_, err = w.Edit(ctx, w.alice, ref(made), Edit{State: &state})
		wantCode(t, err, domain.Invalid, "invalid_state")
	}
}

func TestTheLANKeyIsSealedShownAndRotated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	made, key := w.create(t, w.alice, "SA01")
	shown, err := w.LANKey(ctx, w.alice, made)
	if err != nil || shown.Hash() != key.Hash() {
		t.Errorf("got %v, want the key that was made", err)
	}
	sealed, err := w.store.SealedLANKeys(ctx, []domain.DeviceID{made.ID})
	if err != nil || strings.Contains(string(sealed[0].Sealed), key.Reveal()) {
		t.Errorf("the store holds the key in clear, or not at all (%v)", err)
	}
	_, err = w.LANKey(ctx, w.bob, made)
	wantCode(t, err, domain.NotFound, "device_not_found")
	_, err = w.LANKey(ctx, storetest.Holding(t, w.alice, "devices.write"), made)
	wantCode(t, err, domain.Forbidden, "insufficient_scope")
	_, _, err = w.RotateLANKey(ctx, storetest.Holding(t, w.alice, "devices.write"), ref(made))
	wantCode(t, err, domain.Forbidden, "insufficient_scope")
	_, _, err = w.RotateLANKey(ctx, storetest.Holding(t, w.alice, "devices.read"), ref(made))
	wantCode(t, err, domain.Forbidden, "insufficient_scope")
	rotated, fresh, err := w.RotateLANKey(ctx, storetest.Holding(t, w.alice, "devices.*"), ref(made))
	if err != nil || fresh.Hash() == key.Hash() || rotated.KeyNumber != 2 {
		t.Fatalf("got number %d (%v), want another key with the number 2", rotated.KeyNumber, err)
	}
	if shown, err := w.LANKey(ctx, w.alice, made); err != nil || shown.Hash() != fresh.Hash() {
		t.Errorf("got %v, want the new key", err)
	}
	if n, err := w.ExamineSealed(ctx); n != 1 || err != nil {
		t.Errorf("got %d (%v), want one key that opens", n, err)
	}
	other, _ := secret.NewSealer(secret.RandomBytes(32))
	w.Service.Sealer = other
	if _, err := w.ExamineSealed(ctx); err == nil {
		t.Error("a key opens under another server key")
	}
}

func TestShownOnceLANKeysAreMasked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	before, _ := w.create(t, w.alice, "SA00")
	w.Service.Sealer = nil
	made, key := w.create(t, w.alice, "SA01")
	if key.Reveal() == masked.Reveal() {
		t.Error("the key is masked where it is made")
	}
	keys, err := w.LANKeys(ctx, w.alice, []domain.Device{before, made})
	if err != nil || keys[made.ID].Reveal() != strings.Repeat("0", 64) || keys[before.ID].Reveal() != strings.Repeat("0", 64) {
		t.Errorf("got %v, want 64 zeros", err)
	}
	sealed, err := w.store.SealedLANKeys(ctx, []domain.DeviceID{made.ID})
	if err != nil || len(sealed[0].Sealed) != 0 {
		t.Errorf("got %d bytes (%v), want nothing kept", len(sealed[0].Sealed), err)
	}
}

func TestShowingLANKeysIsAuditedOncePerDayCredentialAndDevice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	first, _ := w.create(t, w.alice, "SA01")
	second, _ := w.create(t, w.alice, "SA02")
	program := storetest.Holding(t, w.alice, "devices.read")
	look := func(c domain.Caller, devices ...domain.Device) {
		t.Helper()
		if _, err := w.LANKeys(ctx, c, devices); err != nil {
			t.Fatal(err)
		}
	}
	counted := func() int {
		t.Helper()
		audit, err := w.store.AuditOf(ctx, w.alice.User.ID, domain.Page{Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, event := range audit.Items {
			if event.Act == "device.view" {
				n++
			}
		}
		return n
	}
	for _, step := range []struct {
		name string
		look func()
		want int
	}{
		{"at first", func() { look(program, first) }, 1},
		{"again", func() { look(program, first) }, 1},
		{"another device", func() { look(program, first, second) }, 2},
		{"another credential", func() { look(w.alice, first) }, 3},
		{"the next day", func() { w.clock.Advance(24 * time.Hour); look(program, first, second) }, 5},
		{"none", func() { look(program) }, 5},
	} {
		step.look()
		if got := counted(); got != step.want {
			t.Errorf("%s: got %d events, want %d", step.name, got, step.want)
		}
	}
}
