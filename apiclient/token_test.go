package apiclient_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/thingward/thingward/apiclient"
)

// countedTokens gives another token each time, and fails from the third on.
type countedTokens struct{ asked int }

var errNoToken = errors.New("no token left")

func (c *countedTokens) AccessToken(context.Context) (apiclient.Password, error) {
	c.asked++
	if c.asked > 2 {
		return apiclient.Password{}, errNoToken
	}
	return apiclient.NewPassword([]string{"first", "second"}[c.asked-1]), nil
}

func TestEachRequestAsksForItsToken(t *testing.T) {
	t.Parallel()
	client := answering(t, func(w http.ResponseWriter, r *http.Request, n int) {
		if want := []string{"", "Bearer first", "Bearer second"}[n]; r.Header.Get("Authorization") != want {
			t.Errorf("got %q, want %q", r.Header.Get("Authorization"), want)
		}
		_, _ = io.WriteString(w, `{"name":"alice"}`)
	})
	client.Tokens = &countedTokens{}
	for range 2 {
		if me, err := client.Me(t.Context()); err != nil || me.Name != "alice" {
			t.Errorf("got %+v, %v", me, err)
		}
	}
	if _, err := client.Me(t.Context()); !errors.Is(err, errNoToken) {
		t.Errorf("got %v, want the source's own error", err)
	}
}

func TestRevocationCarriesNoCredentialButTheToken(t *testing.T) {
	t.Parallel()
	client := answering(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		if r.URL.Path != "/oauth/revoke" || r.Header.Get("Authorization") != "" || r.FormValue("token") != "hush-hush" || r.FormValue("client_id") != "reader" {
			t.Errorf("got %s with %v and %q", r.URL.Path, r.Form, r.Header.Get("Authorization"))
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":"unauthorized_client","error_description":"Not yours."}`)
	})
	err := client.RevokeToken(t.Context(), "reader", apiclient.NewPassword("hush-hush"))
	if apiclient.CodeOf(err) != "unauthorized_client" || err.Error() != "Not yours." {
		t.Errorf("got %v, want the error of RFC 6749", err)
	}
}

func TestForeignErrorObjectsAreNoOAuthErrors(t *testing.T) {
	t.Parallel()
	client := answering(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, `{"error":{"status":502}}`)
	})
	if _, err := client.Me(t.Context()); apiclient.StatusOf(err) != http.StatusBadGateway || apiclient.CodeOf(err) != "" {
		t.Errorf("got %v", err)
	}
}
