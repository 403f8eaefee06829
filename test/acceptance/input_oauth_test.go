package acceptance

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// oauthRequest is a request to an OAuth endpoint that is right before
// something about it is made wrong.
type oauthRequest struct {
	path  string
	as    client
	form  url.Values
	page  bool     // people come here, and errors before client and URI are proven are pages
	known []string // what proves client and redirect URI
}

// oauthRequests are one right request per endpoint of every door.
func oauthRequests(t *testing.T, s *server, w oauthWorld) []oauthRequest {
	wotkit := w.developer.registerApp("of-wotkit", appOptions{"kind": "wotkit", "scopes": []string{"all"}, "grant_types": []string{"authorization_code", "refresh_token"}})
	lametric := w.developer.registerApp("of-lametric", appOptions{"kind": "lametric", "scopes": []string{"basic", "devices_read"}, "grant_types": []string{"authorization_code", "refresh_token"}})
	var all []oauthRequest
	authorize := func(path string, a oauthApp, scope string) {
		form := a.ask("scope", scope, "code_challenge", challenge, "code_challenge_method", "S256", "prompt", "consent", "resource", s.config.PublicURL)
		all = append(all, oauthRequest{path, w.alice.client, form, true, []string{"client_id", "redirect_uri"}})
	}
	authorize("/oauth/authorize", w.web, "readings.read offline_access")
	authorize("/oauth/authorize", w.native, "readings.read offline_access")
	authorize("/wotkit/api/oauth/authorize", wotkit, "all")
	authorize("/wotkit/api/v1/oauth/authorize", wotkit, "all")
	authorize("/lametric/api/v2/oauth2/authorize", lametric, "basic devices_read")
	for path, a := range map[string]oauthApp{"/oauth/token": w.web, "/wotkit/api/oauth/token": wotkit, "/wotkit/api/v1/oauth/token": wotkit, "/lametric/api/v2/oauth2/token": lametric, "/lametric/api/v2/oauth2/token/": lametric} {
		for _, grant := range []string{"authorization_code", "refresh_token", "client_credentials"} {
			all = append(all, oauthRequest{path, s.anonymous(t), url.Values{"grant_type": {grant}, "client_id": {a.ID}, "client_secret": {a.Secret}, "code": {"two_wrong"}, "redirect_uri": {a.Redirect},
				"refresh_token": {"twr_wrong"}, "scope": {"basic"}, "code_verifier": {verifier}}, false, nil})
		}
	}
	for _, path := range []string{"/oauth/introspect", "/oauth/revoke"} {
		all = append(all, oauthRequest{path, s.anonymous(t), url.Values{"client_id": {w.web.ID}, "client_secret": {w.web.Secret}, "token": {"twa_wrong"}, "token_type_hint": {"access_token"}}, false, nil})
	}
	asked := w.alice.asked("/oauth/authorize?" + w.native.ask().Encode())
	asked.Values.Set("decision", "allow")
	return append(all, oauthRequest{"/oauth/consent", w.alice.client, asked.Values, true, []string{"kind", "query", "token"}})
}

// spoiled are the ways in which a parameter can be wrong, as it is sent.
func spoiled(name, value, others string) map[string]string {
	pair := url.QueryEscape(name) + "=" + url.QueryEscape(value)
	return map[string]string{
		"missing":              "",
		"doubled":              pair + "&" + pair,
		"doubled with another": pair + "&" + name + "=another",
		"empty":                name + "=",
		"without a value":      name,
		"empty and doubled":    name + "=&" + pair,
		"too long":             name + "=" + strings.Repeat("x", 40_000),
		"badly encoded":        name + "=%zz",
		"cut off":              name + "=%",
		"bad UTF-8":            name + "=%ff%fe",
		"a zero byte":          pair + "%00",
		"a line break":         pair + "%0d%0aX:%20y",
		"only blanks":          name + "=%20%09%20",
		"a bracket":            name + "[]=" + url.QueryEscape(value),
		"in capitals":          strings.ToUpper(name) + "=" + url.QueryEscape(value),
		"of another app":       name + "=" + url.QueryEscape(others),
		"markup":               name + "=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
		"a quote of SQL":       name + "=%27%20OR%201=1%20--",
		"negative":             name + "=-1",
		"ünicode":              name + "=%F0%9F%92%A9",
	}
}

