package lametric_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/authserver/key"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/lametric"
	"github.com/thingward/thingward/internal/resourceserver/device"
	"github.com/thingward/thingward/internal/resourceserver/pushapp"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
	"github.com/thingward/thingward/internal/web"
)

var update = flag.Bool("update", false, "write the golden files anew")

// world is the door on a store with the users alice, who is in Berlin, and
// bobby.
type world struct {
	t       testing.TB
	clock   *storetest.Clock
	store   *store.Store
	handler http.Handler
	devices *device.Service
	apps    *pushapp.Service
	keys    *key.Service
	users   map[string]domain.User
}

const baseURL = "https://things.example/lametric"

func newWorld(t testing.TB) *world {
	t.Helper()
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock.Now)
	finder := guard.NewFinder(s, nil)
	sealer, err := secret.NewSealer(secret.RandomBytes(32))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, clock: clock, store: s, users: map[string]domain.User{},
		devices: &device.Service{Store: s, Finder: finder, Sealer: sealer, Now: clock.Now},
		apps:    &pushapp.Service{Store: s, BaseURL: baseURL, Now: clock.Now},
		keys:    &key.Service{Store: s, Reader: s, Finder: finder, Now: clock.Now}}
	g := &guard.Guard{Credentials: s, Tokens: s, Uses: &guard.Uses{Now: clock.Now}, Now: clock.Now}
	door := &lametric.Door{Devices: w.devices, Apps: w.apps, BaseURL: baseURL}
	w.handler = web.NewTable(g.Identify, slog.New(slog.NewTextHandler(t.Output(), nil)), door.Web())
	for _, name := range []string{"alice", "bobby"} {
		w.users[name] = storetest.User(t, s, name)
	}
	alice := w.users["alice"]
	alice.TimeZone, alice.DisplayName = "Europe/Berlin", "Alice Liddell"
	if err := s.UpdateProfile(context.Background(), domain.ProfileChange{User: alice}, domain.AuditEvent{Act: "profile.change"}); err != nil {
		t.Fatal(err)
	}
	w.users["alice"] = alice
	return w
}

func (w *world) session(name string) domain.Caller {
	return domain.Caller{User: w.users[name], Credential: domain.SessionCredential, Scopes: domain.EveryScope()}
}

// lanKey is a LAN key of the goldens.
var lanKey = strings.Repeat("0123456789abcdef", 4)

func (w *world) addDevice(owner, name, serial string) domain.Device {
	w.t.Helper()
	made, _, err := w.devices.Create(context.Background(), w.session(owner), device.New{Name: name, SerialNumber: serial, State: domain.DeviceConfigured,
		IPv4: "192.168.0.17", MAC: "58:63:56:10:D6:30", SSID: "homewifi", LANKey: secret.New(lanKey)})
	if err != nil {
		w.t.Fatal(err)
	}
	return made
}

// program sends requests with a credential, or none.
type program struct {
	*world
	authorize func(r *http.Request)
}

func (w *world) nobody() program { return program{w, func(*http.Request) {}} }

func (w *world) bearer(token string) program {
	return program{w, func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }}
}

// holding is a program with a key of the user's.
func (w *world) holding(user, scopes string) program {
	w.t.Helper()
	set, err := domain.ParseScopes(scopes)
	if err != nil {
		w.t.Fatal(err)
	}
	made, password, err := w.keys.Create(context.Background(), w.session(user), key.NewKey{Name: "program", Scopes: set})
	if err != nil {
		w.t.Fatal(err)
	}
	return program{w, func(r *http.Request) { r.SetBasicAuth(string(made.ID), password.Reveal()) }}
}

// reply is what came back.
type reply struct {
	t      testing.TB
	asked  string
	status int
	header http.Header
	body   string
}

func (p program) send(method, path, media, body string, headers ...string) reply {
	p.t.Helper()
	r := httptest.NewRequest(method, lametric.Prefix+path, strings.NewReader(body))
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	p.authorize(r)
	w := httptest.NewRecorder()
	p.handler.ServeHTTP(w, r)
	a := reply{p.t, method + " " + path, w.Code, w.Header(), w.Body.String()}
	if got := a.header.Get("Content-Type"); a.body != "" && !strings.HasPrefix(got, "image/") && !strings.HasPrefix(got, "application/json") {
		p.t.Errorf("%s: got the content type %q: programs look how it starts", a.asked, got)
	}
	if got := a.header.Get("Access-Control-Allow-Origin"); got != "*" || a.header.Get("Access-Control-Allow-Credentials") != "" {
		p.t.Errorf("%s: got the allowed origin %q, want any, without credentials", a.asked, got)
	}
	return a
}

func (p program) get(path string) reply { p.t.Helper(); return p.send("GET", path, "", "") }

func (p program) put(path, body string) reply {
	p.t.Helper()
	return p.send("PUT", path, "application/json", body)
}

func (a reply) want(status int) reply {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s: got %d, want %d: %.300s", a.asked, a.status, status, a.body)
	}
	return a
}

func (a reply) decode(into any) {
	a.t.Helper()
	if err := json.Unmarshal([]byte(a.body), into); err != nil {
		a.t.Fatalf("%s: %v: %.300s", a.asked, err, a.body)
	}
}

// golden compares the body, byte by byte, with a file.
func (a reply) golden(name string) reply {
	a.t.Helper()
	path := filepath.Join("testdata", name+".json")
	got := []byte(a.body + "\n")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			a.t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			a.t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		a.t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		a.t.Errorf("%s: %s:\ngot  %s\nwant %s", a.asked, name, got, want)
	}
	return a
}

var numericOffset = regexp.MustCompile(`[+-]\d\d:\d\d$`)

// strictDevice reads a device as the strictest library does: all ten fields
// are there and usable, or none of the list is.
func strictDevice(t testing.TB, fields map[string]any) {
	t.Helper()
	text := func(name string) string {
		value, ok := fields[name].(string)
		if !ok {
			t.Errorf("%s is %v, want a text", name, fields[name])
		}
		return value
	}
	if id, ok := fields["id"].(float64); !ok || id != float64(int64(id)) {
		t.Errorf("id is %v, want a whole number", fields["id"])
	}
	for name, pattern := range map[string]string{
		"name": `.`, "state": `^(new|configured|banned)$`, "serial_number": `.`, "api_key": `^[0-9a-f]{64}$`,
		"ipv4_internal": `^\d{1,3}(\.\d{1,3}){3}$`, "mac": `^([0-9A-F]{2}(:[0-9A-F]{2}){5})?$`, "wifi_ssid": ``,
	} {
		if value := text(name); !regexp.MustCompile(pattern).MatchString(value) {
			t.Errorf("%s is %q, want %s", name, value, pattern)
		}
	}
	for _, name := range []string{"created_at", "updated_at"} {
		if _, err := time.Parse(time.RFC3339, text(name)); err != nil || !numericOffset.MatchString(text(name)) {
			t.Errorf("%s is %q, want a time with a numeric offset", name, text(name))
		}
	}
	if len(fields) != 10 {
		t.Errorf("got %d fields, want 10: %v", len(fields), fields)
	}
}
