package web_test

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// serve builds a handler with one door whose callers are who the header X-As says.
func serve(t *testing.T, routes ...web.Route) http.Handler {
	t.Helper()
	identify := func(r *http.Request, _ web.Accepts) (domain.Caller, error) {
		switch r.Header.Get("X-As") {
		case "":
			return domain.Caller{}, nil
		case "wrong":
			return domain.Caller{}, domain.Errorf(domain.Unauthenticated, "invalid_credential", "No.")
		case "reader":
			return domain.Caller{Credential: domain.KeyCredential, Scopes: domain.ScopeSet{domain.ScopeSensorsRead.On(7)}}, nil
		case "person":
			return domain.Caller{Credential: domain.SessionCredential, Scopes: domain.EveryScope()}, nil
		}
		return domain.Caller{Credential: domain.SessionCredential, Scopes: domain.EveryScope(), User: domain.User{Admin: true}}, nil
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	door := &web.Door{Name: "test", Prefix: "/api/", Routes: routes, WriteError: web.WriteProblem}
	return &web.Edge{Next: web.NewTable(identify, log, door), Log: log, Now: time.Now, NewID: func() uint64 { return 7 }}
}

func fine(w http.ResponseWriter, _ *http.Request, _ domain.Caller) error {
	return web.WriteJSON(w, http.StatusOK, "fine")
}

func ask(h http.Handler, method, path, as string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	r.Header.Set("X-As", as)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestNeeds(t *testing.T) {
	t.Parallel()
	needs := map[string]web.Need{
		"zero": {}, "public": web.Public(), "authenticated": web.Authenticated(), "scoped": web.Scoped(domain.ScopeSensorsRead),
		"other": web.Scoped(domain.ScopeReadingsWrite), "person": web.Person(), "admin": web.Administrator(),
	}
	want := map[string]map[string]int{
		"zero":          {"": 403, "wrong": 401, "reader": 403, "person": 403, "admin": 403},
		"public":        {"": 200, "wrong": 401, "reader": 200, "person": 200, "admin": 200},
		"authenticated": {"": 401, "wrong": 401, "reader": 200, "person": 200, "admin": 200},
		"scoped":        {"": 401, "wrong": 401, "reader": 200, "person": 200, "admin": 200},
		"other":         {"": 401, "wrong": 401, "reader": 403, "person": 200, "admin": 200},
		"person":        {"": 401, "wrong": 401, "reader": 403, "person": 200, "admin": 200},
		"admin":         {"": 401, "wrong": 401, "reader": 403, "person": 403, "admin": 200},
	}
	for name, need := range needs {
		h := serve(t, web.Route{Pattern: "GET /api/x", Need: need, Handle: fine})
		for as, status := range want[name] {
			if got := ask(h, "GET", "/api/x", as).Code; got != status {
				t.Errorf("%s as %q: got %d, want %d", name, as, got, status)
			}
		}
	}
}

func TestTheHandlerOfAnOAuthEndpointFindsOutWhoCalls(t *testing.T) {
	t.Parallel()
	var got domain.Caller
	h := serve(t, web.Route{Pattern: "POST /api/x", Need: web.ClientAuth(), Handle: func(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
		got = c
		return fine(w, r, c)
	}})
	for _, as := range []string{"", "wrong", "person", "admin"} {
		got = domain.Caller{}
		if status := ask(h, "POST", "/api/x", as).Code; status != 200 || !got.Anonymous() || !got.Address.IsValid() {
			t.Errorf("%q: got %d and the caller %v, want an anonymous one with an address", as, status, got)
		}
	}
}

func TestAnUnaskedRouteLooksAtNoCredential(t *testing.T) {
	t.Parallel()
	var got domain.Caller
	h := serve(t, web.Route{Pattern: "GET /api/x", Need: web.Unasked(), Handle: func(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
		got = c
		return fine(w, r, c)
	}})
	for _, as := range []string{"", "wrong", "person", "admin"} {
		got = domain.Caller{}
		if w := ask(h, "GET", "/api/x", as); w.Code != 200 || !got.Anonymous() || w.Header().Get("Cache-Control") != "" {
			t.Errorf("%q: got %d and the caller %v, want an anonymous one", as, w.Code, got)
		}
	}
}

func TestNothingKeepsWhatASessionSaw(t *testing.T) {
	t.Parallel()
	h := serve(t, web.Route{Pattern: "GET /api/x", Need: web.Public(), Handle: fine})
	for as, want := range map[string]string{"person": "no-store", "reader": "", "": ""} {
		if got := ask(h, "GET", "/api/x", as).Header().Get("Cache-Control"); got != want {
			t.Errorf("%q: got %q, want %q", as, got, want)
		}
	}
}

func TestBothSpellingsAnswerWithoutRedirect(t *testing.T) {
	t.Parallel()
	h := serve(t, web.Route{Pattern: "POST /api/things/{thing}", Need: web.Public(), Handle: fine})
	for _, path := range []string{"/api/things/a.b", "/api/things/a.b/"} {
		if got := ask(h, "POST", path, "").Code; got != 200 {
			t.Errorf("POST %s: got %d, want 200", path, got)
		}
	}
}

func TestUnknownPathsAndMethodsAnswerInTheShapeOfTheDoor(t *testing.T) {
	t.Parallel()
	h := serve(t, web.Route{Pattern: "GET /api/x", Need: web.Public(), Handle: fine})
	tests := []struct {
		method, path string
		status       int
		allow        string
	}{
		{"GET", "/api/y", 404, ""},
		{"DELETE", "/api/x", 405, "GET, HEAD, OPTIONS"},
		{"OPTIONS", "/api/x", 204, "GET, HEAD, OPTIONS"},
		{"HEAD", "/api/x", 200, ""},
	}
	for _, test := range tests {
		w := ask(h, test.method, test.path, "")
		if w.Code != test.status || w.Header().Get("Allow") != test.allow {
			t.Errorf("%s %s: got %d, Allow %q; want %d, %q", test.method, test.path, w.Code, w.Header().Get("Allow"), test.status, test.allow)
		}
		if test.status >= 400 && w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s: got %q", test.method, test.path, w.Header().Get("Content-Type"))
		}
	}
}

func TestWhatTheCallerMustNotSeeIsNotShown(t *testing.T) {
	t.Parallel()
	broken := func(http.ResponseWriter, *http.Request, domain.Caller) error {
		return errors.New("password=hunter2 at row 7")
	}
	panics := func(http.ResponseWriter, *http.Request, domain.Caller) error { panic("hunter2") }
	for name, handle := range map[string]web.Handler{"error": broken, "panic": panics} {
		w := ask(serve(t, web.Route{Pattern: "GET /api/x", Need: web.Public(), Handle: handle}), "GET", "/api/x", "")
		if w.Code != 500 || strings.Contains(w.Body.String(), "hunter2") {
			t.Errorf("%s: got %d %s", name, w.Code, w.Body)
		}
		if !strings.Contains(w.Body.String(), "7") {
			t.Errorf("%s: the request id is not in %s", name, w.Body)
		}
	}
}

func TestUnmarshalStrict(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		`{"name":"x"}`:                 "",
		`{"name":"x","accepted":true}`: "unknown_field",
		`{"name":7}`:                   "invalid_name",
		`{"name":"x"} {}`:              "invalid_json",
		`{"name":"x"`:                  "invalid_json",
		``:                             "invalid_json",
		"{\"name\":\"\xff\"}":          "invalid_utf8",
		strings.Repeat("[", 10):        "json_too_deep",
		`{"name":"` + strings.Repeat("[", 9) + `"}`: "",
	}
	for body, want := range tests {
		var in struct {
			Name string `json:"name"`
		}
		err := web.UnmarshalStrict([]byte(body), &in)
		if want == "" && err != nil || want != "" && domain.CodeOf(err) != want {
			t.Errorf("%q: got %v, want %q", body, err, want)
		}
	}
}

