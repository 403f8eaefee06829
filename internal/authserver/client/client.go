// Package client holds what people do with OAuth clients: register, edit,
// rotate the secret of, list and delete them, and what administrators decide
// about them. How a client proves who it is, is guard's matter.
package client

import (
	"context"
	"fmt"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
)

// Store keeps clients. Each method is one transaction that writes its event too.
type Store interface {
	CreateClient(ctx context.Context, c domain.Client, first *domain.NewStoredSecret, event domain.AuditEvent, mails ...domain.NewMail) (domain.Client, error)
	EditClient(ctx context.Context, id domain.ClientID, edit func(domain.Client) (domain.Client, error), event domain.AuditEvent, mails ...domain.NewMail) error
	DeleteClient(ctx context.Context, id domain.ClientID, event domain.AuditEvent) error
	RotateClientSecret(ctx context.Context, id domain.ClientID, next domain.NewStoredSecret, oldUntil time.Time, event domain.AuditEvent) error
	SetClientState(ctx context.Context, id domain.ClientID, change domain.ClientStateChange, event domain.AuditEvent, mails ...domain.NewMail) error
	SealedClientSecret(ctx context.Context, id domain.ClientID, event domain.AuditEvent) (sealed []byte, number int64, err error)
}

// Reader looks clients and what belongs to them up.
type Reader interface {
	Client(ctx context.Context, id domain.ClientID) (domain.Client, error)
	Clients(ctx context.Context, f domain.ClientFilter, page domain.Page) (domain.Listed[domain.Client], error)
	ClientUsage(ctx context.Context, id domain.ClientID) (domain.ClientUsage, error)
	ClientHistory(ctx context.Context, id domain.ClientID) ([]domain.ClientStage, error)
	SealedClientSecrets(ctx context.Context, limit int) ([]domain.SealedClientSecret, error)
	UserByName(ctx context.Context, name string) (domain.User, error)
	SessionsOf(ctx context.Context, user domain.UserID) ([]domain.Session, error)
}

// Service is the use cases of clients.
type Service struct {
	Store    Store
	Reader   Reader
	Sealer   *secret.Sealer // nil: secrets are shown once and never kept
	Mails    Mails          // nil: none are sent
	Approval ApprovalPolicy
	Now      func() time.Time
	asking   guard.Rates[domain.UserID] // mails to administrators
}

// NewClient is what a person says of a client to be registered.
type NewClient struct {
	ID           domain.ClientID   // empty: one is made
	Kind         domain.ClientKind // empty: standard
	Public       bool
	Name         string
	Description  string
	Website      string
	PrivacyURL   string
	Icon         string // one letter; empty: the first of the name
	RedirectURIs []string
	Scopes       []string // in the words of the kind; empty: all that the contract knows, standard clients must say
	GrantTypes   []domain.GrantType
	Switches     []domain.LegacySwitch // nil: the usual ones of the kind
	Resources    []string
	Lives        domain.TokenLives
	Testers      []string // user names
}

// Register makes a client of the caller's and returns its secret, which
// Thingward itself does not know in clear; a public client has none. Whether
// it must be approved before others can use it, the policy says.
func (s *Service) Register(ctx context.Context, c domain.Caller, in NewClient) (domain.Client, secret.Secret, error) {
	client, err := s.draft(ctx, c, in)
	if err != nil {
		return domain.Client{}, secret.Secret{}, err
	}
	if client.ID == "" {
		client.ID = domain.ClientID(secret.NewID())
	} else if err := domain.CheckClientID(string(client.ID)); err != nil {
		return domain.Client{}, secret.Secret{}, err
	}
	client.State = domain.ClientApproved
	if !decides(c) && (s.Approval.Waits(client.Kind) || domain.Client{}.AddsPlainRedirect(client)) {
		client.State = domain.ClientRequested
	}
	var made secret.Secret
	var first *domain.NewStoredSecret
	if !client.Public {
		made = secret.Generate(secret.ClientSecret)
		stored := s.stored(client.ID, made)
		first = &stored
	}
	mails, err := s.requested(c, client)
	if err != nil {
		return domain.Client{}, secret.Secret{}, err
	}
	client, err = s.Store.CreateClient(ctx, client, first, s.event(c, "client.create", client, ""), mails...)
	if err != nil {
		return domain.Client{}, secret.Secret{}, fmt.Errorf("register client: %w", err)
	}
	client.Viewable = first != nil && s.Sealer != nil
	return client, made, nil
}

