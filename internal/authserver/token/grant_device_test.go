package token_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/authserver/token"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

func devices(c *domain.Client) {
	c.GrantTypes = []domain.GrantType{domain.DeviceGrant, domain.RefreshGrant}
}

// waits lets a device of the client wait, and returns its code.
func (w world) waits(t testing.TB, a app) string {
	t.Helper()
	text := secret.Generate(secret.DeviceCode)
	code := domain.DeviceCode{Hash: text.Hash(), UserHash: secret.NewUserCode().Hash(), Client: a.ID, IssuedAt: w.clock.Now(),
		ExpiresAt: w.clock.Now().Add(domain.DeviceCodeLife), Pace: domain.DeviceCodePace}
	if kept, err := w.store.KeepDeviceCode(context.Background(), code); err != nil || !kept {
		t.Fatal(kept, err)
	}
	return text.Reveal()
}

// lets says yes to the device for the user, for a resource.
func (w world) lets(t testing.TB, a app, device string, user domain.User, may, audience string) domain.Grant {
	t.Helper()
	g, err := w.store.Allow(context.Background(), domain.Allowed{
		Grant:  domain.Grant{User: user.ID, Client: a.ID, Name: a.Name, Scopes: scopes(t, may), Asked: scopes(t, may), CreatedAt: w.clock.Now()},
		Device: &domain.DeviceYes{Hash: secret.New(device).Hash(), Scopes: scopes(t, may), Audience: audience}}, domain.AuditEvent{At: w.clock.Now(), Act: "grant.allow"})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func (w world) poll(a app, device string, pairs ...string) (token.Answer, error) {
	return w.ask(a, append([]string{"grant_type", string(domain.DeviceGrant), "device_code", device}, pairs...)...)
}

func TestADevicePollsUntilItIsLetIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, a := range []app{w.register(t, "display", devices, public), w.register(t, "box", devices)} {
		device := w.waits(t, a)
		for _, step := range []struct {
			after time.Duration
			want  string
		}{{0, "authorization_pending"}, {5 * time.Second, "authorization_pending"}, {2 * time.Second, "slow_down"}, {6 * time.Second, "slow_down"}, {15 * time.Second, "authorization_pending"}} {
			w.clock.Advance(step.after)
			_, err := w.poll(a, device)
			wantCode(t, err, step.want)
		}
		g := w.lets(t, a, device, w.alice, "readings.read offline_access", "")
		answer, err := w.poll(a, device) // early, but there is nothing to wait for
		if err != nil || answer.Scope != "readings.read offline_access" || answer.RefreshToken.Empty() || answer.ExpiresIn != time.Hour {
			t.Fatalf("got %+v, %v", answer, err)
		}
		if next, err := w.refresh(a, answer.RefreshToken); err != nil || next.AccessToken.Empty() {
			t.Errorf("refresh: %v", err)
		}
		number, _ := secret.NumberOf(secret.AccessToken, answer.AccessToken.Reveal())
		if got, err := w.store.AccessToken(context.Background(), domain.TokenID(number), answer.AccessToken.Hash()); err != nil || got.Grant != g.ID {
			t.Errorf("got %+v, %v", got, err)
		}
		_, err = w.poll(a, device)
		wantCode(t, err, "invalid_grant")
	}
}

func TestARefreshTokenIsForDevicesThatMayHaveOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	display := w.register(t, "display", devices, public)
	short := w.register(t, "short", public, func(c *domain.Client) { c.GrantTypes = []domain.GrantType{domain.DeviceGrant} })
	for _, test := range []struct {
		a    app
		may  string
		want bool
	}{{display, "readings.read offline_access", true}, {display, "readings.read", false}, {short, "readings.read offline_access", false}} {
		device := w.waits(t, test.a)
		w.lets(t, test.a, device, w.alice, test.may, "")
		answer, err := w.poll(test.a, device)
		if err != nil || answer.RefreshToken.Empty() == test.want {
			t.Errorf("%s with %s: got a refresh token %t, %v", test.a.ID, test.may, !answer.RefreshToken.Empty(), err)
		}
	}
}

