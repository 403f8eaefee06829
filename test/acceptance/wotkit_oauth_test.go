package acceptance

import (
	"net/http"
	"net/url"
	"testing"
)

// wotkitApp is an application of the WoTKit kind, whose programs send its
// secret in the body.
type wotkitApp struct{ oauthApp }

// registerWotkit registers an application as its developer.
func registerWotkit(developer person, id, redirect string) wotkitApp {
	developer.t.Helper()
	app := developer.registerApp(id, appOptions{"kind": "wotkit", "scopes": []string{"all"}, "redirect_uris": []string{redirect},
		"grant_types": []string{"authorization_code", "refresh_token"}})
	return wotkitApp{app}
}

// exchange sends a token request.
func (a wotkitApp) exchange(pairs ...string) answer {
	a.t.Helper()
	form := url.Values{"client_id": {a.ID}, "client_secret": {a.Secret}}
	return a.s.anonymous(a.t).form("/wotkit/api/oauth/token", pairsOf(form, pairs...).Encode())
}

// take reads tokens and holds the answer against the contract.
func (a wotkitApp) take(got answer) oauthTokens {
	a.t.Helper()
	tokens := a.oauthApp.take(got)
	if tokens.Type != "bearer" || tokens.Scope != "all" || tokens.Expires != 43200 || tokens.Refresh == "" {
		a.t.Errorf("got the answer %s", got.body)
	}
	return tokens
}

// plain is how the PHP library asks: it sends neither scope nor state.
var plain = []string{"scope", none, "state", none}

// tokens is the whole way: the person says yes, and the code is exchanged.
func (a wotkitApp) tokens(p person) oauthTokens {
	a.t.Helper()
	return a.take(a.exchange("grant_type", "authorization_code", "code", a.code(p, plain...), "redirect_uri", a.Redirect))
}

func TestThePHPLibrarySendsNoStateAndItsTokenInTheQuery(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		developer, alice := s.signUp(t, "developer"), s.signUp(t, "alice")
		app := registerWotkit(developer, "my-app-1", "http://localhost/wotkit_clientTestCases.php")
		got := app.decide(alice, "allow", plain...)
		if got.Has("state") || got.Get("iss") == "" {
			t.Errorf("got the parameters %v, want iss and no state", got)
		}
		tokens := app.take(app.exchange("code", got.Get("code"), "redirect_uri", app.Redirect, "grant_type", "authorization_code"))
		php, token := s.anonymous(t), "?access_token="+tokens.Access
		php.send("POST", "/wotkit/api/sensors"+token, asJSON, `{"name":"api-test","longName":"api test","visibility":"PRIVATE"}`).want(http.StatusCreated)
		php.form("/wotkit/api/sensors/api-test/data"+token, "value=5").want(http.StatusCreated)
		read := php.get("/wotkit/api/v1/sensors/alice.api-test/data" + token).want(http.StatusOK)
		if !read.contains(`"value":5`) || read.header.Get("Cache-Control") != "no-store" || read.header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("got %s with the headers %v", read.body, read.header)
		}
		php.get("/wotkit/api/sensors/api-test/dataTable" + token).want(http.StatusNotFound)
		php.get("/api/v1/sensors/alice.api-test" + token).want(http.StatusNotFound)
		php.get("/wotkit/api/sensors/alice.api-test?access_token=" + tokens.Refresh).want(http.StatusUnauthorized)
	})
}

