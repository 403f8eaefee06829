// Package token is the token endpoint: one pipeline that authenticates the
// client, checks what it may do and issues tokens, and one file per grant
// type that proves a request. Doors that speak an old contract decode into
// Request, call Exchange, and answer in their own shape.
//
//	Request → parameters → client authentication → may the client use the
//	grant type? → the grant type's own proof → what may it do → Answer
package token

import (
	"context"
	"net/url"
	"sync"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
)

// Request is a token request, decoded by the door that it came to.
type Request struct {
	Kind   domain.ClientKind // of the door: other clients are not known there
	Form   url.Values        // the parameters
	Basic  *guard.BasicProof // client credentials in the header; nil: there are none
	Caller domain.Caller     // address and program of who asks
}

// Answer is a successful token response (RFC 6749 §5.1).
type Answer struct {
	AccessToken  secret.Secret
	ExpiresIn    time.Duration
	RefreshToken secret.Secret                // empty: there is none
	Scope        string                       // in the words of the client's kind
	IssuedType   string                       // of a token that was exchanged (RFC 8693 §2.2.1)
	Details      []domain.AuthorizationDetail // that were asked for
	Narrowed     bool                         // the scope is not all that the client is registered for, so it must be told (RFC 6749 §5.1)
}

// Store keeps tokens. Each method is one transaction.
type Store interface {
	IssueToken(ctx context.Context, token domain.AccessToken) error
	StandingGrant(ctx context.Context, wanted domain.Grant, event domain.AuditEvent) (domain.Grant, error)
	AuthorizationCode(ctx context.Context, hash secret.Hash) (domain.AuthorizationCode, error)
	RedeemCode(ctx context.Context, hash secret.Hash, chain domain.Chain, token domain.AccessToken, event domain.AuditEvent) (bool, error)
	RotateRefresh(ctx context.Context, r domain.RefreshRotation, event domain.AuditEvent) (domain.RefreshOutcome, []byte, error)
	DeviceCodes
	Resources
}

// Reader looks up what tokens hang on, and tokens to be restricted.
type Reader interface{ guard.Tokens }

// Observer is told what the metrics show.
type Observer interface {
	TokenIssued(grantType domain.GrantType, kind domain.ClientKind)
	LegacyUse(what string)
}

// Service is the token endpoint.
type Service struct {
	Store    Store
	Reader   Reader
	Gate     *guard.ClientGate
	Finder   *guard.Finder
	Issuer   string // the public URL: the resource that tokens are for unless they say otherwise
	Observe  Observer
	Forms    map[domain.ClientKind]Former // how access tokens look; opaque where there is none
	Now      func() time.Time
	standing sync.Map // domain.ClientID → domain.GrantID
}

// exchange is one request on its way through the pipeline.
type exchange struct {
	*Service
	form   url.Values
	client domain.Client
	caller domain.Caller
	now    time.Time
}

// grantTypes is the table of what this server can exchange.
var grantTypes = map[domain.GrantType]func(exchange, context.Context) (Answer, error){
	domain.CodeGrant:        exchange.code,
	domain.RefreshGrant:     exchange.refresh,
	domain.CredentialsGrant: exchange.credentials,
	domain.DeviceGrant:      exchange.device,
	domain.ExchangeGrant:    exchange.narrow,
}

// Exchange answers a token request. Errors carry the codes of RFC 6749 §5.2.
func (s *Service) Exchange(ctx context.Context, r Request) (Answer, error) {
	if err := guard.CheckParameters(r.Form); err != nil {
		return Answer{}, err
	}
	client, err := s.Gate.AuthenticateForm(ctx, guard.ClientForm{Basic: r.Basic, Values: r.Form, From: r.Caller.Address})
	if err != nil {
		return Answer{}, err
	}
	grantType := domain.GrantType(r.Form.Get("grant_type"))
	if client.Kind != r.Kind && !r.standardExchange(grantType) {
		return Answer{}, domain.Errorf(domain.Unauthenticated, "invalid_client", "This client was registered for another kind of program. It gets its tokens at the token endpoint of that kind.")
	}
	if err := r.mayUse(client, grantType); err != nil {
		return Answer{}, err
	}
	e := exchange{s, r.Form, client, r.Caller, s.Now().Truncate(time.Millisecond)}
	answer, err := grantTypes[grantType](e, ctx)
	return s.counted(answer, err, grantType, client.Kind)
}

