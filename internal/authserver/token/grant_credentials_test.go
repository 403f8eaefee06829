package token_test

import (
	"context"
	"sync"
	"testing"

	"github.com/thingward/thingward/internal/domain"
)

func TestAClientActsForItselfWithoutAPerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden")
	answer, err := w.ask(garden, "grant_type", "client_credentials")
	if err != nil {
		t.Fatal(err)
	}
	if !answer.RefreshToken.Empty() {
		t.Error("got a refresh token (RFC 6749 §4.4.3)")
	}
	wantLive(t, w, answer.AccessToken, "sensors.* readings.* devices.* profile email")
	live, _ := w.live(t, answer.AccessToken)
	if live.User.ID != 0 || !live.Grant.OfClient {
		t.Errorf("the token acts for %q", live.User.Name)
	}
}

func TestAClientMayActForItsOwnerWhereItWasSwitchedSo(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	garden := w.register(t, "garden", with(domain.SwitchOwnerCredentials))
	answer, err := w.ask(garden, "grant_type", "client_credentials", "scope", "sensors.read")
	if err != nil {
		t.Fatal(err)
	}
	live, ok := w.live(t, answer.AccessToken)
	if !ok || live.User.ID != w.bob.ID || live.Scopes.String() != "sensors.read" {
		t.Errorf("got a token of %q for %q", live.User.Name, live.Scopes)
	}
	w.change(t, &garden, with())
	later, err := w.ask(garden, "grant_type", "client_credentials")
	if err != nil {
		t.Fatal(err)
	}
	if live, ok := w.live(t, later.AccessToken); !ok || live.User.ID != 0 {
		t.Errorf("switched off: the token acts for %q", live.User.Name)
	}
	if err := w.store.SuspendUser(ctx, w.bob.ID, domain.AuditEvent{At: w.clock.Now(), Act: "user.suspend"}); err != nil {
		t.Fatal(err)
	}
	wantDead(t, w, answer.AccessToken)
	wantDead(t, w, later.AccessToken)
	for _, switches := range [][]domain.LegacySwitch{nil, {domain.SwitchOwnerCredentials}} {
		w.change(t, &garden, with(switches...))
		_, err := w.ask(garden, "grant_type", "client_credentials")
		wantCode(t, err, "unauthorized_client")
	}
}

func TestAClientGetsNoMoreThanItIsRegisteredFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sensor(t, w.alice, "open", domain.Public)
	w.sensor(t, w.alice, "closed", domain.Private)
	garden := w.register(t, "garden", func(c *domain.Client) { c.Scopes = scopes(t, "sensors.read readings.read offline_access openid") })
	for asked, want := range map[string]string{
		"": "sensors.read readings.read", "sensors.read": "sensors.read", "readings.read sensors.read": "readings.read sensors.read",
		"sensors.*": "", "sensors.write": "", "admin": "", "account": "", "profile": "", "offline_access": "", "openid": "", "sensors.fly": "",
		"sensors.read:alice.open": "sensors.read:#1", "sensors.read:alice.closed": "", "sensors.read:open": "",
	} {
		answer, err := w.ask(garden, "grant_type", "client_credentials", "scope", asked)
		if want == "" {
			if domain.CodeOf(err) != "invalid_scope" {
				t.Errorf("asked %q: got %v, want invalid_scope", asked, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("asked %q: %v", asked, err)
			continue
		}
		wantLive(t, w, answer.AccessToken, want)
	}
}

func TestWhatAClientLosesItsOwnTokensLose(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden")
	before, err := w.ask(garden, "grant_type", "client_credentials")
	if err != nil {
		t.Fatal(err)
	}
	w.change(t, &garden, func(c *domain.Client) { c.Scopes = scopes(t, "readings.read") })
	wantLive(t, w, before.AccessToken, "readings.read")
	after, err := w.ask(garden, "grant_type", "client_credentials")
	if err != nil || after.Scope != "readings.read" {
		t.Errorf("got %q, %v", after.Scope, err)
	}
	if err := w.store.DeleteClient(context.Background(), garden.ID, domain.AuditEvent{At: w.clock.Now(), Act: "client.delete"}); err != nil {
		t.Fatal(err)
	}
	wantDead(t, w, before.AccessToken)
	wantDead(t, w, after.AccessToken)
	_, err = w.ask(garden, "grant_type", "client_credentials")
	wantCode(t, err, "invalid_client")
}

// What a client may do by itself ends with the registration that lets it.
func TestTokensOfAClientEndWithWhatItMayDoByItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clock := w.register(t, "clock", func(c *domain.Client) { c.Switches = []domain.LegacySwitch{domain.SwitchOwnerCredentials} })
	asOwner, err := w.ask(clock, "grant_type", "client_credentials")
	if err != nil {
		t.Fatal(err)
	}
	if live, ok := w.live(t, asOwner.AccessToken); !ok || live.User.ID != clock.Owner {
		t.Fatalf("got %+v, want the owner's", live.User)
	}
	w.change(t, &clock, func(c *domain.Client) { c.Switches = nil })
	wantDead(t, w, asOwner.AccessToken)
	asItself, err := w.ask(clock, "grant_type", "client_credentials")
	if err != nil {
		t.Fatal(err)
	}
	if live, ok := w.live(t, asItself.AccessToken); !ok || live.User.ID != 0 {
		t.Errorf("got %+v, want nobody's", live.User)
	}
	w.change(t, &clock, func(c *domain.Client) { c.GrantTypes = []domain.GrantType{domain.CodeGrant} })
	wantDead(t, w, asItself.AccessToken)
}

func TestAResourceServerAsksForItselfOrForThingward(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const own = "https://api.garden.example/"
	garden := w.register(t, "garden", func(c *domain.Client) { c.Resources = []string{own} })
	for resource, want := range map[string]string{issuer: "", issuer + "/api/v1/": "", own: own} {
		answer, err := w.ask(garden, "grant_type", "client_credentials", "resource", resource)
		if err != nil {
			t.Errorf("for %s: %v", resource, err)
			continue
		}
		if live, ok := w.live(t, answer.AccessToken); !ok || live.Token.Audience != want {
			t.Errorf("for %s: got the audience %q, want %q", resource, live.Token.Audience, want)
		}
	}
	for _, pairs := range [][]string{{"resource", "https://elsewhere.example/"}, {"resource", own, "resource", own}, {"resource", "things.example"}} {
		_, err := w.ask(garden, append([]string{"grant_type", "client_credentials"}, pairs...)...)
		wantCode(t, err, "invalid_target")
	}
}

func TestTheTokensOfAClientHangOnOneGrant(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden")
	var mu sync.Mutex
	grants := map[domain.GrantID]int{}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			answer, err := w.ask(garden, "grant_type", "client_credentials")
			if err != nil {
				t.Error(err)
				return
			}
			live, _ := w.live(t, answer.AccessToken)
			mu.Lock()
			defer mu.Unlock()
			grants[live.Grant.ID]++
		})
	}
	all.Wait()
	if len(grants) != 1 {
		t.Errorf("the tokens hang on %d grants, want one", len(grants))
	}
}
