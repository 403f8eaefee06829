package acceptance

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/thingward/thingward/internal/app"
)

// askFirst lets apps of the standard kind wait for an administrator.
func askFirst(c *app.Config) { c.ClientApproval = []string{"standard"} }

// challengeOf is the S256 code challenge of a verifier (RFC 7636 §4.2).
func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func TestAPersonIsAskedAndSaysYes(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		dev, alice := s.signUp(t, "developer"), s.signUp(t, "alice")
		alice.makeSensor("greenhouse", private)
		app := dev.registers("greenhouse-app", map[string]any{"scopes": []string{"profile", "sensors.read", "readings.*"}, "website": "https://app.example/",
			"privacy_url": "https://app.example/privacy"})
		const state = "a b&c=d+e%20ü;\"<>"
		request := app.request("scope", "profile sensors.read readings.read:alice.greenhouse", "state", state)
		q := alice.asked(request).says("App greenhouse-app asks to act for you", "developer", "not checked", "https://app.example/privacy",
			"<code>app.example</code>", "see your name", "only alice.greenhouse", "All my sensors")
		got := q.allow()
		if got.URI != app.Redirect || got.Values.Get("state") != state || got.Values.Get("iss") != "http://localhost:8080" || got.Values.Get("code") == "" {
			t.Errorf("got sent to %s", got.Whole)
		}
		again := alice.sentBack(request) // the same is not asked again
		if again.Values.Get("code") == "" || again.Values.Get("code") == got.Values.Get("code") {
			t.Errorf("the second time: got %s, want another code", again.Whole)
		}
		alice.asked(app.request("scope", "profile sensors.read readings.write")) // but more is
		alice.asked(request + "&prompt=consent")
	})
}

func TestANoIsAnAnswerToo(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		dev, alice := s.signUp(t, "developer"), s.signUp(t, "alice")
		app := dev.registers("curious", map[string]any{"scopes": []string{"profile", "email"}})
		request := app.request("scope", "profile email", "state", "x")
		for name, got := range map[string]redirect{
			"deny":            alice.asked(request).deny(),
			"nothing is left": alice.asked(request).untick("scope", "profile").untick("scope", "email").allow(),
		} {
			if got.URI != app.Redirect || got.Values.Get("error") != "access_denied" || got.Values.Get("state") != "x" || got.Values.Get("iss") == "" || got.Values.Has("code") {
				t.Errorf("%s: got %s", name, got.Whole)
			}
		}
		alice.asked(request) // a no is not remembered
	})
}

// TestTheFlowSurvives what people do on the way: they have no account yet,
// mistype, open a second tab, go back, or find somebody else signed in.
func TestTheFlowSurvives(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		dev := s.signUp(t, "developer")
		app := dev.registers("first-contact", map[string]any{"scopes": []string{"profile"}})
		request := app.request("scope", "profile", "state", strings.Repeat("long.", 800)+"&=+ ")
		newcomer := person{s.browser(t), "newcomer", passwordOf + "newcomer"}
		s.keep(newcomer.password, "the password of newcomer")

		login := newcomer.open(request)
		if !strings.Contains(string(login.page), "to continue to <strong>App first-contact") {
			t.Errorf("the sign-in page does not say which app is asking:\n%s", login.page)
		}
		wrong := login.submit(map[string]string{"username": "nobody", "current-password": "not the password"}).want(http.StatusUnauthorized)
		if wrong.header.Get("Content-Security-Policy") == "" || strings.Contains(wrong.header.Get("Content-Security-Policy"), "form-action") {
			t.Errorf("got the policy %q", wrong.header.Get("Content-Security-Policy"))
		}
		signUp := login.open(login.link("/sign-up?next="))
		back := signUp.submit(map[string]string{"username": "newcomer", "new-password": newcomer.password}).want(http.StatusSeeOther).header.Get("Location")
		newcomer.keepCookie()
		first, second := newcomer.asked(back), newcomer.asked(back)
		code := second.allow().Values
		if code.Get("state") != strings.Repeat("long.", 800)+"&=+ " || code.Get("code") == "" {
			t.Errorf("got %v", code)
		}
		if got := first.allow(); got.Values.Get("code") == "" { // the first tab is still good
			t.Errorf("the first tab: got %s", got.Whole)
		}

		// Somebody else signs in on another tab: the open page answers for nobody.
		stale := newcomer.asked(request + "&prompt=consent")
		newcomer.form("/logout", url.Values{"next": {request}}.Encode()).want(http.StatusSeeOther)
		waiting := stale.post("allow").want(http.StatusSeeOther)
		if !strings.HasPrefix(waiting.header.Get("Location"), "/login?next=") {
			t.Errorf("signed out: got sent to %s", waiting.header.Get("Location"))
		}
		newcomer.open("/login").submit(map[string]string{"username": "developer", "current-password": passwordOf + "developer"}).want(http.StatusSeeOther)
		newcomer.keepCookie()
		asked := stale.post("allow").want(http.StatusForbidden)
		newcomer.questionIn(asked).says("somebody signed in here anew", "developer").allow()
	})
}

