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
	return s.write(ctx, func(tx *Tx) error {
		if err := tx.insertOnceCode(code); err != nil {
			return err
		}
		return tx.audit(event)
	})
}

func (tx *Tx) insertOnceCode(code domain.OnceCode) error {
	const text = `INSERT INTO once_codes (hash, purpose, created_at, expires_at, used_at, user_id, email) VALUES ($1, $2, $3, $4, 0, $5, $6)`
	_, err := tx.exec(text, code.Hash.Bytes(), string(code.Purpose), millis(tx.s.now()), millis(code.ExpiresAt), code.User, code.Email)
	if err != nil {
		return fmt.Errorf("insert code: %w", err)
	}
	return nil
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
		return badCode()
	}
	return nil
}

func badCode() error {
	return domain.Errorf(domain.Forbidden, "code_not_valid", "This code is not valid: it was used, has expired, or was never given out.")
}

// redeemMailed is redeemCode for a code that was mailed to a user. It returns
// him and the address.
func (tx *Tx) redeemMailed(purpose domain.OncePurpose, code secret.Hash) (user domain.UserID, address string, err error) {
	const text = `UPDATE once_codes SET used_at = $1 WHERE hash = $2 AND purpose = $3 AND used_at = 0 AND expires_at > $1 AND user_id > 0
		RETURNING user_id, email`
	err = tx.queryRow(text, millis(tx.s.now()), code.Bytes(), string(purpose)).Scan(&user, &address)
	if isNoRows(err) {
		return 0, "", badCode()
	}
	if err != nil {
		return 0, "", fmt.Errorf("redeem code: %w", err)
	}
	return user, address, nil
}

// endCodes ends all codes of a purpose that a user was mailed.
func (tx *Tx) endCodes(purpose domain.OncePurpose, user domain.UserID) error {
	const text = `UPDATE once_codes SET used_at = $1 WHERE user_id = $2 AND purpose = $3 AND used_at = 0`
	if _, err := tx.exec(text, millis(tx.s.now()), user, string(purpose)); err != nil {
		return fmt.Errorf("end codes: %w", err)
	}
	return nil
}

// endMailed ends what was mailed to a user before he set a new password: codes
// for another one, and those with which an address that is not his yet would
// become his. Whoever had got in may have asked for them.
func (tx *Tx) endMailed(user domain.UserID) error {
	const text = `UPDATE once_codes SET used_at = $1 WHERE user_id = $2 AND purpose = $3 AND used_at = 0 AND email <> (SELECT email FROM users WHERE id = $2)`
	if _, err := tx.exec(text, millis(tx.s.now()), user, string(domain.ProveCode)); err != nil {
		return fmt.Errorf("end codes for other addresses: %w", err)
	}
	return tx.endCodes(domain.ResetCode, user)
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
