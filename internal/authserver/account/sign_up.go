package account

import (
	"cmp"
	"context"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// Lifetimes of codes.
const (
	inviteLife = 7 * 24 * time.Hour
	setupLife  = 24 * time.Hour
)

// SignUp makes an account for whoever asks, as far as the policy allows. The
// account is never an administrator's.
func (s *Service) SignUp(ctx context.Context, n NewUser, from Origin) (domain.User, error) {
	n.Admin = false
	if err := s.maySignUp(n); err != nil {
		return domain.User{}, err
	}
	if err := n.check(); err != nil {
		return domain.User{}, err
	}
	if err := s.signUps.Admit(s.now(), domain.NetworkOf(from.Address), signUpBound); err != nil {
		return domain.User{}, err
	}
	stored, err := s.hashed(ctx, n)
	if err != nil {
		return domain.User{}, err
	}
	stored.Proof, err = s.proofOf(stored.User, n.Email, from)
	if err != nil && !domain.IsKind(err, domain.TooMany) { // too many: whose address it is asks for one later
		return domain.User{}, err
	}
	event := from.event("user.sign_up", stored.User)
	if s.policy == SignUpInvite {
		return s.store.CreateInvitedUser(ctx, n.Invite.Hash(), stored, event)
	}
	return s.store.CreateUser(ctx, stored, event)
}

func (s *Service) maySignUp(n NewUser) error {
	switch {
	case s.policy == SignUpOpen:
		return nil
	case s.policy != SignUpInvite:
		return domain.Errorf(domain.Forbidden, "sign_up_closed", "Accounts are made by the administrators here. Ask one of them.")
	case n.Invite.Empty():
		return domain.Errorf(domain.Forbidden, "invite_needed", "Signing up needs an invitation. Ask an administrator for one.")
	case !secret.WellFormed(secret.InviteCode, n.Invite.Reveal()):
		return badCode()
	}
	return nil
}

// badCode is what the store says of codes that it does not know.
func badCode() error {
	return domain.Errorf(domain.Forbidden, "code_not_valid", "This code is not valid: it was used, has expired, or was never given out.")
}

func alreadySetUp() error {
	return domain.Errorf(domain.Conflict, "already_set_up", "There is an administrator already. Sign in instead.")
}

func (s *Service) hashed(ctx context.Context, n NewUser) (domain.NewUser, error) {
	hash, err := s.hashing.Hash(ctx, n.Password)
	return domain.NewUser{User: n.user(), PasswordHash: hash}, err
}

// Invite makes an invitation, which lets one person sign up within a week.
func (s *Service) Invite(ctx context.Context, c domain.Caller) (secret.Secret, error) {
	if err := requireAdmin(c); err != nil {
		return secret.Secret{}, err
	}
	code := secret.Generate(secret.InviteCode)
	stored := domain.OnceCode{Hash: code.Hash(), Purpose: domain.InviteCode, ExpiresAt: s.now().Add(inviteLife)}
	return code, s.store.CreateOnceCode(ctx, stored, domain.NewAudit(c, s.now(), "user.invite", ""))
}

// SetupNeeded reports whether there is nobody yet: the first administrator is
// to be made.
func (s *Service) SetupNeeded(ctx context.Context) (bool, error) {
	any, err := s.store.AnyUsers(ctx)
	return !any && err == nil, err
}

// MakeSetupCode makes a code with which Setup works once, within a day. The
// operator hands it to the first administrator.
func (s *Service) MakeSetupCode(ctx context.Context) (secret.Secret, error) {
	code := secret.Generate(secret.SetupCode)
	stored := domain.OnceCode{Hash: code.Hash(), Purpose: domain.SetupCode, ExpiresAt: s.now().Add(setupLife)}
	operator := domain.Caller{Credential: domain.OperatorCredential}
	return code, s.store.CreateOnceCode(ctx, stored, domain.NewAudit(operator, s.now(), "user.setup_code", ""))
}

// Setup makes the first administrator and signs him in. The code works once,
// and only as long as there is no user at all.
func (s *Service) Setup(ctx context.Context, code secret.Secret, n NewUser, from Origin) (SignedIn, error) {
	if !secret.WellFormed(secret.SetupCode, code.Reveal()) {
		return SignedIn{}, badCode()
	}
	if err := n.check(); err != nil {
		return SignedIn{}, err
	}
	if needed, err := s.SetupNeeded(ctx); err != nil || !needed {
		return SignedIn{}, cmp.Or(err, alreadySetUp()) // before it costs a slow hash
	}
	n.Admin = true
	stored, err := s.hashed(ctx, n)
	if err != nil {
		return SignedIn{}, err
	}
	stored.User = n.vouched(s.now())
	user, err := s.store.SetupFirstAdmin(ctx, code.Hash(), stored, from.event("user.setup", stored.User))
	if err != nil {
		return SignedIn{}, err
	}
	return s.startSession(ctx, user, stored.PasswordHash, from)
}
