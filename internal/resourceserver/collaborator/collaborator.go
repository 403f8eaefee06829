// Package collaborator is who works on things: sensors, devices, applications,
// gateways and components are shared in one way. Nobody gives or takes a right
// that he lacks, neither himself nor what he came with.
package collaborator

import (
	"context"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
)

// Store is what the use cases need of the store. Whether something is allowed
// may be asked more than once, each time of the thing and its collaborators as
// they stand in the transaction.
type Store interface {
	Collaborators(ctx context.Context, thing domain.Thing) ([]domain.Collaborator, error)
	CollaboratorsIn(ctx context.Context, noun domain.Noun, things []domain.Thing) (map[int64][]domain.Collaborator, error)
	SetCollaborator(ctx context.Context, by domain.Caller, thing domain.ThingKey, user string, rights domain.RightSet, allowed func(domain.Sharing) error, mails ...domain.NewMail) (domain.Collaborator, error)
	RemoveCollaborator(ctx context.Context, by domain.Caller, thing domain.ThingKey, user string, allowed func(domain.Sharing) error) error
	UserByName(ctx context.Context, name string) (domain.User, error)
}

// Notifier writes the mail for somebody who was added.
type Notifier interface {
	Compose(kind domain.MailKind, to domain.MailTo, about map[string]string) (domain.NewMail, error)
}

// Service is the use cases of collaborators.
type Service struct {
	Store    Store
	Finder   *guard.Finder
	Notifier Notifier // nil: nobody is told by mail
	Now      func() time.Time
	adding   guard.Rates[domain.UserID]
	mailing  guard.Rates[domain.UserID]
}

// View is a thing as somebody sees it who works on it.
type View struct {
	Thing   domain.Thing
	Name    string // as people and programs call it
	List    []domain.Collaborator
	Givable domain.RightSet // what the caller may give to others; empty: he does not share it
}

// View returns who works on a thing, to those who work on it themselves; that
// a thing is public does not make the people public.
func (s *Service) View(ctx context.Context, c domain.Caller, noun domain.Noun, ref string) (View, error) {
	thing, err := s.see(ctx, c, noun, ref)
	if err != nil {
		return View{}, err
	}
	list, err := s.Store.Collaborators(ctx, thing)
	if err != nil {
		return View{}, err
	}
	tellAddresses(c, list)
	view := View{Thing: thing, List: list}
	if guard.May(c, domain.ShareRight(noun), thing) {
		view.Givable = givable(c, thing)
	}
	view.Name, err = s.nameOf(ctx, thing)
	return view, err
}

// tellAddresses leaves the caller's own address in the list, for a credential
// that may know it, and those of all to administrators. Nobody is asked before
// he is made a collaborator, so his address is not for who did it.
func tellAddresses(c domain.Caller, list []domain.Collaborator) {
	for i := range list {
		switch {
		case c.ActsAsAdmin():
		case c.Is(list[i].User) && c.Holds(domain.ScopeEmail):
			list[i].Email = c.ToldAddress()
		default:
			list[i].Email = ""
		}
	}
}

// see finds a thing that the caller works on, for a credential that may see it.
func (s *Service) see(ctx context.Context, c domain.Caller, noun domain.Noun, ref string) (domain.Thing, error) {
	right := domain.SeeRight(noun)
	thing, err := s.Finder.Thing(ctx, c, noun, ref, right)
	if err != nil {
		return domain.Thing{}, err
	}
	if thing.Given, err = s.Finder.Given(ctx, c, thing); err != nil {
		return domain.Thing{}, err
	}
	thing.Public = false // its people are not
	switch err := guard.Require(c, right, thing); {
	case err == nil:
		return thing, nil
	case domain.IsKind(err, domain.NotFound):
		return domain.Thing{}, domain.Errorf(domain.Forbidden, "not_yours", "Who works on this %s is told to those who do.", noun)
	default:
		return domain.Thing{}, err
	}
}

// givable returns the rights of the caller that his credential can use: what
// it cannot do itself, it cannot have others do.
func givable(c domain.Caller, thing domain.Thing) domain.RightSet {
	var set domain.RightSet
	rights := guard.RightsOf(c, thing)
	for _, right := range domain.RightsOn(thing.Noun) {
		if rights.Has(right) && c.Holds(domain.ScopeOf(right).On(thing.ID)) {
			set |= domain.OnlyOf(right)
		}
	}
	return set
}

func (s *Service) nameOf(ctx context.Context, thing domain.Thing) (string, error) {
	names, err := s.Finder.ThingNames(ctx, []domain.CredentialUse{{Thing: thing.Key()}})
	return names[thing.Key()], err
}

// List returns who works on a thing, the owner first.
func (s *Service) List(ctx context.Context, c domain.Caller, noun domain.Noun, ref string) ([]domain.Collaborator, error) {
	view, err := s.View(ctx, c, noun, ref)
	return view.List, err
}

