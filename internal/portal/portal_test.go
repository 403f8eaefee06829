package portal

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/authserver/account"
	"github.com/thingward/thingward/internal/domain"
)

// visitor is a browser without redirects, so that a test sees each answer.
type visitor struct {
	t      *testing.T
	client *http.Client
	server string
}

func visit(t *testing.T, w *world, p *Portal) *visitor {
	t.Helper()
	server := httptest.NewServer(w.handler(p))
	t.Cleanup(server.Close)
	jar, _ := cookiejar.New(nil)
	client := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &visitor{t: t, client: client, server: server.URL}
}

type answer struct {
	*http.Response
	body string
}

func (v *visitor) do(method, path string, form url.Values, header ...string) answer {
	v.t.Helper()
	request, err := http.NewRequest(method, v.server+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := v.client.Do(request)
	if err != nil {
		v.t.Fatal(err)
	}
	defer response.Body.Close()
	var body strings.Builder
	if _, err := io.Copy(&body, response.Body); err != nil {
		v.t.Fatal(err)
	}
	return answer{response, body.String()}
}

func (v *visitor) get(path string) answer { v.t.Helper(); return v.do(http.MethodGet, path, nil) }

func (v *visitor) post(path string, pairs ...string) answer {
	v.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return v.do(http.MethodPost, path, form)
}

func (v *visitor) signIn(name string) {
	v.t.Helper()
	if got := v.post("/login", "name", name, "password", "correct horse battery"); got.StatusCode != http.StatusSeeOther {
		v.t.Fatalf("sign in: got %d", got.StatusCode)
	}
}

func TestPagesLeadToSignInAndBack(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.addUser("alice", "correct horse battery", false)
	v := visit(t, w, w.portal())
	got := v.get("/keys?after=7")
	location, _ := got.Location()
	if got.StatusCode != http.StatusSeeOther || location.Path != "/login" || location.Query().Get("next") != "/keys?after=7" {
		t.Fatalf("got %d to %v, want sign-in that leads back", got.StatusCode, location)
	}
	got = v.post("/login", "name", "alice", "password", "correct horse battery", "next", "/keys?after=7")
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/keys?after=7" {
		t.Errorf("after sign-in: got %d to %q", got.StatusCode, got.Header.Get("Location"))
	}
	got = v.post("/login", "name", "alice", "password", "correct horse battery", "next", "//evil.example")
	if got.Header.Get("Location") != "/" {
		t.Errorf("sign-in leads to another server: %q", got.Header.Get("Location"))
	}
}

func TestCookieOfASession(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.addUser("alice", "correct horse battery", false)
	tests := []struct {
		publicURL, name string
		secure          bool
	}{{"http://localhost:8080", "thingward", false}, {"https://things.example", "__Host-thingward", true}}
	for _, test := range tests {
		p := w.portal()
		p.PublicURL = test.publicURL
		got := visit(t, w, p).post("/login", "name", "alice", "password", "correct horse battery")
		cookies := got.Cookies()
		if len(cookies) != 1 {
			t.Fatalf("%s: got %d cookies, want 1", test.publicURL, len(cookies))
		}
		c := cookies[0]
		if c.Name != test.name || c.Secure != test.secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
			t.Errorf("%s: got %+v", test.publicURL, c.Raw)
		}
	}
}

func TestHeadersOfEveryPage(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.addUser("alice", "correct horse battery", false)
	v := visit(t, w, w.portal())
	v.signIn("alice")
	for _, path := range []string{"/", "/keys", "/settings", "/nothing", "/admin/users"} {
		got := v.get(path)
		for name, want := range map[string]string{"Content-Security-Policy": contentPolicy, "Cache-Control": "no-store",
			"Referrer-Policy": "same-origin", "X-Content-Type-Options": "nosniff"} {
			if got.Header.Get(name) != want {
				t.Errorf("%s: %s: got %q, want %q", path, name, got.Header.Get(name), want)
			}
		}
	}
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.addUser("alice", "correct horse battery", false)
	v := visit(t, w, w.portal())
	v.signIn("alice")
	form := url.Values{"name": {"Stolen"}, "scope": {"readings.read"}, "things": {"all"}, "expiry": {"never"}}
	for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}} {
		got := v.do(http.MethodPost, "/keys/new", form, header...)
		if got.StatusCode != http.StatusForbidden || len(w.keys) != 0 {
			t.Errorf("%q: got %d and %d keys, want 403 and none", header, got.StatusCode, len(w.keys))
		}
	}
	if got := v.do(http.MethodPost, "/keys/new", form, "Sec-Fetch-Site", "same-origin"); got.StatusCode != http.StatusOK || len(w.keys) != 1 {
		t.Errorf("own form: got %d and %d keys, want 200 and one", got.StatusCode, len(w.keys))
	}
}

func TestRefusedSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.addUser("alice", "correct horse battery", false)
	v := visit(t, w, w.portal())
	wrong, unknown := v.post("/login", "name", "alice", "password", "x"), v.post("/login", "name", "nobody", "password", "x")
	if wrong.StatusCode != http.StatusUnauthorized || wrong.Header.Get("WWW-Authenticate") == "" {
		t.Errorf("wrong password: got %d", wrong.StatusCode)
	}
	if strings.ReplaceAll(wrong.body, "alice", "NAME") != strings.ReplaceAll(unknown.body, "nobody", "NAME") {
		t.Errorf("a wrong password and an unknown name are told apart")
	}
	w.throttled = true
	got := v.post("/login", "name", "alice", "password", "x")
	if got.StatusCode != http.StatusTooManyRequests || got.Header.Get("Retry-After") != "30" || !strings.Contains(got.body, "30 seconds") {
		t.Errorf("throttled: got %d, Retry-After %q", got.StatusCode, got.Header.Get("Retry-After"))
	}
}

func TestSetupLinkOnlyFillsTheCodeIn(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.setupCode = "twu_code"
	v := visit(t, w, w.portal())
	got := v.get("/setup?code=twu_code")
	if !strings.Contains(got.body, `value="twu_code"`) || got.Header.Get("Referrer-Policy") != "no-referrer" || len(w.users) != 0 {
		t.Errorf("the link must fill the field in and do nothing else")
	}
	got = v.post("/setup", "code", "wrong", "name", "rosa", "password", "correct horse battery")
	if got.StatusCode != http.StatusBadRequest || !strings.Contains(got.body, "setup code is not right") {
		t.Errorf("wrong code: got %d", got.StatusCode)
	}
	got = v.post("/setup", "code", "twu_code", "name", "rosa", "password", "correct horse battery")
	if got.StatusCode != http.StatusSeeOther || len(got.Cookies()) != 1 {
		t.Errorf("right code: got %d", got.StatusCode)
	}
	if got := v.get("/admin/users"); got.StatusCode != http.StatusOK {
		t.Errorf("the first administrator at /admin/users: got %d", got.StatusCode)
	}
}

func TestAnInvitationIsALinkToo(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.setupCode = "twu_code"
	v := visit(t, w, w.portal())
	v.post("/setup", "code", "twu_code", "name", "rosa", "password", "correct horse battery")
	got := v.post("/admin/invite")
	link := regexp.MustCompile(`/sign-up\?invite=twi_\w+`).FindString(got.body)
	if link == "" {
		t.Fatalf("the page of an invitation shows no link: %d", got.StatusCode)
	}
	_, code, _ := strings.Cut(link, "=")
	portal := w.portal()
	portal.SignUp = SignUpInvite
	if got := visit(t, w, portal).get(link); !strings.Contains(got.body, `value="`+code+`"`) {
		t.Errorf("the link does not fill the code in")
	}
}

func TestSignUpPolicies(t *testing.T) {
	t.Parallel()
	w := newWorld()
	for policy, want := range map[SignUp]string{SignUpOpen: `name="password"`, SignUpInvite: `name="invite"`, SignUpClosed: "takes no new accounts", "": "takes no new accounts"} {
		p := w.portal()
		p.SignUp = policy
		if got := visit(t, w, p).get("/sign-up?invite=twi_x"); !strings.Contains(got.body, want) {
			t.Errorf("%q: the page does not hold %q", policy, want)
		}
	}
}

