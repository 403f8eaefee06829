package app

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"time"

	"github.com/thingward/thingward/internal/authserver/account"
	"github.com/thingward/thingward/internal/authserver/key"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// operation is an act of an operator. It runs in the process that has the
// store open: the command itself, or the server that it reaches over the
// control socket. Arguments and results are JSON.
type operation func(ctx context.Context, s *server, in json.RawMessage) (any, error)

// operations are all acts of an operator but backup and restore, which move
// files.
var operations = map[string]operation{
	"users":                act(listUsers),
	"user.create":          act(createUser),
	"user.suspend":         act(suspendUser),
	"user.resume":          act(resumeUser),
	"password.reset":       act(resetPassword),
	"keys":                 act(listKeys),
	"key.create":           act(createKey),
	"key.import":           act(importKey),
	"key.revoke":           act(revokeKey),
	"clients":              act(listClients),
	"client.create":        act(createClient),
	"client.import":        act(importClient),
	"client.approve":       act(approveClient),
	"client.reject":        act(rejectClient),
	"client.suspend":       act(suspendClient),
	"client.resume":        act(resumeClient),
	"client.delete":        act(deleteClient),
	"client.rotate_secret": act(rotateClientSecret),
	"signing_keys":         act(listSigningKeys),
	"signing_key.rotate":   act(rotateSigningKey),
	"doctor":               act(examine),
}

func act[In, Out any](do func(context.Context, *server, In) (Out, error)) operation {
	return func(ctx context.Context, s *server, raw json.RawMessage) (any, error) {
		var in In
		if err := json.Unmarshal(raw, &in); err != nil {
			return nil, fmt.Errorf("arguments: %w", err)
		}
		return do(ctx, s, in)
	}
}

// operatorCaller is who stands behind a command on the data folder: whoever
// can read the folder can do everything, on the record.
func operatorCaller() domain.Caller {
	return domain.Caller{Credential: domain.OperatorCredential, Scopes: domain.EveryScope(),
		User: domain.User{Name: "operator", Admin: true}}
}

// onBehalf is the operator acting for a user's account.
func (s *server) onBehalf(ctx context.Context, name string) (domain.Caller, error) {
	user, err := s.store.UserByName(ctx, name)
	c := operatorCaller()
	c.User = user
	return c, err
}

// OperatorUser is a user as an operator sees him.
type OperatorUser struct {
	Name         string
	Email        string
	Admin        bool
	Suspended    bool
	CreatedAt    time.Time
	LastSignInAt time.Time // zero: never
}

type nothing struct{}

type named struct{ Name string }

func listUsers(ctx context.Context, s *server, _ nothing) ([]OperatorUser, error) {
	users := []OperatorUser{}
	page := domain.Page{Limit: domain.MaxPageLimit}
	for {
		listed, err := s.accounts.Users(ctx, operatorCaller(), page)
		if err != nil {
			return nil, err
		}
		for _, u := range listed.Items {
			users = append(users, OperatorUser{u.Name, u.Email, u.Admin, u.Suspended, u.CreatedAt, u.LastSignInAt})
		}
		if page.Cursor = listed.Next; listed.Next == "" {
			return users, nil
		}
	}
}

type newUser struct {
	Name, Email, Password string
	Admin                 bool
}

// createUser returns the password that it made, where none was given.
func createUser(ctx context.Context, s *server, in newUser) (string, error) {
	made := ""
	if in.Password == "" {
		made = secret.Generate(secret.TempPassword).Reveal()
		in.Password = made
	}
	_, err := s.accounts.Create(ctx, operatorCaller(), account.NewUser{Name: in.Name, Email: in.Email, Admin: in.Admin, Password: secret.New(in.Password)})
	return made, err
}

func suspendUser(ctx context.Context, s *server, in named) (nothing, error) {
	return nothing{}, s.accounts.Suspend(ctx, operatorCaller(), in.Name)
}

func resumeUser(ctx context.Context, s *server, in named) (nothing, error) {
	return nothing{}, s.accounts.Resume(ctx, operatorCaller(), in.Name)
}

func resetPassword(ctx context.Context, s *server, in named) (string, error) {
	password, err := s.accounts.ResetPassword(ctx, operatorCaller(), in.Name)
	return password.Reveal(), err
}

// OperatorKey is a key that an operator makes or imports for a user. Scopes
// are as a person writes them; an empty text means "sensors.* readings.*".
type OperatorKey struct {
	User        string
	Name        string
	Description string
	Scopes      string
	ExpiresAt   time.Time // zero: never
	Allowed     string    // addresses and networks; empty: anywhere
	ID          string    // of a key to import
	Password    string    // of a key to import
}

// MadeKey is what a new key was given. The things in its scopes are named
// with their owners.
type MadeKey struct {
	ID, Password string
	Scopes       []string
}

// defaultKeyScopes are what gateways and scripts need: WoTKit's keys could do
// this much.
const defaultKeyScopes = "sensors.* readings.* profile"

func (k OperatorKey) read() (key.NewKey, error) {
	if k.Scopes == "" {
		k.Scopes = defaultKeyScopes
	}
	scopes, err := domain.ParseScopes(k.Scopes)
	if err != nil {
		return key.NewKey{}, err
	}
	var allowed []netip.Prefix
	if allowed, err = domain.ParseAllowed(k.Allowed); err != nil {
		return key.NewKey{}, err
	}
	return key.NewKey{Name: k.Name, Description: k.Description, Scopes: scopes, ExpiresAt: k.ExpiresAt, Allowed: allowed}, nil
}

func createKey(ctx context.Context, s *server, in OperatorKey) (MadeKey, error) {
	wanted, err := in.read()
	if err != nil {
		return MadeKey{}, err
	}
	caller, err := s.onBehalf(ctx, in.User)
	if err != nil {
		return MadeKey{}, err
	}
	made, password, err := s.keys.Create(ctx, caller, wanted)
	return MadeKey{string(made.ID), password.Reveal(), listedKeyOf(made).Scopes}, err
}

func importKey(ctx context.Context, s *server, in OperatorKey) (nothing, error) {
	wanted, err := in.read()
	if err != nil {
		return nothing{}, err
	}
	caller, err := s.onBehalf(ctx, in.User)
	if err != nil {
		return nothing{}, err
	}
	_, err = s.keys.Import(ctx, caller, domain.KeyID(in.ID), secret.New(in.Password), wanted)
	return nothing{}, err
}

func revokeKey(ctx context.Context, s *server, in named) (nothing, error) {
	return nothing{}, s.keys.Revoke(ctx, operatorCaller(), domain.KeyID(in.Name))
}