// link returns the first link of the page that begins so.
func (b *browser) link(prefix string) string {
	b.t.Helper()
	_, rest, found := strings.Cut(string(b.page), `href="`+prefix)
	if !found {
		b.t.Fatalf("the page has no link to %s: %s", prefix, b.page)
	}
	rest, _, _ = strings.Cut(rest, `"`)
	return prefix + strings.ReplaceAll(rest, "&amp;", "&")
}

func TestAPersonNarrowsWhatAnAppAskedFor(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		dev, alice, bob := s.signUp(t, "developer"), s.signUp(t, "alice"), s.signUp(t, "bob")
		alice.makeSensor("tank-one", private)
		alice.makeSensor("tank-two", private)
		bob.makeSensor("secret", private)
		app := dev.registers("narrow", map[string]any{"kind": "lametric", "grant_types": []string{"authorization_code", "refresh_token", "implicit"},
			"scopes": []string{"basic", "devices_read"}})
		hub := dev.registers("hub", map[string]any{"kind": "wotkit"})

		got := alice.asked(app.request("response_type", "token", "scope", "basic devices_read")).says("local keys").untick("scope", "basic").allow()
		if !got.InFragment || got.Values.Get("scope") != "devices_read" || got.Values.Get("token_type") != "Bearer" || got.Values.Get("expires_in") != "3600" || got.Values.Has("refresh_token") {
			t.Errorf("got %s", got.Whole)
		}
		clock := s.anonymous(t).with("Authorization", "Bearer "+got.Values.Get("access_token"))
		clock.get("/api/v1/sensors/alice.tank-one").want(http.StatusNotFound)

		code := alice.asked(hub.request()).choose("sensors", "chosen").choose("sensor", "alice.tank-one").choose("expiry", "1h").allow().Values.Get("code")
		var tokens struct {
			Access  string `json:"access_token"`
			Expires int    `json:"expires_in"`
		}
		s.anonymous(t).form("/wotkit/api/oauth/token", url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {hub.Redirect},
			"client_id": {hub.ID}, "client_secret": {hub.Secret}}.Encode()).want(http.StatusOK).decode(&tokens)
		s.keep(tokens.Access, "an access token")
		if tokens.Expires > 3600 {
			t.Errorf("got a token for %d seconds, longer than alice allowed", tokens.Expires)
		}
		program := s.anonymous(t).with("Authorization", "Bearer "+tokens.Access)
		program.get("/wotkit/api/sensors/alice.tank-one").want(http.StatusOK)
		program.get("/wotkit/api/sensors/alice.tank-two").want(http.StatusNotFound)
		program.post("/wotkit/api/sensors", map[string]any{"name": "tank-three", "longName": "three"}).want(http.StatusForbidden)

		refused := alice.asked(hub.request("prompt", "consent")).choose("sensors", "chosen").choose("sensor", "bob.secret").post("allow")
		alice.questionIn(refused.want(http.StatusBadRequest)).says("is not there any more")
	})
}

