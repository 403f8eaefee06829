package acceptance

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/oauth2"
)

// TestGosOwnLibraryIsADevice: golang.org/x/oauth2 without a browser.
func TestGosOwnLibraryIsADevice(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		w := newOAuthWorld(t, s)
		for _, a := range []oauthApp{w.display("display"), w.display("box", appOptions{"public": false})} {
			config := oauth2.Config{ClientID: a.ID, ClientSecret: a.Secret, Scopes: []string{"profile", "offline_access"},
				Endpoint: oauth2.Endpoint{TokenURL: s.URL + "/oauth/token", DeviceAuthURL: s.URL + "/oauth/device_authorization", AuthStyle: oauth2.AuthStyleInParams}}
			ctx := context.WithValue(t.Context(), oauth2.HTTPClient, s.anonymous(t).http)
			var secret []oauth2.AuthCodeOption
			if a.Secret != "" { // which this library sends with the second request only
				secret = append(secret, oauth2.SetAuthURLParam("client_secret", a.Secret))
			}
			waiting, err := config.DeviceAuth(ctx, secret...)
			if err != nil {
				t.Fatal(err)
			}
			s.keep(waiting.DeviceCode, "a device code")
			if waiting.Interval != 5 || waiting.VerificationURI == "" {
				t.Errorf("got %+v", waiting)
			}
			w.alice.lets(waiting.UserCode, "allow")
			waiting.Interval = 1 // the answer is there already
			token, err := config.DeviceAccessToken(ctx, waiting)
			if err != nil {
				t.Fatal(err)
			}
			keepToken(s, token)
			if !token.Valid() || token.RefreshToken == "" || token.Extra("scope") != "profile offline_access" {
				t.Errorf("got a %s token for %v", token.Type(), token.Extra("scope"))
			}
			s.bearer(t, token.AccessToken).get("/api/v1/users/me").want(http.StatusOK)
			if _, err := config.DeviceAccessToken(ctx, waiting); err == nil || !strings.Contains(err.Error(), "invalid_grant") {
				t.Errorf("once more: got %v", err)
			}
		}
	})
}

// TestALibraryForNodeIsADevice runs the program of test/foreign that has no
// browser; somebody else's opens the address that it shows.
func TestALibraryForNodeIsADevice(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		skipOrFail(t, "this test needs node (Debian: apt-get install nodejs npm)")
	}
	folder := filepath.Join("..", "foreign")
	if _, err := os.Stat(filepath.Join(folder, "node_modules")); err != nil {
		skipOrFail(t, "this test needs the packages of test/foreign (scripts/setup-tests.sh installs them)")
	}
	s := start(t, publicHere(t))
	w := newOAuthWorld(t, s)
	for _, a := range []oauthApp{w.display("display"), w.display("box", appOptions{"public": false})} {
		program := exec.CommandContext(t.Context(), node, filepath.Join(folder, "oauth4webapi_device.js"))
		runProgramWith(t, program, a, func(address string) string {
			link, err := url.Parse(address)
			if err != nil {
				t.Fatal(err)
			}
			w.alice.lets(link.Query().Get("user_code"), "allow")
			return address
		})
	}
}