func TestSignUpNeverMakesAdministrators(t *testing.T) {
	t.Parallel()
	w := newWorld()
	visit(t, w, w.portal()).post("/sign-up", "name", "mallory", "password", "correct horse battery", "admin", "yes")
	if user := w.users["mallory"]; user == nil || user.Admin {
		t.Errorf("got %+v, want a plain user", user)
	}
}

func TestAdministrationIsForAdministrators(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.addUser("alice", "correct horse battery", false)
	v := visit(t, w, w.portal())
	v.signIn("alice")
	for _, route := range w.portal().Routes() {
		method, path, _ := strings.Cut(route.Pattern, " ")
		if !strings.HasPrefix(path, "/admin") {
			continue
		}
		got := v.do(method, strings.ReplaceAll(path, "{user}", "alice"), nil)
		if got.StatusCode != http.StatusForbidden || !strings.Contains(got.body, "You may not do this") {
			t.Errorf("%s: got %d, want a page with 403", route.Pattern, got.StatusCode)
		}
	}
}

func TestAKeyForChosenSensors(t *testing.T) {
	t.Parallel()
	w := newWorld()
	alice := w.addUser("alice", "correct horse battery", false)
	w.addSensor(alice, "greenhouse", "Greenhouse", domain.Private)
	v := visit(t, w, w.portal())
	v.signIn("alice")
	got := v.post("/keys/new", "name", "G", "scope", "readings.write", "scope", "profile", "things", "chosen", "expiry", "30d")
	if got.StatusCode != http.StatusBadRequest || !strings.Contains(got.body, "Choose at least one sensor") {
		t.Errorf("no sensor chosen: got %d; a key for all must not come of it", got.StatusCode)
	}
	got = v.post("/keys/new", "name", "G", "scope", "readings.write", "things", "all", "sensor", "alice.greenhouse", "expiry", "30d")
	if got.StatusCode != http.StatusBadRequest || !strings.Contains(got.body, "Only chosen ones") {
		t.Errorf("a sensor ticked next to all: got %d; a key for all must not come of it", got.StatusCode)
	}
	got = v.post("/keys/new", "name", "G", "scope", "readings.write", "scope", "profile", "things", "chosen", "sensor", "alice.greenhouse", "expiry", "30d")
	if got.StatusCode != http.StatusOK || len(w.keys) != 1 {
		t.Fatalf("got %d and %d keys", got.StatusCode, len(w.keys))
	}
	if scopes := w.keys[0].Grant.Scopes.String(); scopes != "readings.write:alice.greenhouse profile" {
		t.Errorf("got scopes %q", scopes)
	}
	if want := w.now.Add(30 * day); !w.keys[0].Grant.ExpiresAt.Equal(want) {
		t.Errorf("got expiry %v, want %v", w.keys[0].Grant.ExpiresAt, want)
	}
	if !strings.Contains(got.body, w.keys[0].password) || got.Request.URL.RawQuery != "" {
		t.Errorf("the answer itself shows the password, and no address carries it")
	}
}

func TestViewingAKeyAsksForThePassword(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.addUser("alice", "correct horse battery", false)
	v := visit(t, w, w.portal())
	v.signIn("alice")
	v.post("/keys/new", "name", "G", "scope", "readings.read", "things", "all", "expiry", "never")
	k := w.keys[0]
	path := "/keys/" + string(k.ID) + "/view"
	for name, got := range map[string]answer{"no password": v.post(path), "wrong password": v.post(path, "password", "x"), "by GET": v.get(path)} {
		if strings.Contains(got.body, k.password) {
			t.Errorf("%s: the key was shown", name)
		}
		if !strings.Contains(got.body, `name="password"`) {
			t.Errorf("%s: got %d, which does not ask for the password", name, got.StatusCode)
		}
	}
	if got := v.post(path, "password", "correct horse battery"); !strings.Contains(got.body, k.password) {
		t.Errorf("right password: got %d without the key", got.StatusCode)
	}
	if got := v.post(path); !strings.Contains(got.body, k.password) {
		t.Errorf("a moment later: got %d without the key", got.StatusCode)
	}
	w.now = w.now.Add(domain.FreshPassword + time.Second)
	if got := v.post(path); strings.Contains(got.body, k.password) {
		t.Errorf("six minutes later the key was shown without a password")
	}
}

