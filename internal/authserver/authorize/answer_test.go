package authorize

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store/storetest"
)

// TestACodeIsBoundToWhatWasAsked looks at what is stored for a yes.
func TestACodeIsBoundToWhatWasAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.client("app", domain.StandardClient, nil)
	r := w.begin(domain.StandardClient, query("client_id=app", "response_type=code", "redirect_uri="+callback, "state=s", "scope=profile sensors.read",
		"code_challenge="+challenge, "code_challenge_method=S256"))
	got := w.allow(r, Decision{Names: names(r), Label: " Balcony "})
	if got.Get("state") != "s" || got.Get("iss") != issuer || got.Get("from") != "here" {
		t.Errorf("got the answer %v", got)
	}
	code, err := w.store.AuthorizationCode(context.Background(), secret.New(got.Get("code")).Hash())
	if err != nil {
		t.Fatal(err)
	}
	g := w.grants("app")[0]
	if code.Grant != g.ID || code.Client != "app" || code.RedirectURI != callback || code.Challenge != challenge || code.Scopes.String() != "profile sensors.read" ||
		code.ExpiresAt.Sub(code.IssuedAt) != domain.CodeLife {
		t.Errorf("got the code %+v", code)
	}
	if g.Name != "Balcony" || g.User != w.alice.ID || !g.ExpiresAt.IsZero() || g.Scopes.String() != "profile sensors.read" || g.Asked.String() != "profile sensors.read" {
		t.Errorf("got the grant %+v", g)
	}
	events, err := w.store.AuditOf(context.Background(), w.alice.ID, domain.Page{Limit: 1})
	if err != nil || len(events.Items) != 1 || events.Items[0].Act != "grant.allow" || events.Items[0].Thing != "client app" {
		t.Errorf("got the audit %+v, %v", events.Items, err)
	}
}

// TestTheFragmentIsAsLaMetricDocumentsIt holds the order of its parameters,
// and "#" right behind the URI.
func TestTheFragmentIsAsLaMetricDocumentsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.client("clock", domain.LametricClient, func(c *domain.Client) { c.RedirectURIs = []string{"http://localhost/redirect"} })
	r := w.begin(domain.LametricClient, "client_id=clock&response_type=token&scope=basic+devices_read+devices_write&state=a+b%2F")
	to, err := w.Allow(context.Background(), caller(w.alice), r, Decision{Names: names(r)})
	if err != nil {
		t.Fatal(err)
	}
	before, token, _ := strings.Cut(to.To, "access_token=")
	token, after, _ := strings.Cut(token, "&")
	want := "expires_in=3600&token_type=Bearer&scope=basic+devices_read+devices_write&state=a%20b%2F&iss=https%3A%2F%2Fthings.example"
	if before != "http://localhost/redirect#" || !strings.HasPrefix(token, string(secret.AccessToken)) || after != want {
		t.Errorf("got %s… %s, want %s", before, after, want)
	}
	number, _ := secret.NumberOf(secret.AccessToken, token)
	stored, err := w.store.AccessToken(context.Background(), domain.TokenID(number), secret.New(token).Hash())
	if err != nil || stored.Grant != w.grants("clock")[0].ID || stored.Chain != 0 {
		t.Errorf("got the token %+v, %v", stored, err)
	}
	if got := strings.Join(w.events, ", "); got != "legacy implicit, token implicit lametric" {
		t.Errorf("got the metrics %q", got)
	}
}

