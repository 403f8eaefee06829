package acceptance

import (
	"net/http"
	"strings"
	"testing"
)

// TestTheIssuerInResponses holds RFC 9207.
func TestTheIssuerInResponses(t *testing.T) {
	holdRules(t, []rule{
		{"RFC 9207 §2 every response names its issuer", func(t *testing.T, w oauthWorld) {
			for name, values := range map[string]map[string][]string{
				"a code":                  w.web.decide(w.alice, "allow"),
				"a code without a page":   w.web.decide(w.alice, "allow"),
				"a no":                    w.web.decide(w.alice, "deny", "prompt", "consent"),
				"an unknown type":         w.web.decide(w.alice, "allow", "response_type", "x"),
				"a scope that is none":    w.web.decide(w.alice, "allow", "scope", "sensors.fly"),
				"no page where one needs": w.native.decide(w.alice, "allow", "prompt", "none"),
			} {
				if got := values["iss"]; len(got) != 1 || got[0] != w.s.config.PublicURL {
					t.Errorf("%s: got iss %v, want %s", name, got, w.s.config.PublicURL)
				}
			}
		}},
		{"RFC 9207 §2 in the fragment, too", func(t *testing.T, w oauthWorld) {
			a := w.developer.registerApp("fragment", appOptions{"grant_types": []string{"authorization_code", "implicit"}})
			for _, decision := range []string{"allow", "deny"} {
				if values := a.decide(w.alice, decision, "response_type", "token", "prompt", "consent"); values.Get("iss") != w.s.config.PublicURL {
					t.Errorf("%s: got %v", decision, values)
				}
			}
		}},
		{"RFC 9207 §2 it is the issuer of the metadata, without a query and a fragment", func(t *testing.T, w oauthWorld) {
			d := readMetadata(t, w)
			if got := w.web.decide(w.alice, "allow").Get("iss"); got != d.Issuer || strings.ContainsAny(got, "?#") {
				t.Errorf("got %s, want %s", got, d.Issuer)
			}
		}},
		{"RFC 9207 §2.3 the metadata says that it comes", func(t *testing.T, w oauthWorld) {
			if !readMetadata(t, w).IssuerInResponse {
				t.Error("it does not")
			}
		}},
		{"RFC 9207 §2.4 no redirect URI brings an issuer of its own", func(t *testing.T, w oauthWorld) {
			for _, name := range []string{"iss", "code", "state", "error", "access_token"} {
				w.developer.post("/api/v1/clients", map[string]any{"client_id": "mixed-up", "name": "Mixed up", "description": "x", "redirect_uris": []string{"https://x.example/back?" + name + "=https://evil.example"},
					"scopes": []string{"profile"}, "grant_types": []string{"authorization_code"}}).want(http.StatusBadRequest)
			}
		}},
	})
}
