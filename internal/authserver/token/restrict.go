package token

import (
	"context"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/grant"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
)

// Restriction is how a token is narrowed. What is left out stays as it is.
type Restriction struct {
	Scopes   domain.ScopeSet              // things by name; empty: those of the parent
	Details  []domain.AuthorizationDetail // that are among the scopes: for the answer
	Things   []ThingName                  // it is for them and nothing else; empty: for all that the scopes cover
	Life     time.Duration                // zero: as long as the parent
	Audience string                       // the resource (RFC 8707) that it is for; empty: that of the parent
}

// ThingName names a thing as its kind is named in requests.
type ThingName struct {
	Noun domain.Noun
	Name string
}

// Restrict makes of an access token one that may do less: no more than the
// parent and the user may at the time, for no longer than the parent. It hangs
// on the parent and dies with it. The caller is who holds the parent.
//
// Errors: invalid_token (Unauthenticated) for a parent that does not hold;
// invalid_scope (Forbidden) for scopes that it does not cover and for things
// that are not there or that the user has no right on, which are not told
// apart; invalid_target (Invalid); not_restrictable (Forbidden).
func (s *Service) Restrict(ctx context.Context, c domain.Caller, parent string, r Restriction) (Answer, error) {
	e := s.exchangeFor(c)
	live, err := guard.FindToken(ctx, s.Reader, parent, e.now)
	if err != nil {
		return Answer{}, orInvalidToken(err)
	}
	e.client = live.Client
	answer, err := e.restrict(ctx, live, r)
	return s.counted(answer, err, domain.ExchangeGrant, live.Client.Kind)
}

func orInvalidToken(err error) error {
	if guard.IsDead(err) {
		return domain.Errorf(domain.Unauthenticated, "invalid_token", "The access token is not valid: it has expired, was revoked, or never was one.")
	}
	return err
}

// restrict is the one place where a token is made of another.
func (e exchange) restrict(ctx context.Context, live guard.LiveToken, r Restriction) (Answer, error) {
	if live.Key.ID != 0 {
		return Answer{}, domain.Errorf(domain.Forbidden, "not_restrictable", "A token that was got for an access key cannot be restricted: make an access key with fewer rights.")
	}
	scopes, err := e.restrictedScopes(ctx, live, r)
	if err != nil {
		return Answer{}, err
	}
	audience := live.Token.Audience
	if r.Audience != "" && r.Audience != audience {
		if audience != "" {
			return Answer{}, domain.Errorf(domain.Invalid, "invalid_target", "The token is for another resource already.")
		}
		audience = r.Audience
	}
	if err := e.checkDepth(ctx, live.Token); err != nil {
		return Answer{}, err
	}
	return e.issueChild(ctx, live, Forming{Token: e.child(live, scopes, audience, r.Life)})
}

// child drafts a token that hangs on a living one.
func (e exchange) child(live guard.LiveToken, scopes domain.ScopeSet, audience string, life time.Duration) domain.AccessToken {
	ends := live.Token.ID.ExpiresAt().Sub(e.now)
	if life > 0 {
		ends = min(ends, life)
	}
	draft := grant.DraftAccess(live.Grant, scopes.NarrowedTo(live.Scopes), audience, ends, e.now)
	parent := live.Token.Ref()
	draft.Parent = &parent
	return draft
}

// issueChild gives a drafted child its text and stores it.
func (e exchange) issueChild(ctx context.Context, live guard.LiveToken, f Forming) (Answer, error) {
	f.Client, f.User, f.Grant = live.Client, live.User, live.Grant
	minted, err := e.mint(ctx, f)
	if err != nil {
		return Answer{}, err
	}
	if err := e.Store.IssueToken(ctx, minted.Token); err != nil {
		return Answer{}, err
	}
	answer, err := e.answer(ctx, minted.Text, minted.Token.ID, secret.Secret{}, minted.Token.Scopes)
	if err != nil || answer.Scope != "" {
		return answer, err
	}
	named, err := e.Finder.NamedScopes(ctx, minted.Token.Scopes)
	answer.Scope = e.client.Kind.ScopeText(named)
	return answer, err
}

// checkDepth bounds how often a token was restricted, because each step is
// looked up at every use.
func (e exchange) checkDepth(ctx context.Context, token domain.AccessToken) error {
	for range domain.MaxRestrictions {
		if token.Parent == nil {
			return nil
		}
		var err error
		if token, err = e.Reader.AccessToken(ctx, token.Parent.ID, token.Parent.Hash); err != nil {
			return err
		}
	}
	return domain.Errorf(domain.Forbidden, "not_restrictable", "The token was restricted %d times already. Restrict the one before it.", domain.MaxRestrictions)
}

// restrictedScopes returns the wanted scopes in stored form. All of them lie
// within what the parent may do, and the user has some right on each thing.
func (e exchange) restrictedScopes(ctx context.Context, live guard.LiveToken, r Restriction) (domain.ScopeSet, error) {
	scopes := live.Scopes
	if len(r.Scopes) > 0 {
		stored, err := e.storedScopes(ctx, r.Scopes, live.User)
		switch {
		case domain.IsKind(err, domain.Invalid) || err == nil && !stored.Within(live.Scopes):
			return nil, beyondToken()
		case err != nil:
			return nil, err
		}
		scopes = stored
		if err := e.requireGateways(ctx, live, scopes); err != nil {
			return nil, err
		}
	}
	if len(r.Things) == 0 {
		return scopes, nil
	}
	return e.onThings(ctx, live, scopes, r.Things)
}

// onThings leaves of the scopes what they allow on the things: nothing else
// is at their addresses.
func (e exchange) onThings(ctx context.Context, live guard.LiveToken, scopes domain.ScopeSet, things []ThingName) (domain.ScopeSet, error) {
	var all domain.ScopeSet
	for _, thing := range things {
		for _, rule := range domain.ScopeRules() {
			if rule.Things && rule.Scope.ThingNoun() == thing.Noun {
				all = append(all, domain.Scope{Noun: rule.Scope.Noun, Verb: rule.Scope.Verb, Thing: thing.Name})
			}
		}
	}
	stored, err := e.storedScopes(ctx, all, live.User)
	if domain.IsKind(err, domain.Invalid) {
		return nil, domain.Errorf(domain.Invalid, "invalid_target", "At that address is nothing that the user of the token may see.")
	}
	if err != nil {
		return nil, err
	}
	left := scopes.Intersect(stored)
	if len(left) == 0 {
		return nil, beyondToken()
	}
	return left, e.requireGateways(ctx, live, left)
}

// requireGateways refuses gateways of others that everybody may see: that is
// no right of the user's. Sensors that everybody may read can be named.
func (e exchange) requireGateways(ctx context.Context, live guard.LiveToken, stored domain.ScopeSet) error {
	for _, id := range stored.ThingIDs(domain.NounGateway) {
		gateway, err := e.Finder.Network.Gateway(ctx, domain.ThingRef(id))
		if err != nil {
			return err
		}
		user := domain.Caller{User: live.User, Credential: domain.TokenCredential}
		thing := gateway.Thing()
		if thing.Given, err = e.Finder.Given(ctx, user, thing); err != nil {
			return err
		}
		if guard.RightsOf(user, thing) == 0 {
			return beyondToken()
		}
	}
	return nil
}

func beyondToken() error {
	return domain.Errorf(domain.Forbidden, "invalid_scope", "The scope reaches beyond what the token may do, or names something that is not there or on which its user has no right.")
}
