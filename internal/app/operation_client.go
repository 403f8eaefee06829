package app

import (
	"context"
	"time"

	"github.com/thingward/thingward/internal/authserver/client"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// OperatorClient is an OAuth client that an operator registers or imports for
// a user. Words are as the native API has them; what is empty is the usual.
type OperatorClient struct {
	User         string // its owner
	ID           string
	Kind         string // "standard", "wotkit", "lametric", "ttn"
	Public       bool
	Name         string
	Description  string
	Website      string
	PrivacyURL   string
	Icon         string
	RedirectURIs []string
	Scopes       []string // in the words of the kind
	GrantTypes   []string
	Switches     []string
	Resources    []string
	Testers      []string
	Secret       string // of a client to import
}

// MadeClient is what a new client was given. Secret is empty for public and
// imported ones.
type MadeClient struct {
	ID, Secret string
	State      string
	Scopes     []string
}

// ListedClient is an OAuth client as an operator sees it: all but its secret.
type ListedClient struct {
	ID           string
	Name         string
	Description  string
	Owner        string
	Website      string
	PrivacyURL   string
	Icon         string
	Kind         string
	Public       bool
	Official     bool
	State        string
	Reason       string
	RedirectURIs []string
	Scopes       []string // in the words of the kind
	GrantTypes   []string
	Switches     []string
	Resources    []string
	Testers      []string
	CreatedAt    time.Time
	ChangedAt    time.Time
	Viewable     bool
}

func (in OperatorClient) read() client.NewClient {
	return client.NewClient{ID: domain.ClientID(in.ID), Kind: domain.ClientKind(in.Kind), Public: in.Public, Name: in.Name, Description: in.Description,
		Website: in.Website, PrivacyURL: in.PrivacyURL, Icon: in.Icon, RedirectURIs: in.RedirectURIs, Scopes: in.Scopes,
		GrantTypes: words[domain.GrantType](in.GrantTypes), Switches: words[domain.LegacySwitch](in.Switches), Resources: in.Resources, Testers: in.Testers}
}

// words turns texts into words of another type. None stays nil.
func words[To, From ~string](from []From) []To {
	var to []To
	for _, word := range from {
		to = append(to, To(word))
	}
	return to
}

func createClient(ctx context.Context, s *server, in OperatorClient) (MadeClient, error) {
	caller, err := s.onBehalf(ctx, in.User)
	if err != nil {
		return MadeClient{}, err
	}
	made, given, err := s.clients.Register(ctx, caller, in.read())
	if err != nil {
		return MadeClient{}, err
	}
	return madeClientOf(made, given), nil
}

func importClient(ctx context.Context, s *server, in OperatorClient) (MadeClient, error) {
	caller, err := s.onBehalf(ctx, in.User)
	if err != nil {
		return MadeClient{}, err
	}
	made, err := s.clients.Import(ctx, caller, in.read(), secret.New(in.Secret))
	if err != nil {
		return MadeClient{}, err
	}
	return madeClientOf(made, secret.Secret{}), nil
}

func madeClientOf(c domain.Client, given secret.Secret) MadeClient {
	listed := listedClientOf(c)
	return MadeClient{ID: listed.ID, Secret: given.Reveal(), State: listed.State, Scopes: listed.Scopes}
}

// listClients returns the clients of a user, newest first; everybody's where
// none is named.
func listClients(ctx context.Context, s *server, in named) ([]ListedClient, error) {
	caller, filter := operatorCaller(), client.Filter{Which: domain.ClientsAll}
	if in.Name != "" {
		var err error
		if caller, err = s.onBehalf(ctx, in.Name); err != nil {
			return nil, err
		}
		filter.Which = domain.ClientsContributed
	}
	clients := []ListedClient{}
	page := domain.Page{Limit: domain.MaxPageLimit}
	for {
		listed, err := s.clients.List(ctx, caller, filter, page)
		if err != nil {
			return nil, err
		}
		for _, c := range listed.Items {
			clients = append(clients, listedClientOf(c))
		}
		if page.Cursor = listed.Next; listed.Next == "" {
			return clients, nil
		}
	}
}

func listedClientOf(c domain.Client) ListedClient {
	out := ListedClient{ID: string(c.ID), Name: c.Name, Description: c.Description, Owner: c.OwnerName,
		Website: c.Website, PrivacyURL: c.PrivacyURL, Icon: c.Letter(), Resources: c.Resources, Kind: string(c.Kind), Public: c.Public, Official: c.Official,
		State: string(c.State), Reason: c.Reason, RedirectURIs: c.RedirectURIs, GrantTypes: words[string](c.GrantTypes), Switches: words[string](c.Switches),
		CreatedAt: c.CreatedAt, ChangedAt: c.ChangedAt, Viewable: c.Viewable, Scopes: c.ScopeWords()}
	for _, tester := range c.Testers {
		out.Testers = append(out.Testers, tester.Name)
	}
	return out
}

// judged names a client and says why it is decided so.
type judged struct{ ID, Reason string }

func approveClient(ctx context.Context, s *server, in judged) (nothing, error) {
	return nothing{}, s.clients.Approve(ctx, operatorCaller(), domain.ClientID(in.ID))
}

func rejectClient(ctx context.Context, s *server, in judged) (nothing, error) {
	return nothing{}, s.clients.Reject(ctx, operatorCaller(), domain.ClientID(in.ID), in.Reason)
}

func suspendClient(ctx context.Context, s *server, in judged) (nothing, error) {
	return nothing{}, s.clients.Suspend(ctx, operatorCaller(), domain.ClientID(in.ID), in.Reason)
}

func resumeClient(ctx context.Context, s *server, in judged) (nothing, error) {
	return nothing{}, s.clients.Resume(ctx, operatorCaller(), domain.ClientID(in.ID))
}

func deleteClient(ctx context.Context, s *server, in judged) (nothing, error) {
	return nothing{}, s.clients.Delete(ctx, operatorCaller(), domain.ClientID(in.ID))
}

type rotation struct {
	ID      string
	Overlap time.Duration
}

func rotateClientSecret(ctx context.Context, s *server, in rotation) (string, error) {
	next, err := s.clients.RotateSecret(ctx, operatorCaller(), domain.ClientID(in.ID), in.Overlap)
	return next.Reveal(), err
}
