package acceptance

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestSignInLeadsAway: Mallory sends Alice a link to the sign-in page of
// Thingward, which she trusts, and which would send her on to his.
func TestSignInLeadsAway(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		for i, next := range []string{"https://evil.example/", "//evil.example/", "///evil.example", `/\evil.example`, `\\evil.example`, "/\t/evil.example", "/\r\nLocation: https://evil.example", "javascript:alert(1)",
			"/%2Fevil.example", "/%5Cevil.example", "https:evil.example", "/oauth/authorize@evil.example", "//evil.example/oauth/authorize?client_id=x", "/oauth/authorize/../..//evil.example", "/.//evil.example", "http://localhost:8080@evil.example/"} {
			for _, page := range []string{"/login", "/sign-up"} {
				for _, c := range []client{s.browser(t).client, alice.client} {
					got := c.get(page + "?next=" + url.QueryEscape(next))
					wantHere(t, got, next)
					for _, action := range []string{"evil.example", "javascript:"} {
						if got.contains(`action="`+action) || got.contains(`href="`+action) || got.contains(`href="//`+action) {
							t.Errorf("next %q: the page %s leads away", next, page)
						}
					}
				}
			}
			if i%4 != 0 { // a password takes its time
				continue
			}
			fresh := s.browser(t)
			fresh.open("/login?next=" + url.QueryEscape(next))
			wantHere(t, fresh.submit(map[string]string{"username": "alice", "current-password": alice.password}), next)
			wantHere(t, person{fresh, "alice", alice.password}.form("/logout", "next="+url.QueryEscape(next)), next)
		}
	})
}

// wantHere wants no redirect to another host.
func wantHere(t *testing.T, got answer, next string) {
	t.Helper()
	location := got.header.Get("Location")
	base, _ := url.Parse("http://things.example/login")
	resolved, err := base.Parse(location)
	if err != nil || resolved.Host != "things.example" || strings.HasPrefix(location, "//") || strings.ContainsAny(location, "\\\r\n\t") {
		t.Errorf("next %q: %s leads to %q", next, got.about, location)
	}
	if resolved != nil && strings.HasPrefix(resolved.Path, "//") {
		t.Errorf("next %q: %s leads to the path %q", next, got.about, resolved.Path)
	}
}

// TestAStateSplitsTheResponse: a state with line breaks and markup comes back
// as it was, in one header and in no page.
func TestAStateSplitsTheResponse(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		w := newOAuthWorld(t, s)
		for _, state := range []string{"x\r\nSet-Cookie: thingward=evil", "x\nLocation: https://evil.example/", "x\r\n\r\n<script>alert(1)</script>", "x&code=evil&iss=https://evil.example", "x#access_token=evil", "\"><script>alert(1)</script>",
			"%0d%0aSet-Cookie:%20a=b", "x\u2028y", "\x00", strings.Repeat("x", 5000), strings.Repeat("\r\n", 500)} {
			page := w.native.visit(w.alice.client, "state", state)
			if page.contains("<script>alert") {
				t.Errorf("state %.30q: the page has the markup", state)
			}
			got := page
			if page.status == http.StatusOK {
				got = w.alice.questionIn(page).post("allow")
			}
			location, err := url.Parse(got.header.Get("Location"))
			if err != nil || location.Host != "native.example" || got.header.Get("Set-Cookie") != "" || location.Fragment != "" {
				t.Errorf("state %.30q: got sent to %v with %v", state, location, got.header)
				continue
			}
			values := location.Query()
			if len(values["state"]) > 1 || len(values["code"]) > 1 || len(values["iss"]) != 1 || values.Get("iss") != s.config.PublicURL {
				t.Errorf("state %.30q: got %v", state, values)
			}
			if values.Has("code") && values.Get("state") != state {
				t.Errorf("state %.30q: got %.30q", state, values.Get("state"))
			}
			s.keep(values.Get("code"), "an authorization code")
		}
	})
}
