package token_test

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk" // RFC 7636, appendix B

// challenged binds a code to the verifier.
func challenged(c *domain.AuthorizationCode) { c.Challenge = challengeOf(verifier) }

func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func TestTheChallengeIsTheOneOfTheRFC(t *testing.T) {
	t.Parallel()
	if got, want := challengeOf(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestACodeGivesWhatWasAllowed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden")
	_, code := w.allow(t, garden, w.alice, "readings.read sensors.read offline_access", challenged)
	answer := w.redeem(t, garden, code, "code_verifier", verifier)
	wantLive(t, w, answer.AccessToken, "readings.read sensors.read offline_access")
	if answer.Scope != "readings.read sensors.read offline_access" || answer.ExpiresIn != time.Hour || answer.RefreshToken.Empty() {
		t.Errorf("got the scope %q for %s, with a refresh token: %t", answer.Scope, answer.ExpiresIn, !answer.RefreshToken.Empty())
	}
	live, _ := w.live(t, answer.AccessToken)
	if live.User.ID != w.alice.ID || live.Client.ID != garden.ID {
		t.Errorf("the token acts for %s by %s", live.User.Name, live.Client.ID)
	}
}

func TestWhoGetsARefreshToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	once := func(c *domain.Client) { c.GrantTypes = []domain.GrantType{domain.CodeGrant} }
	for _, test := range []struct {
		app  app
		may  string
		want bool
	}{
		{w.register(t, "standard"), "readings.read offline_access", true},
		{w.register(t, "not-away"), "readings.read", false},
		{w.register(t, "without", once), "readings.read offline_access", false},
		{w.register(t, "wotkit", kind(domain.WotkitClient)), "readings.*", true},
		{w.register(t, "wotkit-once", kind(domain.WotkitClient), once), "readings.*", false},
		{w.register(t, "lametric", kind(domain.LametricClient)), "devices.read", true},
	} {
		_, code := w.allow(t, test.app, w.alice, test.may)
		if answer := w.redeem(t, test.app, code); answer.RefreshToken.Empty() == test.want {
			t.Errorf("%s with %q: got a refresh token: %t, want %t", test.app.ID, test.may, !test.want, test.want)
		}
	}
}

func TestLivesAreThoseOfTheKindUnlessTheClientHasItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, test := range []struct {
		app  app
		want time.Duration
	}{
		{w.register(t, "standard"), time.Hour},
		{w.register(t, "wotkit", kind(domain.WotkitClient)), 12 * time.Hour},
		{w.register(t, "short", func(c *domain.Client) { c.Lives.Access = time.Minute }), time.Minute},
	} {
		_, code := w.allow(t, test.app, w.alice, "readings.read")
		if answer := w.redeem(t, test.app, code); answer.ExpiresIn != test.want {
			t.Errorf("%s: got %s, want %s", test.app.ID, answer.ExpiresIn, test.want)
		}
	}
}

// TestACodeIsForWhoItWasMadeFor also holds that somebody who does not match a
// code leaves it as it is: it can be redeemed afterwards.
func TestACodeIsForWhoItWasMadeFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden, other := w.register(t, "garden"), w.register(t, "other")
	native := w.register(t, "native", public)
	two := w.register(t, "two", func(c *domain.Client) { c.RedirectURIs = append(c.RedirectURIs, elsewhere) })
	bare := func(c *domain.AuthorizationCode) { c.RedirectURI = "" }
	for _, test := range []struct {
		name   string
		of, by app
		made   func(*domain.AuthorizationCode)
		pairs  []string
		right  []string
	}{
		{"another client's", garden, other, nil, []string{"redirect_uri", back}, []string{"redirect_uri", back}},
		{"a public client's id", garden, native, nil, []string{"redirect_uri", back}, []string{"redirect_uri", back}},
		{"another redirect URI", garden, garden, nil, []string{"redirect_uri", elsewhere}, []string{"redirect_uri", back}},
		{"another registered redirect URI", two, two, nil, []string{"redirect_uri", elsewhere}, []string{"redirect_uri", back}},
		{"a redirect URI with a slash more", garden, garden, nil, []string{"redirect_uri", back + "/"}, []string{"redirect_uri", back}},
		{"no redirect URI where the request had one", garden, garden, nil, nil, []string{"redirect_uri", back}},
		{"an empty redirect URI where the request had one", garden, garden, nil, []string{"redirect_uri", ""}, []string{"redirect_uri", back}},
		{"a redirect URI where the request had none", garden, garden, bare, []string{"redirect_uri", elsewhere}, nil},
		{"the one redirect URI is as good as none", garden, garden, bare, []string{"redirect_uri", elsewhere}, []string{"redirect_uri", back}},
		{"no verifier", native, native, challenged, []string{"redirect_uri", back}, []string{"redirect_uri", back, "code_verifier", verifier}},
		{"an empty verifier", native, native, challenged, []string{"redirect_uri", back, "code_verifier", ""}, []string{"redirect_uri", back, "code_verifier", verifier}},
		{"another verifier", native, native, challenged, []string{"redirect_uri", back, "code_verifier", strings.Repeat("v", 43)}, []string{"redirect_uri", back, "code_verifier", verifier}},
		{"the challenge as verifier", native, native, challenged, []string{"redirect_uri", back, "code_verifier", challengeOf(verifier)}, []string{"redirect_uri", back, "code_verifier", verifier}},
		{"a verifier where the request had no challenge", garden, garden, nil, []string{"redirect_uri", back, "code_verifier", verifier}, []string{"redirect_uri", back}},
	} {
		changes := []func(*domain.AuthorizationCode){}
		if test.made != nil {
			changes = append(changes, test.made)
		}
		_, code := w.allow(t, test.of, w.alice, "readings.read", changes...)
		answer, err := w.ask(test.by, append([]string{"grant_type", "authorization_code", "code", code}, test.pairs...)...)
		if domain.CodeOf(err) != "invalid_grant" || !answer.AccessToken.Empty() {
			t.Errorf("%s: got %v, want invalid_grant", test.name, err)
		}
		if _, err := w.ask(test.of, append([]string{"grant_type", "authorization_code", "code", code}, test.right...)...); err != nil {
			t.Errorf("%s, then rightly: %v", test.name, err)
		}
	}
}

