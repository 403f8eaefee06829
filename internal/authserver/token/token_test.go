package token_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/thingward/thingward/internal/authserver/token"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

const (
	issuer    = "https://things.example"
	back      = "https://garden.example/back"
	elsewhere = "https://other.example/back"
)

// world is a token endpoint on a store in which alice, who allows things, and
// bob, who owns the clients, have accounts.
type world struct {
	*token.Service
	store      *store.Store
	clock      *storetest.Clock
	alice, bob domain.User
}

func newWorld(t testing.TB) world {
	t.Helper()
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock.Now)
	w := world{store: s, clock: clock, alice: storetest.User(t, s, "alice"), bob: storetest.User(t, s, "bob")}
	w.Service = &token.Service{Store: s, Reader: s, Gate: &guard.ClientGate{Clients: s, Now: clock.Now}, Finder: guard.NewFinder(s, nil), Issuer: issuer, Now: clock.Now}
	return w
}

// app is a registered client with its secret.
type app struct {
	domain.Client
	secret secret.Secret
}

// register makes an approved confidential standard client of bob's, changed
// as the test needs it.
func (w world) register(t testing.TB, id domain.ClientID, changes ...func(*domain.Client)) app {
	t.Helper()
	c := domain.Client{ID: id, Owner: w.bob.ID, Kind: domain.StandardClient, State: domain.ClientApproved, Name: "Garden " + string(id),
		RedirectURIs: []string{back}, Scopes: scopes(t, "sensors.* readings.* devices.* profile email openid offline_access"),
		GrantTypes: []domain.GrantType{domain.CodeGrant, domain.RefreshGrant, domain.CredentialsGrant}, CreatedAt: w.clock.Now(), ChangedAt: w.clock.Now()}
	for _, change := range changes {
		change(&c)
	}
	a := app{Client: c}
	if !c.Public {
		a.secret = secret.Generate(secret.ClientSecret)
	}
	return w.keep(t, a)
}

// importClient makes a client with the id and secret of a former system.
func (w world) importClient(t testing.TB, id domain.ClientID, password string) app {
	t.Helper()
	c := domain.Client{ID: id, Owner: w.bob.ID, Kind: domain.StandardClient, State: domain.ClientApproved, Name: "Imported",
		Scopes: scopes(t, "sensors.read"), GrantTypes: []domain.GrantType{domain.CredentialsGrant}}
	return w.keep(t, app{c, secret.New(password)})
}

func (w world) keep(t testing.TB, a app) app {
	t.Helper()
	event := domain.AuditEvent{At: w.clock.Now(), Act: "client.register"}
	if _, err := w.store.CreateClient(context.Background(), a.Client, firstSecret(a), event); err != nil {
		t.Fatal(err)
	}
	return a
}

func firstSecret(a app) *domain.NewStoredSecret {
	if a.Public {
		return nil
	}
	return &domain.NewStoredSecret{Hash: a.secret.Hash(), Seal: func(int64) []byte { return nil }}
}

