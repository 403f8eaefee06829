package token

import (
	"context"
	"slices"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/grant"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
)

// credentials issues a token to the client itself (RFC 6749 §4.4). It has no
// user, unless the client may act for its owner. There is no refresh token.
func (e exchange) credentials(ctx context.Context) (Answer, error) {
	if e.client.Public {
		return Answer{}, domain.Errorf(domain.Invalid, "unauthorized_client", "A public client cannot prove itself, so it gets no token of its own.")
	}
	user, err := e.ownUser(ctx)
	if err != nil {
		return Answer{}, err
	}
	standing, err := e.standingGrant(ctx)
	if err != nil {
		return Answer{}, err
	}
	scopes := standing.Scopes
	if text := e.form.Get("scope"); text != "" {
		if scopes, err = e.parseScopes(ctx, text, user); err != nil {
			return Answer{}, err
		}
		if !scopes.Within(standing.Scopes) {
			return Answer{}, domain.Errorf(domain.Invalid, "invalid_scope", "The scope reaches beyond what this client is registered for.")
		}
	}
	audience, err := e.audience()
	if err != nil {
		return Answer{}, err
	}
	draft := grant.DraftAccess(standing, scopes, audience, e.client.UsualLives().Access, e.now)
	minted, err := e.mint(ctx, Forming{Token: draft, Client: e.client, User: user, Grant: standing})
	if err != nil {
		return Answer{}, err
	}
	if err := e.Store.IssueToken(ctx, minted.Token); err != nil {
		return Answer{}, err
	}
	return e.answer(ctx, minted.Text, minted.Token.ID, secret.Secret{}, minted.Token.Scopes)
}

// ownUser returns the owner where the client may act for him, else nobody.
// Where he is suspended, no client of his gets anything.
func (e exchange) ownUser(ctx context.Context) (domain.User, error) {
	owner, err := e.Reader.UserByID(ctx, e.client.Owner)
	switch {
	case err != nil:
		return domain.User{}, err
	case owner.Suspended:
		return domain.User{}, domain.Errorf(domain.Invalid, "unauthorized_client", "The owner of this client is suspended.")
	case !e.client.Has(domain.SwitchOwnerCredentials):
		return domain.User{}, nil
	}
	e.legacyUse(domain.SwitchOwnerCredentials)
	return owner, nil
}

// audience reads for which resource the token shall be (RFC 8707): Thingward,
// or one that the client itself serves.
func (e exchange) audience() (string, error) {
	resources := e.form["resource"]
	if len(resources) == 0 {
		return "", nil
	}
	audience := guard.AudienceOf(resources[0], e.Issuer)
	if len(resources) > 1 || audience != "" && !slices.Contains(e.client.Resources, audience) {
		return "", domain.Errorf(domain.Invalid, "invalid_target", "This server knows no such resource.")
	}
	return audience, nil
}

// standingGrant returns the client's own grant, from memory as long as it is
// what the client's registration says.
func (e exchange) standingGrant(ctx context.Context) (domain.Grant, error) {
	wanted := domain.Grant{User: e.client.Owner, Client: e.client.ID, OfClient: !e.client.Has(domain.SwitchOwnerCredentials),
		Name: domain.StandingName, Scopes: e.ownScopes(), CreatedAt: e.now}
	if id, known := e.standing.Load(e.client.ID); known {
		grant, err := e.Reader.Grant(ctx, id.(domain.GrantID))
		if err == nil && grant.Alive(e.now) && grant.OfClient == wanted.OfClient && slices.Equal(grant.Scopes, wanted.Scopes) {
			return grant, nil
		}
	}
	grant, err := e.Store.StandingGrant(ctx, wanted, e.audit("grant.standing", wanted, "ok"))
	if err == nil {
		e.standing.Store(e.client.ID, grant.ID)
	}
	return grant, err
}

// ownScopes are those of the client that make sense without a person.
func (e exchange) ownScopes() domain.ScopeSet {
	return slices.DeleteFunc(slices.Clone(e.client.Scopes), func(s domain.Scope) bool {
		return s.Noun == domain.ScopeOpenID.Noun || s.Noun == domain.ScopeOffline.Noun
	})
}
