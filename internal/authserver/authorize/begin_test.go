package authorize

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// TestNothingIsRedirectedBeforeClientAndURIAreProven holds RFC 6749 §4.1.2.1
// and RFC 9700 §4.11.
func TestNothingIsRedirectedBeforeClientAndURIAreProven(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.client("app", domain.StandardClient, nil)
	w.client("two", domain.StandardClient, func(c *domain.Client) { c.RedirectURIs = append(c.RedirectURIs, "https://other.example/") })
	w.client("clock", domain.LametricClient, nil)
	w.client("rejected", domain.StandardClient, func(c *domain.Client) { c.State = domain.ClientRejected })
	w.client("suspended", domain.StandardClient, func(c *domain.Client) { c.State = domain.ClientSuspended })
	for name, given := range map[string]string{
		"nothing at all":             "",
		"no client":                  query("response_type=code", "redirect_uri="+callback),
		"an empty client":            query("client_id=", "redirect_uri="+callback),
		"an unknown client":          query("client_id=nobody", "redirect_uri="+callback),
		"a doubled client":           query("client_id=app", "client_id=app", "redirect_uri="+callback),
		"two clients":                query("client_id=app", "client_id=two", "redirect_uri="+callback),
		"a client of another kind":   query("client_id=clock", "redirect_uri="+callback, "response_type=code"),
		"a rejected client":          query("client_id=rejected", "redirect_uri="+callback, "response_type=code"),
		"a suspended client":         query("client_id=suspended", "redirect_uri="+callback, "response_type=code"),
		"a client that is not UTF-8": "client_id=app%FF",
		"a client with a NUL":        "client_id=app%00",
		"another URI":                query("client_id=app", "redirect_uri=https://evil.example/", "response_type=code"),
		"a URI that goes on":         query("client_id=app", "redirect_uri="+callback+"/../evil", "response_type=code"),
		"another scheme":             query("client_id=app", "redirect_uri=javascript:alert(1)", "response_type=code"),
		"a doubled URI":              query("client_id=app", "redirect_uri="+callback, "redirect_uri="+callback, "response_type=code"),
		"a URI that is not encoded":  "client_id=app&response_type=code&redirect_uri=https%3A%2F%2Fapp.example%2",
		"no URI but two registered":  query("client_id=two", "response_type=code"),
		"a request that is not kept": query("client_id=app", "request_uri="+requestURIPrefix+secret.Generate(secret.RequestURI).Reveal()),
		"a request that is none":     query("client_id=app", "request_uri="+requestURIPrefix+"x"),
	} {
		_, err := w.Begin(context.Background(), domain.StandardClient, given)
		to, redirected := refusal(err)
		if err == nil || redirected || !domain.IsKind(err, domain.Invalid) {
			t.Errorf("%s: got %v and the redirect %q, want an error for a page", name, err, to)
		}
	}
}

