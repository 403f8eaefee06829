package domain_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/thingward/thingward/internal/domain"
)

func switches(words ...domain.LegacySwitch) []domain.LegacySwitch { return words }

var (
	confidential = domain.Client{Kind: domain.StandardClient}
	publicClient = domain.Client{Kind: domain.StandardClient, Public: true}
	withLAN      = domain.Client{Kind: domain.LametricClient, Switches: switches(domain.SwitchLANRedirect)}
	withHTTP     = domain.Client{Kind: domain.TTNClient, Switches: switches(domain.SwitchHTTPRedirect)}
	withExtra    = domain.Client{Kind: domain.LametricClient, Switches: switches(domain.SwitchExtraQuery)}
)

func TestRedirectURIsThatMayBeRegistered(t *testing.T) {
	t.Parallel()
	tests := []struct {
		uri    string
		client domain.Client
		ok     bool
	}{
		{"https://app.example/callback", confidential, true},
		{"https://app.example", confidential, true},
		{"https://app.example:8443/callback?from=thingward&x", confidential, true},
		{"https://app.example/a%20b/%C3%A4", confidential, true},
		{"http://127.0.0.1/callback", confidential, true},
		{"http://127.0.0.1:5000/oauth-authorized", confidential, true},
		{"http://localhost/wotkit_clientTestCases.php", confidential, true},
		{"http://app.localhost:3000/", confidential, true},
		{"http://[::1]:9/cb", confidential, true},
		{"http://app.example/callback", confidential, false},
		{"http://192.168.0.2:8123/auth/external/callback", confidential, false},
		{"http://localhost.example/", confidential, false},
		{"http://127.0.0.1.example/", confidential, false},
		{"http://127.1/", confidential, false},
		{"http://0x7f000001/", confidential, false},

		{"http://192.168.0.2:8123/auth/external/callback", withLAN, true},
		{"http://homeassistant.local:8123/cb", withLAN, true},
		{"http://nas/cb", withLAN, true},
		{"http://[fd00::1]/cb", withLAN, true},
		{"http://app.example/cb", withLAN, false},
		{"http://8.8.8.8/cb", withLAN, false},
		{"http://134744072/cb", withLAN, false}, // 8.8.8.8 in the eyes of a browser
		{"http://0x8080808/cb", withLAN, false},
		{"http://local/cb", withLAN, true},
		{"http://lan.example/cb", withLAN, false},
		{"http://evil%E3%80%82com/cb", withLAN, false}, // evil.com in the eyes of a browser
		{"http://%EF%BC%98.8.8.8/cb", withLAN, false},  // and 8.8.8.8
		{"https://xn--bcher-kva.example/cb", confidential, true},
		{"https://b%C3%BCcher.example/cb", confidential, false},
		{"https://evil.example%E2%81%84app.example/cb", confidential, false}, // a slash to the eye
		{"http://mywebsite.example/callback", withHTTP, true},

		{"com.example.app:/oauth", publicClient, true},
		{"com.example.app:/oauth", confidential, false},
		{"exampleapp:/oauth", publicClient, false},
		{"com.example.app:oauth", publicClient, false},
		{"com.example.app://host/oauth", publicClient, false},

		{"", confidential, false},
		{"/callback", confidential, false},
		{"//app.example/callback", confidential, false},
		{"app.example/callback", confidential, false},
		{"https:///callback", confidential, false},
		{"https://:443/callback", confidential, false},
		{"https://app.example:/callback", confidential, false},
		{"https://app.example:999999/callback", confidential, false},
		{"https://app.example/#", confidential, false},
		{"https://app.example/#part", confidential, false},
		{"https://user@app.example/", confidential, false},
		{"https://user:secret@app.example/", confidential, false},
		{"https://*.example/", confidential, false},
		{"https://app.example/*", confidential, false},
		{`https://app.example\@evil.example/`, confidential, false},
		{"https://app.example/ callback", confidential, false},
		{"https://app.example/\tcallback", confidential, false},
		{"https://app.example/\r\nLocation: x", confidential, false},
		{"https://äpp.example/", confidential, false},
		{"https://app.example/%zz", confidential, false},
		{"https://app.example/?a=%zz", confidential, false},
		{"https://app.example/?a=1;b=2", confidential, false},
		{"https://app.example/?code=1", confidential, false},
		{"https://app.example/?STATE=1", confidential, false},
		{"https://app.example/?%65rror=1", confidential, false},
		{"javascript:alert(1)", publicClient, false},
		{"javascript://app.example/%0aalert(1)", publicClient, false},
		{"data:text/html,x", publicClient, false},
		{"file:///etc/passwd", publicClient, false},
		{"ftp://app.example/", publicClient, false},
		{"https://app.example/" + strings.Repeat("x", domain.MaxRedirectURI), confidential, false},
	}
	for _, test := range tests {
		if err := test.client.CheckRedirectURI(test.uri); (err == nil) != test.ok {
			t.Errorf("%.80q: got %v, want accepted: %t", test.uri, err, test.ok)
		}
	}
}

