package acceptance

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// TestGosOwnLibraryIsAClient: golang.org/x/oauth2, in each way that it may
// prove a client.
func TestGosOwnLibraryIsAClient(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		w := newOAuthWorld(t, s)
		for name, style := range map[string]oauth2.AuthStyle{"header": oauth2.AuthStyleInHeader, "body": oauth2.AuthStyleInParams, "found out by trying": oauth2.AuthStyleAutoDetect} {
			for _, a := range []oauthApp{w.web, w.native} {
				if a.Secret == "" && style == oauth2.AuthStyleInHeader {
					continue // a public client has nothing for the header
				}
				t.Run(a.ID+" by "+name, func(t *testing.T) { goClient(t, s, a, w.alice.during(t), style) })
			}
		}
	})
}

func goClient(t *testing.T, s *server, a oauthApp, user person, style oauth2.AuthStyle) {
	ctx := context.WithValue(t.Context(), oauth2.HTTPClient, s.anonymous(t).http)
	endpoint := oauth2.Endpoint{AuthURL: s.URL + "/oauth/authorize", TokenURL: s.URL + "/oauth/token", AuthStyle: style}
	config := oauth2.Config{ClientID: a.ID, ClientSecret: a.Secret, Endpoint: endpoint, RedirectURL: a.Redirect, Scopes: []string{"profile", "offline_access"}}
	proof := oauth2.GenerateVerifier()
	back := a.browse(user, config.AuthCodeURL("the state", oauth2.S256ChallengeOption(proof)))
	token, err := config.Exchange(ctx, back.Query().Get("code"), oauth2.VerifierOption(proof))
	if err != nil {
		t.Fatal(err)
	}
	keepToken(s, token)
	if !token.Valid() || token.Type() != "Bearer" || token.Extra("scope") != "profile offline_access" || back.Query().Get("state") != "the state" {
		t.Errorf("got a %s token for %v", token.Type(), token.Extra("scope"))
	}
	s.bearer(t, token.AccessToken).get("/api/v1/users/me").want(http.StatusOK)

	stale := *token
	stale.Expiry = time.Now().Add(-time.Minute)
	next, err := config.TokenSource(ctx, &stale).Token()
	if err != nil || next.RefreshToken == token.RefreshToken || next.AccessToken == token.AccessToken {
		t.Fatalf("refreshed: %v", err)
	}
	keepToken(s, next)
	if _, err := config.Exchange(ctx, back.Query().Get("code"), oauth2.VerifierOption(proof)); !strings.Contains(err.Error(), "invalid_grant") {
		t.Errorf("the code again: got %v", err)
	}
	if _, err := config.TokenSource(ctx, &oauth2.Token{RefreshToken: next.RefreshToken}).Token(); err == nil {
		t.Error("what the code gave goes on after its second use")
	}
	if a.Secret == "" {
		return
	}
	own := clientcredentials.Config{ClientID: a.ID, ClientSecret: a.Secret, TokenURL: endpoint.TokenURL, AuthStyle: style, Scopes: []string{"sensors.read"}}
	machine, err := own.Token(ctx)
	if err != nil || machine.RefreshToken != "" || machine.Extra("scope") != "sensors.read" {
		t.Fatalf("for itself: %v", err)
	}
	keepToken(s, machine)
}

func keepToken(s *server, token *oauth2.Token) {
	s.keep(token.AccessToken, "an access token")
	s.keep(token.RefreshToken, "a refresh token")
}

// browse is the person's browser: it opens the address that a program gave,
// says yes, and returns where that leads.
func (a oauthApp) browse(user person, address string) *url.URL {
	user.t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		user.t.Fatal(err)
	}
	got := user.get(parsed.RequestURI())
	if got.status == http.StatusOK {
		got = user.questionIn(got).post("allow")
	}
	a.response(user.t, got)
	back, err := url.Parse(got.header.Get("Location"))
	if err != nil {
		user.t.Fatal(err)
	}
	return back
}

// TestLibrariesForNodeAreClients runs the programs of test/foreign.
func TestLibrariesForNodeAreClients(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		skipOrFail(t, "these tests need node (Debian: apt-get install nodejs npm)")
	}
	folder := filepath.Join("..", "foreign")
	if _, err := os.Stat(filepath.Join(folder, "node_modules")); err != nil {
		skipOrFail(t, "these tests need the packages of test/foreign (scripts/setup-tests.sh installs them)")
	}
	s := start(t, publicHere(t))
	w := newOAuthWorld(t, s)
	for _, program := range []struct {
		name string
		app  oauthApp
	}{{"oauth4webapi.js", w.web}, {"oauth4webapi.js", w.native}, {"simple-oauth2.js", w.other}} {
		t.Run(program.name+" as "+program.app.ID, func(t *testing.T) {
			w := w.in(t)
			runProgram(t, exec.CommandContext(t.Context(), node, filepath.Join(folder, program.name)), program.app.in(t), w.alice)
		})
	}
}

// skipOrFail skips at home, where a tool may be missing, and fails in CI.
func skipOrFail(t *testing.T, reason string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(reason)
	}
	t.Skip("SKIPPED: " + reason)
}

// runProgram starts a program as the app, and plays the person's browser for
// it: it says "open ADDRESS" and reads where the browser came back to, until
// it says "done" and what it learned.
func runProgram(t *testing.T, program *exec.Cmd, a oauthApp, user person) {
	t.Helper()
	runProgramWith(t, program, a, func(address string) string { return a.browse(user, address).String() })
}

// runProgramWith is runProgram with a browser of the test's own.
func runProgramWith(t *testing.T, program *exec.Cmd, a oauthApp, open func(address string) string) {
	t.Helper()
	stdin, err := program.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var faults shared
	program.Stderr = &faults
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	story, _ := json.Marshal(map[string]string{"server": a.s.config.PublicURL, "client_id": a.ID, "client_secret": a.Secret, "redirect_uri": a.Redirect, "scope": "profile offline_access"})
	_, _ = stdin.Write(append(story, '\n'))
	done := converse(stdin, stdout, open)
	if err := program.Wait(); err != nil || done == "" {
		t.Fatalf("%v: %s", err, faults.String())
	}
	var result struct {
		Name   string
		Tokens []oauthTokens
	}
	if err := json.Unmarshal([]byte(done), &result); err != nil {
		t.Fatal(err)
	}
	for _, tokens := range result.Tokens {
		a.s.keep(tokens.Access, "an access token of a foreign program")
		a.s.keep(tokens.Refresh, "a refresh token of a foreign program")
	}
	if result.Name != "alice" || len(result.Tokens) == 0 {
		t.Errorf("the program acted for %q with %d tokens", result.Name, len(result.Tokens))
	}
}

func converse(to io.Writer, from io.Reader, open func(address string) string) (done string) {
	for lines := bufio.NewScanner(from); lines.Scan(); {
		if address, ok := strings.CutPrefix(lines.Text(), "open "); ok {
			_, _ = io.WriteString(to, open(address)+"\n")
		}
		if result, ok := strings.CutPrefix(lines.Text(), "done "); ok {
			done = result
		}
	}
	return done
}