// Import stores a client of a former system with its secret, so that programs
// that hold it go on working. A secret that looks chosen is hashed slowly. It
// is approved at once. For operators.
func (s *Service) Import(ctx context.Context, c domain.Caller, in NewClient, given secret.Secret) (domain.Client, error) {
	if c.Credential != domain.OperatorCredential {
		return domain.Client{}, domain.Errorf(domain.Forbidden, "operator_only", "Only an operator can import apps.")
	}
	if err := domain.CheckImportedClientID(string(in.ID)); err != nil {
		return domain.Client{}, err
	}
	if len(in.Scopes) == 0 {
		in.Scopes = allNames(in.Kind) // former systems had no scopes to choose from
	}
	client, err := s.draft(ctx, c, in)
	if err != nil {
		return domain.Client{}, err
	}
	client.State = domain.ClientApproved
	first, err := s.imported(ctx, client, given)
	if err != nil {
		return domain.Client{}, err
	}
	client, err = s.Store.CreateClient(ctx, client, first, s.event(c, "client.import", client, ""))
	if err != nil {
		return domain.Client{}, fmt.Errorf("import client: %w", err)
	}
	client.Viewable = first != nil && s.Sealer != nil
	return client, nil
}

func allNames(kind domain.ClientKind) []string {
	var names []string
	for _, name := range kind.ScopeNames() {
		names = append(names, name.Name)
	}
	return names
}

func (s *Service) imported(ctx context.Context, client domain.Client, given secret.Secret) (*domain.NewStoredSecret, error) {
	switch n := len(given.Reveal()); {
	case client.Public && n == 0:
		return nil, nil
	case client.Public:
		return nil, domain.InvalidField("secret", "A public app has no secret.")
	case n < 8 || n > 256:
		return nil, domain.InvalidField("secret", "A client secret to be imported has 8 to 256 characters.")
	}
	stored := s.stored(client.ID, given)
	if secret.LooksChosen(given) {
		var err error
		if stored.SlowHash, err = secret.HashPassword(ctx, given); err != nil {
			return nil, err
		}
	}
	return &stored, nil
}

// draft makes the client that somebody described, without id and state.
func (s *Service) draft(ctx context.Context, c domain.Caller, in NewClient) (domain.Client, error) {
	if err := mayWrite(c); err != nil {
		return domain.Client{}, err
	}
	client := domain.Client{ID: in.ID, Owner: c.User.ID, OwnerName: c.User.Name, Kind: in.Kind, Public: in.Public, Name: in.Name, Description: in.Description,
		Website: in.Website, PrivacyURL: in.PrivacyURL, Icon: in.Icon, RedirectURIs: unique(in.RedirectURIs), GrantTypes: unique(in.GrantTypes),
		Switches: unique(in.Switches), Resources: unique(in.Resources), Lives: in.Lives}
	if client.Kind == "" {
		client.Kind = domain.StandardClient
	}
	if in.GrantTypes == nil {
		client.GrantTypes = domain.UsualGrantTypes()
	}
	if in.Switches == nil {
		client.Switches = client.Kind.UsualSwitches()
	}
	var err error
	if client.Scopes, err = client.Kind.ClientScopes(in.Scopes); err != nil {
		return domain.Client{}, err
	}
	if client.Testers, err = s.testers(ctx, in.Testers); err != nil {
		return domain.Client{}, err
	}
	if err := client.Check(); err != nil {
		return domain.Client{}, err
	}
	return client, mayBecome(c, domain.Client{}, client)
}

// testers finds the users with the names.
func (s *Service) testers(ctx context.Context, names []string) ([]domain.Tester, error) {
	names = unique(names)
	if len(names) > domain.MaxTesters {
		return nil, domain.InvalidField("testers", "An app has at most %d testers.", domain.MaxTesters)
	}
	var testers []domain.Tester
	for _, name := range names {
		user, err := s.Reader.UserByName(ctx, name)
		if domain.IsKind(err, domain.NotFound) {
			return nil, domain.InvalidField("testers", "There is no user %q.", domain.Clip(name))
		}
		if err != nil {
			return nil, fmt.Errorf("testers of a client: %w", err)
		}
		testers = append(testers, domain.Tester{ID: user.ID, Name: user.Name})
	}
	return testers, nil
}

// unique drops doubles and keeps the order of first mention.
func unique[T comparable](list []T) []T {
	var kept []T
	seen := map[T]bool{}
	for _, one := range list {
		if !seen[one] {
			kept = append(kept, one)
		}
		seen[one] = true
	}
	return kept
}

// event records an act on a client in the account of its owner.
func (s *Service) event(c domain.Caller, act string, client domain.Client, reason string) domain.AuditEvent {
	thing := "client " + string(client.ID)
	if reason != "" {
		thing += ": " + reason
	}
	event := domain.NewAudit(c, s.Now().Truncate(time.Millisecond), act, thing)
	if client.Owner != 0 {
		event.Subject = client.Owner
	}
	return event
}