// change edits the registration of a client.
func (w world) change(t testing.TB, a *app, change func(*domain.Client)) {
	t.Helper()
	edit := func(c domain.Client) (domain.Client, error) {
		change(&c)
		a.Client = c
		return c, nil
	}
	if err := w.store.EditClient(context.Background(), a.ID, edit, domain.AuditEvent{At: w.clock.Now(), Act: "client.edit"}); err != nil {
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

func public(c *domain.Client) { c.Public = true }

func kind(k domain.ClientKind) func(*domain.Client) {
	return func(c *domain.Client) {
		c.Kind, c.Scopes = k, nil
		for _, name := range k.ScopeNames() {
			c.Scopes = append(c.Scopes, name.Scopes...)
		}
	}
}

func with(switches ...domain.LegacySwitch) func(*domain.Client) {
	return func(c *domain.Client) { c.Switches = switches }
}

// allow makes a grant of the user to the client, with a code on it that the
// test may change before.
func (w world) allow(t testing.TB, a app, user domain.User, may string, changes ...func(*domain.AuthorizationCode)) (domain.Grant, string) {
	t.Helper()
	g := domain.Grant{User: user.ID, Client: a.ID, Name: a.Name, Scopes: scopes(t, may), Asked: scopes(t, may), CreatedAt: w.clock.Now()}
	return w.codeOn(t, a, g, changes...)
}

// codeOn stores a code on the grant, and the grant too where it is new.
func (w world) codeOn(t testing.TB, a app, g domain.Grant, changes ...func(*domain.AuthorizationCode)) (domain.Grant, string) {
	t.Helper()
	text := secret.Generate(secret.Code)
	code := domain.AuthorizationCode{Hash: text.Hash(), Client: a.ID, RedirectURI: back, Scopes: g.Scopes, IssuedAt: w.clock.Now(), ExpiresAt: w.clock.Now().Add(domain.CodeLife)}
	for _, change := range changes {
		change(&code)
	}
	made, err := w.store.Allow(context.Background(), domain.Allowed{Grant: g, Code: &code}, domain.AuditEvent{At: w.clock.Now(), Act: "grant.allow"})
	if err != nil {
		t.Fatal(err)
	}
	return made, text.Reveal()
}

// ask sends a token request with the client's secret in the form. Pairs are
// names and values.
func (w world) ask(a app, pairs ...string) (token.Answer, error) {
	form := url.Values{"client_id": {string(a.ID)}}
	if !a.Public {
		form.Set("client_secret", a.secret.Reveal())
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return w.Exchange(context.Background(), token.Request{Kind: a.Kind, Form: form})
}

// redeem exchanges a code that must hold.
func (w world) redeem(t testing.TB, a app, code string, pairs ...string) token.Answer {
	t.Helper()
	answer, err := w.ask(a, append([]string{"grant_type", "authorization_code", "code", code, "redirect_uri", back}, pairs...)...)
	if err != nil {
		t.Fatalf("a code that holds: %v", err)
	}
	return answer
}

func (w world) refresh(a app, token secret.Secret, pairs ...string) (token.Answer, error) {
	return w.ask(a, append([]string{"grant_type", "refresh_token", "refresh_token", token.Reveal()}, pairs...)...)
}

// live returns what an access token is good for; dead where it is not.
func (w world) live(t rapid.TB, text secret.Secret) (guard.LiveToken, bool) {
	t.Helper()
	live, err := guard.FindToken(context.Background(), w.store, text.Reveal(), w.clock.Now())
	if err != nil && !guard.IsDead(err) {
		t.Fatal(err)
	}
	return live, err == nil
}

func wantLive(t *testing.T, w world, text secret.Secret, may string) {
	t.Helper()
	live, ok := w.live(t, text)
	if !ok || live.Scopes.String() != may {
		t.Errorf("the access token: holds %t for %q, want it to hold for %q", ok, live.Scopes, may)
	}
}

func wantDead(t *testing.T, w world, text secret.Secret) {
	t.Helper()
	if live, ok := w.live(t, text); ok {
		t.Errorf("the access token holds for %q, want it dead", live.Scopes)
	}
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if got := domain.CodeOf(err); err == nil || got != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

// acts counts the events about a user by their names.
func (w world) acts(t *testing.T, user domain.User) map[string]int {
	t.Helper()
	listed, err := w.store.AuditOf(context.Background(), user.ID, domain.Page{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, event := range listed.Items {
		counts[event.Act]++
	}
	return counts
}

func TestARequestThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden")
	native := w.register(t, "native", public)
	narrow := w.register(t, "narrow", func(c *domain.Client) { c.GrantTypes = []domain.GrantType{domain.CodeGrant} })
	id, password := string(garden.ID), garden.secret.Reveal()
	for _, test := range []struct {
		name, want string
		form       url.Values
	}{
		{"nothing", "invalid_client", url.Values{}},
		{"no grant type", "invalid_request", url.Values{"client_id": {id}, "client_secret": {password}}},
		{"an empty grant type", "invalid_request", url.Values{"client_id": {id}, "client_secret": {password}, "grant_type": {""}}},
		{"an unknown grant type", "unsupported_grant_type", url.Values{"client_id": {id}, "client_secret": {password}, "grant_type": {"password"}}},
		{"implicit is none at this endpoint", "unsupported_grant_type", url.Values{"client_id": {id}, "client_secret": {password}, "grant_type": {"implicit"}}},
		{"a grant type in capitals", "unsupported_grant_type", url.Values{"client_id": {id}, "client_secret": {password}, "grant_type": {"CLIENT_CREDENTIALS"}}},
		{"a long grant type", "unsupported_grant_type", url.Values{"client_id": {id}, "client_secret": {password}, "grant_type": {strings.Repeat("x", 100_000)}}},
		{"a grant type twice", "invalid_request", url.Values{"client_id": {id}, "client_secret": {password}, "grant_type": {"client_credentials", "client_credentials"}}},
		{"an unknown parameter twice", "invalid_request", url.Values{"client_id": {id}, "client_secret": {password}, "grant_type": {"client_credentials"}, "x": {"1", "2"}}},
		{"a client id twice", "invalid_request", url.Values{"client_id": {id, id}, "client_secret": {password}, "grant_type": {"client_credentials"}}},
		{"no client id", "invalid_client", url.Values{"client_secret": {password}, "grant_type": {"client_credentials"}}},
		{"an unknown client", "invalid_client", url.Values{"client_id": {"nobody"}, "client_secret": {password}, "grant_type": {"client_credentials"}}},
		{"a client id that no database takes", "invalid_client", url.Values{"client_id": {"a\x00b"}, "client_secret": {password}, "grant_type": {"client_credentials"}}},
		{"a long client id", "invalid_client", url.Values{"client_id": {strings.Repeat("x", 100_000)}, "client_secret": {password}, "grant_type": {"client_credentials"}}},
		{"no secret", "invalid_client", url.Values{"client_id": {id}, "grant_type": {"client_credentials"}}},
		{"an empty secret", "invalid_client", url.Values{"client_id": {id}, "client_secret": {""}, "grant_type": {"client_credentials"}}},
		{"a wrong secret", "invalid_client", url.Values{"client_id": {id}, "client_secret": {secret.Generate(secret.ClientSecret).Reveal()}, "grant_type": {"client_credentials"}}},
		{"the hash of the secret", "invalid_client", url.Values{"client_id": {id}, "client_secret": {string(garden.secret.Hash().Bytes())}, "grant_type": {"client_credentials"}}},
		{"a public client with a secret", "invalid_client", url.Values{"client_id": {string(native.ID)}, "client_secret": {password}, "grant_type": {"authorization_code"}}},
		{"a grant type that the client lacks", "unauthorized_client", url.Values{"client_id": {string(narrow.ID)}, "client_secret": {narrow.secret.Reveal()}, "grant_type": {"client_credentials"}}},
		{"a public client for itself", "unauthorized_client", url.Values{"client_id": {string(native.ID)}, "grant_type": {"client_credentials"}}},
		{"no code", "invalid_request", url.Values{"client_id": {id}, "client_secret": {password}, "grant_type": {"authorization_code"}}},
		{"a code that is none", "invalid_grant", url.Values{"client_id": {id}, "client_secret": {password}, "grant_type": {"authorization_code"}, "code": {"nothing"}}},
		{"a long code", "invalid_grant", url.Values{"client_id": {id}, "client_secret": {password}, "grant_type": {"authorization_code"}, "code": {strings.Repeat("x", 100_000)}}},
		{"an unknown code", "invalid_grant", url.Values{"client_id": {id}, "client_secret": {password}, "grant_type": {"authorization_code"}, "code": {secret.Generate(secret.Code).Reveal()}}},
		{"an access token as code", "invalid_grant", url.Values{"client_id": {id}, "client_secret": {password}, "grant_type": {"authorization_code"}, "code": {secret.GenerateNumbered(secret.AccessToken, 7).Reveal()}}},
		{"no refresh token", "invalid_request", url.Values{"client_id": {id}, "client_secret": {password}, "grant_type": {"refresh_token"}}},
		{"a refresh token that is none", "invalid_grant", url.Values{"client_id": {id}, "client_secret": {password}, "grant_type": {"refresh_token"}, "refresh_token": {"nothing"}}},
		{"an unknown refresh token", "invalid_grant", url.Values{"client_id": {id}, "client_secret": {password}, "grant_type": {"refresh_token"}, "refresh_token": {unknownRefresh()}}},
	} {
		answer, err := w.Exchange(context.Background(), token.Request{Kind: domain.StandardClient, Form: test.form})
		if got := domain.CodeOf(err); err == nil || got != test.want || !answer.AccessToken.Empty() {
			t.Errorf("%s: got %v, want %s and no token", test.name, err, test.want)
		}
	}
}

func unknownRefresh() string {
	step, _ := secret.GenerateStep(secret.RefreshToken, 7, "")
	return step.Reveal()
}

func TestAClientIsKnownAtTheEndpointOfItsKindOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, own := range domain.ClientKinds() {
		a := w.register(t, domain.ClientID("of-"+own), kind(own))
		for _, at := range domain.ClientKinds() {
			form := url.Values{"client_id": {string(a.ID)}, "client_secret": {a.secret.Reveal()}, "grant_type": {"client_credentials"}}
			_, err := w.Exchange(context.Background(), token.Request{Kind: at, Form: form})
			if own == at && err != nil || own != at && domain.CodeOf(err) != "invalid_client" {
				t.Errorf("a client of %s at the endpoint of %s: got %v", own, at, err)
			}
		}
	}
}

func TestAClientThatIsNotApprovedGetsNoTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, test := range []struct {
		state domain.ClientState
		user  domain.User
		want  string
	}{
		{domain.ClientApproved, w.alice, ""},
		{domain.ClientRequested, w.alice, "invalid_grant"},
		{domain.ClientRequested, w.bob, ""}, // who owns it
		{domain.ClientRejected, w.bob, "unauthorized_client"},
		{domain.ClientSuspended, w.bob, "unauthorized_client"},
	} {
		a := w.register(t, domain.ClientID("app-"+string(test.state)+"-"+test.user.Name), func(c *domain.Client) { c.State = test.state })
		_, code := w.allow(t, a, test.user, "readings.read")
		_, err := w.ask(a, "grant_type", "authorization_code", "code", code, "redirect_uri", back)
		if got := domain.CodeOf(err); (err == nil) != (test.want == "") || err != nil && got != test.want {
			t.Errorf("a client that is %s, for %s: got %v, want %q", test.state, test.user.Name, err, test.want)
		}
	}
	tested := w.register(t, "tested", func(c *domain.Client) {
		c.State, c.Testers = domain.ClientRequested, []domain.Tester{{ID: w.alice.ID, Name: "alice"}}
	})
	_, code := w.allow(t, tested, w.alice, "readings.read")
	w.redeem(t, tested, code)
}

func TestASuspendedUserIsActedForByNobody(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	garden := w.register(t, "garden")
	_, code := w.allow(t, garden, w.alice, "readings.read offline_access")
	_, unused := w.allow(t, garden, w.alice, "readings.read")
	first := w.redeem(t, garden, code)
	if err := w.store.SuspendUser(ctx, w.alice.ID, domain.AuditEvent{At: w.clock.Now(), Act: "user.suspend"}); err != nil {
		t.Fatal(err)
	}
	wantDead(t, w, first.AccessToken)
	_, err := w.refresh(garden, first.RefreshToken)
	wantCode(t, err, "invalid_grant")
	_, err = w.ask(garden, "grant_type", "authorization_code", "code", unused, "redirect_uri", back)
	wantCode(t, err, "invalid_grant")
	if err := w.store.ResumeUser(ctx, w.alice.ID, domain.AuditEvent{At: w.clock.Now(), Act: "user.resume"}); err != nil {
		t.Fatal(err)
	}
	wantLive(t, w, first.AccessToken, "readings.read offline_access")
	if _, err := w.refresh(garden, first.RefreshToken); err != nil {
		t.Errorf("when the user is back: %v", err)
	}
}

func TestTokensEndWithWhatTheyHangOn(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	garden := w.register(t, "garden")
	g, code := w.allow(t, garden, w.alice, "readings.read offline_access")
	first := w.redeem(t, garden, code)
	live, _ := w.live(t, first.AccessToken)
	w.clock.Advance(domain.AccessLife - time.Millisecond)
	wantLive(t, w, first.AccessToken, "readings.read offline_access")
	w.clock.Advance(time.Millisecond)
	wantDead(t, w, first.AccessToken)
	second, err := w.refresh(garden, first.RefreshToken)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.store.RevokeGrant(ctx, g.ID, domain.AuditEvent{At: w.clock.Now(), Act: "grant.revoke"}); err != nil {
		t.Fatal(err)
	}
	wantDead(t, w, second.AccessToken)
	_, err = w.refresh(garden, second.RefreshToken)
	wantCode(t, err, "invalid_grant")
	if live.Token.Chain == 0 {
		t.Error("the token belongs to no chain")
	}
}

func TestAGrantWithAnEndOutlivesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden")
	ends := w.clock.Now().Add(10 * time.Minute)
	_, code := w.codeOn(t, garden, domain.Grant{User: w.alice.ID, Client: garden.ID, Scopes: scopes(t, "readings.read offline_access"), CreatedAt: w.clock.Now(), ExpiresAt: ends})
	first := w.redeem(t, garden, code)
	if first.ExpiresIn != 10*time.Minute {
		t.Errorf("got a life of %s, want that of the grant", first.ExpiresIn)
	}
	w.clock.Advance(9 * time.Minute)
	second, err := w.refresh(garden, first.RefreshToken)
	if err != nil || second.ExpiresIn != time.Minute {
		t.Fatalf("refreshed: got a life of %s, %v; want a minute", second.ExpiresIn, err)
	}
	w.clock.Advance(time.Minute)
	wantDead(t, w, second.AccessToken)
	_, err = w.refresh(garden, second.RefreshToken)
	wantCode(t, err, "invalid_grant")
}
