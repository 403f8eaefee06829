// Package token is the token endpoint: one pipeline that authenticates the
// client, checks what it may do and issues tokens, and one file per grant
// type that proves a request. Doors that speak an old contract decode into
// Request, call Exchange, and answer in their own shape.
//
//	Request → client authentication → is the grant type the client's? → the
//	grant type's own proof → what may it do → issue → Answer
package token

import (
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
)

// Request is a token request, decoded.
type Request struct {
	Kind      domain.ClientKind // of the door that it came to: other clients are not known there
	Form      map[string][]string
	Proof     guard.ClientProof // from the header; the pipeline adds what the body says
	HasHeader bool
	Caller    domain.Caller // address and program of who asks
}

// Answer is a successful token response (RFC 6749 §5.1).
type Answer struct {
	AccessToken  secret.Secret
	ExpiresIn    time.Duration
	RefreshToken secret.Secret // empty: there is none
	Scope        string        // in the words of the client's kind
	Client       domain.Client
}
