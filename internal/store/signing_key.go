package store

import (
	"context"
	"fmt"

	"github.com/thingward/thingward/internal/domain"
)

const selectSigningKey = `SELECT id, purpose, algorithm, public, sealed, created_at, retired_at FROM signing_keys`

func scanSigningKey(r row) (domain.SigningKey, error) {
	var k domain.SigningKey
	var created, retired int64
	err := r.Scan(&k.ID, &k.Purpose, &k.Algorithm, &k.Public, &k.Sealed, &created, &retired)
	k.CreatedAt, k.RetiredAt = fromMillis(created), fromMillis(retired)
	return k, err
}

// SigningKey returns the key in use for the purpose and the algorithm.
// NotFound: none was made yet.
func (s *Store) SigningKey(ctx context.Context, purpose, algorithm string) (domain.SigningKey, error) {
	key, err := scanSigningKey(s.queryRow(ctx, selectSigningKey+` WHERE purpose = $1 AND algorithm = $2 AND retired_at = 0`, purpose, algorithm))
	if err != nil {
		return domain.SigningKey{}, notFound(err, "signing_key_not_found", "There is no such signing key.")
	}
	return key, nil
}

// SigningKeys lists the signing keys, those that were retired too, newest
// first.
func (s *Store) SigningKeys(ctx context.Context) ([]domain.SigningKey, error) {
	rows, err := s.query(ctx, selectSigningKey+` ORDER BY id DESC`)
	keys, err := collect(rows, err, scanSigningKey)
	if err != nil {
		return nil, fmt.Errorf("signing keys: %w", err)
	}
	return keys, nil
}

// AddSigningKey stores a key unless there is one in use for its purpose and
// algorithm, and returns the one in use: of any number of callers at once all
// get the same.
func (s *Store) AddSigningKey(ctx context.Context, key domain.SigningKey, event domain.AuditEvent) (inUse domain.SigningKey, err error) {
	err = s.write(ctx, func(tx *Tx) error {
		added, err := tx.insertSigningKey(key)
		if err != nil {
			return err
		}
		inUse, err = scanSigningKey(tx.queryRow(selectSigningKey+` WHERE purpose = $1 AND algorithm = $2 AND retired_at = 0`, key.Purpose, key.Algorithm))
		if err != nil {
			return fmt.Errorf("signing key in use: %w", err)
		}
		if !added {
			return nil
		}
		return tx.audit(event)
	})
	return inUse, err
}

func (tx *Tx) insertSigningKey(k domain.SigningKey) (bool, error) {
	added, err := tx.execOne(`INSERT INTO signing_keys (purpose, algorithm, public, sealed, created_at, retired_at) VALUES ($1, $2, $3, $4, $5, 0)
		ON CONFLICT (purpose, algorithm) WHERE retired_at = 0 DO NOTHING`, k.Purpose, k.Algorithm, k.Public, k.Sealed, millis(k.CreatedAt))
	if err != nil {
		return false, fmt.Errorf("insert signing key: %w", err)
	}
	return added, nil
}

// RotateSigningKey puts a new key in the place of the one in use for its
// purpose and algorithm, whose private half is gone then. When it returns,
// this node signs with the new one. Where somebody else did the same at that
// moment, it is a Conflict (signing_key_rotated).
func (s *Store) RotateSigningKey(ctx context.Context, key domain.SigningKey, event domain.AuditEvent) error {
	return s.revoke(ctx, func(tx *Tx) error {
		_, err := tx.exec(`UPDATE signing_keys SET retired_at = $1, sealed = $2 WHERE purpose = $3 AND algorithm = $4 AND retired_at = 0`,
			millis(key.CreatedAt), []byte{}, key.Purpose, key.Algorithm)
		if err != nil {
			return fmt.Errorf("retire signing key: %w", err)
		}
		added, err := tx.insertSigningKey(key)
		if err != nil {
			return err
		}
		if !added {
			return domain.Errorf(domain.Conflict, "signing_key_rotated", "Somebody else rotated the key just now.")
		}
		tx.note(TopicSigningKey, key.Purpose)
		return tx.audit(event)
	})
}
