package store

import (
	"context"
	"fmt"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// RotateClientSecret gives a confidential client a new secret. Those before it
// work until oldUntil at most; with the zero time they stop at once.
func (s *Store) RotateClientSecret(ctx context.Context, id domain.ClientID, next domain.NewStoredSecret, oldUntil time.Time, event domain.AuditEvent) error {
	now := event.At
	return s.write(ctx, func(tx *Tx) error {
		c, err := tx.lockClient(id, now)
		if err != nil {
			return err
		}
		if c.Public {
			return domain.Errorf(domain.Conflict, "no_secret", "A public app has no secret.")
		}
		var last int64
		if err := tx.queryRow(`SELECT COALESCE(MAX(number), 0) FROM client_secrets WHERE client_id = $1`, string(id)).Scan(&last); err != nil {
			return fmt.Errorf("last secret of a client: %w", err)
		}
		until := millis(oldUntil)
		if oldUntil.IsZero() {
			until = millis(now)
		}
		_, err = tx.exec(`UPDATE client_secrets SET expires_at = $1, sealed = NULL
			WHERE client_id = $2 AND (expires_at = 0 OR expires_at > $1)`, until, string(id))
		if err != nil {
			return fmt.Errorf("expire old secrets: %w", err)
		}
		if _, err := tx.exec(`DELETE FROM client_secrets WHERE client_id = $1 AND expires_at > 0 AND expires_at <= $2`, string(id), millis(now)); err != nil {
			return fmt.Errorf("drop old secrets: %w", err)
		}
		if err := tx.insertClientSecret(id, last+1, next, now); err != nil {
			return err
		}
		tx.note(topicClient, string(id))
		return tx.audit(event)
	})
}

// SealedClientSecret returns the sealed current secret and its number, and
// records that somebody looked at it. It is empty where none was kept.
func (s *Store) SealedClientSecret(ctx context.Context, id domain.ClientID, event domain.AuditEvent) (sealed []byte, number int64, err error) {
	if !storable(string(id)) {
		return nil, 0, clientMissing(errNoRows)
	}
	err = s.write(ctx, func(tx *Tx) error {
		err := tx.queryRow(`SELECT sealed, number FROM client_secrets WHERE client_id = $1 AND expires_at = 0`, string(id)).Scan(&sealed, &number)
		if err != nil {
			return clientMissing(err)
		}
		return tx.audit(event)
	})
	return sealed, number, err
}

// SealedClientSecrets returns the sealed current secrets of the newest clients.
func (s *Store) SealedClientSecrets(ctx context.Context, limit int) ([]domain.SealedClientSecret, error) {
	rows, err := s.query(ctx, `SELECT client_id, number, sealed FROM client_secrets
		WHERE sealed IS NOT NULL AND expires_at = 0 ORDER BY created_at DESC, client_id LIMIT $1`, limit)
	return collect(rows, err, func(r row) (p domain.SealedClientSecret, err error) {
		return p, r.Scan(&p.Client, &p.Number, &p.Sealed)
	})
}
