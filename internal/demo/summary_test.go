package demo

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

func testSummary() Summary {
	return Summary{
		Users: []User{{"operator", secret.New("heron-maple-tulip-407"), true}, {"alice", secret.New("opal-finch-cedar-001"), false}},
		Keys:  []Key{{"0123456789abcdef", secret.New("twk_password"), "alice", []string{"readings.write", "sensors.read", "applications.devices"}}},
		Clients: []Client{{"dashboard", secret.New("tws_secret"), "standard", []string{"http://127.0.0.1:8765/callback"}, []string{"authorization_code"}, []string{"profile"}},
			{"phone", secret.Secret{}, "public", []string{"http://127.0.0.1/callback"}, []string{"authorization_code"}, []string{"profile"}}},
		Sensors: []string{"alice.greenhouse"},
	}
}

func TestDemoJSONHasTheShapeThatScriptsRelyOn(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "demo.json")
	if err := Write(path, testSummary()); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 {
		t.Errorf("mode %o, want 600", got)
	}
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var got any
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"users": []any{
			map[string]any{"name": "operator", "password": "heron-maple-tulip-407", "admin": true},
			map[string]any{"name": "alice", "password": "opal-finch-cedar-001", "admin": false},
		},
		"keys": []any{map[string]any{"id": "0123456789abcdef", "password": "twk_password", "owner": "alice",
			"scopes": []any{"readings.write", "sensors.read", "applications.devices"}}},
		"clients": []any{
			map[string]any{"client_id": "dashboard", "client_secret": "tws_secret", "kind": "standard", "redirect_uris": []any{"http://127.0.0.1:8765/callback"},
				"grant_types": []any{"authorization_code"}, "scopes": []any{"profile"}},
			map[string]any{"client_id": "phone", "client_secret": "", "kind": "public", "redirect_uris": []any{"http://127.0.0.1/callback"},
				"grant_types": []any{"authorization_code"}, "scopes": []any{"profile"}},
		},
		"sensors": []any{"alice.greenhouse"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("demo.json (-want +got):\n%s", diff)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("files beside demo.json: %v, %v", entries, err)
	}
}

func TestReadGivesBackWhatWasWritten(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "demo.json")
	if _, err := Read(path); !domain.IsKind(err, domain.NotFound) || !strings.Contains(err.Error(), "reset-password") {
		t.Errorf("without a file: %v, want NotFound with advice", err)
	}
	if err := Write(path, testSummary()); err != nil {
		t.Fatal(err)
	}
	got, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	reveal := cmp.Transformer("Reveal", secret.Secret.Reveal)
	if diff := cmp.Diff(testSummary(), got, reveal); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
}

func TestTheTourCanBeCopied(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	PrintTour(&out, testSummary(), "http://localhost:8080/")
	for _, want := range []string{
		"http://localhost:8080/login",
		"operator   heron-maple-tulip-407   administrator",
		"curl -u 0123456789abcdef:twk_password -d value=21.5 http://localhost:8080/wotkit/api/sensors/greenhouse/data",
		"curl -u 0123456789abcdef:twk_password http://localhost:8080/api/v1/applications/havenmouth-floods/end-devices",
		"curl -u dashboard:tws_secret -d grant_type=client_credentials http://localhost:8080/oauth/token",
		"http://localhost:8080/oauth/authorize?client_id=dashboard&redirect_uri=http%3A%2F%2F127.0.0.1%3A8765%2Fcallback&response_type=code&scope=",
		"dashboard (standard), phone (public).",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the tour does not say %q:\n%s", want, out.String())
		}
	}
}
