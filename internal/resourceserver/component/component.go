// Package component holds what people and programs do with the components of
// a network, its handlers, routers and brokers: register, list, delete and
// restore them.
package component

import (
	"context"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/web"
)

// Store keeps components. Whether something is allowed may be asked more than
// once, each time of the component as it stands in the transaction, with what
// the caller's user was given on it.
type Store interface {
	CreateComponent(ctx context.Context, by domain.Caller, component domain.Component) (domain.Component, error)
	Components(ctx context.Context, filter domain.NetworkFilter[domain.ComponentID], page domain.Page) (domain.Listed[domain.Component], error)
	DeleteComponent(ctx context.Context, by domain.Caller, id domain.ComponentID, allowed func(domain.Component) error) error
	RestoreComponent(ctx context.Context, by domain.Caller, name string, allowed func(domain.Component) error) (domain.Component, error)
}

// Service is the use cases of components.
type Service struct {
	Store  Store
	Finder *guard.Finder
}

// Create registers a component of the caller. It needs components.write for
// all things: a credential that is narrowed to single ones makes no new ones.
// An id that is or was taken is a Conflict (component_id_taken), whatever the kind.
func (s *Service) Create(ctx context.Context, c domain.Caller, kind domain.ComponentKind, name string) (domain.Component, error) {
	if err := guard.RequireForAll(c, domain.ScopeComponentsWrite); err != nil {
		return domain.Component{}, err
	}
	component := domain.Component{Kind: kind, Name: name, Owner: c.User.ID.Owner(), OwnerName: c.User.Name}
	if err := component.Check(); err != nil {
		return domain.Component{}, err
	}
	return s.Store.CreateComponent(ctx, c, component)
}

// Find returns the component with the id, or "#" and its number, where the
// caller may see it.
func (s *Service) Find(ctx context.Context, c domain.Caller, ref string) (domain.Component, error) {
	return s.Finder.Component(ctx, c, ref, domain.ComponentSee)
}

// Rights returns what the caller may do with the component: what his user may,
// as far as his credential lets him.
func (s *Service) Rights(ctx context.Context, c domain.Caller, ref string) (domain.RightSet, error) {
	component, err := s.Find(ctx, c, ref)
	if err != nil {
		return 0, err
	}
	return guard.HeldOn(c, component.Thing()), nil
}

// List returns the components that the caller's user owns or works on, in the
// order in which they were registered. A credential that is narrowed to single
// things lists those, and says nothing of the others; who is no user has none.
func (s *Service) List(ctx context.Context, c domain.Caller, which domain.Which, page domain.Page) (domain.Listed[domain.Component], error) {
	if err := web.Scoped(domain.ScopeComponentsRead).Check(c); err != nil {
		return domain.Listed[domain.Component]{}, err
	}
	if c.User.ID == 0 {
		return domain.Listed[domain.Component]{Items: []domain.Component{}}, nil
	}
	listed, err := s.Store.Components(ctx, domain.NetworkFilter[domain.ComponentID]{User: c.User.ID, Only: guard.ReadableOnly[domain.ComponentID](c, domain.ScopeComponentsRead), Which: which}, page)
	if err != nil {
		return domain.Listed[domain.Component]{}, err
	}
	for _, component := range listed.Items {
		s.Finder.Uses.Count(c, component.Thing(), domain.ComponentSee)
	}
	return listed, nil
}

// Delete deletes a component. It can be restored within domain.RestoreWithin;
// its id is never given to another one.
func (s *Service) Delete(ctx context.Context, c domain.Caller, ref string) error {
	component, err := s.Finder.Component(ctx, c, ref, domain.ComponentDelete)
	if err != nil {
		return err
	}
	return s.Store.DeleteComponent(ctx, c, component.ID, mayDelete(c))
}

// Restore brings a deleted component back, with its collaborators. One that is
// not deleted is a Conflict (component_not_deleted), and one that cannot be
// restored any more is not found.
func (s *Service) Restore(ctx context.Context, c domain.Caller, name string) (domain.Component, error) {
	if err := web.Scoped(domain.ScopeComponentsWrite).Check(c); err != nil {
		return domain.Component{}, err
	}
	component, err := s.Store.RestoreComponent(ctx, c, name, mayDelete(c))
	if domain.IsKind(err, domain.NotFound) {
		return domain.Component{}, s.Finder.NotRestorable(ctx, c, name, domain.ComponentDelete)
	}
	return component, err
}

func mayDelete(c domain.Caller) func(domain.Component) error {
	return func(now domain.Component) error { return guard.Require(c, domain.ComponentDelete, now.Thing()) }
}
