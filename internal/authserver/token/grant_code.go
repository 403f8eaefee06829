package token

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/grant"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
)

// code exchanges an authorization code (RFC 6749 §4.1.3). A request that does
// not match the code leaves it as it is: a client that guessed wrong how to
// authenticate may try again, and somebody else cannot burn it.
func (e exchange) code(ctx context.Context) (Answer, error) {
	text := e.form.Get("code")
	if text == "" {
		return Answer{}, domain.Errorf(domain.Invalid, "invalid_request", "The parameter code is missing.")
	}
	if !secret.WellFormed(secret.Code, text) {
		return Answer{}, refused()
	}
	code, err := e.Store.AuthorizationCode(ctx, secret.New(text).Hash())
	if err != nil {
		return Answer{}, orRefused(err)
	}
	if code.Client != e.client.ID {
		return Answer{}, refused()
	}
	if code.RedeemedAt.IsZero() {
		if err := e.matchesCode(code); err != nil {
			return Answer{}, err
		}
	}
	return e.redeem(ctx, code)
}

// matchesCode compares the request with the one that the code came of.
func (e exchange) matchesCode(code domain.AuthorizationCode) error {
	given := e.form.Get("redirect_uri")
	allowed := code.RedirectURI
	if allowed == "" && len(e.client.RedirectURIs) == 1 && given != "" {
		allowed = e.client.RedirectURIs[0]
	}
	if given == "" && e.client.ID == domain.TTNCommandID {
		allowed = "" // that program never says it here, and has but one
	}
	switch {
	case !e.now.Before(code.ExpiresAt):
		return refused()
	case given != allowed:
		return domain.Errorf(domain.Invalid, "invalid_grant", "The redirect_uri is not the one of the authorization request.")
	case !verifies(e.form.Get("code_verifier"), code.Challenge):
		return domain.Errorf(domain.Invalid, "invalid_grant", "The code_verifier does not fit the code_challenge of the authorization request.")
	}
	return e.checkResource(code.Audience)
}

// verifies holds RFC 7636 §4.6 for S256, and that who sent no challenge sends
// no verifier (RFC 9700 §2.1.1).
func verifies(verifier, challenge string) bool {
	if challenge == "" {
		return verifier == ""
	}
	if len(verifier) < 43 || len(verifier) > 128 {
		return false
	}
	sum := sha256.Sum256([]byte(verifier))
	return subtle.ConstantTimeCompare([]byte(base64.RawURLEncoding.EncodeToString(sum[:])), []byte(challenge)) == 1
}

// checkResource refuses a resource (RFC 8707 §2.2) that is not the one that
// was allowed.
func (e exchange) checkResource(allowed string) error {
	resources := e.form["resource"]
	if len(resources) == 0 || len(resources) == 1 && guard.AudienceOf(resources[0], e.Issuer) == allowed {
		return nil
	}
	return domain.Errorf(domain.Invalid, "invalid_target", "The resource is not the one that access was allowed to.")
}

// redeem issues what the code is good for. Of any number of callers at once,
// one gets it, and the others' coming revokes it.
func (e exchange) redeem(ctx context.Context, code domain.AuthorizationCode) (Answer, error) {
	b, err := e.begin(ctx, code.Grant, code.Scopes, code.Audience)
	if err != nil {
		return Answer{}, err
	}
	redeemed, err := e.Store.RedeemCode(ctx, code.Hash, b.chain, b.minted.Token, e.audit("code.reuse", b.grant, "revoked"))
	if err != nil {
		return Answer{}, err
	}
	if !redeemed {
		return Answer{}, refused()
	}
	return e.answer(ctx, b.minted.Text, b.minted.Token.ID, b.refresh, b.minted.Token.Scopes)
}

// beginning is what a client gets first on a grant: an access token and, if
// it may have one, the first refresh token of a chain. Nothing is stored yet.
type beginning struct {
	grant   domain.Grant
	minted  grant.Minted
	chain   domain.Chain
	refresh secret.Secret // empty: there is none
}

func (e exchange) begin(ctx context.Context, id domain.GrantID, scopes domain.ScopeSet, audience string) (beginning, error) {
	allowed, user, err := e.livingGrant(ctx, id)
	if err != nil {
		return beginning{}, err
	}
	lives := e.client.UsualLives()
	draft := grant.DraftAccess(allowed, e.ofClient(scopes), audience, lives.Access, e.now)
	chain, refresh := grant.StartChain(allowed, draft.Scopes, audience, lives, e.now)
	draft.Chain = chain.ID
	minted, err := e.mint(ctx, Forming{Token: draft, Client: e.client, User: user, Grant: allowed})
	if err != nil {
		return beginning{}, err
	}
	if !e.mayRefresh(minted.Token.Scopes) {
		chain, refresh = grant.WithoutRefresh(chain), secret.Secret{}
	}
	return beginning{allowed, minted, chain, refresh}, nil
}

// mayRefresh reports whether the client gets a refresh token: our own clients
// where the person let them work while he is away, those of old contracts
// always.
func (e exchange) mayRefresh(scopes domain.ScopeSet) bool {
	return e.client.MayUse(domain.RefreshGrant) && (e.client.Kind != domain.StandardClient || scopes.Covers(domain.ScopeOffline))
}
