package domain

import (
	"slices"
	"strings"
	"time"
)

// ClientID is the public name of a client: chosen text, or 16 hexadecimal
// digits that were generated.
type ClientID string

// ClientKind says which contract a client was written for: whose endpoints it
// uses, in whose words it asks, and which of its liberties it may have.
type ClientKind string

// The kinds of clients.
const (
	StandardClient ClientKind = "standard"
	WotkitClient   ClientKind = "wotkit"
	LametricClient ClientKind = "lametric"
	TTNClient      ClientKind = "ttn"
)

// ClientKinds lists the kinds as pages show them.
func ClientKinds() []ClientKind {
	return []ClientKind{StandardClient, WotkitClient, LametricClient, TTNClient}
}

// ClientState is how far the registration of a client has come.
type ClientState string

// The states of a client. A requested one works for its owner and testers.
const (
	ClientRequested ClientState = "requested"
	ClientApproved  ClientState = "approved"
	ClientRejected  ClientState = "rejected"
	ClientSuspended ClientState = "suspended"
)

// GrantType is how a token request proves itself (RFC 6749 §1.3).
type GrantType string

// The grant types. Implicit is the old flow without a token request.
const (
	CodeGrant        GrantType = "authorization_code"
	RefreshGrant     GrantType = "refresh_token"
	CredentialsGrant GrantType = "client_credentials"
	ImplicitGrant    GrantType = "implicit"
	DeviceGrant      GrantType = "urn:ietf:params:oauth:grant-type:device_code"    // RFC 8628
	ExchangeGrant    GrantType = "urn:ietf:params:oauth:grant-type:token-exchange" // RFC 8693
)

// LegacySwitch is a liberty that an old contract needs. It counts for one
// client, and is off unless its kind says otherwise.
type LegacySwitch string

// The switches (SECURITY.md, Old contracts).
const (
	SwitchExtraQuery       LegacySwitch = "extra_query"       // redirect URIs with more query pairs than registered
	SwitchLANRedirect      LegacySwitch = "lan_redirect"      // http redirect URIs in private networks
	SwitchHTTPRedirect     LegacySwitch = "http_redirect"     // http redirect URIs anywhere; an administrator's to set
	SwitchKeepRefresh      LegacySwitch = "keep_refresh"      // refresh tokens do not rotate; the secret is checked all the same
	SwitchQueryCredentials LegacySwitch = "query_credentials" // parameters of the token request in its query
	SwitchOwnerCredentials LegacySwitch = "owner_credentials" // client_credentials acts for the client's owner
)

// Client is a program that is registered here and asks users what it may do
// for them (RFC 6749 §1.1).
type Client struct {
	ID           ClientID
	Owner        UserID // zero: it is Thingward's own
	OwnerName    string
	Kind         ClientKind
	Public       bool // it cannot keep a secret (RFC 6749 §2.1)
	Official     bool // an administrator vouches for it
	State        ClientState
	Reason       string // of the last rejection or suspension
	Name         string
	Description  string
	Website      string
	PrivacyURL   string
	Icon         string // one letter
	RedirectURIs []string
	Scopes       ScopeSet // what it may ask for, at most
	GrantTypes   []GrantType
	Switches     []LegacySwitch
	Resources    []string // resource indicators (RFC 8707) of the resource server that it is, if it is one
	Testers      []Tester
	Lives        TokenLives
	Viewable     bool      // a sealed copy of the current secret is kept
	OldUntil     time.Time // until when the secret before the last rotation works; zero: there is none
	CreatedAt    time.Time
	ChangedAt    time.Time
}

// Tester is a user who may use a client before it is approved.
type Tester struct {
	ID   UserID
	Name string
}

// TokenLives are how long what a client gets lives. A zero life is the usual
// one of the client's kind.
type TokenLives struct {
	Access      time.Duration
	RefreshIdle time.Duration // a refresh token that is not used for so long is over
	RefreshEnd  time.Duration // from the person's yes
	Grace       time.Duration // in which a redeemed refresh token gives the same successor again
}