// Find returns one of those who work on a thing; NotFound
// (collaborator_not_found) where nobody of that name does.
func (s *Service) Find(ctx context.Context, c domain.Caller, noun domain.Noun, ref, user string) (domain.Collaborator, error) {
	list, err := s.List(ctx, c, noun, ref)
	if err != nil {
		return domain.Collaborator{}, err
	}
	for _, one := range list {
		if one.Name == user {
			return one, nil
		}
	}
	return domain.Collaborator{}, domain.Errorf(domain.NotFound, "collaborator_not_found", "Nobody of that name works on this %s.", noun)
}

// Set gives a user exactly the rights on a thing and returns what he has then.
// Seeing it comes with any right. It needs the right to share the thing, every
// right that is given or taken, and a scope for each one that is given.
func (s *Service) Set(ctx context.Context, c domain.Caller, noun domain.Noun, ref, user string, rights domain.RightSet) (domain.Collaborator, error) {
	thing, err := s.Finder.Thing(ctx, c, noun, ref, domain.ShareRight(noun))
	if err != nil {
		return domain.Collaborator{}, err
	}
	switch {
	case rights == 0:
		return domain.Collaborator{}, domain.InvalidField("rights", "Say which rights the collaborator gets. To take them all, remove him.")
	case !rights.Within(domain.AllRights(noun)):
		return domain.Collaborator{}, domain.InvalidField("rights", "These are not the rights on a %s.", noun)
	}
	rights |= domain.SetOf(domain.SeeRight(noun))
	mails, err := s.introduce(ctx, c, thing, user, rights)
	if err != nil {
		return domain.Collaborator{}, err
	}
	set, err := s.Store.SetCollaborator(ctx, c, thing.Key(), user, rights, func(now domain.Sharing) error { return maySet(c, now) }, mails...)
	if err != nil {
		return domain.Collaborator{}, err
	}
	shown := []domain.Collaborator{set}
	tellAddresses(c, shown)
	return shown[0], nil
}

// maySet decides about a change that is not somebody's own leaving.
func maySet(c domain.Caller, now domain.Sharing) error {
	noun := now.Thing.Noun
	if err := guard.Require(c, domain.ShareRight(noun), now.Thing); err != nil {
		return err
	}
	if now.Owner {
		return nil // nobody changes him: the store says how
	}
	rights := guard.RightsOf(c, now.Thing)
	if lacking := now.Before &^ rights; lacking != 0 {
		return domain.Errorf(domain.Forbidden, "right_missing", "This collaborator has rights on the %s that you lack (%s), so you cannot change what he may do.", noun, words(lacking))
	}
	added := now.Added()
	if lacking := added &^ rights; lacking != 0 {
		return domain.Errorf(domain.Forbidden, "right_missing", "You cannot give rights on the %s that you do not have: %s.", noun, words(lacking))
	}
	if lacking := added &^ givable(c, now.Thing); lacking != 0 {
		return domain.Errorf(domain.Forbidden, "insufficient_scope", "To give these rights (%s), a credential needs the scope of each for this %s: %s.", words(lacking), noun, scopesOf(lacking))
	}
	return nil
}

func words(set domain.RightSet) string {
	names := []string{}
	for _, right := range set.Each() {
		names = append(names, right.Name())
	}
	return strings.Join(names, ", ")
}

func scopesOf(set domain.RightSet) domain.ScopeSet {
	var scopes domain.ScopeSet
	for _, right := range set.Each() {
		if scope := domain.ScopeOf(right); !scopes.Covers(scope) {
			scopes = append(scopes, scope)
		}
	}
	return scopes
}

// Remove takes all rights on a thing from a collaborator. Everybody may leave;
// to remove another one needs the right to share the thing and every right
// that he has. The owner of an application, gateway or component who leaves it
// leaves it to the collaborator who has been there longest of those with all
// rights of a creator (else Conflict, last_collaborator).
func (s *Service) Remove(ctx context.Context, c domain.Caller, noun domain.Noun, ref, user string) error {
	right := domain.ShareRight(noun)
	leaving := c.User.ID != 0 && user == c.User.Name
	if leaving {
		right = domain.SeeRight(noun)
	}
	thing, err := s.Finder.Thing(ctx, c, noun, ref, right)
	if err != nil {
		return err
	}
	if leaving && !c.Holds(domain.ScopeOf(domain.ShareRight(noun)).On(thing.ID)) {
		return domain.Errorf(domain.Forbidden, "insufficient_scope", "This needs a credential with the scope %s for this %s.", domain.ScopeOf(domain.ShareRight(noun)), noun)
	}
	return s.Store.RemoveCollaborator(ctx, c, thing.Key(), user, func(now domain.Sharing) error {
		if c.Is(now.User) {
			return nil
		}
		return maySet(c, now)
	})
}