func TestRedirectMatch(t *testing.T) {
	t.Parallel()
	as := func(c domain.Client, uris ...string) domain.Client { c.RedirectURIs = uris; return c }
	const cb = "https://app.example/cb"
	tests := []struct {
		name   string
		client domain.Client
		given  string
		want   string // empty: refused
	}{
		{"the same", as(confidential, "https://other.example/", cb), cb, cb},
		{"none, one registered", as(confidential, cb), "", cb},
		{"none, two registered", as(confidential, cb, cb+"2"), "", ""},
		{"none registered", as(confidential), "", ""},
		{"a slash more", as(confidential, cb), cb + "/", ""},
		{"a slash less", as(confidential, "https://app.example/"), "https://app.example", ""},
		{"upper case host", as(confidential, cb), "https://APP.example/cb", ""},
		{"the port written out", as(confidential, cb), "https://app.example:443/cb", ""},
		{"an empty query", as(confidential, cb), cb + "?", ""},
		{"a query more", as(confidential, cb), cb + "?x=1", ""},
		{"another scheme", as(confidential, cb), "http://app.example/cb", ""},
		{"a dot segment", as(confidential, cb), "https://app.example/x/../cb", ""},
		{"another escaping", as(confidential, cb), "https://app.example/%63b", ""},
		{"a neighbour", as(confidential, cb), "https://app.example.evil.example/cb", ""},
		{"a user before", as(confidential, cb), "https://app.example@evil.example/cb", ""},
		{"another loopback port, confidential", as(confidential, "http://127.0.0.1/cb"), "http://127.0.0.1:81/cb", ""},

		{"another loopback port", as(publicClient, "http://127.0.0.1/cb"), "http://127.0.0.1:49152/cb", "http://127.0.0.1:49152/cb"},
		{"another loopback port than the registered", as(publicClient, "http://[::1]:1/cb"), "http://[::1]:2/cb", "http://[::1]:2/cb"},
		{"another loopback host", as(publicClient, "http://127.0.0.1/cb"), "http://localhost/cb", ""},
		{"another loopback path", as(publicClient, "http://127.0.0.1/cb"), "http://127.0.0.1:5/cb2", ""},
		{"a loopback query more", as(publicClient, "http://127.0.0.1/cb"), "http://127.0.0.1:5/cb?x=1", ""},
		{"loopback with https", as(publicClient, "http://127.0.0.1/cb"), "https://127.0.0.1:5/cb", ""},
		{"another https port", as(publicClient, cb), "https://app.example:8443/cb", ""},
		{"private-use", as(publicClient, "com.example.app:/cb"), "com.example.app:/cb", "com.example.app:/cb"},
		{"private-use with slashes", as(publicClient, "com.example.app:/cb"), "com.example.app:///cb", ""},

		{"extra pairs", as(withExtra, cb), cb + "?x=1&y=2", cb + "?x=1&y=2"},
		{"extra pairs, upper case host", as(withExtra, cb), "https://APP.example/cb?x=1", "https://APP.example/cb?x=1"},
		{"registered pair kept", as(withExtra, cb+"?a=1"), cb + "?x=1&a=1", cb + "?x=1&a=1"},
		{"registered pair missing", as(withExtra, cb+"?a=1"), cb + "?x=1", ""},
		{"registered pair changed", as(withExtra, cb+"?a=1"), cb + "?a=2", ""},
		{"registered pair doubled", as(withExtra, cb+"?a=1"), cb + "?a=1&a=2", ""},
		{"extra code", as(withExtra, cb), cb + "?code=x", ""},
		{"extra State", as(withExtra, cb), cb + "?State=x", ""},
		{"extra escaped iss", as(withExtra, cb), cb + "?%69ss=x", ""},
		{"extra semicolon", as(withExtra, cb), cb + "?a=1;code=2", ""},
		{"extra fragment", as(withExtra, cb), cb + "?x=1#f", ""},
		{"extra with another port", as(withExtra, cb), "https://app.example:444/cb?x=1", ""},
		{"extra with another path", as(withExtra, cb), "https://app.example/CB?x=1", ""},
		{"extra with a user", as(withExtra, cb), "https://app.example@evil.example/cb?x=1", ""},
	}
	for _, test := range tests {
		got, err := test.client.MatchRedirect(test.given)
		if got != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%s: got %q, %v; want %q", test.name, got, err, test.want)
		}
	}
}

