package guard_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/thingward/thingward/internal/authserver/account"
	"github.com/thingward/thingward/internal/authserver/key"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
	"github.com/thingward/thingward/internal/web"
)

var discard = slog.New(slog.DiscardHandler)

type world struct {
	guard    *guard.Guard
	keys     *key.Service
	accounts *account.Service
	store    *store.Store
	clock    *storetest.Clock
	alice    domain.User
}

func newWorld(t *testing.T) world {
	t.Helper()
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock.Now)
	w := world{store: s, clock: clock, alice: storetest.User(t, s, "alice"), accounts: account.New(s, account.SignUpOpen, clock.Now)}
	w.keys = &key.Service{Store: s, Reader: s, Finder: guard.NewFinder(s, nil), Now: clock.Now}
	w.guard = &guard.Guard{Credentials: s, Tokens: s, Passwords: w.accounts, Now: clock.Now}
	return w
}

// as is the caller who signs up keys for alice.
func (w world) as() domain.Caller {
	return domain.Caller{User: w.alice, Credential: domain.OperatorCredential, Scopes: domain.EveryScope()}
}

func (w world) newKey(t *testing.T, in key.NewKey) (domain.KeyID, secret.Secret) {
	t.Helper()
	in.Name, in.Scopes = "k", domain.ScopeSet{domain.ScopeReadingsWrite}
	made, password, err := w.keys.Create(context.Background(), w.as(), in)
	if err != nil {
		t.Fatal(err)
	}
	return made.ID, password
}

// identify asks the guard behind the edge, as every door does.
func (w world) identify(prepare func(*http.Request), accepts web.Accepts) (caller domain.Caller, err error) {
	edge := &web.Edge{Now: w.clock.Now, NewID: func() uint64 { return 1 }, Log: discard,
		Next: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { caller, err = w.guard.Identify(r, accepts) })}
	r := httptest.NewRequest("POST", "http://thingward.example/api/v1/sensors", nil)
	r.RemoteAddr = "192.0.2.7:1234"
	prepare(r)
	edge.ServeHTTP(httptest.NewRecorder(), r)
	return caller, err
}

func basic(name, password string) func(*http.Request) {
	return func(r *http.Request) { r.SetBasicAuth(name, password) }
}

func TestAKeyActsForItsUserWithItsScopes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, password := w.newKey(t, key.NewKey{})
	caller, err := w.identify(basic(string(id), password.Reveal()), web.Accepts{})
	if err != nil {
		t.Fatal(err)
	}
	if caller.User.Name != "alice" || caller.KeyID != id || caller.Scopes.String() != "readings.write" || caller.Address != netip.MustParseAddr("192.0.2.7") {
		t.Errorf("got %+v", caller)
	}
}

