package ttn_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/authserver/client"
)

// TestTheCommandLineSignsIn exactly as ttnctl does: Basic with the well-known
// secret, a form in which nothing says where the code went.
func TestTheCommandLineSignsIn(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	a.application("alice", "weather")
	got := a.token().basic("ttnctl", "ttnctl").form("code", a.code("alice", ttnctl), "grant_type", "authorization_code").send().tokens()
	if got.Type != "bearer" || got.Refresh == "" || got.Expires < 3500 || got.Expires > 3600 || got.Scope != "" {
		t.Errorf("got %+v", got)
	}
	claims := a.claims(got.Access)
	if claims["client"] != "ttnctl" || claims["type"] != "user" || claims["interchangeable"] != true || words(claims["scope"]) != "profile apps gateways components clients" {
		t.Errorf("got %v", claims)
	}
	a.bearer(got.Access).get("api/v2/users/me").want(http.StatusOK).exactly(`{"username":"alice","email":"alice@example.org","name":{"first":"","last":""}}`)
	a.application("alice", "tides")
	again := a.token().basic("ttnctl", "ttnctl").form("grant_type", "refresh_token", "refresh_token", got.Refresh).send().tokens()
	if apps, _ := a.claims(again.Access)["apps"].(map[string]any); len(apps) != 2 || words(apps["tides"]) == "" {
		t.Errorf("after a refresh: got the applications %v, want the new one too", apps)
	}
}

// TestTheGoLibraryGuesses how it is to say who it is: what fails by Basic it
// repeats in the body, and the code is there for it.
func TestTheGoLibraryGuesses(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	c := a.client("myclient")
	code := a.code("alice", c)
	a.token().basic(c.id, c.secret+"?").form("grant_type", "authorization_code", "code", code, "redirect_uri", c.uri).send().want(http.StatusUnauthorized)
	body := a.token().form("grant_type", "authorization_code", "code", code, "redirect_uri", c.uri, "client_id", c.id, "client_secret", c.secret)
	if got := body.send().tokens(); got.Refresh == "" {
		t.Errorf("got %+v", got)
	}
}

// TestBodiesAsOtherProgramsSendThem: JSON, with the client id beside Basic as
// the Java library does, or with everything in it as lpwanserver does.
func TestBodiesAsOtherProgramsSendThem(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	c := a.client("myclient")
	java := a.token().as(c).json(`{"grant_type":"authorization_code","client_id":"myclient","code":"` + a.code("alice", c) + `","redirect_uri":"` + c.uri + `"}`).send().tokens()
	again := a.token().as(c).json(`{"grant_type":"refresh_token","client_id":"myclient","refresh_token":"` + java.Refresh + `","scope":null}`).send().tokens()
	if again.Access == "" || again.Refresh == java.Refresh {
		t.Errorf("got %+v", again)
	}
	lpwan := a.token().json(`{"grant_type":"authorization_code","code":"` + a.code("alice", c) + `","redirect_uri":"` + c.uri + `","client_id":"myclient","client_secret":"` + c.secret + `"}`).send().tokens()
	narrow := a.token().json(`{"grant_type":"refresh_token","refresh_token":"` + lpwan.Refresh + `","scope":["apps","gateways"],"client_id":"myclient","client_secret":"` + c.secret + `"}`).send().tokens()
	if narrow.Scope != "apps gateways" || words(a.claims(narrow.Access)["scope"]) != "apps gateways" {
		t.Errorf("got the scope %q", narrow.Scope)
	}
}

// TestTwoProcessesWithOneRefreshToken get the same successor, and whoever
// comes later with it ends all of it.
func TestTwoProcessesWithOneRefreshToken(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	first := a.token().as(ttnctl).form("grant_type", "authorization_code", "code", a.code("alice", ttnctl)).send().tokens()
	refresh := a.token().as(ttnctl).form("grant_type", "refresh_token", "refresh_token", first.Refresh)
	one, two := refresh.send().tokens(), refresh.send().tokens()
	if one.Refresh != two.Refresh || one.Access != two.Access {
		t.Error("the second process has another successor")
	}
	a.clock.Advance(time.Minute)
	refresh.send().want(http.StatusBadRequest)
	a.bearer(one.Access).get("api/v2/users/me").want(http.StatusUnauthorized)
}

// TestACodeIsGoodOnce, for the client that it was given to.
func TestACodeIsGoodOnce(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	mine, other := a.client("mine"), a.client("other")
	code := a.code("alice", mine)
	redeem := func(c app) request {
		return a.token().as(c).form("grant_type", "authorization_code", "code", code, "redirect_uri", c.uri)
	}
	redeem(other).send().want(http.StatusBadRequest)
	first := redeem(mine).send().tokens()
	redeem(mine).send().want(http.StatusBadRequest)
	a.bearer(first.Access).get("api/v2/users/me").want(http.StatusUnauthorized)
	a.token().as(other).form("grant_type", "refresh_token", "refresh_token", a.token().as(mine).form("grant_type", "authorization_code", "code", a.code("alice", mine), "redirect_uri", mine.uri).send().tokens().Refresh).send().want(http.StatusBadRequest)
}

