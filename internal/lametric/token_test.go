package lametric_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/thingward/thingward/internal/authserver/token"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/lametric"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/web"
)

// endpoint is the token endpoint before an exchange that gives one answer and
// keeps what it was asked: here it is about the shape on the wire alone.
type endpoint struct {
	t      *testing.T
	asked  token.Request
	answer token.Answer
	err    error
	legacy []string
}

func newEndpoint(t *testing.T) *endpoint {
	return &endpoint{t: t, answer: token.Answer{AccessToken: secret.New("at"), RefreshToken: secret.New("rt"), ExpiresIn: time.Hour, Scope: "basic devices_read"}}
}

func (e *endpoint) Exchange(_ context.Context, r token.Request) (token.Answer, error) {
	e.asked = r
	return e.answer, e.err
}

func (e *endpoint) LegacyUse(what string) { e.legacy = append(e.legacy, what) }

func (e *endpoint) ClientCheck(_ context.Context, id domain.ClientID) (domain.ClientCheck, error) {
	switch id {
	case "modern":
		return domain.ClientCheck{Client: domain.Client{ID: id}}, nil
	case "old":
		return domain.ClientCheck{Client: domain.Client{ID: id, Switches: []domain.LegacySwitch{domain.SwitchQueryCredentials}}}, nil
	}
	return domain.ClientCheck{}, domain.Errorf(domain.NotFound, "client_not_found", "No.")
}

func (e *endpoint) send(method, path, media, body string) *httptest.ResponseRecorder {
	e.t.Helper()
	r := httptest.NewRequest(method, "/lametric/api/v2/oauth2/"+path, strings.NewReader(body))
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	return e.serve(r)
}

func (e *endpoint) serve(r *http.Request) *httptest.ResponseRecorder {
	e.t.Helper()
	w := httptest.NewRecorder()
	door := &lametric.TokenDoor{Tokens: e, Clients: e, Observe: e}
	web.NewTable(nil, slog.New(slog.NewTextHandler(e.t.Output(), nil)), door.Web()).ServeHTTP(w, r)
	return w
}

const form = "application/x-www-form-urlencoded"

// parts encodes fields as curl -F does.
func parts(fields url.Values) (media, body string) {
	var text bytes.Buffer
	writer := multipart.NewWriter(&text)
	for name, values := range fields {
		for _, value := range values {
			_ = writer.WriteField(name, value)
		}
	}
	_ = writer.Close()
	return writer.FormDataContentType(), text.String()
}

func TestATokenAnswerHasTheOrderOfTheContract(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"token", "token/"} {
		w := newEndpoint(t).send("POST", path, form, "grant_type=authorization_code&code=x")
		if want := `{"access_token":"at","expires_in":3600,"token_type":"Bearer","scope":"basic devices_read","refresh_token":"rt"}`; w.Code != 200 || w.Body.String() != want {
			t.Errorf("%s: got %d %s, want %s", path, w.Code, w.Body, want)
		}
		got := []string{w.Header().Get("Content-Type"), w.Header().Get("Cache-Control"), w.Header().Get("Pragma")}
		if diff := cmp.Diff([]string{"application/json;charset=UTF-8", "no-store", "no-cache"}, got); diff != "" {
			t.Errorf("%s: headers (-want +got):\n%s", path, diff)
		}
	}
	e := newEndpoint(t)
	e.answer.RefreshToken = secret.Secret{}
	if w := e.send("POST", "token", form, "grant_type=client_credentials"); strings.Contains(w.Body.String(), "refresh_token") {
		t.Errorf("got %s without a refresh token", w.Body)
	}
}

