package domain

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

// GrantTypes lists the grant types that clients of the kind may be given, as
// pages show them. Implicit is among them where the contract has it, but
// nobody gets it without asking for it.
func (k ClientKind) GrantTypes() []GrantType {
	switch k {
	case WotkitClient:
		return []GrantType{CodeGrant, RefreshGrant}
	case StandardClient:
		return []GrantType{CodeGrant, RefreshGrant, CredentialsGrant, DeviceGrant, ImplicitGrant}
	}
	return []GrantType{CodeGrant, RefreshGrant, CredentialsGrant, ImplicitGrant}
}

// UsualGrantTypes are those of a client about which nothing else is said.
func UsualGrantTypes() []GrantType { return []GrantType{CodeGrant, RefreshGrant} }

// Switches lists the liberties that clients of the kind may be given.
func (k ClientKind) Switches() []LegacySwitch {
	switch k {
	case WotkitClient:
		return []LegacySwitch{SwitchLANRedirect, SwitchKeepRefresh}
	case LametricClient:
		return []LegacySwitch{SwitchExtraQuery, SwitchLANRedirect, SwitchKeepRefresh, SwitchQueryCredentials, SwitchOwnerCredentials}
	case TTNClient:
		return []LegacySwitch{SwitchLANRedirect, SwitchHTTPRedirect, SwitchKeepRefresh, SwitchQueryCredentials, SwitchOwnerCredentials}
	}
	return []LegacySwitch{SwitchLANRedirect, SwitchKeepRefresh, SwitchOwnerCredentials}
}

// UsualSwitches are those of a client about which nothing else is said.
func (k ClientKind) UsualSwitches() []LegacySwitch {
	if k == LametricClient {
		return []LegacySwitch{SwitchExtraQuery}
	}
	return nil
}

// Check accepts a client that may be registered as it is. Its id and state
// are checked elsewhere.
func (c Client) Check() error {
	if !slices.Contains(ClientKinds(), c.Kind) {
		return InvalidField("kind", "There is no kind of app %q. Possible: standard, wotkit, lametric, ttn.", Clip(string(c.Kind)))
	}
	for _, check := range []func() error{c.checkAbout, c.checkGrantTypes, c.checkSwitches, c.checkScopes, c.checkRedirectURIs, c.checkResources, c.Lives.checkLives} {
		if err := check(); err != nil {
			return err
		}
	}
	if len(c.Testers) > MaxTesters {
		return InvalidField("testers", "An app has at most %d testers.", MaxTesters)
	}
	return nil
}

// checkGrantTypes holds RFC 6749 §4.4 (client_credentials is for confidential
// clients) and what the contracts know.
func (c Client) checkGrantTypes() error {
	for _, t := range c.GrantTypes {
		if !slices.Contains(c.Kind.GrantTypes(), t) {
			return InvalidField("grant_types", "An app of the kind %s cannot have the grant type %q.", c.Kind, Clip(string(t)))
		}
	}
	switch {
	case len(c.GrantTypes) == 0 && len(c.Resources) == 0:
		return InvalidField("grant_types", "Without a grant type the app gets no tokens. The usual ones are authorization_code and refresh_token.")
	case c.MayUse(RefreshGrant) && !c.MayUse(CodeGrant) && !c.MayUse(DeviceGrant):
		return InvalidField("grant_types", "Refresh tokens come with codes: refresh_token needs %s.", refreshNeeds(c.Kind))
	case c.MayUse(CredentialsGrant) && c.Public:
		return InvalidField("grant_types", "A public app cannot keep a secret, so it cannot use client_credentials.")
	case c.MayUse(CredentialsGrant) && c.Kind == LametricClient && !c.Has(SwitchOwnerCredentials):
		return InvalidField("grant_types", "A LaMetric app that uses client_credentials acts for its owner: it needs the switch owner_credentials.")
	}
	return nil
}

// refreshNeeds names the grant types of the kind that refresh tokens come with.
func refreshNeeds(kind ClientKind) string {
	if slices.Contains(kind.GrantTypes(), DeviceGrant) {
		return string(CodeGrant) + " or " + string(DeviceGrant)
	}
	return string(CodeGrant)
}

// confidentialSwitches weaken what only a secret makes up for.
var confidentialSwitches = []LegacySwitch{SwitchKeepRefresh, SwitchQueryCredentials, SwitchOwnerCredentials}

func (c Client) checkSwitches() error {
	for _, s := range c.Switches {
		switch {
		case !slices.Contains(c.Kind.Switches(), s):
			return InvalidField("switches", "An app of the kind %s cannot have the switch %q.", c.Kind, Clip(string(s)))
		case c.Public && slices.Contains(confidentialSwitches, s):
			return InvalidField("switches", "The switch %s is for apps that keep a secret.", s)
		}
	}
	return nil
}

