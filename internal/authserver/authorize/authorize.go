// Package authorize takes authorization requests from first sight to the
// redirect: it proves client and redirect URI before anything else, says what
// a person is to be asked, and turns his answer into a code or a token. It
// shows no page; the portal does.
package authorize

import (
	"context"
	"net/url"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
)

// Store keeps what comes of authorization requests. Each method is one
// transaction.
type Store interface {
	ClientCheck(ctx context.Context, id domain.ClientID) (domain.ClientCheck, error)
	LiveGrants(ctx context.Context, user domain.UserID, client domain.ClientID) ([]domain.Grant, error)
	Allow(ctx context.Context, yes domain.Allowed, event domain.AuditEvent) (domain.Grant, error)
	Record(ctx context.Context, event domain.AuditEvent) error
	KeepRequest(ctx context.Context, hash secret.Hash, query string, until time.Time) error
	KeptRequest(ctx context.Context, hash secret.Hash) (string, error)
}

// Observer is told what the metrics show.
type Observer interface {
	TokenIssued(grantType domain.GrantType, kind domain.ClientKind)
	LegacyUse(what string)
}

// Service is the use cases of authorization requests.
type Service struct {
	Store   Store
	Finder  *guard.Finder
	Issuer  string // the public URL, sent as iss (RFC 9207)
	Observe Observer
	Now     func() time.Time
}

// Request is an authorization request whose client and redirect URI are
// proven: whatever else is wrong is told by redirect.
type Request struct {
	Client       domain.Client
	RedirectURI  string // where the answer goes
	Given        string // the redirect_uri parameter; empty: there was none
	ResponseType string // "code" or "token"
	State        string
	HasState     bool
	Asked        []domain.ScopeName // in the words of the client's kind
	Challenge    string             // S256; empty: none
	Audience     string
	Prompt       string
	Query        string // the request as it came, to be posted with the consent form
}

// Question is what a person is asked, or that he need not be asked.
type Question struct {
	Request  Request
	Lines    []Line
	Present  []domain.Grant // what he allowed the client before and still holds, newest first
	Answered bool           // he said yes to the same or more: Proceed without asking
}

// Line is one scope to be allowed or not, in plain words.
type Line struct {
	Name     string          // as the form posts it
	Scopes   domain.ScopeSet // what it stands for, things in stored form
	Narrowed domain.ScopeSet // the same, things by name
}

// Decision is a person's answer.
type Decision struct {
	Names     []string       // the lines that he left ticked
	Sensors   *[]string      // nil: all of his sensors, now and later; else the chosen ones, by name
	Devices   *[]string      // likewise, by number
	ExpiresAt time.Time      // zero: until he takes it back
	Label     string         // what he calls the connection; empty: the client's name
	Renew     domain.GrantID // the connection that it continues; zero: a new one
}

// Redirect is where to send the browser.
type Redirect struct{ To url.URL }