// FuzzMatchRedirect holds that a match never leads anywhere but to the
// registered scheme, host and port, save for the port of the loopback, and
// never brings a pair that the answer is mistaken for.
func FuzzMatchRedirect(f *testing.F) {
	for _, seed := range [][2]string{
		{"https://app.example/cb", "https://app.example/cb?x=1"}, {"https://app.example/cb", "https://app.example@evil/cb"},
		{"http://127.0.0.1/cb", "http://127.0.0.1:81/cb"}, {"com.example.app:/cb", "com.example.app:/cb"},
		{"http://localhost:1/?a=1", "http://localhost:2/?a=1&b=%32"}, {"https://a/?x=1", `https://a\b/?x=1`},
		{"http://192.168.0.2/", "http://192.168.0.2/?code=1"}, {"https://[::1]/", "https://[::1%25x]/"},
	} {
		f.Add(seed[0], seed[1], byte(7))
	}
	f.Fuzz(func(t *testing.T, registered, given string, how byte) {
		c := domain.Client{Kind: domain.LametricClient, Public: how&1 != 0, RedirectURIs: []string{registered}}
		if how&2 != 0 {
			c.Switches = append(c.Switches, domain.SwitchExtraQuery)
		}
		if how&4 != 0 {
			c.Switches = append(c.Switches, domain.SwitchLANRedirect)
		}
		if c.CheckRedirectURI(registered) != nil {
			return
		}
		got, err := c.MatchRedirect(given)
		if err != nil {
			return
		}
		if given == "" && got != registered || given != "" && got != given {
			t.Fatalf("got %q for %q", got, given)
		}
		r, errR := url.Parse(registered)
		g, errG := url.Parse(got)
		if errR != nil || errG != nil {
			t.Fatalf("%v, %v", errR, errG)
		}
		loopback := c.Public && r.Scheme == "http" && domain.IsLoopback(r.Hostname())
		switch {
		case r.Scheme != g.Scheme, g.User != nil, g.Fragment != "", strings.Contains(got, "#"):
			t.Errorf("%q leads to %q", registered, got)
		case !strings.EqualFold(r.Hostname(), g.Hostname()), r.Port() != g.Port() && !loopback:
			t.Errorf("%q leads to the host %q", registered, g.Host)
		case r.EscapedPath() != g.EscapedPath():
			t.Errorf("%q leads to the path %q", registered, g.Path)
		case how&2 == 0 && r.RawQuery != g.RawQuery:
			t.Errorf("%q leads to the query %q", registered, g.RawQuery)
		}
		for name := range g.Query() {
			if name = strings.ToLower(name); name == "code" || name == "state" || name == "error" || name == "iss" || name == "access_token" {
				t.Errorf("%q leads to %q", registered, got)
			}
		}
	})
}
