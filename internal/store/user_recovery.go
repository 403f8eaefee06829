package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// proof puts a code into the outbox with which a user shows that an address
// is his. Those mailed to him before end.
func (tx *Tx) proof(user domain.UserID, proof *domain.AddressProof) error {
	if proof == nil {
		return nil
	}
	if err := tx.endCodes(domain.ProveCode, user); err != nil {
		return err
	}
	code, mail := proof.Code, proof.Mail
	code.User, mail.To.User = user, user
	if err := tx.insertOnceCode(code); err != nil {
		return err
	}
	return tx.mail(mail)
}

// MailProof mails a user a code for an address. Those mailed before end.
func (s *Store) MailProof(ctx context.Context, user domain.UserID, proof domain.AddressProof, event domain.AuditEvent) error {
	return s.write(ctx, func(tx *Tx) error {
		if err := tx.proof(user, &proof); err != nil {
			return err
		}
		return tx.audit(event)
	})
}

// PendingAddress returns the address for which a user was mailed a code that
// still works; empty: none.
func (s *Store) PendingAddress(ctx context.Context, user domain.UserID) (string, error) {
	var address string
	err := s.queryRow(ctx, `SELECT email FROM once_codes WHERE user_id = $1 AND purpose = $2 AND used_at = 0 AND expires_at > $3
		ORDER BY created_at DESC LIMIT 1`, user, string(domain.ProveCode), millis(s.now())).Scan(&address)
	if err != nil && !isNoRows(err) {
		return "", fmt.Errorf("pending address: %w", err)
	}
	return address, nil
}

// UserOfCode returns whom a code is about that was not used yet, and to which
// address it was mailed. Any other code is Forbidden (code_not_valid).
func (s *Store) UserOfCode(ctx context.Context, purpose domain.OncePurpose, code secret.Hash) (domain.User, string, error) {
	var id domain.UserID
	var address string
	err := s.queryRow(ctx, `SELECT user_id, email FROM once_codes WHERE hash = $1 AND purpose = $2 AND used_at = 0 AND expires_at > $3 AND user_id > 0`,
		code.Bytes(), string(purpose), millis(s.now())).Scan(&id, &address)
	if isNoRows(err) {
		return domain.User{}, "", badCode()
	}
	if err != nil {
		return domain.User{}, "", fmt.Errorf("user of a code: %w", err)
	}
	user, err := s.UserByID(ctx, id)
	return user, address, err
}

// ProveAddress uses a code up and gives its user the address that it was
// mailed to, proven. The mails are sent where it is another one than before.
func (s *Store) ProveAddress(ctx context.Context, code secret.Hash, event domain.AuditEvent, mails ...domain.NewMail) error {
	const text = `UPDATE users SET email = $1, email_proven_at = $2 WHERE id = $3`
	return s.write(ctx, func(tx *Tx) error {
		user, address, err := tx.redeemMailed(domain.ProveCode, code)
		if err != nil {
			return err
		}
		var before string
		if err := tx.queryRow(`SELECT email FROM users WHERE id = $1`, user).Scan(&before); err != nil {
			return fmt.Errorf("address of a user: %w", err)
		}
		if _, err := tx.exec(text, address, millis(tx.s.now()), user); err != nil {
			return fmt.Errorf("prove address: %w", err)
		}
		tx.note(topicUser, formatID(user))
		if before != address {
			if err := tx.endCodes(domain.ResetCode, user); err != nil {
				return err
			}
			if err := tx.mail(mails...); err != nil {
				return err
			}
		}
		return tx.audit(event)
	})
}

// UsersToReset returns who is meant by somebody that forgot his password: the
// user with the name, or those with the proven address. Only users whom a mail
// may reach and who are not suspended are returned, ten at most.
func (s *Store) UsersToReset(ctx context.Context, nameOrAddress string) ([]domain.User, error) {
	if !storable(nameOrAddress) {
		return nil, nil
	}
	const reachable = ` AND u.email <> '' AND u.email_proven_at > 0 AND NOT u.suspended ORDER BY u.id LIMIT 10`
	text := selectUser + ` WHERE o.name = $1` + reachable
	if strings.Contains(nameOrAddress, "@") {
		text = selectUser + ` WHERE lower(u.email) = lower($1)` + reachable
	}
	rows, err := s.query(ctx, text, nameOrAddress)
	users, err := collect(rows, err, scanUser)
	if err != nil {
		return nil, fmt.Errorf("users to reset: %w", err)
	}
	return users, nil
}

// RequestReset mails codes with which users set new passwords. A code for
// nobody is stored like the others, so that it takes as long.
func (s *Store) RequestReset(ctx context.Context, proofs []domain.AddressProof, event domain.AuditEvent) error {
	return s.write(ctx, func(tx *Tx) error {
		for _, proof := range proofs {
			if err := tx.insertOnceCode(proof.Code); err != nil {
				return err
			}
			if proof.Code.User == 0 {
				continue
			}
			if err := tx.mail(proof.Mail); err != nil {
				return err
			}
		}
		return tx.audit(event)
	})
}

// ResetPassword uses a mailed code up, sets the password of its user and ends
// all his sessions and codes. The code counts only while the address that it
// was mailed to is still his.
func (s *Store) ResetPassword(ctx context.Context, code secret.Hash, password string, event domain.AuditEvent, mails ...domain.NewMail) error {
	const text = `UPDATE users SET password_hash = $1 WHERE id = $2 AND email = $3 AND email_proven_at > 0 AND NOT suspended`
	return s.revoke(ctx, func(tx *Tx) error {
		user, address, err := tx.redeemMailed(domain.ResetCode, code)
		if err != nil {
			return err
		}
		ok, err := tx.execOne(text, password, user, address)
		if err != nil {
			return fmt.Errorf("reset password: %w", err)
		}
		if !ok {
			return badCode()
		}
		if err := tx.endMailed(user); err != nil {
			return err
		}
		if err := tx.endSessions(user, 0); err != nil {
			return err
		}
		tx.note(topicUser, formatID(user))
		if err := tx.mail(mails...); err != nil {
			return err
		}
		return tx.audit(event)
	})
}
