package client

import (
	"context"
	"slices"

	"github.com/thingward/thingward/internal/domain"
)

// mayWrite refuses credentials that change no clients.
func mayWrite(c domain.Caller) error {
	if c.NoUser() || !c.Holds(domain.ScopeClientsWrite) {
		return domain.Errorf(domain.Forbidden, "insufficient_scope", "Changing apps needs a credential with the scope clients.write.")
	}
	return nil
}

func mayRead(c domain.Caller) error {
	if c.Anonymous() || !c.Holds(domain.ScopeClientsRead) {
		return domain.Errorf(domain.Forbidden, "insufficient_scope", "Seeing apps needs a credential with the scope clients.read.")
	}
	return nil
}

// decides reports whether the caller decides about the clients of others.
func decides(c domain.Caller) bool {
	return c.ActsAsAdmin() || c.Credential == domain.OperatorCredential
}

// owns reports whether the client is the caller's own.
func owns(c domain.Caller, client domain.Client) bool {
	return client.Owner != 0 && c.Is(client.Owner)
}

// Known reports whether the caller is shown all that is registered of a
// client, secrets excepted: its owner and administrators are. Others are shown
// what Outside leaves.
func Known(c domain.Caller, client domain.Client) bool { return owns(c, client) || decides(c) }

// Outside returns what everybody may know of a client.
func Outside(client domain.Client) domain.Client {
	return domain.Client{ID: client.ID, Owner: client.Owner, OwnerName: client.OwnerName, Kind: client.Kind, Official: client.Official, State: client.State,
		Name: client.Name, Description: client.Description, Website: client.Website, Icon: client.Icon}
}

// visible reports whether the caller may know that there is such a client.
func visible(c domain.Caller, client domain.Client) bool {
	return client.State == domain.ClientApproved || client.WorksFor(c.User.ID) || Known(c, client)
}

func notThere() error {
	return domain.Errorf(domain.NotFound, "client_not_found", "There is no such app, or it is not yours.")
}

// find returns a client that the caller may know of, whole.
func (s *Service) find(ctx context.Context, c domain.Caller, id domain.ClientID) (domain.Client, error) {
	client, err := s.Reader.Client(ctx, id)
	if err != nil && !domain.IsKind(err, domain.NotFound) {
		return domain.Client{}, err
	}
	if err != nil || !visible(c, client) {
		return domain.Client{}, notThere()
	}
	return client, nil
}

// manageable returns a client that the caller may change: his own, or any for
// administrators.
func (s *Service) manageable(ctx context.Context, c domain.Caller, id domain.ClientID) (domain.Client, error) {
	if err := mayWrite(c); err != nil {
		return domain.Client{}, err
	}
	client, err := s.find(ctx, c, id)
	if err != nil {
		return domain.Client{}, err
	}
	switch {
	case client.Owner == 0:
		return domain.Client{}, domain.Errorf(domain.Forbidden, "built_in", "This app is a part of Thingward: nobody can change it.")
	case !Known(c, client):
		return domain.Client{}, domain.Errorf(domain.Forbidden, "not_yours", "Only the owner of this app can change it.")
	}
	return client, nil
}

// own returns a client whose secret the caller may handle: his own, with a
// credential that manages credentials and may do what the client may do for
// him by itself.
func (s *Service) own(ctx context.Context, c domain.Caller, id domain.ClientID) (domain.Client, error) {
	if !c.Holds(domain.ScopeAccount) {
		return domain.Client{}, domain.Errorf(domain.Forbidden, "insufficient_scope", "Handling the secret of an app needs a credential with the scope account.")
	}
	client, err := s.manageable(ctx, c, id)
	if err != nil {
		return domain.Client{}, err
	}
	if !owns(c, client) && c.Credential != domain.OperatorCredential {
		return domain.Client{}, domain.Errorf(domain.Forbidden, "not_yours", "Only the owner of an app handles its secret. An administrator can suspend the app.")
	}
	if client.ActsForOwner() {
		return client, requireWithin(c, client)
	}
	return client, nil
}

// requireWithin refuses to make, or to hand the secret of, a client that acts
// for its owner with more than the credential that asks: it would be a way
// around the bounds of that credential.
func requireWithin(c domain.Caller, client domain.Client) error {
	switch {
	case !c.Holds(domain.ScopeAccount) || !client.Scopes.Within(c.Scopes):
		return domain.Errorf(domain.Forbidden, "insufficient_scope", "An app that acts for its owner by itself is as strong as a key: this needs a credential with the scope account and all scopes of the app. Sign in instead.")
	case !c.EndsAt().IsZero() || len(c.Allowed) > 0:
		return domain.Errorf(domain.Forbidden, "beyond_credential", "An app that acts for its owner by itself would work longer, or from elsewhere, than the credential that asks. Sign in instead.")
	}
	return nil
}

// mayBecome refuses what only administrators make of a client, and what would
// reach beyond the caller's own credential.
func mayBecome(c domain.Caller, before, after domain.Client) error {
	if !decides(c) {
		if after.Has(domain.SwitchHTTPRedirect) && !before.Has(domain.SwitchHTTPRedirect) {
			return domain.Errorf(domain.Forbidden, "admin_only", "Only an administrator can allow an app redirect URIs with plain http.")
		}
		if slices.ContainsFunc(after.Resources, func(r string) bool { return !slices.Contains(before.Resources, r) }) {
			return domain.Errorf(domain.Forbidden, "admin_only", "Only an administrator can say that an app is the server of a resource: it is told about every token for it.")
		}
	}
	if after.ActsForOwner() && (!before.ActsForOwner() || before.WidensTo(after)) {
		return requireWithin(c, after)
	}
	return nil
}
