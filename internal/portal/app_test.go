package portal

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// register fills in the form of a new app and returns the answer.
func (v *visitor) register(kind, name, id string, more ...string) answer {
	v.t.Helper()
	pairs := []string{"kind", kind, "name", name, "client_id", id, "description", "About " + name, "redirect_uris", "https://" + name + ".example/cb\r\nhttps://two.example/cb",
		"grant_types", "authorization_code", "grant_types", "refresh_token"}
	return v.post("/apps/new", append(pairs, more...)...)
}

func holds(t *testing.T, what, page string, want ...string) {
	t.Helper()
	for _, text := range want {
		if !strings.Contains(page, text) {
			t.Errorf("%s: want it to hold %q", what, text)
		}
	}
}

func lacks(t *testing.T, what, page string, unwanted ...string) {
	t.Helper()
	for _, text := range unwanted {
		if strings.Contains(page, text) {
			t.Errorf("%s: it holds %q", what, text)
		}
	}
}

func TestAnAppIsRegisteredAndSeen(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.addUser("alice", "correct horse battery", false)
	bob := w.addUser("bob", "correct horse battery", false)
	v := visit(t, w, w.portal())
	v.signIn("alice")
	holds(t, "no apps", v.get("/apps").body, "No apps yet")
	holds(t, "kinds", v.get("/apps/new").body, "/apps/new?kind=standard", "/apps/new?kind=wotkit", "/apps/new?kind=lametric", "/apps/new?kind=ttn")
	made := v.register("standard", "gardening", "gardening", "scopes", "sensors.read", "scopes", "readings.read", "testers", "bob", "access_seconds", "30m", "client_type", "confidential")
	if made.StatusCode != http.StatusOK || len(w.clients) != 1 {
		t.Fatalf("register: got %d %s", made.StatusCode, made.body)
	}
	holds(t, "the secret page", made.body, w.clients[0].secret, "gardening", "grant_type=authorization_code")
	if got := made.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("the secret page: got Cache-Control %q", got)
	}
	own := v.get("/apps/gardening").body
	holds(t, "its owner's page", own, "https://two.example/cb", "see sensors and their fields", "readings.read", "30 minutes", "bob", "View secret", "/apps/gardening/delete", `id="try-it"`, "Send people here", "state=STATE",
		url.QueryEscape("https://gardening.example/cb"), "CLIENTSECRET")
	lacks(t, "its owner's page", own, w.clients[0].secret, "/admin/apps/gardening/approve")

	w.allow(bob, w.clients[0].Client, "Gardening", domain.ScopeProfile)
	b := visit(t, w, w.portal())
	b.signIn("bob")
	list := b.get("/apps").body
	holds(t, "everybody's list", list, "About gardening", `href="/apps/gardening"`)
	others := b.get("/apps/gardening").body
	holds(t, "a stranger's page", others, "About gardening", "alice")
	lacks(t, "a stranger's page", others, "two.example", "View secret", "/delete", "testers")
	holds(t, "installed", b.get("/apps?show=installed").body, "About gardening")
	holds(t, "contributed", b.get("/apps?show=contributed").body, "You have registered no app")
	holds(t, "a search in vain", b.get("/apps?q=cellar").body, "Nothing matches")
	if got := b.get("/apps?show=other"); got.StatusCode != http.StatusSeeOther {
		t.Errorf("another list: got %d", got.StatusCode)
	}
	for _, path := range []string{"/secret", "/rotate", "/edit", "/delete"} {
		if got := b.get("/apps/gardening" + path); got.StatusCode != http.StatusNotFound {
			t.Errorf("a stranger at %s: got %d, want 404", path, got.StatusCode)
		}
		if got := b.post("/apps/gardening"+path, "password", "correct horse battery", "overlap", "0", "name", "mine"); got.StatusCode != http.StatusNotFound {
			t.Errorf("a stranger posts to %s: got %d, want 404", path, got.StatusCode)
		}
	}
	for from, to := range map[string]string{"/wotkit/apps": "/apps", "/wotkit/apps/gardening": "/apps/gardening"} {
		if got := v.get(from); got.Header.Get("Location") != to {
			t.Errorf("%s: got %q, want %q", from, got.Header.Get("Location"), to)
		}
	}
	holds(t, "the question before deleting", v.get("/apps/gardening/delete").body, "everything issued through it", "One person uses it now.")
	v.post("/apps/gardening/delete")
	if got := v.get("/apps/gardening"); got.StatusCode != http.StatusNotFound {
		t.Errorf("a deleted app: got %d", got.StatusCode)
	}
}

func TestFormsAboutAppsSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.addUser("alice", "correct horse battery", false)
	v := visit(t, w, w.portal())
	v.signIn("alice")
	v.register("wotkit", "first", "first", "scopes", "all")
	for name, test := range map[string]struct {
		answer answer
		want   string
	}{
		"no scope":          {v.register("wotkit", "a", "a1"), "at least one thing"},
		"an unknown scope":  {v.register("wotkit", "a", "a1", "scopes", "some"), "There is no scope"},
		"an id taken":       {v.register("wotkit", "a", "first", "scopes", "all"), ">The client id first is taken."},
		"an unknown tester": {v.register("wotkit", "a", "a1", "scopes", "all", "testers", "nobody"), "There is no user"},
		"a bad life":        {v.register("wotkit", "a", "a1", "scopes", "all", "access_seconds", "long"), "Enter a number"},
		"a bad redirect":    {v.post("/apps/new", "kind", "wotkit", "name", "a", "scopes", "all", "grant_types", "authorization_code", "redirect_uris", "http://a.example/"), "plain http"},
		"a foreign switch":  {v.register("wotkit", "a", "a1", "scopes", "all", "switches", "http_redirect"), "cannot have the switch"},
	} {
		if test.answer.StatusCode != http.StatusBadRequest && test.answer.StatusCode != http.StatusConflict || !strings.Contains(test.answer.body, test.want) {
			t.Errorf("%s: got %d, want it to say %q", name, test.answer.StatusCode, test.want)
		}
		if !strings.Contains(test.answer.body, `name="kind" value="wotkit"`) {
			t.Errorf("%s: the form is gone", name)
		}
	}
	if got := v.post("/apps/new", "kind", "other"); got.Header.Get("Location") != "/apps/new" {
		t.Errorf("an unknown kind: got %d", got.StatusCode)
	}
	if len(w.clients) != 1 {
		t.Errorf("got %d apps, want the first alone", len(w.clients))
	}
}

func TestEachKindHasItsForm(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.addUser("alice", "correct horse battery", false)
	w.addUser("rosa", "correct horse battery", true)
	v := visit(t, w, w.portal())
	v.signIn("alice")
	holds(t, "lametric", v.get("/apps/new?kind=lametric").body, "App name", "Redirect URI", "Privacy policy URL", `value="basic" checked`, `value="devices_read"`, `value="devices_write"`)
	holds(t, "standard", v.get("/apps/new?kind=standard").body, "Client id", `value="public"`, `value="implicit"`, "can be read by every script", `value="sensors.write"`, `value="gateways.read"`)
	lacks(t, "standard", v.get("/apps/new?kind=standard").body, `value="account"`, `value="admin"`)
	holds(t, "wotkit", v.get("/apps/new?kind=wotkit").body, `value="all" checked`)
	lacks(t, "ttn", v.get("/apps/new?kind=ttn").body, "http_redirect")
	admin := visit(t, w, w.portal())
	admin.signIn("rosa")
	holds(t, "ttn for administrators", admin.get("/apps/new?kind=ttn").body, "http_redirect")
	v.post("/apps/new", "kind", "standard", "client_id", "phone", "name", "Phone", "client_type", "public", "redirect_uris", "https://phone.example/cb", "scopes", "profile", "grant_types", "authorization_code")
	page := v.get("/apps/phone").body
	holds(t, "a public app", page, "PKCE", "code_verifier=VERIFIER", "code_challenge=CHALLENGE")
	lacks(t, "a public app", page, `id="try-it"`, "View secret")
}

func TestTheSecretOfAnAppNeedsThePasswordAgain(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.addUser("alice", "correct horse battery", false)
	v := visit(t, w, w.portal())
	v.signIn("alice")
	v.register("wotkit", "garden", "garden", "scopes", "all")
	was := w.clients[0].secret
	asked := v.post("/apps/garden/secret")
	holds(t, "without a fresh password", asked.body, "Your password")
	lacks(t, "without a fresh password", asked.body, was)
	if got := v.post("/apps/garden/secret", "password", "wrong"); strings.Contains(got.body, was) || got.StatusCode == http.StatusOK {
		t.Errorf("a wrong password: got %d", got.StatusCode)
	}
	holds(t, "with the password", v.post("/apps/garden/secret", "password", "correct horse battery").body, was)
	rotated := v.post("/apps/garden/rotate", "overlap", "1h")
	holds(t, "a new secret", rotated.body, w.clients[0].secret)
	if w.clients[0].secret == was || !w.clients[0].OldUntil.Equal(w.now.Add(time.Hour)) {
		t.Errorf("rotate: got the overlap until %v", w.clients[0].OldUntil)
	}
	holds(t, "its page", v.get("/apps/garden").body, "Old secret")
	if got := v.post("/apps/garden/rotate", "overlap", "9y"); got.StatusCode != http.StatusBadRequest {
		t.Errorf("an unknown overlap: got %d", got.StatusCode)
	}
}