func TestSignOutNeedsNoSession(t *testing.T) {
	t.Parallel()
	w := newWorld()
	got := visit(t, w, w.portal()).post("/logout")
	if got.StatusCode != http.StatusSeeOther || len(got.Cookies()) != 1 || got.Cookies()[0].MaxAge >= 0 {
		t.Errorf("got %d, %v", got.StatusCode, got.Cookies())
	}
	if got := visit(t, w, w.portal()).get("/logout"); got.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: got %d, want 405: a link must sign nobody out", got.StatusCode)
	}
}

func TestStaticFiles(t *testing.T) {
	t.Parallel()
	w := newWorld()
	v := visit(t, w, w.portal())
	got := v.get(staticPath("thingward.css"))
	if got.StatusCode != http.StatusOK || !strings.Contains(got.Header.Get("Cache-Control"), "immutable") || got.Header.Get("ETag") == "" {
		t.Errorf("by hash: got %d, %q", got.StatusCode, got.Header.Get("Cache-Control"))
	}
	again := v.do(http.MethodGet, "/static/thingward.css", nil, "If-None-Match", got.Header.Get("ETag"))
	if again.StatusCode != http.StatusNotModified || again.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("by name: got %d, %q", again.StatusCode, again.Header.Get("Cache-Control"))
	}
	for _, path := range []string{"/static/thingward.000000000000.css", "/static/nothing.css", "/static/..%2Fportal.go"} {
		if got := v.get(path); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", path, got.StatusCode)
		}
	}
}

func TestSensorsAreFoundByText(t *testing.T) {
	t.Parallel()
	w := newWorld()
	alice := w.addUser("alice", "correct horse battery", false)
	v := visit(t, w, w.portal())
	v.signIn("alice")
	if empty := v.get("/sensors").body; strings.Contains(empty, `role="search"`) || !strings.Contains(empty, "No sensors yet") {
		t.Error("there is a search box where there is nothing to search in")
	}
	w.addSensor(alice, "rain-gauge", "Rain gauge", domain.Private)
	for i := range sensorPageSize + 1 {
		w.addSensor(alice, fmt.Sprintf("tank-%d", i), "Tank", domain.Private)
	}
	found := v.get("/sensors?q=+RAIN+").body
	if !strings.Contains(found, "alice.rain-gauge") || strings.Contains(found, "alice.tank-1") || !strings.Contains(found, `value="RAIN"`) {
		t.Errorf("RAIN: got a page without the rain gauge, with a tank, or without what was sought:\n%s", found)
	}
	if many := v.get("/sensors?q=tank").body; !regexp.MustCompile(`href="/sensors\?after=\d+&amp;q=tank"`).MatchString(many) {
		t.Error("tank: the next page forgets what was sought")
	}
	if first := v.get("/sensors?q=tank&after=3").body; !strings.Contains(first, `href="/sensors?q=tank"`) {
		t.Error("tank: the first page forgets what was sought")
	}
	none := v.get("/sensors?q=%3Cb%3E").body
	if !strings.Contains(none, "Nothing matches") || !strings.Contains(none, "&lt;b&gt;") || strings.Contains(none, "No sensors yet") {
		t.Errorf("nothing: got\n%s", none)
	}
}

func TestPrivateSensorsAreNotThereForOthers(t *testing.T) {
	t.Parallel()
	w := newWorld()
	alice := w.addUser("alice", "correct horse battery", false)
	w.addUser("bob", "correct horse battery", false)
	w.addSensor(alice, "greenhouse", "Greenhouse", domain.Private)
	w.addSensor(alice, "rain-gauge", "Rain gauge", domain.Public)
	v := visit(t, w, w.portal())
	if got := v.get("/sensors/alice.rain-gauge"); got.StatusCode != http.StatusOK {
		t.Errorf("public: got %d, want 200", got.StatusCode)
	}
	v.signIn("bob")
	private, missing := v.get("/sensors/alice.greenhouse"), v.get("/sensors/alice.nothing")
	if private.StatusCode != http.StatusNotFound || private.body != missing.body {
		t.Errorf("a private sensor (%d) and a missing one (%d) are told apart", private.StatusCode, missing.StatusCode)
	}
}

var _ Accounts = (*account.Service)(nil)