// TestFaultsAreToldByRedirect goes through what a request with a proven
// client and URI can have wrong.
func TestFaultsAreToldByRedirect(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.client("app", domain.StandardClient, func(c *domain.Client) { c.Scopes = domain.ScopeSet{domain.ScopeSensorsRead, domain.ScopeProfile} })
	w.client("public", domain.StandardClient, func(c *domain.Client) { c.Public = true })
	w.client("code-only", domain.StandardClient, func(c *domain.Client) { c.GrantTypes = []domain.GrantType{domain.CodeGrant} })
	w.client("implicit-only", domain.StandardClient, func(c *domain.Client) { c.GrantTypes = []domain.GrantType{domain.ImplicitGrant} })
	for name, test := range map[string]struct {
		query, want string
		fragment    bool
	}{
		"RFC 6749 §4.1.2.1, no response_type":           {query("client_id=app"), "invalid_request", false},
		"RFC 6749 §3.1, an empty response_type":         {query("client_id=app", "response_type="), "invalid_request", false},
		"an unknown response_type":                      {query("client_id=app", "response_type=code token"), "unsupported_response_type", false},
		"a flow that is not the client's":               {query("client_id=code-only", "response_type=token"), "unauthorized_client", true},
		"a code for an implicit client":                 {query("client_id=implicit-only", "response_type=code"), "unauthorized_client", false},
		"RFC 6749 §3.1, a doubled state":                {query("client_id=app", "response_type=code", "state=a", "state=b"), "invalid_request", false},
		"RFC 6749 §3.1, a doubled scope":                {query("client_id=app", "response_type=code", "scope=profile", "scope=profile"), "invalid_request", false},
		"RFC 6749 §3.1, a doubled response_type":        {query("client_id=app", "response_type=code", "response_type=code"), "invalid_request", false},
		"a doubled challenge":                           {query("client_id=app", "response_type=token", "code_challenge="+challenge, "code_challenge="+challenge), "invalid_request", true},
		"a scope that is not encoded":                   {"client_id=app&response_type=code&scope=%", "invalid_request", false},
		"a scope that is not UTF-8":                     {"client_id=app&response_type=code&scope=%FF", "invalid_request", false},
		"an unknown scope":                              {query("client_id=app", "response_type=code", "scope=everything"), "invalid_scope", false},
		"an unknown scope in the fragment":              {query("client_id=app", "response_type=token", "scope=everything"), "invalid_scope", true},
		"RFC 6749 §3.3, more than the client may have":  {query("client_id=app", "response_type=code", "scope=sensors.write"), "invalid_scope", false},
		"every verb, where one is the client's":         {query("client_id=app", "response_type=code", "scope=sensors.*"), "invalid_scope", false},
		"account, which is no third party's":            {query("client_id=public", "response_type=code", "scope=account", "code_challenge="+challenge, "code_challenge_method=S256"), "invalid_scope", false},
		"admin, which is no third party's":              {query("client_id=public", "response_type=code", "scope=admin", "code_challenge="+challenge, "code_challenge_method=S256"), "invalid_scope", false},
		"RFC 9700 §2.1.1, a public client without PKCE": {query("client_id=public", "response_type=code"), "invalid_request", false},
		"RFC 7636 §4.3, a challenge without a method":   {query("client_id=app", "response_type=code", "code_challenge="+challenge), "invalid_request", false},
		"RFC 7636 §4.4.1, plain":                        {query("client_id=app", "response_type=code", "code_challenge="+challenge, "code_challenge_method=plain"), "invalid_request", false},
		"a method without a challenge":                  {query("client_id=app", "response_type=code", "code_challenge_method=S256"), "invalid_request", false},
		"RFC 7636 §4.2, a short challenge":              {query("client_id=app", "response_type=code", "code_challenge="+challenge[:42], "code_challenge_method=S256"), "invalid_request", false},
		"a long challenge":                              {query("client_id=app", "response_type=code", "code_challenge="+strings.Repeat("x", 129), "code_challenge_method=S256"), "invalid_request", false},
		"a challenge of other characters":               {query("client_id=app", "response_type=code", "code_challenge="+strings.Repeat("ä", 43), "code_challenge_method=S256"), "invalid_request", false},
		"a challenge for a token":                       {query("client_id=app", "response_type=token", "code_challenge="+challenge, "code_challenge_method=S256"), "invalid_request", true},
		"RFC 8707 §2.1, an unknown resource":            {query("client_id=app", "response_type=code", "resource=https://elsewhere.example"), "invalid_target", false},
		"RFC 8707 §2, a relative resource":              {query("client_id=app", "response_type=code", "resource=/api"), "invalid_target", false},
		"RFC 8707 §2, a resource with a fragment":       {query("client_id=app", "response_type=code", "resource="+issuer+"#x"), "invalid_target", false},
		"two resources":                                 {query("client_id=app", "response_type=code", "resource="+issuer, "resource="+issuer), "invalid_target", false},
		"RFC 9101, a signed request":                    {query("client_id=app", "response_type=code", "request=x.y.z"), "request_not_supported", false},
		"a request kept elsewhere":                      {query("client_id=app", "response_type=code", "request_uri=https://app.example/r"), "request_uri_not_supported", false},
		"prompt none with another":                      {query("client_id=app", "response_type=code", "prompt=none login"), "invalid_request", false},
		"a long state":                                  {query("client_id=app", "response_type=code", "state="+strings.Repeat("s", MaxState+1)), "invalid_request", false},
		"a long request":                                {query("client_id=app", "response_type=code", "more="+strings.Repeat("s", MaxQuery)), "invalid_request", false},
		"a request that is long when encoded":           {query("client_id=app", "response_type=code") + "&more=" + strings.Repeat("ä", MaxQuery/4), "invalid_request", false},
	} {
		given := test.query
		if !strings.Contains(given, "state=") {
			given += "&state=x%3By"
		}
		_, err := w.Begin(context.Background(), domain.StandardClient, given)
		to, redirected := refusal(err)
		if !redirected || !strings.HasPrefix(to, callback) {
			t.Errorf("%s: got %v, want a redirect to the client", name, err)
			continue
		}
		values, inFragment := answerOf(t, to)
		if values.Get("error") != test.want || inFragment != test.fragment || values.Get("iss") != issuer || values.Get("error_description") == "" {
			t.Errorf("%s: got %s, want error=%s, in the fragment %t, with iss and a description", name, to, test.want, test.fragment)
		}
		if strings.Contains(given, "state=x%3By") && values.Get("state") != "x;y" {
			t.Errorf("%s: got the state %q, want it back", name, values.Get("state"))
		}
		if !inFragment && values.Get("from") != "here" {
			t.Errorf("%s: got %s, want the client's own query kept", name, to)
		}
	}
}

