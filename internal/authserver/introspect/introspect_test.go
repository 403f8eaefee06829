package introspect_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/authserver/introspect"
	"github.com/thingward/thingward/internal/authserver/token"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

const (
	issuer   = "https://things.example"
	back     = "https://garden.example/back"
	resource = "https://api.example/"
)

// world is introspection and revocation beside a token endpoint, on one store.
type world struct {
	*introspect.Service
	tokens     *token.Service
	store      *store.Store
	clock      *storetest.Clock
	alice, bob domain.User
}

func newWorld(t testing.TB) world {
	t.Helper()
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock.Now)
	gate, finder := &guard.ClientGate{Clients: s, Now: clock.Now}, guard.NewFinder(s, nil)
	return world{store: s, clock: clock, alice: storetest.User(t, s, "alice"), bob: storetest.User(t, s, "bob"),
		Service: &introspect.Service{Store: s, Gate: gate, Finder: finder, Issuer: issuer, Now: clock.Now},
		tokens:  &token.Service{Store: s, Reader: s, Gate: gate, Finder: finder, Issuer: issuer, Now: clock.Now}}
}

// app is a registered client with its secret.
type app struct {
	domain.Client
	secret secret.Secret
}

func (w world) register(t testing.TB, id domain.ClientID, changes ...func(*domain.Client)) app {
	t.Helper()
	c := domain.Client{ID: id, Owner: w.bob.ID, Kind: domain.StandardClient, State: domain.ClientApproved, Name: "Garden",
		RedirectURIs: []string{back}, Scopes: scopes(t, "sensors.* readings.* profile openid offline_access"),
		GrantTypes: []domain.GrantType{domain.CodeGrant, domain.RefreshGrant, domain.CredentialsGrant}}
	for _, change := range changes {
		change(&c)
	}
	a := app{Client: c}
	var first *domain.NewStoredSecret
	if !c.Public {
		a.secret = secret.Generate(secret.ClientSecret)
		first = &domain.NewStoredSecret{Hash: a.secret.Hash(), Seal: func(int64) []byte { return nil }}
	}
	if _, err := w.store.CreateClient(context.Background(), c, first, w.event("client.register")); err != nil {
		t.Fatal(err)
	}
	return a
}

func (w world) event(act string) domain.AuditEvent {
	return domain.AuditEvent{At: w.clock.Now(), Act: act}
}

func (w world) change(t testing.TB, a app, change func(*domain.Client)) {
	t.Helper()
	edit := func(c domain.Client) (domain.Client, error) { change(&c); return c, nil }
	if err := w.store.EditClient(context.Background(), a.ID, edit, w.event("client.edit")); err != nil {
		t.Fatal(err)
	}
}

func scopes(t testing.TB, text string) domain.ScopeSet {
	t.Helper()
	set, err := domain.ParseScopes(text)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// tokensFor lets alice allow the client something and redeems the code.
func (w world) tokensFor(t testing.TB, a app, may, audience string) (domain.Grant, token.Answer) {
	t.Helper()
	text := secret.Generate(secret.Code)
	g := domain.Grant{User: w.alice.ID, Client: a.ID, Name: a.Name, Scopes: scopes(t, may), Asked: scopes(t, may), CreatedAt: w.clock.Now()}
	code := domain.AuthorizationCode{Hash: text.Hash(), Client: a.ID, RedirectURI: back, Scopes: g.Scopes, Audience: audience, IssuedAt: w.clock.Now(), ExpiresAt: w.clock.Now().Add(domain.CodeLife)}
	made, err := w.store.Allow(context.Background(), domain.Allowed{Grant: g, Code: &code}, w.event("grant.allow"))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := w.tokens.Exchange(context.Background(), token.Request{Kind: a.Kind, Form: a.form("grant_type", "authorization_code", "code", text.Reveal(), "redirect_uri", back)})
	if err != nil {
		t.Fatal(err)
	}
	return made, answer
}

// form is a request of the client, with names and values.
func (a app) form(pairs ...string) url.Values {
	form := url.Values{"client_id": {string(a.ID)}}
	if !a.Public {
		form.Set("client_secret", a.secret.Reveal())
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return form
}

func (w world) refresh(a app, presented secret.Secret) (token.Answer, error) {
	return w.tokens.Exchange(context.Background(), token.Request{Kind: a.Kind, Form: a.form("grant_type", "refresh_token", "refresh_token", presented.Reveal())})
}

// find introspects a token for a client.
func (w world) find(t testing.TB, asking app, text secret.Secret, pairs ...string) (introspect.Found, bool) {
	t.Helper()
	found, active, err := w.Introspect(context.Background(), guard.ClientForm{Values: asking.form(append([]string{"token", text.Reveal()}, pairs...)...)})
	if err != nil {
		t.Fatalf("introspect: %v", err)
	}
	return found, active
}

func wantInactive(t *testing.T, w world, asking app, text secret.Secret, why string) {
	t.Helper()
	if found, active := w.find(t, asking, text); active || found != (introspect.Found{}) {
		t.Errorf("%s: got %+v, want it inactive and nothing told", why, found)
	}
}

func TestAClientLearnsWhatItsOwnTokensAreGoodFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden")
	_, answer := w.tokensFor(t, garden, "readings.read profile offline_access", "")
	now := w.clock.Now()
	want := introspect.Found{Kind: "access_token", Scope: "readings.read profile offline_access", Client: "garden", Subject: "1", Username: "alice", IssuedAt: now, ExpiresAt: now.Add(time.Hour)}
	for _, hint := range [][]string{nil, {"token_type_hint", "access_token"}, {"token_type_hint", "refresh_token"}, {"token_type_hint", "nonsense"}, {"token_type_hint", ""}} {
		if got, active := w.find(t, garden, answer.AccessToken, hint...); !active || got != want {
			t.Errorf("the access token with %v: got %+v, want %+v", hint, got, want)
		}
	}
	want.Kind, want.Username, want.ExpiresAt = "refresh_token", "", now.Add(domain.RefreshIdleLife)
	if got, active := w.find(t, garden, answer.RefreshToken); !active || got != want {
		t.Errorf("the refresh token: got %+v, want %+v", got, want)
	}
}

func TestTheNameOfAUserIsToldWhereTheScopesLetItBeKnown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden")
	for may, want := range map[string]string{"readings.read": "", "profile": "alice", "openid": "alice"} {
		_, answer := w.tokensFor(t, garden, may, "")
		if got, _ := w.find(t, garden, answer.AccessToken); got.Username != want {
			t.Errorf("with %s: got the name %q, want %q", may, got.Username, want)
		}
	}
}

