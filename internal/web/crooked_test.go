package web

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/thingward/thingward/internal/domain"
)

// TestPathsOfProgramsAreNeverRedirected: what is written crookedly is not
// there, and the nearest door says so.
func TestPathsOfProgramsAreNeverRedirected(t *testing.T) {
	t.Parallel()
	says := func(name string) func(http.ResponseWriter, *http.Request, error) {
		return func(w http.ResponseWriter, _ *http.Request, err error) {
			w.WriteHeader(StatusOf(err))
			_, _ = io.WriteString(w, name)
		}
	}
	serve := func(w http.ResponseWriter, r *http.Request, _ domain.Caller) error {
		_, _ = io.WriteString(w, "thing "+r.PathValue("thing"))
		return nil
	}
	route := func(path string) []Route { return []Route{{"GET " + path, Unasked(), serve}} }
	table := NewTable(nil, slog.New(slog.DiscardHandler),
		&Door{Name: "pages", Prefix: "/", WriteError: says("pages"), Routes: route("/things/{thing}")},
		&Door{Name: "api", Prefix: "/api/", WriteError: says("api"), Routes: route("/api/things/{thing}")},
		&Door{Name: "inner", Prefix: "/api/inner/", WriteError: says("inner"), Routes: route("/api/inner/things/{thing}")})
	for path, want := range map[string]string{
		"/api/things/a": "thing a", "/api/things/a/": "thing a", "/api/things/.a": "thing .a", "/api/things/a%2F%2Fb": "thing a//b", "/api/things/a..b": "thing a..b",
		"/api": "api", "/api//things/a": "api", "/api/./things/a": "api", "/api/x/../things/a": "api", "/api/things//a": "api",
		"/api/inner": "inner", "/api/inner//things/a": "inner", "/apis": "pages", "/things/a": "thing a",
	} {
		asked, err := url.Parse(path)
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		table.ServeHTTP(w, &http.Request{Method: "GET", URL: asked, Header: http.Header{}})
		if got := w.Body.String(); got != want || w.Header().Get("Location") != "" {
			t.Errorf("%s: got %d %q, to %q; want %q", path, w.Code, got, w.Header().Get("Location"), want)
		}
	}
}
