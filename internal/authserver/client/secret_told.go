package client

import (
	"context"
	"fmt"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// TellSecret returns the secret of a client of The Things Network to its
// owner's token of that network with the scope clients: its programs know no
// other way to it. It leaves an audit event. Where there is nothing that may
// be told this way, the secret is empty and the error nil: the secret is not
// kept, the caller is somebody else or came with something else, or the client
// acts for its owner by itself.
func (s *Service) TellSecret(ctx context.Context, c domain.Caller, client domain.Client) (secret.Secret, error) {
	if !s.mayBeTold(c, client) {
		return secret.Secret{}, nil
	}
	asking, err := s.Reader.Client(ctx, c.Client)
	if err != nil || asking.Kind != domain.TTNClient {
		return secret.Secret{}, err
	}
	sealed, number, err := s.Store.SealedClientSecret(ctx, client.ID, s.event(c, "client.view_secret", client, ""))
	if err != nil {
		return secret.Secret{}, fmt.Errorf("tell client secret: %w", err)
	}
	return s.Sealer.Open(sealed, sealRow(client.ID, number))
}

func (s *Service) mayBeTold(c domain.Caller, client domain.Client) bool {
	return c.Credential == domain.TokenCredential && owns(c, client) && c.Holds(domain.ScopeClientsRead) && c.Holds(domain.ScopeClientsWrite) &&
		client.Kind == domain.TTNClient && client.Viewable && s.Sealer != nil && !client.ActsForOwner()
}