// TestWhereAnAnswerGoesInClearIsCounted by the switch that allows it.
func TestWhereAnAnswerGoesInClearIsCounted(t *testing.T) {
	t.Parallel()
	for uri, want := range map[string]string{
		"http://box.lan/back":     "legacy lan_redirect",
		"http://box.example/back": "legacy http_redirect",
		"http://localhost/back":   "",
		"https://box.lan/back":    "",
	} {
		w := newWorld(t)
		w.client("box", domain.StandardClient, func(c *domain.Client) {
			c.RedirectURIs, c.Switches = []string{uri}, []domain.LegacySwitch{domain.SwitchLANRedirect, domain.SwitchHTTPRedirect}
		})
		r := w.begin(domain.StandardClient, query("client_id=box", "response_type=code", "scope=profile", "redirect_uri="+uri))
		if _, err := w.Allow(context.Background(), caller(w.alice), r, Decision{Names: names(r)}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(w.events, ", "); got != want {
			t.Errorf("%s: got the metrics %q, want %q", uri, got, want)
		}
	}
}

// TestANoIsToldInTheWordsOfTheContract: WoTKit's example reads a reason too.
func TestANoIsToldInTheWordsOfTheContract(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.client("app", domain.StandardClient, nil)
	w.client("hub", domain.WotkitClient, nil)
	w.client("clock", domain.LametricClient, nil)
	for _, test := range []struct {
		kind              domain.ClientKind
		query, want, gone string
	}{
		{domain.StandardClient, "client_id=app&response_type=code&scope=profile", "?from=here&error=access_denied&error_description=The%20user%20said%20no.&iss=", "error_reason"},
		{domain.WotkitClient, "client_id=hub&response_type=code", "&error=access_denied&error_description=The%20user%20said%20no.&error_reason=user_denied&iss=", "state"},
		{domain.LametricClient, "client_id=clock&response_type=token&state=%2B", "#error=access_denied&error_description=The%20user%20said%20no.&state=%2B&iss=", "error_reason"},
	} {
		r := w.begin(test.kind, test.query)
		denied, err := w.Deny(context.Background(), caller(w.alice), r)
		unticked, err2 := w.Allow(context.Background(), caller(w.alice), r, Decision{})
		if err != nil || err2 != nil || !strings.Contains(denied.To, test.want) || strings.Contains(denied.To, test.gone) || unticked != denied {
			t.Errorf("%s: got %s and %s, want %s", test.kind, denied.To, unticked.To, test.want)
		}
	}
	if events, err := w.store.AuditOf(context.Background(), w.alice.ID, domain.Page{Limit: 1}); err != nil || events.Items[0].Act != "grant.deny" {
		t.Errorf("got the audit %+v, %v", events.Items, err)
	}
}

// TestWhoIsAsked goes through everybody who may come to the page.
func TestWhoIsAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bob, carol := storetest.User(t, w.store, "bob"), storetest.User(t, w.store, "carol")
	w.client("app", domain.StandardClient, nil)
	w.client("new", domain.StandardClient, func(c *domain.Client) {
		c.State, c.Testers = domain.ClientRequested, []domain.Tester{{ID: bob.ID, Name: "bob"}}
	})
	plain, waiting := query("client_id=app", "response_type=code", "scope=profile"), query("client_id=new", "response_type=code", "scope=profile")
	withKey := caller(w.alice)
	withKey.Credential = domain.KeyCredential
	for name, test := range map[string]struct {
		c          domain.Caller
		query      string
		code       string // of the error; empty: he is asked
		byRedirect bool
	}{
		"somebody who is signed in":              {caller(bob), plain, "", false},
		"nobody":                                 {domain.Caller{}, plain, "login_required", false},
		"nobody, silently":                       {domain.Caller{}, plain + "&prompt=none", "login_required", true},
		"somebody who was never asked, silently": {caller(bob), plain + "&prompt=none", "consent_required", true},
		"a key":                                  {withKey, plain, "person_only", false},
		"the owner of a client that waits":       {caller(w.alice), waiting, "", false},
		"a tester":                               {caller(bob), waiting, "", false},
		"somebody else":                          {caller(carol), waiting, "access_denied", true},
	} {
		r := w.begin(domain.StandardClient, test.query)
		q, err := w.Ask(context.Background(), test.c, r)
		to, redirected := refusal(err)
		if (err == nil) != (test.code == "") || err != nil && domain.CodeOf(err) != test.code || redirected != test.byRedirect {
			t.Errorf("%s: got %v, redirected %t, want %q, redirected %t", name, err, redirected, test.code, test.byRedirect)
		}
		if values, _ := answerOf(t, to); redirected && values.Get("error") != test.code {
			t.Errorf("%s: got %s", name, to)
		}
		if err == nil && (len(q.Lines) != 1 || q.Answered) {
			t.Errorf("%s: got %+v", name, q)
		}
		if test.code == "access_denied" {
			if _, err := w.Allow(context.Background(), test.c, r, Decision{Names: names(r)}); domain.CodeOf(err) != "access_denied" {
				t.Errorf("%s allowed it all the same: %v", name, err)
			}
		}
	}
}