// counted counts the token of an answer.
func (s *Service) counted(answer Answer, err error, grantType domain.GrantType, kind domain.ClientKind) (Answer, error) {
	if err == nil && s.Observe != nil {
		s.Observe.TokenIssued(grantType, kind)
	}
	return answer, err
}

// standardExchange reports whether a token is to be restricted at the standard
// endpoint, where clients of every kind may: their own contracts have nothing
// of the sort, or something else.
func (r Request) standardExchange(grantType domain.GrantType) bool {
	return r.Kind == domain.StandardClient && grantType == domain.ExchangeGrant
}

// mayUse refuses grant types that the endpoint does not know, and those that
// the client was not given. Its own tokens every client may restrict.
func (r Request) mayUse(client domain.Client, grantType domain.GrantType) error {
	if r.standardExchange(grantType) {
		return guard.RequireUsable(client)
	}
	switch _, known := grantTypes[grantType]; {
	case grantType == "":
		return domain.Errorf(domain.Invalid, "invalid_request", "The parameter grant_type is missing.")
	case !known || grantType == domain.ExchangeGrant:
		return domain.Errorf(domain.Invalid, "unsupported_grant_type", "There is no grant type %q here.", domain.Clip(string(grantType)))
	case !client.MayUse(grantType):
		return domain.Errorf(domain.Invalid, "unauthorized_client", "This client was not registered for the grant type %s.", grantType)
	}
	return guard.RequireUsable(client)
}

// answer says what was issued, in the words of the client's kind.
func (e exchange) answer(ctx context.Context, access secret.Secret, id domain.TokenID, refresh secret.Secret, scopes domain.ScopeSet) (Answer, error) {
	named, err := e.Finder.NamedScopes(ctx, scopes)
	if err != nil {
		return Answer{}, err
	}
	words := e.client.Kind.PrintScopes(named)
	return Answer{AccessToken: access, ExpiresIn: id.ExpiresAt().Sub(e.now), RefreshToken: refresh, Scope: words,
		Narrowed: words != e.client.Kind.PrintScopes(e.client.Scopes)}, nil
}

// ofClient returns what the client may still have of the scopes: its
// registration may be narrower by now than when the person decided.
func (e exchange) ofClient(scopes domain.ScopeSet) domain.ScopeSet {
	return scopes.NarrowedTo(e.client.Scopes)
}

// livingGrant returns the grant if the client may still act on it.
func (e exchange) livingGrant(ctx context.Context, id domain.GrantID) (domain.Grant, domain.User, error) {
	grant, err := e.Reader.Grant(ctx, id)
	if err != nil {
		return domain.Grant{}, domain.User{}, orRefused(err)
	}
	if grant.Client != e.client.ID || !grant.Alive(e.now) || !e.client.WorksFor(grant.User) {
		return domain.Grant{}, domain.User{}, refused()
	}
	user, err := e.Reader.UserByID(ctx, grant.User)
	if err != nil {
		return domain.Grant{}, domain.User{}, orRefused(err)
	}
	if user.Suspended {
		return domain.Grant{}, domain.User{}, refused()
	}
	return grant, user, nil
}

// refused is the one answer to codes and refresh tokens that do not hold,
// whatever the reason.
func refused() error {
	return domain.Errorf(domain.Invalid, "invalid_grant", "The code or refresh token is not valid: it is unknown, has expired, was used or revoked, or is not this client's. Send the person through the authorization page again.")
}

func orRefused(err error) error {
	if domain.IsKind(err, domain.NotFound) {
		return refused()
	}
	return err
}

// audit makes an event about the grant of a user that the client holds.
func (e exchange) audit(act string, grant domain.Grant, result string) domain.AuditEvent {
	caller := e.caller
	caller.Credential, caller.Client = domain.TokenCredential, e.client.ID
	event := domain.NewAudit(caller, e.now, act, "client "+string(e.client.ID))
	event.Subject, event.Result = grant.User, result
	return event
}

// legacyUse counts that a client used a liberty of an old contract.
func (s *Service) legacyUse(what domain.LegacySwitch) {
	if s.Observe != nil {
		s.Observe.LegacyUse(string(what))
	}
}
