package guard

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/web"
)

// Credentials looks up what proves who is calling. Unknown ones are NotFound.
type Credentials interface {
	KeyCheck(ctx context.Context, id domain.KeyID) (domain.KeyCheck, error)
	SessionByHash(ctx context.Context, hash secret.Hash) (domain.Session, error)
	UserByID(ctx context.Context, id domain.UserID) (domain.User, error)
}

// Passwords checks user names and passwords for doors that accept them.
type Passwords interface {
	VerifyPassword(ctx context.Context, name string, password secret.Secret, address netip.Addr) (domain.User, error)
}

// Observer is told of refused credentials, and of liberties that old contracts
// take.
type Observer interface {
	AuthFailure(kind, reason string)
	LegacyUse(what string)
}

// Guard finds out who is calling.
type Guard struct {
	Credentials Credentials
	Tokens      Tokens
	Passwords   Passwords
	Uses        *Uses
	Observe     Observer
	Now         func() time.Time
	KeyIssuer   string // with which access keys of things begin
	HTTPS       bool   // sessions are of https only: the plain cookie does not count
	slow        slowChecks
	crossOrigin http.CrossOriginProtection
}

// SessionCookie returns the name of the cookie that carries a session: with
// the __Host- prefix on https, plain on http.
func SessionCookie(https bool) string {
	if https {
		return "__Host-thingward"
	}
	return "thingward"
}

// Identify finds out who is behind a request. Without a credential it is the
// anonymous caller; a credential that is not valid is Unauthenticated,
// whatever the route needs.
func (g *Guard) Identify(r *http.Request, accepts web.Accepts) (domain.Caller, error) {
	caller := domain.Caller{Address: web.Address(r), Program: domain.Clip(r.UserAgent())}
	headers := r.Header["Authorization"]
	switch {
	case len(headers) > 1:
		return g.refuse("header", "doubled", domain.Errorf(domain.Invalid, "invalid_request", "There is more than one Authorization header."))
	case len(headers) == 1:
		if accepts.QueryTokens && r.URL.Query().Has("access_token") {
			return g.refuse("header", "doubled", domain.Errorf(domain.Invalid, "invalid_request", "There is a credential in the header and a token in the query. Send one of them."))
		}
		if addedByBrowser(r) {
			return g.refuse("header", "cross_origin", crossOrigin())
		}
		return g.byHeader(r.Context(), caller, headers[0], accepts)
	case accepts.QueryTokens && strings.Contains(r.URL.RawQuery, queryToken):
		return g.byQuery(r, caller)
	case accepts.Sessions:
		return g.bySession(r, caller)
	}
	return caller, nil
}

const queryToken = "access_token="

// byQuery takes the token from the query, where an old contract has it
// (RFC 6750 §2.3). Whoever sends the answer back must keep it from caches.
func (g *Guard) byQuery(r *http.Request, caller domain.Caller) (domain.Caller, error) {
	given := r.URL.Query()["access_token"]
	switch {
	case len(given) == 0:
		return caller, nil
	case len(given) > 1:
		return g.refuse("token", "doubled", domain.Errorf(domain.Invalid, "invalid_request", "There is more than one access_token in the query."))
	}
	caller, err := g.byToken(r.Context(), caller, given[0])
	caller.InQuery = err == nil
	if caller.InQuery && g.Observe != nil {
		g.Observe.LegacyUse("query_token")
	}
	return caller, err
}

// addedByBrowser reports whether a page of another site caused a write whose
// Authorization a browser added by itself, from what its user once typed into
// its own dialog: a script that sends one of its own is never in these modes
// (Fetch standard).
func addedByBrowser(r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions {
		return false
	}
	mode, site := r.Header.Get("Sec-Fetch-Mode"), r.Header.Get("Sec-Fetch-Site")
	return (mode == "navigate" || mode == "no-cors") && site != "same-origin" && site != "none"
}

func crossOrigin() error {
	return domain.Errorf(domain.Forbidden, "cross_origin", "Another site sent this request. Open Thingward itself and try again.")
}

func (g *Guard) byHeader(ctx context.Context, caller domain.Caller, header string, accepts web.Accepts) (domain.Caller, error) {
	scheme, rest := SplitAuthorization(header)
	switch scheme {
	case "basic":
		name, password, ok := ParseBasic(rest)
		if !ok {
			return g.refuse("basic", "malformed", badCredential())
		}
		return g.byBasic(ctx, caller, name, password, accepts)
	case "bearer":
		return g.byToken(ctx, caller, rest)
	case "key":
		if accepts.AccessKeys {
			return g.byAccessKey(ctx, caller, rest)
		}
	case "oauth":
		return caller, nil // of an early OAuth draft: WoTKit's oldest programs send it, and it counts for nothing
	}
	return g.refuse("header", "scheme", domain.Errorf(domain.Unauthenticated, "unknown_scheme", "Send Authorization: Basic with a key id and its password, or Bearer with an access token."))
}

