package acceptance

import (
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

// TestATokenOutlivesItsEnd: whoever holds a token hammers the API while
// somebody ends what the token hangs on. Requests that began after the answer
// to that must all fail, however it was ended.
func TestATokenOutlivesItsEnd(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		admin := s.administrator(t, "root-admin")
		w := newOAuthWorld(t, s)
		for _, end := range []struct {
			name string
			app  appOptions
			does func(t *testing.T, a oauthApp, tokens oauthTokens, user person)
		}{
			{"its public app revokes the refresh token", publicApp, func(t *testing.T, a oauthApp, tokens oauthTokens, _ person) {
				a.send("/oauth/revoke", "token", tokens.Refresh).want(http.StatusOK)
			}},
			{"its app revokes the access token", nil, func(t *testing.T, a oauthApp, tokens oauthTokens, _ person) {
				a.send("/oauth/revoke", "token", tokens.Access).want(http.StatusOK)
			}},
			{"its app revokes the refresh token", nil, func(t *testing.T, a oauthApp, tokens oauthTokens, _ person) {
				a.send("/oauth/revoke", "token", tokens.Refresh).want(http.StatusOK)
			}},
			{"its user ends the connection", nil, func(t *testing.T, _ oauthApp, _ oauthTokens, user person) {
				user.delete("/api/v1/connections/" + onlyConnection(t, user)).want(http.StatusNoContent)
			}},
			{"its user ends everything", nil, func(t *testing.T, _ oauthApp, _ oauthTokens, user person) {
				user.delete("/api/v1/connections").want(http.StatusOK)
			}},
			{"its user is suspended", nil, func(t *testing.T, _ oauthApp, _ oauthTokens, user person) {
				admin.during(t).post("/api/v1/users/"+user.name+"/suspend", `{}`).want(http.StatusNoContent)
			}},
			{"its app is suspended", nil, func(t *testing.T, a oauthApp, _ oauthTokens, _ person) {
				admin.during(t).post("/api/v1/clients/"+a.ID+"/suspend", map[string]any{"reason": "It spams."}).want(http.StatusNoContent)
			}},
			{"its app is deleted", nil, func(t *testing.T, a oauthApp, _ oauthTokens, _ person) {
				w.developer.during(t).delete("/api/v1/clients/" + a.ID).want(http.StatusNoContent)
			}},
		} {
			t.Run(end.name, func(t *testing.T) { outlives(t, w.developer.during(t), end.app, end.does) })
		}
	})
}

var ended atomic.Int64

func outlives(t *testing.T, developer person, options appOptions, end func(*testing.T, oauthApp, oauthTokens, person)) {
	s, number := developer.s, strconv.FormatInt(ended.Add(1), 10)
	user := s.signUp(t, "user-"+number)
	a := developer.registerApp("app-"+number, options)
	tokens := a.tokens(user, "scope", "profile offline_access")
	var over atomic.Bool
	var group sync.WaitGroup
	began := make(chan struct{})
	for i := range 4 {
		group.Go(func() {
			c := s.bearer(t, tokens.Access)
			for n := range 5000 {
				late := over.Load()
				got := c.get("/api/v1/users/me")
				if late && got.status != http.StatusUnauthorized {
					t.Errorf("got %d from a request that began after the end was answered", got.status)
				}
				if !late && got.status != http.StatusOK && got.status != http.StatusUnauthorized {
					t.Errorf("got %d", got.status)
				}
				if i == 0 && n == 3 {
					close(began)
				}
				if late {
					return
				}
			}
		})
	}
	<-began
	end(t, a, tokens, user)
	over.Store(true)
	group.Wait()
}

// onlyConnection returns the id of the one connection of a user.
func onlyConnection(t *testing.T, user person) string {
	t.Helper()
	var list struct{ Items []struct{ ID json.Number } }
	user.get("/api/v1/connections").want(http.StatusOK).decode(&list)
	if len(list.Items) != 1 {
		t.Fatalf("got %d connections, want 1", len(list.Items))
	}
	return list.Items[0].ID.String()
}
