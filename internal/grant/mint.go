package grant

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// Minted is a new access token: what its holder gets and what is stored.
type Minted struct {
	Text  secret.Secret
	Token domain.AccessToken
}

// MintAccess makes an access token on a grant. It expires after life, and
// never later than its grant. The scopes are those that the grant still
// allows of what is wanted.
func MintAccess(g domain.Grant, wanted domain.ScopeSet, audience string, life time.Duration, now time.Time) Minted {
	return Opaque(DraftAccess(g, wanted, audience, life, now))
}

// DraftAccess is MintAccess without a text: whoever gives the token one sets
// its hash.
func DraftAccess(g domain.Grant, wanted domain.ScopeSet, audience string, life time.Duration, now time.Time) domain.AccessToken {
	expires := now.Add(life)
	if !g.ExpiresAt.IsZero() && g.ExpiresAt.Before(expires) {
		expires = g.ExpiresAt
	}
	return domain.AccessToken{ID: domain.NewTokenID(expires), Grant: g.ID, Scopes: wanted.NarrowedTo(g.Scopes), Audience: audience, IssuedAt: now}
}

// Opaque gives a token a text that says nothing but its number.
func Opaque(token domain.AccessToken) Minted {
	text := secret.GenerateNumbered(secret.AccessToken, int64(token.ID))
	token.Hash = text.Hash()
	return Minted{text, token}
}

// StartChain begins a chain on a grant and returns its first refresh token.
// Without refresh, the chain only ties together what came of one code.
func StartChain(g domain.Grant, scopes domain.ScopeSet, audience string, lives domain.TokenLives, now time.Time) (domain.Chain, secret.Secret) {
	chain := domain.Chain{ID: domain.ChainID(secret.NewNumber(now)), Grant: g.ID, Scopes: scopes, Audience: audience, StartedAt: now,
		IdleUntil: now.Add(lives.RefreshIdle), EndsAt: now.Add(lives.RefreshEnd)}
	if !g.ExpiresAt.IsZero() && g.ExpiresAt.Before(chain.EndsAt) {
		chain.EndsAt = g.ExpiresAt
	}
	token, proof := secret.GenerateStep(secret.RefreshToken, int64(chain.ID), "")
	chain.ProofHash, chain.TokenHash = secret.New(proof).Hash(), token.Hash()
	return chain, token
}

// WithoutRefresh is a chain whose refresh token is not handed out.
func WithoutRefresh(chain domain.Chain) domain.Chain {
	chain.ProofHash, chain.TokenHash = secret.Hash{}, secret.Hash{}
	return chain
}

// Successor makes the refresh token that follows the presented one. It
// reports false for text that is no refresh token.
func Successor(presented secret.Secret) (secret.Secret, bool) {
	number, proof, ok := secret.StepOf(secret.RefreshToken, presented.Reveal())
	if !ok {
		return secret.Secret{}, false
	}
	next, _ := secret.GenerateStep(secret.RefreshToken, number, proof)
	return next, true
}

// RefreshAnswer is what a redeemed refresh token was answered with.
type RefreshAnswer struct {
	Access  string `json:"a"`
	Refresh string `json:"r"`
	Scopes  string `json:"s"`
}

// SealAnswer encrypts an answer under a key that only the presented refresh
// token gives, so that the store alone cannot open it.
func SealAnswer(presented secret.Secret, answer RefreshAnswer) ([]byte, error) {
	sealer, err := answerSealer(presented)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return nil, fmt.Errorf("encode refresh answer: %w", err)
	}
	return sealer.Seal(secret.New(string(text)), answerRow), nil
}

// OpenAnswer decrypts what SealAnswer made for the same token.
func OpenAnswer(presented secret.Secret, sealed []byte) (RefreshAnswer, error) {
	sealer, err := answerSealer(presented)
	if err != nil {
		return RefreshAnswer{}, err
	}
	text, err := sealer.Open(sealed, answerRow)
	if err != nil {
		return RefreshAnswer{}, err
	}
	var answer RefreshAnswer
	if err := json.Unmarshal([]byte(text.Reveal()), &answer); err != nil {
		return RefreshAnswer{}, fmt.Errorf("decode refresh answer: %w", err)
	}
	return answer, nil
}

const answerRow = "refresh-answer"

// answerSealer derives the key from the token with a prefix that its stored
// hash does not have, so that the hash says nothing about the key.
func answerSealer(presented secret.Secret) (*secret.Sealer, error) {
	key := sha256.Sum256([]byte("thingward refresh answer\n" + presented.Reveal()))
	return secret.NewSealer(key[:])
}