// byBasic tries the key first, then the user: a user name can never look like
// a key id.
func (g *Guard) byBasic(ctx context.Context, caller domain.Caller, name string, password secret.Secret, accepts web.Accepts) (domain.Caller, error) {
	credential, err := g.Credentials.KeyCheck(ctx, domain.KeyID(name))
	if err == nil {
		return g.byKey(ctx, caller, credential, password)
	}
	if !domain.IsKind(err, domain.NotFound) {
		return domain.Caller{}, err
	}
	if !accepts.Passwords || secret.LooksLikeID(name) {
		return g.refuse("key", "unknown", badCredential())
	}
	user, err := g.Passwords.VerifyPassword(ctx, name, password, caller.Address)
	if err != nil {
		return g.refuse("password", domain.CodeOf(err), err)
	}
	caller.User, caller.Credential = user, domain.PasswordCredential
	caller.Scopes = passwordScopes(user)
	return caller, nil
}

// passwordScopes are those of WoTKit's "all", and admin for administrators:
// only that door accepts user names.
func passwordScopes(user domain.User) domain.ScopeSet {
	if user.Admin {
		return adminPasswordScopes
	}
	return wotkitScopes
}

var (
	wotkitScopes        = domain.WotkitScopes()
	adminPasswordScopes = append(wotkitScopes[:len(wotkitScopes):len(wotkitScopes)], domain.ScopeAdmin)
)

// byKey checks the password before anything else is told about the key.
func (g *Guard) byKey(ctx context.Context, caller domain.Caller, credential domain.KeyCheck, password secret.Secret) (domain.Caller, error) {
	now := g.Now()
	proven, err := g.slow.proves(ctx, credential.Passwords, attempt{password, domain.NetworkOf(caller.Address)}, now)
	if err != nil {
		return g.refuse("key", domain.CodeOf(err), err)
	}
	key := credential.Key
	switch {
	case !proven:
		return g.refuse("key", "wrong", badCredential())
	case !key.Grant.RevokedAt.IsZero():
		return g.refuse("key", "revoked", badCredential())
	case !key.Grant.Alive(now):
		return g.refuse("key", "expired", domain.Errorf(domain.Unauthenticated, "key_expired", "The key expired on %s. Its owner can set a later day, or make a new key.", key.Grant.ExpiresAt.Format(time.DateOnly)))
	case !key.AllowsAddress(caller.Address):
		return g.refuse("key", "address", domain.Errorf(domain.Forbidden, "address_not_allowed", "The key may not be used from the address %s.", caller.Address))
	}
	user, err := g.Credentials.UserByID(ctx, key.Grant.User)
	if err != nil {
		return domain.Caller{}, err
	}
	if user.Suspended {
		return g.refuse("key", "suspended", badCredential())
	}
	caller.User, caller.Credential = user, domain.KeyCredential
	caller.KeyID, caller.Grant, caller.Scopes = key.ID, key.Grant.ID, key.Grant.Scopes
	caller.ExpiresAt, caller.Allowed = key.Grant.ExpiresAt, key.Allowed
	g.Uses.Touch(caller, now)
	return caller, nil
}

// bySession reads the cookie. A session acts with every scope, so a write
// that another site caused is refused here, for every door at once.
func (g *Guard) bySession(r *http.Request, caller domain.Caller) (domain.Caller, error) {
	cookie := g.sessionCookie(r)
	if cookie == "" {
		return caller, nil
	}
	session, err := g.Credentials.SessionByHash(r.Context(), secret.New(cookie).Hash())
	if domain.IsKind(err, domain.NotFound) || err == nil && session.Expired(g.Now()) {
		return caller, nil // a stale cookie is no offence: the pages lead to sign-in
	}
	if err != nil {
		return domain.Caller{}, err
	}
	user, err := g.Credentials.UserByID(r.Context(), session.User)
	if err != nil {
		return domain.Caller{}, err
	}
	if user.Suspended {
		return caller, nil
	}
	if err := g.crossOrigin.Check(r); err != nil {
		return g.refuse("session", "cross_origin", crossOrigin())
	}
	caller.User, caller.Credential, caller.Session = user, domain.SessionCredential, session.ID
	caller.Scopes = everyScope
	return caller, nil
}

var everyScope = domain.EveryScope()

// sessionCookie reads the cookie of the scheme alone: on https one without
// the prefix may have been planted by a neighbour of the same domain.
func (g *Guard) sessionCookie(r *http.Request) string {
	cookie, err := r.Cookie(SessionCookie(g.HTTPS))
	if err != nil || !secret.WellFormed(secret.Session, cookie.Value) {
		return ""
	}
	return cookie.Value
}

func (g *Guard) refuse(kind, reason string, err error) (domain.Caller, error) {
	if g.Observe != nil {
		g.Observe.AuthFailure(kind, reason)
	}
	return domain.Caller{}, err
}

// badCredential is the one answer to unknown, wrong, revoked and suspended.
func badCredential() error {
	return domain.Errorf(domain.Unauthenticated, "invalid_credential", "The credential is not valid. Check the key id and its password.")
}
