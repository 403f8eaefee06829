package authorize

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/grant"
	"github.com/thingward/thingward/internal/secret"
)

// Allow gives the client what the person left of its request. Where he left
// nothing that is a no. A decision that cannot be is Invalid, with the field
// that is to be corrected ("sensors", "devices", "name", "expires_at",
// "connection").
func (s *Service) Allow(ctx context.Context, c domain.Caller, r Request, d Decision) (Redirect, error) {
	q, err := s.question(ctx, c, r)
	if err != nil {
		return Redirect{}, err
	}
	ticked := tickedOf(q, d.Names)
	if len(q.Lines)+len(q.Missing) > 0 && len(ticked) == 0 {
		return s.Deny(ctx, c, r)
	}
	chosen, err := s.chosen(ctx, c, d)
	if err != nil {
		return Redirect{}, err
	}
	allowed := narrow(ticked, chosen)
	if err := checkChosen(ticked, allowed, chosen); err != nil {
		return Redirect{}, err
	}
	g, err := s.grantOf(q, d, allowed)
	if err != nil {
		return Redirect{}, err
	}
	g.User = c.User.ID
	yes := domain.Allowed{Grant: g, Change: g.ID != 0}
	return s.handOut(ctx, c, r, yes, handOut{scopes: allowed, act: "grant.allow"})
}

// Proceed gives the client what the person allowed it before, of what it asks
// for now. The question must be one that is Answered.
func (s *Service) Proceed(ctx context.Context, c domain.Caller, q Question) (Redirect, error) {
	if !q.Answered || !c.Is(q.answer.User) {
		return Redirect{}, domain.Errorf(domain.Conflict, "not_answered", "The user has not yet allowed this.")
	}
	scopes := q.Asked().Intersect(q.answer.Scopes)
	return s.handOut(ctx, c, q.Request, domain.Allowed{Grant: q.answer}, handOut{scopes: scopes, act: "grant.proceed"})
}

// Deny tells the client that the person said no.
func (s *Service) Deny(ctx context.Context, c domain.Caller, r Request) (Redirect, error) {
	if err := requirePerson(c); err != nil {
		return Redirect{}, err
	}
	event := domain.NewAudit(c, s.Now(), "grant.deny", "client "+string(r.Client.ID))
	if r.Device != nil {
		return s.denyDevice(ctx, r, event)
	}
	if err := s.Store.Record(ctx, event); err != nil {
		return Redirect{}, s.refuse(r, err)
	}
	var more []pair
	if r.Client.Kind == domain.WotkitClient {
		more = append(more, pair{"error_reason", "user_denied"}) // its Flask example reads it
	}
	return s.refuse(r, domain.Errorf(domain.Forbidden, "access_denied", "The user said no."), more...).Redirect, nil
}

// tickedOf returns what the lines with the names stand for.
func tickedOf(q Question, names []string) domain.ScopeSet {
	var ticked domain.ScopeSet
	for _, line := range q.Lines {
		if slices.Contains(names, line.Name) {
			ticked = append(ticked, line.Scopes...)
		}
	}
	return domain.Union(ticked)
}

// grantOf makes the grant, or changes the one that is to be continued.
func (s *Service) grantOf(q Question, d Decision, allowed domain.ScopeSet) (domain.Grant, error) {
	now, name := s.Now(), strings.TrimSpace(d.Label)
	if err := grant.CheckExpiry(d.ExpiresAt, now); err != nil {
		return domain.Grant{}, err
	}
	g := domain.Grant{Client: q.Request.Client.ID, Name: q.Request.Client.Name, CreatedAt: now, ExpiresAt: d.ExpiresAt, Scopes: allowed, Asked: q.Asked()}
	if d.Renew != 0 {
		i := slices.IndexFunc(q.Present, func(present domain.Grant) bool { return present.ID == d.Renew })
		if i < 0 {
			return domain.Grant{}, domain.InvalidField("connection", "This connection has ended meanwhile. Choose another, or a new one.")
		}
		g = renewed(q.Present[i], g)
	}
	if name != "" {
		if err := domain.CheckConnectionName(name); err != nil {
			return domain.Grant{}, err
		}
		g.Name = name
	}
	return g, nil
}

