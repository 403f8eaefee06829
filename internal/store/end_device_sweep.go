package store

import (
	"context"
	"fmt"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// leaving is the name of the fact that end devices of former registrations of
// an application are still to be removed, without the id of the application.
const leaving = "leaving.application."

// leaveBatch is how many end devices one commit removes: little enough that
// nobody who waits for the same commit notices.
const leaveBatch = 200

// endRegistration makes the end devices of an application gone: they belong to
// a registration that has ended.
func (tx *Tx) endRegistration(id domain.ApplicationID) error {
	const text = `UPDATE applications SET registered_at = 0, registration = registration + 1, payload_format = '', join_key_id = 0, end_devices = 0, next_place = 1 WHERE id = $1`
	if _, err := tx.exec(text, id); err != nil {
		return fmt.Errorf("end the registration of an application: %w", err)
	}
	return tx.setFact(leaving+formatID(id), "")
}

// SweepEndDevices removes end devices of registrations that have ended, as
// many as fit into one short commit, and says how many commits it took.
func (s *Store) SweepEndDevices(ctx context.Context, _ time.Time) (int64, error) {
	var name string
	err := s.queryRow(ctx, `SELECT name FROM facts WHERE name > $1 AND name < $2 ORDER BY name LIMIT 1`, leaving, leaving+"\x7f").Scan(&name)
	if isNoRows(err) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("ended registrations: %w", err)
	}
	id := domain.ApplicationID(parseID(name[len(leaving):]))
	return 1, s.write(ctx, func(tx *Tx) error { return tx.removeLeft(id, name) })
}

// removeLeft removes some of what is left of the former registrations of an
// application, and the fact that there is something when it was the last.
func (tx *Tx) removeLeft(id domain.ApplicationID, fact string) error {
	// Whoever ends another registration waits: its fact must not be lost.
	if _, err := tx.exec(`UPDATE applications SET next_place = next_place WHERE id = $1`, id); err != nil {
		return fmt.Errorf("lock application: %w", err)
	}
	result, err := tx.exec(`DELETE FROM end_devices WHERE id IN (SELECT d.id FROM end_devices d WHERE d.application_id = $1
		AND d.registration < (SELECT registration FROM applications WHERE id = $1) ORDER BY d.registration, d.place LIMIT $2)`, id, leaveBatch)
	if err != nil {
		return fmt.Errorf("remove end devices: %w", err)
	}
	removed, err := result.RowsAffected()
	if err != nil || removed == leaveBatch {
		return err
	}
	if _, err := tx.exec(`DELETE FROM end_device_blocks WHERE application_id = $1 AND registration < (SELECT registration FROM applications WHERE id = $1)`, id); err != nil {
		return fmt.Errorf("remove blocks of end devices: %w", err)
	}
	if _, err := tx.exec(`DELETE FROM facts WHERE name = $1`, fact); err != nil {
		return fmt.Errorf("all end devices of a registration are removed: %w", err)
	}
	return nil
}
