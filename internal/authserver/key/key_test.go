package key_test

import (
	"context"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/authserver/key"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

type world struct {
	*key.Service
	store *store.Store
	clock *storetest.Clock
	alice domain.Caller
}

// newWorld makes a store in which alice, signed in with a fresh password, has
// the sensor alice.greenhouse.
func newWorld(t *testing.T) world {
	t.Helper()
	c := storetest.NewClock()
	s := storetest.OpenAt(t, c.Now)
	sealer, err := secret.LoadOrMakeServerKey(filepath.Join(t.TempDir(), "server.key"))
	if err != nil {
		t.Fatal(err)
	}
	w := world{store: s, clock: c, alice: person(t, s, c, "alice")}
	w.Service = &key.Service{Store: s, Reader: s, Finder: guard.NewFinder(s, nil), Sealer: sealer, Now: c.Now}
	return w
}

func person(t *testing.T, s *store.Store, c *storetest.Clock, name string) domain.Caller {
	t.Helper()
	user := storetest.User(t, s, name)
	_, verified, err := s.UserWithPassword(context.Background(), name)
	if err != nil {
		t.Fatal(err)
	}
	session, err := s.CreateSession(context.Background(), domain.NewSession{User: user.ID, Hash: secret.Generate(secret.Session).Hash(), Verified: verified},
		domain.AuditEvent{At: c.Now(), Act: "session.start", Result: "ok"})
	if err != nil {
		t.Fatal(err)
	}
	return domain.Caller{User: user, Credential: domain.SessionCredential, Session: session.ID, Scopes: domain.EveryScope()}
}

// newKey makes a key of alice with the scopes.
func (w world) newKey(t *testing.T, scopes string) (domain.Key, secret.Secret) {
	t.Helper()
	set, err := domain.ParseScopes(scopes)
	if err != nil {
		t.Fatal(err)
	}
	made, password, err := w.Create(context.Background(), w.alice, key.NewKey{Name: "gateway", Scopes: set})
	if err != nil {
		t.Fatal(err)
	}
	return made, password
}

// opens reports whether the password opens the key now.
func (w world) opens(t *testing.T, id domain.KeyID, password secret.Secret) bool {
	t.Helper()
	check, err := w.store.KeyCheck(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, stored := range check.Passwords {
		if stored.Usable(w.clock.Now()) && stored.Hash.Matches(password.Hash()) {
			return check.Key.Grant.Alive(w.clock.Now())
		}
	}
	return false
}

func TestAKeyIsViewedOnlyAfterAFreshPassword(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	made, password := w.newKey(t, "readings.write")
	if got, err := w.View(ctx, w.alice, made.ID); err != nil || got.Reveal() != password.Reveal() {
		t.Errorf("with a fresh password: %v", err)
	}
	w.clock.Advance(domain.FreshPassword + time.Second)
	if _, err := w.View(ctx, w.alice, made.ID); domain.CodeOf(err) != "password_needed" {
		t.Errorf("with a stale password: got %v, want password_needed", err)
	}
	byKey := w.alice
	byKey.Credential = domain.KeyCredential
	if _, err := w.View(ctx, byKey, made.ID); domain.CodeOf(err) != "password_needed" {
		t.Errorf("with a key: got %v, want password_needed", err)
	}
	events, err := w.store.AuditOf(ctx, w.alice.User.ID, domain.Page{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	views := 0
	for _, event := range events.Items {
		if event.Act == "key.view" {
			views++
		}
	}
	if views != 1 {
		t.Errorf("got %d audit events of viewing, want 1", views)
	}
}

func TestNobodyManagesSomebodyElsesKey(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	made, _ := w.newKey(t, "readings.write")
	mallory := person(t, w.store, w.clock, "mallory")
	name := "mine"
	acts := map[string]func() error{
		"find":   func() error { _, err := w.Find(ctx, mallory, made.ID); return err },
		"view":   func() error { _, err := w.View(ctx, mallory, made.ID); return err },
		"edit":   func() error { _, err := w.Edit(ctx, mallory, made.ID, key.KeyEdit{Name: &name}); return err },
		"rotate": func() error { _, err := w.Rotate(ctx, mallory, made.ID, 0); return err },
		"revoke": func() error { return w.Revoke(ctx, mallory, made.ID) },
		"uses":   func() error { _, err := w.Uses(ctx, mallory, made.ID); return err },
	}
	for act, do := range acts {
		if err := do(); !domain.IsKind(err, domain.NotFound) {
			t.Errorf("%s: got %v, want NotFound", act, err)
		}
	}
}

func TestAKeyGrantsNoMoreThanItsMakerHolds(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	maker := w.alice
	maker.Credential = domain.KeyCredential
	maker.Scopes = domain.ScopeSet{domain.ScopeAccount, domain.ScopeReadingsRead}
	for scopes, want := range map[string]string{
		"readings.read": "", "readings.write": "insufficient_scope", "readings.*": "insufficient_scope", "admin": "admin_only", "": "invalid_scopes",
		"readings.read:nobody.nothing": "invalid_scope",
	} {
		set, err := domain.ParseScopes(scopes)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = w.Create(ctx, maker, key.NewKey{Name: "k", Scopes: set})
		if want == "" && err != nil || want != "" && domain.CodeOf(err) != want {
			t.Errorf("%q: got %v, want %q", scopes, err, want)
		}
	}
}

func TestAKeyManagesNoKeyThatReachesBeyondIt(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	narrow := w.alice
	narrow.Credential, narrow.Session = domain.KeyCredential, 0
	narrow.Scopes = domain.ScopeSet{domain.ScopeAccount, domain.ScopeReadingsRead}
	narrow.ExpiresAt = w.clock.Now().Add(24 * time.Hour)
	narrow.Allowed = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	soon, here := narrow.ExpiresAt.Add(-time.Hour), []netip.Prefix{netip.MustParsePrefix("192.0.2.7/32")}
	for name, k := range map[string]struct {
		scopes  string
		expires time.Time
		allowed []netip.Prefix
		want    string
	}{
		"within":            {"readings.read", soon, here, ""},
		"as much":           {"account readings.read", narrow.ExpiresAt, narrow.Allowed, ""},
		"more scopes":       {"readings.read sensors.write", soon, here, "insufficient_scope"},
		"every verb":        {"readings.*", soon, here, "insufficient_scope"},
		"never ends":        {"readings.read", time.Time{}, here, "beyond_credential"},
		"ends later":        {"readings.read", narrow.ExpiresAt.Add(time.Second), here, "beyond_credential"},
		"any address":       {"readings.read", soon, nil, "beyond_credential"},
		"a wider network":   {"readings.read", soon, []netip.Prefix{netip.MustParsePrefix("192.0.0.0/16")}, "beyond_credential"},
		"another network":   {"readings.read", soon, append([]netip.Prefix{netip.MustParsePrefix("198.51.100.1/32")}, here...), "beyond_credential"},
		"the other family":  {"readings.read", soon, []netip.Prefix{netip.MustParsePrefix("2001:db8::/32")}, "beyond_credential"},
		"everything at all": {"account sensors.*", time.Time{}, nil, "insufficient_scope"},
	} {
		scopes, err := domain.ParseScopes(k.scopes)
		if err != nil {
			t.Fatal(err)
		}
		in := key.NewKey{Name: name, Scopes: scopes, ExpiresAt: k.expires, Allowed: k.allowed}
		made, password, err := w.Create(ctx, w.alice, in)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		title := "renamed"
		for act, do := range map[string]func() error{
			"create": func() error { _, _, err := w.Create(ctx, narrow, in); return err },
			"edit":   func() error { _, err := w.Edit(ctx, narrow, made.ID, key.KeyEdit{Name: &title}); return err },
			"rotate": func() error { _, err := w.Rotate(ctx, narrow, made.ID, time.Hour); return err },
		} {
			if err := do(); domain.CodeOf(err) != k.want && (err != nil || k.want != "") {
				t.Errorf("%s %s: got %v, want %q", act, name, err, k.want)
			}
		}
		if k.want != "" && !w.opens(t, made.ID, password) {
			t.Errorf("%s: the first password does not open it any more", name)
		}
		if err := w.Revoke(ctx, narrow, made.ID); err != nil {
			t.Errorf("revoke %s: got %v; ending is always possible", name, err)
		}
	}
}

func TestAKeyCannotWidenAKeyByEditing(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	narrow := w.alice
	narrow.Credential, narrow.Session = domain.KeyCredential, 0
	narrow.Scopes = domain.ScopeSet{domain.ScopeAccount}
	narrow.ExpiresAt = w.clock.Now().Add(24 * time.Hour)
	narrow.Allowed = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	self, _, err := w.Create(ctx, w.alice, key.NewKey{Name: "self", Scopes: narrow.Scopes, ExpiresAt: narrow.ExpiresAt, Allowed: narrow.Allowed})
	if err != nil {
		t.Fatal(err)
	}
	never, later, anywhere := time.Time{}, narrow.ExpiresAt.Add(time.Hour), []netip.Prefix{}
	for name, edit := range map[string]key.KeyEdit{
		"no end": {ExpiresAt: &never}, "later end": {ExpiresAt: &later}, "every address": {Allowed: &anywhere},
	} {
		if _, err := w.Edit(ctx, narrow, self.ID, edit); domain.CodeOf(err) != "beyond_credential" {
			t.Errorf("%s: got %v, want beyond_credential", name, err)
		}
	}
	if _, err := w.Edit(ctx, w.alice, self.ID, key.KeyEdit{ExpiresAt: &never, Allowed: &anywhere}); err != nil {
		t.Errorf("the person herself: %v", err)
	}
}

func TestThingsInScopesAreStoredByID(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	sensors, err := w.store.CreateSensors(ctx, w.alice, []domain.Sensor{{Owner: w.alice.User.ID.Owner(), OwnerName: "alice",
		Name: "greenhouse", LongName: "Greenhouse", Visibility: domain.Private, Fields: domain.DefaultFields()}})
	if err != nil {
		t.Fatal(err)
	}
	made, _ := w.newKey(t, "readings.write:greenhouse")
	if got := made.Grant.Scopes.String(); got != "readings.write:alice.greenhouse" {
		t.Errorf("shown as %q", got)
	}
	check, err := w.store.KeyCheck(ctx, made.ID)
	if err != nil {
		t.Fatal(err)
	}
	if !check.Key.Grant.Scopes.Covers(domain.ScopeReadingsWrite.On(int64(sensors[0].ID))) {
		t.Errorf("stored as %q", check.Key.Grant.Scopes)
	}
}

func TestRotationKeepsTheOldPasswordForTheOverlap(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	made, old := w.newKey(t, "readings.write")
	fresh, err := w.Rotate(ctx, w.alice, made.ID, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if !w.opens(t, made.ID, old) || !w.opens(t, made.ID, fresh) {
		t.Error("within the overlap both passwords must work")
	}
	w.clock.Advance(time.Hour)
	if w.opens(t, made.ID, old) || !w.opens(t, made.ID, fresh) {
		t.Error("after the overlap only the new password must work")
	}
	newest, err := w.Rotate(ctx, w.alice, made.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	if w.opens(t, made.ID, fresh) || !w.opens(t, made.ID, newest) {
		t.Error("without overlap the old password must stop at once")
	}
	if got, err := w.View(ctx, w.alice, made.ID); domain.CodeOf(err) != "password_needed" && got.Reveal() != newest.Reveal() {
		t.Errorf("the viewed password is not the newest: %v", err)
	}
}

func TestARevokedKeyIsDeadWhenRevokeReturns(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	made, password := w.newKey(t, "readings.write")
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 { // fill the cache as fast as they can
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					_, _ = w.store.KeyCheck(ctx, made.ID)
				}
			}
		})
	}
	if err := w.Revoke(ctx, w.alice, made.ID); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if w.opens(t, made.ID, password) {
			t.Fatal("it still opens")
		}
	}
	close(stop)
	readers.Wait()
	if err := w.Revoke(ctx, w.alice, made.ID); !domain.IsKind(err, domain.NotFound) {
		t.Errorf("revoked twice: got %v, want NotFound", err)
	}
}

func TestImportedKeysKeepTheirPasswords(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	wanted := key.NewKey{Name: "old gateway", Scopes: domain.ScopeSet{domain.ScopeReadingsWrite}}
	operator := w.alice
	operator.Credential = domain.OperatorCredential
	if _, err := w.Import(ctx, operator, "feedfacecafebeef", secret.New("0123456789abcdef"), wanted); err != nil {
		t.Fatal(err)
	}
	if !w.opens(t, "feedfacecafebeef", secret.New("0123456789abcdef")) {
		t.Error("the imported password does not open the key")
	}
	if _, err := w.Import(ctx, operator, "feedfacecafebeef", secret.New("0123456789abcdef"), wanted); !domain.IsKind(err, domain.Conflict) {
		t.Errorf("imported twice: got %v, want Conflict", err)
	}
	if _, err := w.Import(ctx, operator, "old-key", secret.New("summer2024"), wanted); err != nil {
		t.Fatal(err)
	}
	check, err := w.store.KeyCheck(ctx, "old-key")
	if err != nil || !strings.HasPrefix(check.Passwords[0].SlowHash, "$argon2id$") {
		t.Errorf("a chosen password is not hashed slowly: %v", err)
	}
	for _, id := range []string{"abc", "a:bcd", "", strings.Repeat("x", 101)} {
		if _, err := w.Import(ctx, operator, domain.KeyID(id), secret.New("0123456789abcdef"), wanted); !domain.IsKind(err, domain.Invalid) {
			t.Errorf("id %q: got %v, want Invalid", id, err)
		}
	}
}

func TestKeysRefuseBadInput(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	scopes := domain.ScopeSet{domain.ScopeReadingsWrite}
	tests := map[string]key.NewKey{
		"no name":       {Scopes: scopes},
		"long name":     {Name: strings.Repeat("x", 61), Scopes: scopes},
		"two lines":     {Name: "a\nb", Scopes: scopes},
		"description":   {Name: "k", Description: strings.Repeat("x", 1001), Scopes: scopes},
		"past expiry":   {Name: "k", Scopes: scopes, ExpiresAt: w.clock.Now()},
		"invalid UTF-8": {Name: "k\xff", Scopes: scopes},
	}
	for name, in := range tests {
		if _, _, err := w.Create(ctx, w.alice, in); !domain.IsKind(err, domain.Invalid) {
			t.Errorf("%s: got %v, want Invalid", name, err)
		}
	}
	listed, err := w.List(ctx, w.alice, domain.Page{})
	if err != nil || len(listed.Items) != 0 {
		t.Errorf("got %d keys, %v; want none", len(listed.Items), err)
	}
}

func TestListPagesThroughAllKeys(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	for range 5 {
		w.newKey(t, "readings.write")
	}
	seen, page := map[domain.KeyID]bool{}, domain.Page{Limit: 2}
	for {
		listed, err := w.List(ctx, w.alice, page)
		if err != nil {
			t.Fatal(err)
		}
		if listed.Total != 5 {
			t.Errorf("total: got %d, want 5", listed.Total)
		}
		for _, k := range listed.Items {
			seen[k.ID] = true
		}
		if page.Cursor = listed.Next; listed.Next == "" {
			break
		}
	}
	if len(seen) != 5 {
		t.Errorf("saw %d keys, want 5", len(seen))
	}
}
