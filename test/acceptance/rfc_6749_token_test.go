package acceptance

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestTheTokenEndpoint holds RFC 6749 where programs get tokens.
func TestTheTokenEndpoint(t *testing.T) {
	holdRules(t, []rule{
		{"RFC 6749 §2.3 one way to authenticate, not two", func(t *testing.T, w oauthWorld) {
			w.web.exchange("grant_type", "client_credentials", "client_id", w.web.ID, "client_secret", w.web.Secret).wantFault(400, "invalid_request")
			w.web.exchange("grant_type", "client_credentials", "client_id", w.other.ID).wantFault(400, "invalid_request")
			w.web.take(w.web.exchange("grant_type", "client_credentials", "client_id", w.web.ID))
		}},
		{"RFC 6749 §2.3.1 HTTP Basic, and the body", func(t *testing.T, w oauthWorld) {
			w.web.take(w.web.exchange("grant_type", "client_credentials"))
			body := url.Values{"grant_type": {"client_credentials"}, "client_id": {w.web.ID}, "client_secret": {w.web.Secret}}
			w.web.take(w.s.anonymous(t).form("/oauth/token", body.Encode()))
		}},
		{"RFC 6749 §2.3.1 credentials in the address count for nothing", func(t *testing.T, w oauthWorld) {
			query := url.Values{"client_id": {w.web.ID}, "client_secret": {w.web.Secret}}
			w.s.anonymous(t).form("/oauth/token?"+query.Encode(), "grant_type=client_credentials").wantFault(401, "invalid_client")
			w.s.anonymous(t).form("/oauth/token?grant_type=client_credentials&"+query.Encode(), "").wantFault(401, "invalid_client")
		}},
		{"RFC 6749 §2.3.1 a wrong secret is not let in by asking often", func(t *testing.T, w oauthWorld) {
			wrong := w.web
			wrong.Secret = "wrong-" + w.web.Secret
			for range 20 {
				wrong.exchange("grant_type", "client_credentials").wantFault(401, "invalid_client")
			}
			w.web.take(w.web.exchange("grant_type", "client_credentials")) // and locks nobody out
		}},
		{"RFC 6749 §3.2 POST and nothing else", func(t *testing.T, w oauthWorld) {
			for _, method := range []string{"GET", "PUT", "DELETE", "PATCH"} {
				got := w.web.caller().send(method, "/oauth/token?grant_type=client_credentials", asForm, "grant_type=client_credentials")
				if got.status != http.StatusMethodNotAllowed || !strings.Contains(got.header.Get("Allow"), "POST") {
					t.Errorf("%s: got %d, allowed %q", method, got.status, got.header.Get("Allow"))
				}
			}
		}},
		{"RFC 6749 §3.2 empty parameters were left out, unknown ones count for nothing", func(t *testing.T, w oauthWorld) {
			w.web.take(w.web.exchange("grant_type", "client_credentials", "scope", "", "resource", "", "x", "1"))
			w.web.exchange("grant_type", "").wantFault(400, "invalid_request")
			w.web.exchange("grant_type", "authorization_code", "code", "").wantFault(400, "invalid_request")
		}},
		{"RFC 6749 §3.2 no parameter comes twice", func(t *testing.T, w oauthWorld) {
			for _, name := range []string{"grant_type", "code", "redirect_uri", "client_id", "refresh_token", "scope", "code_verifier", "x"} {
				w.web.caller().form("/oauth/token", "grant_type=client_credentials&"+name+"=a&"+name+"=b").wantFault(400, "invalid_request")
			}
		}},
		{"RFC 6749 §3.2.1 a confidential client proves itself", func(t *testing.T, w oauthWorld) {
			code := w.web.code(w.alice)
			bare := w.web
			bare.Secret = ""
			bare.exchange("grant_type", "authorization_code", "code", code, "redirect_uri", w.web.Redirect).wantFault(401, "invalid_client")
			w.web.take(w.web.redeem(code))
		}},
		{"RFC 6749 §3.2.1 a public client sends its id", func(t *testing.T, w oauthWorld) {
			code := w.native.code(w.alice)
			w.native.redeem(code, "client_id", none).wantFault(401, "invalid_client")
			w.native.take(w.native.redeem(code))
		}},
		{"RFC 6749 §3.3 the answer says the scope where it is another", func(t *testing.T, w oauthWorld) {
			asked := w.alice.questionIn(w.native.visit(w.alice.client, "scope", "sensors.read readings.read offline_access").want(http.StatusOK))
			values := w.native.response(t, asked.choose("sensors", "chosen").choose("sensor", "alice.greenhouse").post("allow"))
			tokens := w.native.take(w.native.redeem(values.Get("code")))
			if tokens.Scope == "" || strings.Contains(" "+tokens.Scope+" ", " readings.read ") {
				t.Errorf("got the scope %q, want one that is narrowed to the greenhouse", tokens.Scope)
			}
		}},
		{"RFC 6749 §4.1.2 a code is good once, and its second use ends what it gave", func(t *testing.T, w oauthWorld) {
			code := w.web.code(w.alice)
			first := w.web.take(w.web.redeem(code))
			w.s.bearer(t, first.Access).get("/api/v1/sensors/alice.greenhouse/readings").want(http.StatusOK)
			w.web.redeem(code).wantFault(400, "invalid_grant")
			w.s.bearer(t, first.Access).get("/api/v1/sensors/alice.greenhouse/readings").want(http.StatusUnauthorized)
			w.web.refresh(first.Refresh).wantFault(400, "invalid_grant")
		}},
		{"RFC 6749 §4.1.3 a code is its client's", func(t *testing.T, w oauthWorld) {
			code := w.web.code(w.alice)
			w.other.redeem(code, "redirect_uri", w.web.Redirect).wantFault(400, "invalid_grant")
			w.native.redeem(code, "redirect_uri", w.web.Redirect).wantFault(400, "invalid_grant")
			w.web.take(w.web.redeem(code))
		}},
		{"RFC 6749 §4.1.3 the redirect URI is that of the request", func(t *testing.T, w oauthWorld) {
			code := w.web.code(w.alice)
			for _, uri := range []string{none, "", "https://evil.example/", w.web.Redirect + "/", w.web.Redirect + "?x=1", strings.ToUpper(w.web.Redirect)} {
				w.web.redeem(code, "redirect_uri", uri).wantFault(400, "invalid_grant")
			}
			w.web.take(w.web.redeem(code))
			w.web.take(w.web.redeem(w.web.code(w.alice, "redirect_uri", none), "redirect_uri", none))
		}},
		{"RFC 6749 §4.3 the password grant is not there", func(t *testing.T, w oauthWorld) {
			w.web.exchange("grant_type", "password", "username", "alice", "password", w.alice.password).wantFault(400, "unsupported_grant_type")
		}},
		{"RFC 6749 §4.4.2 client_credentials is for confidential clients", func(t *testing.T, w oauthWorld) {
			w.native.exchange("grant_type", "client_credentials").wantFault(400, "unauthorized_client")
			w.developer.post("/api/v1/clients", map[string]any{"client_id": "pub", "name": "Pub", "description": "x", "public": true, "redirect_uris": []string{"https://x.example/"},
				"scopes": []string{"profile"}, "grant_types": []string{"client_credentials"}}).want(http.StatusBadRequest)
		}},
		{"RFC 6749 §4.4.3 client_credentials gives no refresh token", func(t *testing.T, w oauthWorld) {
			tokens := w.web.take(w.web.exchange("grant_type", "client_credentials"))
			if tokens.Refresh != "" {
				t.Error("got a refresh token")
			}
			w.s.bearer(t, tokens.Access).get("/api/v1/sensors/alice.greenhouse").want(http.StatusNotFound) // it is nobody's
		}},
		{"RFC 6749 §5.1 an answer is JSON that nobody keeps", func(t *testing.T, w oauthWorld) {
			got := w.web.redeem(w.web.code(w.alice)).want(http.StatusOK)
			if got.header.Get("Cache-Control") != "no-store" || got.header.Get("Pragma") != "no-cache" || !strings.HasPrefix(got.header.Get("Content-Type"), "application/json") {
				t.Errorf("got the headers %v", got.header)
			}
			var members map[string]any
			got.decode(&members)
			for name, want := range map[string]any{"token_type": "Bearer", "expires_in": 3600.0, "scope": "readings.read offline_access"} {
				if members[name] != want {
					t.Errorf("%s: got %v, want %v", name, members[name], want)
				}
			}
			w.web.take(got)
		}},
		{"RFC 6749 §5.2 a wrong client in a header is challenged with 401", func(t *testing.T, w oauthWorld) {
			for _, header := range []string{"Basic d2ViOndyb25n", "Basic ?", "Basic", "Bearer x", "Digest x", ""} {
				got := w.s.anonymous(t).with("Authorization", header).form("/oauth/token", "grant_type=client_credentials").wantFault(401, "invalid_client")
				if !strings.HasPrefix(got.header.Get("WWW-Authenticate"), "Basic ") {
					t.Errorf("%q: got the challenge %q", header, got.header.Get("WWW-Authenticate"))
				}
			}
		}},
		{"RFC 6749 §5.2 every other fault is 400 with its code", func(t *testing.T, w oauthWorld) {
			for code, pairs := range map[string][]string{
				"invalid_request": {}, "invalid_grant": {"grant_type", "authorization_code", "code", "x", "redirect_uri", w.web.Redirect},
				"unsupported_grant_type": {"grant_type", "magic"}, "invalid_scope": {"grant_type", "client_credentials", "scope", "admin"},
			} {
				w.web.exchange(pairs...).wantFault(400, code)
			}
			a := w.developer.registerApp("code-only", appOptions{"grant_types": []string{"authorization_code"}})
			a.exchange("grant_type", "client_credentials").wantFault(400, "unauthorized_client")
			a.exchange("grant_type", "refresh_token", "refresh_token", "x").wantFault(400, "unauthorized_client")
		}},
		{"RFC 6749 §5.2 what was sent is not echoed raw", func(t *testing.T, w oauthWorld) {
			for _, nasty := range []string{"\"quoted\"", "back\\slash", "line\nbreak", "\x00\x01", "ünïcode", "<script>"} {
				got := w.web.exchange("grant_type", nasty).wantFault(400, "unsupported_grant_type")
				if !json.Valid(got.body) {
					t.Errorf("got %s", got.body)
				}
			}
		}},
		{"RFC 6749 §6 a refresh token is its client's", func(t *testing.T, w oauthWorld) {
			tokens := w.web.tokens(w.alice)
			w.other.refresh(tokens.Refresh).wantFault(400, "invalid_grant")
			w.native.refresh(tokens.Refresh).wantFault(400, "invalid_grant")
			bare := w.web
			bare.Secret = ""
			bare.refresh(tokens.Refresh).wantFault(401, "invalid_client")
			w.web.take(w.web.refresh(tokens.Refresh))
		}},
		{"RFC 6749 §6 a refresh asks for no more than was allowed", func(t *testing.T, w oauthWorld) {
			tokens := w.web.tokens(w.alice)
			for _, scope := range []string{"readings.read readings.write", "readings.*", "sensors.read", "profile", "admin", "account", "readings.read admin"} {
				w.web.refresh(tokens.Refresh, "scope", scope).wantFault(400, "invalid_scope")
			}
			less := w.web.take(w.web.refresh(tokens.Refresh, "scope", "readings.read"))
			if less.Scope != "readings.read" {
				t.Errorf("got the scope %q", less.Scope)
			}
			same := w.web.take(w.web.refresh(less.Refresh)) // the new refresh token has the scope of the old
			if same.Scope != "readings.read offline_access" {
				t.Errorf("got the scope %q", same.Scope)
			}
		}},
		{"RFC 6749 §10.10 no token can be guessed", func(t *testing.T, w oauthWorld) {
			code := w.web.code(w.alice)
			tokens := w.web.take(w.web.redeem(code))
			for name, text := range map[string]string{"code": code, "access token": tokens.Access, "refresh token": tokens.Refresh, "secret": w.web.Secret} {
				if len(text) < 4+43 {
					t.Errorf("the %s has %d characters, want 256 random bits", name, len(text))
				}
			}
			again := w.web.tokens(w.alice)
			if again.Access == tokens.Access || again.Refresh == tokens.Refresh {
				t.Error("a token was handed out twice")
			}
		}},
	})
}
