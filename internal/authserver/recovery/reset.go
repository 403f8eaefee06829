package recovery

import (
	"context"
	"fmt"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// Forgot mails a code for a new password to whoever has the name, or the
// confirmed address. Whether there is anybody is not told: answer and work are
// the same, down to the mail that is written and not sent.
//
//	bounded per network, and per name or address
//	      │
//	look up ─ a code and a mail each ─ one commit: codes, mails, the record
//	      └── nobody: a code and a mail for nobody ─ the same commit, without the mail
func (s *Service) Forgot(ctx context.Context, nameOrAddress string, from Origin) error {
	sought := folded(nameOrAddress)
	if len(sought) > maxSought {
		sought = sought[:maxSought]
	}
	if sought == "" {
		return domain.InvalidField("name", "Say your user name or your e-mail address.")
	}
	if err := s.requests.Admit(s.Now(), domain.NetworkOf(from.Address), networkBound); err != nil {
		return err
	}
	if err := s.sought.Admit(s.Now(), sought, soughtBound); err != nil {
		return err
	}
	users, err := s.Store.UsersToReset(ctx, sought)
	if err != nil {
		return err
	}
	subject := s.pretended
	if len(users) > 0 {
		subject = users[0]
	} else {
		users = append(users, s.pretended)
	}
	var proofs []domain.AddressProof
	for _, user := range users {
		proof, err := s.Mails.Proof(domain.ResetCode, user, user.Email, s.Now())
		if err != nil {
			return err
		}
		proofs = append(proofs, proof)
	}
	event := s.event("password.forgot", subject, from)
	event.Actor, event.ActorName = 0, "" // anybody can ask
	if err := s.Store.RequestReset(ctx, proofs, event); err != nil {
		return fmt.Errorf("request a new password: %w", err)
	}
	return nil
}

// maxSought is longer than any name or address, in bytes.
const maxSought = 254

// Reset sets a new password with a mailed code, which works once. All
// sessions of the user end, and he is told. Codes that do not work are
// Forbidden (code_not_valid).
func (s *Service) Reset(ctx context.Context, code, password secret.Secret, from Origin) error {
	user, _, err := s.userOf(ctx, domain.ResetCode, secret.ResetCode, code, from)
	if err != nil {
		return err
	}
	if err := domain.CheckPassword(password.Reveal(), user.Name); err != nil {
		return domain.InvalidField("new_password", "%s", err)
	}
	hash, err := secret.HashPassword(ctx, password)
	if err != nil {
		return err
	}
	notice, err := s.Mails.Compose(domain.MailPasswordChanged, domain.MailTo{User: user.ID}, s.about(user, from))
	if err != nil {
		return err
	}
	if err := s.Store.ResetPassword(ctx, code.Hash(), hash, s.event("password.recover", user, from), notice); err != nil {
		return fmt.Errorf("reset password: %w", err)
	}
	return nil
}
