package token_test

import (
	"context"
	"net/url"
	"testing"

	"github.com/thingward/thingward/internal/authserver/token"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
)

// redeemAt exchanges a code at the endpoint of The Things Network.
func (w world) redeemAt(basic *guard.BasicProof, pairs ...string) (token.Answer, error) {
	form := url.Values{"grant_type": {"authorization_code"}}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return w.Exchange(context.Background(), token.Request{Kind: domain.TTNClient, Form: form, Basic: basic})
}

func ttnctl(password string) *guard.BasicProof {
	return &guard.BasicProof{Name: "ttnctl", Secret: secret.New(password)}
}

// copied makes a code that a person copies for a client.
func (w world) copied(t *testing.T, client domain.Client, changes ...func(*domain.AuthorizationCode)) secret.Secret {
	t.Helper()
	now := w.clock.Now()
	text := secret.Generate(secret.Code)
	code := domain.AuthorizationCode{Hash: text.Hash(), Client: client.ID, RedirectURI: domain.CopyCodeURI, Scopes: client.Scopes,
		IssuedAt: now, ExpiresAt: now.Add(client.CodeLife())}
	for _, change := range changes {
		change(&code)
	}
	yes := domain.Allowed{Grant: domain.Grant{User: w.alice.ID, Client: client.ID, Name: "copied", Scopes: client.Scopes, Asked: client.Scopes, CreatedAt: now}, Code: &code}
	if _, err := w.store.Allow(context.Background(), yes, domain.AuditEvent{At: now, Act: "grant.allow"}); err != nil {
		t.Fatal(err)
	}
	return text
}

// TestTheCommandLineOfTheThingsNetwork sends no redirect_uri, and its id for a
// secret, or none.
func TestTheCommandLineOfTheThingsNetwork(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	program, _ := domain.BuiltInClient(domain.TTNCommandID)
	for name, send := range map[string]func(code string) (token.Answer, error){
		"with the secret that is none": func(code string) (token.Answer, error) { return w.redeemAt(ttnctl("ttnctl"), "code", code) },
		"with an empty one":            func(code string) (token.Answer, error) { return w.redeemAt(ttnctl(""), "code", code) },
		"in the body":                  func(code string) (token.Answer, error) { return w.redeemAt(nil, "code", code, "client_id", "ttnctl") },
		"in the body, with it": func(code string) (token.Answer, error) {
			return w.redeemAt(nil, "code", code, "client_id", "ttnctl", "client_secret", "ttnctl")
		},
		"with the redirect URI": func(code string) (token.Answer, error) {
			return w.redeemAt(ttnctl("ttnctl"), "code", code, "redirect_uri", "/oauth/callback/ttnctl")
		},
	} {
		if got, err := send(w.copied(t, program).Reveal()); err != nil || got.RefreshToken.Empty() || got.Narrowed {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for name, test := range map[string]struct {
		basic *guard.BasicProof
		uri   string
		code  string
	}{
		"another secret":       {ttnctl("ttnctl2"), "", "invalid_client"},
		"another redirect URI": {ttnctl("ttnctl"), back, "invalid_grant"},
	} {
		if _, err := w.redeemAt(test.basic, "code", w.copied(t, program).Reveal(), "redirect_uri", test.uri); domain.CodeOf(err) != test.code {
			t.Errorf("%s: got %v, want %s", name, err, test.code)
		}
	}
	withChallenge := w.copied(t, program, func(c *domain.AuthorizationCode) { c.Challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" })
	if _, err := w.redeemAt(ttnctl("ttnctl"), "code", withChallenge.Reveal()); domain.CodeOf(err) != "invalid_grant" {
		t.Errorf("without the verifier of a challenge: got %v", err)
	}
}

// TestOnlyThatProgramLeavesTheRedirectURIOut, and no other client has a
// well-known secret.
func TestOnlyThatProgramLeavesTheRedirectURIOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := w.register(t, "myclient", kind(domain.TTNClient), func(c *domain.Client) { c.RedirectURIs = []string{domain.CopyCodeURI} })
	code := w.copied(t, app.Client).Reveal()
	basic := &guard.BasicProof{Name: "myclient", Secret: app.secret}
	if _, err := w.redeemAt(basic, "code", code); domain.CodeOf(err) != "invalid_grant" {
		t.Errorf("without the redirect URI: got %v", err)
	}
	if _, err := w.redeemAt(&guard.BasicProof{Name: "myclient", Secret: secret.New("myclient")}, "code", code, "redirect_uri", domain.CopyCodeURI); domain.CodeOf(err) != "invalid_client" {
		t.Errorf("with its id for a secret: got %v", err)
	}
	w.register(t, "another", kind(domain.TTNClient), public)
	if _, err := w.redeemAt(&guard.BasicProof{Name: "another", Secret: secret.New("ttnctl")}, "code", code); domain.CodeOf(err) != "invalid_client" {
		t.Errorf("a public client with the well-known secret: got %v", err)
	}
	if _, err := w.redeemAt(ttnctl("ttnctl"), "code", code, "redirect_uri", domain.CopyCodeURI); domain.CodeOf(err) != "invalid_grant" {
		t.Errorf("by another client: got %v", err)
	}
	if _, err := w.redeemAt(basic, "code", code, "redirect_uri", domain.CopyCodeURI); err != nil {
		t.Errorf("after all that the code is not burned: got %v", err)
	}
}
