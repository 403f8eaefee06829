package acceptance

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/thingward/thingward/internal/app"
	"github.com/thingward/thingward/internal/secret"
)

// TestNoSecretIsInTheLog walks through everything that has a secret in it, in
// the right way and in every wrong place, and then searches what the server
// logged, told its operator and showed as metrics for each of them. (finish
// does the same for the log of every other story.)
func TestNoSecretIsInTheLog(t *testing.T) {
	t.Parallel()
	s := start(t, metricsOn(t))
	w := newOAuthWorld(t, s)
	used := useEverySecret(t, s, w)
	for _, text := range used {
		misplace(t, s, w, text)
	}
	response, err := http.Get(s.Metrics + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	metrics := readAll(t, response.Body)
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"the log": s.log.String(), "what the operator is told": s.out.String(), "the metrics": metrics} {
		for _, kept := range used {
			for _, form := range disguises(kept) {
				if strings.Contains(text, form) {
					t.Errorf("%s has %s, as %q", name, s.secrets[kept], form)
				}
			}
		}
	}
	if len(used) < 20 || strings.Count(s.log.String(), "msg=request") < 60 || !strings.Contains(metrics, "thingward_") {
		t.Errorf("%d secrets were used and %d requests logged: this test would check little", len(used), strings.Count(s.log.String(), "msg=request"))
	}
	for _, kind := range []secret.Kind{secret.ClientSecret, secret.Code, secret.AccessToken, secret.RefreshToken, secret.Session, secret.RequestURI, secret.KeyPassword} {
		if !slices.ContainsFunc(used, func(text string) bool { return strings.HasPrefix(text, string(kind)) }) {
			t.Errorf("no secret of the kind %s was used", kind)
		}
		if strings.Contains(s.log.String(), string(kind)) {
			t.Errorf("the log has something that begins with %s", kind)
		}
	}
}

// disguises are the forms in which a secret might be logged.
func disguises(text string) []string {
	return []string{text, url.QueryEscape(text), url.PathEscape(text), base64.StdEncoding.EncodeToString([]byte(text)), base64.RawURLEncoding.EncodeToString([]byte(text)), hex.EncodeToString([]byte(text)),
		text[:len(text)*3/4], text[len(text)/4:]}
}

// useEverySecret returns what was used.
func useEverySecret(t *testing.T, s *server, w oauthWorld) []string {
	t.Helper()
	state := "a-state-that-no-log-has-to-know"
	code := w.web.code(w.alice, "state", state)
	tokens := w.web.take(w.web.redeem(code))
	native := w.native.tokens(w.alice)
	for name, text := range map[string]string{"a verifier": verifier, "a state": state} {
		s.keep(text, name)
	}
	kept := w.alice.client.form("/oauth/authorize", w.web.ask("state", state).Encode()).want(http.StatusSeeOther)
	location, _ := url.Parse(kept.header.Get("Location"))
	s.keep(strings.TrimPrefix(location.Query().Get("request_uri"), "urn:ietf:params:oauth:request_uri:"), "the token of a kept request")
	page := w.native.visit(w.alice.client)
	s.keep(w.alice.questionIn(page).Values.Get("token"), "the token of a form")
	k := w.alice.makeKey(keyOptions{}, "profile")
	s.use(t, k).get("/api/v1/users/me").want(http.StatusOK)
	for _, text := range []string{tokens.Refresh, native.Refresh} {
		w.web.refresh(text)
		w.native.refresh(text)
		w.web.send("/oauth/introspect", "token", text)
		w.other.send("/oauth/revoke", "token", text)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Keys(s.secrets))
}

// TestTheDataFolderHoldsNoSecretInClear: who steals a backup has no token, no
// code and no password. What people may view again is sealed under a key that
// is elsewhere.
func TestTheDataFolderHoldsNoSecretInClear(t *testing.T) {
	t.Parallel()
	elsewhere := filepath.Join(t.TempDir(), "server.key")
	s := start(t, func(c *app.Config) { c.ServerKey = elsewhere })
	used := useEverySecret(t, s, newOAuthWorld(t, s))
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	var stored []byte
	err := filepath.WalkDir(s.config.Data, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		stored = append(stored, text...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(stored, []byte("App native")) {
		t.Error("the names of apps are not there: this test looks in the wrong place")
	}
	for _, text := range used {
		what := s.secrets[text]
		if what == "a state" || what == "a verifier" { // the one is the program's, and the other never came
			continue
		}
		for _, form := range disguises(text) {
			if bytes.Contains(stored, []byte(form)) {
				t.Errorf("the data folder has %s, as %q", what, form)
			}
		}
	}
}

// misplace sends a secret where it does not belong: there it is refused, and
// refusals are what logs are full of.
func misplace(t *testing.T, s *server, w oauthWorld, text string) {
	t.Helper()
	anonymous, escaped := s.anonymous(t), url.QueryEscape(text)
	for _, path := range []string{"/api/v1/sensors/", "/api/v1/keys/", "/oauth/", "/wotkit/api/sensors/", "/lametric/", "/keys/", "/"} {
		w.alice.client.get(path + url.PathEscape(text))
	}
	for _, name := range []string{"access_token", "client_id", "client_secret", "code", "state", "next", "cursor", "redirect_uri", "request_uri", "scope", "grant_type"} {
		anonymous.get("/oauth/authorize?" + name + "=" + escaped)
		anonymous.get("/wotkit/api/sensors?" + name + "=" + escaped)
		anonymous.form("/oauth/token", name+"="+escaped)
	}
	anonymous.get("/login?next=" + escaped)
	for _, scheme := range []string{"Bearer ", "Basic ", "Digest ", ""} {
		if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
			continue
		}
		wrong := anonymous.with("Authorization", scheme+text)
		wrong.get("/api/v1/users/me")
		wrong.form("/oauth/token", "grant_type=client_credentials")
		wrong.with("User-Agent", text).get("/healthz")
	}
	w.web.exchange("grant_type", text)
	w.web.exchange("grant_type", "client_credentials", "scope", text)
	w.web.exchange("grant_type", "authorization_code", "code", text, "redirect_uri", text, "code_verifier", text)
}

func readAll(t *testing.T, from io.Reader) string {
	t.Helper()
	text, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
