package introspect

import (
	"context"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
)

// Revoke takes a token back for the client that it was issued to (RFC 7009):
// an access token alone, a refresh token with all that came of the same
// authorization code, and of a public client the whole grant. A token that
// does not hold is no error.
func (s *Service) Revoke(ctx context.Context, form guard.ClientForm, c domain.Caller) error {
	client, err := s.client(ctx, form)
	if err != nil {
		return err
	}
	text, err := tokenOf(form.Values)
	if err != nil {
		return err
	}
	if id, ok := guard.TokenNumber(text); ok {
		return s.revokeAccess(ctx, client, id, secret.New(text).Hash(), c)
	}
	chain, grant, ok, err := s.chainOf(ctx, text)
	if err != nil || !ok {
		return err
	}
	if grant.Client != client.ID {
		return notYours()
	}
	if client.Public {
		return s.revokeGrant(ctx, grant.ID, s.audit(c, client, grant))
	}
	return s.Store.RevokeChain(ctx, chain.ID, s.audit(c, client, grant))
}

// revokeGrant ends the whole connection: people are asked about a public
// client each time, so nothing comes of one that has no refresh token left.
func (s *Service) revokeGrant(ctx context.Context, id domain.GrantID, event domain.AuditEvent) error {
	err := s.Store.RevokeGrant(ctx, id, event)
	if domain.IsKind(err, domain.NotFound) {
		return nil // it has ended already
	}
	return err
}

func (s *Service) revokeAccess(ctx context.Context, client domain.Client, id domain.TokenID, hash secret.Hash, c domain.Caller) error {
	token, err := s.Store.AccessToken(ctx, id, hash)
	if domain.IsKind(err, domain.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if token.Key != 0 {
		return notYours() // it was issued to whoever brought the access key, and ends with that
	}
	grant, err := s.Store.Grant(ctx, token.Grant)
	if err != nil {
		return err
	}
	if grant.Client != client.ID {
		return notYours()
	}
	return s.Store.RevokeToken(ctx, id, hash, s.audit(c, client, grant))
}

// notYours refuses to revoke what was issued to another client (RFC 7009 §2.1).
func notYours() error {
	return domain.Errorf(domain.Invalid, "unauthorized_client", "This token was issued to another client.")
}

func (s *Service) audit(c domain.Caller, client domain.Client, grant domain.Grant) domain.AuditEvent {
	c.Credential, c.Client = domain.TokenCredential, client.ID
	event := domain.NewAudit(c, s.Now(), "token.revoke", "client "+string(client.ID))
	event.Subject = grant.User
	return event
}
