package account

import (
	"context"
	"net/netip"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// ConfirmPassword notes a fresh password entry in the caller's session, which
// lets him view secrets for domain.FreshPassword.
func (s *Service) ConfirmPassword(ctx context.Context, c domain.Caller, password secret.Secret) error {
	if err := requirePerson(c); err != nil {
		return err
	}
	if _, err := s.ownPassword(ctx, c, password); err != nil {
		return err
	}
	return s.store.ConfirmSession(ctx, c.Session, domain.NewAudit(c, s.now(), "password.confirm", ""))
}

// ownPassword checks the caller's own password and returns its hash.
func (s *Service) ownPassword(ctx context.Context, c domain.Caller, password secret.Secret) (string, error) {
	user, hash, err := s.lookUp(ctx, c.User.Name)
	if err != nil {
		return "", err
	}
	err = s.check(ctx, attempt{&s.signIns, "password.refused", user, c.User.Name, c.Address}, hash, password)
	if domain.IsKind(err, domain.Unauthenticated) {
		return "", domain.InvalidField("password", "This is not your password.")
	}
	return hash, err
}

// ChangePassword replaces the caller's password and ends his other sessions.
func (s *Service) ChangePassword(ctx context.Context, c domain.Caller, old, new secret.Secret) error {
	if err := requirePerson(c); err != nil {
		return err
	}
	return s.changePassword(ctx, c, old, new)
}

func (s *Service) changePassword(ctx context.Context, c domain.Caller, old, new secret.Secret) error {
	if err := domain.CheckPassword(new.Reveal(), c.User.Name); err != nil {
		return newPasswordField(err)
	}
	verified, err := s.ownPassword(ctx, c, old)
	if err != nil {
		return err
	}
	hash, err := s.hashing.Hash(ctx, new)
	if err != nil {
		return err
	}
	change := domain.PasswordChange{User: c.User.ID, Old: verified, New: hash, Keep: c.Session}
	notice, err := s.notice(domain.MailPasswordChanged, c.User, "", originOf(c))
	if err != nil {
		return err
	}
	return s.store.SetPassword(ctx, change, domain.NewAudit(c, s.now(), "password.change", ""), notice)
}

// newPasswordField puts a fault of the new password under a name of its own.
func newPasswordField(err error) error { return domain.InvalidField("new_password", "%s", err) }

// VerifyPassword checks name and password for a door that takes them by Basic.
// A right pair is remembered for a minute; wrong ones are throttled, apart
// from sign-ins. Accounts that refuse passwords are Forbidden.
func (s *Service) VerifyPassword(ctx context.Context, name string, password secret.Secret, address netip.Addr) (domain.User, error) {
	name = folded(name)
	user, hash, err := s.lookUp(ctx, name)
	if err != nil {
		return domain.User{}, err
	}
	if err := s.prove(ctx, attempt{&s.basics, "password.refused", user, name, address}, hash, password); err != nil {
		return domain.User{}, err
	}
	switch {
	case user.Suspended:
		return domain.User{}, wrongCredentials()
	case user.NoPasswordIn:
		return domain.User{}, domain.Errorf(domain.Forbidden, "password_not_accepted", "This account accepts keys only, not its password. Make a key in the portal.")
	}
	return user, nil
}

// prove checks a password unless it was checked lately. Requests with the
// same password that come at once share one check, and one that was right
// within the hour is not held back by the mistakes of others.
func (s *Service) prove(ctx context.Context, try attempt, hash string, password secret.Secret) error {
	digest := s.proven.digest(try.name, hash, password)
	age := s.proven.look(digest, s.now())
	if age == fresh && hash != "" {
		return nil
	}
	return s.flights.share(ctx, digest, func() error {
		if age == stale {
			try.throttle = &throttle{}
		}
		if err := s.check(ctx, try, hash, password); err != nil {
			return err
		}
		s.proven.add(digest, s.now())
		return nil
	})
}
