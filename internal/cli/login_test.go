package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"github.com/thingward/thingward/apiclient"
)

// person is somebody at a command line, whose browser does with the address
// that login prints what visit does.
type person struct {
	home    string
	ring    secretRing
	now     func() time.Time
	visit   func(address string)
	browser string // the program that opens pages; empty: there is none
}

func newPerson(t *testing.T) *person {
	t.Helper()
	return &person{home: t.TempDir(), now: time.Now, browser: "true", visit: func(address string) {
		if answer, err := http.Get(address); err == nil {
			_ = answer.Body.Close()
		}
	}}
}

// addresses hands each address that is printed to visit.
type addresses struct {
	bytes.Buffer
	visit func(string)
}

var printedAddress = regexp.MustCompile(`http://\S+/oauth/authorize\S+`)

func (a *addresses) Write(text []byte) (int, error) {
	if address := printedAddress.Find(text); address != nil {
		go a.visit(string(address))
	}
	return a.Buffer.Write(text)
}

func (p *person) run(ctx context.Context, server string, args ...string) (code int, stdout, stderr string) {
	var out bytes.Buffer
	fault := &addresses{visit: p.visit}
	t := &terminal{Stdin: strings.NewReader(""), Stdout: &out, Stderr: fault, Now: p.now, Keyring: p.ring,
		Env: map[string]string{"HOME": p.home, "THINGWARD_SERVER": server, "BROWSER": p.browser}}
	code = t.run(ctx, args)
	return code, out.String(), fault.String()
}

func (p *person) loginFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(p.home, ".config", "thingward", "logins", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestLoginAsksForPKCEAndKeepsTheLoginPrivate(t *testing.T) {
	t.Parallel()
	server, alice := newOAuthServer(t), newPerson(t)
	code, stdout, stderr := alice.run(t.Context(), server.URL, "login", "--admin")
	if code != exitOK || !strings.Contains(stdout, "as alice") {
		t.Fatalf("got %d, %q, %q", code, stdout, stderr)
	}
	asked := server.lastAsked()
	if asked.Get("code_challenge_method") != "S256" || len(asked.Get("state")) < 32 || asked.Get("client_id") != "thingward-cli" ||
		!strings.HasPrefix(asked.Get("redirect_uri"), "http://127.0.0.1:") || !strings.HasSuffix(asked.Get("scope"), " account admin") {
		t.Errorf("asked %v", asked)
	}
	files := alice.loginFiles(t)
	if len(files) != 1 {
		t.Fatalf("got the files %v, want one", files)
	}
	if info, err := os.Stat(files[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v; want mode 0600", info.Mode(), err)
	}
	if code, stdout, stderr = alice.run(t.Context(), server.URL, "whoami"); code != exitOK || !strings.Contains(stdout, "alice") || strings.Contains(stdout+stderr, "access-") {
		t.Errorf("got %d, %q, %q", code, stdout, stderr)
	}
}

func TestLoginRefusesAnswersThatAreNotItsOwn(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, issuer, denied, says string
	}{
		{"mix-up: another issuer (RFC 9207 §2.4)", "https://evil.example", "", "the answer came from https://evil.example"},
		{"the person says no", "", "access_denied", "not allowed"},
		{"another error", "", "invalid_scope", "invalid_scope"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server, alice := newOAuthServer(t), newPerson(t)
			server.issuer, server.denied = tt.issuer, tt.denied
			code, stdout, stderr := alice.run(t.Context(), server.URL, "login")
			if code != exitFailed || stdout != "" || !strings.Contains(stderr, tt.says) || len(alice.loginFiles(t)) != 0 {
				t.Errorf("got %d, %q, %q", code, stdout, stderr)
			}
		})
	}
}

func TestAnAnswerWithAnotherStateChangesNothing(t *testing.T) {
	t.Parallel()
	server, alice := newOAuthServer(t), newPerson(t)
	visit := alice.visit
	alice.visit = func(address string) {
		callback := regexp.MustCompile(`127\.0\.0\.1%3A(\d+)%2Fcallback`).FindStringSubmatch(address)
		answer, err := http.Get("http://127.0.0.1:" + callback[1] + "/callback?code=theirs&state=theirs&iss=" + server.URL)
		if err != nil || answer.StatusCode != http.StatusBadRequest {
			t.Errorf("a stranger's answer got %v, %v; want 400", answer, err)
		}
		visit(address)
	}
	if code, stdout, stderr := alice.run(t.Context(), server.URL, "login"); code != exitOK || !strings.Contains(stdout, "alice") {
		t.Errorf("got %d, %q, %q", code, stdout, stderr)
	}
}

