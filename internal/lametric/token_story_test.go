package lametric_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/authserver/token"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/lametric"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
	"github.com/thingward/thingward/internal/web"
)

// What the programs do that are known to use this endpoint, a story each, on
// the real token endpoint and a real store.

const homeAssistant = "https://my.home-assistant.io/redirect/oauth"

// oauthWorld is the endpoint with one client of bob's and a person, alice, who
// allows it things.
type oauthWorld struct {
	t       *testing.T
	clock   *storetest.Clock
	store   *store.Store
	alice   domain.User
	bob     domain.User
	app     domain.Client
	secret  secret.Secret
	handler http.Handler
	legacy  []string
}

func (w *oauthWorld) LegacyUse(what string)                           { w.legacy = append(w.legacy, what) }
func (w *oauthWorld) TokenIssued(domain.GrantType, domain.ClientKind) {}

func newOAuthWorld(t *testing.T, changes ...func(*domain.Client)) *oauthWorld {
	t.Helper()
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock.Now)
	w := &oauthWorld{t: t, clock: clock, store: s, alice: storetest.User(t, s, "alice"), bob: storetest.User(t, s, "bob"), secret: secret.Generate(secret.ClientSecret)}
	w.app = domain.Client{ID: "notices", Owner: w.bob.ID, Kind: domain.LametricClient, State: domain.ClientApproved, Name: "Notices", RedirectURIs: []string{homeAssistant},
		Scopes: domain.UnionOf(domain.LametricClient.ScopeNames()), GrantTypes: []domain.GrantType{domain.CodeGrant, domain.RefreshGrant},
		Switches: domain.LametricClient.UsualSwitches()}
	for _, change := range changes {
		change(&w.app)
	}
	if err := w.app.Check(); err != nil {
		t.Fatal(err)
	}
	event := domain.NewAudit(domain.Caller{User: w.bob, Credential: domain.SessionCredential}, clock.Now(), "client.create", "client notices")
	first := &domain.NewStoredSecret{Hash: w.secret.Hash(), Seal: func(int64) []byte { return nil }}
	if _, err := s.CreateClient(context.Background(), w.app, first, event); err != nil {
		t.Fatal(err)
	}
	tokens := &token.Service{Store: s, Reader: s, Gate: &guard.ClientGate{Clients: s, Now: clock.Now}, Finder: guard.NewFinder(s, nil),
		Issuer: "https://things.example", Observe: w, Now: clock.Now}
	door := &lametric.TokenDoor{Tokens: tokens, Clients: s, Observe: w}
	w.handler = web.NewTable(nil, slog.New(slog.NewTextHandler(t.Output(), nil)), door.Web())
	return w
}

// code is what alice's yes gives the app.
func (w *oauthWorld) code(words, redirect string) string {
	w.t.Helper()
	names, err := domain.LametricClient.ParseScopeNames(words)
	if err != nil {
		w.t.Fatal(err)
	}
	now, text, scopes := w.clock.Now(), secret.Generate(secret.Code), domain.UnionOf(names)
	yes := domain.Allowed{Grant: domain.Grant{User: w.alice.ID, Client: w.app.ID, Name: "Notices", Scopes: scopes, Asked: scopes, CreatedAt: now},
		Code: &domain.AuthorizationCode{Hash: text.Hash(), Client: w.app.ID, RedirectURI: redirect, Scopes: scopes, IssuedAt: now, ExpiresAt: now.Add(domain.CodeLife)}}
	event := domain.NewAudit(domain.Caller{User: w.alice, Credential: domain.SessionCredential}, now, "grant.allow", "client notices")
	if _, err := w.store.Allow(context.Background(), yes, event); err != nil {
		w.t.Fatal(err)
	}
	return text.Reveal()
}

type tokenAnswer struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	Type    string `json:"token_type"`
	Scope   string
	Expires int `json:"expires_in"`
	Error   string
}

