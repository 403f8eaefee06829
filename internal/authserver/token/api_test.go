package token_test

import (
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/web"
)

// post sends a body to the token endpoint.
func (w world) post(body string, headers ...string) *httptest.ResponseRecorder {
	door := &web.Door{Name: "oauth", Prefix: "/oauth/", Routes: w.Routes(), WriteError: web.WriteOAuthError}
	r := httptest.NewRequest(http.MethodPost, "/oauth/token", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	web.NewTable(nil, slog.New(slog.DiscardHandler), door).ServeHTTP(recorder, r)
	return recorder
}

func basic(name, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(name+":"+password))
}

func TestAnAnswerIsTheJSONOfTheRFC(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden")
	_, code := w.allow(t, garden, w.alice, "readings.read offline_access")
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {back}}
	answer := w.post(form.Encode(), "Authorization", basic("garden", garden.secret.Reveal()))
	if answer.Code != http.StatusOK || answer.Header().Get("Content-Type") != "application/json" ||
		answer.Header().Get("Cache-Control") != "no-store" || answer.Header().Get("Pragma") != "no-cache" {
		t.Errorf("got %d with %v", answer.Code, answer.Header())
	}
	var got struct {
		AccessToken  string `json:"access_token"`
		TokenType    string `json:"token_type"`
		ExpiresIn    any    `json:"expires_in"`
		RefreshToken string `json:"refresh_token"`
		Scope        string `json:"scope"`
	}
	decoder := json.NewDecoder(answer.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if got.TokenType != "Bearer" || got.ExpiresIn != 3600.0 || got.Scope != "readings.read offline_access" || got.RefreshToken == "" {
		t.Errorf("got %+v", got)
	}
	wantLive(t, w, secret.New(got.AccessToken), "readings.read offline_access")
}

// TestBasicIsReadEncodedAndRaw: RFC 6749 §2.3.1 encodes id and secret within
// Basic, and half of all programs do not.
func TestBasicIsReadEncodedAndRaw(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for id, password := range map[string]string{
		"garden": "plain-secret_with-hyphens.and~more", "a client": "with a space", "imported:colon": "p:a:s:s", "percent": "100%", "plus+id": "a+b=c&d",
		"zz": "%zz", "encoded%20id": "looks%2Dencoded", "ümlaut": "schlüssel",
	} {
		w.importClient(t, domain.ClientID(id), password)
		for how, header := range map[string]string{
			"encoded": basic(url.QueryEscape(id), url.QueryEscape(password)),
			"as %XX":  basic(url.PathEscape(id), everyByte(password)),
			"raw":     basic(id, password),
		} {
			if how == "raw" && strings.Contains(id, ":") {
				continue // cannot be told apart (RFC 7617 §2)
			}
			if how == "as %XX" && strings.ContainsAny(id, ":+") {
				continue // not what this encoding makes of it
			}
			if answer := w.post("grant_type=client_credentials", "Authorization", header); answer.Code != http.StatusOK {
				t.Errorf("id %q and secret %q, %s: got %d %s", id, password, how, answer.Code, answer.Body)
			}
		}
		if answer := w.post("grant_type=client_credentials", "Authorization", basic(id, password+"x")); answer.Code != http.StatusUnauthorized {
			t.Errorf("id %q with a wrong secret: got %d", id, answer.Code)
		}
	}
}

func everyByte(text string) string {
	var encoded strings.Builder
	for _, c := range []byte(text) {
		encoded.WriteString("%" + strings.ToUpper(string("0123456789abcdef"[c>>4])+string("0123456789abcdef"[c&15])))
	}
	return encoded.String()
}