// handOut is what a client gets on a grant.
type handOut struct {
	scopes domain.ScopeSet
	act    string // for the audit
}

// handOut stores the yes with a code or an access token on it, and makes the
// redirect that carries it.
func (s *Service) handOut(ctx context.Context, c domain.Caller, r Request, yes domain.Allowed, out handOut) (Redirect, error) {
	now := s.Now()
	event := domain.NewAudit(c, now, out.act, "client "+string(r.Client.ID))
	if r.Device != nil {
		return s.handOutDevice(ctx, r, yes, out.scopes, event)
	}
	if r.ResponseType == responseToken {
		return s.handOutToken(ctx, r, yes, out.scopes, event)
	}
	code := secret.Generate(secret.Code)
	yes.Code = &domain.AuthorizationCode{Hash: code.Hash(), Client: r.Client.ID, RedirectURI: r.Given, Challenge: r.Challenge,
		Scopes: out.scopes, Audience: r.Audience, IssuedAt: now, ExpiresAt: now.Add(r.Client.CodeLife())}
	if _, err := s.Store.Allow(ctx, yes, event); err != nil {
		return Redirect{}, s.orRefusal(r, err)
	}
	s.noteLiberties(r)
	return s.answer(r, pair{"code", code.Reveal()}), nil
}

// handOutToken answers the implicit flow (RFC 6749 §4.2.2): no refresh token,
// and the parameters in the order that LaMetric documents.
func (s *Service) handOutToken(ctx context.Context, r Request, yes domain.Allowed, scopes domain.ScopeSet, event domain.AuditEvent) (Redirect, error) {
	minted := grant.MintAccess(yes.Grant, scopes, r.Audience, r.Client.UsualLives().Access, event.At)
	yes.Token = &minted.Token
	if _, err := s.Store.Allow(ctx, yes, event); err != nil {
		return Redirect{}, s.orRefusal(r, err)
	}
	s.noteLiberties(r)
	if s.Observe != nil {
		s.Observe.TokenIssued(domain.ImplicitGrant, r.Client.Kind)
	}
	life := minted.Token.ID.ExpiresAt().Sub(event.At).Round(time.Second)
	pairs := []pair{{"access_token", minted.Text.Reveal()}, {"expires_in", strconv.Itoa(int(life.Seconds()))}, {"token_type", "Bearer"}}
	if words := r.Client.Kind.PrintScopes(minted.Token.Scopes); words != "" {
		pairs = append(pairs, pair{"scope", words})
	}
	return s.answer(r, pairs...), nil
}

// orRefusal tells the client of a fault of ours, and the person of one that
// he can mend.
func (s *Service) orRefusal(r Request, err error) error {
	if domain.IsKind(err, domain.Conflict) {
		return err
	}
	return s.refusal(r, err)
}

// noteLiberties counts what only old contracts have.
func (s *Service) noteLiberties(r Request) {
	if s.Observe == nil {
		return
	}
	if r.ResponseType == responseToken {
		s.Observe.LegacyUse(string(domain.ImplicitGrant))
	}
	if r.Client.Has(domain.SwitchExtraQuery) && r.Given != "" && !slices.Contains(r.Client.RedirectURIs, r.Given) {
		s.Observe.LegacyUse(string(domain.SwitchExtraQuery))
	}
	if r.CopiesCode() {
		s.Observe.LegacyUse("copied_code")
	}
	if r.Client.InPrivateNetwork(r.RedirectURI) {
		s.Observe.LegacyUse(string(domain.SwitchLANRedirect))
	}
	if r.Client.InClear(r.RedirectURI) {
		s.Observe.LegacyUse(string(domain.SwitchHTTPRedirect))
	}
}