// post sends a token request and wants the status.
func (w *oauthWorld) post(status int, target, media, body string, change ...func(*http.Request)) tokenAnswer {
	w.t.Helper()
	r := httptest.NewRequest("POST", "/lametric/api/v2/oauth2/token"+target, strings.NewReader(body))
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	for _, c := range change {
		c(r)
	}
	recorder := httptest.NewRecorder()
	w.handler.ServeHTTP(recorder, r)
	var answer tokenAnswer
	if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil || recorder.Code != status {
		w.t.Fatalf("got %d %s, want %d", recorder.Code, recorder.Body, status)
	}
	return answer
}

// body is a token request with the credentials of the app in it.
func (w *oauthWorld) body(pairs ...string) url.Values {
	values := url.Values{"client_id": {"notices"}, "client_secret": {w.secret.Reveal()}}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return values
}

func (w *oauthWorld) holds(access string) bool {
	w.t.Helper()
	_, err := guard.FindToken(context.Background(), w.store, access, w.clock.Now())
	if err != nil && !guard.IsDead(err) {
		w.t.Fatal(err)
	}
	return err == nil
}

func TestCurlExchangesAndRefreshesWithParts(t *testing.T) {
	t.Parallel()
	w := newOAuthWorld(t)
	code := w.code("basic devices_read", homeAssistant)
	media, body := parts(w.body("grant_type", "authorization_code", "redirect_uri", homeAssistant, "code", code))
	first := w.post(200, "", media, body)
	if first.Scope != "basic devices_read" || first.Expires != 3600 || first.Type != "Bearer" || first.Refresh == "" || !w.holds(first.Access) {
		t.Errorf("got %+v", first)
	}
	media, body = parts(w.body("grant_type", "refresh_token", "refresh_token", first.Refresh))
	second := w.post(200, "/", media, body)
	if second.Refresh == first.Refresh || second.Access == first.Access || !w.holds(first.Access) || !w.holds(second.Access) {
		t.Error("a refresh must give two new tokens and leave the older access token alone")
	}
	media, body = parts(w.body("grant_type", "authorization_code", "redirect_uri", homeAssistant, "code", code))
	if got := w.post(400, "", media, body).Error; got != "invalid_grant" || w.holds(second.Access) {
		t.Errorf("a code used twice: got %s, and the tokens hold: %t", got, w.holds(second.Access))
	}
}

func TestHomeAssistantExchangesACode(t *testing.T) {
	t.Parallel()
	w := newOAuthWorld(t)
	code := w.code("basic devices_read", homeAssistant)
	// No code for a redirect URI that was not that of the authorize request.
	other := w.body("grant_type", "authorization_code", "redirect_uri", "https://elsewhere.example/", "code", code)
	if got := w.post(400, "", form, other.Encode()).Error; got != "invalid_grant" {
		t.Errorf("got %s, want invalid_grant", got)
	}
	w.post(200, "", form, w.body("grant_type", "authorization_code", "redirect_uri", homeAssistant, "code", code).Encode())
}

func TestOAuthlibUsesBasicForTheCodeAndTheBodyForTheRefresh(t *testing.T) {
	t.Parallel()
	w := newOAuthWorld(t)
	basic := func(r *http.Request) { r.SetBasicAuth("notices", w.secret.Reveal()) }
	both := w.body("grant_type", "authorization_code", "redirect_uri", homeAssistant, "code", "x")
	if got := w.post(400, "", form, both.Encode(), basic).Error; got != "invalid_request" {
		t.Errorf("header and body at once: got %s, want invalid_request", got)
	}
	request := url.Values{"client_id": {"notices"}, "grant_type": {"authorization_code"}, "redirect_uri": {homeAssistant}, "code": {w.code("basic devices_read", homeAssistant)}}
	first := w.post(200, "", form, request.Encode(), basic)
	again := w.body("grant_type", "refresh_token", "refresh_token", first.Refresh, "scope", "basic devices_read", "redirect_uri", "https://whatever.example/")
	second := w.post(200, "", form, again.Encode())
	if second.Scope != "basic devices_read" {
		t.Errorf("got the scope %q", second.Scope)
	}
	wider := w.body("grant_type", "refresh_token", "refresh_token", second.Refresh, "scope", "basic devices_read devices_write")
	if got := w.post(400, "", form, wider.Encode()).Error; got != "invalid_scope" {
		t.Errorf("a wider scope: got %s, want invalid_scope", got)
	}
	w.post(401, "", form, "grant_type=refresh_token", func(r *http.Request) { r.SetBasicAuth("notices", "wrong") })
}

