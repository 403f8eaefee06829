package account

import (
	"context"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// ChangePasswordByProgram is ChangePassword for the command line of The Things
// Network, whose user types both passwords into it. All of his sessions end.
func (s *Service) ChangePasswordByProgram(ctx context.Context, c domain.Caller, old, new secret.Secret) error {
	if err := requireOwnProgram(c); err != nil {
		return err
	}
	return s.changePassword(ctx, c, old, new)
}

// EditProfileByProgram is EditProfile for that program. The e-mail address is
// a way into the account, so another one needs the password.
func (s *Service) EditProfileByProgram(ctx context.Context, c domain.Caller, edit ProfileEdit, password secret.Secret) (domain.User, error) {
	if edit.Email != nil && *edit.Email == c.User.Email {
		edit.Email = nil
	}
	if edit.Email == nil {
		return s.EditProfile(ctx, c, edit)
	}
	if err := requireOwnProgram(c); err != nil {
		return domain.User{}, err
	}
	if password.Empty() {
		return domain.User{}, domain.InvalidField("old_password", "Another e-mail address needs your password, as old_password. You can also change it on the settings page.")
	}
	if _, err := s.ownPassword(ctx, c, password); err != nil {
		return domain.User{}, err
	}
	if err := edit.check(); err != nil {
		return domain.User{}, err
	}
	user, err := s.store.UserByID(ctx, c.User.ID)
	if err != nil {
		return domain.User{}, err
	}
	return s.change(ctx, c, user, edit)
}

// requireOwnProgram lets in no client that somebody registered: passwords and
// addresses are not for them.
func requireOwnProgram(c domain.Caller) error {
	if c.User.Suspended || !c.ByOwnProgram() || !c.Holds(domain.ScopeProfileWrite) {
		return domain.Errorf(domain.Forbidden, "person_only", "No app changes a password or an e-mail address. Use the settings page.")
	}
	return nil
}
