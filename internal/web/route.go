// Package web is the HTTP kit of every door: routes that say what they need,
// a table that dispatches them, decoding, writing, limits and the log line of
// a request. It decides nothing about who may do what.
package web

import (
	"net/http"

	"github.com/thingward/thingward/internal/domain"
)

// Handler serves one act for a caller. An error that it returns is written by
// the door that the route belongs to; it must not have written anything then.
type Handler func(w http.ResponseWriter, r *http.Request, caller domain.Caller) error

// Route is one act of a door.
type Route struct {
	Pattern string // "GET /api/v1/sensors/{sensor}"; answers with and without a trailing slash
	Need    Need
	Handle  Handler
}

// Need says who may call a route at all. What the caller may do with the thing
// that the request names is decided by the use case. The zero Need lets nobody in.
type Need struct {
	kind  needKind
	scope domain.Scope
}

type needKind uint8

const (
	nobody needKind = iota
	anybody
	somebody
	holder
	person
	administrator
	client
	unasked
)

// Public lets everybody in; a wrong credential is refused all the same.
func Public() Need { return Need{kind: anybody} }

// Authenticated lets in whoever has a valid credential, whatever its scopes.
func Authenticated() Need { return Need{kind: somebody} }

// Scoped lets in callers whose credential holds the scope for at least one thing.
func Scoped(scope domain.Scope) Need { return Need{kind: holder, scope: scope} }

// Person lets in portal sessions only: no key, no token.
func Person() Need { return Need{kind: person} }

// Administrator lets in administrators acting with the scope admin.
func Administrator() Need { return Need{kind: administrator, scope: domain.ScopeAdmin} }

// ClientAuth is for endpoints of OAuth: the handler itself authenticates the
// client that calls (RFC 6749 §2.3). Basic carries a client secret there, so
// nobody looks for keys, tokens or sessions in the request, and the caller is
// anonymous, known by address and program alone.
func ClientAuth() Need { return Need{kind: client} }

// Unasked lets everybody in and looks at no credential: the caller is
// anonymous whatever came with the request. It is for what is the same for all,
// where an old contract has programs send a token that need not hold.
func Unasked() Need { return Need{kind: unasked} }

// Check refuses callers that do not meet the need: Unauthenticated where a
// credential would help, else Forbidden.
func (n Need) Check(c domain.Caller) error {
	switch {
	case n.kind == anybody, n.kind == client, n.kind == unasked:
		return nil
	case n.kind == nobody:
		return domain.Errorf(domain.Forbidden, "closed", "Nobody may do this.")
	case c.Anonymous():
		return domain.Errorf(domain.Unauthenticated, "credential_missing", "This needs a credential: an API key, an access token, or signing in.")
	case c.NoUser() && !(n.kind == holder && n.scope.Verb == "read"):
		return domain.Errorf(domain.Forbidden, "no_user", "This token acts for an app and not for a person: it reads what is public and does nothing else.")
	case c.ActsForThing() && n.kind != holder:
		return domain.Errorf(domain.Forbidden, "no_user", "An access key acts for its application or gateway and not for a person: it cannot do this.")
	case n.kind == somebody:
		return nil
	case n.kind == person && c.Credential != domain.SessionCredential:
		return domain.Errorf(domain.Forbidden, "person_only", "Only a person who is signed in with a browser may do this.")
	case n.kind == holder && !c.Scopes.CoversSome(n.scope):
		return domain.Errorf(domain.Forbidden, "insufficient_scope", "This needs a credential with the scope %s.", n.scope)
	case n.kind == administrator && !c.ActsAsAdmin():
		return domain.Errorf(domain.Forbidden, "admin_only", "Only an administrator, with a credential that holds the scope admin, may do this.")
	}
	return nil
}

// Anybody reports whether the need is Public, for tests and documents.
func (n Need) Anybody() bool { return n.kind == anybody }

// ByClient reports whether the need is ClientAuth: the handler finds out who
// calls.
func (n Need) ByClient() bool { return n.kind == client }

// LooksAtNoCredential reports whether nobody looks for keys, tokens or
// sessions in the request: the need is ClientAuth or Unasked.
func (n Need) LooksAtNoCredential() bool { return n.kind == client || n.kind == unasked }

// Scope returns the scope that the need names; the zero scope where it names none.
func (n Need) Scope() domain.Scope { return n.scope }

// String says the need in words, for tests and documents.
func (n Need) String() string {
	switch n.kind {
	case anybody:
		return "public"
	case somebody:
		return "authenticated"
	case holder:
		return "scope " + n.scope.String()
	case person:
		return "person"
	case administrator:
		return "administrator"
	case client:
		return "client"
	case unasked:
		return "unasked"
	}
	return "nobody"
}
