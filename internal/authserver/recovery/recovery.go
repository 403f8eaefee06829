// Package recovery is about mailed codes: with one a person shows that an
// e-mail address is his, with another he sets a new password when he forgot
// the present one. Everything else about accounts is account's.
package recovery

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
)

// Store keeps codes and what they change. Each method is one transaction.
type Store interface {
	UserOfCode(ctx context.Context, purpose domain.OncePurpose, code secret.Hash) (domain.User, string, error)
	ProveAddress(ctx context.Context, code secret.Hash, event domain.AuditEvent, mails ...domain.NewMail) error
	PendingAddress(ctx context.Context, user domain.UserID) (string, error)
	MailProof(ctx context.Context, user domain.UserID, proof domain.AddressProof, event domain.AuditEvent) error
	UsersToReset(ctx context.Context, nameOrAddress string) ([]domain.User, error)
	RequestReset(ctx context.Context, proofs []domain.AddressProof, event domain.AuditEvent) error
	ResetPassword(ctx context.Context, code secret.Hash, password string, event domain.AuditEvent, mails ...domain.NewMail) error
}

// Mails writes mails.
type Mails interface {
	Compose(kind domain.MailKind, to domain.MailTo, about map[string]string) (domain.NewMail, error)
	Proof(purpose domain.OncePurpose, user domain.User, address string, now time.Time) (domain.AddressProof, error)
}

// Service is what people do with mailed codes.
type Service struct {
	Store Store
	Mails Mails
	Now   func() time.Time

	resends   guard.Rates[domain.UserID]
	mailed    guard.Rates[domain.Mailing]
	requests  guard.Rates[netip.Prefix] // for new passwords, by network
	sought    guard.Rates[string]       // and by what was asked for
	attempts  guard.Rates[netip.Prefix] // at codes, each of which may cost a slow hash
	pretended domain.User               // stands in for users that are not there
}

// Bounds. Whoever waits as long as he is told is let in again.
var (
	resendBound  = guard.Bound{Burst: 5, Every: 10 * time.Minute, Code: "too_many_mails", Message: "Too many mails were sent for this account. Wait 10 min and try again."}
	mailedBound  = guard.Bound{Burst: 5, Every: 10 * time.Minute, Code: "too_many_mails", Message: "Too many mails were sent to this address. Wait 10 min and try again."}
	networkBound = guard.Bound{Burst: 20, Every: time.Minute, Code: "too_many_attempts", Message: "Too many attempts. Wait a minute and try again."}
	soughtBound  = guard.Bound{Burst: 3, Every: 10 * time.Minute, Code: "too_many_attempts", Message: "Mails were asked for already. Look into your mailbox, or wait 10 min and try again."}
	attemptBound = guard.Bound{Burst: 30, Every: 10 * time.Second, Code: "too_many_attempts", Message: "Too many attempts. Wait 10 s and try again."}
)

// Origin says where a request comes from.
type Origin struct {
	Address netip.Addr
	Program string // user agent
}

func (o Origin) text() string {
	if !o.Address.IsValid() {
		return ""
	}
	return o.Address.String()
}

// event records an act on the account of a user that a mailed code let in.
func (s *Service) event(act string, user domain.User, from Origin) domain.AuditEvent {
	caller := domain.Caller{User: user, Address: from.Address}
	thing := ""
	if user.ID != 0 {
		thing = "user " + user.Name
	}
	event := domain.NewAudit(caller, s.Now(), act, thing)
	event.Credential = "mailed code"
	return event
}

// about are the words of notices on the safety of an account.
func (s *Service) about(user domain.User, from Origin) map[string]string {
	return map[string]string{"name": user.Shown(), "account": user.Name, "address": from.text(), "program": domain.ProgramName(from.Program),
		"at": s.Now().In(user.Location()).Format("2 January 2006, 15:04 MST")}
}

func badCode() error {
	return domain.Errorf(domain.Forbidden, "code_not_valid", "This code is not valid: it was used, has expired, or was never given out.")
}

// Confirm takes the code that was mailed to an address. From then on it is
// its user's proven one; if he had another that was proven, that one is told.
// Codes that do not work are Forbidden (code_not_valid).
func (s *Service) Confirm(ctx context.Context, code secret.Secret, from Origin) error {
	user, address, err := s.userOf(ctx, domain.ProveCode, secret.ProveCode, code, from)
	if err != nil {
		return err
	}
	var notices []domain.NewMail
	if user.EmailProven() && user.Email != address {
		notice, err := s.Mails.Compose(domain.MailAddressChanged, domain.MailTo{User: user.ID, Address: user.Email}, s.about(user, from))
		if err != nil {
			return err
		}
		notices = append(notices, notice)
	}
	if err := s.Store.ProveAddress(ctx, code.Hash(), s.event("address.prove", user, from), notices...); err != nil {
		return fmt.Errorf("confirm address: %w", err)
	}
	return nil
}

// userOf returns whom a code is about and where it was mailed, without using
// it up. Typing errors cost no look into the store.
func (s *Service) userOf(ctx context.Context, purpose domain.OncePurpose, kind secret.Kind, code secret.Secret, from Origin) (domain.User, string, error) {
	if err := s.attempts.Admit(s.Now(), domain.NetworkOf(from.Address), attemptBound); err != nil {
		return domain.User{}, "", err
	}
	if !secret.WellFormed(kind, code.Reveal()) {
		return domain.User{}, "", badCode()
	}
	return s.Store.UserOfCode(ctx, purpose, code.Hash())
}

// Pending returns the address that the caller was mailed a code for and has
// not confirmed yet; empty: none. An unproven address whose code has expired
// is pending too.
func (s *Service) Pending(ctx context.Context, c domain.Caller) (string, error) {
	if err := requirePerson(c); err != nil {
		return "", err
	}
	pending, err := s.Store.PendingAddress(ctx, c.User.ID)
	if err == nil && pending == "" && !c.User.EmailProven() {
		pending = c.User.Email
	}
	return pending, err
}

// Resend mails the caller another code for his pending address. The one
// before ends.
func (s *Service) Resend(ctx context.Context, c domain.Caller) error {
	address, err := s.Pending(ctx, c)
	if err != nil {
		return err
	}
	if address == "" {
		return domain.Errorf(domain.Conflict, "nothing_to_confirm", "There is no address to confirm.")
	}
	if err := s.resends.Admit(s.Now(), c.User.ID, resendBound); err != nil {
		return err
	}
	if err := s.mailed.Admit(s.Now(), domain.MailingOf(c.Address, address), mailedBound); err != nil {
		return err
	}
	proof, err := s.Mails.Proof(domain.ProveCode, c.User, address, s.Now())
	if err != nil {
		return err
	}
	return s.Store.MailProof(ctx, c.User.ID, proof, domain.NewAudit(c, s.Now(), "address.resend", ""))
}

func requirePerson(c domain.Caller) error {
	if c.Credential != domain.SessionCredential {
		return domain.Errorf(domain.Forbidden, "person_only", "Only a person who is signed in with a browser may do this.")
	}
	return nil
}

// folded is how names and addresses are compared.
func folded(text string) string { return strings.ToLower(strings.TrimSpace(text)) }
