package introspect_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
)

func (w world) revoke(a app, text secret.Secret, pairs ...string) error {
	return w.Revoke(context.Background(), guard.ClientForm{Values: a.form(append([]string{"token", text.Reveal()}, pairs...)...)}, domain.Caller{})
}

func (w world) holds(t testing.TB, text secret.Secret) bool {
	t.Helper()
	_, err := guard.FindToken(context.Background(), w.store, text.Reveal(), w.clock.Now())
	if err != nil && !guard.IsDead(err) {
		t.Fatal(err)
	}
	return err == nil
}

func TestARevokedAccessTokenIsDeadAndNothingElseIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden")
	_, answer := w.tokensFor(t, garden, "readings.read offline_access", "")
	if !w.holds(t, answer.AccessToken) {
		t.Fatal("the token does not hold")
	}
	for range 2 { // again is no error (RFC 7009 §2.2)
		if err := w.revoke(garden, answer.AccessToken); err != nil {
			t.Fatal(err)
		}
	}
	if w.holds(t, answer.AccessToken) {
		t.Error("the revoked token holds")
	}
	next, err := w.refresh(garden, answer.RefreshToken)
	if err != nil || !w.holds(t, next.AccessToken) {
		t.Errorf("the refresh token beside it: %v", err)
	}
}

func TestARevokedRefreshTokenTakesAllOfItsCodeWithIt(t *testing.T) {
	t.Parallel()
	for name, spent := range map[string]bool{"the one to be redeemed next": false, "one that was redeemed": true} {
		w := newWorld(t)
		garden := w.register(t, "garden")
		_, answer := w.tokensFor(t, garden, "readings.read offline_access", "")
		_, apart := w.tokensFor(t, garden, "readings.read offline_access", "")
		next, err := w.refresh(garden, answer.RefreshToken)
		if err != nil {
			t.Fatal(err)
		}
		w.clock.Advance(time.Minute)
		revoked := next.RefreshToken
		if spent {
			revoked = answer.RefreshToken
		}
		for range 2 {
			if err := w.revoke(garden, revoked, "token_type_hint", "access_token"); err != nil {
				t.Fatal(err)
			}
		}
		if w.holds(t, answer.AccessToken) || w.holds(t, next.AccessToken) {
			t.Errorf("%s: an access token holds (RFC 7009 §2.1)", name)
		}
		if _, err := w.refresh(garden, next.RefreshToken); domain.CodeOf(err) != "invalid_grant" {
			t.Errorf("%s: the refresh token: got %v", name, err)
		}
		if !w.holds(t, apart.AccessToken) {
			t.Errorf("%s: what another code gave is dead too", name)
		}
		wantActs(t, w, "token.revoke", 1)
	}
}

func wantActs(t *testing.T, w world, act string, want int) {
	t.Helper()
	listed, err := w.store.AuditOf(context.Background(), w.alice.ID, domain.Page{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	got := 0
	for _, event := range listed.Items {
		if event.Act == act {
			got++
		}
	}
	if got != want {
		t.Errorf("%d events %s of alice, want %d", got, act, want)
	}
}

func TestNobodyRevokesWhatAnotherGot(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden, other := w.register(t, "garden"), w.register(t, "other")
	native := w.register(t, "native", func(c *domain.Client) { c.Public = true })
	server := w.register(t, "server", func(c *domain.Client) { c.Resources = []string{resource} })
	_, answer := w.tokensFor(t, garden, "readings.read offline_access", resource)
	for _, thief := range []app{other, native, server} {
		for _, text := range []secret.Secret{answer.AccessToken, answer.RefreshToken} {
			if err := w.revoke(thief, text); domain.CodeOf(err) != "unauthorized_client" {
				t.Errorf("by %s: got %v, want unauthorized_client", thief.ID, err)
			}
		}
	}
	if _, err := w.refresh(garden, answer.RefreshToken); err != nil || !w.holds(t, answer.AccessToken) {
		t.Errorf("afterwards: %v", err)
	}
	wantActs(t, w, "token.revoke", 0)
}

func TestAPublicClientRevokesItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	native := w.register(t, "native", func(c *domain.Client) { c.Public = true })
	_, answer := w.tokensFor(t, native, "readings.read offline_access", "")
	if err := w.revoke(native, answer.RefreshToken); err != nil || w.holds(t, answer.AccessToken) {
		t.Errorf("got %v, and the access token holds: %t", err, w.holds(t, answer.AccessToken))
	}
}

// People are asked about a public client each time: a connection whose refresh
// token is gone would only lie about.
func TestAPublicClientThatSignsOutLeavesNoConnection(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	phone := w.register(t, "phone", func(c *domain.Client) { c.Public = true })
	grant, answer := w.tokensFor(t, phone, "readings.read offline_access", "")
	for range 2 { // the second time there is nothing left to end
		if err := w.revoke(phone, answer.RefreshToken); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := w.store.Grant(context.Background(), grant.ID)
	if err != nil || kept.RevokedAt.IsZero() {
		t.Errorf("the grant: %+v, %v; want it revoked", kept, err)
	}
}

func TestWhatIsNoTokenIsNoError(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden")
	_, answer := w.tokensFor(t, garden, "readings.read offline_access", "")
	number, _, _ := secret.StepOf(secret.RefreshToken, answer.RefreshToken.Reveal())
	forged, _ := secret.GenerateStep(secret.RefreshToken, number, "")
	id, _ := secret.NumberOf(secret.AccessToken, answer.AccessToken.Reveal())
	for _, text := range []secret.Secret{secret.New("nothing"), forged, secret.GenerateNumbered(secret.AccessToken, id), secret.Generate(secret.Code), garden.secret} {
		if err := w.revoke(garden, text); err != nil {
			t.Errorf("got %v (RFC 7009 §2.2)", err)
		}
	}
	if _, err := w.refresh(garden, answer.RefreshToken); err != nil || !w.holds(t, answer.AccessToken) {
		t.Errorf("a forged token with the number of a right one ended that: %v", err)
	}
}

func TestWhoMayRevoke(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden")
	_, answer := w.tokensFor(t, garden, "readings.read offline_access", "")
	right := answer.AccessToken.Reveal()
	for _, test := range []struct {
		name, want string
		form       url.Values
	}{
		{"nobody", "invalid_client", url.Values{"token": {right}}},
		{"without a secret", "invalid_client", url.Values{"client_id": {"garden"}, "token": {right}}},
		{"with a wrong secret", "invalid_client", url.Values{"client_id": {"garden"}, "client_secret": {right}, "token": {right}}},
		{"without a token", "invalid_request", garden.form()},
		{"with two tokens", "invalid_request", garden.form("token", right, "token", answer.RefreshToken.Reveal())},
	} {
		if err := w.Revoke(context.Background(), guard.ClientForm{Values: test.form}, domain.Caller{}); domain.CodeOf(err) != test.want {
			t.Errorf("%s: got %v, want %s", test.name, err, test.want)
		}
	}
	if !w.holds(t, answer.AccessToken) {
		t.Error("the token was revoked")
	}
}