// TestWhatADeviceIsNotGiven goes through the refusals of RFC 8628 §3.5 and
// RFC 6749 §5.2.
func TestWhatADeviceIsNotGiven(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	display, other := w.register(t, "display", devices, public), w.register(t, "other", devices, public)
	garden := w.register(t, "garden")
	allowed, waiting, denied, revoked, late := w.waits(t, display), w.waits(t, display), w.waits(t, display), w.waits(t, display), w.waits(t, display)
	w.lets(t, display, allowed, w.alice, "readings.read", "https://api.example")
	if err := w.store.DenyDevice(context.Background(), secret.New(denied).Hash(), domain.AuditEvent{Act: "grant.deny"}); err != nil {
		t.Fatal(err)
	}
	g := w.lets(t, display, revoked, w.alice, "readings.read", "")
	if err := w.store.EndConnection(context.Background(), w.alice.ID, g.ID, domain.AuditEvent{At: w.clock.Now(), Act: "grant.revoke"}); err != nil {
		t.Fatal(err)
	}
	w.lets(t, display, late, w.alice, "readings.read", "")
	for name, test := range map[string]struct {
		a      app
		device string
		pairs  []string
		want   string
	}{
		"no code":                        {display, "", nil, "invalid_request"},
		"a code that is none":            {display, "WDJB-MJHT", nil, "invalid_grant"},
		"a code with a typing error":     {display, allowed[:len(allowed)-1] + "~", nil, "invalid_grant"},
		"a code that was never made":     {display, secret.Generate(secret.DeviceCode).Reveal(), nil, "invalid_grant"},
		"an authorization code":          {display, secret.Generate(secret.Code).Reveal(), nil, "invalid_grant"},
		"another client's":               {other, allowed, nil, "invalid_grant"},
		"another client's that waits":    {other, waiting, nil, "invalid_grant"},
		"of a client without devices":    {garden, allowed, nil, "unauthorized_client"},
		"another resource":               {display, allowed, []string{"resource", "https://evil.example"}, "invalid_target"},
		"denied":                         {display, denied, nil, "access_denied"},
		"allowed, and taken back before": {display, revoked, nil, "invalid_grant"},
	} {
		_, err := w.poll(test.a, test.device, test.pairs...)
		if got := domain.CodeOf(err); got != test.want {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
	if answer, err := w.poll(display, allowed, "resource", "https://api.example"); err != nil || answer.AccessToken.Empty() {
		t.Errorf("after all that: %v", err)
	}
	w.clock.Advance(domain.DeviceCodeLife)
	for _, device := range []string{waiting, late} {
		_, err := w.poll(display, device)
		wantCode(t, err, "expired_token")
	}
	_, err := w.poll(display, denied)
	wantCode(t, err, "access_denied")
}

func TestAForeignPollSlowsNobodyDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	display, other := w.register(t, "display", devices, public), w.register(t, "other", devices, public)
	device := w.waits(t, display)
	for range 5 {
		_, err := w.poll(other, device)
		wantCode(t, err, "invalid_grant")
	}
	_, err := w.poll(display, device)
	wantCode(t, err, "authorization_pending")
}

func TestWhoIsToldToSlowDownReadsByHowMuch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	display := w.register(t, "display", devices, public)
	device := w.waits(t, display)
	_, _ = w.poll(display, device)
	if _, err := w.poll(display, device); err == nil || !strings.Contains(err.Error(), "10 seconds") {
		t.Errorf("got %v", err)
	}
}

func TestOfTwentyPollsAtOnceOneGetsTheTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	display := w.register(t, "display", devices, public)
	for range 10 {
		device := w.waits(t, display)
		w.lets(t, display, device, w.alice, "readings.read offline_access", "")
		answers := atOnce(t, 20, func() (token.Answer, error) { return w.poll(display, device) })
		if len(answers) != 1 {
			t.Fatalf("%d of 20 got tokens, want 1", len(answers))
		}
		if _, err := w.refresh(display, answers[0].RefreshToken); err != nil {
			t.Errorf("what the one got: %v", err)
		}
	}
}
