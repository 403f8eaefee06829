package domain

import "time"

// GrantID identifies a grant.
type GrantID int64

// Grant is what a user allowed one program until it is revoked. What proves
// it hangs on it: the password of a key, and later the tokens of a client. A
// credential can only narrow its grant.
type Grant struct {
	ID         GrantID
	User       UserID
	Name       string   // what its user calls it
	Scopes     ScopeSet // things in stored form
	Generation int64    // grows at every change of the grant or of its key
	CreatedAt  time.Time
	ExpiresAt  time.Time // zero: never
	RevokedAt  time.Time // zero: alive
}

// Alive reports whether the grant lets anybody in at the time.
func (g Grant) Alive(now time.Time) bool {
	return g.RevokedAt.IsZero() && (g.ExpiresAt.IsZero() || now.Before(g.ExpiresAt))
}