func TestATokenWithoutAUserIsItsClients(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for id, want := range map[domain.ClientID]string{"garden": "garden", "00000000000000af": "00000000000000af",
		"1": "client:1", "0000000000000001": "client:0000000000000001"} { // nobody may look like user 1
		a := w.register(t, id)
		answer, err := w.tokens.Exchange(context.Background(), token.Request{Kind: domain.StandardClient, Form: a.form("grant_type", "client_credentials", "scope", "profile")})
		if err != nil {
			t.Fatal(err)
		}
		if got, active := w.find(t, a, answer.AccessToken); !active || got.Subject != want || got.Username != "" {
			t.Errorf("client %s: got %+v", id, got)
		}
	}
}

func TestNobodyElseLearnsAnything(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden, other := w.register(t, "garden"), w.register(t, "other")
	server := w.register(t, "server", func(c *domain.Client) { c.Resources = []string{resource} })
	_, answer := w.tokensFor(t, garden, "readings.read offline_access", "")
	wantInactive(t, w, other, answer.AccessToken, "another client's access token")
	wantInactive(t, w, other, answer.RefreshToken, "another client's refresh token")
	wantInactive(t, w, server, answer.AccessToken, "a token for Thingward, asked by another resource server")
	wantInactive(t, w, server, answer.RefreshToken, "a refresh token, asked by a resource server")
}

func TestAResourceServerLearnsOnlyOfTokensThatAreForIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden")
	server := w.register(t, "server", func(c *domain.Client) { c.Resources = []string{resource, "https://api.example/v2"} })
	_, answer := w.tokensFor(t, garden, "readings.read offline_access", resource)
	_, elsewhere := w.tokensFor(t, garden, "readings.read", "https://elsewhere.example/")
	_, longer := w.tokensFor(t, garden, "readings.read", resource+"v3")
	if got, active := w.find(t, server, answer.AccessToken); !active || got.Audience != resource || got.Client != "garden" || got.Subject != "1" {
		t.Errorf("a token for it: got %+v, active %t", got, active)
	}
	wantInactive(t, w, server, answer.RefreshToken, "the refresh token beside it")
	wantInactive(t, w, server, elsewhere.AccessToken, "a token for another")
	wantInactive(t, w, server, longer.AccessToken, "a token for a longer address")
	if got, active := w.find(t, garden, elsewhere.AccessToken); !active || got.Audience != "https://elsewhere.example/" {
		t.Errorf("its own client: got %+v, active %t", got, active)
	}
}

// TestAResourceServerThatWaits may have claimed an address that is not its
// own: nobody has looked at it yet.
func TestAResourceServerThatWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden")
	_, answer := w.tokensFor(t, garden, "readings.read", resource)
	waiting := w.register(t, "waiting", func(c *domain.Client) { c.Resources, c.State = []string{resource}, domain.ClientRequested })
	wantInactive(t, w, waiting, answer.AccessToken, "a stranger's token")
	testing := w.register(t, "testing", func(c *domain.Client) {
		c.Resources, c.State, c.Testers = []string{resource}, domain.ClientRequested, []domain.Tester{{ID: w.alice.ID, Name: "alice"}}
	})
	if _, active := w.find(t, testing, answer.AccessToken); !active {
		t.Error("the token of one of its testers is inactive")
	}
}

