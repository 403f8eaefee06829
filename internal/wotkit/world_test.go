package wotkit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/authserver/account"
	"github.com/thingward/thingward/internal/authserver/key"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/resourceserver/reading"
	"github.com/thingward/thingward/internal/resourceserver/sensor"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
	"github.com/thingward/thingward/internal/web"
	"github.com/thingward/thingward/internal/wotkit"
)

var update = flag.Bool("update", false, "write the golden files anew")

// world is the door on a store with the users alice and bobby.
type world struct {
	t       testing.TB
	clock   *storetest.Clock
	store   *store.Store
	handler http.Handler
	keys    *key.Service
	users   map[string]domain.User
}

func newWorld(t testing.TB) *world {
	t.Helper()
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock.Now)
	finder := guard.NewFinder(s, nil)
	g := &guard.Guard{Credentials: s, Tokens: s, Passwords: account.New(s, account.SignUpClosed, clock.Now), Now: clock.Now,
		Uses: &guard.Uses{Now: clock.Now}}
	door := &wotkit.Door{
		Sensors:  &sensor.Service{Store: s, Finder: finder, Now: clock.Now},
		Readings: &reading.Service{Store: s, Finder: finder, Now: clock.Now},
		Now:      clock.Now,
	}
	w := &world{t: t, clock: clock, store: s, keys: &key.Service{Store: s, Reader: s, Finder: finder, Now: clock.Now}, users: map[string]domain.User{}}
	w.handler = web.NewTable(g.Identify, slog.New(slog.NewTextHandler(t.Output(), nil)), door.Web())
	for _, name := range []string{"alice", "bobby"} {
		w.users[name] = storetest.User(t, s, name)
	}
	return w
}

// caller sends requests with a credential, or none.
type caller struct {
	*world
	name, password string
}

func (w *world) nobody() caller          { return caller{world: w} }
func (w *world) as(name string) caller   { return caller{w, name, storetest.Password} }
func (w *world) now() int64              { return w.clock.Now().UnixMilli() }
func (w *world) millis(ago int64) string { return fmt.Sprint(w.now() - ago) }

// withKey makes a key of the user with the scopes.
func (w *world) withKey(user, scopes string) caller {
	w.t.Helper()
	set, err := domain.ParseScopes(scopes)
	if err != nil {
		w.t.Fatal(err)
	}
	c := domain.Caller{User: w.users[user], Credential: domain.SessionCredential, Scopes: domain.EveryScope()}
	made, password, err := w.keys.Create(context.Background(), c, key.NewKey{Name: "gateway", Scopes: set})
	if err != nil {
		w.t.Fatal(err)
	}
	return caller{w, string(made.ID), password.Reveal()}
}

func (w *world) updateProfile(user domain.User) {
	w.t.Helper()
	if err := w.store.UpdateProfile(context.Background(), domain.ProfileChange{User: user}, domain.AuditEvent{Act: "user.edit"}); err != nil {
		w.t.Fatal(err)
	}
}

// answer is what came back.
type answer struct {
	t      testing.TB
	asked  string
	status int
	header http.Header
	body   string
}

const api = "/wotkit/api/"

const (
	asForm = "application/x-www-form-urlencoded"
	asJSON = "application/json"
)

// send sends a request to a path below the API root.
func (c caller) send(method, path, contentType, body string) answer {
	c.t.Helper()
	r := httptest.NewRequest(method, "/", strings.NewReader(body))
	target, raw, _ := strings.Cut(path, "?")
	parsed, err := r.URL.Parse(api + target)
	if err != nil {
		c.t.Fatal(err)
	}
	r.URL = parsed
	r.URL.RawQuery = raw
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if c.name != "" {
		r.SetBasicAuth(c.name, c.password)
	}
	return c.serve(r)
}

