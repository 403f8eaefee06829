package acceptance

import (
	"net/http"
	"strings"
	"testing"
)

// TestRevocation holds RFC 7009.
func TestRevocation(t *testing.T) {
	const readings = "/api/v1/sensors/alice.greenhouse/readings"
	revoke := func(a oauthApp, pairs ...string) answer { a.t.Helper(); return a.send("/oauth/revoke", pairs...) }
	holdRules(t, []rule{
		{"RFC 7009 §2 POST and nothing else", func(t *testing.T, w oauthWorld) {
			tokens := w.web.tokens(w.alice)
			for _, method := range []string{"GET", "PUT", "DELETE"} {
				w.web.caller().send(method, "/oauth/revoke?token="+tokens.Access, asForm, "token="+tokens.Access).want(http.StatusMethodNotAllowed)
			}
			w.s.bearer(t, tokens.Access).get(readings).want(http.StatusOK)
		}},
		{"RFC 7009 §2 access tokens and refresh tokens are revoked", func(t *testing.T, w oauthWorld) {
			tokens := w.web.tokens(w.alice)
			revoke(w.web, "token", tokens.Access).want(http.StatusOK)
			w.s.bearer(t, tokens.Access).get(readings).want(http.StatusUnauthorized)
			next := w.web.take(w.web.refresh(tokens.Refresh))
			revoke(w.web, "token", next.Refresh).want(http.StatusOK)
			w.web.refresh(next.Refresh).wantFault(400, "invalid_grant")
		}},
		{"RFC 7009 §2.1 with a refresh token go the access tokens", func(t *testing.T, w oauthWorld) {
			tokens := w.web.tokens(w.alice)
			revoke(w.web, "token", tokens.Refresh).want(http.StatusOK)
			w.s.bearer(t, tokens.Access).get(readings).want(http.StatusUnauthorized)
		}},
		{"RFC 7009 §2.1 the token must be there, once", func(t *testing.T, w oauthWorld) {
			revoke(w.web).wantFault(400, "invalid_request")
			revoke(w.web, "token", "").wantFault(400, "invalid_request")
			w.web.caller().form("/oauth/revoke", "token=a&token=b").wantFault(400, "invalid_request")
			w.web.caller().form("/oauth/revoke?token=a", "").wantFault(400, "invalid_request")
		}},
		{"RFC 7009 §2.1 a hint that is wrong, or unknown, does no harm", func(t *testing.T, w oauthWorld) {
			for _, hint := range []string{"access_token", "refresh_token", "pigeon", ""} {
				tokens := w.web.tokens(w.alice)
				revoke(w.web, "token", tokens.Refresh, "token_type_hint", hint).want(http.StatusOK)
				w.web.refresh(tokens.Refresh).wantFault(400, "invalid_grant")
				tokens = w.web.tokens(w.alice)
				revoke(w.web, "token", tokens.Access, "token_type_hint", hint).want(http.StatusOK)
				w.s.bearer(t, tokens.Access).get(readings).want(http.StatusUnauthorized)
			}
		}},
		{"RFC 7009 §2.1 the client proves who it is", func(t *testing.T, w oauthWorld) {
			tokens := w.web.tokens(w.alice)
			w.s.anonymous(t).form("/oauth/revoke", "token="+tokens.Access).wantFault(401, "invalid_client")
			bare := w.web
			bare.Secret = ""
			revoke(bare, "token", tokens.Access).wantFault(401, "invalid_client")
			w.s.bearer(t, tokens.Access).form("/oauth/revoke", "token="+tokens.Access).wantFault(401, "invalid_client")
			w.s.bearer(t, tokens.Access).get(readings).want(http.StatusOK)
		}},
		{"RFC 7009 §2.1 nobody revokes the token of another client", func(t *testing.T, w oauthWorld) {
			tokens := w.web.tokens(w.alice)
			for _, stranger := range []oauthApp{w.other, w.native} {
				revoke(stranger, "token", tokens.Access).wantFault(400, "unauthorized_client")
				revoke(stranger, "token", tokens.Refresh).wantFault(400, "unauthorized_client")
			}
			w.s.bearer(t, tokens.Access).get(readings).want(http.StatusOK)
			w.web.take(w.web.refresh(tokens.Refresh))
		}},
		{"RFC 7009 §2.1 a public client revokes its own", func(t *testing.T, w oauthWorld) {
			tokens := w.native.tokens(w.alice)
			revoke(w.native, "token", tokens.Refresh).want(http.StatusOK)
			w.s.bearer(t, tokens.Access).get(readings).want(http.StatusUnauthorized)
		}},
		{"RFC 7009 §2.2 what is no token, or no more, is no error", func(t *testing.T, w oauthWorld) {
			tokens := w.web.tokens(w.alice)
			for _, text := range []string{tokens.Access, tokens.Access, "nothing", "ünïcode", swapEnds(tokens.Refresh), strings.Repeat("x", 10_000)} {
				got := revoke(w.web, "token", text).want(http.StatusOK)
				if !strings.HasPrefix(got.header.Get("Content-Type"), "application/json") {
					t.Errorf("got %q: strict programs refuse an empty body of another type", got.header.Get("Content-Type"))
				}
			}
		}},
		{"RFC 7009 §5 a key is none of its tokens", func(t *testing.T, w oauthWorld) {
			k := w.alice.makeKey(keyOptions{}, "profile")
			revoke(w.web, "token", k.Password).want(http.StatusOK)
			w.s.use(t, k).get("/api/v1/users/me").want(http.StatusOK)
		}},
	})
}