// TestErrorsOfTheTokenEndpoint are in the words of RFC 6749.
func TestErrorsOfTheTokenEndpoint(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	c := a.client("myclient", "profile", "apps")
	code := a.code("alice", c)
	late := a.code("alice", c)
	refresh := a.token().as(c).form("grant_type", "authorization_code", "code", a.code("alice", c), "redirect_uri", c.uri).send().tokens().Refresh
	standard := a.token().as(c)
	modern, password, err := a.door.Clients.Register(t.Context(), a.session("root"), client.NewClient{ID: "modern", Name: "modern", Scopes: []string{"profile"}, RedirectURIs: []string{"https://modern.example/"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]request{
		"another_kind":     a.token().basic(string(modern.ID), password.Reveal()).form("grant_type", "authorization_code", "code", code),
		"no_credentials":   a.token().form("grant_type", "authorization_code", "code", code),
		"wrong_secret":     a.token().basic("myclient", "wrong").form("grant_type", "authorization_code", "code", code),
		"unknown_client":   a.token().basic("nobody", "wrong").form("grant_type", "authorization_code", "code", code),
		"ttnctl_secret":    a.token().basic("ttnctl", "secret").form("grant_type", "authorization_code", "code", code),
		"two_ways":         standard.form("grant_type", "authorization_code", "code", code, "client_id", c.id, "client_secret", c.secret),
		"another_id":       standard.form("grant_type", "authorization_code", "code", code, "client_id", "ttnctl"),
		"bearer":           {accountServer: a, path: "users/token", media: "application/json", body: "{}", authorization: "Bearer x"},
		"no_grant_type":    standard.form("code", code),
		"unknown_grant":    standard.form("grant_type", "wishes"),
		"password":         standard.json(`{"grant_type":"password","username":"alice","password":"correct horse battery","scope":["apps","gateways","components"]}`),
		"own_token":        standard.form("grant_type", "client_credentials"),
		"no_code":          standard.form("grant_type", "authorization_code"),
		"unknown_code":     standard.form("grant_type", "authorization_code", "code", "nonsense", "redirect_uri", c.uri),
		"no_redirect":      standard.form("grant_type", "authorization_code", "code", code),
		"another_redirect": standard.form("grant_type", "authorization_code", "code", code, "redirect_uri", "https://evil.example/"),
		"no_refresh":       standard.form("grant_type", "refresh_token"),
		"unknown_refresh":  standard.form("grant_type", "refresh_token", "refresh_token", "nonsense"),
		"wider_scope":      standard.json(`{"grant_type":"refresh_token","refresh_token":"` + refresh + `","scope":["apps","clients"]}`),
		"unknown_scope":    standard.json(`{"grant_type":"refresh_token","refresh_token":"` + refresh + `","scope":["everything"]}`),
		"foreign_thing":    standard.json(`{"grant_type":"refresh_token","refresh_token":"` + refresh + `","scope":["apps:not-mine"]}`),
		"no_json":          standard.json(`{"grant_type`),
		"json_list":        standard.json(`["authorization_code"]`),
		"json_number":      standard.json(`{"grant_type":"authorization_code","code":7}`),
		"json_list_code":   standard.json(`{"grant_type":"authorization_code","code":["x"]}`),
		"doubled":          standard.form("grant_type", "authorization_code", "code", code, "code", code),
		"no_media":         {accountServer: a, path: "users/token", body: "grant_type=refresh_token", authorization: standard.authorization},
		"text":             {accountServer: a, path: "users/token", media: "text/plain", body: "grant_type=refresh_token", authorization: standard.authorization},
		"empty_json":       standard.json(""),
	} {
		r.send().like("oauth/" + name)
	}
	a.clock.Advance(61 * time.Second)
	standard.form("grant_type", "authorization_code", "code", late, "redirect_uri", c.uri).send().like("oauth/late_code")
	a.nobody().get("users/token").want(http.StatusMethodNotAllowed)
}

// TestWrongCredentialsAreSlowedDown, those of one client from one network.
func TestWrongCredentialsAreSlowedDown(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	c := a.client("myclient")
	guess := a.token().basic(c.id, "guess").form("grant_type", "refresh_token", "refresh_token", "x")
	for range 30 {
		guess.send().want(http.StatusUnauthorized)
	}
	if got := guess.send().want(http.StatusTooManyRequests); got.header.Get("Retry-After") == "" {
		t.Errorf("got %v: when is it over?", got.header)
	}
	a.token().as(c).form("grant_type", "refresh_token", "refresh_token", "x").send().want(http.StatusBadRequest)
	a.clock.Advance(2 * time.Second)
	guess.send().want(http.StatusUnauthorized)
}

// TestTokensInTheQueryDoNotCount, nor do sessions.
func TestTokensInTheQueryDoNotCount(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	p := a.signedIn("alice", ttnctl)
	p.get("api/v2/users/me").want(http.StatusOK)
	a.nobody().get("api/v2/users/me?access_token=" + p.token).want(http.StatusUnauthorized)
	c := a.client("myclient")
	query := request{accountServer: a, path: "users/token?client_id=" + c.id + "&client_secret=" + c.secret + "&grant_type=refresh_token", media: "application/x-www-form-urlencoded"}
	query.send().want(http.StatusUnauthorized)
}

// TestTheKey is what programs keep on their disks.
func TestTheKey(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	var key map[string]string
	got := a.nobody().get("key").want(http.StatusOK)
	got.decode(&key)
	if len(key) != 2 || key["algorithm"] != "ES256" || !strings.HasPrefix(key["key"], "-----BEGIN PUBLIC KEY-----\n") {
		t.Errorf("got %s", got.body)
	}
	a.bearer("expired").get("key").want(http.StatusOK).exactly(got.body)
}
