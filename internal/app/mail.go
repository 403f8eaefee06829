package app

import (
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"net/netip"
	"net/url"
	"path/filepath"
	"time"

	"github.com/thingward/thingward/internal/authserver/mail"
	"github.com/thingward/thingward/internal/authserver/recovery"
	"github.com/thingward/thingward/internal/notify"
	"github.com/thingward/thingward/internal/store"
)

// checkMail refuses what no mail can be sent with. It repeats no URL, because
// a password may be in it.
func (c Config) checkMail() error {
	var faults []error
	if c.SMTPURL != "" {
		if _, err := notify.ParseRelay(c.SMTPURL); err != nil {
			faults = append(faults, fmt.Errorf("--smtp-url cannot be used: %w", err))
		}
	}
	if _, err := c.mailFrom(); err != nil {
		faults = append(faults, fmt.Errorf("--mail-from is %w", err))
	}
	return errors.Join(faults...)
}

// mailFrom is the sender of all mails.
func (c Config) mailFrom() (*netmail.Address, error) {
	if c.MailFrom != "" {
		return notify.ParseFrom(c.MailFrom)
	}
	return &netmail.Address{Name: "Thingward", Address: "thingward@" + c.mailHost()}, nil
}

// mailHost is the host of the public URL, where it is a name.
func (c Config) mailHost() string {
	u, err := url.Parse(c.PublicURL)
	if err != nil || u.Hostname() == "" {
		return "localhost"
	}
	if _, err := netip.ParseAddr(u.Hostname()); err == nil {
		return "localhost"
	}
	return u.Hostname()
}

func (c Config) outboxFolder() string { return filepath.Join(c.Data, "outbox") }

// wireMail makes what writes mails, and what is done with mailed codes.
func (s *server) wireMail() {
	s.composer = &notify.Composer{Host: s.config.mailHost(), Vault: s.vault}
	s.recovery = &recovery.Service{Store: s.store, Mails: s.composer, Now: Now}
	s.mails = &mail.Service{Store: s.store, Letters: s.letters(), Now: Now}
	if relay, err := s.config.relay(); err == nil && relay != nil {
		s.mails.Relay = relay.Relay.Address()
	}
}

func (s *server) letters() *notify.Renderer {
	return &notify.Renderer{BaseURL: s.config.baseURL(), Vault: s.vault}
}

// relay is the way out for mails; nil where there is no server for them.
func (c Config) relay() (*notify.SMTP, error) {
	if c.SMTPURL == "" {
		return nil, nil
	}
	relay, err := notify.ParseRelay(c.SMTPURL)
	if err != nil {
		return nil, err
	}
	from, err := c.mailFrom()
	return &notify.SMTP{Relay: relay, From: from}, err
}

// deliverMails empties the outbox until ctx ends. A mail that is written wakes
// it, here or on another node.
func (s *server) deliverMails(ctx context.Context) {
	from, err := s.config.mailFrom()
	if err != nil {
		s.log.Error("mails are not sent", "error", err)
		return
	}
	deliverer := &notify.Deliverer{Outbox: s.store, Letters: s.letters(), Observe: s.metrics.Mail, Log: s.log, Now: Now, FirstRetry: s.config.MailRetry,
		Carrier: &notify.Folder{Path: s.config.outboxFolder(), From: from}}
	relay, err := s.config.relay()
	if err != nil {
		s.log.Error("mails are not sent", "error", err)
		return
	}
	if relay != nil {
		deliverer.Carrier = relay
	}
	deliverer.Run(ctx, s.mailsWritten())
}

// mailsWritten tells when there may be something in the outbox.
func (s *server) mailsWritten() <-chan struct{} {
	written := make(chan struct{}, 1)
	s.store.OnChange(func(change store.Change) {
		if change.Topic != store.TopicMail {
			return
		}
		select {
		case written <- struct{}{}:
		default: // it is told already
		}
	})
	return written
}

// examineMail tries the way out for mails.
func (s *server) examineMail(ctx context.Context) Check {
	relay, err := s.config.relay()
	if err != nil || relay == nil {
		return check("mail", err, "no SMTP server is given: mails stay in "+s.config.outboxFolder()+" and in the portal")
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return check("mail", relay.Check(ctx), relay.Relay.Address()+" takes mails")
}