func TestTheFlaskExampleSendsScopeAllAndABearer(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		developer, alice := s.signUp(t, "developer"), s.signUp(t, "alice")
		app := registerWotkit(developer, "flask-example", "http://127.0.0.1:5000/oauth-authorized")
		denied := app.decide(alice, "deny", "scope", "all", "state", none)
		if denied.Get("error") != "access_denied" || denied.Get("error_reason") == "" || denied.Get("error_description") == "" || denied.Has("code") {
			t.Errorf("got the parameters %v", denied)
		}
		code := app.decide(alice, "allow", "scope", "all", "state", "a state with = and &")
		if code.Get("state") != "a state with = and &" {
			t.Errorf("got the state %q", code.Get("state"))
		}
		first := app.take(app.exchange("grant_type", "authorization_code", "code", code.Get("code"), "redirect_uri", app.Redirect, "scope", "all"))
		alice.makeSensor("station", private)
		flask := s.anonymous(t).with("Authorization", "Bearer "+first.Access)
		flask.get("/wotkit/api/sensors/station").want(http.StatusOK)
		second := app.take(app.exchange("grant_type", "refresh_token", "refresh_token", first.Refresh, "scope", "all"))
		s.anonymous(t).with("Authorization", "Bearer "+second.Access).get("/wotkit/api/sensors/station").want(http.StatusOK)
		flask.get("/wotkit/api/sensors/station").want(http.StatusOK)
	})
}

func TestTheWotkitTokenEndpointAnswersInTheShapeOfRFC6749(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		app := registerWotkit(s.signUp(t, "developer"), "my-app-1", "http://127.0.0.1:5000/oauth-authorized")
		wrong := app
		wrong.Secret = "wrong"
		for name, test := range map[string]struct {
			answer answer
			status int
			code   string
		}{
			"an unknown code":   {app.exchange("grant_type", "authorization_code", "code", "nothing", "redirect_uri", app.Redirect), 400, "invalid_grant"},
			"a wrong secret":    {wrong.exchange("grant_type", "authorization_code", "code", "nothing"), 401, "invalid_client"},
			"a password":        {app.exchange("grant_type", "password", "username", "developer", "password", "x", "scope", "all"), 400, "unsupported_grant_type"},
			"no grant type":     {app.exchange(), 400, "invalid_request"},
			"GET":               {s.anonymous(t).get("/wotkit/api/oauth/token?grant_type=authorization_code"), 405, "invalid_request"},
			"another door's id": {s.anonymous(t).form("/oauth/token", url.Values{"client_id": {app.ID}, "client_secret": {app.Secret}, "grant_type": {"refresh_token"}}.Encode()), 401, "invalid_client"},
		} {
			t.Log(name)
			test.answer.wantFault(test.status, test.code)
		}
	})
}

func TestDeletingAnApplicationEndsWhatItWasGiven(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		developer, alice := s.signUp(t, "developer"), s.signUp(t, "alice")
		app := registerWotkit(developer, "my-app-1", "http://127.0.0.1:5000/oauth-authorized")
		tokens := app.tokens(alice)
		php := s.anonymous(t)
		php.get("/wotkit/api/subscribe?access_token=" + tokens.Access).want(http.StatusOK)
		alice.delete("/api/v1/clients/"+app.ID).wantCode(http.StatusForbidden, "not_yours")
		developer.delete("/api/v1/clients/" + app.ID).want(http.StatusNoContent)
		php.get("/wotkit/api/subscribe?access_token=" + tokens.Access).want(http.StatusUnauthorized)
		app.exchange("grant_type", "refresh_token", "refresh_token", tokens.Refresh).want(http.StatusUnauthorized)
	})
}

func TestTheTokenOfAnAdministratorIsNoAdministrator(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		admin, alice := s.administrator(t, "root-admin"), s.signUp(t, "alice")
		app := registerWotkit(alice, "my-app-1", "http://127.0.0.1:5000/oauth-authorized")
		alice.makeSensor("station", private)
		tokens := app.tokens(admin)
		bearer := s.anonymous(t).with("Authorization", "Bearer "+tokens.Access)
		bearer.get("/wotkit/api/sensors/alice.station").want(http.StatusNotFound)
		bearer.get("/api/v1/users").want(http.StatusForbidden)
		bearer.get("/api/v1/keys").want(http.StatusForbidden)
		bearer.get("/api/v1/connections").want(http.StatusForbidden)
	})
}
