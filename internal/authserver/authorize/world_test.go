package authorize

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

const (
	issuer    = "https://things.example"
	callback  = "https://app.example/callback?from=here"
	challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" // of RFC 7636, appendix B
)

// world is a service on a real store, with a user and a clock.
type world struct {
	*Service
	t      testing.TB
	store  *store.Store
	clock  *storetest.Clock
	alice  domain.User
	events []string
}

func newWorld(t testing.TB) *world {
	w := &world{t: t, clock: storetest.NewClock()}
	w.store = storetest.OpenAt(t, w.clock.Now)
	w.alice = storetest.User(t, w.store, "alice")
	w.Service = &Service{Store: w.store, Finder: guard.NewFinder(w.store, nil), Issuer: issuer, Observe: w, Now: w.clock.Now}
	return w
}

// TokenIssued and LegacyUse keep what the metrics would show.
func (w *world) TokenIssued(grantType domain.GrantType, kind domain.ClientKind) {
	w.events = append(w.events, "token "+string(grantType)+" "+string(kind))
}

func (w *world) LegacyUse(what string) { w.events = append(w.events, "legacy "+what) }

// client registers a client of alice's. change may be nil.
func (w *world) client(id domain.ClientID, kind domain.ClientKind, change func(*domain.Client)) domain.Client {
	w.t.Helper()
	c := domain.Client{ID: id, Owner: w.alice.ID, Kind: kind, State: domain.ClientApproved, Name: "Greenhouse app",
		RedirectURIs: []string{callback}, GrantTypes: []domain.GrantType{domain.CodeGrant, domain.RefreshGrant, domain.ImplicitGrant},
		Scopes: allOf(kind), CreatedAt: w.clock.Now(), ChangedAt: w.clock.Now()}
	if change != nil {
		change(&c)
	}
	made, err := w.store.CreateClient(context.Background(), c, nil, domain.AuditEvent{Act: "client.create"})
	if err != nil {
		w.t.Fatalf("register client %s: %v", id, err)
	}
	return made
}

func allOf(kind domain.ClientKind) domain.ScopeSet { return domain.UnionOf(kind.ScopeNames()) }

func (w *world) sensor(owner domain.User, name string) domain.SensorID {
	w.t.Helper()
	made, err := w.store.CreateSensors(context.Background(), caller(owner), []domain.Sensor{{Owner: owner.ID.Owner(), OwnerName: owner.Name, Publisher: owner.Name,
		Name: name, LongName: name, Visibility: domain.Private, Fields: domain.DefaultFields()}})
	if err != nil {
		w.t.Fatalf("make sensor %s: %v", name, err)
	}
	return made[0].ID
}

// device makes a device of a user's.
func (w *world) device(owner domain.User, serial string) domain.DeviceID {
	w.t.Helper()
	made, err := w.store.CreateDevice(context.Background(), caller(owner), domain.Device{Owner: owner.ID.Owner(), OwnerName: owner.Name, Name: serial,
		State: domain.DeviceConfigured, SerialNumber: serial, Model: "LM 37X8", IPv4: "192.0.2.7"}, func(domain.DeviceID, int64) []byte { return nil })
	if err != nil {
		w.t.Fatalf("make device %s: %v", serial, err)
	}
	return made.ID
}

// caller is a user at a browser.
func caller(u domain.User) domain.Caller {
	return domain.Caller{User: u, Credential: domain.SessionCredential, Session: 1, Scopes: domain.EveryScope()}
}

// query joins pairs "name=value" form-encoded. An empty value is left out.
func query(pairs ...string) string {
	var parts []string
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		parts = append(parts, url.QueryEscape(name)+"="+url.QueryEscape(value))
	}
	return strings.Join(parts, "&")
}

func (w *world) begin(kind domain.ClientKind, query string) Request {
	w.t.Helper()
	r, err := w.Begin(context.Background(), kind, query)
	if err != nil {
		w.t.Fatalf("begin %s: %v", query, err)
	}
	return r
}

// answerOf reads the parameters of a redirect, and whether they are in the
// fragment.
func answerOf(t testing.TB, to string) (values url.Values, inFragment bool) {
	t.Helper()
	_, text, inFragment := strings.Cut(to, "#")
	if !inFragment {
		_, text, _ = strings.Cut(to, "?")
	}
	values, err := url.ParseQuery(text)
	if err != nil {
		t.Fatalf("redirect to %s: %v", to, err)
	}
	return values, inFragment
}

// refusal returns the redirect of a Refusal.
func refusal(err error) (string, bool) {
	var refused *Refusal
	if !errors.As(err, &refused) {
		return "", false
	}
	return refused.Redirect.To, true
}

// allow answers a request with a yes and returns where it leads.
func (w *world) allow(r Request, d Decision) url.Values {
	w.t.Helper()
	to, err := w.Allow(context.Background(), caller(w.alice), r, d)
	if err != nil {
		w.t.Fatalf("allow: %v", err)
	}
	values, _ := answerOf(w.t, to.To)
	return values
}

// names are all that a request asks for.
func names(r Request) []string {
	var words []string
	for _, name := range r.Asked {
		words = append(words, name.Name)
	}
	return words
}

// grants are what alice allowed a client, newest first.
func (w *world) grants(id domain.ClientID) []domain.Grant {
	w.t.Helper()
	grants, err := w.store.LiveGrants(context.Background(), w.alice.ID, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return grants
}

// sorted prints a set in an order of its own.
func sorted(set domain.ScopeSet) string {
	words := strings.Fields(set.String())
	slices.Sort(words)
	return strings.Join(words, " ")
}

// only chooses things of one kind, and leaves the others as they are.
func only(noun domain.Noun, names ...string) map[domain.Noun][]string {
	return map[domain.Noun][]string{noun: names}
}