func TestWhatDoesNotHoldIsInactive(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	garden := w.register(t, "garden")
	for _, text := range []string{"nothing", strings.Repeat("x", 100_000), "\x00", secret.GenerateNumbered(secret.AccessToken, secret.NewNumber(w.clock.Now().Add(time.Hour))).Reveal(),
		garden.secret.Reveal(), secret.Generate(secret.Code).Reveal()} {
		wantInactive(t, w, garden, secret.New(text), "what is no token")
	}
	forged, _ := secret.GenerateStep(secret.RefreshToken, 7, "")
	wantInactive(t, w, garden, forged, "a refresh token that never was")

	_, answer := w.tokensFor(t, garden, "readings.read offline_access", "")
	next, err := w.refresh(garden, answer.RefreshToken)
	if err != nil {
		t.Fatal(err)
	}
	wantInactive(t, w, garden, answer.RefreshToken, "a refresh token that was redeemed")
	w.clock.Advance(domain.AccessLife)
	wantInactive(t, w, garden, answer.AccessToken, "an expired token")
	w.clock.Advance(domain.RefreshIdleLife)
	wantInactive(t, w, garden, next.RefreshToken, "a refresh token that was not used for long")

	g, revoked := w.tokensFor(t, garden, "readings.read offline_access", "")
	if err := w.store.RevokeGrant(ctx, g.ID, w.event("grant.revoke")); err != nil {
		t.Fatal(err)
	}
	wantInactive(t, w, garden, revoked.AccessToken, "a token of a revoked grant")
	wantInactive(t, w, garden, revoked.RefreshToken, "a refresh token of a revoked grant")

	_, suspended := w.tokensFor(t, garden, "readings.read offline_access", "")
	if err := w.store.SuspendUser(ctx, w.alice.ID, w.event("user.suspend")); err != nil {
		t.Fatal(err)
	}
	wantInactive(t, w, garden, suspended.AccessToken, "a token of a suspended user")
	wantInactive(t, w, garden, suspended.RefreshToken, "a refresh token of a suspended user")
}

func TestATokenOfASuspendedClientIsInactiveForResourceServers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden")
	server := w.register(t, "server", func(c *domain.Client) { c.Resources = []string{resource} })
	_, answer := w.tokensFor(t, garden, "readings.read", resource)
	change := domain.ClientStateChange{From: []domain.ClientState{domain.ClientApproved}, To: domain.ClientSuspended, Reason: "spam"}
	if err := w.store.SetClientState(context.Background(), garden.ID, change, w.event("client.suspend")); err != nil {
		t.Fatal(err)
	}
	wantInactive(t, w, server, answer.AccessToken, "a token of a suspended client")
}

func TestTheScopeIsWhatIsLeftOfIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden")
	g, answer := w.tokensFor(t, garden, "sensors.* readings.read offline_access", "")
	g.Scopes = scopes(t, "sensors.* offline_access")
	if _, err := w.store.Allow(context.Background(), domain.Allowed{Grant: g, Change: true}, w.event("grant.allow")); err != nil {
		t.Fatal(err)
	}
	w.change(t, garden, func(c *domain.Client) { c.Scopes = scopes(t, "sensors.read readings.read offline_access") })
	for _, text := range []secret.Secret{answer.AccessToken, answer.RefreshToken} {
		if got, active := w.find(t, garden, text); !active || got.Scope != "sensors.read offline_access" {
			t.Errorf("got the scope %q of the %s", got.Scope, got.Kind)
		}
	}
}

func TestWhoMayAsk(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden, native := w.register(t, "garden"), w.register(t, "native", func(c *domain.Client) { c.Public = true })
	suspended := w.register(t, "suspended", func(c *domain.Client) { c.State = domain.ClientSuspended })
	_, answer := w.tokensFor(t, garden, "readings.read", "")
	right := answer.AccessToken.Reveal()
	for _, test := range []struct {
		name, want string
		form       url.Values
	}{
		{"nobody", "invalid_client", url.Values{"token": {right}}},
		{"without a secret", "invalid_client", url.Values{"client_id": {"garden"}, "token": {right}}},
		{"with a wrong secret", "invalid_client", url.Values{"client_id": {"garden"}, "client_secret": {right}, "token": {right}}},
		{"a public client", "invalid_client", native.form("token", right)},
		{"a suspended client", "unauthorized_client", suspended.form("token", right)},
		{"without a token", "invalid_request", garden.form()},
		{"with an empty token", "invalid_request", garden.form("token", "")},
		{"with two tokens", "invalid_request", garden.form("token", right, "token", right)},
		{"with two hints", "invalid_request", garden.form("token", right, "token_type_hint", "a", "token_type_hint", "b")},
	} {
		found, active, err := w.Introspect(context.Background(), guard.ClientForm{Values: test.form})
		if domain.CodeOf(err) != test.want || active || found != (introspect.Found{}) {
			t.Errorf("%s: got %v and %+v, want %s", test.name, err, found, test.want)
		}
	}
}