func TestSigningInAgainAndOutTakesTheTokensBack(t *testing.T) {
	t.Parallel()
	server, alice := newOAuthServer(t), newPerson(t)
	alice.run(t.Context(), server.URL, "login")
	alice.run(t.Context(), server.URL+"/", "login")
	if got := server.wasRevoked(); got != "refresh-1" {
		t.Errorf("got %q revoked by the second login, want the first one's", got)
	}
	if code, stdout, stderr := alice.run(t.Context(), server.URL, "logout"); code != exitOK || !strings.Contains(stdout, "Signed out") {
		t.Errorf("got %d, %q, %q", code, stdout, stderr)
	}
	if got := server.wasRevoked(); got != "refresh-1 refresh-2" || len(alice.loginFiles(t)) != 0 {
		t.Errorf("got %q revoked and the files %v", got, alice.loginFiles(t))
	}
	if code, _, stderr := alice.run(t.Context(), server.URL, "whoami"); code != exitFailed || !strings.Contains(stderr, "run thingward login") {
		t.Errorf("got %d, %q", code, stderr)
	}
	if code, stdout, _ := alice.run(t.Context(), server.URL, "logout"); code != exitOK || !strings.Contains(stdout, "Nobody was signed in") {
		t.Errorf("a second logout: got %d, %q", code, stdout)
	}
}

// later is the person's clock when her access token has ended.
func later() time.Time { return time.Now().Add(2 * time.Hour) }

func TestTwentyCommandsAtOnceRenewOnce(t *testing.T) {
	t.Parallel()
	server, alice := newOAuthServer(t), newPerson(t)
	alice.run(t.Context(), server.URL, "login")
	server.life = 3 * 3600
	alice.now = later
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if code, stdout, stderr := alice.run(t.Context(), server.URL, "whoami"); code != exitOK {
				t.Errorf("got %d, %q, %q", code, stdout, stderr)
			}
		})
	}
	all.Wait()
	if server.redeemed != 1 {
		t.Errorf("got %d redemptions, want 1", server.redeemed)
	}
}

func TestALostAnswerIsAskedForAgain(t *testing.T) {
	t.Parallel()
	server, alice := newOAuthServer(t), newPerson(t)
	alice.run(t.Context(), server.URL, "login")
	alice.now = later
	server.before = func(_ http.ResponseWriter, try int) bool {
		if try == 1 {
			panic(http.ErrAbortHandler)
		}
		return false
	}
	if code, _, stderr := alice.run(t.Context(), server.URL, "whoami"); code != exitOK || server.redeemed != 2 {
		t.Errorf("got %d, %q after %d requests; want success at the second", code, stderr, server.redeemed)
	}
}

// fullRing holds a login and takes no other; nor does the disk then.
type fullRing struct {
	mapRing
	folder string
}

func (r *fullRing) Set(string, string, string) error {
	_ = os.RemoveAll(r.folder)
	_ = os.WriteFile(r.folder, nil, 0o600)
	return errLocked
}

func TestARefreshTokenIsStoredBeforeItsAccessTokenIsUsed(t *testing.T) {
	t.Parallel()
	server, alice := newOAuthServer(t), newPerson(t)
	alice.run(t.Context(), server.URL, "login")
	folder := filepath.Join(alice.home, ".config", "thingward", "logins")
	stored, err := (&loginStore{server: server.URL, folder: folder}).load()
	if err != nil {
		t.Fatal(err)
	}
	text, err := stored.encode()
	if err != nil {
		t.Fatal(err)
	}
	ring := &fullRing{mapRing{secrets: map[string]string{server.URL: string(text)}}, folder}
	tokens := &loginTokens{store: &loginStore{server: server.URL, folder: folder, ring: ring}, now: later}
	token, err := tokens.AccessToken(t.Context())
	if err == nil || !strings.Contains(err.Error(), "for logins") {
		t.Errorf("got the error %v, want that of the disk", err)
	}
	if got := token.Reveal(); got == "access-2" {
		t.Error("got an access token whose refresh token is nowhere")
	}
	if tokens.held.AccessToken.Reveal() == "access-2" {
		t.Error("the next request would use it")
	}
}

