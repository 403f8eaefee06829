package domain

import (
	"time"

	"github.com/thingward/thingward/internal/secret"
)

// TokenID numbers access tokens in the order in which they expire.
type TokenID int64

// NewTokenID returns the id of a token that expires then.
func NewTokenID(expires time.Time) TokenID { return TokenID(secret.NewNumber(expires)) }

// ExpiresAt returns when the token expires, to the millisecond.
func (id TokenID) ExpiresAt() time.Time { return secret.TimeOfNumber(int64(id)) }

// ChainID numbers chains in the order in which they began.
type ChainID int64

// AccessToken is what the store keeps of an access token. Its scopes are
// those that it was given: what it may do is what its grant still allows of
// them.
type AccessToken struct {
	ID       TokenID
	Hash     secret.Hash
	Grant    GrantID
	Chain    ChainID  // zero: it belongs to none
	Scopes   ScopeSet // things in stored form
	Audience string   // the resource it is for (RFC 8707); empty: Thingward itself
	IssuedAt time.Time
	Parent   *TokenRef   // of a restricted token: the one that it was made of
	Key      AccessKeyID // of a token that was got for an access key; it hangs on that and on no grant
}

// TokenRef names the row of an access token.
type TokenRef struct {
	ID   TokenID
	Hash secret.Hash
}

// Ref returns how the store finds the token.
func (t AccessToken) Ref() TokenRef { return TokenRef{t.ID, t.Hash} }

// MaxRestrictions is how often a token can be restricted again: each step is
// looked up at every use.
const MaxRestrictions = 8

// Chain is what came of one authorization code: a row of refresh tokens, each
// the successor of the one before, and the access tokens beside them. It is
// revoked as a whole.
type Chain struct {
	ID        ChainID
	Grant     GrantID
	Scopes    ScopeSet
	Audience  string
	ProofHash secret.Hash // of the proof that every refresh token of the chain carries; zero: there is none
	TokenHash secret.Hash // of the refresh token that is to be redeemed next
	StartedAt time.Time
	UsedAt    time.Time // last redeemed
	IdleUntil time.Time // if it is not used before
	EndsAt    time.Time
	RevokedAt time.Time
}

// Alive reports whether refresh tokens of the chain can still be redeemed.
func (c Chain) Alive(now time.Time) bool {
	return c.RevokedAt.IsZero() && now.Before(c.IdleUntil) && now.Before(c.EndsAt)
}

// AuthorizationCode is what the store keeps of an authorization code, and
// what its token request must match (RFC 6749 §4.1.3, RFC 7636 §4.6).
type AuthorizationCode struct {
	Hash        secret.Hash
	Grant       GrantID
	Client      ClientID
	RedirectURI string // as the authorization request gave it; empty: it gave none
	Challenge   string // S256 code challenge; empty: none
	Scopes      ScopeSet
	Audience    string
	IssuedAt    time.Time
	ExpiresAt   time.Time
	RedeemedAt  time.Time // zero: not yet
	Chain       ChainID   // what came of it
}

// RefreshRotation redeems the refresh token of a chain.
type RefreshRotation struct {
	Chain     ChainID
	Presented secret.Hash
	Successor secret.Hash // equal to Presented where tokens do not rotate
	Access    AccessToken
	IdleUntil time.Time
	// Sealed is the answer, sealed under a key that only the presented token
	// gives, to be given again until KeptUntil. Empty: it is not kept.
	Sealed    []byte
	KeptUntil time.Time
}

// RefreshOutcome is what became of a redemption.
type RefreshOutcome int

// The outcomes. Repeated comes with the sealed answer of the first
// redemption; Reused and Over with nothing.
const (
	RefreshOver     RefreshOutcome = iota // the chain or its grant has ended meanwhile
	RefreshRotated                        // the first redemption
	RefreshRepeated                       // within the grace: the same answer again
	RefreshReused                         // after it: the grant is revoked
)