func (w *world) serve(r *http.Request) answer {
	w.t.Helper()
	recorder := httptest.NewRecorder()
	w.handler.ServeHTTP(recorder, r)
	result := recorder.Result()
	body, err := io.ReadAll(result.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	a := answer{w.t, r.Method + " " + r.URL.Path, result.StatusCode, result.Header, string(body)}
	if content := a.header.Get("Content-Type"); a.body != "" && !strings.Contains(strings.ToLower(content), "charset=utf-") {
		w.t.Errorf("%s: the content type %q announces no charset", a.asked, content)
	}
	return a
}

func (c caller) get(path string) answer    { c.t.Helper(); return c.send("GET", path, "", "") }
func (c caller) delete(path string) answer { c.t.Helper(); return c.send("DELETE", path, "", "") }
func (c caller) post(path, body string) answer {
	c.t.Helper()
	return c.send("POST", path, asJSON, body)
}
func (c caller) put(path, body string) answer { c.t.Helper(); return c.send("PUT", path, asJSON, body) }
func (c caller) form(path, body string) answer {
	c.t.Helper()
	return c.send("POST", path, asForm, body)
}

// want fails the test unless the answer has the status; 201 and 204 have no
// body.
func (a answer) want(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s: got %d, want %d: %s", a.asked, a.status, status, a.body)
	}
	if status == http.StatusNoContent && a.body != "" {
		a.t.Errorf("%s: got the body %q with 204", a.asked, a.body)
	}
	return a
}

// decode reads the JSON body.
func (a answer) decode(into any) {
	a.t.Helper()
	if err := json.Unmarshal([]byte(a.body), into); err != nil {
		a.t.Fatalf("%s: %v: %s", a.asked, err, a.body)
	}
}

// items decodes an array of objects.
func (a answer) items() []map[string]any {
	a.t.Helper()
	var items []map[string]any
	a.want(http.StatusOK).decode(&items)
	return items
}

// column returns one attribute of each item as text.
func (a answer) column(name string) string {
	a.t.Helper()
	var texts []string
	for _, item := range a.items() {
		texts = append(texts, fmt.Sprint(item[name]))
	}
	return strings.Join(texts, " ")
}

// wantError checks an error the way the vendor's suites do: the message
// contains a text, and the first developerMessage, or a key or value of
// moreInfo, contains another; case does not count.
func (a answer) wantError(status int, message, detail string) answer {
	a.t.Helper()
	a.want(status)
	var body struct {
		Error struct {
			Status           int
			Code             *int
			Message          string
			DeveloperMessage []string
			MoreInfo         map[string]string
		}
	}
	a.decode(&body)
	e := body.Error
	if e.Status != status || e.Code == nil || e.MoreInfo == nil || len(e.DeveloperMessage) == 0 {
		a.t.Fatalf("%s: incomplete error object %s", a.asked, a.body)
	}
	if a.header.Get("Content-Type") != "application/json;charset=UTF-8" {
		a.t.Errorf("%s: got the content type %q", a.asked, a.header.Get("Content-Type"))
	}
	places := []string{e.DeveloperMessage[0]}
	for k, v := range e.MoreInfo {
		places = append(places, k, v)
	}
	if !containsFold(e.Message, message) || !containsFold(strings.Join(places, "\n"), detail) {
		a.t.Errorf("%s: got %s, want the message %q and the detail %q", a.asked, a.body, message, detail)
	}
	return a
}

func containsFold(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

// golden compares the body with a file.
func (a answer) golden(name string) answer {
	a.t.Helper()
	path := filepath.Join("testdata", name)
	got := []byte(a.body)
	if strings.HasSuffix(name, ".json") {
		var indented bytes.Buffer
		if err := json.Indent(&indented, got, "", "  "); err != nil {
			a.t.Fatalf("%s: %v: %s", a.asked, err, a.body)
		}
		got = append(indented.Bytes(), '\n')
	}
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

const (
	public  = `"visibility":"PUBLIC"`
	private = `"visibility":"PRIVATE"`
)

// sensor makes a sensor with more attributes in JSON.
func (c caller) sensor(name string, more ...string) {
	c.t.Helper()
	attributes := append([]string{`"name":"` + name + `"`, `"longName":"Long ` + name + `"`}, more...)
	if a := c.post("sensors", "{"+strings.Join(attributes, ",")+"}").want(http.StatusCreated); a.body != "" {
		c.t.Errorf("create %s: got the body %q", name, a.body)
	}
}

// record sends a value some milliseconds ago.
func (c caller) record(name string, ago int64, value string) {
	c.t.Helper()
	c.form("sensors/"+name+"/data", "value="+value+"&timestamp="+c.millis(ago)).want(http.StatusCreated)
}

const minute = int64(time.Minute / time.Millisecond)
