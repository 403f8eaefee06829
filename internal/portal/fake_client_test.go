package portal

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/authserver/client"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// fakeClients are the apps of the world.
type fakeClients struct{ *world }

type fakeClient struct {
	domain.Client
	secret string
}

func (w fakeClients) find(c domain.Caller, id domain.ClientID) (*fakeClient, error) {
	for _, found := range w.clients {
		if found.ID == id && (found.State == domain.ClientApproved || client.Known(c, found.Client)) {
			return found, nil
		}
	}
	return nil, domain.Errorf(domain.NotFound, "client_not_found", "There is no such app, or it is not yours.")
}

func (w fakeClients) Register(_ context.Context, c domain.Caller, in client.NewClient) (domain.Client, secret.Secret, error) {
	scopes, err := in.Kind.ClientScopes(in.Scopes)
	if err != nil {
		return domain.Client{}, secret.Secret{}, err
	}
	made := &fakeClient{Client: domain.Client{ID: in.ID, Owner: c.User.ID, OwnerName: c.User.Name, Kind: in.Kind, Public: in.Public, State: domain.ClientApproved,
		Name: in.Name, Description: in.Description, Website: in.Website, PrivacyURL: in.PrivacyURL, Icon: in.Icon, RedirectURIs: in.RedirectURIs, Scopes: scopes,
		GrantTypes: in.GrantTypes, Switches: in.Switches, Resources: in.Resources, Lives: in.Lives, CreatedAt: w.now, ChangedAt: w.now, Viewable: !in.Public}}
	for _, name := range in.Testers {
		if w.users[name] == nil {
			return domain.Client{}, secret.Secret{}, domain.InvalidField("testers", "There is no user %q.", name)
		}
		made.Testers = append(made.Testers, domain.Tester{ID: w.users[name].ID, Name: name})
	}
	if in.ID == "" {
		made.ID = "5f0c7a19e2b4d836"
	}
	if in.Kind == domain.TTNClient {
		made.State = domain.ClientRequested
	}
	if err := made.Check(); err != nil {
		return domain.Client{}, secret.Secret{}, err
	}
	if slices.ContainsFunc(w.clients, func(other *fakeClient) bool { return other.ID == made.ID }) {
		taken := domain.Errorf(domain.Conflict, "client_id_taken", "The client id %s is taken.", made.ID)
		return domain.Client{}, secret.Secret{}, fmt.Errorf("register client: %w", taken) // as the service says it to the log
	}
	w.world.clients = append(w.clients, made)
	if in.Public {
		return made.Client, secret.Secret{}, nil
	}
	text := secret.Generate(secret.ClientSecret)
	made.secret = text.Reveal()
	return made.Client, text, nil
}

func (w fakeClients) Edit(_ context.Context, c domain.Caller, id domain.ClientID, edit client.ClientEdit) (domain.Client, error) {
	found, err := w.find(c, id)
	if err != nil {
		return domain.Client{}, err
	}
	after := found.Client
	after.Name, after.RedirectURIs, after.Switches, after.Lives = *edit.Name, *edit.RedirectURIs, *edit.Switches, *edit.Lives
	if after.Scopes, err = after.Kind.ClientScopes(*edit.Scopes); err != nil {
		return domain.Client{}, err
	}
	if err := after.Check(); err != nil {
		return domain.Client{}, err
	}
	found.Client = after
	return after, nil
}

func (w fakeClients) Delete(_ context.Context, _ domain.Caller, id domain.ClientID) error {
	w.world.clients = slices.DeleteFunc(w.clients, func(c *fakeClient) bool { return c.ID == id })
	return nil
}

func (w fakeClients) RotateSecret(_ context.Context, c domain.Caller, id domain.ClientID, overlap time.Duration) (secret.Secret, error) {
	found, err := w.find(c, id)
	if err != nil {
		return secret.Secret{}, err
	}
	text := secret.Generate(secret.ClientSecret)
	found.secret, found.OldUntil = text.Reveal(), w.now.Add(overlap)
	return text, nil
}