// checkScopes refuses what third parties never get. A client says which kinds
// of things it is about; which ones of them is for its users to say.
func (c Client) checkScopes() error {
	var known ScopeSet
	for _, name := range c.Kind.ScopeNames() {
		known = append(known, name.Scopes...)
	}
	for _, scope := range c.Scopes {
		switch {
		case !scope.ForThirdParties():
			return InvalidField("scopes", "No app can ask for the scope %s: only Thingward's own programs have it.", scope)
		case scope.Thing != "":
			return InvalidField("scopes", "Name the scope %s without a thing: people choose the things when they allow the app.", Scope{Noun: scope.Noun, Verb: scope.Verb})
		case !(ScopeSet{scope}).Within(known):
			return InvalidField("scopes", "An app of the kind %s cannot ask for the scope %s.", c.Kind, scope)
		}
	}
	if len(c.Scopes) == 0 && len(c.GrantTypes) > 0 {
		return InvalidField("scopes", "Say at least one scope that the app may ask for.")
	}
	return nil
}

func (c Client) checkRedirectURIs() error {
	redirects := c.MayUse(CodeGrant) || c.MayUse(ImplicitGrant)
	switch {
	case len(c.RedirectURIs) == 0 && redirects:
		return InvalidField("redirect_uris", "The app needs a redirect URI: the address of its own to which people come back.")
	case len(c.RedirectURIs) > MaxRedirectURIs:
		return InvalidField("redirect_uris", "An app has at most %d redirect URIs.", MaxRedirectURIs)
	}
	for _, uri := range c.RedirectURIs {
		if err := c.CheckRedirectURI(uri); err != nil {
			return err
		}
	}
	return nil
}

// checkResources accepts resource indicators (RFC 8707 §2): absolute URIs
// without a fragment. Who has one asks about tokens, so it must prove who it is.
func (c Client) checkResources() error {
	switch {
	case len(c.Resources) > MaxResources:
		return InvalidField("resources", "An app has at most %d resource indicators.", MaxResources)
	case len(c.Resources) > 0 && c.Public:
		return InvalidField("resources", "A resource server asks about tokens with its secret: it cannot be a public app.")
	}
	for _, resource := range c.Resources {
		u, err := url.Parse(resource)
		if err != nil || !plainLine(resource) || len(resource) > MaxRedirectURI || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || strings.ContainsAny(resource, " #") {
			return InvalidField("resources", "%s is no resource indicator: it begins with https:// and a host, and has no fragment.", Clip(resource))
		}
	}
	return nil
}

// WidensTo reports whether next could do anything that c cannot: whoever
// approved c has not seen that.
func (c Client) WidensTo(next Client) bool {
	return !next.Scopes.Within(c.Scopes) || hasMore(c.RedirectURIs, next.RedirectURIs) || hasMore(c.GrantTypes, next.GrantTypes) ||
		hasMore(c.Switches, next.Switches) || hasMore(c.Resources, next.Resources)
}

func hasMore[T comparable](before, after []T) bool {
	return slices.ContainsFunc(after, func(one T) bool { return !slices.Contains(before, one) })
}

// MayKeep reports whether the client may still have the standing grant: it
// gets tokens with its own credentials, and acts for whom the grant says.
func (c Client) MayKeep(g Grant) bool {
	return c.MayUse(CredentialsGrant) && g.OfClient != c.Has(SwitchOwnerCredentials)
}

// ActsForOwner reports whether the client gets tokens that act for its owner
// with nobody asked: it is as strong as a key of his with its scopes.
func (c Client) ActsForOwner() bool {
	return c.MayUse(CredentialsGrant) && c.Has(SwitchOwnerCredentials)
}

// ClientScopes reads scopes in the words of the kind. None means all that
// the contract knows; standard clients must say.
func (k ClientKind) ClientScopes(words []string) (ScopeSet, error) {
	if len(words) == 0 {
		if k == StandardClient {
			return nil, nil
		}
		return UnionOf(k.ScopeNames()), nil
	}
	names, err := k.ParseScopeNames(strings.Join(words, " "))
	return UnionOf(names), err
}

// ClientStateChange moves a client from one of some states to another.
type ClientStateChange struct {
	From   []ClientState
	To     ClientState
	Reason string    // for the owner; empty where there is nothing to explain
	Seen   time.Time // ChangedAt of the client as whoever decides saw it; zero: as it is now, seen or not
}

// ClientWhich says of which clients a list is.
type ClientWhich string

// The lists of clients.
const (
	ClientsVisible     ClientWhich = "visible"     // what everybody may see: approved ones, one's own, and those that one tests
	ClientsContributed ClientWhich = "contributed" // registered by the user
	ClientsInstalled   ClientWhich = "installed"   // those that act for the user
	ClientsAll         ClientWhich = "all"         // everybody's in every state; for administrators
)

// ClientFilter selects clients for a list, as the user sees it.
type ClientFilter struct {
	Which  ClientWhich
	User   UserID
	State  ClientState // empty: every
	Search string      // part of the name or description, in any case
}

// ClientUsage says how much a client is used.
type ClientUsage struct {
	People  int       // who allow it now
	LastUse time.Time // zero: never
}

// SealedClientSecret is the sealed secret of a client, with what it was sealed for.
type SealedClientSecret struct {
	Client ClientID
	Number int64
	Sealed []byte
}
