package client

import (
	"context"
	"fmt"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
)

// RotateSecret gives a confidential client a new secret. The old one works for
// the overlap, so that programs can be changed one after the other; with zero
// it stops at once. Public clients have none: Conflict (no_secret).
func (s *Service) RotateSecret(ctx context.Context, c domain.Caller, id domain.ClientID, overlap time.Duration) (secret.Secret, error) {
	if err := domain.CheckOverlap(overlap); err != nil {
		return secret.Secret{}, err
	}
	client, err := s.own(ctx, c, id)
	if err != nil {
		return secret.Secret{}, err
	}
	event := s.event(c, "client.rotate_secret", client, "")
	var oldUntil time.Time
	if overlap > 0 {
		oldUntil = event.At.Add(overlap)
	}
	next := secret.Generate(secret.ClientSecret)
	if err := s.Store.RotateClientSecret(ctx, id, s.stored(id, next), oldUntil, event); err != nil {
		return secret.Secret{}, fmt.Errorf("rotate client secret: %w", err)
	}
	return next, nil
}

// ViewSecret returns the secret of a client again. It needs its owner in
// person, with a fresh password (Forbidden password_needed otherwise), and
// leaves an audit event (SECURITY.md, Viewable secrets).
func (s *Service) ViewSecret(ctx context.Context, c domain.Caller, id domain.ClientID) (secret.Secret, error) {
	client, err := s.own(ctx, c, id)
	if err != nil {
		return secret.Secret{}, err
	}
	if err := guard.RequireFresh(ctx, s.Reader, c, s.Now()); err != nil {
		return secret.Secret{}, err
	}
	switch {
	case client.Public:
		return secret.Secret{}, domain.Errorf(domain.Conflict, "no_secret", "A public app has no secret.")
	case !client.Viewable || s.Sealer == nil:
		return secret.Secret{}, domain.Errorf(domain.Conflict, "not_viewable", "The secret of this app was shown once and not kept. Rotate it to get a new one.")
	}
	sealed, number, err := s.Store.SealedClientSecret(ctx, id, s.event(c, "client.view_secret", client, ""))
	if err != nil {
		return secret.Secret{}, fmt.Errorf("view client secret: %w", err)
	}
	return s.Sealer.Open(sealed, sealRow(id, number))
}

// stored hashes a random secret and seals it where secrets are viewable.
func (s *Service) stored(id domain.ClientID, text secret.Secret) domain.NewStoredSecret {
	return domain.NewStoredSecret{Hash: text.Hash(), Seal: func(number int64) []byte {
		if s.Sealer == nil {
			return nil
		}
		return s.Sealer.Seal(text, sealRow(id, number))
	}}
}

func sealRow(id domain.ClientID, number int64) string { return fmt.Sprintf("client:%s:%d", id, number) }

const examined = 20

// ExamineSealed opens the newest sealed secrets and returns how many opened.
// An error says that one did not: the server key is not the one that made it.
func (s *Service) ExamineSealed(ctx context.Context) (int, error) {
	sealed, err := s.Reader.SealedClientSecrets(ctx, examined)
	if err != nil {
		return 0, err
	}
	for _, p := range sealed {
		if _, err := s.Sealer.Open(p.Sealed, sealRow(p.Client, p.Number)); err != nil {
			return 0, fmt.Errorf("the secret of app %s does not open: %w", p.Client, err)
		}
	}
	return len(sealed), nil
}