// TestNothingIsSentToAClientThatIsNotProven tries redirects to elsewhere at
// every endpoint, signed in or not.
func TestNothingIsSentToAClientThatIsNotProven(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		dev, alice := s.signUp(t, "developer"), s.signUp(t, "alice")
		for _, kind := range []string{"standard", "wotkit", "lametric"} {
			fields := map[string]any{"kind": kind}
			if kind == "standard" {
				fields["scopes"] = []string{"profile"}
			}
			app := dev.registers("app-"+kind, fields)
			endpoints := map[string]string{"": app.endpoint, "with a slash ": app.endpoint + "/"}
			if kind == "wotkit" {
				endpoints["versioned "] = "/wotkit/api/v1/oauth/authorize"
			}
			for spelling, endpoint := range endpoints {
				_, query, _ := strings.Cut(app.request(), "?")
				for name, request := range map[string]string{
					"no client":       "response_type=code&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback",
					"unknown client":  strings.Replace(query, app.ID, "nobody", 1),
					"doubled client":  query + "&client_id=" + app.ID,
					"evil URI":        strings.Replace(query, "app.example", "evil.example", 1),
					"doubled URI":     query + "&redirect_uri=https%3A%2F%2Fevil.example",
					"another kind's":  strings.Replace(query, app.ID, map[string]string{"standard": "app-wotkit", "wotkit": "app-standard", "lametric": "app-standard"}[kind], 1),
					"script":          strings.Replace(query, url.QueryEscape(app.Redirect), "javascript%3Aalert(1)", 1),
					"kept by nobody":  "client_id=" + app.ID + "&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3Ax",
					"broken encoding": "client_id=" + app.ID + "&redirect_uri=%",
				} {
					about := fmt.Sprintf("%s, %s%s", kind, spelling, name)
					for _, somebody := range []client{s.anonymous(t), alice.client} {
						page := somebody.get(endpoint + "?" + request)
						json := somebody.with("Accept", "application/json").get(endpoint + "?" + request)
						posted := somebody.form(endpoint, request)
						for _, a := range []answer{page, json, posted} {
							if a.status != http.StatusBadRequest || a.header.Get("Location") != "" {
								t.Errorf("%s: got %d and a redirect to %q", about, a.status, a.header.Get("Location"))
							}
						}
						if !strings.HasPrefix(page.header.Get("Content-Type"), "text/html") || !page.contains("<h1>") {
							t.Errorf("%s: got %s, want a page", about, page.header.Get("Content-Type"))
						}
						wantJSONFault(t, about, kind, json)
					}
				}
				a := s.anonymous(t).get(endpoint + "?" + query)
				if !strings.HasPrefix(a.header.Get("Location"), "/login?next=") {
					t.Errorf("%s, %sright: got %d and %q, want to sign in first", kind, spelling, a.status, a.header.Get("Location"))
				}
			}
		}
	})
}

// wantJSONFault wants the error of RFC 6749 as JSON; that of LaMetric has a list
// of messages beside.
func wantJSONFault(t *testing.T, about, kind string, a answer) {
	t.Helper()
	var fault struct {
		Error       string
		Description string `json:"error_description"`
		Errors      []struct{ Message string }
	}
	a.decode(&fault)
	if fault.Error != "invalid_request" || fault.Description == "" || (len(fault.Errors) == 1) != (kind == "lametric") {
		t.Errorf("%s: got %s", about, a.body)
	}
	if len(fault.Errors) == 1 && fault.Errors[0].Message != fault.Description {
		t.Errorf("%s: got %s", about, a.body)
	}
}

func TestFaultsGoBackToTheClient(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		dev, alice := s.signUp(t, "developer"), s.signUp(t, "alice")
		app := dev.registers("faulty", map[string]any{"scopes": []string{"profile", "sensors.read"}})
		clock := dev.registers("clock", map[string]any{"kind": "lametric", "scopes": []string{"basic"}, "grant_types": []string{"authorization_code", "implicit"}})
		for name, test := range map[string]struct {
			request, want string
			fragment      bool
		}{
			"no response_type":      {app.request("response_type", ""), "invalid_request", false},
			"unknown response_type": {app.request("response_type", "id_token"), "unsupported_response_type", false},
			"implicit":              {app.request("response_type", "token"), "unauthorized_client", true},
			"unknown scope":         {app.request("scope", "everything"), "invalid_scope", false},
			"scope of others":       {app.request("scope", "email"), "invalid_scope", false},
			"somebody's thing":      {app.request("scope", "sensors.read:developer.secret", "prompt", "none"), "consent_required", false},
			"doubled":               {app.request("scope", "profile") + "&scope=profile", "invalid_request", false},
			"plain":                 {app.request("code_challenge", challengeOf("x"), "code_challenge_method", "plain"), "invalid_request", false},
			"other resource":        {app.request("resource", "https://elsewhere.example/"), "invalid_target", false},
			"silently":              {app.request("scope", "profile", "prompt", "none"), "consent_required", false},
			"a literal plus":        {strings.Replace(clock.request("scope", "basic devices_read"), "+", "%2B", 1), "invalid_scope", false},
			"not ticked":            {clock.request("scope", "devices_read"), "invalid_scope", false},
			"not ticked, implicit":  {clock.request("scope", "devices_read", "response_type", "token"), "invalid_scope", true},
		} {
			got := alice.sentBack(test.request + "&state=s%20t")
			if got.URI != "https://app.example/callback" || got.Values.Get("error") != test.want || got.InFragment != test.fragment || got.Values.Get("state") != "s t" || got.Values.Get("iss") == "" {
				t.Errorf("%s: got %s, want %s", name, got.Whole, test.want)
			}
		}
		nobody := person{s.browser(t), "", ""}
		if got := nobody.sentBack(app.request("scope", "profile", "prompt", "none")); got.Values.Get("error") != "login_required" {
			t.Errorf("silently, signed out: got %s", got.Whole)
		}
	})
}

