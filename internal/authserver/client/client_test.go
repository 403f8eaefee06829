package client_test

import (
	"context"
	"net/netip"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/authserver/client"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

type world struct {
	*client.Service
	store       *store.Store
	clock       *storetest.Clock
	alice, root domain.Caller // signed in with a fresh password; root is an administrator
}

// newWorld makes a store whose clients of the kind ttn wait for root.
func newWorld(t *testing.T) world {
	t.Helper()
	c := storetest.NewClock()
	s := storetest.OpenAt(t, c.Now)
	sealer, err := secret.LoadOrMakeServerKey(filepath.Join(t.TempDir(), "server.key"))
	if err != nil {
		t.Fatal(err)
	}
	policy, err := client.ParseApproval([]string{"ttn", "dynamic"})
	if err != nil {
		t.Fatal(err)
	}
	w := world{store: s, clock: c, alice: person(t, s, c, storetest.User(t, s, "alice")), root: person(t, s, c, storetest.Admin(t, s, "root"))}
	w.Service = &client.Service{Store: s, Reader: s, Sealer: sealer, Approval: policy, Now: c.Now}
	return w
}

func person(t *testing.T, s *store.Store, c *storetest.Clock, user domain.User) domain.Caller {
	t.Helper()
	_, verified, err := s.UserWithPassword(context.Background(), user.Name)
	if err != nil {
		t.Fatal(err)
	}
	session, err := s.CreateSession(context.Background(), domain.NewSession{User: user.ID, Hash: secret.Generate(secret.Session).Hash(), Verified: verified},
		domain.AuditEvent{At: c.Now(), Act: "session.start", Result: "ok"})
	if err != nil {
		t.Fatal(err)
	}
	return domain.Caller{User: user, Credential: domain.SessionCredential, Session: session.ID, Scopes: domain.EveryScope()}
}

// narrowed is the caller with a key that holds no more than the scopes.
func narrowed(t *testing.T, c domain.Caller, scopes string) domain.Caller {
	t.Helper()
	set, err := domain.ParseScopes(scopes)
	if err != nil {
		t.Fatal(err)
	}
	c.Credential, c.Session, c.Scopes = domain.KeyCredential, 0, set
	return c
}

func maps(change ...func(*client.NewClient)) client.NewClient {
	in := client.NewClient{ID: "maps", Name: "Maps", Description: "Draws maps", Website: "https://maps.example", RedirectURIs: []string{"https://maps.example/cb"}, Scopes: []string{"sensors.read"}}
	for _, do := range change {
		do(&in)
	}
	return in
}

func ofTTN(in *client.NewClient) { in.Kind, in.Scopes = domain.TTNClient, []string{"profile"} }

func (w world) register(t *testing.T, c domain.Caller, in client.NewClient) (domain.Client, secret.Secret) {
	t.Helper()
	made, given, err := w.Register(context.Background(), c, in)
	if err != nil {
		t.Fatal(err)
	}
	return made, given
}

// opens reports whether the secret proves the client now.
func (w world) opens(t *testing.T, id domain.ClientID, given secret.Secret) bool {
	t.Helper()
	gate := guard.ClientGate{Clients: w.store, Now: w.clock.Now}
	_, err := gate.Authenticate(context.Background(), guard.ClientProof{ID: id, Secret: given})
	if err != nil && domain.CodeOf(err) != "invalid_client" {
		t.Fatal(err)
	}
	return err == nil
}

func TestARegisteredClientHasWhatItsKindUsuallyHas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for kind, want := range map[domain.ClientKind]struct{ state, scopes, switches string }{
		domain.StandardClient: {"approved", "sensors.read", ""},
		domain.WotkitClient:   {"approved", "all", ""},
		domain.LametricClient: {"approved", "basic devices_read devices_write", "extra_query"},
		domain.TTNClient:      {"requested", "profile apps gateways components clients", ""},
	} {
		made, given := w.register(t, w.alice, maps(func(in *client.NewClient) {
			in.ID, in.Kind, in.Scopes = "", kind, nil
			if kind == domain.StandardClient {
				in.Scopes = []string{"sensors.read"}
			}
		}))
		got := []string{string(made.State), kind.PrintScopes(made.Scopes), join(made.Switches), join(made.GrantTypes)}
		if strings.Join(got, "|") != strings.Join([]string{want.state, want.scopes, want.switches, "authorization_code refresh_token"}, "|") {
			t.Errorf("%s: got %q", kind, got)
		}
		if !secret.LooksLikeID(string(made.ID)) || !regexp.MustCompile(`^twc_[0-9A-Za-z]{49}$`).MatchString(given.Reveal()) || !w.opens(t, made.ID, given) {
			t.Errorf("%s: the id %s or its secret is not as it should be", kind, made.ID)
		}
		if made.Owner != w.alice.User.ID || made.Official || !made.Viewable || made.Public {
			t.Errorf("%s: got %+v", kind, made)
		}
	}
}

