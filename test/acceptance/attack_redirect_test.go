package acceptance

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// redirectTricks turn a registered redirect URI into one that a careless
// comparison takes for the same (RFC 9700 §4.1).
func redirectTricks(registered string) map[string]string {
	u, _ := url.Parse(registered)
	host, path := u.Host, u.Path
	return map[string]string{
		"a longer path":            registered + "/more",
		"a longer name":            registered + "evil",
		"another path":             "https://" + host + "/elsewhere",
		"up and away":              "https://" + host + path + "/../elsewhere",
		"up and back":              "https://" + host + "/x/.." + path,
		"encoded up":               "https://" + host + path + "/%2e%2e/elsewhere",
		"a slash more":             registered + "/",
		"two slashes":              "https://" + host + "/" + path,
		"a subdomain":              "https://evil." + host + path,
		"a longer host":            "https://" + host + ".evil.example" + path,
		"the host as a user":       "https://" + host + "@evil.example" + path,
		"a user":                   "https://user@" + host + path,
		"a user with a password":   "https://user:password@" + host + path,
		"a backslash":              "https://evil.example\\@" + host + path,
		"the host in the fragment": "https://evil.example#" + registered,
		"the host in the query":    "https://evil.example?" + registered,
		"a fragment":               registered + "#fragment",
		"an empty fragment":        registered + "#",
		"a query":                  registered + "?x=1",
		"an empty query":           registered + "?",
		"plain http":               strings.Replace(registered, "https:", "http:", 1),
		"the usual port":           "https://" + host + ":443" + path,
		"another port":             "https://" + host + ":8443" + path,
		"capitals in the host":     "https://" + strings.ToUpper(host) + path,
		"capitals in the path":     "https://" + host + strings.ToUpper(path),
		"capitals in the scheme":   strings.Replace(registered, "https:", "HTTPS:", 1),
		"a dot behind the host":    "https://" + host + "." + path,
		"an encoded letter":        "https://" + host + strings.Replace(path, "b", "%62", 1),
		"a space":                  registered + " ",
		"a tab before":             "\t" + registered,
		"a line break":             registered + "\r\nX: y",
		"a zero byte":              registered + "\x00",
		"two in one":               registered + "," + "https://evil.example/",
		"no scheme":                "//" + host + path,
		"no host":                  path,
		"a script":                 "javascript:alert(document.domain)//" + host + path,
		"data":                     "data:text/html,<script>alert(1)</script>",
		"an app of the system":     "intent://" + host + path,
		"letters that look alike":  "https://" + strings.Replace(host, "e", "е", 1) + path,
		"a percent alone":          registered + "%",
		"a very long one":          registered + strings.Repeat("x", 10_000),
	}
}

// TestARedirectGoesAstray: whatever stands in redirect_uri, the answer goes to
// a registered one or nowhere, be the person signed in or not, be the request
// right or wrong.
func TestARedirectGoesAstray(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		w := newOAuthWorld(t, s)
		for name, uri := range redirectTricks(w.web.Redirect) {
			for _, a := range []oauthApp{w.web, w.native} {
				if a.ID == w.native.ID {
					uri = strings.ReplaceAll(uri, "web.example", "native.example")
				}
				for _, c := range []client{w.alice.client, s.anonymous(t)} {
					for _, more := range [][]string{nil, {"prompt", "none"}, {"response_type", "nonsense"}} {
						got := a.visit(c, append([]string{"redirect_uri", uri}, more...)...)
						if got.status < 400 || got.status > 499 || got.header.Get("Location") != "" {
							t.Errorf("%s (%s): got %d and a redirect to %q", name, a.ID, got.status, got.header.Get("Location"))
						}
					}
				}
			}
		}
	})
}

// TestAPortOfTheLoopbackIsForNativeAppsAlone: another user of the same machine
// may listen on any port, so only who proves himself by PKCE may use them all
// (RFC 8252 §7.3).
func TestAPortOfTheLoopbackIsForNativeAppsAlone(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		w := newOAuthWorld(t, s)
		native := w.developer.registerApp("cli", publicApp, appOptions{"redirect_uris": []string{"http://127.0.0.1/callback", "http://[::1]/callback"}})
		for _, uri := range []string{"http://127.0.0.1:1024/callback", "http://127.0.0.1/callback", "http://[::1]:65535/callback"} {
			native.visit(w.alice.client, "redirect_uri", uri).want(http.StatusOK)
		}
		for _, uri := range []string{"http://localhost/callback", "http://localhost:1024/callback", "http://127.1/callback", "http://2130706433/callback", "http://0x7f.1/callback", "http://[::ffff:127.0.0.1]/callback",
			"http://127.0.0.1:/evil", "http://127.0.0.1.nip.example/callback", "http://127.0.0.2:1024/callback", "http://[::2]/callback", "http://127.0.0.1:1024/callback#x", "http://127.0.0.1:80:80/callback"} {
			native.visit(w.alice.client, "redirect_uri", uri).wantPage()
		}
		confidential := w.developer.registerApp("desk", appOptions{"redirect_uris": []string{"http://127.0.0.1:5000/callback"}})
		for _, uri := range []string{"http://127.0.0.1:5001/callback", "http://127.0.0.1/callback", "http://localhost:5000/callback"} {
			confidential.visit(w.alice.client, "redirect_uri", uri).wantPage()
		}
	})
}

// TestARedirectURIIsRegisteredThatNobodyMayHave: the same tricks at the door
// where developers register.
func TestARedirectURIIsRegisteredThatNobodyMayHave(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		w := newOAuthWorld(t, s)
		for _, uri := range []string{"https://*.example/back", "https://x.example/*", "https://user@x.example/", "https://x.example/#here", "javascript:alert(1)//", "data:text/html,x", "http://x.example/back", "http://192.168.1.4/back",
			"https://x.example/?code=1", "https://x.example/?STATE=1", "//x.example/", "x.example/back", "com.example:/back", "https://x.example\\@evil.example/", "https:///back", "https://x.example/ back", "file:///etc/passwd", "https://x.example/" + strings.Repeat("x", 3000)} {
			got := w.developer.post("/api/v1/clients", map[string]any{"client_id": "wrong-uri", "name": "Wrong", "description": "x", "redirect_uris": []string{uri}, "scopes": []string{"profile"}, "grant_types": []string{"authorization_code"}})
			if got.status != http.StatusBadRequest {
				t.Errorf("%.60s: got %d", uri, got.status)
			}
			if changed := w.developer.patch("/api/v1/clients/web", map[string]any{"redirect_uris": []string{w.web.Redirect, uri}}); changed.status != http.StatusBadRequest {
				t.Errorf("%.60s, by an edit: got %d", uri, changed.status)
			}
		}
		w.other.visit(w.alice.client).want(http.StatusOK)
	})
}