// TestAnAppLearnsNothingOfThingsBeforeTheYes: what is not there looks to it as
// what is there, until the person has decided; he is told.
func TestAnAppLearnsNothingOfThingsBeforeTheYes(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		dev, alice := s.signUp(t, "developer"), s.signUp(t, "alice")
		alice.makeSensor("greenhouse", private)
		dev.makeSensor("secret", private)
		app := dev.registers("curious", map[string]any{"scopes": []string{"profile", "sensors.read"}})
		for _, thing := range []string{"alice.greenhouse", "alice.nothing", "developer.secret", "nobody.nothing"} {
			request := app.request("scope", "sensors.read:"+thing)
			if got := alice.sentBack(request + "&prompt=none"); got.Values.Get("error") != "consent_required" {
				t.Errorf("%s, silently: got %s", thing, got.Whole)
			}
			page := alice.get(request).want(http.StatusOK)
			if told := page.contains("not there, or is not yours to see"); told == (thing == "alice.greenhouse") {
				t.Errorf("%s: told that it is not there: %t", thing, told)
			}
			if got := alice.questionIn(page).deny(); got.Values.Get("error") != "access_denied" {
				t.Errorf("%s, denied: got %s", thing, got.Whole)
			}
		}
	})
}

// TestARequestMayComeAsAForm of another site, which brings no cookie.
func TestARequestMayComeAsAForm(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		dev, alice := s.signUp(t, "developer"), s.signUp(t, "alice")
		app := dev.registers("posting", map[string]any{"scopes": []string{"profile"}})
		_, body, _ := strings.Cut(app.request("scope", "profile", "state", "x y"), "?")
		site := alice.client.with("Origin", "https://app.example").with("Sec-Fetch-Site", "cross-site")
		location := site.form("/oauth/authorize", body).want(http.StatusSeeOther).header.Get("Location")
		if !strings.HasPrefix(location, "/oauth/authorize?client_id=posting&request_uri=") {
			t.Fatalf("got sent to %s", location)
		}
		_, token, _ := strings.Cut(location, "request_uri%3A")
		s.keep(token, "the token of a request that is kept")
		if got := alice.asked(location).allow(); got.Values.Get("state") != "x y" || got.Values.Get("code") == "" {
			t.Errorf("got %s", got.Whole)
		}
		s.anonymous(t).post("/oauth/authorize", map[string]any{"client_id": app.ID}).want(http.StatusBadRequest)
		if got := s.redirectIn(site.form("/oauth/authorize", body+"&scope=profile")); got.Values.Get("error") != "invalid_request" {
			t.Errorf("doubled: got %s", got.Whole)
		}
	})
}

