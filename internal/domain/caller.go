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
	PasswordCredential CredentialKind = "password"
	OperatorCredential CredentialKind = "operator" // a command on the data folder
)

// Caller is who is behind a request: user, credential and its scopes. The
// zero value is anonymous.
type Caller struct {
	User       User
	Credential CredentialKind
	KeyID      KeyID          // of a key
	Grant      GrantID        // of a key
	ExpiresAt  time.Time      // of a key; zero: never
	Allowed    []netip.Prefix // of a key: where it may be used; empty: anywhere
	Session    SessionID      // of a session
	Scopes     ScopeSet
	Address    netip.Addr
	Program    string // user agent
}

// Anonymous reports whether nobody is known to be behind the request.
func (c Caller) Anonymous() bool { return c.Credential == NoCredential }

// Holds reports whether the credential has a scope that covers the need.
func (c Caller) Holds(need Scope) bool { return c.Scopes.Covers(need) }

// ActsAsAdmin reports whether an administrator acts with the scope admin.
func (c Caller) ActsAsAdmin() bool { return c.User.Admin && c.Holds(ScopeAdmin) }

// Is reports whether the caller acts for the user.
func (c Caller) Is(user UserID) bool { return !c.Anonymous() && c.User.ID == user }

// CredentialID names the credential in audit events and counters.
func (c Caller) CredentialID() string {
	if c.Credential == KeyCredential {
		return string(c.KeyID)
	}
	return string(c.Credential)
}
