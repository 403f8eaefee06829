package wotkit_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/thingward/thingward/internal/authserver/token"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/grant"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/web"
	"github.com/thingward/thingward/internal/wotkit"
)

// exchange is a token endpoint that gives one answer and keeps what it was
// asked: here it is about the shape on the wire alone.
type exchange struct {
	asked  token.Request
	answer token.Answer
	err    error
}

func (e *exchange) Exchange(_ context.Context, r token.Request) (token.Answer, error) {
	e.asked = r
	return e.answer, e.err
}

func goodExchange() *exchange {
	return &exchange{answer: token.Answer{AccessToken: secret.New("at"), RefreshToken: secret.New("rt"), ExpiresIn: 12 * time.Hour, Scope: "all"}}
}

// tokenWorld is the token endpoint before an exchange.
func tokenWorld(t *testing.T, e *exchange) *world {
	t.Helper()
	w := newWorld(t)
	w.handler = web.NewTable(nil, slog.New(slog.NewTextHandler(t.Output(), nil)), (&wotkit.Door{Tokens: e}).TokenDoor())
	return w
}

func TestATokenAnswerHasTheOrderOfTheContract(t *testing.T) {
	t.Parallel()
	e := goodExchange()
	w := tokenWorld(t, e)
	for _, path := range []string{"oauth/token", "oauth/token/", "v1/oauth/token", "v1/oauth/token/"} {
		a := w.nobody().form(path, "grant_type=authorization_code&code=x&client_id=my-app-1&client_secret=s3cret").want(http.StatusOK)
		if want := `{"access_token":"at","token_type":"bearer","refresh_token":"rt","expires_in":43200,"scope":"all"}`; a.body != want {
			t.Errorf("%s: got %s, want %s", path, a.body, want)
		}
		got := []string{a.header.Get("Content-Type"), a.header.Get("Cache-Control"), a.header.Get("Pragma"), a.header.Get("Access-Control-Allow-Origin")}
		if diff := cmp.Diff([]string{"application/json;charset=UTF-8", "no-store", "no-cache", "*"}, got); diff != "" {
			t.Errorf("%s: headers (-want +got):\n%s", path, diff)
		}
	}
	if e.asked.Kind != domain.WotkitClient || e.asked.Form.Get("client_secret") != "s3cret" || e.asked.Basic != nil {
		t.Errorf("got the request %+v, want the credentials of the body for a WoTKit client", e.asked.Form)
	}
	e.answer.RefreshToken = secret.Secret{}
	if a := w.nobody().form("oauth/token", "grant_type=x").want(http.StatusOK); strings.Contains(a.body, "refresh_token") {
		t.Errorf("got %s without a refresh token", a.body)
	}
}

func TestATokenRequestIsReadAsProgramsSendIt(t *testing.T) {
	t.Parallel()
	for name, media := range map[string]string{
		"PHP's curl": asForm, "an Arduino's stray semicolon": asForm + ";", "a browser's charset": asForm + "; charset=UTF-8", "upper case": "Application/X-WWW-Form-Urlencoded",
	} {
		e := goodExchange()
		tokenWorld(t, e).nobody().send("POST", "oauth/token?client_id=from-the-query&code=from-the-query", media, "grant_type=authorization_code&scope=all&code=a%2Bb").want(http.StatusOK)
		want := url.Values{"grant_type": {"authorization_code"}, "scope": {"all"}, "code": {"a+b"}}
		if diff := cmp.Diff(want, e.asked.Form); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	e := goodExchange()
	caller{tokenWorld(t, e), "my-app-1", "s3cret"}.form("oauth/token", "grant_type=refresh_token").want(http.StatusOK)
	if e.asked.Basic == nil || e.asked.Basic.Name != "my-app-1" {
		t.Errorf("got the proof %+v, want that of the header", e.asked.Basic)
	}
}

func TestTokenErrorsAreThoseOfRFC6749(t *testing.T) {
	t.Parallel()
	refused := domain.Errorf(domain.Invalid, "invalid_grant", "No.")
	unknown := domain.Errorf(domain.Unauthenticated, "invalid_client", "Who?")
	tests := map[string]struct {
		method, media string
		err           error
		status        int
		code          string
	}{
		"a code that does not hold": {"POST", asForm, refused, 400, "invalid_grant"},
		"an unknown client":         {"POST", asForm, unknown, 401, "invalid_client"},
		"the password grant type":   {"POST", asForm, domain.Errorf(domain.Invalid, "unsupported_grant_type", "No."), 400, "unsupported_grant_type"},
		"our own fault":             {"POST", asForm, context.DeadlineExceeded, 500, "server_error"},
		"JSON":                      {"POST", asJSON, nil, 400, "invalid_request"},
		"no media type":             {"POST", "", nil, 400, "invalid_request"},
		"GET":                       {"GET", "", nil, 405, "invalid_request"},
		"PUT":                       {"PUT", asForm, nil, 405, "invalid_request"},
	}
	for name, test := range tests {
		e := goodExchange()
		e.err = test.err
		a := tokenWorld(t, e).nobody().send(test.method, "oauth/token?code=x", test.media, "grant_type=authorization_code").want(test.status)
		var got map[string]any
		a.decode(&got)
		description, _ := got["error_description"].(string)
		if got["error"] != test.code || description == "" || len(got) != 2 {
			t.Errorf("%s: got %s, want the error %s with a description", name, a.body, test.code)
		}
		if challenge := a.header.Get("WWW-Authenticate"); (challenge != "") != (test.status == 401) {
			t.Errorf("%s: got the challenge %q", name, challenge)
		}
		if allow := a.header.Get("Allow"); strings.Contains(allow, "POST") != (test.status == 405) {
			t.Errorf("%s: got Allow %q", name, allow)
		}
		if got := a.header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: got Cache-Control %q", name, got)
		}
	}
}

