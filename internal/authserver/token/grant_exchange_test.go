package token_test

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/thingward/thingward/internal/authserver/token"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

const (
	exchangeGrant   = "urn:ietf:params:oauth:grant-type:token-exchange"
	accessTokenType = "urn:ietf:params:oauth:token-type:access_token"
)

// narrow exchanges a token of the client's own at the standard endpoint.
func (w world) narrow(a app, parent secret.Secret, pairs ...string) (token.Answer, error) {
	form := append([]string{"grant_type", exchangeGrant, "subject_token", parent.Reveal(), "subject_token_type", accessTokenType}, pairs...)
	standard := a
	standard.Kind = domain.StandardClient
	return w.ask(standard, form...)
}

func (w world) application(t testing.TB, owner domain.User, name string) domain.Application {
	t.Helper()
	key := domain.NewAccessKey{Name: "default key", Rights: domain.SetOf(domain.MessagesUpRead, domain.MessagesDownWrite), Hash: secret.New(name).Hash(), Seal: func(domain.AccessKeyID) []byte { return nil }}
	made, err := w.store.CreateApplication(context.Background(), domain.Caller{User: owner, Credential: domain.SessionCredential}, domain.Application{Name: name, Owner: owner.ID.Owner()}, key)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestATokenIsExchangedForANarrowerOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden", func(c *domain.Client) {
		c.Scopes = scopes(t, "sensors.* readings.* applications.* profile offline_access")
	})
	greenhouse, app := w.sensor(t, w.alice, "greenhouse", domain.Private), w.application(t, w.alice, "apitest")
	w.application(t, w.bob, "bobs")
	on, onApp := domain.ThingRef(int64(greenhouse.ID)), domain.ThingRef(int64(app.ID))
	_, code := w.allow(t, garden, w.alice, "sensors.read readings.* applications.* profile")
	parent := w.redeem(t, garden, code)
	for _, test := range []struct {
		name, may string
		pairs     []string
	}{
		{"as it is", "sensors.read readings.* applications.* profile", nil},
		{"fewer scopes", "readings.read", []string{"scope", "readings.read"}},
		{"one sensor", "readings.write:" + on, []string{"scope", "readings.write:alice.greenhouse"}},
		{"one sensor by its address", "sensors.read:" + on + " readings.read:" + on + " readings.write:" + on, []string{"resource", issuer + "/api/v1/sensors/alice.greenhouse"}},
		{"a scope at its address", "readings.read:" + on, []string{"resource", issuer + "/api/v1/sensors/alice.greenhouse", "scope", "readings.read profile"}},
		{"the whole server", "profile", []string{"resource", issuer, "scope", "profile"}},
		{"its API as the audience", "profile", []string{"audience", issuer + "/api/v1", "scope", "profile"}},
		{"the end devices of an application", "applications.devices:" + onApp, []string{"authorization_details", `[{"type":"application","identifier":"apitest","actions":["devices"]}]`}},
		{"details and a scope", "profile readings.read:" + on, []string{"scope", "profile", "authorization_details", `[{"type":"readings","identifier":"alice.greenhouse","actions":["read"]}]`}},
		{"two addresses", "applications.read:" + onApp + " readings.read:" + on, []string{"scope", "applications.read readings.read",
			"resource", issuer + "/api/v1/sensors/alice.greenhouse", "resource", issuer + "/api/v1/applications/apitest"}},
	} {
		answer, err := w.narrow(garden, parent.AccessToken, test.pairs...)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		live, ok := w.live(t, answer.AccessToken)
		if !ok || live.Scopes.String() != test.may {
			t.Errorf("%s: got a token for %q, want %q", test.name, live.Scopes, test.may)
		}
		if answer.IssuedType != accessTokenType || !answer.RefreshToken.Empty() || answer.ExpiresIn > parent.ExpiresIn || live.Token.Chain != 0 {
			t.Errorf("%s: got %+v", test.name, answer)
		}
	}
	answer, err := w.narrow(garden, parent.AccessToken, "authorization_details", `[{"type":"application","identifier":"apitest","actions":["devices"]}]`)
	want := []domain.AuthorizationDetail{{Type: "application", Identifier: "apitest", Actions: []string{"devices"}}}
	if diff := cmp.Diff(want, answer.Details); err != nil || diff != "" {
		t.Errorf("%v, the details of the answer:\n%s", err, diff)
	}
	if answer.Scope != "applications.devices:apitest" {
		t.Errorf("got the scope %q, want things by name", answer.Scope)
	}
}

func TestATokenIsNotExchangedForMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden, other := w.register(t, "garden", func(c *domain.Client) { c.Scopes = scopes(t, "sensors.* readings.* applications.* gateways.* profile") }), w.register(t, "other")
	w.sensor(t, w.alice, "greenhouse", domain.Private)
	w.sensor(t, w.bob, "cellar", domain.Private)
	w.application(t, w.bob, "bobs")
	_, code := w.allow(t, garden, w.alice, "sensors.read readings.* applications.*")
	parent := w.redeem(t, garden, code).AccessToken
	child, err := w.narrow(garden, parent, "scope", "readings.read:alice.greenhouse")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, want string
		parent     secret.Secret
		pairs      []string
	}{
		{"a scope that the parent lacks", "invalid_scope", parent, []string{"scope", "sensors.write"}},
		{"a scope that the client alone has", "invalid_scope", parent, []string{"scope", "profile"}},
		{"a scope that is none", "invalid_scope", parent, []string{"scope", "everything"}},
		{"a sensor of somebody else", "invalid_scope", parent, []string{"scope", "readings.read:bob.cellar"}},
		{"a sensor that is not there", "invalid_scope", parent, []string{"scope", "readings.read:alice.nothing"}},
		{"an application of somebody else", "invalid_scope", parent, []string{"scope", "applications.read:bobs"}},
		{"wider the second time", "invalid_scope", child.AccessToken, []string{"scope", "readings.read"}},
		{"another verb the second time", "invalid_scope", child.AccessToken, []string{"scope", "readings.write:alice.greenhouse"}},
		{"every verb the second time", "invalid_scope", child.AccessToken, []string{"scope", "readings.*:alice.greenhouse"}},
		{"details that reach further", "invalid_scope", child.AccessToken, []string{"authorization_details", `[{"type":"reading","identifier":"alice.greenhouse"}]`}},
		{"details that are none", "invalid_authorization_details", parent, []string{"authorization_details", `[{"type":"admin"}]`}},
		{"a member of the details that nobody knows", "invalid_authorization_details", parent, []string{"authorization_details", `[{"type":"reading","locations":["https://x.example"]}]`}},
		{"an unknown server", "invalid_target", parent, []string{"resource", "https://elsewhere.example/"}},
		{"a resource that is no URI", "invalid_target", parent, []string{"resource", "sensors"}},
		{"an unknown thing", "invalid_target", parent, []string{"resource", issuer + "/api/v1/sensors/bob.cellar"}},
		{"a resource and a thing", "invalid_target", parent, []string{"resource", issuer, "resource", issuer + "/api/v1/sensors/alice.greenhouse"}},
		{"at an address of which nothing is allowed", "invalid_scope", child.AccessToken, []string{"resource", issuer + "/api/v1/sensors/alice.greenhouse", "scope", "readings.write"}},
		{"for two parties", "invalid_request", parent, []string{"actor_token", parent.Reveal(), "actor_token_type", accessTokenType}},
		{"for a refresh token", "invalid_request", parent, []string{"requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token"}},
		{"for no time", "invalid_request", parent, []string{"expires_in", "0"}},
		{"for a time that is none", "invalid_request", parent, []string{"expires_in", "1h"}},
		{"a token that is none", "invalid_request", secret.New("nothing"), nil},
	} {
		_, err := w.narrow(garden, test.parent, test.pairs...)
		if got := domain.CodeOf(err); err == nil || got != test.want || domain.KindOf(err) != domain.Invalid {
			t.Errorf("%s: got %v (%s), want %s", test.name, err, got, test.want)
		}
	}
	_, err = w.narrow(other, parent)
	wantCode(t, err, "invalid_request")
	_, err = w.ask(garden, "grant_type", exchangeGrant, "subject_token", parent.Reveal())
	wantCode(t, err, "invalid_request")
	_, err = w.ask(garden, "grant_type", exchangeGrant, "subject_token_type", accessTokenType)
	wantCode(t, err, "invalid_request")
}

func TestARestrictedTokenIsForNoLongerThanItsParent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden")
	_, code := w.allow(t, garden, w.alice, "readings.*")
	parent := w.redeem(t, garden, code).AccessToken
	w.clock.Advance(20 * time.Minute)
	for seconds, want := range map[int]time.Duration{60: time.Minute, 2400: 40 * time.Minute, 86400: 40 * time.Minute} {
		answer, err := w.narrow(garden, parent, "expires_in", strconv.Itoa(seconds))
		if err != nil || answer.ExpiresIn != want {
			t.Errorf("asked for %d seconds: got %s, %v, want %s", seconds, answer.ExpiresIn, err, want)
		}
	}
	last, err := w.narrow(garden, parent)
	if err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(40 * time.Minute)
	wantDead(t, w, last.AccessToken)
}