// TestWhatARequestMayHave goes through requests that are right.
func TestWhatARequestMayHave(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.client("app", domain.StandardClient, func(c *domain.Client) { c.Resources = []string{"https://own.example/"} })
	w.client("server", domain.StandardClient, func(c *domain.Client) { c.Resources = []string{"https://a.example/x", "https://b.example/y"} })
	w.client("waiting", domain.StandardClient, func(c *domain.Client) {
		c.State, c.Resources = domain.ClientRequested, []string{"https://waiting.example"}
	})
	w.client("hub", domain.WotkitClient, nil)
	w.client("clock", domain.LametricClient, nil)
	for name, test := range map[string]struct {
		kind  domain.ClientKind
		query string
		holds func(Request) bool
	}{
		"no scope of a standard client": {domain.StandardClient, query("client_id=app", "response_type=code"), func(r Request) bool { return len(r.Asked) == 0 }},
		"no scope at WoTKit":            {domain.WotkitClient, query("client_id=hub", "response_type=code"), func(r Request) bool { return strings.Join(names(r), " ") == "all" }},
		"no scope at LaMetric":          {domain.LametricClient, query("client_id=clock", "response_type=code"), func(r Request) bool { return strings.Join(names(r), " ") == "basic" }},
		"spaces as plus, and doubles": {domain.LametricClient, "client_id=clock&response_type=code&scope=basic+devices_read%20basic",
			func(r Request) bool { return strings.Join(names(r), " ") == "basic devices_read" }},
		"a redirect URI as it is registered": {domain.StandardClient, query("client_id=app", "response_type=code", "redirect_uri="+callback), func(r Request) bool { return r.Given == callback && r.RedirectURI == callback }},
		"no redirect URI":                    {domain.StandardClient, query("client_id=app", "response_type=code"), func(r Request) bool { return r.Given == "" && r.RedirectURI == callback }},
		"what is not known":                  {domain.StandardClient, query("client_id=app", "response_type=code", "display=popup", "nonce=1"), func(r Request) bool { return r.Client.ID == "app" }},
		"an empty state is none":             {domain.StandardClient, query("client_id=app", "response_type=code", "state="), func(r Request) bool { return !r.HasState }},
		"a state of any bytes":               {domain.StandardClient, "client_id=app&response_type=code&state=%00%FF+;%2B\"", func(r Request) bool { return r.State == "\x00\xff ;+\"" }},
		"the longest state":                  {domain.StandardClient, query("client_id=app", "response_type=code", "state="+strings.Repeat("s", MaxState)), func(r Request) bool { return len(r.State) == MaxState }},
		"a challenge":                        {domain.StandardClient, query("client_id=app", "response_type=code", "code_challenge="+challenge, "code_challenge_method=S256"), func(r Request) bool { return r.Challenge == challenge }},
		"this server as the resource":        {domain.StandardClient, query("client_id=app", "response_type=code", "resource="+issuer), func(r Request) bool { return r.Audience == "" }},
		"this server's API as the resource":  {domain.StandardClient, query("client_id=app", "response_type=code", "resource="+issuer+"/api/v1"), func(r Request) bool { return r.Audience == "" }},
		"the client itself as the resource":  {domain.StandardClient, query("client_id=app", "response_type=code", "resource=https://own.example/"), func(r Request) bool { return r.Audience == "https://own.example/" }},
		"another client as the resource":     {domain.StandardClient, query("client_id=app", "response_type=code", "resource=https://b.example/y"), func(r Request) bool { return r.Audience == "https://b.example/y" }},
		"prompts of others":                  {domain.StandardClient, query("client_id=app", "response_type=code", "prompt=select_account consent"), func(r Request) bool { return r.Insists() && !r.Silent() }},
		"a single thing":                     {domain.StandardClient, query("client_id=app", "response_type=code", "scope=sensors.read:alice.greenhouse"), func(r Request) bool { return r.Asked[0].Scopes[0].Thing == "alice.greenhouse" }},
	} {
		r, err := w.Begin(context.Background(), test.kind, test.query)
		if err != nil || !test.holds(r) {
			t.Errorf("%s: got %+v, %v", name, r, err)
			continue
		}
		again, err := w.Begin(context.Background(), test.kind, r.Query)
		if err != nil || again.Query != r.Query || again.State != r.State || strings.Join(names(again), " ") != strings.Join(names(r), " ") {
			t.Errorf("%s: the form would post another request: got %+v, %v", name, again, err)
		}
	}
	for _, resource := range []string{"https://a.example/", "https://a.example/x\nhttps://b.example/y", "https://waiting.example", issuer + "/elsewhere", issuer + ".evil.example"} {
		if _, err := w.Begin(context.Background(), domain.StandardClient, query("client_id=app", "response_type=code", "resource="+resource)); domain.CodeOf(err) != "invalid_target" {
			t.Errorf("resource %q: got %v, want invalid_target", resource, err)
		}
	}
}