func TestAnEditedAppKeepsWhatTheFormShows(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.addUser("alice", "correct horse battery", false)
	v := visit(t, w, w.portal())
	v.signIn("alice")
	v.register("lametric", "clock", "clock", "scopes", "basic", "scopes", "devices_read", "switches", "extra_query", "refresh_idle_seconds", "60d", "access_seconds", "90s")
	holds(t, "the form", v.get("/apps/clock/edit").body, `value="devices_read" checked`, `value="extra_query" checked`, `value="60d"`, `value="90s"`, "https://two.example/cb")
	got := v.post("/apps/clock/edit", "name", "Clock", "redirect_uris", "https://clock.example/", "scopes", "basic", "grant_types", "authorization_code")
	if got.Header.Get("Location") != "/apps/clock?notice=app-saved" {
		t.Fatalf("edit: got %d %s", got.StatusCode, got.body)
	}
	if c := w.clients[0]; c.Name != "Clock" || len(c.Switches) != 0 || c.Switches == nil || c.Lives != (domain.TokenLives{}) || len(c.RedirectURIs) != 1 {
		t.Errorf("got %+v", c.Client)
	}
	if got := v.post("/apps/clock/edit", "name", "", "redirect_uris", "https://clock.example/", "scopes", "basic", "grant_types", "authorization_code"); got.StatusCode != http.StatusBadRequest {
		t.Errorf("without a name: got %d", got.StatusCode)
	}
}

func TestAdministratorsDecideAboutApps(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.addUser("alice", "correct horse battery", false)
	w.addUser("rosa", "correct horse battery", true)
	v, admin := visit(t, w, w.portal()), visit(t, w, w.portal())
	v.signIn("alice")
	admin.signIn("rosa")
	holds(t, "no apps", admin.get("/admin/apps").body, "Apps that people register")
	v.register("ttn", "network", "network", "scopes", "apps", "switches", "keep_refresh")
	v.register("wotkit", "garden", "garden", "scopes", "all")
	holds(t, "what waits", admin.get("/admin/apps").body, "Waiting for you", "/admin/apps/network/approve", "/admin/apps/network/reject", "cannot be noticed", "https://network.example/cb")
	lacks(t, "the approved ones", admin.get("/admin/apps?state=approved").body, "network", "Waiting")
	if got := admin.get("/admin/apps?state=odd"); got.StatusCode != http.StatusSeeOther {
		t.Errorf("an unknown state: got %d", got.StatusCode)
	}
	if got := admin.post("/admin/apps/network/reject", "reason", " "); got.StatusCode != http.StatusBadRequest || !strings.Contains(got.body, "Say why") {
		t.Errorf("without a reason: got %d", got.StatusCode)
	}
	admin.post("/admin/apps/network/reject", "reason", "The website does\nnot answer.")
	holds(t, "rejected", v.get("/apps/network").body, "The website does not answer.", "Edit it as the reason asks")
	seen := strconv.FormatInt(w.now.UnixMilli(), 10)
	holds(t, "what an administrator decides about", admin.get("/apps/network").body, `name="seen" value="`+seen+`"`)
	for stale, want := range map[string]int{"1": http.StatusConflict, "": http.StatusBadRequest} {
		if got := admin.post("/admin/apps/network/approve", "seen", stale); got.StatusCode != want {
			t.Errorf("approved as it was seen at %q: got %d, want %d", stale, got.StatusCode, want)
		}
	}
	for _, step := range []struct{ path, reason, want string }{
		{"approve", "", "approved"}, {"suspend", "It leaks.", "It leaks."}, {"resume", "", "approved"}, {"official", "", "official"}, {"unofficial", "", "approved"},
	} {
		if got := admin.post("/admin/apps/network/"+step.path, "reason", step.reason, "seen", seen); got.StatusCode != http.StatusSeeOther {
			t.Errorf("%s: got %d", step.path, got.StatusCode)
		}
		holds(t, step.path, v.get("/apps/network").body, step.want)
	}
	if got := v.post("/admin/apps/network/approve", "seen", seen); got.StatusCode != http.StatusForbidden {
		t.Errorf("the owner approves: got %d, want 403", got.StatusCode)
	}
	holds(t, "an administrator's view", admin.get("/apps/garden").body, "As an administrator", "/admin/apps/garden/suspend", "For its owner only.")
}

func TestLivesAreReadAsTheyAreSaid(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{"": 0, "30m": 30 * time.Minute, "12 h": 12 * time.Hour, "60D": 60 * day, "90s": 90 * time.Second} {
		got, err := lifeOf(filledForm(map[string]string{"x": text}), "x")
		if err != nil || got != want {
			t.Errorf("%q: got %v, %v; want %v", text, got, err, want)
		}
		if again, err := lifeOf(filledForm(map[string]string{"x": lifeText(got)}), "x"); err != nil || again != got {
			t.Errorf("%q: printed as %q, which reads as %v, %v", text, lifeText(got), again, err)
		}
	}
	for _, text := range []string{"x", "5", "-1h", "0m", "9999999999d", "1.5h", "h", "99999999d"} {
		if got, err := lifeOf(filledForm(map[string]string{"x": text}), "x"); err == nil {
			t.Errorf("%q: got %v, want an error", text, got)
		}
	}
}
