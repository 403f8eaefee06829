package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// rightsText reads what everybody was given on one thing: it is found by the
// thing, however many its users have.
const rightsText = `SELECT user_id, rights FROM collaborators WHERE noun = $1 AND thing_id = $2 ORDER BY user_id`

// GivenRights returns what the user was given on the thing; nothing where he
// is no collaborator. It is answered from memory until that changes.
func (s *Store) GivenRights(ctx context.Context, thing domain.ThingKey, user domain.UserID) (domain.RightSet, error) {
	given, generation, ok := s.caches.shares.get(thing)
	if ok {
		return given[user], nil
	}
	rows, err := s.query(ctx, rightsText, string(thing.Noun), thing.ID)
	list, err := collect(rows, err, func(r row) (c domain.Collaborator, err error) {
		var names string
		if err := r.Scan(&c.User, &names); err != nil {
			return c, err
		}
		c.Rights, err = parseRights(thing.Noun, names)
		return c, err
	})
	if err != nil {
		return 0, fmt.Errorf("rights on a %s: %w", thing.Noun, err)
	}
	given = make(map[domain.UserID]domain.RightSet, len(list))
	for _, c := range list {
		given[c.User] = c.Rights
	}
	s.caches.shares.fill(thing, generation, given)
	return given[user], nil
}

// parseRights reads rights as they are stored.
func parseRights(noun domain.Noun, names string) (domain.RightSet, error) {
	return domain.ParseRights(noun, strings.Fields(names)...)
}

// behind returns a row whose first columns are scanned into first, and the
// others by whoever gets it.
func behind(r row, first ...any) row { return leading{r, first} }

type leading struct {
	row   row
	first []any
}

// Scan is part of row.
func (l leading) Scan(into ...any) error { return l.row.Scan(append(l.first, into...)...) }

const collaboratorColumns = `u.id, o.name, u.email, k.rights, k.added_at FROM collaborators k JOIN users u ON u.id = k.user_id JOIN owners o ON o.id = u.id`

func scanCollaborator(noun domain.Noun) func(row) (domain.Collaborator, error) {
	return func(r row) (domain.Collaborator, error) {
		var c domain.Collaborator
		var names string
		var added int64
		if err := r.Scan(&c.User, &c.Name, &c.Email, &names, &added); err != nil {
			return c, err
		}
		c.AddedAt = fromMillis(added)
		var err error
		c.Rights, err = parseRights(noun, names)
		return c, err
	}
}

// Collaborators returns who works on a thing: its owner, then the others in
// the order in which they came. The owner of a sensor or device, who is noted
// nowhere, has all rights.
func (s *Store) Collaborators(ctx context.Context, thing domain.Thing) ([]domain.Collaborator, error) {
	rows, err := s.query(ctx, `SELECT `+collaboratorColumns+` WHERE k.noun = $1 AND k.thing_id = $2 ORDER BY k.added_at, k.user_id`, string(thing.Noun), thing.ID)
	list, err := collect(rows, err, scanCollaborator(thing.Noun))
	if err != nil {
		return nil, fmt.Errorf("collaborators of a %s: %w", thing.Noun, err)
	}
	isOwner := func(c domain.Collaborator) bool { return c.User.Owner() == thing.Owner }
	if at := slices.IndexFunc(list, isOwner); at >= 0 {
		owner := list[at]
		owner.Owner = true
		return slices.Insert(slices.Delete(list, at, at+1), 0, owner), nil
	}
	owner, err := s.UserByID(ctx, domain.UserID(thing.Owner))
	if err != nil {
		return nil, fmt.Errorf("owner of a %s: %w", thing.Noun, err)
	}
	return slices.Insert(list, 0, domain.Collaborator{User: owner.ID, Name: owner.Name, Email: owner.Email, Rights: domain.AllRights(thing.Noun), Owner: true}), nil
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

// dropCollaborators removes everybody from a thing that is deleted for good.
func (tx *Tx) dropCollaborators(thing domain.ThingKey) error {
	if _, err := tx.exec(`DELETE FROM collaborators WHERE noun = $1 AND thing_id = $2`, string(thing.Noun), thing.ID); err != nil {
		return fmt.Errorf("end the sharing of a %s: %w", thing.Noun, err)
	}
	tx.noteShare(thing)
	return nil
}
