// Package account is about people: sign-up, sign-in, sessions, passwords,
// profiles, the first administrator, and what administrators do with accounts.
// Who is behind a request is found out by guard, which asks here only about
// user names with passwords.
package account

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
)

// Store is what accounts need of the store.
type Store interface {
	People
	Changes
	Sessions
	Records
	Things
}

// People makes and finds users. Unknown ones are NotFound.
type People interface {
	CreateUser(ctx context.Context, n domain.NewUser, event domain.AuditEvent) (domain.User, error)
	CreateInvitedUser(ctx context.Context, invite secret.Hash, n domain.NewUser, event domain.AuditEvent) (domain.User, error)
	SetupFirstAdmin(ctx context.Context, code secret.Hash, n domain.NewUser, event domain.AuditEvent) (domain.User, error)
	UserByID(ctx context.Context, id domain.UserID) (domain.User, error)
	UserWithPassword(ctx context.Context, name string) (domain.User, string, error)
	Users(ctx context.Context, page domain.Page) (domain.Listed[domain.User], error)
	AnyUsers(ctx context.Context) (bool, error)
}

// Changes changes users and makes codes for new ones.
type Changes interface {
	SetPassword(ctx context.Context, change domain.PasswordChange, event domain.AuditEvent, mails ...domain.NewMail) error
	UpdateProfile(ctx context.Context, change domain.ProfileChange, event domain.AuditEvent) error
	SuspendUser(ctx context.Context, id domain.UserID, event domain.AuditEvent) error
	ResumeUser(ctx context.Context, id domain.UserID, event domain.AuditEvent) error
	CreateOnceCode(ctx context.Context, code domain.OnceCode, event domain.AuditEvent) error
}

// Sessions keeps sessions. Unknown ones are NotFound.
type Sessions interface {
	CreateSession(ctx context.Context, n domain.NewSession, event domain.AuditEvent) (domain.Session, error)
	ConfirmSession(ctx context.Context, id domain.SessionID, event domain.AuditEvent) error
	SessionsOf(ctx context.Context, user domain.UserID) ([]domain.Session, error)
	EndSession(ctx context.Context, user domain.UserID, id domain.SessionID, event domain.AuditEvent) error
	EndSessions(ctx context.Context, user domain.UserID, except domain.SessionID, event domain.AuditEvent) error
}

// Records keeps audit events.
type Records interface {
	Record(ctx context.Context, event domain.AuditEvent) error
	AuditOf(ctx context.Context, user domain.UserID, page domain.Page) (domain.Listed[domain.AuditEvent], error)
	AuditAll(ctx context.Context, page domain.Page) (domain.Listed[domain.AuditEvent], error)
}

// Things names the things to which scopes are narrowed. Unknown ones are left
// out.
type Things interface {
}

// SignUpPolicy says who may make an account for himself. The zero value lets
// nobody.
type SignUpPolicy string

// The policies, as `thingward serve --sign-up` names them.
const (
	SignUpOpen   SignUpPolicy = "open"
	SignUpInvite SignUpPolicy = "invite"
	SignUpClosed SignUpPolicy = "closed"
)

// Service does what people do with accounts.
type Service struct {
	Finder *guard.Finder // says things in scopes by name
	Mails  Mails         // nil: none are sent, and addresses count without proof

	store   Store
	policy  SignUpPolicy
	now     func() time.Time
	hashing hashing
	signIns throttle // of people in browsers
	basics  throttle // of programs that send name and password, so that a stray script does not slow its owner's sign-in
	signUps guard.Rates[netip.Prefix]
	proofs  guard.Rates[domain.UserID] // mails to addresses that are to be proven
	mailed  guard.Rates[domain.Mailing]
	proven  proven
	flights flights
}

// New makes the service.
func New(store Store, policy SignUpPolicy, now func() time.Time) *Service {
	return &Service{store: store, policy: policy, now: now, hashing: argon{}}
}

// hashing is the slow hash of passwords.
type hashing interface {
	Hash(ctx context.Context, password secret.Secret) (string, error)
	Matches(ctx context.Context, stored string, password secret.Secret) (bool, error)
}

type argon struct{}

func (argon) Hash(ctx context.Context, password secret.Secret) (string, error) {
	return secret.HashPassword(ctx, password)
}

func (argon) Matches(ctx context.Context, stored string, password secret.Secret) (bool, error) {
	return secret.PasswordMatches(ctx, stored, password)
}

// Origin says where a request without a caller comes from.
type Origin struct {
	Address netip.Addr
	Program string // user agent
}

// event makes the audit event of an act with a password.
func (o Origin) event(act string, user domain.User) domain.AuditEvent {
	caller := domain.Caller{User: user, Credential: domain.PasswordCredential, Address: o.Address}
	return domain.NewAudit(caller, time.Time{}, act, "user "+user.Name)
}

// program is the user agent as it can be stored.
func (o Origin) program() string {
	const most = 200
	text := o.Program
	if len(text) > most {
		text = text[:most]
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, "�"), "\x00", "")
}

func (o Origin) address() string {
	if !o.Address.IsValid() {
		return ""
	}
	return o.Address.String()
}

// folded is the name as it is stored: names are lower case, and people type
// capitals and spaces.
func folded(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// wrongCredentials is the one answer to every wrong name or password.
func wrongCredentials() error {
	return domain.Errorf(domain.Unauthenticated, "wrong_credentials", "The name or the password is wrong.")
}

func suspended() error {
	return domain.Errorf(domain.Forbidden, "suspended", "This account is suspended. Ask an administrator.")
}

// requirePerson lets in only people who are signed in with a browser: no key
// manages passwords and sessions.
func requirePerson(c domain.Caller) error {
	if c.Credential != domain.SessionCredential {
		return domain.Errorf(domain.Forbidden, "person_only", "Only a person who is signed in with a browser may do this.")
	}
	return nil
}

func requireAdmin(c domain.Caller) error {
	if !c.ActsAsAdmin() || c.User.Suspended {
		return domain.Errorf(domain.Forbidden, "admin_only", "Only an administrator, with a credential that holds the scope admin, may do this.")
	}
	return nil
}
