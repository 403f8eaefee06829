package domain

import (
	"net/netip"
	"time"
)

// CredentialKind says how a caller proved who he is.
type CredentialKind string

// The kinds of credentials. The zero kind is nobody.
const (
	NoCredential       CredentialKind = ""
	SessionCredential  CredentialKind = "session"
	KeyCredential      CredentialKind = "key"
	TokenCredential    CredentialKind = "token" // access token of a client
	PasswordCredential CredentialKind = "password"
	OperatorCredential CredentialKind = "operator"   // a command on the data folder
	AccessCredential   CredentialKind = "access key" // of an application or gateway, or a token that was got for one
)

// Caller is who is behind a request: user, credential and its scopes. The
// zero value is anonymous.
type Caller struct {
	User       User
	Credential CredentialKind
	KeyID      KeyID          // of a key
	Client     ClientID       // of a token
	Grant      GrantID        // of a key or token
	ExpiresAt  time.Time      // of a key or token; zero: never
	GrantEnds  time.Time      // of a token: when its grant ends; zero: when it is revoked
	Allowed    []netip.Prefix // of a key: where it may be used; empty: anywhere
	Session    SessionID      // of a session
	Scopes     ScopeSet
	Acting     ThingKey // of an access key: the thing that it belongs to. There is no user then
	Rights     RightSet // of an access key: what it may do with that thing
	AccessKey  AccessKeyID
	Token      TokenRef // of an access token: the row in which it stands
	Unnarrowed bool     // of a token: it was not made of another one
	Address    netip.Addr
	Program    string // user agent
	InQuery    bool   // the token came in the query, as only WoTKit has it
}

// Anonymous reports whether nobody is known to be behind the request.
func (c Caller) Anonymous() bool { return c.Credential == NoCredential }

// Holds reports whether the credential has a scope that covers the need.
func (c Caller) Holds(need Scope) bool { return c.Scopes.Covers(need) }

// ActsAsAdmin reports whether an administrator acts with the scope admin.
func (c Caller) ActsAsAdmin() bool { return c.User.Admin && c.Holds(ScopeAdmin) }

// Is reports whether the caller acts for the user.
func (c Caller) Is(user UserID) bool { return !c.Anonymous() && c.User.ID == user }

// EndsAt returns when the caller can no longer act, if nothing is renewed but
// tokens; zero: when he is stopped.
func (c Caller) EndsAt() time.Time {
	if c.Credential == TokenCredential {
		return c.GrantEnds
	}
	return c.ExpiresAt
}

// NoUser reports whether a client acts for itself: there is no user behind it,
// and nothing is its own.
func (c Caller) NoUser() bool { return c.Credential == TokenCredential && c.User.ID == 0 }

// ActsForThing reports whether an access key calls: it may do what it was
// given with the thing that it belongs to, and nothing else.
func (c Caller) ActsForThing() bool { return c.Credential == AccessCredential }

// ByOwnProgram reports whether a command line that every server knows acts for
// the person who types into it. No client that somebody registered does.
func (c Caller) ByOwnProgram() bool {
	return c.Credential == TokenCredential && c.Unnarrowed && (c.Client == CommandLineID || c.Client == TTNCommandID)
}

// ToldAddress returns the e-mail address of the caller's user as the caller may
// be told it. An app takes it for the person's, so it learns only one that is
// proven; our own pages and programs show what was typed.
func (c Caller) ToldAddress() string {
	if c.Credential == TokenCredential && !c.ByOwnProgram() && !c.User.EmailProven() {
		return ""
	}
	return c.User.Email
}

// CredentialID names the credential in audit events and counters.
func (c Caller) CredentialID() string {
	switch c.Credential {
	case KeyCredential:
		return string(c.KeyID)
	case TokenCredential:
		return "client " + string(c.Client)
	case AccessCredential:
		return "access key of " + string(c.Acting.Noun) + " " + ThingRef(c.Acting.ID)
	}
	return string(c.Credential)
}
