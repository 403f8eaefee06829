package key

import (
	"context"

	"github.com/thingward/thingward/internal/domain"
)

const shownUses = 500

// Uses returns what a key of the caller did with which thing, newest first.
// Counts are at most a few seconds behind.
func (s *Service) Uses(ctx context.Context, c domain.Caller, id domain.KeyID) ([]domain.DayUse, error) {
	key, err := s.own(ctx, c, id)
	if err != nil {
		return nil, err
	}
	counted, err := s.Reader.CredentialUses(ctx, key.Grant.ID, shownUses)
	if err != nil {
		return nil, err
	}
	return s.Finder.DayUses(ctx, counted)
}
