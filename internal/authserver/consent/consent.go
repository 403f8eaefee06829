// Package consent holds what people do about the programs that act for them:
// see what each may do and did, rename it, and end it. Keys and clients are
// one list here; how each comes to be is the matter of other slices.
package consent

import (
	"context"
	"fmt"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
)

// Store keeps connections. Each method that changes something is one
// transaction that writes its event too.
type Store interface {
	Connections(ctx context.Context, user domain.UserID, page domain.Page) (domain.Listed[domain.Connection], error)
	Connection(ctx context.Context, user domain.UserID, id domain.GrantID) (domain.Connection, error)
	CredentialUses(ctx context.Context, grant domain.GrantID, limit int) ([]domain.CredentialUse, error)
	RenameConnection(ctx context.Context, user domain.UserID, id domain.GrantID, name string, event domain.AuditEvent) error
	EndConnection(ctx context.Context, user domain.UserID, id domain.GrantID, event domain.AuditEvent) error
	EndConnections(ctx context.Context, user domain.UserID, spared domain.GrantID, event domain.AuditEvent) (int, error)
}

// Service is the use cases of connections.
type Service struct {
	Store  Store
	Finder *guard.Finder
	Now    func() time.Time
}

// mayManage refuses credentials that manage no others, and clients that act
// for nobody.
func mayManage(c domain.Caller) error {
	if !c.Holds(domain.ScopeAccount) || c.User.ID == 0 {
		return domain.Errorf(domain.Forbidden, "insufficient_scope", "Managing connections needs a credential with the scope account.")
	}
	return nil
}

// Connections returns what acts for the caller, newest first, with the things
// in scopes by name.
func (s *Service) Connections(ctx context.Context, c domain.Caller, page domain.Page) (domain.Listed[domain.Connection], error) {
	if err := mayManage(c); err != nil {
		return domain.Listed[domain.Connection]{}, err
	}
	listed, err := s.Store.Connections(ctx, c.User.ID, page)
	if err != nil {
		return domain.Listed[domain.Connection]{}, err
	}
	return listed, s.describe(ctx, listed.Items)
}

// Find returns one of the caller's connections. Somebody else's, and one that
// has ended, is not found.
func (s *Service) Find(ctx context.Context, c domain.Caller, id domain.GrantID) (domain.Connection, error) {
	found, err := s.own(ctx, c, id)
	if err != nil {
		return domain.Connection{}, err
	}
	one := []domain.Connection{found}
	return one[0], s.describe(ctx, one)
}

// own returns a connection of the caller with things in stored form.
func (s *Service) own(ctx context.Context, c domain.Caller, id domain.GrantID) (domain.Connection, error) {
	if err := mayManage(c); err != nil {
		return domain.Connection{}, err
	}
	return s.Store.Connection(ctx, c.User.ID, id)
}

// Rename changes what the caller calls a connection. A credential renames
// none that may do more than itself: under another name a person might take
// it for something else.
func (s *Service) Rename(ctx context.Context, c domain.Caller, id domain.GrantID, name string) (domain.Connection, error) {
	found, err := s.own(ctx, c, id)
	if err != nil {
		return domain.Connection{}, err
	}
	switch {
	case !found.Grant.Scopes.Within(c.Scopes):
		return domain.Connection{}, domain.Errorf(domain.Forbidden, "insufficient_scope", "The connection may do more than the credential that asks. Sign in, or use one that may do as much.")
	case standing(found):
		return domain.Connection{}, domain.Errorf(domain.Conflict, "standing_connection", "The app keeps this connection by itself, so it has no name of yours.")
	}
	if err := domain.CheckConnectionName(name); err != nil {
		return domain.Connection{}, err
	}
	event := domain.NewAudit(c, s.Now(), "grant.rename", thingOf(found))
	if err := s.Store.RenameConnection(ctx, c.User.ID, id, name, event); err != nil {
		return domain.Connection{}, fmt.Errorf("rename connection: %w", err)
	}
	return s.Find(ctx, c, id)
}

// End takes back what the caller allowed one program. It is dead when End
// returns. Any credential that manages the account may end any other: less
// can be done afterwards, never more.
func (s *Service) End(ctx context.Context, c domain.Caller, id domain.GrantID) error {
	if err := mayManage(c); err != nil {
		return err
	}
	if err := s.Store.EndConnection(ctx, c.User.ID, id, s.ending(c)); err != nil {
		return fmt.Errorf("end connection: %w", err)
	}
	return nil
}

// EndAll ends everything that acts for the caller but the credential that he
// asks with, and says how many there were.
func (s *Service) EndAll(ctx context.Context, c domain.Caller) (int, error) {
	if err := mayManage(c); err != nil {
		return 0, err
	}
	ended, err := s.Store.EndConnections(ctx, c.User.ID, c.Grant, s.ending(c))
	if err != nil {
		return 0, fmt.Errorf("end connections: %w", err)
	}
	return ended, nil
}

// ending is the event of ending a connection; the store fills in which.
func (s *Service) ending(c domain.Caller) domain.AuditEvent {
	return domain.NewAudit(c, s.Now(), "grant.revoke", "")
}

func thingOf(c domain.Connection) string {
	if c.Key != nil {
		return "key " + string(c.Key.ID)
	}
	return "client " + string(c.Grant.Client)
}