func TestForwarded(t *testing.T) {
	t.Parallel()
	proxies := web.TrustedProxies{netip.MustParsePrefix("10.0.0.0/8")}
	for header, want := range map[string]string{
		`for=203.0.113.9;proto=https;by=10.0.0.1`: "203.0.113.9",
		`for="[2001:db8::7]:4711"`:                "2001:db8::7",
		`For=6.6.6.6, for=203.0.113.9:80`:         "203.0.113.9",
		`for=203.0.113.9, for=10.7.7.7`:           "203.0.113.9",
		`for=unknown`:                             "10.0.0.1",
		`proto=https`:                             "10.0.0.1",
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = "10.0.0.1:5"
		r.Header.Set("Forwarded", header)
		r.Header.Set("X-Forwarded-For", "7.7.7.7")
		if got := proxies.ClientAddress(r).String(); got != want {
			t.Errorf("%s: got %s, want %s", header, got, want)
		}
	}
}

func TestClientAddress(t *testing.T) {
	t.Parallel()
	proxies := web.TrustedProxies{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	tests := []struct{ peer, forwarded, want string }{
		{"192.0.2.1:5", "", "192.0.2.1"},
		{"192.0.2.1:5", "203.0.113.9", "192.0.2.1"},
		{"10.0.0.1:5", "203.0.113.9", "203.0.113.9"},
		{"10.0.0.1:5", "6.6.6.6, 203.0.113.9, 10.2.2.2", "203.0.113.9"},
		{"10.0.0.1:5", "nonsense", "10.0.0.1"},
		{"[::1]:5", "2001:db8::7", "2001:db8::7"},
		{"[::ffff:192.0.2.1]:5", "", "192.0.2.1"},
	}
	for _, test := range tests {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = test.peer
		if test.forwarded != "" {
			r.Header.Set("X-Forwarded-For", test.forwarded)
		}
		if got := proxies.ClientAddress(r).String(); got != test.want {
			t.Errorf("peer %s, forwarded %q: got %s, want %s", test.peer, test.forwarded, got, test.want)
		}
	}
}
