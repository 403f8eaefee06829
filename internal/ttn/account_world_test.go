package ttn_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/authserver/account"
	"github.com/thingward/thingward/internal/authserver/client"
	"github.com/thingward/thingward/internal/authserver/consent"
	"github.com/thingward/thingward/internal/authserver/token"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/grant"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/resourceserver/application"
	"github.com/thingward/thingward/internal/resourceserver/gateway"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store/storetest"
	"github.com/thingward/thingward/internal/ttn"
)

// accountServer is the network with accounts, clients and tokens. What it
// logs is kept.
type accountServer struct {
	*network
	log  *bytes.Buffer
	root domain.User
}

func newAccountServer(t testing.TB) *accountServer {
	t.Helper()
	n := newNetwork(t)
	a := &accountServer{n, &bytes.Buffer{}, storetest.Admin(t, n.store, "root")}
	d, s, now := n.door, n.store, n.clock.Now
	sealer, err := secret.NewSealer(secret.RandomBytes(32))
	if err != nil {
		t.Fatal(err)
	}
	policy, err := client.ParseApproval([]string{"ttn"})
	if err != nil {
		t.Fatal(err)
	}
	d.Accounts = account.New(s, account.SignUpOpen, now)
	d.Clients = &client.Service{Store: s, Reader: s, Sealer: sealer, Approval: policy, Now: now}
	d.Connections = &consent.Service{Store: s, Finder: d.Tokens.Finder, Now: now}
	d.Gate = &guard.ClientGate{Clients: s, Now: now}
	d.Identify = (&guard.Guard{Credentials: s, Tokens: s, Uses: &guard.Uses{Now: now}, Now: now, KeyIssuer: keyIssuer}).Identify
	keys := &grant.Signer{Keys: s, Vault: sealer, Purpose: domain.SigningTTN, Algorithm: domain.ES256, Now: now}
	d.Keys, d.Log = keys, slog.New(slog.NewTextHandler(a.log, nil))
	d.Tokens.Gate, d.Tokens.Issuer = d.Gate, "https://things.example"
	d.Tokens.Forms = map[domain.ClientKind]token.Former{domain.TTNClient: &ttn.Claims{Issuer: keyIssuer, Signer: keys, Entities: s, Finder: d.Tokens.Finder}}
	return a
}

func (a *accountServer) session(name string) domain.Caller {
	user := a.users[name]
	if name == "root" {
		user = a.root
	}
	return domain.Caller{User: user, Credential: domain.SessionCredential, Scopes: domain.EveryScope()}
}

// app is an approved client of bobby's with its secret.
type app struct {
	id, secret, uri string
}

var ttnctl = app{id: "ttnctl", secret: "ttnctl"}

func (a *accountServer) client(name string, scopes ...string) app {
	a.t.Helper()
	const uri = "https://mywebsite.example/callback"
	ctx := context.Background()
	made, password, err := a.door.Clients.Register(ctx, a.session("bobby"), client.NewClient{ID: domain.ClientID(name), Kind: domain.TTNClient, Name: name, RedirectURIs: []string{uri}, Scopes: scopes})
	if err != nil {
		a.t.Fatal(err)
	}
	if err := a.door.Clients.Approve(ctx, a.session("root"), made.ID); err != nil {
		a.t.Fatal(err)
	}
	return app{name, password.Reveal(), uri}
}

// code is what the user's yes to the client is worth.
func (a *accountServer) code(user string, c app, scopes ...string) string {
	a.t.Helper()
	ctx, now := context.Background(), a.clock.Now()
	check, err := a.store.ClientCheck(ctx, domain.ClientID(c.id))
	if err != nil {
		a.t.Fatal(err)
	}
	set := check.Client.Scopes
	if len(scopes) > 0 {
		names, err := domain.TTNClient.ParseScopeNames(strings.Join(scopes, " "))
		if err != nil {
			a.t.Fatal(err)
		}
		if set, err = a.door.Tokens.Finder.StoredScopes(ctx, a.session(user), domain.UnionOf(names)); err != nil {
			a.t.Fatal(err)
		}
	}
	text, to := secret.Generate(secret.Code), c.uri
	if to == "" {
		to = domain.CopyCodeURI
	}
	yes := domain.Allowed{Grant: domain.Grant{User: a.users[user].ID, Client: check.Client.ID, Name: c.id, Scopes: set, Asked: set, CreatedAt: now},
		Code: &domain.AuthorizationCode{Hash: text.Hash(), Client: check.Client.ID, RedirectURI: to, Scopes: set, IssuedAt: now, ExpiresAt: now.Add(check.Client.CodeLife())}}
	if _, err := a.store.Allow(ctx, yes, domain.AuditEvent{At: now, Act: "grant.allow"}); err != nil {
		a.t.Fatal(err)
	}
	return text.Reveal()
}

// request is what a program sends to the token endpoint.
type request struct {
	*accountServer
	path, media, body, authorization string
}