// TestTheSameOrLessIsNotAskedAgain holds what is remembered.
func TestTheSameOrLessIsNotAskedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	greenhouse := w.sensor(w.alice, "greenhouse")
	w.client("app", domain.StandardClient, nil)
	w.client("public", domain.StandardClient, func(c *domain.Client) { c.Public = true })
	first := query("client_id=app", "response_type=code", "scope=profile email sensors.read readings.read")
	r := w.begin(domain.StandardClient, first)
	w.allow(r, Decision{Names: []string{"profile", "sensors.read", "readings.read"}, Things: only(domain.NounSensor, "alice.greenhouse"), ExpiresAt: w.clock.Now().Add(time.Hour)})
	asked := func(more string, pairs ...string) Question {
		t.Helper()
		q, err := w.Ask(context.Background(), caller(w.alice), w.begin(domain.StandardClient, query(append(pairs, more)...)))
		if err != nil {
			t.Fatal(err)
		}
		return q
	}
	for scope, want := range map[string]bool{
		"profile email sensors.read readings.read": true, "profile": true, "": true, "sensors.read:alice.greenhouse": true,
		"email":         false, // he took away all of it
		"email profile": true, "sensors.*": false, "profile devices.read": false, "profile sensors.write": false,
	} {
		if q := asked("scope="+scope, "client_id=app", "response_type=code"); q.Answered != want {
			t.Errorf("scope %q: got answered %t, want %t", scope, q.Answered, want)
		}
	}
	for _, prompt := range []string{"consent", "login"} {
		if asked("prompt="+prompt, "client_id=app", "response_type=code", "scope=profile").Answered {
			t.Errorf("prompt %s: was not asked", prompt)
		}
	}
	q := asked("prompt=none", "client_id=app", "response_type=code", "scope=readings.read email")
	to, err := w.Proceed(context.Background(), caller(w.alice), q)
	if err != nil {
		t.Fatal(err)
	}
	values, _ := answerOf(t, to.To)
	code, err := w.store.AuthorizationCode(context.Background(), secret.New(values.Get("code")).Hash())
	if want := domain.ScopeReadingsRead.On(int64(greenhouse)).String(); err != nil || code.Scopes.String() != want {
		t.Errorf("got a code for %s, %v, want %s", code.Scopes, err, want)
	}
	if _, err := w.Proceed(context.Background(), caller(storetest.User(t, w.store, "bob")), q); domain.CodeOf(err) != "not_answered" {
		t.Errorf("another user proceeded on it: %v", err)
	}
	w.clock.Advance(time.Hour)
	if asked("scope=profile", "client_id=app", "response_type=code").Answered {
		t.Error("it is still remembered after its end")
	}

	public := query("client_id=public", "response_type=code", "scope=profile", "code_challenge="+challenge, "code_challenge_method=S256")
	r = w.begin(domain.StandardClient, public)
	w.allow(r, Decision{Names: names(r)})
	if q, err := w.Ask(context.Background(), caller(w.alice), r); err != nil || q.Answered || len(q.Present) != 1 {
		t.Errorf("a public client: got %+v, %v, want to be asked each time (RFC 8252 §8.6)", q, err)
	}
}

// TestTheCommandLineAlone may hold account and admin, the latter for
// administrators.
func TestTheCommandLineAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	root := storetest.Admin(t, w.store, "root")
	r := w.begin(domain.StandardClient, query("client_id="+string(domain.CommandLineID), "response_type=code", "redirect_uri=http://127.0.0.1:4711/callback",
		"scope=account admin profile", "code_challenge="+challenge, "code_challenge_method=S256"))
	for _, test := range []struct {
		user domain.User
		want string
	}{{root, "account admin profile"}, {w.alice, "account profile"}} {
		q, err := w.Ask(context.Background(), caller(test.user), r)
		if err != nil || q.Asked().String() != test.want {
			t.Errorf("%s: got %s, %v, want %s", test.user.Name, q.Asked(), err, test.want)
		}
		to, err := w.Allow(context.Background(), caller(test.user), r, Decision{Names: names(r)})
		if err != nil {
			t.Fatal(err)
		}
		values, _ := answerOf(t, to.To)
		code, err := w.store.AuthorizationCode(context.Background(), secret.New(values.Get("code")).Hash())
		if err != nil || code.Scopes.String() != test.want {
			t.Errorf("%s: got a code for %s, %v, want %s", test.user.Name, code.Scopes, err, test.want)
		}
	}
}

