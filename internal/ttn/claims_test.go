package ttn_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/authserver/token"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/grant"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/ttn"
)

// reader checks tokens as a component of the network does: it knows what /key
// answered, its own clock, and the rules of the claims.
type reader struct {
	algorithm string
	key       any
	issuer    string
	now       time.Time
}

// published is the answer of /key.
type published struct {
	Algorithm string `json:"algorithm"`
	Key       string `json:"key"`
}

func newReader(t *testing.T, answer string, now time.Time) reader {
	t.Helper()
	var p published
	if err := json.Unmarshal([]byte(answer), &p); err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode([]byte(p.Key))
	if block == nil {
		t.Fatalf("the key is no PEM: %q", p.Key)
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return reader{p.Algorithm, key, keyIssuer, now}
}

// readClaims are the types that readers decode into: another type is an error.
type readClaims struct {
	Issuer     string              `json:"iss"`
	Subject    string              `json:"sub"`
	Audience   *string             `json:"aud"`
	Type       string              `json:"type"`
	Client     string              `json:"client"`
	Scope      []string            `json:"scope"`
	Apps       map[string][]string `json:"apps"`
	Gateways   map[string][]string `json:"gateways"`
	Components map[string][]string `json:"components"`
	Username   string              `json:"username"`
	Email      string              `json:"email"`
	Name       struct {
		First string `json:"first"`
		Last  string `json:"last"`
	} `json:"name"`
	Interchangeable bool   `json:"interchangeable"`
	Location        *bool  `json:"location_public"`
	Status          *bool  `json:"status_public"`
	IssuedAt        int64  `json:"iat"`
	NotBefore       int64  `json:"nbf"`
	Expires         *int64 `json:"exp"`
}

// read verifies a token.
func (r reader) read(text string) (readClaims, error) {
	var c readClaims
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return c, errors.New("no JWT")
	}
	var decoded [3][]byte
	for i, part := range parts {
		var err error
		if decoded[i], err = base64.RawURLEncoding.DecodeString(part); err != nil {
			return c, err
		}
	}
	var header map[string]any
	if err := json.Unmarshal(decoded[0], &header); err != nil || header["alg"] != r.algorithm {
		return c, fmt.Errorf("the header %s", decoded[0])
	}
	if !r.verifies(parts[0]+"."+parts[1], decoded[2]) {
		return c, errors.New("the signature does not verify")
	}
	if err := json.Unmarshal(decoded[1], &c); err != nil {
		return c, err
	}
	switch now := r.now.Unix(); {
	case c.Issuer != r.issuer:
		return c, errors.New("another issuer")
	case c.Expires != nil && now >= *c.Expires:
		return c, errors.New("expired")
	case c.IssuedAt > now || c.NotBefore > now:
		return c, errors.New("of the future")
	}
	return c, nil
}

func (r reader) verifies(signed string, signature []byte) bool {
	sum := sha256.Sum256([]byte(signed))
	switch key := r.key.(type) {
	case *ecdsa.PublicKey:
		return len(signature) == 64 && ecdsa.Verify(key, sum[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:]))
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) == nil
	}
	return false
}

// may reports whether a resource server lets the token use the right: a scope
// for the thing, and the right on it.
func (c readClaims) may(right, application string) bool {
	return slices.Contains(c.Scope, "apps:"+application) && slices.Contains(c.Apps[application], right)
}

// signing lets the account server sign by the algorithm, and returns its
// signer.
func (a *accountServer) signing(algorithm string) *grant.Signer {
	vault, err := secret.NewSealer(secret.RandomBytes(32))
	if err != nil {
		a.t.Fatal(err)
	}
	signer := &grant.Signer{Keys: a.store, Vault: vault, Purpose: domain.SigningTTN, Algorithm: algorithm, Now: a.clock.Now}
	a.door.Keys = signer
	a.door.Tokens.Forms = map[domain.ClientKind]token.Former{domain.TTNClient: &ttn.Claims{Issuer: keyIssuer, Signer: signer, Entities: a.store, Finder: a.door.Tokens.Finder}}
	return signer
}

func eachAlgorithm(t *testing.T, body func(t *testing.T, a *accountServer, signer *grant.Signer, r reader)) {
	t.Helper()
	for _, algorithm := range []string{domain.ES256, domain.RS256} {
		t.Run(algorithm, func(t *testing.T) {
			t.Parallel()
			a := newAccountServer(t)
			signer := a.signing(algorithm)
			body(t, a, signer, newReader(t, a.nobody().get("key").want(http.StatusOK).body, a.clock.Now()))
		})
	}
}

