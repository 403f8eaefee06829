// Package gateway holds what people and programs do with gateways: register,
// list, change and delete them, hand them over, and see and rotate the key
// with which a gateway itself calls.
package gateway

import (
	"context"
	"maps"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/web"
)

// Store is what the use cases need of the store.
type Store interface {
	Gateways
	Keys
}

// Gateways keeps gateways. An edit, and whether something is allowed, may be
// asked more than once, each time of the gateway as it stands in the
// transaction, with what the caller's user was given on it.
type Gateways interface {
	CreateGateway(ctx context.Context, by domain.Caller, gateway domain.Gateway, key domain.NewAccessKey) (domain.Gateway, error)
	Gateways(ctx context.Context, filter domain.NetworkFilter[domain.GatewayID], page domain.Page) (domain.Listed[domain.Gateway], error)
	UpdateGateway(ctx context.Context, by domain.Caller, id domain.GatewayID, edit func(*domain.Gateway) error) (domain.Gateway, error)
	DeleteGateway(ctx context.Context, by domain.Caller, id domain.GatewayID, allowed func(domain.Gateway) error) error
	RestoreGateway(ctx context.Context, by domain.Caller, name string, allowed func(domain.Gateway) error) (domain.Gateway, error)
}

// Keys keeps the keys of gateways.
type Keys interface {
	RotateGatewayKey(ctx context.Context, by domain.Caller, id domain.GatewayID, allowed func(domain.Gateway) error, key domain.NewAccessKey) error
	SealedGatewayKeys(ctx context.Context, ids []domain.GatewayID) ([]domain.SealedAccessKey, error)
	GatewayKeysShown(ctx context.Context, by domain.Caller, gateways []domain.Gateway) error
}

// Service is the use cases of gateways.
type Service struct {
	Store     Store
	Finder    *guard.Finder
	Sealer    *secret.Sealer // nil: keys are shown once and never kept
	Issuer    string         // what stands before the dot of a gateway's key
	PublicURL string         // without a slash at its end; where frequency plans are found
	Now       func() time.Time
	shown     guard.ShownToday[domain.Gateway]
}

// New is what a person says of a gateway to be registered.
type New struct {
	Name            string // what programs call its id
	FrequencyPlan   string
	Antenna         *domain.Location // nil: nobody says where it stands
	Attributes      map[string]string
	Router          string
	FallbackRouters []string
	LocationPublic  bool
	StatusPublic    bool
	OwnerPublic     bool
	AutoUpdate      bool
	BetaUpdates     bool
}

// Create registers a gateway of the caller and returns its key. It needs
// gateways.write for all things: a credential that is narrowed to single ones
// makes no new ones. An id that is or was taken is a Conflict (gateway_id_taken).
func (s *Service) Create(ctx context.Context, c domain.Caller, in New) (domain.Gateway, secret.Secret, error) {
	if err := guard.RequireForAll(c, domain.ScopeGatewaysWrite); err != nil {
		return domain.Gateway{}, secret.Secret{}, err
	}
	gateway := domain.Gateway{Name: in.Name, Owner: c.User.ID.Owner(), OwnerName: c.User.Name, FrequencyPlan: in.FrequencyPlan, Antenna: in.Antenna,
		Attributes: in.Attributes, Router: in.Router, FallbackRouters: in.FallbackRouters, LocationPublic: in.LocationPublic,
		StatusPublic: in.StatusPublic, OwnerPublic: in.OwnerPublic, AutoUpdate: in.AutoUpdate, BetaUpdates: in.BetaUpdates}.Tidy()
	if err := gateway.Check(); err != nil {
		return domain.Gateway{}, secret.Secret{}, err
	}
	key, stored := s.newKey()
	made, err := s.Store.CreateGateway(ctx, c, gateway, stored)
	if err != nil {
		return domain.Gateway{}, secret.Secret{}, err
	}
	return made, key, nil
}

// Find returns the gateway with the id, or "#" and its number, as the caller
// may see it.
func (s *Service) Find(ctx context.Context, c domain.Caller, ref string) (domain.Gateway, error) {
	gateway, err := s.find(ctx, c, ref, domain.GatewaySee)
	return Seen(c, gateway), err
}

// find finds a gateway with what the caller's user was given on it, which
// Finder leaves out where everybody has the right.
func (s *Service) find(ctx context.Context, c domain.Caller, ref string, right domain.Right) (domain.Gateway, error) {
	gateway, err := s.Finder.Gateway(ctx, c, ref, right)
	if err != nil {
		return domain.Gateway{}, err
	}
	gateway.Given, err = s.Finder.Given(ctx, c, gateway.Thing())
	return gateway, err
}

