package token_test

import (
	"context"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

// mustRefresh redeems a refresh token that must hold.
func (w world) mustRefresh(t *testing.T, a app, presented secret.Secret, pairs ...string) (access, refresh secret.Secret, scope string) {
	t.Helper()
	answer, err := w.refresh(a, presented, pairs...)
	if err != nil {
		t.Fatalf("a refresh token that holds: %v", err)
	}
	return answer.AccessToken, answer.RefreshToken, answer.Scope
}

func TestARefreshTokenIsRotated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden")
	_, code := w.allow(t, garden, w.alice, "readings.read offline_access")
	first := w.redeem(t, garden, code)
	access, second, scope := w.mustRefresh(t, garden, first.RefreshToken)
	if second.Reveal() == first.RefreshToken.Reveal() || access.Reveal() == first.AccessToken.Reveal() {
		t.Error("a token was handed out twice")
	}
	if scope != "readings.read offline_access" {
		t.Errorf("got the scope %q", scope)
	}
	wantLive(t, w, access, "readings.read offline_access")
	wantLive(t, w, first.AccessToken, "readings.read offline_access") // until it expires
	w.clock.Advance(time.Minute)
	w.mustRefresh(t, garden, second)
}

func TestWithinTheGraceTheAnswerIsTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden", func(c *domain.Client) { c.Lives.Grace = 10 * time.Second })
	_, code := w.allow(t, garden, w.alice, "readings.read offline_access")
	first := w.redeem(t, garden, code)
	one, err := w.refresh(garden, first.RefreshToken)
	if err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(10*time.Second - time.Millisecond)
	again, err := w.refresh(garden, first.RefreshToken)
	if err != nil || again.AccessToken.Reveal() != one.AccessToken.Reveal() || again.RefreshToken.Reveal() != one.RefreshToken.Reveal() || again.Scope != one.Scope {
		t.Errorf("again within the grace: got other tokens, or %v", err)
	}
	if want := one.ExpiresIn - 10*time.Second + time.Millisecond; again.ExpiresIn != want {
		t.Errorf("again within the grace: got a life of %s, want what is left of it, %s", again.ExpiresIn, want)
	}
	w.mustRefresh(t, garden, one.RefreshToken)
}

func TestAfterTheGraceReuseKillsTheGrant(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden")
	g, code := w.allow(t, garden, w.alice, "readings.read offline_access")
	_, another := w.codeOn(t, garden, g)
	_, elsewhere := w.allow(t, garden, w.alice, "readings.read offline_access")
	first, beside, apart := w.redeem(t, garden, code), w.redeem(t, garden, another), w.redeem(t, garden, elsewhere)
	access, second, _ := w.mustRefresh(t, garden, first.RefreshToken)
	w.clock.Advance(domain.RefreshGrace)
	_, err := w.refresh(garden, first.RefreshToken)
	wantCode(t, err, "invalid_grant")
	for _, dead := range []secret.Secret{first.AccessToken, access, beside.AccessToken} {
		wantDead(t, w, dead)
	}
	for _, dead := range []secret.Secret{second, beside.RefreshToken, first.RefreshToken} {
		_, err := w.refresh(garden, dead)
		wantCode(t, err, "invalid_grant")
	}
	wantLive(t, w, apart.AccessToken, "readings.read offline_access") // another grant of the same two
	if got := w.acts(t, w.alice)["refresh.reuse"]; got != 1 {
		t.Errorf("%d events of a reused refresh token, want 1", got)
	}
}

func TestARefreshTokenIsForItsClientOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden, other := w.register(t, "garden"), w.register(t, "other")
	native := w.register(t, "native", public)
	_, code := w.allow(t, garden, w.alice, "readings.read offline_access")
	first := w.redeem(t, garden, code)
	_, second, _ := w.mustRefresh(t, garden, first.RefreshToken)
	w.clock.Advance(time.Hour)
	for _, thief := range []app{other, native} {
		for _, stolen := range []secret.Secret{first.RefreshToken, second} {
			_, err := w.refresh(thief, stolen)
			wantCode(t, err, "invalid_grant")
		}
	}
	w.mustRefresh(t, garden, second) // what a stranger tried harmed nobody
}

// TestAForgedRefreshTokenKillsNothing: whoever knows the number of a chain, or
// makes up a token of his own with it, proves nothing.
func TestAForgedRefreshTokenKillsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden")
	_, code := w.allow(t, garden, w.alice, "readings.read offline_access")
	first := w.redeem(t, garden, code)
	number, _, _ := secret.StepOf(secret.RefreshToken, first.RefreshToken.Reveal())
	forged, _ := secret.GenerateStep(secret.RefreshToken, number, "")
	w.clock.Advance(time.Hour)
	_, err := w.refresh(garden, forged)
	wantCode(t, err, "invalid_grant")
	w.mustRefresh(t, garden, first.RefreshToken)
}