func (w fakeClients) ViewSecret(_ context.Context, c domain.Caller, id domain.ClientID) (secret.Secret, error) {
	for _, session := range w.sessions {
		if session.ID == c.Session && session.Fresh(w.now) {
			found, err := w.find(c, id)
			if err != nil {
				return secret.Secret{}, err
			}
			return secret.New(found.secret), nil
		}
	}
	return secret.Secret{}, domain.Errorf(domain.Forbidden, "password_needed", "Viewing a secret needs your password again.")
}

func (w fakeClients) decide(c domain.Caller, id domain.ClientID, change func(*domain.Client)) error {
	found, err := w.find(c, id)
	if err == nil {
		change(&found.Client)
	}
	return err
}

func (w fakeClients) ApproveSeen(_ context.Context, c domain.Caller, id domain.ClientID, seen time.Time) error {
	if found, err := w.find(c, id); err == nil && found.ChangedAt.UnixMilli() != seen.UnixMilli() {
		return domain.Errorf(domain.Conflict, "client_changed", "The app was changed since you looked at it.")
	}
	return w.decide(c, id, func(c *domain.Client) { c.State, c.Reason = domain.ClientApproved, "" })
}

func (w fakeClients) refuse(c domain.Caller, id domain.ClientID, state domain.ClientState, reason string) error {
	if err := domain.CheckClientReason(reason); err != nil {
		return err
	}
	return w.decide(c, id, func(c *domain.Client) { c.State, c.Reason = state, reason })
}

func (w fakeClients) Reject(_ context.Context, c domain.Caller, id domain.ClientID, reason string) error {
	return w.refuse(c, id, domain.ClientRejected, reason)
}

func (w fakeClients) Suspend(_ context.Context, c domain.Caller, id domain.ClientID, reason string) error {
	return w.refuse(c, id, domain.ClientSuspended, reason)
}

func (w fakeClients) ResumeSeen(ctx context.Context, c domain.Caller, id domain.ClientID, seen time.Time) error {
	return w.ApproveSeen(ctx, c, id, seen)
}

func (w fakeClients) MakeOfficial(_ context.Context, c domain.Caller, id domain.ClientID) error {
	return w.decide(c, id, func(c *domain.Client) { c.Official = true })
}

func (w fakeClients) MakeUnofficial(_ context.Context, c domain.Caller, id domain.ClientID) error {
	return w.decide(c, id, func(c *domain.Client) { c.Official = false })
}

func (w fakeClients) List(_ context.Context, c domain.Caller, f client.Filter, page domain.Page) (domain.Listed[domain.Client], error) {
	var found []domain.Client
	for _, one := range w.clients {
		allows := slices.ContainsFunc(w.grants, func(g domain.Connection) bool { return g.Grant.Client == one.ID && c.Is(g.Grant.User) })
		in := map[domain.ClientWhich]bool{domain.ClientsVisible: one.State == domain.ClientApproved || c.Is(one.Owner), domain.ClientsContributed: c.Is(one.Owner),
			domain.ClientsInstalled: allows, domain.ClientsAll: c.ActsAsAdmin()}[f.Which]
		sought := strings.Contains(strings.ToLower(one.Name+" "+one.Description), strings.ToLower(f.Search))
		if in && sought && (f.State == "" || one.State == f.State) {
			shown := one.Client
			if !client.Known(c, shown) {
				shown = client.Outside(shown)
			}
			found = append(found, shown)
		}
	}
	return listed(found, page), nil
}

func (w fakeClients) Find(_ context.Context, c domain.Caller, id domain.ClientID) (domain.Client, error) {
	found, err := w.find(c, id)
	if err != nil {
		return domain.Client{}, err
	}
	if !client.Known(c, found.Client) {
		return client.Outside(found.Client), nil
	}
	return found.Client, nil
}

func (w fakeClients) UsersOf(_ context.Context, _ domain.Caller, id domain.ClientID) (client.Usage, error) {
	var usage client.Usage
	for _, grant := range w.grants {
		if grant.Grant.Client == id {
			usage.People++
			usage.LastUse = grant.Grant.LastUse.At
		}
	}
	return usage, nil
}
