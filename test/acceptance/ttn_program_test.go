package acceptance

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// ttnTokens is what a program of The Things Network gets at the token endpoint.
type ttnTokens struct {
	Access  string `json:"access_token"`
	Type    string `json:"token_type"`
	Refresh string `json:"refresh_token"`
	Expires int64  `json:"expires_in"`
}

// ttnToken sends a token request as Go programs do, by Basic and as a form.
func (s *server) ttnToken(t testing.TB, id, secret string, pairs ...string) answer {
	t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return s.basic(t, id, secret).form("/ttn/users/token", values.Encode())
}

func (s *server) ttnTokensIn(a answer) ttnTokens {
	a.t.Helper()
	var got ttnTokens
	a.want(http.StatusOK).decode(&got)
	s.keep(got.Access, "an access token")
	s.keep(got.Refresh, "a refresh token")
	if got.Access == "" || got.Refresh == "" || got.Type != "bearer" || got.Expires < 60 {
		a.t.Fatalf("got %+v", got)
	}
	return got
}

var copiedCode = regexp.MustCompile(`<code id="code">([^<]+)</code>`)

// ttnctlLogin is what a person does with ttnctl: open the page, say yes, and
// copy the code into the terminal, which sends it without a redirect URI.
func (p person) ttnctlLogin() ttnTokens {
	p.t.Helper()
	code := p.copiesTheCode("/ttn/users/authorize?client_id=ttnctl&redirect_uri=/oauth/callback/ttnctl&response_type=code")
	return p.s.ttnTokensIn(p.s.ttnToken(p.t, "ttnctl", "ttnctl", "code", code, "grant_type", "authorization_code"))
}

// copiesTheCode opens the address that a program shows, says yes, and returns
// the code that the page has for the program.
func (p person) copiesTheCode(address string) string {
	p.t.Helper()
	to := p.asked(strings.TrimPrefix(address, p.s.config.PublicURL)).allow()
	page := p.get(strings.TrimPrefix(to.Whole, p.s.config.PublicURL)).want(http.StatusOK)
	found := copiedCode.FindSubmatch(page.body)
	if found == nil {
		p.t.Fatalf("%s: the page shows no code to copy: %s", page.about, page.body)
	}
	return string(found[1])
}

// ttn is a program with a token of that network.
func (s *server) ttn(t testing.TB, token string) client {
	return s.anonymous(t).with("Authorization", "Bearer "+token).with("Accept", "application/json").with("Content-Type", "application/json")
}

// ttnRestricted exchanges the token of a program for a restricted one.
func (c client) ttnRestricted(scopes ...string) string {
	c.t.Helper()
	var got struct {
		Access string `json:"access_token"`
	}
	c.post("/ttn/users/restrict-token", map[string][]string{"scope": scopes}).want(http.StatusOK).decode(&got)
	c.s.keep(got.Access, "a restricted token")
	return got.Access
}

// ttnClaims are what readers look at in a token.
type ttnClaims struct {
	Issuer          string              `json:"iss"`
	Subject         string              `json:"sub"`
	Type            string              `json:"type"`
	Client          string              `json:"client"`
	Scope           []string            `json:"scope"`
	Interchangeable bool                `json:"interchangeable"`
	Apps            map[string][]string `json:"apps"`
	Gateways        map[string][]string `json:"gateways"`
	IssuedAt        int64               `json:"iat"`
	Expires         int64               `json:"exp"`
}

// may reports whether a resource server lets the token do this to an
// application: the scope names it, and the rights are listed.
func (c ttnClaims) may(right, application string) bool {
	named, listed := false, false
	for _, scope := range c.Scope {
		named = named || scope == "apps:"+application
	}
	for _, held := range c.Apps[application] {
		listed = listed || held == right
	}
	return named && listed
}

// ttnVerified reads a token as somebody else's server does, who knows nothing
// but the key: one algorithm, whole seconds, no leeway.
func (s *server) ttnVerified(t testing.TB, token string) ttnClaims {
	t.Helper()
	var key struct{ Algorithm, Key string }
	s.anonymous(t).get("/ttn/key").want(http.StatusOK).decode(&key)
	block, _ := pem.Decode([]byte(key.Key))
	if block == nil || block.Type != "PUBLIC KEY" {
		t.Fatalf("got the key %q", key.Key)
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("%.20s… is no JWT", token)
	}
	var header struct{ Alg string }
	decodePart(t, parts[0], &header)
	public, ok := parsed.(*ecdsa.PublicKey)
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || !ok || header.Alg != key.Algorithm || header.Alg != "ES256" || len(signature) != 64 {
		t.Fatalf("got %s, a key for %s and a signature of %d bytes: %v", header.Alg, key.Algorithm, len(signature), err)
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if !ecdsa.Verify(public, digest[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		t.Fatal("the signature is not of the key")
	}
	var claims ttnClaims
	decodePart(t, parts[1], &claims)
	if now := time.Now().Unix(); claims.Expires <= now || claims.IssuedAt > now || claims.Issuer != "ttn-account-v2" || claims.Subject == "" {
		t.Fatalf("at %d got %+v", now, claims)
	}
	return claims
}

func decodePart(t testing.TB, part string, into any) {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}