func TestARestrictedTokenDiesWithWhatItHangsOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	for name, end := range map[string]func(garden *app, g domain.Grant, parent token.Answer){
		"its parent is revoked": func(_ *app, _ domain.Grant, parent token.Answer) {
			id, _ := secret.NumberOf(secret.AccessToken, parent.AccessToken.Reveal())
			if err := w.store.RevokeToken(ctx, domain.TokenID(id), parent.AccessToken.Hash(), domain.AuditEvent{}); err != nil {
				t.Error(err)
			}
		},
		"its grant is revoked": func(_ *app, g domain.Grant, _ token.Answer) {
			if err := w.store.RevokeGrant(ctx, g.ID, domain.AuditEvent{At: w.clock.Now()}); err != nil {
				t.Error(err)
			}
		},
		"the code of its grandparent comes twice": func(garden *app, _ domain.Grant, parent token.Answer) {
			live, _ := w.live(t, parent.AccessToken)
			if err := w.store.RevokeChain(ctx, live.Token.Chain, domain.AuditEvent{At: w.clock.Now()}); err != nil {
				t.Error(err)
			}
		},
		"its client is suspended": func(garden *app, _ domain.Grant, _ token.Answer) {
			w.change(t, garden, func(c *domain.Client) { c.State = domain.ClientSuspended })
		},
	} {
		garden := w.register(t, domain.ClientID(strings.ReplaceAll(name, " ", "-")))
		g, code := w.allow(t, garden, w.alice, "readings.* offline_access")
		parent := w.redeem(t, garden, code)
		child, err := w.narrow(garden, parent.AccessToken, "scope", "readings.read")
		if err != nil {
			t.Fatal(err)
		}
		grandchild, err := w.narrow(garden, child.AccessToken)
		if err != nil {
			t.Fatal(err)
		}
		end(&garden, g, parent)
		for who, text := range map[string]secret.Secret{"child": child.AccessToken, "grandchild": grandchild.AccessToken} {
			if live, ok := w.live(t, text); ok {
				t.Errorf("%s: the %s holds for %s", name, who, live.Scopes)
			}
		}
	}
}

func TestATokenIsRestrictedOnlySoOften(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden")
	_, code := w.allow(t, garden, w.alice, "readings.*")
	text := w.redeem(t, garden, code).AccessToken
	for i := range domain.MaxRestrictions {
		answer, err := w.narrow(garden, text)
		if err != nil {
			t.Fatalf("restriction %d: %v", i+1, err)
		}
		text = answer.AccessToken
	}
	_, err := w.narrow(garden, text)
	wantCode(t, err, "invalid_request")
	wantLive(t, w, text, "readings.*")
}

// A client of an old contract narrows at the standard endpoint, in its own
// words, and at none of its own.
func TestAClientOfAnOldContractExchangesAtTheStandardEndpoint(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	network := w.register(t, "network", kind(domain.TTNClient))
	w.application(t, w.alice, "apitest")
	_, code := w.allow(t, network, w.alice, "applications.* gateways.* profile profile.write")
	parent := w.redeem(t, network, code).AccessToken
	answer, err := w.narrow(network, parent, "scope", "apps:apitest")
	if err != nil || answer.Scope != "apps:apitest" {
		t.Fatalf("got the scope %q, %v", answer.Scope, err)
	}
	part, err := w.narrow(network, answer.AccessToken, "authorization_details", `[{"type":"application","identifier":"apitest","actions":["devices"]}]`)
	if err != nil || part.Scope != "applications.devices:apitest" {
		t.Errorf("got the scope %q, %v, want our own words where there is none in the contract", part.Scope, err)
	}
	_, err = w.narrow(network, parent, "scope", "applications.read")
	wantCode(t, err, "invalid_scope")
	_, err = w.ask(network, "grant_type", exchangeGrant, "subject_token", parent.Reveal(), "subject_token_type", accessTokenType)
	wantCode(t, err, "unsupported_grant_type")
}

func TestTwentyExchangesAtOnceGiveTwentyTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden")
	_, code := w.allow(t, garden, w.alice, "readings.*")
	parent := w.redeem(t, garden, code).AccessToken
	got := make([]secret.Secret, 20)
	var clients sync.WaitGroup
	for i := range got {
		clients.Go(func() {
			answer, err := w.narrow(garden, parent, "scope", "readings.read")
			if err != nil {
				t.Error(err)
			}
			got[i] = answer.AccessToken
		})
	}
	clients.Wait()
	seen := map[string]bool{}
	for _, text := range got {
		wantLive(t, w, text, "readings.read")
		seen[text.Reveal()] = true
	}
	if len(seen) != len(got) {
		t.Errorf("got %d different tokens, want %d", len(seen), len(got))
	}
}