func TestATokenRequestIsReadInEveryEncodingThatProgramsUse(t *testing.T) {
	t.Parallel()
	want := url.Values{"client_id": {"modern"}, "client_secret": {"s3 cret+&"}, "grant_type": {"authorization_code"}, "code": {"c"}, "redirect_uri": {"https://example.org/cb?a=1"}}
	multi, body := parts(want)
	for name, request := range map[string][2]string{
		"curl -F": {multi, body}, "a library": {form, want.Encode()}, "one with a charset": {form + ";charset=UTF-8", want.Encode()}, "a stray semicolon": {form + ";", want.Encode()},
	} {
		e := newEndpoint(t)
		if w := e.send("POST", "token?foo=bar&grant_type=password", request[0], request[1]); w.Code != 200 {
			t.Errorf("%s: got %d %s", name, w.Code, w.Body)
		}
		if diff := cmp.Diff(want, e.asked.Form); diff != "" || e.asked.Kind != domain.LametricClient {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	e := newEndpoint(t)
	r := httptest.NewRequest("POST", "/lametric/api/v2/oauth2/token", strings.NewReader("grant_type=client_credentials"))
	r.Header.Set("Content-Type", form)
	r.SetBasicAuth("modern", "s3cret")
	if w := e.serve(r); w.Code != 200 || e.asked.Basic == nil || e.asked.Basic.Name != "modern" {
		t.Errorf("Basic: got %d and the proof %v", w.Code, e.asked.Basic)
	}
}

func TestCredentialsInTheQueryAreForClientsThatAreKnownForIt(t *testing.T) {
	t.Parallel()
	const refresh = "grant_type=refresh_token&client_secret=s3cret&refresh_token=rt&redirect_uri=https%3A%2F%2Fexample.org%2Fcb"
	tests := map[string]struct {
		query, media, body string
		taken              bool
	}{
		"one of the old":                         {"client_id=old&" + refresh, "", "", true},
		"one of the old that names a media type": {"client_id=old&" + refresh, form, "", true},
		"one of the old with a body":             {"client_id=old&" + refresh, form, "a=b", false},
		"one of the old, doubled":                {"client_id=old&client_id=old&" + refresh, form, "", false},
		"any other":                              {"client_id=modern&" + refresh, form, "", false},
		"an unknown one":                         {"client_id=nobody&" + refresh, "", "", false},
		"one without a name":                     {refresh, "", "", false},
		"one with the rest in the body":          {"client_secret=s3cret", form, "client_id=modern&grant_type=refresh_token&refresh_token=rt", false},
		"a code in the query":                    {"code=c", form, "client_id=old&client_secret=s3cret&grant_type=authorization_code", false},
		"a query that is none":                   {"client_id=%zz&" + refresh, form, "", false},
	}
	for name, test := range tests {
		e := newEndpoint(t)
		w := e.send("POST", "token?"+test.query, test.media, test.body)
		if taken := w.Code == 200; taken != test.taken || !taken && (w.Code != 400 || faultOf(t, w) != "invalid_request") {
			t.Errorf("%s: got %d %s, want it taken: %t", name, w.Code, w.Body, test.taken)
		}
		if counted := slices.Equal(e.legacy, []string{"query_credentials"}); counted != test.taken {
			t.Errorf("%s: got the counts %v", name, e.legacy)
		}
		if test.taken && e.asked.Form.Get("refresh_token") != "rt" {
			t.Errorf("%s: got the form %v", name, e.asked.Form)
		}
		if strings.Contains(w.Body.String(), "s3cret") {
			t.Errorf("%s: the answer shows the secret: %s", name, w.Body)
		}
	}
}

// faultOf holds an error against both kinds of readers and returns its code.
func faultOf(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	var fault struct {
		Error       string
		Description string `json:"error_description"`
		Errors      []struct{ Message string }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &fault); err != nil || fault.Description == "" || len(fault.Errors) != 1 || fault.Errors[0].Message != fault.Description {
		t.Errorf("got %v in %s, want error, error_description and errors", err, w.Body)
	}
	if got := w.Header().Get("Content-Type"); !strings.HasPrefix(got, "application/json") {
		t.Errorf("got the content type %q", got)
	}
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("got Cache-Control %q", got)
	}
	return fault.Error
}

func TestTokenErrorsAreOneObjectForAllReaders(t *testing.T) {
	t.Parallel()
	multi, whole := parts(url.Values{"a": {"b"}})
	tests := map[string]struct {
		method, media, body string
		err                 error
		status              int
		code                string
	}{
		"a code that does not hold": {"POST", form, "a=b", domain.Errorf(domain.Invalid, "invalid_grant", "No."), 400, "invalid_grant"},
		"an unknown client":         {"POST", form, "a=b", domain.Errorf(domain.Unauthenticated, "invalid_client", "Who?"), 401, "invalid_client"},
		"the password grant type":   {"POST", form, "a=b", domain.Errorf(domain.Invalid, "unsupported_grant_type", "No."), 400, "unsupported_grant_type"},
		"a grant type too many":     {"POST", form, "a=b", domain.Errorf(domain.Invalid, "unauthorized_client", "No."), 400, "unauthorized_client"},
		"too wide a scope":          {"POST", form, "a=b", domain.Errorf(domain.Invalid, "invalid_scope", "No."), 400, "invalid_scope"},
		"our own fault":             {"POST", form, "a=b", context.DeadlineExceeded, 500, "server_error"},
		"JSON":                      {"POST", "application/json", "{}", nil, 400, "invalid_request"},
		"no media type":             {"POST", "", "a=b", nil, 400, "invalid_request"},
		"a form that is none":       {"POST", form, "a=%zz", nil, 400, "invalid_request"},
		"parts without a boundary":  {"POST", "multipart/form-data", "a=b", nil, 400, "invalid_request"},
		"parts cut off":             {"POST", multi, whole[:len(whole)/2], nil, 400, "invalid_request"},
		"too much":                  {"POST", form, "a=" + strings.Repeat("x", 70_000), nil, 413, "invalid_request"},
		"GET":                       {"GET", "", "", nil, 405, "invalid_request"},
		"PUT":                       {"PUT", form, "a=b", nil, 405, "invalid_request"},
	}
	for name, test := range tests {
		e := newEndpoint(t)
		e.err = test.err
		w := e.send(test.method, "token", test.media, test.body)
		if got := faultOf(t, w); w.Code != test.status || got != test.code {
			t.Errorf("%s: got %d %s, want %d %s", name, w.Code, w.Body, test.status, test.code)
		}
		if challenge := w.Header().Get("WWW-Authenticate"); strings.HasPrefix(challenge, "Basic realm=") != (test.status == 401) {
			t.Errorf("%s: got the challenge %q", name, challenge)
		}
		if allow := w.Header().Get("Allow"); (allow == "POST") != (test.status == 405) {
			t.Errorf("%s: got Allow %q", name, allow)
		}
	}
}

func TestAFileIsNoParameter(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	writer := multipart.NewWriter(&text)
	part, err := writer.CreateFormFile("client_secret", "secret.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write([]byte("s3cret"))
	_ = writer.Close()
	if w := newEndpoint(t).send("POST", "token", writer.FormDataContentType(), text.String()); w.Code != 400 || faultOf(t, w) != "invalid_request" {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}
