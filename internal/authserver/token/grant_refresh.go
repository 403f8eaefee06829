package token

import (
	"context"
	"slices"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/grant"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
)

// refresh redeems a refresh token (RFC 6749 §6) and hands out its successor.
// Whoever brings one again within the grace gets the same successor; after it
// the grant is revoked (RFC 9700 §4.14.2).
func (e exchange) refresh(ctx context.Context) (Answer, error) {
	presented := secret.New(e.form.Get("refresh_token"))
	if presented.Empty() {
		return Answer{}, domain.Errorf(domain.Invalid, "invalid_request", "The parameter refresh_token is missing.")
	}
	chain, err := e.chainOf(ctx, presented)
	if err != nil {
		return Answer{}, err
	}
	allowed, user, err := e.livingGrant(ctx, chain.Grant)
	if err != nil {
		return Answer{}, err
	}
	if err := e.checkResource(chain.Audience); err != nil {
		return Answer{}, err
	}
	scopes, err := e.refreshScopes(ctx, chain, user)
	if err != nil {
		return Answer{}, err
	}
	draft := grant.DraftAccess(allowed, e.ofClient(scopes), chain.Audience, e.client.UsualLives().Access, e.now)
	draft.Chain = chain.ID
	minted, err := e.mint(ctx, Forming{Token: draft, Client: e.client, User: user, Grant: allowed})
	if err != nil {
		return Answer{}, err
	}
	return e.rotate(ctx, presented, allowed, minted)
}

// chainOf returns the chain of a refresh token that once was one of it.
func (e exchange) chainOf(ctx context.Context, presented secret.Secret) (domain.Chain, error) {
	number, proof, ok := secret.StepOf(secret.RefreshToken, presented.Reveal())
	if !ok {
		return domain.Chain{}, refused()
	}
	chain, err := e.Reader.Chain(ctx, domain.ChainID(number))
	if err != nil {
		return domain.Chain{}, orRefused(err)
	}
	if !chain.ProofHash.Matches(secret.New(proof).Hash()) || !chain.RevokedAt.IsZero() {
		return domain.Chain{}, refused()
	}
	return chain, nil
}

// refreshScopes reads which of the chain's scopes are wanted: all where the
// request names none, and never more.
func (e exchange) refreshScopes(ctx context.Context, chain domain.Chain, user domain.User) (domain.ScopeSet, error) {
	text, given := e.form.Get("scope"), e.form.Has("scope")
	if !given {
		return chain.Scopes, nil
	}
	wanted, err := e.parseScopes(ctx, text, user)
	if err != nil {
		return nil, err
	}
	if e.client.Kind != domain.StandardClient {
		return wanted.Intersect(chain.Scopes), e.coversNames(text, chain.Scopes)
	}
	if !wanted.Within(chain.Scopes) {
		return nil, beyondGrant()
	}
	return wanted, nil
}

// coversNames refuses names of a contract that the chain does not have.
func (e exchange) coversNames(text string, scopes domain.ScopeSet) error {
	names, err := e.client.Kind.ParseScopeNames(text)
	if err != nil {
		return err
	}
	held, err := e.client.Kind.ParseScopeNames(e.client.Kind.PrintScopes(scopes))
	if err != nil {
		return err
	}
	if !domain.UnionOf(names).Within(domain.UnionOf(held)) {
		return beyondGrant()
	}
	return nil
}

func beyondGrant() error {
	return domain.Errorf(domain.Invalid, "invalid_scope", "The scope reaches beyond what was allowed.")
}

// parseScopes reads scopes in the words of the client's kind, things by name.
// A thing that is not there is refused as one that was not allowed: which of
// the two it is, is not the client's to know.
func (e exchange) parseScopes(ctx context.Context, text string, user domain.User) (domain.ScopeSet, error) {
	names, err := e.client.Kind.ParseScopeNames(text)
	if err != nil {
		return nil, err
	}
	stored, err := e.storedScopes(ctx, domain.UnionOf(names), user)
	if domain.IsKind(err, domain.Invalid) {
		return nil, beyondGrant()
	}
	return stored, err
}

// storedScopes replaces the names of things by their ids, for what the user
// may see. Others are Invalid.
func (e exchange) storedScopes(ctx context.Context, scopes domain.ScopeSet, user domain.User) (domain.ScopeSet, error) {
	caller := e.caller
	caller.User, caller.Credential, caller.Client, caller.Scopes = user, domain.TokenCredential, e.client.ID, thirdPartyScopes
	return e.Finder.StoredScopes(ctx, caller, scopes)
}

// thirdPartyScopes see what is the user's own, even if he is an administrator.
var thirdPartyScopes = slices.DeleteFunc(domain.EveryScope(), func(s domain.Scope) bool { return !s.ForThirdParties() })

func (e exchange) rotate(ctx context.Context, presented secret.Secret, allowed domain.Grant, minted grant.Minted) (Answer, error) {
	lives := e.client.UsualLives()
	rotation := domain.RefreshRotation{Chain: minted.Token.Chain, Presented: presented.Hash(), Access: minted.Token, IdleUntil: e.now.Add(lives.RefreshIdle)}
	next := presented
	if e.client.Has(domain.SwitchKeepRefresh) {
		rotation.Successor = rotation.Presented
		e.legacyUse(domain.SwitchKeepRefresh)
	} else {
		var ok bool
		if next, ok = grant.Successor(presented); !ok {
			return Answer{}, refused()
		}
		sealed, err := grant.SealAnswer(presented, grant.RefreshAnswer{Access: minted.Text.Reveal(), Refresh: next.Reveal(), Scopes: minted.Token.Scopes.String()})
		if err != nil {
			return Answer{}, err
		}
		rotation.Successor, rotation.Sealed, rotation.KeptUntil = next.Hash(), sealed, e.now.Add(lives.Grace)
	}
	outcome, sealed, err := e.Store.RotateRefresh(ctx, rotation, e.audit("refresh.reuse", allowed, "revoked"))
	switch {
	case err != nil:
		return Answer{}, err
	case outcome == domain.RefreshRotated:
		return e.answer(ctx, minted.Text, minted.Token.ID, next, minted.Token.Scopes)
	case outcome == domain.RefreshRepeated:
		return e.repeat(ctx, presented, sealed, minted)
	}
	return Answer{}, refused()
}

// repeat gives the answer of the first redemption again. Where that may do
// more than this request wants, or has expired, there is another access token
// beside the same successor.
func (e exchange) repeat(ctx context.Context, presented secret.Secret, sealed []byte, minted grant.Minted) (Answer, error) {
	kept, err := grant.OpenAnswer(presented, sealed)
	if err != nil {
		return Answer{}, err
	}
	scopes, err := domain.ParseScopes(kept.Scopes)
	if err != nil {
		return Answer{}, err
	}
	id, _ := guard.TokenNumber(kept.Access)
	if scopes.Within(minted.Token.Scopes) && e.now.Before(id.ExpiresAt()) {
		return e.answer(ctx, secret.New(kept.Access), id, secret.New(kept.Refresh), scopes)
	}
	if err := e.Store.IssueToken(ctx, minted.Token); err != nil {
		return Answer{}, err
	}
	return e.answer(ctx, minted.Text, minted.Token.ID, secret.New(kept.Refresh), minted.Token.Scopes)
}
