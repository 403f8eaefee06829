package metadata_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/thingward/thingward/internal/authserver/metadata"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

var update = flag.Bool("update", false, "write the golden files anew")

func get(t *testing.T, issuer, path string) *httptest.ResponseRecorder {
	t.Helper()
	identify := func(*http.Request, web.Accepts) (domain.Caller, error) { return domain.Caller{}, nil }
	door := &web.Door{Name: "metadata", Routes: (&metadata.Service{Issuer: issuer}).Routes(), WriteError: web.WriteProblem, Wrap: web.AnyOrigin}
	w := httptest.NewRecorder()
	web.NewTable(identify, slog.New(slog.NewTextHandler(t.Output(), nil)), door).ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

func TestTheDocumentsSayWhatIsThere(t *testing.T) {
	t.Parallel()
	for path, file := range map[string]string{
		"/.well-known/oauth-authorization-server": "authorization_server.json",
		"/.well-known/oauth-protected-resource":   "protected_resource.json",
	} {
		w := get(t, "https://things.example", path)
		if w.Code != 200 || w.Header().Get("Content-Type") != "application/json" || w.Header().Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: got %d and the headers %v", path, w.Code, w.Header())
		}
		golden(t, file, w.Body.Bytes())
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	var indented bytes.Buffer
	if err := json.Indent(&indented, got, "", "  "); err != nil {
		t.Fatalf("%s: %v: %s", name, err, got)
	}
	indented.WriteByte('\n')
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, indented.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, indented.Bytes()) {
		t.Errorf("%s: got %s", name, indented.Bytes())
	}
}

// RFC 8414 §3.1: the well-known name goes between the host and the path.
func TestAnIssuerWithAPathIsFoundUnderItsPath(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"/.well-known/oauth-authorization-server", "/.well-known/oauth-protected-resource"} {
		for _, path := range []string{name, name + "/iot/things", name + "/iot/things/"} {
			w := get(t, "https://example.org/iot/things", path)
			if w.Code != 200 || !strings.Contains(w.Body.String(), `"https://example.org/iot/things"`) {
				t.Errorf("%s: got %d %s", path, w.Code, w.Body)
			}
		}
		if w := get(t, "https://example.org", name+"/iot/things"); w.Code != 404 {
			t.Errorf("%s of another path: got %d, want 404", name, w.Code)
		}
	}
}

// RFC 8414 §2 and RFC 9728 §2: the fields that must be there, and nothing that
// this server keeps to itself.
func TestNobodyIsLedToWhatIsForFew(t *testing.T) {
	t.Parallel()
	var server map[string]any
	if err := json.Unmarshal(get(t, "http://localhost:8080", "/.well-known/oauth-authorization-server").Body.Bytes(), &server); err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{"issuer", "authorization_endpoint", "token_endpoint", "response_types_supported"} {
		if server[field] == nil {
			t.Errorf("the required field %s is missing", field)
		}
	}
	for field, unwanted := range map[string][]any{
		"scopes_supported": {"account", "admin"}, "response_types_supported": {"token"}, "grant_types_supported": {"implicit", "password"}, "code_challenge_methods_supported": {"plain"},
	} {
		list, _ := server[field].([]any)
		if len(list) == 0 || slices.ContainsFunc(list, func(v any) bool { return slices.Contains(unwanted, v) }) {
			t.Errorf("%s: got %v, want none of %v", field, list, unwanted)
		}
	}
}
