package portal

import (
	"context"
	"iter"
	"time"

	"github.com/thingward/thingward/internal/authserver/account"
	"github.com/thingward/thingward/internal/authserver/authorize"
	"github.com/thingward/thingward/internal/authserver/client"
	"github.com/thingward/thingward/internal/authserver/key"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/resourceserver/reading"
	"github.com/thingward/thingward/internal/secret"
)

// Accounts is what pages do with accounts.
type Accounts interface {
	Entrance
	OwnAccount
	Directory
}

// Entrance is how people come in and go.
type Entrance interface {
	SignUp(ctx context.Context, in account.NewUser, from account.Origin) (domain.User, error)
	SignIn(ctx context.Context, name string, password secret.Secret, from account.Origin) (account.SignedIn, error)
	SignOut(ctx context.Context, c domain.Caller) error
	SetupNeeded(ctx context.Context) (bool, error)
	Setup(ctx context.Context, code secret.Secret, in account.NewUser, from account.Origin) (account.SignedIn, error)
}

// OwnAccount is what people do with their own account.
type OwnAccount interface {
	ConfirmPassword(ctx context.Context, c domain.Caller, password secret.Secret) error
	Sessions(ctx context.Context, c domain.Caller) ([]domain.Session, error)
	EndSession(ctx context.Context, c domain.Caller, id domain.SessionID) error
	EndOtherSessions(ctx context.Context, c domain.Caller) error
	ChangePassword(ctx context.Context, c domain.Caller, old, new secret.Secret) error
	EditProfile(ctx context.Context, c domain.Caller, edit account.ProfileEdit) (domain.User, error)
	Audit(ctx context.Context, c domain.Caller, page domain.Page) (domain.Listed[domain.AuditEvent], error)
}

// Directory is what administrators do with accounts.
type Directory interface {
	Users(ctx context.Context, c domain.Caller, page domain.Page) (domain.Listed[domain.User], error)
	Create(ctx context.Context, c domain.Caller, in account.NewUser) (domain.User, error)
	Suspend(ctx context.Context, c domain.Caller, name string) error
	Resume(ctx context.Context, c domain.Caller, name string) error
	ResetPassword(ctx context.Context, c domain.Caller, name string) (secret.Secret, error)
	Invite(ctx context.Context, c domain.Caller) (secret.Secret, error)
	AuditAll(ctx context.Context, c domain.Caller, page domain.Page) (domain.Listed[domain.AuditEvent], error)
}

// Keys is what pages do with keys.
type Keys interface {
	KeyActs
	List(ctx context.Context, c domain.Caller, page domain.Page) (domain.Listed[domain.Key], error)
	Find(ctx context.Context, c domain.Caller, id domain.KeyID) (domain.Key, error)
	Uses(ctx context.Context, c domain.Caller, id domain.KeyID) ([]domain.DayUse, error)
}

// KeyActs changes keys and shows their secrets.
type KeyActs interface {
	Create(ctx context.Context, c domain.Caller, in key.NewKey) (domain.Key, secret.Secret, error)
	View(ctx context.Context, c domain.Caller, id domain.KeyID) (secret.Secret, error)
	Edit(ctx context.Context, c domain.Caller, id domain.KeyID, edit key.KeyEdit) (domain.Key, error)
	Rotate(ctx context.Context, c domain.Caller, id domain.KeyID, overlap time.Duration) (secret.Secret, error)
	Revoke(ctx context.Context, c domain.Caller, id domain.KeyID) error
}

// Connections is what pages do with what acts for somebody.
type Connections interface {
	Connections(ctx context.Context, c domain.Caller, page domain.Page) (domain.Listed[domain.Connection], error)
	Find(ctx context.Context, c domain.Caller, id domain.GrantID) (domain.Connection, error)
	Uses(ctx context.Context, c domain.Caller, id domain.GrantID) ([]domain.DayUse, error)
	Rename(ctx context.Context, c domain.Caller, id domain.GrantID, name string) (domain.Connection, error)
	End(ctx context.Context, c domain.Caller, id domain.GrantID) error
	EndAll(ctx context.Context, c domain.Caller) (ended int, err error)
}

