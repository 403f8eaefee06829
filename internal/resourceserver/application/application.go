// Package application holds what people and programs do with applications and
// their end devices: make, change, delete and restore them, register them at
// the application manager, and manage the access keys with which programs act
// for an application instead of a person.
package application

import (
	"context"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/web"
)

// Store is what the use cases need of the store. What is handed over to be
// called may be called more than once, each time with the application as it
// stands in the transaction and what the caller is given on it there.
type Store interface {
	Applications
	Registrations
	AccessKeys
	EndDevices
	Sealed
}

// Applications keeps applications.
type Applications interface {
	CreateApplication(ctx context.Context, by domain.Caller, a domain.Application, first domain.NewAccessKey) (domain.Application, error)
	WholeApplication(ctx context.Context, id domain.ApplicationID) (domain.Application, error)
	Applications(ctx context.Context, filter domain.NetworkFilter[domain.ApplicationID], page domain.Page) (domain.Listed[domain.Application], error)
	UpdateApplication(ctx context.Context, by domain.Caller, id domain.ApplicationID, edit func(*domain.Application) error) (domain.Application, error)
	DeleteApplication(ctx context.Context, by domain.Caller, id domain.ApplicationID, allowed domain.MayApplication) error
	RestoreApplication(ctx context.Context, by domain.Caller, name string, allowed domain.MayApplication) (domain.Application, error)
}

// Registrations keeps what an application is known by.
type Registrations interface {
	AddApplicationEUI(ctx context.Context, by domain.Caller, id domain.ApplicationID, eui string, allowed domain.MayApplication) (string, error)
	RemoveApplicationEUI(ctx context.Context, by domain.Caller, id domain.ApplicationID, eui string, allowed domain.MayApplication) error
	RegisterApplication(ctx context.Context, by domain.Caller, id domain.ApplicationID, allowed domain.MayApplication) error
	UnregisterApplication(ctx context.Context, by domain.Caller, id domain.ApplicationID, allowed domain.MayApplication) error
}

// Service is the use cases of applications.
type Service struct {
	Store  Store
	Finder *guard.Finder
	Issuer string         // with which access keys begin; no dot in it
	Sealer *secret.Sealer // nil: access keys are shown once and never kept
	Vault  *secret.Sealer // seals the network keys of end devices; never nil
	Now    func() time.Time

	keysShown    guard.ShownToday[domain.Application]
	devicesShown guard.ShownToday[domain.Application]
}

// New is what a person says of an application to be made.
type New struct {
	Name, Description string
	EUIs              []string // none: one is assigned
}

// Create makes an application of the caller, with an access key that reads
// and sends messages. It needs applications.write for all things: a credential
// that is narrowed to single ones makes no new ones. A name that anybody has,
// or had once, is a Conflict (application_id_taken).
func (s *Service) Create(ctx context.Context, c domain.Caller, in New) (domain.Application, error) {
	if err := guard.RequireForAll(c, domain.ScopeApplicationsWrite); err != nil {
		return domain.Application{}, err
	}
	if err := domain.CheckNetworkName("id", in.Name); err != nil {
		return domain.Application{}, err
	}
	if err := domain.CheckDescription(in.Description); err != nil {
		return domain.Application{}, err
	}
	euis, err := domain.NormalEUIs(in.EUIs)
	if err != nil {
		return domain.Application{}, err
	}
	wanted := domain.Application{Name: in.Name, Owner: c.User.ID.Owner(), OwnerName: c.User.Name, Description: in.Description, EUIs: euis}
	first, _ := s.newAccessKey(domain.DefaultAccessKey, domain.DefaultAccessRights())
	made, err := s.Store.CreateApplication(ctx, c, wanted, first)
	made.Given = domain.CreatorRights(domain.NounApplication)
	return made, err
}

// Find returns the application with the name, or "#" and its id, where the
// caller may see it: with its payload functions and the number of its end
// devices.
func (s *Service) Find(ctx context.Context, c domain.Caller, ref string) (domain.Application, error) {
	return s.whole(ctx, c, ref, domain.ApplicationSee)
}