func TestEveryParameterMayBeWrong(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		w := newOAuthWorld(t, s)
		tried := 0
		for _, r := range oauthRequests(t, s, w) {
			for name := range r.form {
				rest := url.Values{}
				for other, values := range r.form {
					if other != name {
						rest[other] = values
					}
				}
				for how, text := range spoiled(name, r.form.Get(name), ofAnother(w, name)) {
					tried++
					got := r.post(rest.Encode() + "&" + text)
					r.check(t, got, name, how)
					if r.page && r.path != "/oauth/consent" {
						r.check(t, r.as.get(r.path+"?"+rest.Encode()+"&"+text), name, how+", by GET")
					}
				}
			}
		}
		if tried < 1500 {
			t.Errorf("only %d requests were tried", tried)
		}
	})
}

// ofAnother is a value that is right for another app.
func ofAnother(w oauthWorld, name string) string {
	switch name {
	case "client_id":
		return w.other.ID
	case "client_secret":
		return w.other.Secret
	case "redirect_uri":
		return w.other.Redirect
	}
	return "other"
}

func (r oauthRequest) post(body string) answer { return r.as.form(r.path, body) }

func (r oauthRequest) check(t *testing.T, got answer, name, how string) {
	t.Helper()
	location := got.header.Get("Location")
	switch {
	case got.status >= 500:
		t.Errorf("%s with %s %s: got %d %.200s", r.path, name, how, got.status, got.body)
	case got.contains("<script>alert"):
		t.Errorf("%s with %s %s: the answer has the markup", r.path, name, how)
	case !r.page && got.status >= 400 && !isFault(got):
		t.Errorf("%s with %s %s: got %d %.200s, want an error of RFC 6749", r.path, name, how, got.status, got.body)
	case !r.page && location != "":
		t.Errorf("%s with %s %s: got a redirect to %s", r.path, name, how, location)
	case r.page && slices.Contains(r.known, name) && !r.stillKnown(how) && (location != "" || got.status < 400):
		t.Errorf("%s with %s %s: got %d and a redirect to %.200q before it was proven where to", r.path, name, how, got.status, location)
	}
}

// stillKnown tells the ways in which a request still names its app and a
// registered redirect URI, if not the same: a lone redirect URI may be left
// out (RFC 6749 §3.1.2.3). Of the form on our own page the first value counts.
func (r oauthRequest) stillKnown(how string) bool {
	how = strings.TrimSuffix(how, ", by GET")
	if r.path == "/oauth/consent" {
		return strings.HasPrefix(how, "doubled")
	}
	return slices.Contains([]string{"missing", "empty", "without a value", "in capitals", "a bracket"}, how)
}

func isFault(got answer) bool {
	var fault struct{ Error string }
	return json.Unmarshal(got.body, &fault) == nil && fault.Error != ""
}

func TestEveryOAuthEndpointRefusesOtherMethodsAndMediaTypes(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		w := newOAuthWorld(t, s)
		for _, r := range oauthRequests(t, s, w) {
			for _, method := range []string{"PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "GET"} {
				if method == "GET" && r.page && r.path != "/oauth/consent" {
					continue
				}
				got := r.as.send(method, r.path+"?"+r.form.Encode(), asForm, "")
				if got.status != http.StatusMethodNotAllowed || got.header.Get("Allow") == "" || got.header.Get("Location") != "" {
					t.Errorf("%s %s: got %d, allowed %q", method, r.path, got.status, got.header.Get("Allow"))
				}
			}
			asked, _ := json.Marshal(r.form)
			for media, body := range map[string]string{"application/json": string(asked), "text/plain": r.form.Encode(), "": r.form.Encode(), "application/xml": "<grant_type/>", ";;": "x",
				"multipart/form-data": r.form.Encode(), "multipart/form-data; boundary=x": "--x\r\nbroken", asForm + "; charset=utf-16": "\xff\xfe", "application/octet-stream": "\x00\x01"} {
				if r.path == "/oauth/consent" && strings.Contains(body, "token=") {
					continue // it has the token of the page, which is what counts
				}
				got := r.as.send("POST", r.path, media, body)
				if got.status < 400 || got.status > 499 || got.header.Get("Location") != "" {
					t.Errorf("%s as %q: got %d %.200s", r.path, media, got.status, got.body)
				}
				if !r.page && !isFault(got) {
					t.Errorf("%s as %q: got %.200s, want an error of RFC 6749", r.path, media, got.body)
				}
			}
			huge := r.post("x=" + strings.Repeat("x", 3<<20))
			if huge.status < 400 || huge.status > 499 {
				t.Errorf("%s with 3 MiB: got %d", r.path, huge.status)
			}
		}
	})
}
