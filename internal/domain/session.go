package domain

import (
	"time"

	"github.com/thingward/thingward/internal/secret"
)

// SessionID identifies a portal session. It is not the session's secret.
type SessionID int64

// Lifetimes of sessions and of a password entry.
const (
	SessionIdle     = 7 * 24 * time.Hour  // without any request
	SessionAbsolute = 30 * 24 * time.Hour // from sign-in
	FreshPassword   = 5 * time.Minute     // how long a password entry lets secrets be viewed
)

// Session is a person signed in with a browser.
type Session struct {
	ID          SessionID
	User        UserID
	CreatedAt   time.Time
	LastSeenAt  time.Time
	ConfirmedAt time.Time // last password entry
	Address     string    // of the last request
	Program     string    // user agent of the sign-in
}

// Expired reports whether the session is over at the time.
func (s Session) Expired(now time.Time) bool {
	return now.After(s.LastSeenAt.Add(SessionIdle)) || now.After(s.CreatedAt.Add(SessionAbsolute))
}

// Fresh reports whether the password was entered within FreshPassword.
func (s Session) Fresh(now time.Time) bool { return now.Before(s.ConfirmedAt.Add(FreshPassword)) }

// NewSession is a session to be stored.
type NewSession struct {
	Hash      secret.Hash // of the cookie
	User      UserID
	Verified  string // PHC string that the password was checked against
	Address   string
	Program   string
	Place     string  // program and network, by which a sign-in from elsewhere is told; see SignInPlace
	Elsewhere NewMail // sent where the user signed in before, but never from this place
}