func TestRefusedCredentials(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, password := w.newKey(t, key.NewKey{ExpiresAt: w.clock.Now().Add(time.Hour)})
	elsewhere, elsewherePassword := w.newKey(t, key.NewKey{Allowed: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	revoked, revokedPassword := w.newKey(t, key.NewKey{})
	if err := w.keys.Revoke(context.Background(), w.as(), revoked); err != nil {
		t.Fatal(err)
	}
	header := func(values ...string) func(*http.Request) {
		return func(r *http.Request) { r.Header["Authorization"] = values }
	}
	tests := map[string]struct {
		prepare func(*http.Request)
		code    string
	}{
		"wrong password":      {basic(string(id), "wrong"), "invalid_credential"},
		"unknown key":         {basic("0000000000000000", password.Reveal()), "invalid_credential"},
		"other key's":         {basic(string(id), elsewherePassword.Reveal()), "invalid_credential"},
		"revoked":             {basic(string(revoked), revokedPassword.Reveal()), "invalid_credential"},
		"not from here":       {basic(string(elsewhere), elsewherePassword.Reveal()), "address_not_allowed"},
		"user name":           {basic("alice", storetest.Password), "invalid_credential"},
		"empty password":      {basic(string(id), ""), "invalid_credential"},
		"two headers":         {header("Basic eDp5", "Basic eDp5"), "invalid_request"},
		"no such scheme":      {header("Digest x"), "unknown_scheme"},
		"garbage":             {header("\x00\xff"), "unknown_scheme"},
		"too long":            {header("Basic " + strings.Repeat("A", 5000)), "unknown_scheme"},
		"basic without colon": {header("Basic YWJj"), "invalid_credential"},
		"unknown token":       {header("Bearer abc"), "invalid_token"},
	}
	for name, test := range tests {
		caller, err := w.identify(test.prepare, web.Accepts{Sessions: true})
		if domain.CodeOf(err) != test.code || !caller.Anonymous() {
			t.Errorf("%s: got %v, want %s", name, err, test.code)
		}
	}
	w.clock.Advance(time.Hour)
	if _, err := w.identify(basic(string(id), password.Reveal()), web.Accepts{}); domain.CodeOf(err) != "key_expired" {
		t.Errorf("expired: got %v", err)
	}
	if _, err := w.identify(basic(string(id), "wrong"), web.Accepts{}); domain.CodeOf(err) != "invalid_credential" {
		t.Errorf("expired with a wrong password: got %v, want no word of the expiry", err)
	}
}

func TestUserNameAndPasswordWhereADoorAcceptsThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	caller, err := w.identify(basic("alice", storetest.Password), web.Accepts{Passwords: true})
	if err != nil {
		t.Fatal(err)
	}
	if !caller.Holds(domain.ScopeSensorsWrite) || caller.Holds(domain.ScopeAccount) || caller.Holds(domain.ScopeAdmin) {
		t.Errorf("got the scopes %s", caller.Scopes)
	}
	if _, err := w.identify(basic("alice", "wrong password"), web.Accepts{Passwords: true}); !domain.IsKind(err, domain.Unauthenticated) {
		t.Errorf("wrong password: got %v", err)
	}
}

func TestASuspendedUsersKeysAreDead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, password := w.newKey(t, key.NewKey{})
	if _, err := w.identify(basic(string(id), password.Reveal()), web.Accepts{}); err != nil {
		t.Fatal(err)
	}
	admin := domain.Caller{Credential: domain.OperatorCredential, User: domain.User{Admin: true}, Scopes: domain.EveryScope()}
	if err := w.accounts.Suspend(context.Background(), admin, "alice"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.identify(basic(string(id), password.Reveal()), web.Accepts{}); domain.CodeOf(err) != "invalid_credential" {
		t.Errorf("got %v, want invalid_credential", err)
	}
}

func TestSessions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	signedIn, err := w.accounts.SignIn(context.Background(), "alice", secret.New(storetest.Password), account.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	cookie := func(r *http.Request) {
		r.AddCookie(&http.Cookie{Name: guard.SessionCookie(false), Value: signedIn.Cookie.Reveal()})
	}
	caller, err := w.identify(cookie, web.Accepts{Sessions: true})
	if err != nil || caller.User.Name != "alice" || !caller.Holds(domain.ScopeAccount) {
		t.Errorf("got %+v, %v", caller, err)
	}
	if caller, err := w.identify(cookie, web.Accepts{}); err != nil || !caller.Anonymous() {
		t.Errorf("at a door without sessions: got %+v, %v; want nobody", caller, err)
	}
	fromElsewhere := func(r *http.Request) {
		cookie(r)
		r.Header.Set("Origin", "https://evil.example")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
	}
	if _, err := w.identify(fromElsewhere, web.Accepts{Sessions: true}); domain.CodeOf(err) != "cross_origin" {
		t.Errorf("a form of another site: got %v, want cross_origin", err)
	}
	w.clock.Advance(domain.SessionIdle + time.Minute)
	if caller, err := w.identify(cookie, web.Accepts{Sessions: true}); err != nil || !caller.Anonymous() {
		t.Errorf("after the idle time: got %+v, %v; want nobody", caller, err)
	}
}

func TestOnHTTPSOnlyTheHostCookieCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.guard.HTTPS = true
	signedIn, err := w.accounts.SignIn(context.Background(), "alice", secret.New(storetest.Password), account.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"__Host-thingward": "alice", "thingward": ""} {
		cookie := func(r *http.Request) { r.AddCookie(&http.Cookie{Name: name, Value: signedIn.Cookie.Reveal()}) }
		if caller, err := w.identify(cookie, web.Accepts{Sessions: true}); err != nil || caller.User.Name != want {
			t.Errorf("%s: got %q, %v; want %q", name, caller.User.Name, err, want)
		}
	}
}