// TestThingsAreNarrowed goes through the choices.
func TestThingsAreNarrowed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, two := w.sensor(w.alice, "one"), w.sensor(w.alice, "two")
	kitchen := w.device(w.alice, "SA1")
	bob := storetest.User(t, w.store, "bob")
	w.sensor(bob, "private")
	w.client("app", domain.StandardClient, nil)
	w.client("hub", domain.WotkitClient, nil)
	none, first, strange := []string{}, []string{"alice.one"}, []string{"bob.private"}
	device := []string{strconv.FormatInt(int64(kitchen), 10)}
	onOne, onTwo := domain.ThingRef(int64(one)), domain.ThingRef(int64(two))
	for name, test := range map[string]struct {
		query string
		d     Decision
		want  string // empty: refused
	}{
		"all of them":             {"client_id=app&scope=sensors.read+profile", Decision{}, "profile sensors.read"},
		"one sensor":              {"client_id=app&scope=sensors.read+profile", Decision{Things: only(domain.NounSensor, first...)}, "profile sensors.read:" + onOne},
		"no sensor":               {"client_id=app&scope=sensors.read+profile", Decision{Things: only(domain.NounSensor, none...)}, ""},
		"none, and nothing asked": {"client_id=app&scope=profile", Decision{Things: map[domain.Noun][]string{domain.NounSensor: {}, domain.NounDevice: {}}}, "profile"},
		"no sensor, nothing else": {"client_id=app&scope=sensors.read", Decision{Things: only(domain.NounSensor, none...)}, ""},
		"somebody else's":         {"client_id=app&scope=sensors.read", Decision{Things: only(domain.NounSensor, strange...)}, ""},
		"one that was asked for":  {"client_id=app&scope=sensors.read:alice.one+sensors.read:alice.two", Decision{Things: only(domain.NounSensor, first...)}, "sensors.read:" + onOne},
		"devices are not sensors": {"client_id=app&scope=sensors.read:alice.two+devices.read", Decision{Things: only(domain.NounDevice, device...)}, "devices.read:" + domain.ThingRef(int64(kitchen)) + " sensors.read:" + onTwo},
		"WoTKit's one scope":      {"client_id=hub", Decision{Things: only(domain.NounSensor, first...)}, "actuators.*:" + onOne + " alerts.* profile readings.*:" + onOne + " sensors.*:" + onOne},
	} {
		kind := domain.StandardClient
		if strings.Contains(test.query, "hub") {
			kind = domain.WotkitClient
		}
		r := w.begin(kind, test.query+"&response_type=code")
		test.d.Names = names(r)
		to, err := w.Allow(context.Background(), caller(w.alice), r, test.d)
		if test.want == "" {
			if _, redirected := refusal(err); redirected || !domain.IsKind(err, domain.Invalid) {
				t.Errorf("%s: got %v and %q, want to be told on the page", name, err, to.To)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if g := w.grants(r.Client.ID)[0]; sorted(g.Scopes) != test.want {
			t.Errorf("%s: got %s, want %s", name, sorted(g.Scopes), test.want)
		}
	}
}

// TestAnAppLearnsNothingOfThingsBeforeTheYes: whether somebody has a thing of
// a name would also tell who he is, so a request that names one is answered as
// one that names nothing, until he has decided.
func TestAnAppLearnsNothingOfThingsBeforeTheYes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.client("app", domain.StandardClient, nil)
	w.sensor(w.alice, "one")
	for _, connected := range []bool{false, true} {
		if connected {
			r := w.begin(domain.StandardClient, "client_id=app&response_type=code&scope=profile")
			w.allow(r, Decision{Names: names(r)})
		}
		for _, thing := range []string{"alice.one", "alice.two", "bob.private", "999999"} {
			query := "client_id=app&response_type=code&scope=sensors.read:" + thing
			q, err := w.Ask(context.Background(), caller(w.alice), w.begin(domain.StandardClient, query))
			if err != nil || q.Answered || (thing == "alice.one") != (len(q.Lines) == 1) || len(q.Lines)+len(q.Missing) != 1 {
				t.Errorf("%s, connected %t: got %+v, %v; want a page", thing, connected, q, err)
			}
			_, err = w.Ask(context.Background(), caller(w.alice), w.begin(domain.StandardClient, query+"&prompt=none"))
			if _, redirected := refusal(err); !redirected || domain.CodeOf(err) != "consent_required" {
				t.Errorf("%s, connected %t, silently: got %v, want consent_required", thing, connected, err)
			}
		}
	}
	r := w.begin(domain.StandardClient, "client_id=app&response_type=code&scope=sensors.read:bob.private")
	to, err := w.Allow(context.Background(), caller(w.alice), r, Decision{Names: names(r)})
	if err != nil || !strings.Contains(to.To, "error=access_denied") {
		t.Errorf("allowed what is not there: got %q, %v", to.To, err)
	}
}