func TestAVerifierHasTheLengthOfTheRFC(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	native := w.register(t, "native", public)
	for length, want := range map[int]bool{1: false, 42: false, 43: true, 128: true, 129: false, 5000: false} {
		text := strings.Repeat("v", length)
		_, code := w.allow(t, native, w.alice, "readings.read", func(c *domain.AuthorizationCode) { c.Challenge = challengeOf(text) })
		_, err := w.ask(native, "grant_type", "authorization_code", "code", code, "redirect_uri", back, "code_verifier", text)
		if got := err == nil; got != want {
			t.Errorf("a verifier of %d characters: got %v, want it accepted: %t", length, err, want)
		}
	}
}

func TestACodeExpires(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden")
	_, inTime := w.allow(t, garden, w.alice, "readings.read")
	_, late := w.allow(t, garden, w.alice, "readings.read")
	w.clock.Advance(domain.CodeLife - time.Millisecond)
	w.redeem(t, garden, inTime)
	w.clock.Advance(time.Millisecond)
	_, err := w.ask(garden, "grant_type", "authorization_code", "code", late, "redirect_uri", back)
	wantCode(t, err, "invalid_grant")
}

func TestASecondUseOfACodeRevokesWhatTheFirstProduced(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden, other := w.register(t, "garden"), w.register(t, "other")
	g, code := w.allow(t, garden, w.alice, "readings.read offline_access")
	_, another := w.codeOn(t, garden, g)
	first, beside := w.redeem(t, garden, code), w.redeem(t, garden, another)

	_, err := w.ask(other, "grant_type", "authorization_code", "code", code, "redirect_uri", back)
	wantCode(t, err, "invalid_grant")
	wantLive(t, w, first.AccessToken, "readings.read offline_access") // somebody else's second use is none
	_, err = w.ask(garden, "grant_type", "authorization_code", "code", code, "redirect_uri", back)
	wantCode(t, err, "invalid_grant")
	wantDead(t, w, first.AccessToken)
	_, err = w.refresh(garden, first.RefreshToken)
	wantCode(t, err, "invalid_grant")
	wantLive(t, w, beside.AccessToken, "readings.read offline_access") // what another code gave stays
	if got := w.acts(t, w.alice)["code.reuse"]; got != 1 {
		t.Errorf("%d events of a reused code, want 1", got)
	}
}

func TestASecondUseCountsHoweverItIsAskedAndWhenever(t *testing.T) {
	t.Parallel()
	for name, pairs := range map[string][]string{"without a verifier": nil, "with a wrong redirect URI": {"redirect_uri", elsewhere}} {
		w := newWorld(t)
		native := w.register(t, "native", public)
		_, code := w.allow(t, native, w.alice, "readings.read", challenged)
		first := w.redeem(t, native, code, "code_verifier", verifier)
		w.clock.Advance(10 * time.Minute)
		_, err := w.ask(native, append([]string{"grant_type", "authorization_code", "code", code}, pairs...)...)
		wantCode(t, err, "invalid_grant")
		if _, ok := w.live(t, first.AccessToken); ok {
			t.Errorf("%s, long after the code expired: the first token still holds", name)
		}
	}
}

func TestAResourceIsTheOneThatWasAllowed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden")
	const api = "https://api.example/"
	for _, test := range []struct {
		allowed string
		asked   []string
		want    string
	}{
		{"", nil, ""}, {"", []string{issuer}, ""}, {"", []string{issuer + "/"}, ""}, {"", []string{issuer + "/api/v1"}, ""},
		{"", []string{api}, "invalid_target"}, {"", []string{issuer + ".evil.example"}, "invalid_target"},
		{"", []string{issuer + "/elsewhere"}, "invalid_target"}, {"", []string{issuer, api}, "invalid_target"},
		{api, nil, ""}, {api, []string{api}, ""}, {api, []string{issuer}, "invalid_target"}, {api, []string{"https://other.example/"}, "invalid_target"},
	} {
		_, code := w.allow(t, garden, w.alice, "readings.read", func(c *domain.AuthorizationCode) { c.Audience = test.allowed })
		pairs := []string{"grant_type", "authorization_code", "code", code, "redirect_uri", back}
		for _, resource := range test.asked {
			pairs = append(pairs, "resource", resource)
		}
		answer, err := w.ask(garden, pairs...)
		if got := domain.CodeOf(err); (err == nil) != (test.want == "") || err != nil && got != test.want {
			t.Errorf("allowed for %q, asked for %q: got %v, want %q", test.allowed, test.asked, err, test.want)
			continue
		}
		if live, ok := w.live(t, answer.AccessToken); err == nil && (!ok || live.Token.Audience != test.allowed) {
			t.Errorf("allowed for %q, asked for %q: got a token for %q", test.allowed, test.asked, live.Token.Audience)
		}
	}
}
