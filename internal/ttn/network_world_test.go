package ttn_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/authserver/key"
	"github.com/thingward/thingward/internal/authserver/token"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/grant"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/resourceserver/application"
	"github.com/thingward/thingward/internal/resourceserver/collaborator"
	"github.com/thingward/thingward/internal/resourceserver/component"
	"github.com/thingward/thingward/internal/resourceserver/gateway"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
	"github.com/thingward/thingward/internal/ttn"
	"github.com/thingward/thingward/internal/web"
)

var update = flag.Bool("update", false, "write the golden files anew")

const keyIssuer = "ttn-account-v2"

// network is the door on a store with the users alice and bobby.
type network struct {
	t       testing.TB
	clock   *storetest.Clock
	store   *store.Store
	handler http.Handler
	door    *ttn.Door
	keys    *key.Service
	users   map[string]domain.User
}

func newNetwork(t testing.TB) *network {
	t.Helper()
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock.Now)
	finder := guard.NewFinder(s, nil)
	sealer, err := secret.NewSealer(secret.RandomBytes(32))
	if err != nil {
		t.Fatal(err)
	}
	n := &network{t: t, clock: clock, store: s, users: map[string]domain.User{}, keys: &key.Service{Store: s, Reader: s, Finder: finder, Now: clock.Now}}
	n.door = &ttn.Door{
		Applications:  &application.Service{Store: s, Finder: finder, Issuer: keyIssuer, Sealer: sealer, Vault: sealer, Now: clock.Now},
		Gateways:      &gateway.Service{Store: s, Finder: finder, Issuer: keyIssuer, Sealer: sealer, PublicURL: "https://things.example", Now: clock.Now},
		Components:    &component.Service{Store: s, Finder: finder},
		Collaborators: &collaborator.Service{Store: s, Finder: finder, Now: clock.Now},
		Tokens:        &token.Service{Store: s, Reader: s, Finder: finder, Now: clock.Now},
		KeyIssuer:     keyIssuer, Now: clock.Now,
	}
	g := &guard.Guard{Credentials: s, Tokens: s, Uses: &guard.Uses{Now: clock.Now}, Now: clock.Now, KeyIssuer: keyIssuer}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	n.handler = &web.Edge{Next: web.NewTable(g.Identify, log, n.door.Web()...), Log: log, Now: clock.Now, NewID: func() uint64 { return 7 }}
	for _, name := range []string{"alice", "bobby"} {
		n.users[name] = storetest.User(t, s, name)
	}
	return n
}

// program sends requests with a credential, or none.
type program struct {
	*network
	authorization []string
	token         string
}

func (n *network) nobody() program { return program{network: n} }

func (n *network) bearer(token string) program {
	return program{n, []string{"Bearer " + token}, token}
}

func (n *network) key(text string) program { return program{n, []string{"key " + text}, ""} }

// main is a program with an unrestricted token of the user, as it gets by
// signing in.
func (n *network) main(user string) program {
	return n.holding(user, domain.TTNClient.ScopeNames()...)
}

func (n *network) holding(user string, scopes ...domain.ScopeName) program {
	n.t.Helper()
	now := n.clock.Now()
	wanted := domain.Grant{User: n.users[user].ID, Client: domain.TTNCommandID, Name: "ttnctl", Scopes: domain.UnionOf(scopes), CreatedAt: now}
	code := domain.AuthorizationCode{Hash: secret.Generate(secret.Code).Hash(), Client: domain.TTNCommandID, Scopes: wanted.Scopes, IssuedAt: now, ExpiresAt: now.Add(time.Minute)}
	made, err := n.store.Allow(context.Background(), domain.Allowed{Grant: wanted, Code: &code}, domain.AuditEvent{Act: "grant.allow"})
	if err != nil {
		n.t.Fatal(err)
	}
	minted := grant.MintAccess(made, wanted.Scopes, "", 5*365*24*time.Hour, now)
	if err := n.store.IssueToken(context.Background(), minted.Token); err != nil {
		n.t.Fatal(err)
	}
	return n.bearer(minted.Text.Reveal())
}

