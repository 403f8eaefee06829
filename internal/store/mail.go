package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// mail puts mails into the outbox, in the transaction of the act that they are
// about: whoever they are for gets a copy each. Nothing is put there for a
// user whose address is not proven.
func (tx *Tx) mail(mails ...domain.NewMail) error {
	for _, m := range mails {
		if m.Nothing() {
			continue
		}
		to, err := tx.recipients(m.To)
		if err != nil {
			return err
		}
		for i, recipient := range to {
			if err := tx.insertMail(m, strconv.Itoa(i+1), recipient); err != nil {
				return err
			}
		}
		if len(to) > 0 {
			tx.note(TopicMail, "")
		}
	}
	return nil
}

// recipient is somebody who gets a copy of a mail.
type recipient struct {
	user    domain.UserID
	address string
}

func (tx *Tx) recipients(to domain.MailTo) ([]recipient, error) {
	if to.Address != "" {
		return []recipient{{to.User, to.Address}}, nil
	}
	text, user := `SELECT id, email FROM users WHERE id = $1 AND email <> '' AND email_proven_at > 0`, to.User
	if to.Admins {
		text, user = `SELECT id, email FROM users WHERE admin AND NOT suspended AND id <> $1 AND email <> '' AND email_proven_at > 0 ORDER BY id`, to.Except
	}
	rows, err := tx.query(text, user)
	list, err := collect(rows, err, func(r row) (one recipient, err error) { return one, r.Scan(&one.user, &one.address) })
	if err != nil {
		return nil, fmt.Errorf("recipients of a mail: %w", err)
	}
	return list, nil
}

func (tx *Tx) insertMail(m domain.NewMail, copy string, to recipient) error {
	const text = `INSERT INTO mails (message_id, user_id, address, kind, subject, sealed, created_at, next_try_at, tries, sent_at, kept, failed_at, fault)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $7, 0, 0, FALSE, 0, '')`
	_, err := tx.exec(text, m.CopyID(copy), to.user, to.address, string(m.Kind), m.Subject, m.Sealed, millis(tx.s.now()))
	if err != nil {
		return fmt.Errorf("insert mail: %w", err)
	}
	return nil
}

const mailColumns = `id, message_id, user_id, address, kind, subject, created_at, next_try_at, tries, sent_at, kept, failed_at, fault`

func scanMail(r row) (domain.Mail, error) { return scanMailAnd(r) }

// scanMailAnd scans a mail and the columns that were selected behind it.
func scanMailAnd(r row, more ...any) (domain.Mail, error) {
	var m domain.Mail
	var created, next, sent, failed int64
	err := r.Scan(append([]any{&m.ID, &m.MessageID, &m.User, &m.Address, &m.Kind, &m.Subject, &created, &next, &m.Tries, &sent, &m.Kept, &failed, &m.Fault}, more...)...)
	m.CreatedAt, m.NextTryAt, m.SentAt, m.FailedAt = fromMillis(created), fromMillis(next), fromMillis(sent), fromMillis(failed)
	return m, err
}

func scanWholeMail(r row) (domain.Mail, error) {
	var sealed []byte
	m, err := scanMailAnd(r, &sealed)
	m.Sealed = sealed
	return m, err
}

// dueMails are those that wait to be sent.
const dueMails = `sent_at = 0 AND failed_at = 0`

const claimMail = `UPDATE mails SET next_try_at = $1, tries = tries + 1
	WHERE id = (SELECT id FROM mails WHERE ` + dueMails + ` AND next_try_at <= $2 ORDER BY next_try_at, id LIMIT 1)
	AND ` + dueMails + ` AND next_try_at <= $2 RETURNING ` + mailColumns + `, sealed`

// ClaimMail takes the mail that is due for longest, for as long as the lease
// lasts: of any number of callers at once one gets it, and the others nothing
// until the lease is over. A mail that its holder neither sends nor misses is
// due again then. claimed is false where nothing is due, or another was faster.
func (s *Store) ClaimMail(ctx context.Context, lease time.Duration) (mail domain.Mail, claimed bool, err error) {
	err = s.write(ctx, func(tx *Tx) error {
		now := tx.s.now()
		var err error
		mail, err = scanWholeMail(tx.queryRow(claimMail, millis(now.Add(lease)), millis(now)))
		if claimed = err == nil; claimed || isNoRows(err) {
			return nil
		}
		return fmt.Errorf("claim mail: %w", err)
	})
	return mail, claimed, err
}

const nextMail = `SELECT COALESCE(MIN(next_try_at), 0) FROM mails WHERE ` + dueMails

// NextMailAt returns when the next mail is due; zero where none waits.
func (s *Store) NextMailAt(ctx context.Context) (time.Time, error) {
	var at int64
	if err := s.queryRow(ctx, nextMail).Scan(&at); err != nil {
		return time.Time{}, fmt.Errorf("next mail: %w", err)
	}
	return fromMillis(at), nil
}

// MailSent notes that a claimed mail was sent. Of one that held a code the
// letter goes, so that nobody reads it here later.
func (s *Store) MailSent(ctx context.Context, mail domain.Mail) error {
	text := `UPDATE mails SET sent_at = $1, fault = '' WHERE id = $2 AND sent_at = 0`
	if mail.Kind.HoldsCode() {
		text = `UPDATE mails SET sent_at = $1, fault = '', sealed = $3 WHERE id = $2 AND sent_at = 0`
		return s.setMail(ctx, text, mail.ID, []byte{})
	}
	return s.setMail(ctx, text, mail.ID)
}

// MailKept notes that a claimed mail was written into the outbox folder,
// because there is no server to send it to.
func (s *Store) MailKept(ctx context.Context, mail domain.Mail) error {
	return s.setMail(ctx, `UPDATE mails SET sent_at = $1, kept = TRUE, fault = '' WHERE id = $2 AND sent_at = 0`, mail.ID)
}

func (s *Store) setMail(ctx context.Context, text string, id domain.MailID, more ...any) error {
	return s.write(ctx, func(tx *Tx) error {
		if _, err := tx.exec(text, append([]any{millis(tx.s.now()), id}, more...)...); err != nil {
			return fmt.Errorf("note mail: %w", err)
		}
		return nil
	})
}

// MailMissed notes that a claimed mail could not be sent, and when to try
// again, if ever. Whoever claimed it since knows better: then nothing changes.
func (s *Store) MailMissed(ctx context.Context, mail domain.Mail, miss domain.MailMiss) error {
	text, at := `UPDATE mails SET next_try_at = $1, fault = $2 WHERE id = $3 AND tries = $4 AND sent_at = 0`, miss.NextTryAt
	if at.IsZero() {
		text, at = `UPDATE mails SET failed_at = $1, fault = $2 WHERE id = $3 AND tries = $4 AND sent_at = 0`, s.now()
	}
	return s.write(ctx, func(tx *Tx) error {
		if _, err := tx.exec(text, millis(at), miss.Fault, mail.ID, mail.Tries); err != nil {
			return fmt.Errorf("note missed mail: %w", err)
		}
		return nil
	})
}