func join[T ~string](words []T) string {
	text := make([]string, len(words))
	for i, word := range words {
		text[i] = string(word)
	}
	return strings.Join(text, " ")
}

func TestAPublicClientHasNoSecret(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	made, given := w.register(t, w.alice, maps(func(in *client.NewClient) { in.Public = true }))
	if !given.Empty() || made.Viewable || !w.opens(t, "maps", secret.Secret{}) || w.opens(t, "maps", secret.New("anything")) {
		t.Error("it has one")
	}
	if _, err := w.RotateSecret(ctx, w.alice, "maps", 0); domain.CodeOf(err) != "no_secret" {
		t.Errorf("rotate: got %v", err)
	}
	if _, err := w.ViewSecret(ctx, w.alice, "maps"); domain.CodeOf(err) != "no_secret" {
		t.Errorf("view: got %v", err)
	}
}

func TestWhoWaitsForApproval(t *testing.T) {
	t.Parallel()
	tests := map[string]string{"ttn,dynamic": "ttn", "all": "standard wotkit lametric ttn", "none": "", "standard,wotkit": "standard wotkit", "dynamic": ""}
	for words, want := range tests {
		policy, err := client.ParseApproval(strings.Split(words, ","))
		if err != nil {
			t.Fatal(err)
		}
		var waits []string
		for _, kind := range domain.ClientKinds() {
			if policy.Waits(kind) {
				waits = append(waits, string(kind))
			}
		}
		if strings.Join(waits, " ") != want || policy.Dynamic != (words == "all" || strings.Contains(words, "dynamic")) {
			t.Errorf("%s: got %q, dynamic %v", words, waits, policy.Dynamic)
		}
	}
	for _, words := range []string{"", "all,ttn", "none,ttn", "homely", "TTN"} {
		if _, err := client.ParseApproval(strings.Split(words, ",")); err == nil {
			t.Errorf("%q is accepted", words)
		}
	}
	if _, err := client.ParseApproval(nil); err == nil {
		t.Error("nothing is accepted")
	}
}

// TestPlainHTTPWaitsUnderEveryPolicy: it is an administrator's yes that allows
// it, and not that nobody has to ask.
func TestPlainHTTPWaitsUnderEveryPolicy(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	w.Approval = client.ApprovalPolicy{}
	plain := func(in *client.NewClient) {
		ofTTN(in)
		in.RedirectURIs = []string{"http://mywebsite/callback"}
	}
	made, _ := w.register(t, w.alice, maps(plain))
	if made.State != domain.ClientRequested {
		t.Errorf("registered: got %s", made.State)
	}
	if err := w.Approve(ctx, w.root, made.ID); err != nil {
		t.Fatal(err)
	}
	about := "Where it rains"
	if made, err := w.Edit(ctx, w.alice, made.ID, client.ClientEdit{Description: &about}); err != nil || made.State != domain.ClientApproved {
		t.Errorf("another description: got %s, %v", made.State, err)
	}
	uris := []string{"http://mywebsite/callback2"}
	if made, err := w.Edit(ctx, w.alice, made.ID, client.ClientEdit{RedirectURIs: &uris}); err != nil || made.State != domain.ClientRequested {
		t.Errorf("another URI: got %s, %v", made.State, err)
	}
	byRoot, _ := w.register(t, w.root, maps(plain, func(in *client.NewClient) { in.ID = "ours" }))
	local, _ := w.register(t, w.alice, maps(ofTTN, func(in *client.NewClient) {
		in.ID, in.RedirectURIs = "local", []string{"http://localhost/cb", domain.CopyCodeURI}
	}))
	if byRoot.State != domain.ClientApproved || local.State != domain.ClientApproved {
		t.Errorf("got %s and %s: nothing is left to ask", byRoot.State, local.State)
	}
}