func TestWhatReadersMakeOfOurTokens(t *testing.T) {
	t.Parallel()
	eachAlgorithm(t, func(t *testing.T, a *accountServer, _ *grant.Signer, r reader) {
		a.application("alice", "apitest")
		a.gateway("alice", "mygtw")
		key := a.accessKey("alice", "apitest")
		whole := a.signedIn("alice", ttnctl)
		var gateway tokens
		whole.get("api/v2/gateways/mygtw/token").want(http.StatusOK).decode(&gateway)
		var exchanged tokens
		a.keyExchange().as(a.client("myclient")).form("grant_type", "password", "username", "apitest", "password", key).send().want(http.StatusOK).decode(&exchanged)
		for _, test := range []struct {
			name, text, kind, subject, scope string
			exchangeable                     bool
			may                              []string // of settings, devices, messages:up:r
		}{
			{"unrestricted", whole.token, "user", "1", "profile apps gateways components clients", true, nil},
			{"restricted", whole.restrictTo("apps:apitest").accessToken(), "user", "1", "apps:apitest", false, []string{"settings", "devices"}},
			{"restricted to the profile", whole.restrictTo("profile").accessToken(), "user", "1", "profile", false, nil},
			{"restricted to a part", a.partOf(whole, "applications.devices:apitest"), "user", "1", "apps:apitest", false, []string{"devices"}},
			{"for a list", whole.restrictTo("apps").accessToken(), "user", "1", "apps", false, nil},
			{"of an access key", exchanged.Access, "user", "application:1", "apps:apitest", false, []string{"messages:up:r"}},
			{"of a gateway", gateway.Access, "gateway", "mygtw", "gateways:mygtw", false, nil},
		} {
			c, err := r.read(test.text)
			if err != nil {
				t.Errorf("%s: refused: %v", test.name, err)
				continue
			}
			var may []string
			for _, right := range []string{"settings", "devices", "messages:up:r"} {
				if c.may(right, "apitest") {
					may = append(may, right)
				}
			}
			if c.Type != test.kind || c.Subject != test.subject || strings.Join(c.Scope, " ") != test.scope && test.name != "of a gateway" || c.Interchangeable != test.exchangeable || !slices.Equal(may, test.may) {
				t.Errorf("%s: got %+v, which may %v", test.name, c, may)
			}
			if c.Audience != nil || c.Expires == nil {
				t.Errorf("%s: got the audience %v and the end %v", test.name, c.Audience, c.Expires)
			}
			if personal := c.Username + c.Email + c.Name.First; (personal != "") != (test.name == "unrestricted") {
				t.Errorf("%s: it tells %q", test.name, personal)
			}
			if (c.Location != nil && c.Status != nil) != (c.Type == "gateway") {
				t.Errorf("%s: what is public of a gateway: %v, %v", test.name, c.Location, c.Status)
			}
			checkRow(t, a, test.text, *c.Expires)
		}
	})
}

// partOf restricts a token to scopes in our own words, as the standard
// endpoint does.
func (a *accountServer) partOf(p program, scopes string) string {
	a.t.Helper()
	set, err := domain.ParseScopes(scopes)
	if err != nil {
		a.t.Fatal(err)
	}
	made, err := a.door.Tokens.Restrict(context.Background(), domain.Caller{}, p.token, token.Restriction{Scopes: set})
	if err != nil {
		a.t.Fatal(err)
	}
	return made.AccessToken.Reveal()
}

// checkRow holds that the row of a token ends when the token says, and that
// the header and the order of the claims are as they must be.
func checkRow(t *testing.T, a *accountServer, text string, expires int64) {
	t.Helper()
	parts := strings.Split(text, ".")
	header, _ := base64.RawURLEncoding.DecodeString(parts[0])
	algorithm, _, _ := a.door.Keys.PublicKey(context.Background())
	if string(header) != `{"alg":"`+algorithm+`","typ":"JWT"}` {
		t.Errorf("got the header %s", header)
	}
	payload, _ := base64.RawURLEncoding.DecodeString(parts[1])
	if !bytes.HasPrefix(payload, []byte(`{"jti":"`)) {
		t.Errorf("got %.30s…, want jti in front", payload)
	}
	number, ok := secret.NumberOfSigned(text)
	if end := domain.TokenID(number).ExpiresAt(); !ok || end.Unix() != expires || end.Nanosecond() != 0 {
		t.Errorf("the row ends at %s, the token at %d", end, expires)
	}
}