// Clients is what pages do with apps.
type Clients interface {
	ClientActs
	ClientReview
	List(ctx context.Context, c domain.Caller, filter client.Filter, page domain.Page) (domain.Listed[domain.Client], error)
	Find(ctx context.Context, c domain.Caller, id domain.ClientID) (domain.Client, error)
	UsersOf(ctx context.Context, c domain.Caller, id domain.ClientID) (client.Usage, error)
	History(ctx context.Context, c domain.Caller, id domain.ClientID) ([]domain.ClientStage, error)
}

// ClientActs registers and changes apps, and shows their secrets.
type ClientActs interface {
	Register(ctx context.Context, c domain.Caller, in client.NewClient) (domain.Client, secret.Secret, error)
	Edit(ctx context.Context, c domain.Caller, id domain.ClientID, edit client.ClientEdit) (domain.Client, error)
	Delete(ctx context.Context, c domain.Caller, id domain.ClientID) error
	RotateSecret(ctx context.Context, c domain.Caller, id domain.ClientID, overlap time.Duration) (secret.Secret, error)
	ViewSecret(ctx context.Context, c domain.Caller, id domain.ClientID) (secret.Secret, error)
}

// ClientReview is what administrators decide about apps.
type ClientReview interface {
	ApproveSeen(ctx context.Context, c domain.Caller, id domain.ClientID, seen time.Time) error
	Reject(ctx context.Context, c domain.Caller, id domain.ClientID, reason string) error
	Suspend(ctx context.Context, c domain.Caller, id domain.ClientID, reason string) error
	ResumeSeen(ctx context.Context, c domain.Caller, id domain.ClientID, seen time.Time) error
	MakeOfficial(ctx context.Context, c domain.Caller, id domain.ClientID) error
	MakeUnofficial(ctx context.Context, c domain.Caller, id domain.ClientID) error
}

// Authorizer is what pages do with authorization requests.
type Authorizer interface {
	Begin(ctx context.Context, kind domain.ClientKind, query string) (authorize.Request, error)
	Keep(ctx context.Context, c domain.Caller, request authorize.Request) (query string, err error)
	Ask(ctx context.Context, c domain.Caller, request authorize.Request) (authorize.Question, error)
	Proceed(ctx context.Context, c domain.Caller, question authorize.Question) (authorize.Redirect, error)
	Allow(ctx context.Context, c domain.Caller, request authorize.Request, decision authorize.Decision) (authorize.Redirect, error)
	Deny(ctx context.Context, c domain.Caller, request authorize.Request) (authorize.Redirect, error)
	DeviceAuthorizer
}

// DeviceAuthorizer finds the request of the device that shows a code.
type DeviceAuthorizer interface {
	EnterUserCode(ctx context.Context, c domain.Caller, typed string) (authorize.Request, error)
	DeviceRequest(ctx context.Context, c domain.Caller, typed string) (authorize.Request, error)
}

// Devices is what pages do with devices.
type Devices interface {
	DeviceActs
	List(ctx context.Context, c domain.Caller, page domain.Page) (domain.Listed[domain.Device], error)
}

// Sensors looks sensors up for pages.
type Sensors interface {
	Find(ctx context.Context, c domain.Caller, ref string, right domain.Right) (domain.Sensor, error)
	List(ctx context.Context, c domain.Caller, filter domain.SensorFilter) ([]domain.Sensor, error)
	Count(ctx context.Context, c domain.Caller, filter domain.SensorFilter) (int, error)
	StatesFor(ctx context.Context, c domain.Caller, sensors ...domain.Sensor) (map[domain.SensorID]domain.SensorState, error)
}

// Readings reads data for pages.
type Readings interface {
	Query(ctx context.Context, c domain.Caller, ref string, query reading.Query) (domain.Sensor, iter.Seq2[domain.Reading, error], error)
}