func TestAChainEndsWhenItIsIdleOrOld(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden", func(c *domain.Client) {
		c.Lives.RefreshIdle, c.Lives.RefreshEnd = 10*time.Hour, 25*time.Hour
	})
	_, code := w.allow(t, garden, w.alice, "readings.read offline_access")
	_, idle := w.allow(t, garden, w.alice, "readings.read offline_access")
	first, forgotten := w.redeem(t, garden, code), w.redeem(t, garden, idle)
	token := first.RefreshToken
	for range 2 {
		w.clock.Advance(10*time.Hour - time.Millisecond)
		_, token, _ = w.mustRefresh(t, garden, token)
	}
	_, err := w.refresh(garden, forgotten.RefreshToken)
	wantCode(t, err, "invalid_grant")
	w.clock.Advance(6 * time.Hour) // used often enough, but the year is over
	_, err = w.refresh(garden, token)
	wantCode(t, err, "invalid_grant")
	if got := w.acts(t, w.alice)["refresh.reuse"]; got != 0 {
		t.Errorf("%d events of reuse, want none: nothing was reused", got)
	}
}

func TestARefreshTokenThatStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden", kind(domain.LametricClient), with(domain.SwitchKeepRefresh))
	_, code := w.allow(t, garden, w.alice, "devices.read")
	first := w.redeem(t, garden, code)
	seen := map[string]bool{}
	for range 3 {
		access, refresh, _ := w.mustRefresh(t, garden, first.RefreshToken)
		if refresh.Reveal() != first.RefreshToken.Reveal() || seen[access.Reveal()] {
			t.Error("want the same refresh token and a new access token each time")
		}
		seen[access.Reveal()] = true
		wantLive(t, w, access, "devices.read")
		w.clock.Advance(time.Hour)
	}
}

// TestAClientThatKeptItsTokenAndIsSwitchedToRotation goes on with the token
// that it has.
func TestAClientThatKeptItsTokenAndIsSwitchedToRotation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden", with(domain.SwitchKeepRefresh))
	_, code := w.allow(t, garden, w.alice, "readings.read offline_access")
	first := w.redeem(t, garden, code)
	w.mustRefresh(t, garden, first.RefreshToken)
	w.change(t, &garden, with())
	_, second, _ := w.mustRefresh(t, garden, first.RefreshToken)
	w.clock.Advance(time.Hour)
	w.mustRefresh(t, garden, second)
}

func TestScopesAtARefreshOnlyShrink(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	house := w.sensor(t, w.alice, "greenhouse", domain.Private)
	w.sensor(t, w.alice, "bedroom", domain.Private)
	hidden := w.sensor(t, w.bob, "secret", domain.Private)
	garden := w.register(t, "garden")
	narrowed := domain.ScopeReadingsRead.On(int64(house.ID)).String()
	for _, test := range []struct{ may, asks, want string }{
		{"sensors.* readings.read offline_access", "sensors.read", "sensors.read"},
		{"sensors.* readings.read offline_access", "sensors.* readings.read", "sensors.* readings.read"},
		{"sensors.* readings.read offline_access", "readings.read:alice.greenhouse", narrowed},
		{"sensors.* readings.read offline_access", "readings.write", ""},
		{"sensors.* readings.read offline_access", "readings.*", ""},
		{"sensors.* readings.read offline_access", "admin", ""},
		{"sensors.* readings.read offline_access", "account", ""},
		{"sensors.* readings.read offline_access", "sensors.read profile", ""},
		{"sensors.* readings.read offline_access", "sensors.fly", ""},
		{"sensors.* readings.read offline_access", "readings.read:alice.nothing", ""},
		{"sensors.* readings.read offline_access", "readings.read:bob.secret", ""},
		{"sensors.* readings.read offline_access", "readings.read:" + domain.ThingRef(int64(hidden.ID)), ""},
		{narrowed + " offline_access", "readings.read:alice.greenhouse", narrowed},
		{narrowed + " offline_access", "readings.read", ""},
		{narrowed + " offline_access", "readings.read:alice.bedroom", ""},
	} {
		_, code := w.allow(t, garden, w.alice, test.may)
		first := w.redeem(t, garden, code)
		answer, err := w.refresh(garden, first.RefreshToken, "scope", test.asks)
		if test.want == "" {
			if domain.CodeOf(err) != "invalid_scope" {
				t.Errorf("of %q asked %q: got %v, want invalid_scope", test.may, test.asks, err)
			}
			w.mustRefresh(t, garden, first.RefreshToken) // a refusal spends nothing
			continue
		}
		if err != nil {
			t.Errorf("of %q asked %q: %v", test.may, test.asks, err)
			continue
		}
		wantLive(t, w, answer.AccessToken, test.want)
		if answer.Scope != test.asks {
			t.Errorf("asked %q: the answer names %q", test.asks, answer.Scope)
		}
		whole, _, _ := w.mustRefresh(t, garden, answer.RefreshToken) // the chain keeps what was allowed (RFC 6749 §6)
		wantLive(t, w, whole, test.may)
	}
}

