package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/thingward/thingward/internal/domain"
)

// CollaboratorsIn is Collaborators for many applications, gateways or
// components, by their ids: whose owners are noted among the others.
func (s *Store) CollaboratorsIn(ctx context.Context, noun domain.Noun, things []domain.Thing) (map[int64][]domain.Collaborator, error) {
	all := make(map[int64][]domain.Collaborator, len(things))
	for some := range slices.Chunk(things, idsAtOnce) {
		owners, ids := make(map[int64]domain.OwnerID, len(some)), make([]int64, len(some))
		for i, thing := range some {
			ids[i], owners[thing.ID] = thing.ID, thing.Owner
		}
		c := &condition{}
		c.add("k.noun = ?", string(noun))
		c.add("k.thing_id IN ("+marks(len(ids))+")", anys(ids)...)
		rows, err := s.queryOnce(ctx, `SELECT k.thing_id, `+collaboratorColumns+c.where()+` ORDER BY k.thing_id, k.added_at, k.user_id`, c.args...)
		_, err = collect(rows, err, func(r row) (struct{}, error) {
			var id int64
			one, err := scanCollaborator(noun)(behind(r, &id))
			if one.Owner = one.User.Owner() == owners[id]; one.Owner {
				all[id] = slices.Insert(all[id], 0, one)
			} else {
				all[id] = append(all[id], one)
			}
			return struct{}{}, err
		})
		if err != nil {
			return nil, fmt.Errorf("collaborators of many %ss: %w", noun, err)
		}
	}
	return all, nil
}
