// Package introspect tells clients and resource servers what a token is good
// for (RFC 7662), and takes tokens back (RFC 7009).
package introspect

import (
	"context"
	"net/url"
	"slices"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
)

// Store looks tokens up, besides what the guard's check needs, and ends them.
type Store interface {
	guard.Tokens
	ChainNow(ctx context.Context, id domain.ChainID) (domain.Chain, error)
	RevokeToken(ctx context.Context, id domain.TokenID, hash secret.Hash, event domain.AuditEvent) error
	RevokeChain(ctx context.Context, id domain.ChainID, event domain.AuditEvent) error
	RevokeGrant(ctx context.Context, id domain.GrantID, event domain.AuditEvent) error
}

// Service is introspection and revocation.
type Service struct {
	Store  Store
	Gate   *guard.ClientGate
	Finder *guard.Finder
	Issuer string
	Now    func() time.Time
}

// Found is an active token as RFC 7662 §2.2 describes it.
type Found struct {
	Kind      string // "access_token" or "refresh_token"
	Scope     string // in the words of the client's kind
	Client    domain.ClientID
	Subject   string // the user's number; the client's id where there is no user
	Username  string // where the scopes let the name be known
	Audience  string // empty: Thingward itself
	IssuedAt  time.Time
	ExpiresAt time.Time
}

// Introspect returns what the asking client may know of a token. It reports
// false for tokens that do not hold and for those that are not meant for it:
// neither issued to it nor for a resource that it serves.
func (s *Service) Introspect(ctx context.Context, form guard.ClientForm) (Found, bool, error) {
	asking, err := s.client(ctx, form)
	if err != nil {
		return Found{}, false, err
	}
	if asking.Public {
		return Found{}, false, domain.Errorf(domain.Unauthenticated, "invalid_client", "Introspection is for clients that have a secret.")
	}
	text, err := tokenOf(form.Values)
	if err != nil {
		return Found{}, false, err
	}
	if _, _, isRefresh := secret.StepOf(secret.RefreshToken, text); isRefresh {
		return s.refreshToken(ctx, asking, text)
	}
	live, err := guard.FindToken(ctx, s.Store, text, s.Now())
	if guard.IsDead(err) || err == nil && !meantFor(asking, live) {
		return Found{}, false, nil
	}
	if err != nil {
		return Found{}, false, err
	}
	found, err := s.describe(ctx, live)
	return found, err == nil, err
}

// client authenticates who asks.
func (s *Service) client(ctx context.Context, form guard.ClientForm) (domain.Client, error) {
	if err := guard.CheckParameters(form.Values); err != nil {
		return domain.Client{}, err
	}
	client, err := s.Gate.AuthenticateForm(ctx, form)
	if err != nil {
		return domain.Client{}, err
	}
	return client, guard.RequireUsable(client)
}

func tokenOf(form url.Values) (string, error) {
	if text := form.Get("token"); text != "" {
		return text, nil
	}
	return "", domain.Errorf(domain.Invalid, "invalid_request", "The parameter token is missing.")
}

// meantFor reports whether a token was issued to the client, or is for a
// resource that it serves. One that waits to be approved serves its owner and
// testers only: nobody has looked at whose address it claims.
func meantFor(asking domain.Client, live guard.LiveToken) bool {
	return live.Client.ID == asking.ID ||
		live.Token.Audience != "" && slices.Contains(asking.Resources, live.Token.Audience) && asking.WorksFor(live.Grant.User)
}

func (s *Service) describe(ctx context.Context, live guard.LiveToken) (Found, error) {
	named, err := s.Finder.NamedScopes(ctx, live.Scopes)
	if err != nil {
		return Found{}, err
	}
	found := Found{Kind: "access_token", Scope: live.Client.Kind.ScopeText(named), Client: live.Client.ID, Subject: clientSubject(live.Client.ID),
		Audience: live.Token.Audience, IssuedAt: live.Token.IssuedAt, ExpiresAt: live.Token.ID.ExpiresAt()}
	if live.User.ID != 0 {
		found.Subject = subject(live.User.ID)
		if live.Scopes.Covers(domain.ScopeProfile) || live.Scopes.Covers(domain.ScopeOpenID) {
			found.Username = live.User.Name
		}
	}
	return found, nil
}

// refreshToken describes a refresh token of the asking client itself.
func (s *Service) refreshToken(ctx context.Context, asking domain.Client, text string) (Found, bool, error) {
	chain, grant, ok, err := s.chainOf(ctx, text)
	if err != nil || !ok || grant.Client != asking.ID {
		return Found{}, false, err
	}
	now := s.Now()
	user, err := s.Store.UserByID(ctx, grant.User)
	if err != nil {
		return Found{}, false, err
	}
	holds := chain.TokenHash.Matches(secret.New(text).Hash()) && chain.Alive(now) && grant.Alive(now)
	if !holds || !asking.WorksFor(grant.User) || user.Suspended {
		return Found{}, false, nil
	}
	named, err := s.Finder.NamedScopes(ctx, chain.Scopes.NarrowedTo(grant.Scopes, asking.Scopes))
	if err != nil {
		return Found{}, false, err
	}
	expires := chain.IdleUntil
	if chain.EndsAt.Before(expires) {
		expires = chain.EndsAt
	}
	return Found{Kind: "refresh_token", Scope: asking.Kind.PrintScopes(named), Client: asking.ID, Subject: subject(grant.User),
		Audience: chain.Audience, IssuedAt: chain.StartedAt, ExpiresAt: expires}, true, nil
}

// chainOf returns the chain and the grant of a refresh token that once was
// one of the chain.
func (s *Service) chainOf(ctx context.Context, text string) (domain.Chain, domain.Grant, bool, error) {
	number, proof, ok := secret.StepOf(secret.RefreshToken, text)
	if !ok {
		return domain.Chain{}, domain.Grant{}, false, nil
	}
	chain, err := s.Store.ChainNow(ctx, domain.ChainID(number))
	if domain.IsKind(err, domain.NotFound) || err == nil && !chain.ProofHash.Matches(secret.New(proof).Hash()) {
		return domain.Chain{}, domain.Grant{}, false, nil
	}
	if err != nil {
		return domain.Chain{}, domain.Grant{}, false, err
	}
	grant, err := s.Store.Grant(ctx, chain.Grant)
	return chain, grant, err == nil, err
}
