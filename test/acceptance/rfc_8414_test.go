package acceptance

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// documented is the metadata of the authorization server.
type documented struct {
	Issuer           string
	Authorize        string   `json:"authorization_endpoint"`
	Token            string   `json:"token_endpoint"`
	Revoke           string   `json:"revocation_endpoint"`
	Introspect       string   `json:"introspection_endpoint"`
	Responses        []string `json:"response_types_supported"`
	Grants           []string `json:"grant_types_supported"`
	Challenges       []string `json:"code_challenge_methods_supported"`
	TokenAuth        []string `json:"token_endpoint_auth_methods_supported"`
	RevokeAuth       []string `json:"revocation_endpoint_auth_methods_supported"`
	IntrospectAuth   []string `json:"introspection_endpoint_auth_methods_supported"`
	Scopes           []string `json:"scopes_supported"`
	IssuerInResponse bool     `json:"authorization_response_iss_parameter_supported"`
}

func readMetadata(t *testing.T, w oauthWorld) documented {
	t.Helper()
	var d documented
	w.s.anonymous(t).get("/.well-known/oauth-authorization-server").want(http.StatusOK).decode(&d)
	return d
}

// TestMetadata holds RFC 8414.
func TestMetadata(t *testing.T) {
	holdRules(t, []rule{
		{"RFC 8414 §2 the issuer is an address without a query and a fragment, and what is required is there", func(t *testing.T, w oauthWorld) {
			d := readMetadata(t, w)
			if d.Issuer == "" || strings.ContainsAny(d.Issuer, "?#") || strings.HasSuffix(d.Issuer, "/") || d.Authorize == "" || d.Token == "" || len(d.Responses) == 0 {
				t.Errorf("got %+v", d)
			}
		}},
		{"RFC 8414 §2 every endpoint is where it says", func(t *testing.T, w oauthWorld) {
			d := readMetadata(t, w)
			for _, address := range []string{d.Authorize, d.Token, d.Revoke, d.Introspect} {
				path, ok := strings.CutPrefix(address, d.Issuer)
				if !ok {
					t.Errorf("%s is not below %s", address, d.Issuer)
				}
				if got := w.s.anonymous(t).form(path, ""); got.status == http.StatusNotFound || got.status == http.StatusMethodNotAllowed {
					t.Errorf("%s: got %d", path, got.status)
				}
			}
		}},
		{"RFC 8414 §2 what it says is supported works", func(t *testing.T, w oauthWorld) {
			d := readMetadata(t, w)
			for _, grant := range d.Grants {
				if got := w.web.exchange("grant_type", grant); got.contains("unsupported_grant_type") {
					t.Errorf("grant type %s: %s", grant, got.body)
				}
			}
			for name, methods := range map[string][]string{"token": d.TokenAuth, "revocation": d.RevokeAuth, "introspection": d.IntrospectAuth} {
				if !slices.Contains(methods, "client_secret_basic") || !slices.Contains(methods, "client_secret_post") {
					t.Errorf("%s: got %v", name, methods)
				}
			}
			if !slices.Contains(d.TokenAuth, "none") || slices.Contains(d.IntrospectAuth, "none") || !slices.Equal(d.Responses, []string{"code"}) || !slices.Equal(d.Challenges, []string{"S256"}) {
				t.Errorf("got %+v", d)
			}
			if slices.Contains(d.Scopes, "admin") || slices.Contains(d.Scopes, "account") || !slices.Contains(d.Scopes, "readings.read") {
				t.Errorf("got the scopes %v", d.Scopes)
			}
		}},
		{"RFC 8414 §3.1 it is at its well-known address, for GET, from anywhere", func(t *testing.T, w oauthWorld) {
			got := w.s.anonymous(t).with("Origin", "https://app.example").get("/.well-known/oauth-authorization-server").want(http.StatusOK)
			if got.header.Get("Access-Control-Allow-Origin") != "*" || got.header.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("got the headers %v", got.header)
			}
			w.s.anonymous(t).form("/.well-known/oauth-authorization-server", "").want(http.StatusMethodNotAllowed)
		}},
		{"RFC 8414 §3.2 it is JSON, and has nothing empty in it", func(t *testing.T, w oauthWorld) {
			got := w.s.anonymous(t).get("/.well-known/oauth-authorization-server").want(http.StatusOK)
			if !strings.HasPrefix(got.header.Get("Content-Type"), "application/json") {
				t.Errorf("got %q", got.header.Get("Content-Type"))
			}
			var members map[string]any
			got.decode(&members)
			for name, value := range members {
				if list, ok := value.([]any); value == nil || value == "" || ok && len(list) == 0 {
					t.Errorf("%s is %v", name, value)
				}
			}
		}},
		{"RFC 8414 §3.3 its issuer is the address under which it was asked", func(t *testing.T, w oauthWorld) {
			if d := readMetadata(t, w); d.Issuer != w.s.config.PublicURL {
				t.Errorf("got %s, want %s", d.Issuer, w.s.config.PublicURL)
			}
		}},
	})
}
