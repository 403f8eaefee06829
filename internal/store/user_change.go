package store

import (
	"context"
	"fmt"

	"github.com/thingward/thingward/internal/domain"
)

// SetPassword changes a password and, in the same transaction, ends the other
// sessions of the user. Of two changes from the same old password the second
// is a Conflict. Codes that were mailed for a forgotten password end too.
func (s *Store) SetPassword(ctx context.Context, change domain.PasswordChange, event domain.AuditEvent, mails ...domain.NewMail) error {
	const text = `UPDATE users SET password_hash = $1 WHERE id = $2 AND ($3 = '' OR password_hash = $3)`
	return s.write(ctx, func(tx *Tx) error {
		ok, err := tx.execOne(text, change.New, change.User, change.Old)
		if err != nil {
			return fmt.Errorf("set password: %w", err)
		}
		if !ok {
			return domain.Errorf(domain.Conflict, "password_changed", "The password was changed in the meantime. Sign in with the new one.")
		}
		if err := tx.endSessions(change.User, change.Keep); err != nil {
			return err
		}
		if err := tx.endMailed(change.User); err != nil {
			return err
		}
		tx.note(topicUser, formatID(change.User))
		if err := tx.mail(mails...); err != nil {
			return err
		}
		return tx.audit(event)
	})
}

// UpdateProfile writes what a user may change about himself. An address that
// differs from the one that is stored is not proven from then on.
func (s *Store) UpdateProfile(ctx context.Context, change domain.ProfileChange, event domain.AuditEvent) error {
	const text = `UPDATE users SET email_proven_at = CASE WHEN email = $1 THEN email_proven_at ELSE 0 END, email = $1,
		display_name = $2, time_zone = $3, no_password_in = $4 WHERE id = $5`
	user := change.User
	return s.write(ctx, func(tx *Tx) error {
		ok, err := tx.execOne(text, user.Email, user.DisplayName, user.TimeZone, user.NoPasswordIn, user.ID)
		if err != nil {
			return fmt.Errorf("update profile: %w", err)
		}
		if !ok {
			return domain.Errorf(domain.NotFound, "user_not_found", "There is no such user.")
		}
		tx.note(topicUser, formatID(user.ID))
		if err := tx.proof(user.ID, change.Proof); err != nil {
			return err
		}
		if err := tx.mail(change.Mails...); err != nil {
			return err
		}
		return tx.audit(event)
	})
}

// SuspendUser keeps a user out and ends all his sessions. The last
// administrator who is not suspended cannot be: that is a Conflict.
func (s *Store) SuspendUser(ctx context.Context, id domain.UserID, event domain.AuditEvent) error {
	return s.revoke(ctx, func(tx *Tx) error {
		if err := tx.oneAtATime("administrators"); err != nil {
			return err
		}
		if err := tx.setSuspended(id, `UPDATE users SET suspended = TRUE WHERE id = $1`); err != nil {
			return err
		}
		var any bool
		if err := tx.queryRow(`SELECT EXISTS (SELECT 1 FROM users WHERE admin AND NOT suspended)
			OR NOT EXISTS (SELECT 1 FROM users WHERE id = $1 AND admin)`, id).Scan(&any); err != nil {
			return fmt.Errorf("look for administrators: %w", err)
		}
		if !any {
			return domain.Errorf(domain.Conflict, "last_admin", "This is the last administrator. Make another one first.")
		}
		if err := tx.endSessions(id, 0); err != nil {
			return err
		}
		return tx.audit(event)
	})
}

// ResumeUser lets a suspended user in again.
func (s *Store) ResumeUser(ctx context.Context, id domain.UserID, event domain.AuditEvent) error {
	return s.write(ctx, func(tx *Tx) error {
		if err := tx.setSuspended(id, `UPDATE users SET suspended = FALSE WHERE id = $1`); err != nil {
			return err
		}
		return tx.audit(event)
	})
}

func (tx *Tx) setSuspended(id domain.UserID, text string) error {
	ok, err := tx.execOne(text, id)
	if err != nil {
		return fmt.Errorf("suspend or resume: %w", err)
	}
	if !ok {
		return domain.Errorf(domain.NotFound, "user_not_found", "There is no such user.")
	}
	tx.note(topicUser, formatID(id))
	return nil
}
