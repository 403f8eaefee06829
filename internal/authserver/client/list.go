package client

import (
	"context"

	"github.com/thingward/thingward/internal/domain"
)

// Filter selects clients for a list.
type Filter struct {
	Which  domain.ClientWhich // empty: domain.ClientsVisible
	State  domain.ClientState // empty: every
	Search string             // part of the name or description, in any case
}

// maxSearch bounds what a search looks for, in bytes.
const maxSearch = 200

// Usage says how much a client is used.
type Usage = domain.ClientUsage

// Find returns a client as the caller may see it: whole for its owner and
// administrators (Known), and what Outside leaves for everybody else. Clients
// that are not approved are not found by strangers.
func (s *Service) Find(ctx context.Context, c domain.Caller, id domain.ClientID) (domain.Client, error) {
	if err := mayRead(c); err != nil {
		return domain.Client{}, err
	}
	client, err := s.find(ctx, c, id)
	if err != nil {
		return domain.Client{}, err
	}
	return asSeenBy(c, client), nil
}

func asSeenBy(c domain.Caller, client domain.Client) domain.Client {
	if Known(c, client) {
		return client
	}
	return Outside(client)
}

// List returns clients as the caller may see them, newest first. The list of
// all is for administrators.
func (s *Service) List(ctx context.Context, c domain.Caller, f Filter, page domain.Page) (domain.Listed[domain.Client], error) {
	none := domain.Listed[domain.Client]{}
	if err := mayRead(c); err != nil {
		return none, err
	}
	if f.Which == "" {
		f.Which = domain.ClientsVisible
	}
	if err := f.check(); err != nil {
		return none, err
	}
	if f.Which == domain.ClientsAll && !decides(c) {
		return none, domain.Errorf(domain.Forbidden, "admin_only", "Only an administrator sees the apps of everybody in every state.")
	}
	listed, err := s.Reader.Clients(ctx, domain.ClientFilter{Which: f.Which, User: c.User.ID, State: f.State, Search: f.Search}, page)
	if err != nil {
		return none, err
	}
	for i, client := range listed.Items {
		listed.Items[i] = asSeenBy(c, client)
	}
	return listed, nil
}

func (f Filter) check() error {
	switch f.Which {
	case domain.ClientsVisible, domain.ClientsContributed, domain.ClientsInstalled, domain.ClientsAll:
	default:
		return domain.InvalidField("which", "which is visible, contributed, installed or all.")
	}
	switch f.State {
	case "", domain.ClientRequested, domain.ClientApproved, domain.ClientRejected, domain.ClientSuspended:
	default:
		return domain.InvalidField("state", "state is requested, approved, rejected or suspended.")
	}
	if len(f.Search) > maxSearch {
		return domain.InvalidField("search", "A search has at most %d characters.", maxSearch)
	}
	return nil
}

// UsersOf says how many people allow a client, and when it was last used. It
// is for its owner and administrators.
func (s *Service) UsersOf(ctx context.Context, c domain.Caller, id domain.ClientID) (Usage, error) {
	if err := mayRead(c); err != nil {
		return Usage{}, err
	}
	client, err := s.find(ctx, c, id)
	if err != nil {
		return Usage{}, err
	}
	if !Known(c, client) {
		return Usage{}, domain.Errorf(domain.Forbidden, "not_yours", "Only the owner of this app sees how much it is used.")
	}
	return s.Reader.ClientUsage(ctx, id)
}
