package portal

import (
	"slices"
	"strings"

	"github.com/thingward/thingward/internal/domain"
)

// appKind is a kind of client in words.
type appKind struct {
	Kind                domain.ClientKind
	Title, About, Hint  string
	Authorize, TokenURL string // paths of its endpoints; empty: none yet
}

var appKinds = []appKind{
	{domain.StandardClient, "Standard OAuth 2", "For new programs. Any OAuth 2 library works, each right is asked for by itself, and people choose the things.",
		"Choose this unless your program was written for one of the others.", "/oauth/authorize", "/oauth/token"},
	{domain.WotkitClient, "WoTKit", "For programs that were written for WoTKit: its addresses, its one scope, and tokens that last for 12 hours.",
		"Its base address here ends in /wotkit/api.", "/wotkit/api/oauth/authorize", "/wotkit/api/oauth/token"},
	{domain.LametricClient, "LaMetric", "For programs that were written for the LaMetric cloud: what is called a notification app there.",
		"Its base address here ends in /lametric.", "/lametric/api/v2/oauth2/authorize", "/lametric/api/v2/oauth2/token"},
	{domain.TTNClient, "The Things Network v2", "For programs that were written for version 2 of The Things Network and its account server.",
		"Its base address here ends in /ttn. A redirect URI by http works once an administrator has approved the app; one without an address of its own takes " + domain.CopyCodeURI + ".", "/ttn/users/authorize", "/ttn/users/token"},
}

func kindOf(kind domain.ClientKind) appKind {
	for _, known := range appKinds {
		if known.Kind == kind {
			return known
		}
	}
	return appKind{Kind: kind, Title: string(kind)}
}

// choice is something to be ticked, with what there is to know and to fear.
type choice struct {
	Name, Value, Label, Hint, Warning string
	Chosen                            bool
}

var grantTypeWords = map[domain.GrantType]choice{
	domain.CodeGrant:        {Label: "People allow it in their browser", Hint: "Authorization code: the program sends them here, and gets a code to exchange."},
	domain.RefreshGrant:     {Label: "It goes on when its token has expired", Hint: "Refresh token: without one, people are asked again each time."},
	domain.CredentialsGrant: {Label: "It acts by itself", Hint: "Client credentials: with its id and secret alone, for nobody in particular."},
	domain.DeviceGrant:      {Label: "People allow it by a code that they type", Hint: "Device grant: for what has no browser, such as a display, a clock or a terminal."},
	domain.ImplicitGrant: {Label: "Its token comes in the address of the browser", Hint: "Implicit: the old way of programs without a server.",
		Warning: "The token stands in the browser's history and can be read by every script on the page. It cannot be bound to the program that asked. Use it only for a program that cannot be changed."},
}

// switchWords say what each liberty is and what it puts at risk.
var switchWords = map[domain.LegacySwitch]choice{
	domain.SwitchExtraQuery: {Label: "Redirect URIs may carry more query pairs", Hint: "LaMetric allowed that.",
		Warning: "Whoever can make your page act on such a pair can send people there with a code."},
	domain.SwitchLANRedirect: {Label: "Redirect URIs by http in a home or office network", Hint: "For a box such as a home server without https.",
		Warning: "Everybody in that network can read the code on its way."},
	domain.SwitchHTTPRedirect: {Label: "Redirect URIs by http anywhere", Hint: "Only an administrator can set this.",
		Warning: "Everybody between people and the program can read the code on its way."},
	domain.SwitchKeepRefresh: {Label: "Its refresh token stays the same", Hint: "For programs that throw the new one away.",
		Warning: "A stolen refresh token cannot be noticed: it works next to the real one."},
	domain.SwitchQueryCredentials: {Label: "It sends its secret in the address of token requests", Hint: "For programs that cannot send a form.",
		Warning: "Addresses end up in the logs of proxies, and the secret with them."},
	domain.SwitchOwnerCredentials: {Label: "By itself, it acts for you", Hint: "With “It acts by itself”: its tokens are as good as a key of yours.",
		Warning: "Whoever has its secret can do with your things whatever it may ask for, and nobody is asked."},
}

func grantTypeChoices(kind domain.ClientKind, chosen []domain.GrantType) []choice {
	return choicesOf("grant_types", kind.GrantTypes(), grantTypeWords, chosen)
}

func switchChoices(kind domain.ClientKind, chosen []domain.LegacySwitch) []choice {
	return choicesOf("switches", kind.Switches(), switchWords, chosen)
}

// choicesOf lists what may be chosen, and what is chosen already.
func choicesOf[T ~string](name string, possible []T, words map[T]choice, chosen []T) []choice {
	possible = slices.Clone(possible)
	for _, one := range chosen {
		if !slices.Contains(possible, one) {
			possible = append(possible, one)
		}
	}
	made := make([]choice, len(possible))
	for i, one := range possible {
		made[i] = words[one]
		made[i].Name, made[i].Value, made[i].Chosen = name, string(one), slices.Contains(chosen, one)
	}
	return made
}

func chosenOnly(choices []choice) []choice {
	return slices.DeleteFunc(choices, func(c choice) bool { return !c.Chosen })
}

type nounGroup struct {
	title string
	nouns []string
}

// appScopeGroups sort the scopes of standard apps on the form.
var appScopeGroups = []nounGroup{
	{"About the person", []string{"openid", "profile", "email", "offline_access"}},
	{"Sensors and their data", []string{"sensors", "readings", "actuators"}},
	{"Devices", []string{"devices"}},
	{"The person's apps", []string{"clients"}},
}

// appScopes lists the scopes that apps of the kind may ask for, in its words.
// rest holds those about things that this server does not hold yet.
func appScopes(kind domain.ClientKind, chosen []string) (groups []scopeGroup, rest scopeGroup) {
	rest.Title = "Things that this server does not hold yet"
	if kind != domain.StandardClient {
		groups = []scopeGroup{{}}
	} else {
		for _, group := range appScopeGroups {
			groups = append(groups, scopeGroup{Title: group.title})
		}
	}
	for _, name := range kind.ScopeNames() {
		made := scopeChoice{Name: name.Name, Sentence: strings.Join(clientWords(kind, name.Scopes), ", "), Chosen: slices.Contains(chosen, name.Name)}
		at := 0
		if kind == domain.StandardClient {
			at = slices.IndexFunc(appScopeGroups, func(g nounGroup) bool { return slices.Contains(g.nouns, name.Scopes[0].Noun) })
		}
		if at < 0 {
			rest.Scopes = append(rest.Scopes, made)
			continue
		}
		groups[at].Scopes = append(groups[at].Scopes, made)
	}
	return groups, rest
}
