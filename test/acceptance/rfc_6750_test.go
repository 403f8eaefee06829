package acceptance

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestBearerTokens holds RFC 6750 at the APIs of every door.
func TestBearerTokens(t *testing.T) {
	const protected = "/api/v1/users/me"
	holdRules(t, []rule{
		{"RFC 6750 §2 one way to send a token, not two", func(t *testing.T, w oauthWorld) {
			tokens := w.web.tokens(w.alice)
			w.s.bearer(t, tokens.Access).get("/wotkit/api/sensors/greenhouse?access_token=" + tokens.Access).want(http.StatusBadRequest)
			doubled := w.s.anonymous(t)
			doubled.header = http.Header{"Authorization": {"Bearer " + tokens.Access, "Bearer " + tokens.Access}}
			doubled.get(protected).want(http.StatusBadRequest)
		}},
		{"RFC 6750 §2.1 the header, in any case", func(t *testing.T, w oauthWorld) {
			tokens := w.web.tokens(w.alice, "scope", "profile")
			for _, scheme := range []string{"Bearer", "bearer", "BEARER"} {
				w.s.anonymous(t).with("Authorization", scheme+" "+tokens.Access).get(protected).want(http.StatusOK)
			}
		}},
		{"RFC 6750 §2.2 a token in the body counts for nothing", func(t *testing.T, w oauthWorld) {
			tokens := w.web.tokens(w.alice, "scope", "sensors.write")
			form := url.Values{"access_token": {tokens.Access}}
			for _, path := range []string{"/api/v1/sensors", "/wotkit/api/sensors"} {
				if got := w.s.anonymous(t).form(path, form.Encode()); got.status < 400 || got.status > 499 {
					t.Errorf("%s: got %d", path, got.status)
				}
			}
		}},
		{"RFC 6750 §2.3 a token in the address counts where the contract has it, and is not kept", func(t *testing.T, w oauthWorld) {
			tokens := w.web.tokens(w.alice, "scope", "profile sensors.read", "prompt", "consent")
			w.s.anonymous(t).get(protected + "?access_token=" + tokens.Access).want(http.StatusUnauthorized)
			got := w.s.anonymous(t).get("/wotkit/api/sensors/greenhouse?access_token=" + tokens.Access).want(http.StatusOK)
			if got.header.Get("Cache-Control") != "no-store" {
				t.Errorf("got %q", got.header.Get("Cache-Control"))
			}
		}},
		{"RFC 6750 §3 who brings nothing is challenged, and told of no error", func(t *testing.T, w oauthWorld) {
			challenge := bearerChallenge(w.s.anonymous(t).get(protected).want(http.StatusUnauthorized))
			if challenge == "" || strings.Contains(challenge, "error") {
				t.Errorf("got %q", challenge)
			}
		}},
		{"RFC 6750 §3.1 a token that does not hold is invalid_token", func(t *testing.T, w oauthWorld) {
			tokens := w.web.tokens(w.alice)
			w.web.send("/oauth/revoke", "token", tokens.Access).want(http.StatusOK)
			for name, text := range map[string]string{"revoked": tokens.Access, "none": "nothing", "a refresh token": tokens.Refresh, "the secret of a client": w.web.Secret, "altered": swapEnds(tokens.Access)} {
				got := w.s.anonymous(t).with("Authorization", "Bearer "+text).get(protected).want(http.StatusUnauthorized)
				if challenge := bearerChallenge(got); !strings.Contains(challenge, `error="invalid_token"`) {
					t.Errorf("%s: got the challenge %q", name, challenge)
				}
			}
		}},
		{"RFC 6750 §3.1 too little scope is 403 insufficient_scope", func(t *testing.T, w oauthWorld) {
			tokens := w.web.tokens(w.alice, "scope", "sensors.read")
			got := w.s.bearer(t, tokens.Access).post("/api/v1/sensors", map[string]any{"name": "more", "long_name": "More of them"}).want(http.StatusForbidden)
			if challenge := bearerChallenge(got); !strings.Contains(challenge, `error="insufficient_scope"`) {
				t.Errorf("got the challenge %q", challenge)
			}
		}},
		{"RFC 6750 §5.2 a token for another resource is none here", func(t *testing.T, w oauthWorld) {
			w.resourceServer("their-api", "https://api.example/")
			tokens := w.web.take(w.web.redeem(w.web.code(w.alice, "resource", "https://api.example/", "scope", "profile", "prompt", "consent")))
			for _, path := range []string{protected, "/api/v1/sensors/alice.greenhouse", "/wotkit/api/sensors/greenhouse", "/wotkit/api/sensors/greenhouse?access_token="} {
				c := w.s.bearer(t, tokens.Access)
				if strings.HasSuffix(path, "=") {
					path, c = path+tokens.Access, w.s.anonymous(t)
				}
				c.get(path).want(http.StatusUnauthorized)
			}
		}},
		{"RFC 6750 §5.3 a token lives for an hour at most, and acts for nobody else", func(t *testing.T, w oauthWorld) {
			tokens := w.web.tokens(w.alice, "scope", "sensors.read readings.read", "prompt", "consent")
			if tokens.Expires > 3600 {
				t.Errorf("got %v seconds", tokens.Expires)
			}
			w.s.bearer(t, tokens.Access).get("/api/v1/sensors/alice.greenhouse").want(http.StatusOK)
			w.developer.makeSensor("cellar", private)
			w.s.bearer(t, tokens.Access).get("/api/v1/sensors/developer.cellar").want(http.StatusNotFound)
		}},
		{"RFC 6750 §5.3 a token opens no page", func(t *testing.T, w oauthWorld) {
			tokens := w.web.tokens(w.alice)
			got := w.s.bearer(t, tokens.Access).get("/settings")
			if got.status < 300 {
				t.Errorf("got %d", got.status)
			}
		}},
	})
}

// bearerChallenge returns the challenge for Bearer.
func bearerChallenge(a answer) string {
	for _, challenge := range a.header.Values("WWW-Authenticate") {
		if strings.HasPrefix(challenge, "Bearer") {
			return challenge
		}
	}
	return ""
}
