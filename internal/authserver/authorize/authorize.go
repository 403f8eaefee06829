// Package authorize takes authorization requests from first sight to the
// redirect: it proves client and redirect URI before anything else, says what
// a person is to be asked, and turns his answer into a code or a token. It
// shows no page; the portal does.
//
//	Begin ──► Ask ──► a page ──► Allow or Deny ──► Redirect
//	  │        │ └─ answered before: Proceed ─────►
//	  │        └─ cannot be asked: Refusal ───────►
//	  ├─ client and URI are proven, the rest is wrong: Refusal ─►
//	  └─ they are not: an error for a page
package authorize

import (
	"context"
	"net/netip"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
)

// Store keeps what comes of authorization requests. Each method is one
// transaction.
type Store interface {
	ClientCheck(ctx context.Context, id domain.ClientID) (domain.ClientCheck, error)
	ResourceKnown(ctx context.Context, resource string) (bool, error)
	LiveGrants(ctx context.Context, user domain.UserID, client domain.ClientID) ([]domain.Grant, error)
	Allow(ctx context.Context, yes domain.Allowed, event domain.AuditEvent) (domain.Grant, error)
	Record(ctx context.Context, event domain.AuditEvent) error
	KeptRequests
	DeviceCodes
}

// KeptRequests keeps authorization requests that came as a form.
type KeptRequests interface {
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
	Gate    *guard.ClientGate // proves clients whose device asks
	Issuer  string            // the public URL without a slash at its end, sent as iss (RFC 9207)
	Observe Observer          // may be nil
	Now     func() time.Time
	keeps   guard.Rates[netip.Prefix]

	waits        guard.Rates[deviceAsker]
	tries        guard.Rates[domain.UserID]
	networkTries guard.Rates[netip.Prefix]
}

// Limits of an authorization request, in bytes.
const (
	MaxQuery = 16 << 10
	MaxState = 4 << 10
)

// The response types (RFC 6749 §3.1.1).
const (
	responseCode  = "code"
	responseToken = "token"
)

// Request is an authorization request that is right as far as can be said
// before it is known who is to answer it. Begin makes it.
type Request struct {
	Client       domain.Client
	RedirectURI  string // where the answer goes
	Given        string // the redirect_uri parameter; empty: there was none
	ResponseType string // "code" or "token"
	State        string // byte for byte
	HasState     bool
	Asked        []domain.ScopeName // in the words of the client's kind; things by name
	Challenge    string             // S256 (RFC 7636); empty: none
	Audience     string             // the resource that tokens are for (RFC 8707); empty: Thingward itself
	Prompt       []string           // what of it is understood: none, login, consent
	Query        string             // the request, form-encoded, to be posted with the person's answer
	Device       *domain.DeviceCode // the device that waits for the answer; nil: a browser brings it
	UserCode     string             // what the device shows, to be posted with the person's answer
}

// Question is what a person is asked, or that he need not be asked.
type Question struct {
	Request  Request
	Lines    []Line
	Missing  []string       // what else was asked for, of things that are not there or not the person's to see
	Present  []domain.Grant // what he allowed the client before and still holds, newest first
	Answered bool           // he said yes to the same or more: Proceed without asking
	answer   domain.Grant   // the grant that says so
}

// Line is one scope to be allowed or not.
type Line struct {
	Name   string          // as the client wrote it and the form posts it
	Scopes domain.ScopeSet // what it stands for, things in stored form
	Named  domain.ScopeSet // the same, things by name
}

// Decision is a person's answer.
type Decision struct {
	Names     []string                 // the lines that he left ticked
	Things    map[domain.Noun][]string // the chosen ones, by name, devices by number; of a kind that is missing all, now and later
	ExpiresAt time.Time                // zero: until he takes it back
	Label     string                   // what he calls the connection; empty: as it was, or as the client is called
	Renew     domain.GrantID           // the connection that it continues; zero: a new one
}

// Redirect is where to send the browser, with 303. The URI holds codes and
// tokens: it belongs into one Location header and nowhere else.
type Redirect struct{ To string }

// Refusal is the error whose answer goes to the client, not to the person
// (RFC 6749 §4.1.2.1).
type Refusal struct {
	Redirect Redirect
	// SignInFirst: nobody has looked at the client yet, so strangers are not
	// sent to it for a request that is wrong on purpose (RFC 9700 §4.11.2).
	SignInFirst bool
	Err         error
}

// Error returns the cause, for logs.
func (r *Refusal) Error() string { return "authorization refused: " + r.Err.Error() }

// Unwrap returns the cause.
func (r *Refusal) Unwrap() error { return r.Err }
