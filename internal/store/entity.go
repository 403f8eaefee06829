package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/thingward/thingward/internal/domain"
)

// entityPage names a list of entities in the cache.
type entityPage struct {
	user  domain.UserID
	noun  domain.Noun
	limit int
}

// Entities returns the applications, gateways or components that the user
// works on, in the order of their age, and no more than the limit. It is
// answered from memory until one of them or who works on it changes: the list
// is shared and must not be changed.
func (s *Store) Entities(ctx context.Context, user domain.UserID, noun domain.Noun, limit int) ([]domain.Entity, error) {
	page := entityPage{user, noun, limit}
	entities, generation, ok := s.caches.entities.get(page)
	if ok {
		return entities, nil
	}
	table, known := networkTables[noun]
	if !known {
		return nil, nil
	}
	rows, err := s.query(ctx, `SELECT c.thing_id, t.name, c.rights FROM collaborators c JOIN `+table+` t ON t.id = c.thing_id AND t.deleted_at = 0
		WHERE c.user_id = $1 AND c.noun = $2 ORDER BY c.thing_id LIMIT $3`, user, string(noun), limit)
	entities, err = collect(rows, err, func(r row) (domain.Entity, error) {
		e := domain.Entity{Noun: noun}
		var rights string
		if err := r.Scan(&e.ID, &e.Name, &rights); err != nil {
			return e, err
		}
		var err error
		e.Rights, err = domain.ParseRights(noun, strings.Fields(rights)...)
		return e, err
	})
	if err != nil {
		return nil, fmt.Errorf("what a user works on: %w", err)
	}
	s.caches.entities.fill(page, generation, entities)
	return entities, nil
}