func TestAppmixerKeepsItsRefreshTokenAndSendsAllInTheQuery(t *testing.T) {
	t.Parallel()
	w := newOAuthWorld(t, func(c *domain.Client) {
		c.Switches = append(c.Switches, domain.SwitchQueryCredentials, domain.SwitchKeepRefresh)
	})
	first := w.post(200, "", form, w.body("grant_type", "authorization_code", "redirect_uri", homeAssistant, "code", w.code("basic", homeAssistant)).Encode())
	query := "?" + w.body("grant_type", "refresh_token", "refresh_token", first.Refresh, "redirect_uri", homeAssistant).Encode()
	for range 3 {
		w.clock.Advance(time.Hour)
		if next := w.post(200, query, "", ""); next.Refresh != first.Refresh || !w.holds(next.Access) {
			t.Errorf("got %v, want the same refresh token", next)
		}
	}
	if len(w.legacy) == 0 || w.legacy[0] != "query_credentials" {
		t.Errorf("got the counts %v", w.legacy)
	}
	wrong := w.body("grant_type", "refresh_token", "refresh_token", first.Refresh)
	wrong.Set("client_secret", "wrong")
	if got := w.post(401, "?"+wrong.Encode(), "", "").Error; got != "invalid_client" {
		t.Errorf("the secret is not checked: got %s", got)
	}
}

func TestAClientThatRotatesLosesItsConnectionWhenATokenComesAgain(t *testing.T) {
	t.Parallel()
	w := newOAuthWorld(t)
	first := w.post(200, "", form, w.body("grant_type", "authorization_code", "redirect_uri", homeAssistant, "code", w.code("basic", homeAssistant)).Encode())
	refresh := w.body("grant_type", "refresh_token", "refresh_token", first.Refresh).Encode()
	second := w.post(200, "", form, refresh)
	if repeated := w.post(200, "", form, refresh); repeated.Refresh != second.Refresh {
		t.Error("an answer that got lost cannot be had again")
	}
	w.clock.Advance(time.Minute)
	if got := w.post(400, "", form, refresh).Error; got != "invalid_grant" || w.holds(second.Access) {
		t.Errorf("got %s, and the tokens hold: %t", got, w.holds(second.Access))
	}
}

func TestLmnotifyActsForTheOwnerWhereThatIsSwitchedOn(t *testing.T) {
	t.Parallel()
	basic := func(w *oauthWorld) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth("notices", w.secret.Reveal()) }
	}
	off := newOAuthWorld(t)
	if got := off.post(400, "", form, "grant_type=client_credentials", basic(off)).Error; got != "unauthorized_client" {
		t.Errorf("got %s, want unauthorized_client", got)
	}
	on := newOAuthWorld(t, func(c *domain.Client) {
		c.GrantTypes, c.Switches = append(c.GrantTypes, domain.CredentialsGrant), append(c.Switches, domain.SwitchOwnerCredentials)
	})
	got := on.post(200, "", form, "grant_type=client_credentials", basic(on))
	if got.Refresh != "" || got.Scope != "basic devices_read devices_write" {
		t.Errorf("got %+v, want all scopes and no refresh token", got)
	}
	live, err := guard.FindToken(context.Background(), on.store, got.Access, on.clock.Now())
	if err != nil || live.User.ID != on.bob.ID {
		t.Errorf("the token acts for %v, %v; want the owner", live.User.Name, err)
	}
}

func TestThePasswordGrantTypeIsNotThere(t *testing.T) {
	t.Parallel()
	w := newOAuthWorld(t)
	if got := w.post(400, "", form, w.body("grant_type", "password", "username", "alice", "password", "x").Encode()).Error; got != "unsupported_grant_type" {
		t.Errorf("got %s", got)
	}
	twice := w.body("grant_type", "refresh_token", "refresh_token", "x").Encode() + "&grant_type=refresh_token"
	if got := w.post(400, "", form, twice).Error; got != "invalid_request" {
		t.Errorf("a doubled parameter: got %s", got)
	}
}
