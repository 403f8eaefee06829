package domain

import "time"

// GrantID identifies a grant.
type GrantID int64

// Grant is what a user allowed one program until it is revoked. What proves
// it hangs on it: the password of a key, or the tokens of a client. A
// credential can only narrow its grant.
type Grant struct {
	ID         GrantID
	User       UserID
	Client     ClientID // empty: the grant of a key
	OfClient   bool     // the client itself acts, not the user who owns it
	Name       string   // what its user calls it
	Scopes     ScopeSet // things in stored form
	Asked      ScopeSet // what a client asked for when the user decided: he is not asked for it again
	Generation int64    // grows at every change of the grant or of its key
	CreatedAt  time.Time
	ExpiresAt  time.Time // zero: never
	RevokedAt  time.Time // zero: alive
	LastUse    Use
}

// Use says when, from where and by which program something was last used.
type Use struct {
	At      time.Time // zero: never
	Address string
	Program string
}

// Alive reports whether the grant lets anybody in at the time.
func (g Grant) Alive(now time.Time) bool {
	return g.RevokedAt.IsZero() && (g.ExpiresAt.IsZero() || now.Before(g.ExpiresAt))
}

// StandingName is what the grant is called on which the tokens hang that a
// client gets with nothing but its own credentials (RFC 6749 §4.4).
const StandingName = "client_credentials"

// Standing reports whether the grant is one that a client keeps by itself:
// nobody was asked for it.
func (g Grant) Standing() bool {
	return g.Client != "" && g.Name == StandingName && len(g.Asked) == 0 && g.ExpiresAt.IsZero()
}
