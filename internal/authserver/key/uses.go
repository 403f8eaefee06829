package key

import (
	"context"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// Use is what a key did with one thing on one day.
type Use struct {
	Thing   string // full name, or "sensor 7 (deleted)"
	Right   domain.Right
	Day     time.Time // midnight, UTC
	Uses    int64
	LastAt  time.Time
	Address string
}

const shownUses = 500

// Uses returns what a key of the caller did with which thing, newest first.
// Counts are at most a few seconds behind.
func (s *Service) Uses(ctx context.Context, c domain.Caller, id domain.KeyID) ([]Use, error) {
	key, err := s.own(ctx, c, id)
	if err != nil {
		return nil, err
	}
	counted, err := s.Reader.CredentialUses(ctx, key.Grant.ID, shownUses)
	if err != nil {
		return nil, err
	}
	names, err := s.Finder.ThingNames(ctx, counted)
	if err != nil {
		return nil, err
	}
	uses := make([]Use, len(counted))
	for i, use := range counted {
		uses[i] = Use{Thing: names[use.Thing], Right: use.Right, Day: time.Unix(use.Day*86400, 0).UTC(), Uses: use.Uses, LastAt: use.LastAt}
		if use.Address.IsValid() {
			uses[i].Address = use.Address.String()
		}
		if uses[i].Thing == "" {
			uses[i].Thing = string(use.Thing.Noun) + " " + domain.ThingRef(use.Thing.ID) + " (deleted)"
		}
	}
	return uses, nil
}
