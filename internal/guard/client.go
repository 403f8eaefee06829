package guard

import (
	"context"
	"net/netip"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// ClientProof is how a client says who it is at the token endpoint and its
// neighbours (RFC 6749 §2.3).
type ClientProof struct {
	ID     domain.ClientID
	Secret secret.Secret // empty: none was given
	From   netip.Addr    // where it comes from
}

// Clients looks clients up. Unknown and deleted ones are NotFound.
type Clients interface {
	ClientCheck(ctx context.Context, id domain.ClientID) (domain.ClientCheck, error)
}

// ClientGate checks who a client is. It is safe for concurrent use.
type ClientGate struct {
	Clients Clients
	Observe Observer // may be nil
	Now     func() time.Time
	slow    slowChecks
}

// Authenticate returns the client that the proof is of: a confidential one
// with a right secret, or a public one that sends none. Whether the client may
// be used is for the caller to ask (RequireUsable). Every refusal is
// Unauthenticated (invalid_client) in the same words.
func (g *ClientGate) Authenticate(ctx context.Context, proof ClientProof) (domain.Client, error) {
	if proof.ID == "" {
		return domain.Client{}, g.refused("missing", "The request does not say which client sends it. Send the client id and secret by HTTP Basic, or as client_id and client_secret in the body.")
	}
	check, err := g.Clients.ClientCheck(ctx, proof.ID)
	if domain.IsKind(err, domain.NotFound) {
		return domain.Client{}, g.refused("unknown", wrongClient)
	}
	if err != nil {
		return domain.Client{}, err
	}
	if check.Client.Public {
		if !proof.Secret.Empty() && !isWellKnown(proof) {
			return domain.Client{}, g.refused("public", wrongClient)
		}
		return check.Client, nil
	}
	proven, err := g.slow.proves(ctx, check.Secrets, attempt{proof.Secret, domain.NetworkOf(proof.From)}, g.Now())
	if err != nil {
		return domain.Client{}, err
	}
	if !proven {
		return domain.Client{}, g.refused("wrong", wrongClient)
	}
	return check.Client, nil
}

// isWellKnown reports whether a public client sends the secret that is no
// secret: the command line of The Things Network has its id for it, with and
// without.
func isWellKnown(proof ClientProof) bool {
	return proof.ID == domain.TTNCommandID && proof.Secret.Reveal() == string(domain.TTNCommandID)
}

const wrongClient = "There is no such client, or its secret is wrong."

// RequireUsable refuses clients that were rejected or suspended (RFC 6749
// §5.2, unauthorized_client).
func RequireUsable(client domain.Client) error {
	if client.State == domain.ClientSuspended || client.State == domain.ClientRejected {
		return domain.Errorf(domain.Invalid, "unauthorized_client", "This client is %s. Its owner can see why.", client.State)
	}
	return nil
}

func (g *ClientGate) refused(reason, message string) error {
	if g.Observe != nil {
		g.Observe.AuthFailure("client", reason)
	}
	return domain.Errorf(domain.Unauthenticated, "invalid_client", "%s", message)
}
