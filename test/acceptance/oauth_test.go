package acceptance

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/thingward/thingward/internal/app"
)

// oauthApp is an app with the program that gets tokens for it.
type oauthApp struct{ askingApp }

// appOptions are what an app is registered with besides the usual.
type appOptions map[string]any

var publicApp = appOptions{"public": true, "grant_types": []string{"authorization_code", "refresh_token"}}

// registerApp registers a standard app as its developer.
func (p person) registerApp(id string, options ...appOptions) oauthApp {
	p.t.Helper()
	in := map[string]any{"redirect_uris": []string{"https://" + id + ".example/back"},
		"scopes":      []string{"sensors.read", "sensors.write", "readings.read", "readings.write", "profile", "offline_access"},
		"grant_types": []string{"authorization_code", "refresh_token", "client_credentials"}}
	for _, more := range options {
		maps.Copy(in, more)
	}
	a := oauthApp{p.registers(id, in)}
	if uris := in["redirect_uris"].([]string); len(uris) > 0 {
		a.Redirect = uris[0]
	}
	return a
}

// in returns the app for a subtest.
func (a oauthApp) in(t testing.TB) oauthApp {
	a.t = t
	return a
}

// during returns the person for a subtest, with the same cookies.
func (p person) during(t testing.TB) person {
	p.browser = &browser{client: p.client.in(t)}
	return p
}

// A verifier and its challenge (RFC 7636, appendix B).
const (
	verifier  = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
)

func s256(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// none as a value leaves a parameter out.
const none = "\x00none"

// pairsOf reads names and values; a later value takes the place of an earlier.
func pairsOf(values url.Values, pairs ...string) url.Values {
	for i := 0; i+1 < len(pairs); i += 2 {
		if values.Set(pairs[i], pairs[i+1]); pairs[i+1] == none {
			values.Del(pairs[i])
		}
	}
	return values
}

// ask is an authorization request: the usual one, with other parameters where
// the story has them.
func (a oauthApp) ask(pairs ...string) url.Values {
	query := url.Values{"client_id": {a.ID}, "response_type": {"code"}, "redirect_uri": {a.Redirect}, "scope": {"readings.read offline_access"}, "state": {"the state of " + a.ID}}
	if a.Secret == "" {
		query.Set("code_challenge", challenge)
		query.Set("code_challenge_method", "S256")
	}
	return pairsOf(query, pairs...)
}

// visit opens the authorization endpoint and follows nothing.
func (a oauthApp) visit(c client, pairs ...string) answer {
	c.t.Helper()
	return c.get(a.endpoint + "?" + a.ask(pairs...).Encode())
}

// decide has the person answer the page, and returns what the program finds
// behind its redirect URI.
func (a oauthApp) decide(p person, decision string, pairs ...string) url.Values {
	p.t.Helper()
	got := a.visit(p.client, pairs...)
	if got.status == http.StatusOK {
		got = p.questionIn(got).post(decision)
	}
	return a.response(p.t, got)
}

// response reads an authorization response out of a redirect.
func (a oauthApp) response(t testing.TB, got answer) url.Values {
	t.Helper()
	got.want(http.StatusSeeOther)
	location := got.header.Get("Location")
	rest, ok := strings.CutPrefix(location, a.Redirect)
	if !ok || rest == "" || !strings.Contains("?#&", rest[:1]) {
		t.Fatalf("got sent to %s, want %s", location, a.Redirect)
	}
	values, err := url.ParseQuery(rest[1:])
	if err != nil {
		t.Fatal(err)
	}
	a.s.keep(values.Get("code"), "an authorization code")
	a.s.keep(values.Get("access_token"), "an access token")
	a.s.keep(values.Get("state"), "a state")
	return values
}

// code lets the person say yes.
func (a oauthApp) code(p person, pairs ...string) string {
	p.t.Helper()
	values := a.decide(p, "allow", pairs...)
	if values.Get("code") == "" {
		p.t.Fatalf("got no code: %v", values)
	}
	return values.Get("code")
}

// basicHeader is the client's credentials in a header.
func (a oauthApp) basicHeader() string {
	pair := base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(a.ID) + ":" + url.QueryEscape(a.Secret)))
	a.s.keep(pair, "the Basic credentials of a client")
	return "Basic " + pair
}

// caller sends the client's credentials with every request, in the header
// where it has a secret.
func (a oauthApp) caller() client {
	c := a.s.anonymous(a.t)
	if a.Secret != "" {
		c = c.with("Authorization", a.basicHeader())
	}
	return c
}

// send posts a form to an endpoint as the client.
func (a oauthApp) send(path string, pairs ...string) answer {
	a.t.Helper()
	form := url.Values{}
	if a.Secret == "" {
		form.Set("client_id", a.ID)
	}
	return a.caller().form(path, pairsOf(form, pairs...).Encode())
}

// exchange is a token request.
func (a oauthApp) exchange(pairs ...string) answer {
	a.t.Helper()
	return a.send(strings.TrimSuffix(a.endpoint, "authorize")+"token", pairs...)
}

// oauthTokens is the answer to a token request.
type oauthTokens struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	Type    string `json:"token_type"`
	Scope   string
	Expires float64 `json:"expires_in"`
}

