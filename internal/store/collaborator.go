package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// GivenRights returns what the user was given on the thing; nothing where he
// is no collaborator. It is answered from memory until that changes.
func (s *Store) GivenRights(ctx context.Context, thing domain.ThingKey, user domain.UserID) (domain.RightSet, error) {
	given, generation, ok := s.caches.shares.get(thing)
	if ok {
		return given[user], nil
	}
	rows, err := s.query(ctx, `SELECT user_id, rights FROM collaborators WHERE noun = $1 AND thing_id = $2 ORDER BY user_id`, string(thing.Noun), thing.ID)
	type one struct {
		user   domain.UserID
		rights domain.RightSet
	}
	list, err := collect(rows, err, func(r row) (o one, err error) {
		var names string
		if err := r.Scan(&o.user, &names); err != nil {
			return o, err
		}
		o.rights, err = domain.ParseRights(thing.Noun, strings.Fields(names)...)
		return o, err
	})
	if err != nil {
		return 0, fmt.Errorf("rights on a %s: %w", thing.Noun, err)
	}
	given = make(map[domain.UserID]domain.RightSet, len(list))
	for _, o := range list {
		given[o.user] = o.rights
	}
	s.caches.shares.fill(thing, generation, given)
	return given[user], nil
}

// noteShare tells that who works on a thing changed.
func (tx *Tx) noteShare(thing domain.ThingKey) {
	tx.note(topicShare, string(thing.Noun)+":"+formatID(thing.ID))
}

// addOwner notes the owner of a new application, gateway or component among
// its collaborators.
func (tx *Tx) addOwner(thing domain.ThingKey, user domain.UserID, at time.Time) error {
	_, err := tx.exec(`INSERT INTO collaborators (noun, thing_id, user_id, rights, added_at) VALUES ($1, $2, $3, $4, $5)`,
		string(thing.Noun), thing.ID, user, domain.CreatorRights(thing.Noun).PrintRights(), millis(at))
	if err != nil {
		return fmt.Errorf("note the owner of a %s: %w", thing.Noun, err)
	}
	tx.noteShare(thing)
	return nil
}