// Readers refuse each of these; so none of them may ever be minted, and the
// reader of these tests is shown to see them.
func TestTheReaderIsAsStrictAsReadersAre(t *testing.T) {
	t.Parallel()
	eachAlgorithm(t, func(t *testing.T, a *accountServer, signer *grant.Signer, r reader) {
		soon, now := r.now.Add(time.Hour).Unix(), r.now.Unix()
		good := func(changes ...any) map[string]any {
			c := map[string]any{"iss": keyIssuer, "sub": "1", "type": "user", "scope": []string{"apps:foo"}, "apps": map[string][]string{"foo": {"devices"}}, "iat": now, "exp": soon}
			for i := 0; i+1 < len(changes); i += 2 {
				c[changes[i].(string)] = changes[i+1]
			}
			return c
		}
		for name, test := range map[string]struct {
			claims  map[string]any
			refused bool
			may     bool
		}{
			"as it should be":         {good(), false, true},
			"aud as a list":           {good("aud", []string{"x"}), true, false},
			"aud as a text":           {good("aud", "x"), false, true},
			"scope as one text":       {good("scope", "apps:foo"), true, false},
			"name as a text":          {good("name", "Alice"), true, false},
			"a fraction in exp":       {good("exp", float64(soon)+0.5), true, false},
			"issued in the future":    {good("iat", now+1), true, false},
			"valid in the future":     {good("nbf", now+1), true, false},
			"expired":                 {good("exp", now), true, false},
			"another issuer":          {good("iss", "elsewhere"), true, false},
			"more claims":             {good("jti", "1", "client_id", "x", "authorization_details", []any{}, "cnf", map[string]any{}), false, true},
			"a general scope":         {good("scope", []string{"apps"}), false, false},
			"rights without a scope":  {good("scope", []string{}), false, false},
			"a scope without rights":  {good("apps", map[string]any{}), false, false},
			"for another application": {good("scope", []string{"apps:bar"}), false, false},
		} {
			text, err := signer.Sign(context.Background(), test.claims)
			if err != nil {
				t.Fatal(err)
			}
			c, err := r.read(text.Reveal())
			if (err != nil) != test.refused || err == nil && c.may("devices", "foo") != test.may {
				t.Errorf("%s: got %v, which may: %t", name, err, c.may("devices", "foo"))
			}
		}
	})
}

// A forged token is none here: what counts is the hash of all of it.
func TestForgedTokensAreRefused(t *testing.T) {
	t.Parallel()
	eachAlgorithm(t, func(t *testing.T, a *accountServer, signer *grant.Signer, r reader) {
		a.application("alice", "apitest")
		text := a.signedIn("alice", ttnctl).restrictTo("apps:apitest").accessToken()
		a.bearer(text).get("api/v2/applications/apitest").want(http.StatusOK)
		parts := strings.Split(text, ".")
		payload, err := base64.RawURLEncoding.DecodeString(parts[1])
		if err != nil {
			t.Fatal(err)
		}
		wider := bytes.Replace(payload, []byte(`"scope":["apps:apitest"]`), []byte(`"scope":["apps","profile","clients"]`), 1)
		other := &grant.Signer{Keys: a.store, Purpose: "another", Algorithm: signer.Algorithm, Now: a.clock.Now}
		other.Vault, _ = secret.NewSealer(secret.RandomBytes(32))
		byOther, err := other.Sign(context.Background(), json.RawMessage(payload))
		if err != nil {
			t.Fatal(err)
		}
		again, err := signer.Sign(context.Background(), json.RawMessage(wider))
		if err != nil {
			t.Fatal(err)
		}
		_, pem, _ := signer.PublicKey(context.Background())
		for name, forged := range map[string]string{
			"no algorithm":                    part(`{"alg":"none","typ":"JWT"}`) + "." + parts[1] + ".",
			"no algorithm, and a signature":   part(`{"alg":"none","typ":"JWT"}`) + "." + parts[1] + "." + parts[2],
			"the public key as a secret":      hs256(part(`{"alg":"HS256","typ":"JWT"}`)+"."+part(string(wider)), pem),
			"another key":                     byOther.Reveal(),
			"wider claims, the old signature": parts[0] + "." + part(string(wider)) + "." + parts[2],
			"wider claims, rightly signed":    again.Reveal(),
			"without the signature":           parts[0] + "." + parts[1] + ".",
			"with another signature":          parts[0] + "." + parts[1] + "." + parts[2][:len(parts[2])-4] + "AAAA",
			"the number alone":                "eyJ." + parts[1],
			"with a blank":                    text + "=",
		} {
			a.bearer(forged).get("api/v2/applications/apitest").want(http.StatusUnauthorized)
			_ = name
			if strings.HasPrefix(name, "wider claims, rightly") {
				continue // whoever has the private key fools readers
			}
			if _, err := r.read(forged); err == nil && name != "with a blank" {
				t.Errorf("%s: the reader takes it", name)
			}
		}
	})
}