func TestTheLifeOfARequest(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	w.register(t, w.alice, maps(ofTTN))
	bob := person(t, w.store, w.clock, storetest.User(t, w.store, "bob"))
	state := func(want domain.ClientState, reason string) {
		t.Helper()
		got, err := w.Find(ctx, w.alice, "maps")
		if err != nil || got.State != want || got.Reason != reason {
			t.Errorf("got %s %q, %v; want %s %q", got.State, got.Reason, err, want, reason)
		}
	}
	conflict := func(err error) {
		t.Helper()
		if domain.CodeOf(err) != "client_state" {
			t.Errorf("got %v, want client_state", err)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	edit := func(change client.ClientEdit) {
		t.Helper()
		_, err := w.Edit(ctx, w.alice, "maps", change)
		must(err)
	}
	state(domain.ClientRequested, "")
	if _, err := w.Find(ctx, bob, "maps"); !domain.IsKind(err, domain.NotFound) {
		t.Errorf("a stranger finds a request: %v", err)
	}
	conflict(w.Suspend(ctx, w.root, "maps", "why"))
	conflict(w.Resume(ctx, w.root, "maps"))
	must(w.Reject(ctx, w.root, "maps", "No privacy page"))
	state(domain.ClientRejected, "No privacy page")
	conflict(w.Reject(ctx, w.root, "maps", "again"))
	page := "https://maps.example/privacy"
	edit(client.ClientEdit{PrivacyURL: &page})
	state(domain.ClientRequested, "")
	must(w.Approve(ctx, w.root, "maps"))
	state(domain.ClientApproved, "")
	conflict(w.Approve(ctx, w.root, "maps"))
	conflict(w.Reject(ctx, w.root, "maps", "too late"))
	narrower := []string{"https://maps.example/cb"}
	edit(client.ClientEdit{RedirectURIs: &narrower, Description: &page})
	state(domain.ClientApproved, "")
	must(w.Suspend(ctx, w.root, "maps", "Complaints"))
	state(domain.ClientSuspended, "Complaints")
	wider := []string{"profile", "gateways"}
	edit(client.ClientEdit{Scopes: &wider})
	state(domain.ClientSuspended, "Complaints")
	must(w.Resume(ctx, w.root, "maps"))
	wider = append(wider, "apps")
	edit(client.ClientEdit{Scopes: &wider})
	state(domain.ClientRequested, "")
	all, err := w.store.AuditOf(ctx, w.alice.User.ID, domain.Page{Limit: 100})
	must(err)
	var acts []string
	for _, event := range all.Items {
		if strings.HasPrefix(event.Thing, "client maps") {
			acts = append(acts, event.Act+" "+event.ActorName+" "+event.Thing)
		}
	}
	for _, want := range []string{"client.reject root client maps: No privacy page", "client.suspend root client maps: Complaints", "client.approve root client maps",
		"client.resume root client maps", "client.request alice client maps", "client.edit alice client maps", "client.create alice client maps"} {
		if !strings.Contains(strings.Join(acts, "\n"), want) {
			t.Errorf("no audit of %q in %q", want, acts)
		}
	}
}

// TestNobodyApprovesWhatHeHasNotSeen: an owner changes a client between the
// look of an administrator and his yes.
func TestNobodyApprovesWhatHeHasNotSeen(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	w.register(t, w.alice, maps(ofTTN))
	decisions := map[domain.ClientState]func(time.Time) error{
		domain.ClientRequested: func(seen time.Time) error { return w.ApproveSeen(ctx, w.root, "maps", seen) },
		domain.ClientSuspended: func(seen time.Time) error { return w.ResumeSeen(ctx, w.root, "maps", seen) },
	}
	for i, state := range []domain.ClientState{domain.ClientRequested, domain.ClientSuspended} {
		seen, err := w.Find(ctx, w.root, "maps")
		if err != nil || seen.State != state {
			t.Fatal(seen.State, err)
		}
		w.clock.Advance(time.Second)
		elsewhere := []string{"https://evil.example/" + string(state)}
		if _, err := w.Edit(ctx, w.alice, "maps", client.ClientEdit{RedirectURIs: &elsewhere}); err != nil {
			t.Fatal(err)
		}
		if err := decisions[state](seen.ChangedAt); domain.CodeOf(err) != "client_changed" {
			t.Errorf("%s: decided about what it no longer is: got %v", state, err)
		}
		now, err := w.Find(ctx, w.root, "maps")
		if err != nil || now.State != state {
			t.Errorf("%s: got %s, %v", state, now.State, err)
		}
		if err := decisions[state](now.ChangedAt); err != nil {
			t.Errorf("%s: decided about what it is: %v", state, err)
		}
		if i == 0 {
			if err := w.Suspend(ctx, w.root, "maps", "Complaints"); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestOnlyAdministratorsDecide(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	w.register(t, w.alice, maps(ofTTN))
	key := narrowed(t, w.root, "clients.* account")
	for name, c := range map[string]domain.Caller{"the owner": w.alice, "an administrator's key without admin": key, "nobody": {}} {
		for act, do := range map[string]func() error{
			"approve": func() error { return w.Approve(ctx, c, "maps") }, "reject": func() error { return w.Reject(ctx, c, "maps", "x") },
			"suspend": func() error { return w.Suspend(ctx, c, "maps", "x") }, "resume": func() error { return w.Resume(ctx, c, "maps") },
			"official": func() error { return w.MakeOfficial(ctx, c, "maps") }, "unofficial": func() error { return w.MakeUnofficial(ctx, c, "maps") },
		} {
			if err := do(); domain.CodeOf(err) != "admin_only" {
				t.Errorf("%s by %s: got %v, want admin_only", act, name, err)
			}
		}
	}
	if made, _ := w.register(t, w.root, maps(ofTTN, func(in *client.NewClient) { in.ID = "roots" })); made.State != domain.ClientApproved {
		t.Errorf("an administrator's own: got %s", made.State)
	}
	if made, _ := w.register(t, key, maps(ofTTN, func(in *client.NewClient) { in.ID = "roots-key" })); made.State != domain.ClientRequested {
		t.Errorf("by a key without admin: got %s", made.State)
	}
}

func TestWhatIsVouchedForDoesNotChangeUnderTheMark(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	name, description, wider := "Bank", "New words", []string{"sensors.*"}
	for what, edit := range map[string]client.ClientEdit{"name": {Name: &name}, "scopes": {Scopes: &wider}, "website": {Website: new(string)}, "description": {Description: &description}} {
		made, _ := w.register(t, w.alice, maps(func(in *client.NewClient) { in.ID = domain.ClientID("maps-" + what) }))
		if err := w.MakeOfficial(ctx, w.root, made.ID); err != nil {
			t.Fatal(err)
		}
		got, err := w.Edit(ctx, w.alice, made.ID, edit)
		if err != nil || got.Official != (what == "description") {
			t.Errorf("after another %s: official %v, %v", what, got.Official, err)
		}
	}
}

func TestNobodyChangesSomebodyElsesClient(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	w.register(t, w.alice, maps())
	w.register(t, w.alice, maps(ofTTN, func(in *client.NewClient) { in.ID = "hidden" }))
	mallory := person(t, w.store, w.clock, storetest.User(t, w.store, "mallory"))
	nobody := domain.Caller{Credential: domain.TokenCredential, Client: "maps", Scopes: domain.EveryScope()} // a client for itself
	reader := narrowed(t, w.alice, "clients.read account")
	name := "mine"
	for who, c := range map[string]domain.Caller{"mallory": mallory, "nobody": nobody, "reader": reader} {
		for id, want := range map[domain.ClientID]string{"maps": "not_yours", "hidden": "client_not_found", "nothing": "client_not_found", domain.CommandLineID: "built_in"} {
			if who != "mallory" {
				want = "insufficient_scope"
			}
			for act, do := range map[string]func() error{
				"edit":   func() error { _, err := w.Edit(ctx, c, id, client.ClientEdit{Name: &name}); return err },
				"delete": func() error { return w.Delete(ctx, c, id) },
				"rotate": func() error { _, err := w.RotateSecret(ctx, c, id, 0); return err },
				"view":   func() error { _, err := w.ViewSecret(ctx, c, id); return err },
			} {
				if err := do(); domain.CodeOf(err) != want {
					t.Errorf("%s of %s by %s: got %v, want %s", act, id, who, err, want)
				}
			}
		}
	}
	if _, err := w.RotateSecret(ctx, w.root, "maps", 0); domain.CodeOf(err) != "not_yours" {
		t.Errorf("an administrator takes the secret: %v", err)
	}
	if _, err := w.UsersOf(ctx, mallory, "maps"); domain.CodeOf(err) != "not_yours" {
		t.Errorf("the usage for a stranger: %v", err)
	}
	if got, err := w.Edit(ctx, w.root, "maps", client.ClientEdit{Name: &name}); err != nil || got.Name != name || got.Owner != w.alice.User.ID {
		t.Errorf("an administrator edits: %+v, %v", got, err)
	}
	if err := w.Delete(ctx, w.root, "hidden"); err != nil {
		t.Errorf("an administrator deletes: %v", err)
	}
}

func TestStrangersSeeWhatEverybodyMayKnow(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	bob := person(t, w.store, w.clock, storetest.User(t, w.store, "bob"))
	w.register(t, w.alice, maps())
	w.register(t, w.alice, maps(ofTTN, func(in *client.NewClient) { in.ID, in.Testers = "tested", []string{"bob"} }))
	w.register(t, w.alice, maps(ofTTN, func(in *client.NewClient) { in.ID = "hidden" }))
	for _, id := range []domain.ClientID{"maps", "tested"} {
		got, err := w.Find(ctx, bob, id)
		if err != nil || client.Known(bob, got) || got.Name != "Maps" || got.Website == "" || got.OwnerName != "alice" {
			t.Errorf("%s: got %+v, %v", id, got, err)
		}
		if got.RedirectURIs != nil || got.Scopes != nil || got.GrantTypes != nil || got.Testers != nil || got.Switches != nil || !got.CreatedAt.IsZero() {
			t.Errorf("%s shows more than everybody may know: %+v", id, got)
		}
	}
	listed, err := w.List(ctx, bob, client.Filter{}, domain.Page{})
	if err != nil || len(listed.Items) != 2 || listed.Items[0].RedirectURIs != nil || listed.Items[1].RedirectURIs != nil {
		t.Errorf("the list: %+v, %v", listed.Items, err)
	}
	if _, err := w.List(ctx, bob, client.Filter{Which: domain.ClientsAll}, domain.Page{}); domain.CodeOf(err) != "admin_only" {
		t.Errorf("all for a stranger: got %v", err)
	}
	if listed, err := w.List(ctx, w.root, client.Filter{Which: domain.ClientsAll, State: domain.ClientRequested}, domain.Page{}); err != nil || len(listed.Items) != 2 {
		t.Errorf("all for an administrator: %d, %v", len(listed.Items), err)
	}
	for _, f := range []client.Filter{{Which: "x"}, {State: "x"}, {Search: strings.Repeat("x", 201)}} {
		if _, err := w.List(ctx, bob, f, domain.Page{}); !domain.IsKind(err, domain.Invalid) {
			t.Errorf("%+v: got %v, want Invalid", f, err)
		}
	}
}

// A client that acts for its owner with nobody asked is as strong as a key: no
// narrower credential makes one, widens one or takes its secret.
func TestAClientThatActsForItsOwnerLiesWithinTheCredential(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	robot := func(in *client.NewClient) {
		in.GrantTypes, in.Switches = []domain.GrantType{domain.CredentialsGrant}, []domain.LegacySwitch{domain.SwitchOwnerCredentials}
	}
	bound := narrowed(t, w.alice, "clients.write account sensors.read")
	bound.ExpiresAt = w.clock.Now().Add(time.Hour)
	fenced := narrowed(t, w.alice, "clients.write account sensors.read")
	fenced.Allowed = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	token := narrowed(t, w.alice, "clients.* sensors.*")
	token.Credential, token.Client = domain.TokenCredential, "maps"
	w.register(t, w.alice, maps(robot))
	w.register(t, w.alice, maps(func(in *client.NewClient) { in.ID = "plain" }))
	grants, switches := []domain.GrantType{domain.CredentialsGrant}, []domain.LegacySwitch{domain.SwitchOwnerCredentials}
	for name, test := range map[string]struct {
		c    domain.Caller
		want string
	}{
		"a key without the scopes": {narrowed(t, w.alice, "clients.write account"), "insufficient_scope"},
		"a third party":            {token, "insufficient_scope"},
		"a key that ends":          {bound, "beyond_credential"},
		"a key of one network":     {fenced, "beyond_credential"},
		"a key as strong":          {narrowed(t, w.alice, "clients.write account sensors.*"), ""},
		"the person":               {w.alice, ""},
	} {
		id := domain.ClientID("robot-" + strings.ReplaceAll(name, " ", "-"))
		code := func(err error) string {
			if err == nil {
				return ""
			}
			return domain.CodeOf(err)
		}
		_, _, err := w.Register(ctx, test.c, maps(robot, func(in *client.NewClient) { in.ID = id }))
		if code(err) != test.want {
			t.Errorf("%s registers: got %v, want %q", name, err, test.want)
		}
		_, err = w.Edit(ctx, test.c, "plain", client.ClientEdit{GrantTypes: &grants, Switches: &switches})
		if code(err) != test.want {
			t.Errorf("%s edits: got %v, want %q", name, err, test.want)
		}
		_, err = w.RotateSecret(ctx, test.c, "maps", 0)
		if code(err) != test.want {
			t.Errorf("%s rotates: got %v, want %q", name, err, test.want)
		}
		usual, none := domain.UsualGrantTypes(), []domain.LegacySwitch{}
		if _, err := w.Edit(ctx, w.alice, "plain", client.ClientEdit{GrantTypes: &usual, Switches: &none}); err != nil {
			t.Fatal(err)
		}
	}
	if made, _ := w.register(t, token, maps(func(in *client.NewClient) { in.ID = "by-token" })); made.Owner != w.alice.User.ID {
		t.Errorf("a client that asks people, by a token: %+v", made)
	}
}

func TestASecretIsViewedOnlyAfterAFreshPassword(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	_, given := w.register(t, w.alice, maps())
	if got, err := w.ViewSecret(ctx, w.alice, "maps"); err != nil || got.Reveal() != given.Reveal() {
		t.Errorf("with a fresh password: %v", err)
	}
	if _, err := w.ViewSecret(ctx, narrowed(t, w.alice, "clients.* account"), "maps"); domain.CodeOf(err) != "password_needed" {
		t.Errorf("with a key: got %v", err)
	}
	if _, err := w.ViewSecret(ctx, narrowed(t, w.alice, "clients.*"), "maps"); domain.CodeOf(err) != "insufficient_scope" {
		t.Errorf("without the scope account: got %v", err)
	}
	w.clock.Advance(domain.FreshPassword + time.Second)
	if _, err := w.ViewSecret(ctx, w.alice, "maps"); domain.CodeOf(err) != "password_needed" {
		t.Errorf("with a stale password: got %v", err)
	}
	if n, err := w.ExamineSealed(ctx); n != 1 || err != nil {
		t.Errorf("examined %d, %v", n, err)
	}
	other, err := secret.LoadOrMakeServerKey(filepath.Join(t.TempDir(), "server.key"))
	if err != nil {
		t.Fatal(err)
	}
	w.Sealer = other
	if _, err := w.ExamineSealed(ctx); err == nil || !strings.Contains(err.Error(), "maps") {
		t.Errorf("with another server key: got %v", err)
	}
	w.Sealer = nil
	if made, _ := w.register(t, w.alice, maps(func(in *client.NewClient) { in.ID = "once" })); made.Viewable {
		t.Error("without a sealer a secret is kept")
	}
}

func TestRotationKeepsTheOldSecretForTheOverlap(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	_, old := w.register(t, w.alice, maps())
	next, err := w.RotateSecret(ctx, w.alice, "maps", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if !w.opens(t, "maps", old) || !w.opens(t, "maps", next) {
		t.Error("within the overlap both must work")
	}
	w.clock.Advance(time.Hour)
	if w.opens(t, "maps", old) || !w.opens(t, "maps", next) {
		t.Error("after it only the new one must")
	}
	for _, overlap := range []time.Duration{-1, domain.MaxOverlap + 1} {
		if _, err := w.RotateSecret(ctx, w.alice, "maps", overlap); !domain.IsKind(err, domain.Invalid) {
			t.Errorf("overlap %v: got %v", overlap, err)
		}
	}
}

func TestImportedClientsKeepTheirSecrets(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	operator := w.alice
	operator.Credential, operator.Session = domain.OperatorCredential, 0
	in := maps(ofTTN, func(in *client.NewClient) { in.ID = "old/app*1" })
	made, err := w.Import(ctx, operator, in, secret.New("summer2024"))
	if err != nil || made.State != domain.ClientApproved || !w.opens(t, "old/app*1", secret.New("summer2024")) {
		t.Fatalf("got %+v, %v", made, err)
	}
	check, err := w.store.ClientCheck(ctx, made.ID)
	if err != nil || !strings.HasPrefix(check.Secrets[0].SlowHash, "$argon2id$") {
		t.Errorf("a chosen secret is not hashed slowly: %v", err)
	}
	unsaid := maps(func(in *client.NewClient) { in.ID, in.Scopes = "unsaid", nil })
	if all, err := w.Import(ctx, operator, unsaid, secret.New("summer2024")); err != nil || !all.Scopes.Covers(domain.ScopeReadingsWrite) || all.Scopes.Covers(domain.ScopeAccount) {
		t.Errorf("without scopes: got %s, %v; want all that third parties may have", all.Scopes, err)
	}
	if _, err := w.Import(ctx, operator, in, secret.New("summer2024")); domain.CodeOf(err) != "client_id_taken" {
		t.Errorf("imported twice: got %v", err)
	}
	if _, err := w.Import(ctx, w.root, maps(), secret.New("0123456789abcdef")); domain.CodeOf(err) != "operator_only" {
		t.Errorf("by an administrator: got %v", err)
	}
	for _, short := range []string{"", "1234567", strings.Repeat("x", 257)} {
		if _, err := w.Import(ctx, operator, maps(), secret.New(short)); domain.CodeOf(err) != "invalid_secret" {
			t.Errorf("a secret of %d characters: got %v", len(short), err)
		}
	}
}

func TestRegistrationRefuses(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	w.register(t, w.alice, maps(func(in *client.NewClient) { in.ID = "taken" }))
	for name, test := range map[string]struct {
		change func(*client.NewClient)
		code   string
	}{
		"a taken id":       {func(in *client.NewClient) { in.ID = "taken" }, "client_id_taken"},
		"a reserved id":    {func(in *client.NewClient) { in.ID = "thingward-cli" }, "client_id_taken"},
		"an odd id":        {func(in *client.NewClient) { in.ID = "my app" }, "invalid_client_id"},
		"an unknown kind":  {func(in *client.NewClient) { in.Kind = "x" }, "invalid_kind"},
		"no scopes":        {func(in *client.NewClient) { in.Scopes = nil }, "invalid_scopes"},
		"unknown scopes":   {func(in *client.NewClient) { in.Scopes = []string{"everything"} }, "invalid_scope"},
		"scopes of others": {func(in *client.NewClient) { in.Scopes = []string{"admin"} }, "invalid_scopes"},
		"no grant types":   {func(in *client.NewClient) { in.GrantTypes = []domain.GrantType{} }, "invalid_grant_types"},
		"a tester unknown": {func(in *client.NewClient) { in.Testers = []string{"nobody"} }, "invalid_testers"},
		"plain http":       {func(in *client.NewClient) { in.RedirectURIs = []string{"http://maps.example/"} }, "invalid_redirect_uris"},
		"a switch of admins": {func(in *client.NewClient) {
			ofTTN(in)
			in.Switches = []domain.LegacySwitch{domain.SwitchHTTPRedirect}
		}, "admin_only"},
	} {
		if _, _, err := w.Register(ctx, w.alice, maps(test.change)); domain.CodeOf(err) != test.code {
			t.Errorf("%s: got %v, want %s", name, err, test.code)
		}
	}
	if _, _, err := w.Register(ctx, narrowed(t, w.alice, "clients.read"), maps()); domain.CodeOf(err) != "insufficient_scope" {
		t.Errorf("with a key that reads: got %v", err)
	}
}

// Plain http is an administrator's to allow, one redirect URI at a time.
// Whoever serves a resource is told about every token for it.
func TestOnlyAdministratorsSayWhoServesAResource(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	in := maps(func(in *client.NewClient) { in.Resources = []string{"https://api.example"} })
	if _, _, err := w.Register(ctx, w.alice, in); domain.CodeOf(err) != "admin_only" {
		t.Errorf("registering: got %v, want admin_only", err)
	}
	if _, _, err := w.Register(ctx, w.alice, maps()); err != nil {
		t.Fatal(err)
	}
	edit := client.ClientEdit{Resources: &in.Resources}
	if _, err := w.Edit(ctx, w.alice, "maps", edit); domain.CodeOf(err) != "admin_only" {
		t.Errorf("editing: got %v, want admin_only", err)
	}
	if made, err := w.Edit(ctx, w.root, "maps", edit); err != nil || len(made.Resources) != 1 {
		t.Errorf("an administrator: %v, %v", made.Resources, err)
	}
	name := "Maps of ours"
	if _, err := w.Edit(ctx, w.alice, "maps", client.ClientEdit{Name: &name, Resources: &in.Resources}); err != nil {
		t.Errorf("what an administrator said stays: %v", err)
	}
}

func TestOnlyAdministratorsAllowPlainHTTP(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), context.Background()
	w.register(t, w.alice, maps(ofTTN))
	switches, uris := []domain.LegacySwitch{domain.SwitchHTTPRedirect}, []string{"https://maps.example/cb", "http://maps.example/cb"}
	both := client.ClientEdit{Switches: &switches, RedirectURIs: &uris}
	if _, err := w.Edit(ctx, w.alice, "maps", both); domain.CodeOf(err) != "admin_only" {
		t.Errorf("the owner: got %v", err)
	}
	if _, err := w.Edit(ctx, w.root, "maps", both); err != nil {
		t.Fatal(err)
	}
	name := "Renamed"
	if _, err := w.Edit(ctx, w.alice, "maps", client.ClientEdit{Name: &name, RedirectURIs: &uris}); err != nil {
		t.Errorf("the owner keeps it: %v", err)
	}
	more := append(uris, "http://other.example/cb")
	if made, err := w.Edit(ctx, w.alice, "maps", client.ClientEdit{RedirectURIs: &more}); err != nil || made.State != domain.ClientRequested {
		t.Errorf("the owner adds one: got %s, %v: it has to wait", made.State, err)
	}
}