// restricted is a program with a token made of this one's for the scopes, in
// the contract's words.
func (p program) restricted(scopes string) program {
	p.t.Helper()
	names, err := domain.TTNClient.ParseScopeNames(scopes)
	if err != nil {
		p.t.Fatal(err)
	}
	made, err := p.door.Tokens.Restrict(context.Background(), domain.Caller{}, p.token, token.Restriction{Scopes: domain.UnionOf(names)})
	if err != nil {
		p.t.Fatal(err)
	}
	return p.bearer(made.AccessToken.Reveal())
}

// withKey is a program with an API key of the user's.
func (n *network) withKey(user, scopes string) program {
	n.t.Helper()
	set, err := domain.ParseScopes(scopes)
	if err != nil {
		n.t.Fatal(err)
	}
	owner := domain.Caller{User: n.users[user], Credential: domain.SessionCredential, Scopes: domain.EveryScope()}
	made, password, err := n.keys.Create(context.Background(), owner, key.NewKey{Name: "program", Scopes: set})
	if err != nil {
		n.t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.SetBasicAuth(string(made.ID), password.Reveal())
	return program{n, r.Header["Authorization"], ""}
}

// reply is what came back.
type reply struct {
	t      testing.TB
	asked  string
	status int
	header http.Header
	body   string
}

// send asks at a path below the mount. Programs of that network claim JSON
// even where they send nothing.
func (p program) send(method, path, body string) reply {
	p.t.Helper()
	r := httptest.NewRequest(method, ttn.Prefix+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	r.Header["Authorization"] = p.authorization
	w := httptest.NewRecorder()
	p.handler.ServeHTTP(w, r)
	a := reply{p.t, method + " " + path, w.Code, w.Header(), w.Body.String()}
	if w.Code >= 500 {
		p.t.Errorf("%s: got %d: %s", a.asked, a.status, a.body)
	}
	if got := a.header.Get("Location"); got != "" {
		p.t.Errorf("%s: got a redirect to %s: programs take it for an error", a.asked, got)
	}
	return a
}

func (p program) get(path string) reply         { p.t.Helper(); return p.send("GET", path, "") }
func (p program) post(path, body string) reply  { p.t.Helper(); return p.send("POST", path, body) }
func (p program) put(path, body string) reply   { p.t.Helper(); return p.send("PUT", path, body) }
func (p program) patch(path, body string) reply { p.t.Helper(); return p.send("PATCH", path, body) }
func (p program) remove(path string) reply      { p.t.Helper(); return p.send("DELETE", path, "") }

func (a reply) want(status int) reply {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s: got %d, want %d: %.300s", a.asked, a.status, status, a.body)
	}
	return a
}

// exactly compares the body byte by byte.
func (a reply) exactly(body string) reply {
	a.t.Helper()
	if a.body != body {
		a.t.Errorf("%s: got %q, want %q", a.asked, a.body, body)
	}
	return a
}

func (a reply) decode(into any) {
	a.t.Helper()
	if err := json.Unmarshal([]byte(a.body), into); err != nil {
		a.t.Fatalf("%s: %v: %.300s", a.asked, err, a.body)
	}
}

var randomKey = regexp.MustCompile(keyIssuer + `\.[A-Za-z0-9_-]{43}`)

// like compares the status, what programs look at in the header, and the body
// with a file. Keys are random, so they stand for themselves.
func (a reply) like(name string) reply {
	a.t.Helper()
	path := filepath.Join("testdata", name)
	var got bytes.Buffer
	got.WriteString(a.asked + "\n" + http.StatusText(a.status) + "\n")
	for _, header := range []string{"Content-Type", "WWW-Authenticate", "Retry-After", "Allow", "Grpc-Metadata-Total", "Grpc-Metadata-Selected"} {
		for _, value := range a.header.Values(header) {
			got.WriteString(header + ": " + value + "\n")
		}
	}
	got.WriteString("\n" + randomKey.ReplaceAllString(a.body, keyIssuer+".KEY") + "\n")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			a.t.Fatal(err)
		}
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			a.t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		a.t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		a.t.Errorf("%s: %s:\ngot  %s\nwant %s", a.asked, name, got.Bytes(), want)
	}
	return a
}