func (a *accountServer) token() request {
	return request{accountServer: a, path: "users/token", media: "application/x-www-form-urlencoded"}
}

func (r request) form(pairs ...string) request {
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	r.body, r.media = values.Encode(), "application/x-www-form-urlencoded"
	return r
}

func (r request) json(body string) request {
	r.body, r.media = body, "application/json"
	return r
}

func (r request) basic(name, password string) request {
	r.authorization = "Basic " + base64.StdEncoding.EncodeToString([]byte(name+":"+password))
	return r
}

func (r request) as(c app) request { return r.basic(c.id, c.secret) }

func (r request) send() reply {
	r.t.Helper()
	sent := httptest.NewRequest("POST", ttn.Prefix+r.path, strings.NewReader(r.body))
	if r.media != "" {
		sent.Header.Set("Content-Type", r.media)
	}
	if r.authorization != "" {
		sent.Header.Set("Authorization", r.authorization)
	}
	w := httptest.NewRecorder()
	r.handler.ServeHTTP(w, sent)
	got := reply{r.t, "POST " + r.path, w.Code, w.Header(), w.Body.String()}
	if strings.Contains(got.body, "\n") || got.header.Get("Content-Type") != "application/json" || got.header.Get("Cache-Control") != "no-store" {
		r.t.Errorf("%s: got %v, %q: want JSON on one line that nobody keeps", got.asked, got.header, got.body)
	}
	return got
}

// tokens is an answer of the token endpoint.
type tokens struct {
	Access  string `json:"access_token"`
	Type    string `json:"token_type"`
	Refresh string `json:"refresh_token"`
	Expires int64  `json:"expires_in"`
	Scope   string `json:"scope"`
}

func (a reply) tokens() tokens {
	a.t.Helper()
	var got tokens
	a.want(http.StatusOK).decode(&got)
	return got
}

// signedIn is a program with the tokens that a user's yes to a client is
// worth.
func (a *accountServer) signedIn(user string, c app, scopes ...string) program {
	a.t.Helper()
	pairs := []string{"grant_type", "authorization_code", "code", a.code(user, c, scopes...)}
	if c.uri != "" {
		pairs = append(pairs, "redirect_uri", c.uri)
	}
	return a.bearer(a.token().as(c).form(pairs...).send().tokens().Access)
}

// tokenOf is a program with an opaque token of a client of another kind.
func (a *accountServer) tokenOf(user, id, scopes string) program {
	a.t.Helper()
	set, err := domain.ParseScopes(scopes)
	if err != nil {
		a.t.Fatal(err)
	}
	now := a.clock.Now()
	wanted := domain.Grant{User: a.users[user].ID, Client: domain.ClientID(id), Name: id, Scopes: set, CreatedAt: now}
	code := domain.AuthorizationCode{Hash: secret.Generate(secret.Code).Hash(), Client: wanted.Client, Scopes: set, IssuedAt: now, ExpiresAt: now.Add(time.Minute)}
	made, err := a.store.Allow(context.Background(), domain.Allowed{Grant: wanted, Code: &code}, domain.AuditEvent{Act: "grant.allow"})
	if err != nil {
		a.t.Fatal(err)
	}
	minted := grant.MintAccess(made, set, "", time.Hour, now)
	if err := a.store.IssueToken(context.Background(), minted.Token); err != nil {
		a.t.Fatal(err)
	}
	return a.bearer(minted.Text.Reveal())
}

// claims reads a token as somebody does who has nothing but the key.
func (a *accountServer) claims(text string) map[string]any {
	a.t.Helper()
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		a.t.Fatalf("%.20s… is no JWT", text)
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		a.t.Fatal(err)
	}
	read := map[string]any{}
	if err := json.Unmarshal(payload, &read); err != nil {
		a.t.Fatal(err)
	}
	return read
}

// words returns a list of texts among the claims, joined.
func words(list any) string {
	var all []string
	items, _ := list.([]any)
	for _, item := range items {
		all = append(all, item.(string))
	}
	return strings.Join(all, " ")
}

func (a *accountServer) application(owner, name string) {
	a.t.Helper()
	if _, err := a.door.Applications.Create(context.Background(), a.session(owner), application.New{Name: name}); err != nil {
		a.t.Fatal(err)
	}
}

func (a *accountServer) gateway(owner, name string) {
	a.t.Helper()
	if _, _, err := a.door.Gateways.Create(context.Background(), a.session(owner), gateway.New{Name: name, FrequencyPlan: "EU_863_870"}); err != nil {
		a.t.Fatal(err)
	}
}

// accessKey is the default key of an application.
func (a *accountServer) accessKey(owner, name string) string {
	a.t.Helper()
	keys, err := a.door.Applications.AccessKeys(context.Background(), a.session(owner), name)
	if err != nil || len(keys) == 0 {
		a.t.Fatalf("access keys of %s: %v", name, err)
	}
	return keys[0].Text
}
