package store

import (
	"context"
	"fmt"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// networkKind is what the store needs to know of applications, gateways or
// components to treat them alike: they live, are deleted, can be restored for
// a while and are then purged, and their names are never given out again.
type networkKind struct {
	noun         domain.Noun
	table, topic string
}

var (
	gatewayKind   = networkKind{domain.NounGateway, "gateways", topicGateway}
	componentKind = networkKind{domain.NounComponent, "components", topicComponent}
)

func (k networkKind) thing(id int64) domain.ThingKey { return domain.ThingKey{Noun: k.noun, ID: id} }

func (k networkKind) missing(err error) error {
	return notFound(err, string(k.noun)+"_not_found", "There is no such %s, or it is not yours to see.", k.noun)
}

// taken says that a name is or was in use, by whomever.
func (k networkKind) taken(name string) error {
	const message = "The id %s is taken, or was: ids are never given out again. Choose another one; if it was yours and was deleted, restore it."
	text := fmt.Sprintf(message, name)
	return &domain.Error{Kind: domain.Conflict, Code: string(k.noun) + "_id_taken", Message: text, Fields: map[string]string{"id": text}}
}

// lockNetwork keeps others from changing a living thing until the transaction
// ends: the update locks its row in PostgreSQL.
func (tx *Tx) lockNetwork(k networkKind, id int64) error {
	there, err := tx.execOne(`UPDATE `+k.table+` SET changed_at = changed_at WHERE id = $1 AND deleted_at = 0`, id)
	if err == nil && !there {
		err = errNoRows
	}
	return k.missing(err)
}

// lockDeleted is lockNetwork for a deleted thing that can still be restored,
// by its name.
func (tx *Tx) lockDeleted(k networkKind, name string) (id int64, err error) {
	if !storable(name) {
		return 0, k.missing(errNoRows)
	}
	err = tx.queryRow(`UPDATE `+k.table+` SET changed_at = changed_at WHERE name = $1 AND deleted_at > $2 AND purged_at = 0 RETURNING id`,
		name, millis(tx.s.now().Add(-domain.RestoreWithin))).Scan(&id)
	return id, k.missing(err)
}

// setDeleted deletes a thing at a time, or restores it at the zero time.
func (tx *Tx) setDeleted(k networkKind, id int64, name string, at time.Time) error {
	if _, err := tx.exec(`UPDATE `+k.table+` SET deleted_at = $1, changed_at = $2 WHERE id = $3`, millis(at), millis(tx.s.now()), id); err != nil {
		return fmt.Errorf("delete or restore a %s: %w", k.noun, err)
	}
	noteNetwork(tx, k.topic, id, name)
	return nil
}

// given returns what the user was given on a thing, as it stands in the
// transaction.
func (tx *Tx) given(thing domain.ThingKey, user domain.UserID) (domain.RightSet, error) {
	var names string
	err := tx.queryRow(`SELECT rights FROM collaborators WHERE noun = $1 AND thing_id = $2 AND user_id = $3`, string(thing.Noun), thing.ID, user).Scan(&names)
	if isNoRows(err) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("rights on a %s: %w", thing.Noun, err)
	}
	return parseRights(thing.Noun, names)
}

// auditNetwork writes an act on a thing, which its owner sees too where
// somebody else did it.
func (tx *Tx) auditNetwork(by domain.Caller, act string, thing domain.Thing, name string) error {
	event := domain.NewAudit(by, tx.s.now(), string(thing.Noun)+"."+act, string(thing.Noun)+" "+name)
	event.Subject = domain.UserID(thing.Owner)
	return tx.audit(event)
}

// purgeBatch is how many deleted things one commit purges.
const purgeBatch = 20

// purgeNetwork forgets things whose time to be restored is over: their keys
// and collaborators, and what forget removes. Their rows stay, so that nobody
// gets their names. It returns how many there were, as many as fit into one
// short commit.
func (s *Store) purgeNetwork(ctx context.Context, k networkKind, now time.Time, forget func(tx *Tx, id int64) error) (int64, error) {
	var purged int64
	err := s.write(ctx, func(tx *Tx) error {
		purged = 0
		rows, err := tx.query(`SELECT id, name FROM `+k.table+` WHERE deleted_at > 0 AND purged_at = 0 AND deleted_at <= $1 ORDER BY deleted_at LIMIT $2`,
			millis(now.Add(-domain.RestoreWithin)), purgeBatch)
		type named struct {
			id   int64
			name string
		}
		list, err := collect(rows, err, func(r row) (n named, err error) { return n, r.Scan(&n.id, &n.name) })
		if err != nil {
			return err
		}
		for _, thing := range list {
			if err := tx.purge(k, thing.id, now); err != nil {
				return err
			}
			if err := forget(tx, thing.id); err != nil {
				return err
			}
			noteNetwork(tx, k.topic, thing.id, thing.name)
			purged++
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("purge %s: %w", k.table, err)
	}
	return purged, nil
}

// purge forgets what every kind of thing has.
func (tx *Tx) purge(k networkKind, id int64, now time.Time) error {
	if err := tx.dropCollaborators(k.thing(id)); err != nil {
		return err
	}
	if _, err := tx.exec(`DELETE FROM access_keys WHERE noun = $1 AND thing_id = $2`, string(k.noun), id); err != nil {
		return err
	}
	_, err := tx.exec(`UPDATE `+k.table+` SET purged_at = $1 WHERE id = $2`, millis(now), id)
	return err
}
