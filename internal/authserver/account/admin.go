package account

import (
	"context"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// Users lists everybody, for administrators.
func (s *Service) Users(ctx context.Context, c domain.Caller, page domain.Page) (domain.Listed[domain.User], error) {
	if err := requireAdmin(c); err != nil {
		return domain.Listed[domain.User]{}, err
	}
	return s.store.Users(ctx, page)
}

// AuditAll lists what happened to everybody, newest first, for administrators.
func (s *Service) AuditAll(ctx context.Context, c domain.Caller, page domain.Page) (domain.Listed[domain.AuditEvent], error) {
	if err := requireAdmin(c); err != nil {
		return domain.Listed[domain.AuditEvent]{}, err
	}
	return s.store.AuditAll(ctx, page)
}

// Create makes an account for somebody else, an administrator's if asked for.
func (s *Service) Create(ctx context.Context, c domain.Caller, n NewUser) (domain.User, error) {
	if err := requireAdmin(c); err != nil {
		return domain.User{}, err
	}
	if err := n.check(); err != nil {
		return domain.User{}, err
	}
	stored, err := s.hashed(ctx, n)
	if err != nil {
		return domain.User{}, err
	}
	stored.User = n.vouched(s.now())
	return s.store.CreateUser(ctx, stored, domain.NewAudit(c, s.now(), "user.create", "user "+n.Name))
}

// Suspend keeps a user and his keys out and ends his sessions, before it
// returns. Nobody suspends himself, and the last administrator stays.
func (s *Service) Suspend(ctx context.Context, c domain.Caller, name string) error {
	user, event, err := s.somebody(ctx, c, name, "user.suspend")
	if err != nil {
		return err
	}
	if c.Is(user.ID) {
		return domain.Errorf(domain.Conflict, "own_account", "You cannot suspend yourself. Ask another administrator.")
	}
	return s.store.SuspendUser(ctx, user.ID, event)
}

// Resume lets a suspended user in again.
func (s *Service) Resume(ctx context.Context, c domain.Caller, name string) error {
	user, event, err := s.somebody(ctx, c, name, "user.resume")
	if err != nil {
		return err
	}
	return s.store.ResumeUser(ctx, user.ID, event)
}

// ResetPassword gives a user a new random password, returns it, and ends all
// his sessions. One's own password is changed by ChangePassword instead, which
// asks for the old one.
func (s *Service) ResetPassword(ctx context.Context, c domain.Caller, name string) (secret.Secret, error) {
	user, event, err := s.somebody(ctx, c, name, "password.reset")
	if err != nil {
		return secret.Secret{}, err
	}
	if c.Is(user.ID) {
		return secret.Secret{}, domain.Errorf(domain.Conflict, "own_account", "Change your own password in the settings.")
	}
	password := secret.Generate(secret.TempPassword)
	hash, err := s.hashing.Hash(ctx, password)
	if err != nil {
		return secret.Secret{}, err
	}
	notice, err := s.noticeOf(domain.MailPasswordChanged, domain.MailTo{User: user.ID}, user, map[string]string{"by": "an administrator of this server"})
	if err != nil {
		return secret.Secret{}, err
	}
	return password, s.store.SetPassword(ctx, domain.PasswordChange{User: user.ID, New: hash}, event, notice)
}

// somebody finds the user that an administrator acts on, and makes the audit
// event, which stands in that user's own audit too.
func (s *Service) somebody(ctx context.Context, c domain.Caller, name, act string) (domain.User, domain.AuditEvent, error) {
	if err := requireAdmin(c); err != nil {
		return domain.User{}, domain.AuditEvent{}, err
	}
	user, _, err := s.store.UserWithPassword(ctx, folded(name))
	if err != nil {
		return domain.User{}, domain.AuditEvent{}, err
	}
	event := domain.NewAudit(c, s.now(), act, "user "+user.Name)
	event.Subject = user.ID
	return user, event, nil
}
