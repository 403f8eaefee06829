package consent

import (
	"context"
	"fmt"

	"github.com/thingward/thingward/internal/domain"
)

// Programs returns the clients that act for the caller, the newest first, each
// with the newest of its connections. It is for credentials that manage
// connections, and for the command line of The Things Network.
func (s *Service) Programs(ctx context.Context, c domain.Caller) ([]domain.Connection, error) {
	var programs []domain.Connection
	seen := map[domain.ClientID]bool{}
	err := s.eachOfClients(ctx, c, func(found domain.Connection) error {
		if !seen[found.Client.ID] {
			programs = append(programs, found)
		}
		seen[found.Client.ID] = true
		return nil
	})
	return programs, err
}

// EndProgram ends all connections of the caller with a client. Where there is
// none, it is NotFound.
func (s *Service) EndProgram(ctx context.Context, c domain.Caller, id domain.ClientID) error {
	ended := 0
	err := s.eachOfClients(ctx, c, func(found domain.Connection) error {
		if found.Client.ID != id {
			return nil
		}
		if err := s.Store.EndConnection(ctx, c.User.ID, found.Grant.ID, s.ending(c)); err != nil && !domain.IsKind(err, domain.NotFound) {
			return fmt.Errorf("end connections with a client: %w", err)
		}
		ended++
		return nil
	})
	if err == nil && ended == 0 {
		err = domain.Errorf(domain.NotFound, "connection_not_found", "No such app acts for you.")
	}
	return err
}

// eachOfClients walks over the connections of the caller with clients.
func (s *Service) eachOfClients(ctx context.Context, c domain.Caller, act func(domain.Connection) error) error {
	if mayManage(c) != nil && !(c.ByOwnProgram() && c.Holds(domain.ScopeProfileWrite)) {
		return domain.Errorf(domain.Forbidden, "person_only", "No app is told which others act for its user, or ends them. See the page Connections.")
	}
	for page := (domain.Page{Limit: domain.MaxPageLimit}); ; {
		listed, err := s.Store.Connections(ctx, c.User.ID, page)
		if err != nil {
			return err
		}
		for _, found := range listed.Items {
			if found.Client == nil {
				continue
			}
			if err := act(found); err != nil {
				return err
			}
		}
		if page.Cursor = listed.Next; page.Cursor == "" {
			return nil
		}
	}
}