// TestAConnectionIsContinued: what is not asked for stays, what is asked for
// is as it was just left, and tokens get no more than this request had.
func TestAConnectionIsContinued(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.client("app", domain.StandardClient, nil)
	w.client("other", domain.StandardClient, nil)
	bob := storetest.User(t, w.store, "bob")
	first := w.begin(domain.StandardClient, "client_id=app&response_type=code&scope=sensors.*+profile")
	w.allow(first, Decision{Names: names(first), Label: "Balcony"})
	before := w.grants("app")[0]
	next := w.begin(domain.StandardClient, "client_id=app&response_type=code&scope=sensors.write+email")
	soon := w.clock.Now().Add(time.Hour)
	got := w.allow(next, Decision{Names: []string{"email"}, Renew: before.ID, ExpiresAt: soon})
	after := w.grants("app")
	if len(after) != 1 || after[0].ID != before.ID || after[0].Name != "Balcony" || sorted(after[0].Scopes) != "email profile sensors.read" ||
		sorted(after[0].Asked) != "email profile sensors.* sensors.write" || !after[0].ExpiresAt.Equal(soon) {
		t.Errorf("got %+v", after)
	}
	code, err := w.store.AuthorizationCode(context.Background(), secret.New(got.Get("code")).Hash())
	if err != nil || code.Scopes.String() != "email" {
		t.Errorf("got a code for %s, %v, want email alone", code.Scopes, err)
	}
	other := w.begin(domain.StandardClient, "client_id=other&response_type=code&scope=email")
	for name, try := range map[string]struct {
		c domain.Caller
		r Request
	}{"another app": {caller(w.alice), other}, "another user": {caller(bob), next}} {
		if _, err := w.Allow(context.Background(), try.c, try.r, Decision{Names: []string{"email"}, Renew: before.ID}); domain.CodeOf(err) != "invalid_connection" {
			t.Errorf("%s continued it: got %v", name, err)
		}
	}
	for field, d := range map[string]Decision{"expires_at": {ExpiresAt: w.clock.Now()}, "name": {Label: strings.Repeat("x", 61)}} {
		d.Names = []string{"email"}
		if _, err := w.Allow(context.Background(), caller(w.alice), next, d); domain.CodeOf(err) != "invalid_"+field {
			t.Errorf("%s: got %v", field, err)
		}
	}
	w.allow(next, Decision{Names: []string{"email"}})
	if all := w.grants("app"); len(all) != 2 || all[0].Name != "Greenhouse app" {
		t.Errorf("a separate connection: got %+v", all)
	}
}

// TestFaultsOfOursAreToldToTheClient once it is proven who it is.
func TestFaultsOfOursAreToldToTheClient(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.client("app", domain.StandardClient, nil)
	r := w.begin(domain.StandardClient, "client_id=app&response_type=code&scope=profile&state=s")
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := w.Allow(ended, caller(w.alice), r, Decision{Names: names(r)})
	to, redirected := refusal(err)
	if values, _ := answerOf(t, to); !redirected || values.Get("error") != "server_error" || values.Get("state") != "s" || strings.Contains(to, "context") {
		t.Errorf("got %v and %q, want server_error and nothing else about it", err, to)
	}
}