// TestNobodyAnswersForAnother: cross-site request forgery, clickjacking, and
// a form that was carried over from elsewhere.
func TestNobodyAnswersForAnother(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		dev, alice, mallory := s.signUp(t, "developer"), s.signUp(t, "alice"), s.signUp(t, "mallory")
		app := dev.registers("victim", map[string]any{"scopes": []string{"profile", "email"}})
		page := alice.get(app.request("scope", "profile")).want(http.StatusOK)
		policy := page.header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "form-action") || page.header.Get("Cache-Control") != "no-store" ||
			page.header.Get("Cross-Origin-Opener-Policy") != "" {
			t.Errorf("got the headers %v", page.header)
		}
		own, foreign := alice.asked(app.request("scope", "profile")), mallory.asked(app.request("scope", "profile"))
		send := func(c client, values url.Values) answer {
			return c.form("/oauth/consent", values.Encode()+"&decision=allow")
		}
		carried := url.Values{"kind": foreign.Values["kind"], "query": foreign.Values["query"], "token": foreign.Values["token"], "scope": {"profile"}}
		send(alice.client, carried).want(http.StatusForbidden)
		widened := url.Values{"kind": own.Values["kind"], "token": own.Values["token"], "scope": {"profile", "email"},
			"query": {strings.Replace(own.Values.Get("query"), "scope=profile", "scope=profile+email", 1)}}
		if !strings.Contains(widened.Get("query"), "email") {
			t.Fatalf("the query was not widened: %s", widened.Get("query"))
		}
		send(alice.client, widened).want(http.StatusForbidden)
		send(alice.client, url.Values{}).want(http.StatusBadRequest)
		send(alice.client.with("Origin", "https://evil.example").with("Sec-Fetch-Site", "cross-site"), own.Values).want(http.StatusForbidden)
		send(s.anonymous(t), own.Values).want(http.StatusSeeOther)
		own.post("").want(http.StatusForbidden)
		more := own.choose("scope", "profile", "email", "account", "admin").allow()
		if more.Values.Get("code") == "" {
			t.Errorf("got %s", more.Whole)
		}
		key := alice.withKey("profile", "account")
		key.get(app.request("scope", "profile")).want(http.StatusForbidden)
		if count := strings.Count(string(alice.get("/api/v1/connections").want(http.StatusOK).body), `"victim"`); count != 1 {
			t.Errorf("got %d connections to the app, want the one that alice allowed", count)
		}
	})
}

// TestAPublicAppAsksEachTimeAndProvesItself with S256.
func TestAPublicAppAsksEachTimeAndProvesItself(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		dev, alice := s.signUp(t, "developer"), s.signUp(t, "alice")
		app := dev.registers("phone", map[string]any{"public": true, "scopes": []string{"profile"}, "redirect_uris": []string{"http://127.0.0.1/back"}})
		if got := alice.sentBack(app.request("scope", "profile")); got.Values.Get("error") != "invalid_request" {
			t.Errorf("without PKCE: got %s", got.Whole)
		}
		request := app.request("scope", "profile", "redirect_uri", "http://127.0.0.1:4711/back", "code_challenge", challengeOf("v"), "code_challenge_method", "S256")
		if got := alice.asked(request).says("a program on this computer", "127.0.0.1:4711").allow(); got.URI != "http://127.0.0.1:4711/back" || got.Values.Get("code") == "" {
			t.Errorf("got %s", got.Whole)
		}
		second := alice.asked(request).says("Make a separate new connection")
		second.choose("label", "Second phone").allow()
		if page := alice.get("/connections").want(http.StatusOK); !page.contains("Second phone") || !page.contains("App phone") {
			t.Errorf("got connections without both:\n%s", page.body)
		}
	})
}

// TestAnAppThatWaitsIsForItsOwnerAndTesters until an administrator approves it.
func TestAnAppThatWaitsIsForItsOwnerAndTesters(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		admin := s.administrator(t, "root-admin")
		dev, tester, alice := s.signUp(t, "developer"), s.signUp(t, "tester"), s.signUp(t, "alice")
		app := dev.registers("waiting", map[string]any{"scopes": []string{"profile"}, "testers": []string{"tester"}})
		request := app.request("scope", "profile", "state", "s")
		dev.asked(request).says("waits for the approval")
		tester.asked(request)
		if got := alice.sentBack(request); got.Values.Get("error") != "access_denied" || !strings.Contains(got.Values.Get("error_description"), "waits for") {
			t.Errorf("somebody else: got %s", got.Whole)
		}
		s.anonymous(t).get(app.request("scope", "nothing")).want(http.StatusSeeOther)
		if a := s.anonymous(t).get(app.request("scope", "nothing")); !strings.HasPrefix(a.header.Get("Location"), "/login") {
			t.Errorf("a stranger was sent to %s, which nobody has looked at", a.header.Get("Location"))
		}
		admin.post("/api/v1/clients/waiting/approve", map[string]any{}).want(http.StatusNoContent)
		alice.asked(request)
		admin.post("/api/v1/clients/waiting/suspend", map[string]any{"reason": "a story"}).want(http.StatusNoContent)
		dev.get(request).want(http.StatusBadRequest)
	}, askFirst)
}