func (s *Service) whole(ctx context.Context, c domain.Caller, ref string, right domain.Right) (domain.Application, error) {
	found, err := s.Finder.Application(ctx, c, ref, right)
	if err != nil {
		return domain.Application{}, err
	}
	whole, err := s.Store.WholeApplication(ctx, found.ID)
	if domain.IsKind(err, domain.NotFound) { // deleted in this moment
		return domain.Application{}, guard.NotThere(domain.NounApplication)
	}
	whole.Given = found.Given
	return whole, err
}

// List returns the applications on which the caller has a right, by growing
// id and without payload functions. A credential that is narrowed to single
// ones lists those, an access key its own; a client without a user has none.
func (s *Service) List(ctx context.Context, c domain.Caller, which domain.Which, page domain.Page) (domain.Listed[domain.Application], error) {
	none := domain.Listed[domain.Application]{Items: []domain.Application{}}
	if err := web.Scoped(domain.ScopeApplicationsRead).Check(c); err != nil {
		return none, err
	}
	if c.ActsForThing() && which != domain.OnlyDeleted {
		return s.listActing(ctx, c)
	}
	if c.User.ID == 0 {
		return none, nil
	}
	listed, err := s.Store.Applications(ctx, domain.NetworkFilter[domain.ApplicationID]{User: c.User.ID, Only: guard.ReadableOnly[domain.ApplicationID](c, domain.ScopeApplicationsRead), Which: which}, page)
	if err != nil {
		return none, err
	}
	for _, application := range listed.Items {
		s.Finder.Uses.Count(c, application.Thing(), domain.ApplicationSee)
	}
	return listed, nil
}

// listActing lists the one application of an access key.
func (s *Service) listActing(ctx context.Context, c domain.Caller) (domain.Listed[domain.Application], error) {
	listed := domain.Listed[domain.Application]{Items: []domain.Application{}}
	if c.Acting.Noun != domain.NounApplication {
		return listed, nil
	}
	own, err := s.Find(ctx, c, domain.ThingRef(c.Acting.ID))
	if err != nil {
		return listed, err
	}
	listed.Items, listed.Total = append(listed.Items, own), 1
	return listed, nil
}

// Rights returns what the caller may do with an application that he may see:
// what he himself may, as far as his credential goes.
func (s *Service) Rights(ctx context.Context, c domain.Caller, ref string) (domain.RightSet, error) {
	application, err := s.Finder.Application(ctx, c, ref, domain.ApplicationSee)
	if err != nil {
		return 0, err
	}
	return RightsOn(c, application), nil
}

// RightsOn is Rights for an application that was looked up for the caller. To
// its owner it names what he was given when he made it: messages are for
// access keys.
func RightsOn(c domain.Caller, application domain.Application) domain.RightSet {
	held := guard.HeldOn(c, application.Thing())
	if !c.ActsForThing() && guard.RightsOf(c, application.Thing()) == domain.AllRights(domain.NounApplication) {
		held &= domain.CreatorRights(domain.NounApplication)
	}
	return held
}

// Edit changes what of an application is not nil.
type Edit struct {
	Description *string
	Payload     *domain.Payload // as a whole
	// JoinKey is the text of an access key of the application with the right to
	// its end devices; empty for none. As it is shown masked it changes nothing.
	JoinKey *string
}

// Edit changes an application. Another JoinKey needs the right to its end
// devices as well.
func (s *Service) Edit(ctx context.Context, c domain.Caller, ref string, e Edit) (domain.Application, error) {
	found, err := s.Finder.Application(ctx, c, ref, domain.ApplicationSettings)
	if err != nil {
		return domain.Application{}, err
	}
	if e.Description != nil {
		if err := domain.CheckDescription(*e.Description); err != nil {
			return domain.Application{}, err
		}
	}
	var payload domain.Payload
	if e.Payload != nil {
		if payload, err = e.Payload.Normal(); err != nil {
			return domain.Application{}, err
		}
	}
	joinKey, err := s.findJoinKey(ctx, e.JoinKey)
	if err != nil {
		return domain.Application{}, err
	}
	return s.Store.UpdateApplication(ctx, c, found.ID, func(now *domain.Application) error {
		if err := guard.Require(c, domain.ApplicationSettings, now.Thing()); err != nil {
			return err
		}
		if e.Description != nil {
			now.Description = *e.Description
		}
		if e.Payload != nil {
			now.Payload = payload
		}
		return joinKey.apply(c, now)
	})
}

