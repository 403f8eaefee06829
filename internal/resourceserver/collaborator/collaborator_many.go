package collaborator

import (
	"context"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
)

// ListIn is List for many applications, gateways or components that were
// looked up for the caller, by their ids. Of those on which he does not work
// himself nobody is listed.
func (s *Service) ListIn(ctx context.Context, c domain.Caller, noun domain.Noun, things ...domain.Thing) (map[int64][]domain.Collaborator, error) {
	worked := []domain.Thing{}
	for _, thing := range things {
		thing.Public = false // its people are not
		if guard.May(c, domain.SeeRight(noun), thing) {
			worked = append(worked, thing)
		}
	}
	if len(worked) == 0 {
		return map[int64][]domain.Collaborator{}, nil
	}
	lists, err := s.Store.CollaboratorsIn(ctx, noun, worked)
	for _, list := range lists {
		tellAddresses(c, list)
	}
	return lists, err
}