func TestAnEndedLoginSaysWhatToDo(t *testing.T) {
	t.Parallel()
	server, alice := newOAuthServer(t), newPerson(t)
	alice.run(t.Context(), server.URL, "login")
	alice.now = later
	server.refresh = 100 // what the person holds is good no more
	code, stdout, stderr := alice.run(t.Context(), server.URL, "sensors", "list")
	if code != exitFailed || stdout != "" || !strings.Contains(stderr, "has ended: run thingward login") {
		t.Errorf("got %d, %q, %q", code, stdout, stderr)
	}
	if files := alice.loginFiles(t); len(files) != 0 {
		t.Errorf("the login is still there: %v", files)
	}
}

func TestAServerThatIsAwayEndsNoLogin(t *testing.T) {
	t.Parallel()
	server, alice := newOAuthServer(t), newPerson(t)
	alice.run(t.Context(), server.URL, "login")
	alice.now = later
	server.before = func(w http.ResponseWriter, _ int) bool {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, `{"error":"temporarily_unavailable","error_description":"Later."}`)
		return true
	}
	if code, _, stderr := alice.run(t.Context(), server.URL, "whoami"); code != exitFailed || !strings.Contains(stderr, "Later.") {
		t.Errorf("got %d, %q", code, stderr)
	}
	server.before = nil
	if code, _, stderr := alice.run(t.Context(), server.URL, "whoami"); code != exitOK {
		t.Errorf("got %d, %q; want the login to be there still", code, stderr)
	}
}

// mapRing is a keyring in memory, which can be locked.
type mapRing struct {
	secrets map[string]string
	locked  bool
}

var errLocked = errors.New("the ring is locked")

func (r *mapRing) Get(_, user string) (string, error) {
	if r.locked {
		return "", errLocked
	}
	if secret, ok := r.secrets[user]; ok {
		return secret, nil
	}
	return "", keyring.ErrNotFound
}

func (r *mapRing) Set(_, user, password string) error {
	if r.locked {
		return errLocked
	}
	r.secrets[user] = password
	return nil
}

func (r *mapRing) Delete(_, user string) error {
	if r.locked {
		return errLocked
	}
	delete(r.secrets, user)
	return nil
}

func TestTheLaterOfTwoStoredLoginsCounts(t *testing.T) {
	t.Parallel()
	ring := &mapRing{secrets: map[string]string{}}
	store := &loginStore{server: "https://things.example", ring: ring, folder: t.TempDir()}
	held := login{AccessToken: apiclient.NewPassword("first")}
	steps := []struct {
		token  string
		locked bool
		place  string
	}{{"in the ring", false, "the keyring"}, {"in the file", true, store.file()}, {"in the ring again", false, "the keyring"}}
	for _, step := range steps {
		ring.locked = step.locked
		held.AccessToken = apiclient.NewPassword(step.token)
		if err := store.save(&held); err != nil {
			t.Fatal(err)
		}
		if got := store.place(); got != step.place {
			t.Errorf("got %q, want %q", got, step.place)
		}
		ring.locked = false
		if got, err := store.load(); err != nil || got.AccessToken.Reveal() != step.token {
			t.Errorf("got %q, %v; want %q", got.AccessToken.Reveal(), err, step.token)
		}
	}
	if err := store.forget(); err != nil {
		t.Fatal(err)
	}
	if got, err := store.load(); err != nil || got.there() {
		t.Errorf("got %+v, %v; want nothing", got, err)
	}
}

func TestServersAreKeptApart(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for _, server := range []string{"http://a.example", "https://a.example", "https://a.example:8443", "https://a.example/x"} {
		store := &loginStore{server: server, folder: folder}
		if err := store.save(&login{User: server}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := (&loginStore{server: serverName("HTTPS://A.example/"), folder: folder}).load()
	if err != nil || got.User != "https://a.example" {
		t.Errorf("got %+v, %v", got, err)
	}
}
