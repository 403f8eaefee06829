package domain

import (
	"strings"
	"testing"
	"time"
)

func TestClientIDs(t *testing.T) {
	t.Parallel()
	for id, want := range map[string][2]bool{ // chosen, imported
		"my-app-1": {true, true}, "My.App_2": {true, true}, "ab": {true, true}, "0123456789abcdef": {true, true}, "twin_set": {true, true},
		"a": {false, true}, "": {false, false}, "my app": {false, false}, "my:app": {false, false}, "mÿ-app": {false, false}, "a/b": {false, true},
		"a%2Fb": {false, true}, "a\x7fb": {false, false}, strings.Repeat("x", 100): {true, true}, strings.Repeat("x", 101): {false, true},
		strings.Repeat("x", 201): {false, false}, "twc_0000": {false, true}, "twa_x": {false, true}, "thingward-cli": {false, false}, "thingward-x": {false, false},
		"new": {false, false}, "..": {false, false}, "ttnctl": {false, false}, "thingwards": {true, true},
	} {
		if got := [2]bool{CheckClientID(id) == nil, CheckImportedClientID(id) == nil}; got != want {
			t.Errorf("%.40q: chosen, imported: got %v, want %v", id, got, want)
		}
	}
}

// sound is a client that may be registered.
func sound(kind ClientKind) Client {
	scopes, _ := kind.ClientScopes(nil)
	if kind == StandardClient {
		scopes = ScopeSet{ScopeSensorsRead}
	}
	return Client{Kind: kind, Name: "Weather", GrantTypes: UsualGrantTypes(), Switches: kind.UsualSwitches(), Scopes: scopes, RedirectURIs: []string{"https://app.example/cb"}}
}