func TestHowAClientMayAuthenticate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden")
	other := w.register(t, "other")
	native := w.register(t, "native", public)
	right, password := basic("garden", garden.secret.Reveal()), garden.secret.Reveal()
	for _, test := range []struct {
		name, body string
		headers    []string
		status     int
		code       string
	}{
		{"by Basic", "", []string{right}, 200, ""},
		{"by Basic in other letters", "", []string{"bAsIc " + strings.TrimPrefix(right, "Basic ")}, 200, ""},
		{"in the body", "client_id=garden&client_secret=" + password, nil, 200, ""},
		{"by Basic, with its own id in the body", "client_id=garden", []string{right}, 200, ""},
		{"by Basic, with an empty secret in the body", "client_secret=", []string{right}, 200, ""},
		{"by Basic and in the body", "client_id=garden&client_secret=" + password, []string{right}, 400, "invalid_request"},
		{"by Basic, with another id in the body", "client_id=other", []string{right}, 400, "invalid_request"},
		{"by Basic twice", "", []string{right, right}, 400, "invalid_request"},
		{"by the secret of another", "", []string{basic("garden", other.secret.Reveal())}, 401, "invalid_client"},
		{"by Bearer", "", []string{"Bearer " + password}, 401, "invalid_client"},
		{"by Bearer, and in the body", "client_id=garden&client_secret=" + password, []string{"Bearer x"}, 401, "invalid_client"},
		{"by Basic that is none", "", []string{"Basic ?"}, 401, "invalid_client"},
		{"by Basic without a pair", "", []string{"Basic Z2FyZGVu"}, 401, "invalid_client"},
		{"by an empty header", "", []string{""}, 401, "invalid_client"},
		{"by Basic without a secret", "", []string{basic("garden", "")}, 401, "invalid_client"},
		{"by nothing", "", nil, 401, "invalid_client"},
		{"in the body twice", "client_id=garden&client_secret=" + password + "&client_secret=" + password, nil, 400, "invalid_request"},
		{"as a public client for itself", "client_id=" + string(native.ID), nil, 400, "unauthorized_client"},
		{"as a public client by Basic", "", []string{basic("native", "")}, 400, "unauthorized_client"},
	} {
		var headers []string
		for _, header := range test.headers {
			headers = append(headers, "Authorization", header)
		}
		answer := w.post("grant_type=client_credentials&"+test.body, headers...)
		var fault struct{ Error string }
		_ = json.Unmarshal(answer.Body.Bytes(), &fault)
		if answer.Code != test.status || fault.Error != test.code {
			t.Errorf("%s: got %d %s, want %d %s", test.name, answer.Code, answer.Body, test.status, test.code)
		}
		if challenge := answer.Header().Get("WWW-Authenticate"); strings.HasPrefix(challenge, "Basic ") != (test.status == 401) {
			t.Errorf("%s: got the challenge %q with %d", test.name, challenge, answer.Code)
		}
		if answer.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: the answer may be cached", test.name)
		}
	}
}

func TestABodyIsAForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	garden := w.register(t, "garden")
	header := basic("garden", garden.secret.Reveal())
	for _, test := range []struct{ name, contentType, body, want string }{
		{"a form", "application/x-www-form-urlencoded", "grant_type=client_credentials", ""},
		{"a form with a charset", "application/x-www-form-urlencoded; charset=utf-8", "grant_type=client_credentials", ""},
		{"a form in capitals", "Application/X-WWW-Form-URLencoded", "grant_type=client_credentials", ""},
		{"JSON", "application/json", `{"grant_type":"client_credentials"}`, "invalid_request"},
		{"multipart", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"grant_type\"\r\n\r\nclient_credentials\r\n--x--\r\n", "invalid_request"},
		{"text", "text/plain", "grant_type=client_credentials", "invalid_request"},
		{"no media type", "", "grant_type=client_credentials", "invalid_request"},
		{"a media type that is none", ";", "grant_type=client_credentials", "invalid_request"},
		{"bad percent encoding", "application/x-www-form-urlencoded", "grant_type=%zz", "invalid_request"},
		{"bad UTF-8", "application/x-www-form-urlencoded", "grant_type=client_credentials&x=%ff", "invalid_request"},
		{"semicolons", "application/x-www-form-urlencoded", "grant_type=client_credentials;x=1", "invalid_request"},
		{"too much", "application/x-www-form-urlencoded", "grant_type=client_credentials&x=" + strings.Repeat("x", 2<<20), "invalid_request"},
		{"nothing", "application/x-www-form-urlencoded", "", "invalid_request"},
	} {
		r := w.postAs(test.contentType, test.body, header)
		var fault struct{ Error string }
		_ = json.Unmarshal(r.Body.Bytes(), &fault)
		if ok := test.want == ""; ok != (r.Code == http.StatusOK) || fault.Error != test.want || !ok && (r.Code < 400 || r.Code > 499) {
			t.Errorf("%s: got %d %s, want %q", test.name, r.Code, r.Body, test.want)
		}
	}
}

func (w world) postAs(contentType, body, authorization string) *httptest.ResponseRecorder {
	door := &web.Door{Name: "oauth", Prefix: "/oauth/", Routes: w.Routes(), WriteError: web.WriteOAuthError}
	// What stands in the query counts for nothing (RFC 6749 §2.3.1, §3.2).
	r := httptest.NewRequest(http.MethodPost, "/oauth/token?grant_type=password&client_id=other", strings.NewReader(body))
	r.Header.Set("Authorization", authorization)
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	recorder := httptest.NewRecorder()
	web.NewTable(nil, slog.New(slog.DiscardHandler), door).ServeHTTP(recorder, r)
	return recorder
}