// take reads tokens out of an answer that must have them.
func (a oauthApp) take(got answer) oauthTokens {
	a.t.Helper()
	var tokens oauthTokens
	got.want(http.StatusOK).decode(&tokens)
	if tokens.Access == "" {
		a.t.Fatalf("got no access token: %s", got.body)
	}
	a.s.keep(tokens.Access, "an access token")
	a.s.keep(tokens.Refresh, "a refresh token")
	return tokens
}

// redeem is the request for a code that holds.
func (a oauthApp) redeem(code string, pairs ...string) answer {
	a.t.Helper()
	usual := []string{"grant_type", "authorization_code", "code", code, "redirect_uri", a.Redirect}
	if a.Secret == "" {
		usual = append(usual, "code_verifier", verifier)
	}
	return a.exchange(append(usual, pairs...)...)
}

func (a oauthApp) refresh(token string, pairs ...string) answer {
	a.t.Helper()
	return a.exchange(append([]string{"grant_type", "refresh_token", "refresh_token", token}, pairs...)...)
}

// tokens is the whole way: the person says yes, and the code is redeemed.
func (a oauthApp) tokens(p person, pairs ...string) oauthTokens {
	a.t.Helper()
	return a.take(a.redeem(a.code(p, pairs...)))
}

// active introspects a token as the client.
func (a oauthApp) active(token string) bool {
	a.t.Helper()
	var found struct{ Active bool }
	a.send("/oauth/introspect", "token", token).want(http.StatusOK).decode(&found)
	return found.Active
}

// bearer is a client with an access token.
func (s *server) bearer(t testing.TB, token string) client {
	s.keep(token, "an access token")
	return s.anonymous(t).with("Authorization", "Bearer "+token)
}

var plainDescription = regexp.MustCompile(`^[\x20-\x21\x23-\x5B\x5D-\x7E]*$`)

// wantFault wants an error of RFC 6749 §5.2, with its status and code.
func (a answer) wantFault(status int, code string) answer {
	a.t.Helper()
	var fault struct {
		Error       string
		Description string `json:"error_description"`
	}
	if err := json.Unmarshal(a.body, &fault); err != nil || a.status != status || fault.Error != code {
		a.t.Fatalf("%s: got %d %.400s, want %d and %s", a.about, a.status, a.body, status, code)
	}
	if !plainDescription.MatchString(fault.Description) {
		a.t.Errorf("%s: the description has characters that RFC 6749 §5.2 forbids: %q", a.about, fault.Description)
	}
	if a.header.Get("Cache-Control") != "no-store" || !strings.HasPrefix(a.header.Get("Content-Type"), "application/json") {
		a.t.Errorf("%s: got the headers %v", a.about, a.header)
	}
	return a
}

// wantPage wants an error page that leads nowhere: whoever sent the person
// here is not proven.
func (a answer) wantPage() answer {
	a.t.Helper()
	if a.status < 400 || a.status > 499 || a.header.Get("Location") != "" || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
		a.t.Fatalf("%s: got %d to %q, want an error page: %.300s", a.about, a.status, a.header.Get("Location"), a.body)
	}
	return a
}

// publicHere lets a server know the address at which the test reaches it.
func publicHere(t *testing.T) func(*app.Config) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	address := listener.Addr().String()
	return func(c *app.Config) { c.Listen, c.PublicURL = address, "http://"+address }
}

// rule is one demand of a specification.
type rule struct {
	name  string // with its section
	check func(t *testing.T, w oauthWorld)
}

// oauthWorld is what rules are held against: two apps that can keep a secret,
// one that cannot, and who they belong to.
type oauthWorld struct {
	s                *server
	boss             person // an administrator; of holdRules only
	developer, alice person
	web, other       oauthApp
	native           oauthApp
}

func newOAuthWorld(t *testing.T, s *server) oauthWorld {
	developer := s.signUp(t, "developer")
	w := oauthWorld{s: s, developer: developer, alice: s.signUp(t, "alice"),
		web: developer.registerApp("web"), other: developer.registerApp("other"), native: developer.registerApp("native", publicApp)}
	w.alice.makeSensor("greenhouse", private)
	return w
}

func (w oauthWorld) in(t *testing.T) oauthWorld {
	w.developer, w.alice = w.developer.during(t), w.alice.during(t)
	w.web, w.other, w.native = w.web.in(t), w.other.in(t), w.native.in(t)
	return w
}

// resourceServer registers an app that is the server of a resource, which an
// administrator says.
func (w oauthWorld) resourceServer(id, resource string) oauthApp {
	w.developer.t.Helper()
	made := w.developer.registerApp(id)
	w.boss.patch("/api/v1/clients/"+id, map[string]any{"resources": []string{resource}}).want(http.StatusOK)
	return made
}

// holdRules holds a server against the rules.
func holdRules(t *testing.T, rules []rule) {
	t.Helper()
	eachStore(t, func(t *testing.T, s *server) {
		boss := s.administrator(t, "boss")
		w := newOAuthWorld(t, s)
		for _, r := range rules {
			t.Run(r.name, func(t *testing.T) {
				w := w.in(t)
				w.boss = boss.during(t)
				r.check(t, w)
			})
		}
	})
}
