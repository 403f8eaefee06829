package acceptance

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/app"
	"github.com/thingward/thingward/internal/web"
)

// TestEveryRouteIsGuarded walks every route of every door with every kind of
// wrong credential. A route that is not public lets none of them in, and a
// public one refuses a credential that is wrong all the same.
func TestEveryRouteIsGuarded(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		admin := s.administrator(t, "root-admin")
		alice := s.signUp(t, "alice")
		station := alice.makeSensor("station", private)
		wrong := wrongCredentials(t, s, alice)
		narrow := alice.withKey("openid") // valid, and good for nothing
		member := alice.withKey("profile", "sensors.*", "readings.*", "account")
		checked := 0
		for _, door := range app.Doors(s.config) {
			if len(door.Routes) == 0 {
				t.Errorf("the door %s has no routes", door.Name)
			}
			for _, route := range door.Routes {
				checked++
				walk{s, door, route, station.FullName}.check(t, wrong, narrow, member, admin)
			}
		}
		if checked < 40 {
			t.Errorf("only %d routes were walked: this test would check little", checked)
		}
	})
}

// walk is one route with what stands for its wildcards.
type walk struct {
	s      *server
	door   *web.Door
	route  web.Route
	sensor string
}

var wildcard = regexp.MustCompile(`\{[^}]*\}`)

func (w walk) request(c client) answer {
	method, pattern, _ := strings.Cut(w.route.Pattern, " ")
	path := wildcard.ReplaceAllStringFunc(pattern, func(name string) string {
		switch strings.Trim(name, "{.}$") {
		case "sensor", "s":
			return w.sensor
		case "":
			return ""
		}
		return "1"
	})
	contentType, body := "", ""
	if method != "GET" && method != "DELETE" {
		contentType, body = "application/json", "{}"
		if !w.door.Accepts.Sessions || !strings.HasPrefix(pattern, "/api/") {
			contentType = "application/x-www-form-urlencoded"
		}
	}
	return c.send(method, path, contentType, body)
}

func (w walk) check(t *testing.T, wrong map[string]client, narrow, member client, admin person) {
	t.Helper()
	if w.route.Need.String() == "nobody" {
		t.Errorf("%s: the need is missing", w.route.Pattern)
	}
	if w.route.Need.String() == "unasked" {
		w.checkUnasked(t, wrong)
		return
	}
	for kind, c := range wrong {
		if a := w.request(c); !refused(a.status) {
			t.Errorf("%s with %s: got %d, want 401 or 403: %.200s", w.route.Pattern, kind, a.status, a.body)
		}
	}
	anonymous := w.request(w.s.anonymous(t))
	need := w.route.Need
	if need.ByClient() {
		w.checkClient(t, anonymous, member)
		return
	}
	switch {
	case need.Anybody():
		if anonymous.status == http.StatusUnauthorized && strings.HasPrefix(w.route.Pattern, "GET ") {
			t.Errorf("%s is public: got %d for anonymous", w.route.Pattern, anonymous.status)
		}
		return
	case w.toLogin(anonymous):
	case !refused(anonymous.status):
		t.Errorf("%s without a credential: got %d, want 401 or 403: %.200s", w.route.Pattern, anonymous.status, anonymous.body)
	}
	if need.String() == "authenticated" {
		return
	}
	if a := w.request(narrow); a.status != http.StatusForbidden {
		t.Errorf("%s (%s) with a key without the scope: got %d, want 403: %.200s", w.route.Pattern, need, a.status, a.body)
	}
	if need.String() == "administrator" || need.String() == "person" {
		if a := w.request(member); a.status != http.StatusForbidden {
			t.Errorf("%s (%s) with a member's key: got %d, want 403", w.route.Pattern, need, a.status)
		}
	}
}

// checkUnasked is for routes that look at no credential: a wrong one must not
// change anything.
func (w walk) checkUnasked(t *testing.T, wrong map[string]client) {
	t.Helper()
	want := w.request(w.s.anonymous(t))
	for kind, c := range wrong {
		if a := w.request(c); a.status != want.status || refused(a.status) {
			t.Errorf("%s with %s: got %d, without %d", w.route.Pattern, kind, a.status, want.status)
		}
	}
}

// checkClient is for endpoints where the handler authenticates an OAuth
// client: nobody else's credential counts there, however good it is.
func (w walk) checkClient(t *testing.T, anonymous answer, member client) {
	t.Helper()
	for who, a := range map[string]answer{"nobody": anonymous, "a user's key": w.request(member)} {
		var fault struct{ Error, Description string }
		a.want(http.StatusUnauthorized).decode(&fault)
		said := fault.Error == "invalid_client" || fault.Error != "" && fault.Error == fault.Description // where access keys are exchanged, people read it
		if !said || !strings.Contains(a.header.Get("WWW-Authenticate"), "Basic") {
			t.Errorf("%s as %s: got the error %q and the challenge %q", w.route.Pattern, who, fault.Error, a.header.Get("WWW-Authenticate"))
		}
	}
}

// refused also counts "too many attempts": guessing user names is slowed down.
func refused(status int) bool {
	return status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusTooManyRequests
}

// toLogin reports whether a page sends somebody to the sign-in page.
func (w walk) toLogin(a answer) bool {
	return a.status == http.StatusSeeOther && strings.HasPrefix(a.header.Get("Location"), "/login")
}

// wrongCredentials are the ways in which a credential can be no good.
func wrongCredentials(t *testing.T, s *server, alice person) map[string]client {
	t.Helper()
	good := alice.makeKey(keyOptions{}, "profile")
	revoked := alice.makeKey(keyOptions{}, "sensors.*", "readings.*", "profile", "account")
	alice.delete("/api/v1/keys/" + revoked.ID).want(http.StatusNoContent)
	soon := time.Now().Add(time.Second)
	expired := alice.makeKey(keyOptions{ExpiresAt: &soon}, "sensors.*", "readings.*", "profile", "account")
	elsewhere := alice.makeKey(keyOptions{AllowedAddresses: []string{"192.0.2.1"}}, "sensors.*", "readings.*", "profile", "account")
	late := s.use(t, expired)
	eventually(t, 10*time.Second, func() bool { return late.get("/api/v1/users/me").status == http.StatusUnauthorized })
	return map[string]client{
		"an unknown key":         s.basic(t, "0123456789abcdef", good.Password),
		"a wrong password":       s.basic(t, good.ID, swapEnds(good.Password)),
		"a revoked key":          s.use(t, revoked),
		"an expired key":         late,
		"a key of elsewhere":     s.use(t, elsewhere),
		"an unknown token":       s.anonymous(t).with("Authorization", "Bearer nothing"),
		"a header that is none":  s.anonymous(t).with("Authorization", "Basic ?"),
		"a user of nobody's":     s.basic(t, "nobody-at-all", "whatever password"),
		"a Basic without a pair": s.anonymous(t).with("Authorization", "Basic "+strings.Repeat("=", 4)),
	}
}

// swapEnds makes another password of the same length.
func swapEnds(password string) string {
	last := len(password) - 1
	return password[:last-1] + string(password[last]) + string(password[last-1]) + "x"
}
