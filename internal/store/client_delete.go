package store

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// A client may have a hundred thousand connections, and to end them all in one
// commit would hold every other writer up for seconds. What is issued through
// a client asks for the client at each use, so all of it is dead with the
// commit that deletes the client; its grants are ended in short commits then.

// endBatch is how many grants one commit ends: little enough that nobody who
// waits for the same commit notices, and that one notice to the other nodes
// names them all.
const endBatch = 200

// ending is the name of the fact that grants of a deleted client are still to
// be ended, without the id of the client.
const ending = "ending."

// DeleteClient ends a client and all that was issued through it: no token of
// it is accepted when DeleteClient returns. Its id stays taken. Where ctx ends
// early, SweepDeletedClients ends the rest of the grants.
func (s *Store) DeleteClient(ctx context.Context, id domain.ClientID, event domain.AuditEvent) error {
	if !storable(string(id)) {
		return clientMissing(errNoRows)
	}
	var at grantPlace
	err := s.revoke(ctx, func(tx *Tx) (err error) {
		if err := tx.deleteClient(id, event.At); err != nil {
			return err
		}
		if at, err = tx.endSomeGrantsOf(id, event.At, grantPlace{}); err != nil {
			return err
		}
		if at.more {
			if err := tx.setFact(ending+string(id), ""); err != nil {
				return err
			}
		}
		tx.note(topicClient, string(id))
		return tx.audit(event)
	})
	for err == nil && at.more {
		if at, err = s.endGrantsOf(ctx, id, event.At, at); err != nil {
			s.log.Warn("the grants of a deleted client are ended later", slog.String("client", string(id)), slog.String("error", err.Error()))
			return nil // it is deleted, and nothing of it holds
		}
	}
	return err
}

func (tx *Tx) deleteClient(id domain.ClientID, at time.Time) error {
	deleted, err := tx.execOne(`UPDATE clients SET deleted_at = $1, changed_at = $1 WHERE id = $2 AND deleted_at = 0`, millis(at), string(id))
	if err != nil {
		return fmt.Errorf("delete client: %w", err)
	}
	if !deleted {
		return clientMissing(errNoRows)
	}
	for _, text := range []string{`DELETE FROM client_secrets WHERE client_id = $1`, `DELETE FROM client_testers WHERE client_id = $1`} {
		if _, err := tx.exec(text, string(id)); err != nil {
			return fmt.Errorf("drop what belongs to a client: %w", err)
		}
	}
	return nil
}

// SweepDeletedClients ends grants of clients whose deletion was cut short, as
// many as fit into one short commit, and says how many commits it took.
func (s *Store) SweepDeletedClients(ctx context.Context, now time.Time) (int64, error) {
	var name string
	err := s.queryRow(ctx, `SELECT name FROM facts WHERE name > $1 AND name < $2 ORDER BY name LIMIT 1`, ending, ending+"\x7f").Scan(&name)
	if isNoRows(err) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("deleted clients: %w", err)
	}
	_, err = s.endGrantsOf(ctx, domain.ClientID(strings.TrimPrefix(name, ending)), now, grantPlace{})
	return 1, err
}

// grantPlace is how far the walk through the living grants of a client came.
type grantPlace struct {
	user domain.UserID
	id   domain.GrantID
	more bool // there may be grants behind it
}

// endGrantsOf ends some grants of a deleted client behind a place.
func (s *Store) endGrantsOf(ctx context.Context, id domain.ClientID, now time.Time, from grantPlace) (to grantPlace, err error) {
	err = s.write(ctx, func(tx *Tx) (err error) {
		if to, err = tx.endSomeGrantsOf(id, now, from); err != nil || to.more {
			return err
		}
		if _, err := tx.exec(`DELETE FROM facts WHERE name = $1`, ending+string(id)); err != nil {
			return fmt.Errorf("all grants of a client are ended: %w", err)
		}
		return nil
	})
	return to, err
}

// endSomeGrantsOf ends up to endBatch of what people allowed a client.
func (tx *Tx) endSomeGrantsOf(id domain.ClientID, now time.Time, from grantPlace) (to grantPlace, err error) {
	rows, err := tx.query(`SELECT g.user_id, g.id FROM grants g WHERE g.client_id = $1 AND g.revoked_at = 0 AND (g.user_id, g.id) > ($2, $3)
		ORDER BY g.user_id, g.id LIMIT $4`, string(id), from.user, from.id, endBatch)
	places, err := collect(rows, err, func(r row) (p grantPlace, err error) { return p, r.Scan(&p.user, &p.id) })
	if err != nil {
		return grantPlace{}, fmt.Errorf("grants of a client: %w", err)
	}
	if len(places) == 0 {
		return grantPlace{}, nil
	}
	to = places[len(places)-1]
	to.more = len(places) == endBatch
	ids := make([]domain.GrantID, endBatch) // always as many, so that one prepared statement serves
	for i := range ids {
		ids[i] = places[min(i, len(places)-1)].id
	}
	c := &condition{args: []any{millis(now)}}
	c.add("revoked_at = 0")
	c.add("id IN ("+marks(len(ids))+")", anys(ids)...)
	if _, err := tx.exec("UPDATE grants SET revoked_at = $1, generation = generation + 1"+c.where(), c.args...); err != nil {
		return grantPlace{}, fmt.Errorf("revoke the grants of a client: %w", err)
	}
	for _, place := range places {
		tx.note(topicGrant, formatID(place.id))
	}
	return to, nil
}