func TestAClientWithNothingButDefaultsIsSound(t *testing.T) {
	t.Parallel()
	for _, kind := range ClientKinds() {
		if err := sound(kind).Check(); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestWhatAClientMayBe(t *testing.T) {
	t.Parallel()
	credentials := []GrantType{CredentialsGrant}
	tests := map[string]struct {
		kind   ClientKind
		change func(*Client)
		code   string // empty: accepted
	}{
		"kind":                     {StandardClient, func(c *Client) { c.Kind = "homely" }, "invalid_kind"},
		"no name":                  {StandardClient, func(c *Client) { c.Name = "" }, "invalid_name"},
		"long name":                {StandardClient, func(c *Client) { c.Name = strings.Repeat("x", 61) }, "invalid_name"},
		"two lines":                {StandardClient, func(c *Client) { c.Name = "a\nb" }, "invalid_name"},
		"a name turned round":      {StandardClient, func(c *Client) { c.Name = "good\u202eexe" }, "invalid_name"},
		"a name of fillers":        {StandardClient, func(c *Client) { c.Name = "\u3164\u3164" }, "invalid_name"},
		"a name of empty braille":  {StandardClient, func(c *Client) { c.Name = "\u2800" }, "invalid_name"},
		"a name with a heart":      {StandardClient, func(c *Client) { c.Name = "Garden \u2764\ufe0f" }, ""},
		"a name of blanks":         {StandardClient, func(c *Client) { c.Name = " " }, "invalid_name"},
		"invalid UTF-8":            {StandardClient, func(c *Client) { c.Name = "k\xff" }, "invalid_name"},
		"long description":         {StandardClient, func(c *Client) { c.Description = strings.Repeat("x", 1001) }, "invalid_description"},
		"website":                  {StandardClient, func(c *Client) { c.Website = "https://app.example/about us" }, "invalid_website"},
		"website script":           {StandardClient, func(c *Client) { c.Website = "javascript:alert(1)" }, "invalid_website"},
		"website without host":     {StandardClient, func(c *Client) { c.Website = "https:///x" }, "invalid_website"},
		"plain website":            {StandardClient, func(c *Client) { c.Website = "http://app.example" }, ""},
		"privacy of a local page":  {LametricClient, func(c *Client) { c.PrivacyURL = "http://localhost/" }, ""},
		"privacy":                  {LametricClient, func(c *Client) { c.PrivacyURL = "localhost" }, "invalid_privacy_url"},
		"icon":                     {StandardClient, func(c *Client) { c.Icon = "Ä" }, ""},
		"two letters":              {StandardClient, func(c *Client) { c.Icon = "AB" }, "invalid_icon"},
		"icon of markup":           {StandardClient, func(c *Client) { c.Icon = "<" }, "invalid_icon"},
		"no grant types":           {StandardClient, func(c *Client) { c.GrantTypes = nil }, "invalid_grant_types"},
		"password":                 {StandardClient, func(c *Client) { c.GrantTypes = []GrantType{"password"} }, "invalid_grant_types"},
		"refresh alone":            {StandardClient, func(c *Client) { c.GrantTypes = []GrantType{RefreshGrant} }, "invalid_grant_types"},
		"refresh with devices":     {StandardClient, func(c *Client) { c.GrantTypes, c.RedirectURIs = []GrantType{DeviceGrant, RefreshGrant}, nil }, ""},
		"devices of LaMetric":      {LametricClient, func(c *Client) { c.GrantTypes = []GrantType{DeviceGrant} }, "invalid_grant_types"},
		"devices of WoTKit":        {WotkitClient, func(c *Client) { c.GrantTypes = []GrantType{DeviceGrant} }, "invalid_grant_types"},
		"implicit":                 {LametricClient, func(c *Client) { c.GrantTypes = []GrantType{ImplicitGrant} }, ""},
		"implicit of WoTKit":       {WotkitClient, func(c *Client) { c.GrantTypes = []GrantType{ImplicitGrant} }, "invalid_grant_types"},
		"credentials of WoTKit":    {WotkitClient, func(c *Client) { c.GrantTypes = credentials }, "invalid_grant_types"},
		"credentials":              {StandardClient, func(c *Client) { c.GrantTypes, c.RedirectURIs = credentials, nil }, ""},
		"credentials, public":      {StandardClient, func(c *Client) { c.GrantTypes, c.Public = credentials, true }, "invalid_grant_types"},
		"credentials of LaMetric":  {LametricClient, func(c *Client) { c.GrantTypes = credentials }, "invalid_grant_types"},
		"credentials of its owner": {LametricClient, func(c *Client) { c.GrantTypes, c.Switches = credentials, []LegacySwitch{SwitchOwnerCredentials} }, ""},
		"a switch of nobody":       {StandardClient, func(c *Client) { c.Switches = []LegacySwitch{"anything"} }, "invalid_switches"},
		"extra query elsewhere":    {StandardClient, func(c *Client) { c.Switches = []LegacySwitch{SwitchExtraQuery} }, "invalid_switches"},
		"http elsewhere":           {LametricClient, func(c *Client) { c.Switches = []LegacySwitch{SwitchHTTPRedirect} }, "invalid_switches"},
		"a secret in the query":    {WotkitClient, func(c *Client) { c.Switches = []LegacySwitch{SwitchQueryCredentials} }, "invalid_switches"},
		"kept refresh, public":     {WotkitClient, func(c *Client) { c.Public, c.Switches = true, []LegacySwitch{SwitchKeepRefresh} }, "invalid_switches"},
		"kept refresh":             {WotkitClient, func(c *Client) { c.Switches = []LegacySwitch{SwitchKeepRefresh} }, ""},
		"no scopes":                {StandardClient, func(c *Client) { c.Scopes = nil }, "invalid_scopes"},
		"account":                  {StandardClient, func(c *Client) { c.Scopes = ScopeSet{ScopeAccount} }, "invalid_scopes"},
		"admin":                    {StandardClient, func(c *Client) { c.Scopes = ScopeSet{ScopeAdmin} }, "invalid_scopes"},
		"a thing":                  {StandardClient, func(c *Client) { c.Scopes = ScopeSet{ScopeSensorsRead.On(7)} }, "invalid_scopes"},
		"every verb":               {StandardClient, func(c *Client) { c.Scopes = ScopeSet{{Noun: "sensors", Verb: "*"}} }, ""},
		"beyond the contract":      {LametricClient, func(c *Client) { c.Scopes = ScopeSet{ScopeSensorsRead} }, "invalid_scopes"},
		"no redirect":              {StandardClient, func(c *Client) { c.RedirectURIs = nil }, "invalid_redirect_uris"},
		"21 redirects":             {StandardClient, func(c *Client) { c.RedirectURIs = make([]string, 21) }, "invalid_redirect_uris"},
		"plain http":               {StandardClient, func(c *Client) { c.RedirectURIs = append(c.RedirectURIs, "http://app.example/") }, "invalid_redirect_uris"},
		"resource":                 {StandardClient, func(c *Client) { c.Resources = []string{"https://api.example/v1"} }, ""},
		"resource server alone":    {StandardClient, func(c *Client) { *c = Client{Kind: c.Kind, Name: c.Name, Resources: []string{"https://api.example"}} }, ""},
		"resource, public":         {StandardClient, func(c *Client) { c.Public, c.Resources = true, []string{"https://api.example"} }, "invalid_resources"},
		"resource with fragment":   {StandardClient, func(c *Client) { c.Resources = []string{"https://api.example/#x"} }, "invalid_resources"},
		"resource on two lines":    {StandardClient, func(c *Client) { c.Resources = []string{"https://api.example/\nx"} }, "invalid_resources"},
		"long access":              {StandardClient, func(c *Client) { c.Lives.Access = MaxAccessLife + 1 }, "invalid_access_seconds"},
		"short access":             {StandardClient, func(c *Client) { c.Lives.Access = time.Second }, "invalid_access_seconds"},
		"negative grace":           {StandardClient, func(c *Client) { c.Lives.Grace = -time.Second }, "invalid_grace_seconds"},
		"long grace":               {StandardClient, func(c *Client) { c.Lives.Grace = MaxRefreshGrace + 1 }, "invalid_grace_seconds"},
		"longest lives":            {StandardClient, func(c *Client) { c.Lives = TokenLives{MaxAccessLife, MaxRefreshLife, MaxRefreshLife, MaxRefreshGrace} }, ""},
		"51 testers":               {StandardClient, func(c *Client) { c.Testers = make([]Tester, 51) }, "invalid_testers"},
	}
	for name, test := range tests {
		c := sound(test.kind)
		test.change(&c)
		err := c.Check()
		if test.code == "" && err != nil || test.code != "" && CodeOf(err) != test.code {
			t.Errorf("%s: got %v, want %q", name, err, test.code)
		}
	}
}

func TestWhatWidensAClient(t *testing.T) {
	t.Parallel()
	before := sound(StandardClient)
	for name, test := range map[string]struct {
		change func(*Client)
		want   bool
	}{
		"nothing":       {func(*Client) {}, false},
		"another name":  {func(c *Client) { c.Name, c.Description = "Else", "x" }, false},
		"more scopes":   {func(c *Client) { c.Scopes = ScopeSet{{Noun: "sensors", Verb: "*"}} }, true},
		"other scopes":  {func(c *Client) { c.Scopes = ScopeSet{ScopeReadingsRead} }, true},
		"fewer scopes":  {func(c *Client) { c.Scopes = nil }, false},
		"one more URI":  {func(c *Client) { c.RedirectURIs = append([]string{"https://b.example/"}, c.RedirectURIs...) }, true},
		"no URI":        {func(c *Client) { c.RedirectURIs = nil }, false},
		"a grant type":  {func(c *Client) { c.GrantTypes = append(UsualGrantTypes(), ImplicitGrant) }, true},
		"no refresh":    {func(c *Client) { c.GrantTypes = []GrantType{CodeGrant} }, false},
		"a switch":      {func(c *Client) { c.Switches = []LegacySwitch{SwitchLANRedirect} }, true},
		"a resource":    {func(c *Client) { c.Resources = []string{"https://api.example"} }, true},
		"one tester":    {func(c *Client) { c.Testers = []Tester{{1, "bob"}} }, false},
		"shorter lives": {func(c *Client) { c.Lives.Access = time.Minute }, false},
	} {
		after := before
		test.change(&after)
		if got := before.WidensTo(after); got != test.want {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}