// Delete deletes an application: nothing of it works any more, neither
// credentials nor access keys. It can be restored for a while, and its name is
// never free again.
func (s *Service) Delete(ctx context.Context, c domain.Caller, ref string) error {
	return s.with(ctx, c, ref, domain.ApplicationDelete, s.Store.DeleteApplication)
}

// with lets the store do to an application what needs the right.
func (s *Service) with(ctx context.Context, c domain.Caller, ref string, right domain.Right,
	do func(context.Context, domain.Caller, domain.ApplicationID, domain.MayApplication) error) error {
	found, err := s.Finder.Application(ctx, c, ref, right)
	if err != nil {
		return err
	}
	return do(ctx, c, found.ID, requiring(c, right))
}

// requiring asks again for the right, of the application as it stands in a
// transaction.
func requiring(c domain.Caller, right domain.Right) domain.MayApplication {
	return func(now domain.Application) error { return guard.Require(c, right, now.Thing()) }
}

// Restore brings a deleted application back with all that it had, within
// domain.RestoreWithin of its deletion. It needs the right to delete it. One
// that is not deleted is a Conflict (application_not_deleted).
func (s *Service) Restore(ctx context.Context, c domain.Caller, name string) (domain.Application, error) {
	restored, err := s.Store.RestoreApplication(ctx, c, name, requiring(c, domain.ApplicationDelete))
	if domain.IsKind(err, domain.NotFound) {
		return domain.Application{}, s.Finder.NotRestorable(ctx, c, name, domain.ApplicationDelete)
	}
	if err != nil {
		return domain.Application{}, err
	}
	whole, err := s.Store.WholeApplication(ctx, restored.ID)
	whole.Given = restored.Given
	return whole, err
}

// AddEUI adds an EUI to an application and returns it as it is kept; empty: a
// new one is assigned.
func (s *Service) AddEUI(ctx context.Context, c domain.Caller, ref, eui string) (string, error) {
	found, err := s.Finder.Application(ctx, c, ref, domain.ApplicationSettings)
	if err != nil {
		return "", err
	}
	if eui != "" {
		if eui, err = domain.NormalEUI("eui", eui); err != nil {
			return "", err
		}
	}
	return s.Store.AddApplicationEUI(ctx, c, found.ID, eui, requiring(c, domain.ApplicationSettings))
}

// RemoveEUI takes an EUI from an application; the last one stays (last_eui).
func (s *Service) RemoveEUI(ctx context.Context, c domain.Caller, ref, eui string) error {
	found, err := s.Finder.Application(ctx, c, ref, domain.ApplicationSettings)
	if err != nil {
		return err
	}
	if eui, err = domain.NormalEUI("eui", eui); err != nil {
		return err
	}
	return s.Store.RemoveApplicationEUI(ctx, c, found.ID, eui, requiring(c, domain.ApplicationSettings))
}

// Register registers an application at the application manager; only then it
// can have end devices. Once more is a Conflict (application_registered).
func (s *Service) Register(ctx context.Context, c domain.Caller, ref string) error {
	return s.with(ctx, c, ref, domain.ApplicationSettings, s.Store.RegisterApplication)
}

// Unregister takes an application from the application manager: its end
// devices, payload functions and join key are gone for good.
func (s *Service) Unregister(ctx context.Context, c domain.Caller, ref string) error {
	return s.with(ctx, c, ref, domain.ApplicationDelete, s.Store.UnregisterApplication)
}