// token makes an access token of the user's for a client that every server
// has.
func (w *world) token(user, scopes string) string {
	w.t.Helper()
	set, err := domain.ParseScopes(scopes)
	if err != nil {
		w.t.Fatal(err)
	}
	now := w.clock.Now()
	allowed := domain.Grant{User: w.users[user].ID, Client: domain.CommandLineID, Name: "laptop", Scopes: set, Asked: set, CreatedAt: now}
	minted := grant.MintAccess(allowed, set, "", time.Hour, now)
	c := domain.Caller{User: w.users[user], Credential: domain.SessionCredential}
	if _, err := w.store.Allow(context.Background(), domain.Allowed{Grant: allowed, Token: &minted.Token}, domain.NewAudit(c, now, "grant.allow", "client")); err != nil {
		w.t.Fatal(err)
	}
	return minted.Text.Reveal()
}

const likeAll = "sensors.* readings.* actuators.* alerts.* profile"

func TestATokenInTheQueryActsForItsUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	query := "access_token=" + w.token("alice", likeAll)
	nobody := w.nobody()
	nobody.send("POST", "sensors?"+query, asJSON, `{"name":"php-one","longName":"PHP one"}`).want(http.StatusCreated)
	nobody.send("POST", "v1/sensors/php-one/data?"+query, asForm, "value=5").want(http.StatusCreated)
	a := nobody.get("sensors/php-one/data?beforeE=1&" + query)
	if got := a.column("value"); got != "5" {
		t.Errorf("got %s, want 5", got)
	}
	if a.header.Get("Referrer-Policy") != "no-referrer" || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("got the headers %v, want no-referrer and no-store", a.header)
	}
	if strings.Contains(a.body, "access_token") {
		t.Errorf("got the token stored as data: %s", a.body)
	}
	if got := w.nobody().get("sensors").header.Get("Referrer-Policy"); got != "" {
		t.Errorf("got the Referrer-Policy %q without a token", got)
	}
}

func TestAnOperatorCanDoWithoutTokensInTheQuery(t *testing.T) {
	t.Parallel()
	for _, off := range []bool{false, true} {
		door := (&wotkit.Door{NoQueryTokens: off}).Web()
		if door.Accepts.QueryTokens == off {
			t.Errorf("with NoQueryTokens %t the door accepts %+v", off, door.Accepts)
		}
	}
}

func TestATokenThatDoesNotHoldIsToldInTheErrorObject(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := w.token("alice", likeAll)
	for name, path := range map[string]string{
		"made up": "sensors?access_token=nothing", "empty": "sensors?access_token=", "another's shape": "sensors?access_token=" + good[1:],
	} {
		a := w.nobody().get(path).wantError(http.StatusUnauthorized, "access token is not valid", "access token")
		if challenges := strings.Join(a.header.Values("WWW-Authenticate"), "; "); !strings.Contains(challenges, "Bearer") || !strings.Contains(challenges, "Basic") {
			t.Errorf("%s: got the challenges %s", name, challenges)
		}
	}
	w.nobody().get("sensors?access_token="+good+"&access_token="+good).wantError(http.StatusBadRequest, "more than one", "")
	w.as("alice").get("sensors?access_token="+good).wantError(http.StatusBadRequest, "in the header", "")
	w.nobody().get("sensors?access_token=" + good).want(http.StatusOK)
	w.clock.Advance(time.Hour)
	w.nobody().get("sensors?access_token="+good).wantError(http.StatusUnauthorized, "access token is not valid", "")
}

func TestADataTableGivesATokenInTheQueryOnlyPublicData(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.as("alice").sensor("open-one", public)
	w.as("alice").sensor("closed-one", private)
	good := w.token("alice", likeAll)
	for _, path := range []string{"sensors/alice.open-one/dataTable?tqx=reqId:1", "sensors/open-one/dataTable?"} {
		w.nobody().get(path + "&access_token=" + good).want(http.StatusOK)
	}
	hidden := w.nobody().get("sensors/closed-one/dataTable?access_token="+good).wantError(http.StatusNotFound, "Could not locate this resource.", "closed-one")
	if unknown := w.nobody().get("sensors/nothing-on/dataTable?access_token=" + good); strings.ReplaceAll(unknown.body, "nothing-on", "closed-one") != hidden.body {
		t.Errorf("a hidden sensor answers %s, an unknown one %s", hidden.body, unknown.body)
	}
	r := httptest.NewRequest("GET", api+"sensors/closed-one/dataTable", nil)
	r.Header.Set("Authorization", "Bearer "+good)
	w.serve(r).want(http.StatusOK)
}

func TestNoTokenReachesBeyondItsUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.as("bobby").sensor("closed-one", private)
	bobbys := w.users["bobby"]
	alices, narrow := w.token("alice", likeAll), w.token("bobby", "sensors.read")
	w.nobody().get("sensors/"+bobbys.Name+".closed-one?access_token="+alices).wantError(http.StatusNotFound, "Could not locate this resource.", "")
	w.nobody().send("POST", "sensors/closed-one/data?access_token="+narrow, asForm, "value=1").wantError(http.StatusForbidden, "scope", "readings.write")
	var seen map[string]any
	w.nobody().get("sensors/closed-one?access_token=" + narrow).want(http.StatusOK).decode(&seen)
	if body, _ := json.Marshal(seen); !strings.Contains(string(body), "closed-one") {
		t.Errorf("got %s", body)
	}
}