// Rights returns what the caller may do with the gateway: what his user may,
// as far as his credential lets him.
func (s *Service) Rights(ctx context.Context, c domain.Caller, ref string) (domain.RightSet, error) {
	gateway, err := s.find(ctx, c, ref, domain.GatewaySee)
	if err != nil {
		return 0, err
	}
	return guard.HeldOn(c, gateway.Thing()), nil
}

// Seen returns what the caller may know of a gateway that was looked up for
// him. To those who do not work on it, it shows what is public; to those who
// do, everything, but its place only roughly where they lack the right
// gateway:location and it is not public.
func Seen(c domain.Caller, gateway domain.Gateway) domain.Gateway {
	if !WorksOn(c, gateway) {
		shown := gateway.ForEverybody()
		shown.Given = gateway.Given
		return shown
	}
	if gateway.Antenna != nil && !SeesPlace(c, gateway) {
		roughly := gateway.Antenna.Blurred()
		gateway.Antenna = &roughly
	}
	if !gateway.StatusPublic && !guard.May(c, domain.GatewayStatus, gateway.Thing()) {
		gateway.ActivatedAt = time.Time{}
	}
	return gateway
}

// WorksOn reports whether the caller sees the gateway as its owner or a
// collaborator does, and not only what is public of it.
func WorksOn(c domain.Caller, gateway domain.Gateway) bool {
	thing := gateway.Thing()
	thing.Public = false
	return guard.May(c, domain.GatewaySee, thing)
}

// SeesPlace reports whether the caller sees exactly where the gateway stands;
// whoever works on it without that right sees it roughly.
func SeesPlace(c domain.Caller, gateway domain.Gateway) bool {
	return gateway.LocationPublic || guard.May(c, domain.GatewayLocation, gateway.Thing())
}

// List returns the gateways that the caller's user owns or works on, as he may
// see them, in the order in which they were registered. A credential that is
// narrowed to single things lists those, and says nothing of the others; a
// gateway's key lists the gateway, and a client without a user nothing.
func (s *Service) List(ctx context.Context, c domain.Caller, which domain.Which, page domain.Page) (domain.Listed[domain.Gateway], error) {
	if err := web.Scoped(domain.ScopeGatewaysRead).Check(c); err != nil {
		return domain.Listed[domain.Gateway]{}, err
	}
	if c.ActsForThing() && which != domain.OnlyDeleted {
		return s.itself(ctx, c)
	}
	if c.User.ID == 0 {
		return domain.Listed[domain.Gateway]{Items: []domain.Gateway{}}, nil
	}
	listed, err := s.Store.Gateways(ctx, domain.NetworkFilter[domain.GatewayID]{User: c.User.ID, Only: guard.ReadableOnly[domain.GatewayID](c, domain.ScopeGatewaysRead), Which: which}, page)
	if err != nil {
		return domain.Listed[domain.Gateway]{}, err
	}
	for i, gateway := range listed.Items {
		s.Finder.Uses.Count(c, gateway.Thing(), domain.GatewaySee)
		listed.Items[i] = Seen(c, gateway)
	}
	return listed, nil
}

func (s *Service) itself(ctx context.Context, c domain.Caller) (domain.Listed[domain.Gateway], error) {
	gateway, err := s.Find(ctx, c, domain.ThingRef(c.Acting.ID))
	if err != nil {
		return domain.Listed[domain.Gateway]{}, err
	}
	return domain.Listed[domain.Gateway]{Items: []domain.Gateway{gateway}, Total: 1}, nil
}

// Delete deletes a gateway. It can be restored within domain.RestoreWithin;
// its id is never given to another one.
func (s *Service) Delete(ctx context.Context, c domain.Caller, ref string) error {
	gateway, err := s.Finder.Gateway(ctx, c, ref, domain.GatewayDelete)
	if err != nil {
		return err
	}
	return s.Store.DeleteGateway(ctx, c, gateway.ID, mayDelete(c))
}

// Restore brings a deleted gateway back, with its key and collaborators. One
// that is not deleted is a Conflict (gateway_not_deleted), and one that cannot
// be restored any more is not found.
func (s *Service) Restore(ctx context.Context, c domain.Caller, name string) (domain.Gateway, error) {
	if err := web.Scoped(domain.ScopeGatewaysWrite).Check(c); err != nil {
		return domain.Gateway{}, err
	}
	gateway, err := s.Store.RestoreGateway(ctx, c, name, mayDelete(c))
	if domain.IsKind(err, domain.NotFound) {
		return domain.Gateway{}, s.Finder.NotRestorable(ctx, c, name, domain.GatewayDelete)
	}
	return Seen(c, gateway), err
}

func mayDelete(c domain.Caller) func(domain.Gateway) error {
	return func(now domain.Gateway) error { return guard.Require(c, domain.GatewayDelete, now.Thing()) }
}

// merged returns the attributes with changes: an empty one takes away.
func merged(attributes, changes map[string]string) map[string]string {
	all := maps.Clone(attributes)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, changes)
	return all
}
