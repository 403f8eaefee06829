// Package mail lets administrators look into the outbox: what was sent, what
// waits, what was given up and why.
package mail

import (
	"context"
	"fmt"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// Store keeps the outbox. Unknown mails are NotFound.
type Store interface {
	Mails(ctx context.Context, page domain.Page) (domain.Listed[domain.Mail], error)
	Mail(ctx context.Context, id domain.MailID) (domain.Mail, error)
	SendMailAgain(ctx context.Context, id domain.MailID, event domain.AuditEvent) error
	Record(ctx context.Context, event domain.AuditEvent) error
}

// Letters opens what mails say. The text is empty where it is no longer kept.
type Letters interface {
	Text(m domain.Mail) (string, error)
}

// Service is what administrators do with the outbox.
type Service struct {
	Store   Store
	Letters Letters
	Relay   string // where mails are sent to; empty: they are kept
	Now     func() time.Time
}

// Sends reports whether there is a server that takes mails.
func (s *Service) Sends() bool { return s.Relay != "" }

func requireAdmin(c domain.Caller) error {
	if !c.ActsAsAdmin() || c.User.Suspended {
		return domain.Errorf(domain.Forbidden, "admin_only", "Only an administrator, with a credential that holds the scope admin, may do this.")
	}
	return nil
}

// List returns the mails of the last weeks, newest first.
func (s *Service) List(ctx context.Context, c domain.Caller, page domain.Page) (domain.Listed[domain.Mail], error) {
	if err := requireAdmin(c); err != nil {
		return domain.Listed[domain.Mail]{}, err
	}
	return s.Store.Mails(ctx, page)
}

// Read returns a mail and what it says. As that may be a code which lets
// somebody into an account, it is on the record of that account.
func (s *Service) Read(ctx context.Context, c domain.Caller, id domain.MailID) (domain.Mail, string, error) {
	if err := requireAdmin(c); err != nil {
		return domain.Mail{}, "", err
	}
	mail, err := s.Store.Mail(ctx, id)
	if err != nil {
		return domain.Mail{}, "", err
	}
	text, err := s.Letters.Text(mail)
	if err != nil {
		return domain.Mail{}, "", fmt.Errorf("read mail %d: %w", id, err)
	}
	if text == "" {
		return mail, "", nil
	}
	event := s.event(c, "mail.read", id)
	if mail.User != 0 {
		event.Subject = mail.User
	}
	return mail, text, s.Store.Record(ctx, event)
}

// SendAgain makes a mail due that was given up, or kept while there was no
// server to send it to.
func (s *Service) SendAgain(ctx context.Context, c domain.Caller, id domain.MailID) error {
	if err := requireAdmin(c); err != nil {
		return err
	}
	return s.Store.SendMailAgain(ctx, id, s.event(c, "mail.send_again", id))
}

func (s *Service) event(c domain.Caller, act string, id domain.MailID) domain.AuditEvent {
	return domain.NewAudit(c, s.Now(), act, fmt.Sprintf("mail %d", id))
}