// TestARefreshDoesNotTellWhatIsThere: a client hears the same of a thing that
// it was not allowed and of one that is not there, whoever its user is.
func TestARefreshDoesNotTellWhatIsThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := storetest.Admin(t, w.store, "root-admin")
	house := w.sensor(t, admin, "greenhouse", domain.Private)
	w.sensor(t, admin, "bedroom", domain.Private)
	w.sensor(t, w.bob, "secret", domain.Private)
	garden := w.register(t, "garden")
	_, code := w.allow(t, garden, admin, domain.ScopeReadingsRead.On(int64(house.ID)).String()+" offline_access")
	first := w.redeem(t, garden, code)
	_, want := w.refresh(garden, first.RefreshToken, "scope", "readings.read:root-admin.nothing")
	for _, thing := range []string{"root-admin.bedroom", "bob.secret", "bob.nothing"} {
		if _, got := w.refresh(garden, first.RefreshToken, "scope", "readings.read:"+thing); got == nil || want == nil || got.Error() != want.Error() {
			t.Errorf("%s: got %v, and of nothing %v", thing, got, want)
		}
	}
	own := w.register(t, "own", with(domain.SwitchOwnerCredentials), func(c *domain.Client) { c.Owner = admin.ID })
	if _, err := w.ask(own, "grant_type", "client_credentials", "scope", "readings.read:bob.secret"); domain.CodeOf(err) != "invalid_scope" {
		t.Errorf("an administrator's client names what is bob's: got %v", err)
	}
}

func TestScopesAtARefreshInTheWordsOfAContract(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clock := w.register(t, "clock", kind(domain.LametricClient))
	_, code := w.allow(t, clock, w.alice, "profile email devices.read", func(c *domain.AuthorizationCode) { c.Scopes = scopes(t, "profile email devices.read:#5") })
	first := w.redeem(t, clock, code)
	if first.Scope != "basic devices_read" {
		t.Errorf("got the scope %q", first.Scope)
	}
	_, err := w.refresh(clock, first.RefreshToken, "scope", "devices_write")
	wantCode(t, err, "invalid_scope")
	_, err = w.refresh(clock, first.RefreshToken, "scope", "devices.read")
	wantCode(t, err, "invalid_scope")
	access, _, scope := w.mustRefresh(t, clock, first.RefreshToken, "scope", "devices_read")
	wantLive(t, w, access, "devices.read:#5")
	if scope != "devices_read" {
		t.Errorf("got the scope %q", scope)
	}
}

// TestARepeatedRefreshGivesNoMoreThanItAsksFor: within the grace the answer is
// the same, but not where that would be more than this request wants.
func TestARepeatedRefreshGivesNoMoreThanItAsksFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden")
	_, code := w.allow(t, garden, w.alice, "sensors.* readings.read offline_access")
	first := w.redeem(t, garden, code)
	wide, second, _ := w.mustRefresh(t, garden, first.RefreshToken)
	access, refresh, scope := w.mustRefresh(t, garden, first.RefreshToken, "scope", "readings.read")
	if refresh.Reveal() != second.Reveal() {
		t.Error("got another successor")
	}
	if scope != "readings.read" || access.Reveal() == wide.Reveal() {
		t.Errorf("got a token for %q", scope)
	}
	wantLive(t, w, access, "readings.read")
}

func TestWhatClientAndGrantLoseTheirTokensLose(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden")
	g, code := w.allow(t, garden, w.alice, "sensors.* readings.* offline_access")
	first := w.redeem(t, garden, code)
	g.Scopes = scopes(t, "sensors.read readings.* offline_access")
	if _, err := w.store.Allow(context.Background(), domain.Allowed{Grant: g, Change: true}, domain.AuditEvent{At: w.clock.Now(), Act: "grant.allow"}); err != nil {
		t.Fatal(err)
	}
	wantLive(t, w, first.AccessToken, "sensors.read readings.* offline_access")
	access, refresh, scope := w.mustRefresh(t, garden, first.RefreshToken)
	wantLive(t, w, access, "sensors.read readings.* offline_access")
	if scope != "sensors.read readings.* offline_access" {
		t.Errorf("when the person took some back: the answer names %q", scope)
	}
	w.change(t, &garden, func(c *domain.Client) { c.Scopes = scopes(t, "readings.read offline_access") })
	wantLive(t, w, access, "readings.read offline_access")
	access, _, scope = w.mustRefresh(t, garden, refresh)
	wantLive(t, w, access, "readings.read offline_access")
	if scope != "readings.read offline_access" {
		t.Errorf("when the client lost some: the answer names %q", scope)
	}
}

func (w world) sensor(t testing.TB, owner domain.User, name string, seen domain.Visibility) domain.Sensor {
	t.Helper()
	return makeSensor(t, w.store, owner, name, seen)
}

func makeSensor(t testing.TB, s *store.Store, owner domain.User, name string, seen domain.Visibility) domain.Sensor {
	t.Helper()
	by := domain.Caller{User: owner, Credential: domain.SessionCredential, Scopes: domain.EveryScope()}
	made, err := s.CreateSensors(context.Background(), by, []domain.Sensor{{Owner: domain.OwnerID(owner.ID), OwnerName: owner.Name, Publisher: owner.Name, Name: name, LongName: name, Visibility: seen}})
	if err != nil {
		t.Fatal(err)
	}
	return made[0]
}
