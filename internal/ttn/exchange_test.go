package ttn_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func (a *accountServer) keyExchange() request {
	return request{accountServer: a, path: "api/v2/applications/token", media: "application/x-www-form-urlencoded"}
}

func (r request) bearing(token string) request {
	r.authorization = "Bearer " + token
	return r
}

// TestAccessKeysAreExchanged in all the ways in which programs ask for it.
func TestAccessKeysAreExchanged(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	a.application("alice", "mine")
	key := a.accessKey("alice", "mine")
	c := a.client("myclient")
	whole := a.signedIn("alice", ttnctl)
	whole.post("api/v2/components/handlers", `{"id":"myhandler"}`).want(http.StatusCreated)
	var component struct{ Token string }
	whole.get("api/v2/components/handlers/myhandler/token").want(http.StatusOK).decode(&component)
	ofPath := a.keyExchange()
	ofPath.path = "api/v2/applications/mine/token"
	withKey := ofPath
	withKey.authorization, withKey.media = "key "+key, ""
	for name, r := range map[string]request{
		"form":                 a.keyExchange().as(c).form("grant_type", "password", "username", "mine", "password", key),
		"JSON":                 a.keyExchange().as(c).json(`{"grant_type":"password","username":"mine","password":"` + key + `"}`),
		"as the handler":       a.keyExchange().bearing(component.Token).json(`{"username":"mine","password":"` + key + `"}`),
		"in the body":          a.keyExchange().form("username", "mine", "password", key, "client_id", c.id, "client_secret", c.secret),
		"named in the path":    ofPath.as(c).form("password", key),
		"by the key alone":     withKey,
		"as the documentation": ofPath.as(c).json(`{"grant_type":"password","username":"mine","password":"` + key + `"}`),
	} {
		var got map[string]any
		r.send().want(http.StatusOK).decode(&got)
		text, _ := got["access_token"].(string)
		if len(got) != 2 || got["expires_in"] != float64(86400) {
			t.Errorf("%s: got %v", name, got)
		}
		read := a.claims(text)
		apps, _ := read["apps"].(map[string]any)
		if words(read["scope"]) != "apps:mine" || words(apps["mine"]) != "messages:up:r messages:down:w" || read["interchangeable"] != false {
			t.Errorf("%s: got %v", name, read)
		}
		a.bearer(text).restrictTo("apps:mine").want(http.StatusForbidden)
		a.bearer(text).get("api/v2/users/me").want(http.StatusForbidden)
	}
}

// TestKeysThatAreNotExchanged get 401 with a body for both kinds of readers.
func TestKeysThatAreNotExchanged(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	a.application("alice", "mine")
	a.application("alice", "other")
	a.gateway("alice", "mygtw")
	key := a.accessKey("alice", "mine")
	_, bare, _ := strings.Cut(key, ".")
	c := a.client("myclient")
	ask := func(name, key string) request {
		return a.keyExchange().as(c).form("grant_type", "password", "username", name, "password", key)
	}
	of := ask("mine", key)
	of.path = "api/v2/applications/other/token"
	gatewayKey, err := a.door.Gateways.Key(t.Context(), a.session("alice"), "mygtw")
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]request{
		"unknown_key":      ask("mine", keyIssuer+"."+strings.Repeat("x", 43)),
		"without_issuer":   ask("mine", bare),
		"another_issuer":   ask("mine", "ttn-account-v3."+bare),
		"issuer_alone":     ask("mine", keyIssuer+"."),
		"another_app":      ask("other", key),
		"unknown_app":      ask("nowhere", key),
		"gateway_key":      ask("mygtw", gatewayKey.Reveal()),
		"key_of_a_number":  ask("mine", gatewayKey.Reveal()), // gateway and application have the same
		"not_of_the_path":  of,
		"no_key":           ask("mine", ""),
		"no_app":           ask("", key),
		"another_grant":    a.keyExchange().as(c).form("grant_type", "refresh_token", "username", "mine", "password", key),
		"wrong_client":     a.keyExchange().basic(c.id, "wrong").form("username", "mine", "password", key),
		"nobody":           a.keyExchange().form("username", "mine", "password", key),
		"a_persons_token":  a.keyExchange().bearing(a.signedIn("alice", a.client("appsonly", "apps")).token).form("username", "mine", "password", key),
		"nonsense":         a.keyExchange().bearing("nonsense").form("username", "mine", "password", key),
		"no_body":          a.keyExchange().as(c).json(""),
		"a_users_password": ask("alice", "correct horse battery"),
	} {
		r.send().like("exchange/" + name)
	}
	a.nobody().get("api/v2/applications/mine/token").want(http.StatusMethodNotAllowed)
	a.signedIn("alice", ttnctl).remove("api/v2/applications/mine/access-keys/" + url.PathEscape("default key")).want(http.StatusNoContent)
	ask("mine", key).send().like("exchange/deleted_key")
}

// TestExchangesAreCounted for each application and network.
func TestExchangesAreCounted(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	c := a.client("myclient")
	guess := a.keyExchange().as(c).form("username", "mine", "password", keyIssuer+".x")
	for range 20 {
		guess.send().want(http.StatusUnauthorized)
	}
	if got := guess.send().want(http.StatusTooManyRequests).like("exchange/too_many"); got.header.Get("Retry-After") == "" {
		t.Errorf("got %v", got.header)
	}
	a.keyExchange().as(c).form("username", "other", "password", keyIssuer+".x").send().want(http.StatusUnauthorized)
	a.clock.Advance(time.Second)
	guess.send().want(http.StatusUnauthorized)
}