// Usual lives, and the longest that a client may be given.
const (
	AccessLife       = time.Hour
	WotkitAccessLife = 12 * time.Hour
	RefreshIdleLife  = 60 * 24 * time.Hour
	RefreshEndLife   = 365 * 24 * time.Hour
	RefreshGrace     = 30 * time.Second
	MaxAccessLife    = 24 * time.Hour
	MaxRefreshLife   = 5 * 365 * 24 * time.Hour
	MaxRefreshGrace  = 2 * time.Minute
	CodeLife         = 60 * time.Second
	CopiedCodeLife   = 5 * time.Minute
)

// UsualLives returns the lives with the usual ones where none is set.
func (c Client) UsualLives() TokenLives {
	lives := c.Lives
	usual := TokenLives{Access: AccessLife, RefreshIdle: RefreshIdleLife, RefreshEnd: RefreshEndLife, Grace: RefreshGrace}
	if c.Kind == WotkitClient {
		usual.Access = WotkitAccessLife
	}
	for _, life := range []struct{ set, usual *time.Duration }{
		{&lives.Access, &usual.Access}, {&lives.RefreshIdle, &usual.RefreshIdle}, {&lives.RefreshEnd, &usual.RefreshEnd}, {&lives.Grace, &usual.Grace},
	} {
		if *life.set == 0 {
			*life.set = *life.usual
		}
	}
	return lives
}

// CodeLife returns how long an authorization code of the client lives. The
// code that a person copies by hand into the command line of The Things
// Network has longer.
func (c Client) CodeLife() time.Duration {
	if c.ID == TTNCommandID {
		return CopiedCodeLife
	}
	return CodeLife
}

// Has reports whether the client has the switch.
func (c Client) Has(s LegacySwitch) bool { return slices.Contains(c.Switches, s) }

// MayUse reports whether the client was given the grant type.
func (c Client) MayUse(t GrantType) bool { return slices.Contains(c.GrantTypes, t) }

// WorksFor reports whether the client may act for the user as things stand:
// an approved one for everybody, a requested one for its owner and testers.
func (c Client) WorksFor(user UserID) bool {
	switch c.State {
	case ClientApproved:
		return true
	case ClientRequested:
		return user != 0 && (user == c.Owner || slices.ContainsFunc(c.Testers, func(t Tester) bool { return t.ID == user }))
	}
	return false
}

// Letter returns the letter that stands for the client where pictures stand.
func (c Client) Letter() string {
	if c.Icon != "" {
		return c.Icon
	}
	for _, letter := range c.Name {
		return strings.ToUpper(string(letter))
	}
	return "?"
}

// ClientCheck is what it takes to check a client. It is shared between
// callers: nobody may change what its slices hold.
type ClientCheck struct {
	Client  Client
	Secrets []StoredSecret
}

// Clients that every server has and no one registers.
const (
	CommandLineID ClientID = "thingward-cli" // Thingward's own command line
	TTNCommandID  ClientID = "ttnctl"        // that of The Things Network
)

// CopyCodeURI is the redirect URI of programs of The Things Network that have
// no address of their own: a page from which a person copies the code. It
// stands below the mount of that door.
const CopyCodeURI = "/oauth/callback/ttnctl"

// CopyCodePage is where that page is below the public URL.
const CopyCodePage = "/ttn" + CopyCodeURI

// BuiltInClient returns a client that every server has and no one registers.
func BuiltInClient(id ClientID) (Client, bool) {
	switch id {
	case CommandLineID:
		return Client{
			ID: CommandLineID, Kind: StandardClient, Public: true, Official: true, State: ClientApproved,
			Name: "Thingward command line", Description: "The program thingward on your own computer.", Icon: "T",
			RedirectURIs: []string{"http://127.0.0.1/callback"}, Scopes: EveryScope(),
			GrantTypes: []GrantType{CodeGrant, RefreshGrant, DeviceGrant, ExchangeGrant},
		}, true
	case TTNCommandID:
		return Client{
			ID: TTNCommandID, Kind: TTNClient, Public: true, Official: true, State: ClientApproved,
			Name: "ttnctl", Description: "The command line of The Things Network on your own computer.", Icon: "t",
			RedirectURIs: []string{CopyCodeURI}, Scopes: everyTTNScope(),
			GrantTypes: []GrantType{CodeGrant, RefreshGrant},
		}, true
	}
	return Client{}, false
}

func everyTTNScope() ScopeSet { return UnionOf(TTNClient.ScopeNames()) }
