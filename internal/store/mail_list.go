package store

import (
	"context"
	"fmt"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// Mails returns the mails of the last weeks, newest first, without letters.
func (s *Store) Mails(ctx context.Context, page domain.Page) (domain.Listed[domain.Mail], error) {
	page = page.Clamped()
	before, err := beforeCursor(page)
	if err != nil {
		return domain.Listed[domain.Mail]{}, err
	}
	rows, err := s.query(ctx, `SELECT `+mailColumns+` FROM mails WHERE id < $1 ORDER BY id DESC LIMIT $2`, before, page.Limit+1)
	mails, err := collect(rows, err, scanMail)
	if err != nil {
		return domain.Listed[domain.Mail]{}, fmt.Errorf("mails: %w", err)
	}
	total, err := s.counted(ctx, `SELECT count(*) FROM (SELECT 1 FROM mails LIMIT $1) AS counted`)
	return listed(mails, page, total, func(m domain.Mail) int64 { return int64(m.ID) }), err
}

// Mail returns a mail with its letter.
func (s *Store) Mail(ctx context.Context, id domain.MailID) (domain.Mail, error) {
	mail, err := scanWholeMail(s.queryRow(ctx, `SELECT `+mailColumns+`, sealed FROM mails WHERE id = $1`, id))
	if err != nil {
		return domain.Mail{}, fmt.Errorf("mail: %w", notFound(err, "mail_not_found", "There is no such mail, or it was cleared away."))
	}
	return mail, nil
}

// SendMailAgain makes a mail due at once that was given up, or kept while
// there was no server to send it to. One in any other state, or without its
// letter, is a Conflict (mail_state).
func (s *Store) SendMailAgain(ctx context.Context, id domain.MailID, event domain.AuditEvent) error {
	const text = `UPDATE mails SET next_try_at = $1, tries = 0, sent_at = 0, kept = FALSE, failed_at = 0
		WHERE id = $2 AND (failed_at > 0 OR kept) AND length(sealed) > 0`
	return s.write(ctx, func(tx *Tx) error {
		again, err := tx.execOne(text, millis(tx.s.now()), id)
		if err != nil {
			return fmt.Errorf("send mail again: %w", err)
		}
		if !again {
			return domain.Errorf(domain.Conflict, "mail_state", "This mail cannot be sent again: it was sent, or is being sent.")
		}
		tx.note(TopicMail, "")
		return tx.audit(event)
	})
}

// mailKept is how long mails are kept that were sent or given up.
const mailKept = 30 * 24 * time.Hour

// sweepMails finds them by index: behind an OR all mails would be read, with
// their letters, while nobody else can write.
const sweepMails = `DELETE FROM mails WHERE id IN (SELECT id FROM (SELECT id FROM mails WHERE sent_at > 0 AND sent_at < $1 ORDER BY sent_at LIMIT 250) AS sent
	UNION ALL SELECT id FROM (SELECT id FROM mails WHERE failed_at > 0 AND failed_at < $1 ORDER BY failed_at LIMIT 250) AS failed)`

// SweepMails forgets some mails that are over since long, and returns how many.
func (s *Store) SweepMails(ctx context.Context, now time.Time) (int64, error) {
	return s.sweepBefore(ctx, "mails", sweepMails, now.Add(-mailKept))
}

// placeKept is how long a place is known from which nobody signs in any more.
const placeKept = 400 * 24 * time.Hour

const sweepPlaces = `DELETE FROM sign_in_places WHERE (user_id, place) IN (SELECT user_id, place FROM sign_in_places WHERE seen_at < $1 ORDER BY seen_at LIMIT 500)`

// SweepSignInPlaces forgets some places that people no longer sign in from,
// and returns how many.
func (s *Store) SweepSignInPlaces(ctx context.Context, now time.Time) (int64, error) {
	return s.sweepBefore(ctx, "places", sweepPlaces, now.Add(-placeKept))
}

func (s *Store) sweepBefore(ctx context.Context, what, text string, before time.Time) (int64, error) {
	var swept int64
	err := s.write(ctx, func(tx *Tx) error {
		result, err := tx.exec(text, millis(before))
		if err != nil {
			return fmt.Errorf("sweep %s: %w", what, err)
		}
		swept, err = result.RowsAffected()
		return err
	})
	return swept, err
}
