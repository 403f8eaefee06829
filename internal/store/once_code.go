package store

import (
	"context"
	"fmt"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// CreateOnceCode stores a code.
func (s *Store) CreateOnceCode(ctx context.Context, code domain.OnceCode, event domain.AuditEvent) error {
	const text = `INSERT INTO once_codes (hash, purpose, created_at, expires_at, used_at) VALUES ($1, $2, $3, $4, 0)`
	return s.write(ctx, func(tx *Tx) error {
		if _, err := tx.exec(text, code.Hash.Bytes(), string(code.Purpose), millis(tx.s.now()), millis(code.ExpiresAt)); err != nil {
			return fmt.Errorf("insert code: %w", err)
		}
		return tx.audit(event)
	})
}

// redeemCode uses a code up. Of any number of callers at once one succeeds;
// the others get Forbidden (code_not_valid), as does whoever brings an unknown
// or expired code or one of another purpose.
func (tx *Tx) redeemCode(purpose domain.OncePurpose, code secret.Hash) error {
	const text = `UPDATE once_codes SET used_at = $1 WHERE hash = $2 AND purpose = $3 AND used_at = 0 AND expires_at > $1`
	redeemed, err := tx.execOne(text, millis(tx.s.now()), code.Bytes(), string(purpose))
	if err != nil {
		return fmt.Errorf("redeem code: %w", err)
	}
	if !redeemed {
		return domain.Errorf(domain.Forbidden, "code_not_valid", "This code is not valid: it was used, has expired, or was never given out.")
	}
	return nil
}

// onceCodeKept is how long a code that is used or expired is kept, so that
// whoever comes late learns as much.
const onceCodeKept = 7 * 24 * time.Hour

// SweepOnceCodes forgets codes that expired long ago and returns how many.
func (s *Store) SweepOnceCodes(ctx context.Context) (int64, error) {
	var swept int64
	err := s.write(ctx, func(tx *Tx) error {
		result, err := tx.exec(`DELETE FROM once_codes WHERE expires_at < $1`, millis(tx.s.now().Add(-onceCodeKept)))
		if err != nil {
			return fmt.Errorf("sweep codes: %w", err)
		}
		swept, err = result.RowsAffected()
		return err
	})
	return swept, err
}