// The room for kept requests is bounded, so no network gets all of it.
func TestOneNetworkDoesNotFillTheRoomForRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.client("app", domain.StandardClient, nil)
	asked := w.begin(domain.StandardClient, query("client_id=app", "response_type=code", "scope=profile"))
	flood := domain.Caller{Address: netip.MustParseAddr("2001:db8::1")}
	var err error
	for range 200 {
		if _, err = w.Keep(context.Background(), flood, asked); err != nil {
			break
		}
		flood.Address = flood.Address.Next() // of the same network
	}
	if !domain.IsKind(err, domain.TooMany) {
		t.Errorf("after 200 requests: got %v, want TooMany", err)
	}
	if _, err := w.Keep(context.Background(), domain.Caller{Address: netip.MustParseAddr("192.0.2.7")}, asked); err != nil {
		t.Errorf("from another network: %v", err)
	}
}

// TestAKeptRequestIsTheSameRequest: what comes as a form goes on as a GET.
func TestAKeptRequestIsTheSameRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.client("app", domain.StandardClient, nil)
	w.client("other", domain.StandardClient, nil)
	asked := w.begin(domain.StandardClient, query("client_id=app", "response_type=code", "state=a b&c", "scope=profile"))
	kept, err := w.Keep(context.Background(), domain.Caller{}, asked)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // a second tab
		again := w.begin(domain.StandardClient, kept)
		if again.Query != asked.Query || again.State != "a b&c" {
			t.Errorf("got %+v, want the request that was kept", again)
		}
	}
	if r := w.begin(domain.StandardClient, kept+"&scope=sensors.write&state=evil"); r.State != "a b&c" || strings.Join(names(r), "") != "profile" {
		t.Errorf("RFC 9126 §4: got %+v, want nothing from beside the request_uri", r)
	}
	_, err = w.Begin(context.Background(), domain.StandardClient, strings.Replace(kept, "client_id=app", "client_id=other", 1))
	if to, redirected := refusal(err); err == nil || redirected {
		t.Errorf("of another client: got %v and %q, want an error for a page", err, to)
	}
	w.clock.Advance(keptFor)
	_, err = w.Begin(context.Background(), domain.StandardClient, kept)
	if _, redirected := refusal(err); err == nil || redirected {
		t.Errorf("after ten minutes: got %v, want an error for a page", err)
	}
}