func part(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func hs256(signed, key string) string {
	mac := hmac.New(sha256.New, []byte(key))
	_, _ = io.WriteString(mac, signed)
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// The unrestricted token lists a hundred things together; beyond that none.
func TestTokensListAHundredThings(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	r := newReader(t, a.nobody().get("key").body, a.clock.Now())
	for i := range 60 {
		a.application("alice", fmt.Sprintf("app%d", i))
	}
	for i := range 40 {
		a.gateway("alice", fmt.Sprintf("gateway%d", i))
	}
	listed := func(text string) (int, []string) {
		c, err := r.read(text)
		if err != nil {
			t.Fatal(err)
		}
		return len(c.Apps) + len(c.Gateways) + len(c.Components), c.Scope
	}
	whole := a.signedIn("alice", ttnctl)
	if n, _ := listed(whole.token); n != 100 {
		t.Errorf("got %d things, want 100", n)
	}
	whole.get("api/v2/users/me").want(http.StatusOK) // its header is not too long for us
	a.application("alice", "one-more")
	whole = a.signedIn("alice", ttnctl)
	if n, scope := listed(whole.token); n != 0 || strings.Join(scope, " ") != "profile apps gateways components clients" {
		t.Errorf("got %d things and %v, want none", n, scope)
	}
	if n, scope := listed(whole.restrictTo("apps:one-more").accessToken()); n != 1 || strings.Join(scope, " ") != "apps:one-more" {
		t.Errorf("restricted: got %d things and %v", n, scope)
	}
	if n, scope := listed(whole.restrictTo("apps", "gateways:gateway7").accessToken()); n != 61+1 || !slices.Contains(scope, "gateways:gateway7") {
		t.Errorf("restricted to all of a kind: got %d things and %v", n, scope)
	}
}

// Rights are those of the moment at which a token is made.
func TestTokensTellTheRightsOfTheMoment(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	r := newReader(t, a.nobody().get("key").body, a.clock.Now())
	a.application("alice", "apitest")
	alice, bobby := a.signedIn("alice", ttnctl), a.signedIn("bobby", ttnctl)
	rights := func(want string) {
		t.Helper()
		c, err := r.read(a.signedIn("bobby", ttnctl).token)
		if err != nil || strings.Join(c.Apps["apitest"], " ") != want {
			t.Errorf("got %v, %v, want %q", c.Apps, err, want)
		}
	}
	rights("")
	bobby.restrictTo("apps:apitest").want(http.StatusForbidden)
	alice.put("api/v2/applications/apitest/collaborators/bobby", `{"rights":["devices"]}`).want(http.StatusCreated)
	rights("devices")
	child := bobby.restrictTo("apps:apitest").accessToken()
	if c, err := r.read(child); err != nil || !c.may("devices", "apitest") || c.may("settings", "apitest") {
		t.Errorf("got %+v, %v", c, err)
	}
	alice.put("api/v2/applications/apitest/collaborators/bobby", `{"rights":["devices","settings"]}`).want(http.StatusCreated)
	rights("settings devices")
	alice.remove("api/v2/applications/apitest/collaborators/bobby").want(http.StatusNoContent)
	rights("")
	bobby.restrictTo("apps:apitest").want(http.StatusForbidden)
	a.bearer(child).get("api/v2/applications/apitest").want(http.StatusNotFound)
	alice.put("api/v2/applications/apitest/collaborators/bobby", `{"rights":["settings"]}`).want(http.StatusCreated)
	alice.remove("api/v2/applications/apitest").want(http.StatusNoContent)
	rights("")
	alice.post("api/v2/applications/apitest/restore", "").want(http.StatusNoContent)
	rights("settings")
}

// A gateway that asks with its token for another is not led on for ever: each
// step is looked up at every use.
func TestTheTokensOfAGatewayFollowEachOtherOnlySoOften(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	a.gateway("alice", "mygtw")
	var shown struct{ Key string }
	a.signedIn("alice", ttnctl).get("api/v2/gateways/mygtw").want(http.StatusOK).decode(&shown)
	next := a.key(shown.Key)
	var last string
	for i := range domain.MaxRestrictions + 2 {
		got := next.get("api/v2/gateways/mygtw/token")
		if i == domain.MaxRestrictions+1 {
			got.want(http.StatusForbidden)
			break
		}
		var token tokens
		got.want(http.StatusOK).decode(&token)
		last = token.Access
		next = a.bearer(last)
	}
	a.bearer(last).get("api/v2/gateways/mygtw").want(http.StatusOK)
}
