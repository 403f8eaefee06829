package account

import (
	"context"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
)

// ProfileEdit says what changes; nil leaves as it is.
type ProfileEdit struct {
	Email        *string
	DisplayName  *string
	TimeZone     *string
	NoPasswordIn *bool // "keys only": name and password are refused as a credential of programs
}

// EditProfile changes what the caller may change about himself. Name and time
// zone need the scope profile.write; the e-mail address and NoPasswordIn need
// the scope account as well, because they are about who can get in, and another
// address a fresh password entry in a session (Forbidden password_needed). A
// proven address stays in the answer until a new one is proven (see changeOf).
func (s *Service) EditProfile(ctx context.Context, c domain.Caller, edit ProfileEdit) (domain.User, error) {
	if c.User.Suspended || !c.Holds(domain.ScopeProfileWrite) {
		return domain.User{}, missing(domain.ScopeProfileWrite)
	}
	if (edit.Email != nil || edit.NoPasswordIn != nil) && !c.Holds(domain.ScopeAccount) {
		return domain.User{}, missing(domain.ScopeAccount)
	}
	if err := edit.check(); err != nil {
		return domain.User{}, err
	}
	user, err := s.store.UserByID(ctx, c.User.ID)
	if err != nil {
		return domain.User{}, err
	}
	if edit.Email != nil && *edit.Email != user.Email {
		if err := s.requireForAddress(ctx, c); err != nil {
			return domain.User{}, err
		}
	}
	return s.change(ctx, c, user, edit)
}

// requireForAddress lets change the address only a person that entered his
// password a moment ago: with a code mailed there, whoever reads it sets a new
// password, and has more than any key or app was given.
func (s *Service) requireForAddress(ctx context.Context, c domain.Caller) error {
	if c.Credential != domain.SessionCredential {
		return domain.Errorf(domain.Forbidden, "person_only", "No key and no app changes an e-mail address. Use the settings page.")
	}
	return guard.RequireFresh(ctx, s.store, c, s.now())
}

// change makes an edit that the caller may make.
func (s *Service) change(ctx context.Context, c domain.Caller, user domain.User, edit ProfileEdit) (domain.User, error) {
	change, err := s.changeOf(user, edit, originOf(c))
	if err != nil || change.User == user && change.Proof == nil {
		return user, err
	}
	return change.User, s.store.UpdateProfile(ctx, change, domain.NewAudit(c, s.now(), "profile.change", ""))
}

// changeOf is what an edit makes of a profile. A new address is mailed a code.
// In the place of a proven one it counts only when that code comes back; until
// then mails go where they went. Whoever takes a proven one away is told there.
func (s *Service) changeOf(user domain.User, edit ProfileEdit, from Origin) (domain.ProfileChange, error) {
	change := domain.ProfileChange{User: edit.apply(user)}
	wanted := change.User.Email
	if wanted == user.Email || s.Mails == nil {
		return change, nil
	}
	change.User.EmailProvenAt = time.Time{}
	var err error
	switch {
	case wanted != "":
		if err := s.proofs.Admit(s.now(), user.ID, proofBound); err != nil {
			return domain.ProfileChange{}, err
		}
		if change.Proof, err = s.proofOf(user, wanted, from); err == nil && user.EmailProven() {
			change.User.Email, change.User.EmailProvenAt = user.Email, user.EmailProvenAt
		}
	case user.EmailProven():
		var notice domain.NewMail
		notice, err = s.notice(domain.MailAddressChanged, user, user.Email, from)
		change.Mails = append(change.Mails, notice)
	}
	return change, err
}

func missing(scope domain.Scope) error {
	return domain.Errorf(domain.Forbidden, "insufficient_scope", "This needs a credential with the scope %s.", scope)
}

func (e ProfileEdit) check() error {
	faults := map[string]string{}
	note := func(field string, value *string, check func(string) error) {
		if value == nil {
			return
		}
		if err := check(*value); err != nil {
			faults[field] = err.Error()
		}
	}
	note("email", e.Email, checkEmailOrNone)
	note("display_name", e.DisplayName, domain.CheckDisplayName)
	note("time_zone", e.TimeZone, domain.CheckTimeZone)
	return together("invalid_profile", faults)
}

func checkEmailOrNone(email string) error {
	if email == "" {
		return nil
	}
	return domain.CheckEmail(email)
}

func (e ProfileEdit) apply(user domain.User) domain.User {
	set(&user.Email, e.Email)
	set(&user.DisplayName, e.DisplayName)
	set(&user.TimeZone, e.TimeZone)
	set(&user.NoPasswordIn, e.NoPasswordIn)
	return user
}

func set[T any](value *T, change *T) {
	if change != nil {
		*value = *change
	}
}

// Audit lists what happened to the caller's account, newest first. It needs
// the scope account. Where somebody else acted, as on a thing that both work
// on, it tells who, and not from which network address.
func (s *Service) Audit(ctx context.Context, c domain.Caller, page domain.Page) (domain.Listed[domain.AuditEvent], error) {
	if c.Anonymous() || !c.Holds(domain.ScopeAccount) {
		return domain.Listed[domain.AuditEvent]{}, missing(domain.ScopeAccount)
	}
	listed, err := s.store.AuditOf(ctx, c.User.ID, page)
	for i, event := range listed.Items {
		if event.Actor != 0 && event.Actor != c.User.ID {
			listed.Items[i].Address = ""
		}
	}
	return listed, err
}
