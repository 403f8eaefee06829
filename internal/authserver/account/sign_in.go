package account

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// SignedIn is a person who has just signed in.
type SignedIn struct {
	Cookie secret.Secret // of the new session
	User   domain.User
}

// SignIn checks name and password and starts a session with a new id. To
// unknown names and wrong passwords the answer is the same Unauthenticated
// error after the same work; too many attempts are TooMany.
func (s *Service) SignIn(ctx context.Context, name string, password secret.Secret, from Origin) (SignedIn, error) {
	name = folded(name)
	user, hash, err := s.lookUp(ctx, name)
	if err != nil {
		return SignedIn{}, err
	}
	try := attempt{&s.signIns, "session.refused", user, name, from.Address}
	if err := s.check(ctx, try, hash, password); err != nil {
		return SignedIn{}, err
	}
	if user.Suspended {
		return SignedIn{}, suspended()
	}
	return s.startSession(ctx, user, hash, from)
}

// lookUp finds the user and his password hash. To an unknown name it gives no
// error but a zero user without a hash, so that what follows is the same.
func (s *Service) lookUp(ctx context.Context, name string) (domain.User, string, error) {
	user, hash, err := s.store.UserWithPassword(ctx, name)
	if domain.IsKind(err, domain.NotFound) {
		return domain.User{}, "", nil
	}
	return user, hash, err
}

// attempt is one try at a password.
type attempt struct {
	throttle *throttle
	refusal  string      // act of the audit event when it fails
	user     domain.User // zero: unknown
	name     string      // as it was given
	address  netip.Addr
}

// check is the one place where a password is compared: throttled, and
// recorded when it is wrong. It does the same work for known and unknown users.
func (s *Service) check(ctx context.Context, try attempt, hash string, password secret.Secret) error {
	if err := try.throttle.admit(s.now(), try.name, try.address); err != nil {
		return err
	}
	same, err := s.hashing.Matches(ctx, hash, password)
	if err != nil {
		return fmt.Errorf("check password: %w", err)
	}
	if !same {
		return s.refuse(ctx, try)
	}
	try.throttle.succeed(s.now(), try.name, try.address)
	return nil
}

// refuse records the failure, also that of an unknown name, because a commit
// takes time that would tell the two apart. The name itself is kept only
// where it is somebody's: people type passwords into the wrong field.
func (s *Service) refuse(ctx context.Context, try attempt) error {
	caller := domain.Caller{Credential: domain.PasswordCredential, Address: try.address}
	event := domain.NewAudit(caller, s.now(), try.refusal, "")
	event.Result = domain.CodeOf(wrongCredentials())
	if try.user.ID != 0 {
		event.Subject, event.Thing = try.user.ID, "user "+try.user.Name
	}
	if err := s.store.Record(ctx, event); err != nil {
		return fmt.Errorf("record a refused password: %w", err)
	}
	return wrongCredentials()
}

func (s *Service) startSession(ctx context.Context, user domain.User, hash string, from Origin) (SignedIn, error) {
	cookie := secret.Generate(secret.Session)
	elsewhere, err := s.notice(domain.MailNewSignIn, user, "", from)
	if err != nil {
		return SignedIn{}, err
	}
	session := domain.NewSession{Hash: cookie.Hash(), User: user.ID, Verified: hash, Address: from.address(), Program: from.program(),
		Place: domain.SignInPlace(from.program(), from.Address), Elsewhere: elsewhere}
	if _, err := s.store.CreateSession(ctx, session, from.event("session.start", user)); err != nil {
		return SignedIn{}, fmt.Errorf("start session: %w", err)
	}
	return SignedIn{Cookie: cookie, User: user}, nil
}

// SignOut ends the session of the caller. One that is over already is no fault.
func (s *Service) SignOut(ctx context.Context, c domain.Caller) error {
	err := s.EndSession(ctx, c, c.Session)
	if domain.IsKind(err, domain.NotFound) {
		return nil
	}
	return err
}

// Sessions lists the live sessions of the caller, the last used one first.
func (s *Service) Sessions(ctx context.Context, c domain.Caller) ([]domain.Session, error) {
	if err := requirePerson(c); err != nil {
		return nil, err
	}
	return s.store.SessionsOf(ctx, c.User.ID)
}

// EndSession ends one of the caller's sessions, at once.
func (s *Service) EndSession(ctx context.Context, c domain.Caller, id domain.SessionID) error {
	if err := requirePerson(c); err != nil {
		return err
	}
	return s.store.EndSession(ctx, c.User.ID, id, domain.NewAudit(c, s.now(), "session.end", fmt.Sprintf("session %d", id)))
}

// EndOtherSessions ends all sessions of the caller but the one he uses.
func (s *Service) EndOtherSessions(ctx context.Context, c domain.Caller) error {
	if err := requirePerson(c); err != nil {
		return err
	}
	return s.store.EndSessions(ctx, c.User.ID, c.Session, domain.NewAudit(c, s.now(), "session.end_others", ""))
}