func TestAPasswordThatABrowserAddedWritesNothingForOtherSites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, password := w.newKey(t, key.NewKey{})
	for _, sent := range []struct{ method, mode, site, want string }{
		{"POST", "navigate", "cross-site", "cross_origin"}, // a form
		{"POST", "no-cors", "same-site", "cross_origin"},
		{"POST", "navigate", "same-origin", ""},
		{"POST", "cors", "cross-site", ""}, // a script with a key of its own
		{"POST", "", "", ""},               // no browser
		{"GET", "navigate", "cross-site", ""},
	} {
		_, err := w.identify(func(r *http.Request) {
			r.Method = sent.method
			r.SetBasicAuth(string(id), password.Reveal())
			r.Header.Set("Sec-Fetch-Mode", sent.mode)
			r.Header.Set("Sec-Fetch-Site", sent.site)
		}, web.Accepts{})
		if sent.want == "" && err != nil || sent.want != "" && domain.CodeOf(err) != sent.want {
			t.Errorf("%v: got %v", sent, err)
		}
	}
}

func TestTheUserAgentIsKeptAsText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, agent := range []string{"curl/8 \xff\xfe", strings.Repeat("a", 119) + "é"} {
		caller, err := w.identify(func(r *http.Request) { r.Header.Set("User-Agent", agent) }, web.Accepts{})
		if err != nil || !utf8.ValidString(caller.Program) || caller.Program == "" {
			t.Errorf("%q: got %q, %v", agent, caller.Program, err)
		}
	}
}

func TestImportedKeysWithChosenPasswords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	in := key.NewKey{Name: "old", Scopes: domain.ScopeSet{domain.ScopeReadingsWrite}}
	if _, err := w.keys.Import(context.Background(), w.as(), "old-gateway", secret.New("summer2024"), in); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := w.identify(basic("old-gateway", "summer2024"), web.Accepts{}); err != nil {
			t.Fatal(err)
		}
	}
	var last error
	for range 15 {
		_, last = w.identify(basic("old-gateway", "guess"), web.Accepts{})
	}
	if !domain.IsKind(last, domain.TooMany) {
		t.Errorf("after many guesses: got %v, want TooMany", last)
	}
	if _, err := w.identify(basic("old-gateway", "summer2024"), web.Accepts{}); err != nil {
		t.Errorf("the one who knows the password: got %v", err)
	}
}

// Client ids are public: whoever guesses at a chosen secret must not keep the
// client out that knows it, not even when nothing is remembered yet.
func TestAGuesserDoesNotKeepTheClientOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	hash, err := secret.HashPassword(context.Background(), secret.New("summer2024"))
	if err != nil {
		t.Fatal(err)
	}
	stored := &domain.NewStoredSecret{SlowHash: hash, Seal: func(int64) []byte { return nil }}
	old := domain.Client{ID: "old", Owner: w.alice.ID, Kind: domain.StandardClient, State: domain.ClientApproved, Name: "Old", CreatedAt: w.clock.Now(), ChangedAt: w.clock.Now()}
	if _, err := w.store.CreateClient(context.Background(), old, stored, domain.AuditEvent{Act: "client.import"}); err != nil {
		t.Fatal(err)
	}
	gate := &guard.ClientGate{Clients: w.store, Now: w.clock.Now}
	ask := func(from, text string) error {
		_, err := gate.Authenticate(context.Background(), guard.ClientProof{ID: "old", Secret: secret.New(text), From: netip.MustParseAddr(from)})
		return err
	}
	var last error
	for range 12 {
		last = ask("198.51.100.9", "guess")
	}
	if !domain.IsKind(last, domain.TooMany) {
		t.Errorf("the guesser: got %v, want TooMany", last)
	}
	if err := ask("192.0.2.7", "summer2024"); err != nil {
		t.Errorf("the client: %v", err)
	}
}