// FuzzAuthorizeQuery holds that no query leads to a place that is not
// registered, and that what is accepted reads the same when posted again.
func FuzzAuthorizeQuery(f *testing.F) {
	w := newWorld(f)
	w.client("app", domain.StandardClient, nil)
	w.client("public", domain.StandardClient, func(c *domain.Client) { c.Public, c.RedirectURIs = true, []string{"http://127.0.0.1/callback"} })
	w.client("clock", domain.LametricClient, func(c *domain.Client) { c.Switches = []domain.LegacySwitch{domain.SwitchExtraQuery} })
	f.Add(query("client_id=app", "response_type=code", "redirect_uri="+callback, "state=x", "scope=profile sensors.read"))
	f.Add("client_id=clock&response_type=token&scope=basic+devices_read&state=%FF&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback%3Ffrom%3Dhere%26a%3Db")
	f.Add(query("client_id=public", "response_type=code", "redirect_uri=http://127.0.0.1:4711/callback", "code_challenge="+challenge, "code_challenge_method=S256"))
	f.Add("client_id=app&&=&;&a=%zz&response_type=code&resource=x&prompt=none&request_uri=" + requestURIPrefix)
	f.Add("client_id=clock&redirect_uri=https%3A%2F%2FApp.eXAmple%2Fcallback%3Ffrom%3Dhere%260") // hosts have no case
	f.Fuzz(func(t *testing.T, text string) {
		for _, kind := range domain.ClientKinds() {
			r, err := w.Begin(context.Background(), kind, text)
			if to, redirected := refusal(err); redirected {
				if !isRegistered(to) {
					t.Fatalf("got a redirect to %q", to)
				}
				if strings.ContainsAny(to, "\r\n \x00") {
					t.Fatalf("got a redirect with raw characters: %q", to)
				}
			}
			if err != nil {
				if domain.IsKind(err, domain.Internal) {
					t.Fatalf("got a fault of the server: %v", err)
				}
				continue
			}
			again, err := w.Begin(context.Background(), kind, r.Query)
			if err != nil || again.Query != r.Query || again.State != r.State || again.RedirectURI != r.RedirectURI {
				t.Fatalf("posted again: got %+v, %v, want %+v", again, err, r)
			}
		}
	})
}

// isRegistered reports whether a redirect of the fuzz target leads to scheme,
// host and path of one of its clients.
func isRegistered(to string) bool {
	parsed, err := url.Parse(to)
	if err != nil || parsed.User != nil {
		return false
	}
	atApp := parsed.Scheme == "https" && strings.EqualFold(parsed.Host, "app.example")
	atHome := parsed.Scheme == "http" && parsed.Hostname() == "127.0.0.1"
	return (atApp || atHome) && parsed.EscapedPath() == "/callback"
}

// TestManyParametersAreReadOnce: anybody can send a request of a client that
// is known to everybody, so a long one may not cost more than its length.
func TestManyParametersAreReadOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.client("app", domain.StandardClient, nil)
	var long strings.Builder
	long.WriteString("client_id=app&response_type=code")
	for i := range 10_000 {
		fmt.Fprintf(&long, "&%x", i)
	}
	begun := time.Now()
	for range 20 {
		_, err := w.Begin(context.Background(), domain.StandardClient, long.String())
		if _, redirected := refusal(err); !redirected || !strings.Contains(err.Error(), "too long") {
			t.Fatalf("got %v, want a refusal of its length", err)
		}
	}
	if took := time.Since(begun); took > 4*time.Second { // it is a tenth of a second; comparing each name with each takes ten
		t.Errorf("20 requests took %s", took)
	}
}
