package ttn

import (
	"context"
	"slices"

	"github.com/thingward/thingward/internal/authserver/token"
	"github.com/thingward/thingward/internal/domain"
)

// network is what tokens list: kinds of things, and what scopes call them.
var network = []struct {
	noun domain.Noun
	word string
	all  domain.Scope // that covers every right on every thing of the kind
}{
	{domain.NounApplication, "apps", domain.Scope{Noun: "applications", Verb: "*"}},
	{domain.NounGateway, "gateways", domain.Scope{Noun: "gateways", Verb: "*"}},
	{domain.NounComponent, "components", domain.Scope{Noun: "components", Verb: "*"}},
}

// things returns what a token is about, with all rights that its user has on
// each: those to which it is narrowed, and of the kinds to which it is not,
// all that he works on, as long as they are not too many together.
func (k *Claims) things(ctx context.Context, f token.Forming) ([]domain.Entity, error) {
	var narrowed, all []domain.Entity
	for _, kind := range network {
		for _, id := range f.Token.Scopes.ThingIDs(kind.noun) {
			thing, there, err := k.thing(ctx, f, domain.ThingKey{Noun: kind.noun, ID: id})
			if err != nil {
				return nil, err
			}
			if there {
				narrowed = append(narrowed, thing)
			}
		}
		if f.User.ID == 0 || !coversAny(f.Token.Scopes, kind.all.Noun) {
			continue
		}
		list, err := k.Entities.Entities(ctx, f.User.ID, kind.noun, mostListed+1)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	all = slices.DeleteFunc(all, func(e domain.Entity) bool {
		return slices.ContainsFunc(narrowed, func(n domain.Entity) bool { return n.Noun == e.Noun && n.ID == e.ID })
	})
	switch {
	case len(narrowed) > mostListed:
		return nil, nil
	case len(narrowed)+len(all) > mostListed:
		return narrowed, nil
	}
	return append(narrowed, all...), nil
}

// coversAny reports whether a scope of the noun is not narrowed to a thing.
func coversAny(scopes domain.ScopeSet, noun string) bool {
	return slices.ContainsFunc(scopes, func(s domain.Scope) bool { return s.Noun == noun && s.Thing == "" })
}

// thing finds one thing with the rights on it of whom the token is for. It
// reports false where it is gone, or he has none.
func (k *Claims) thing(ctx context.Context, f token.Forming, key domain.ThingKey) (domain.Entity, bool, error) {
	name, thing, err := k.lookUp(ctx, key)
	if domain.IsKind(err, domain.NotFound) {
		return domain.Entity{}, false, nil
	}
	if err != nil {
		return domain.Entity{}, false, err
	}
	found := domain.Entity{Noun: key.Noun, ID: key.ID, Name: name}
	switch {
	case f.Key.Thing == key:
		found.Rights = f.Key.Rights
	case f.User.ID == 0:
	case f.User.ID.Owner() == thing.Owner:
		found.Rights = domain.CreatorRights(key.Noun)
	default:
		found.Rights, err = k.Finder.Given(ctx, domain.Caller{User: f.User}, thing)
	}
	return found, found.Rights != 0, err
}

func (k *Claims) lookUp(ctx context.Context, key domain.ThingKey) (string, domain.Thing, error) {
	ref := domain.ThingRef(key.ID)
	switch key.Noun {
	case domain.NounApplication:
		application, err := k.Finder.Network.Application(ctx, ref)
		return application.Name, application.Thing(), err
	case domain.NounGateway:
		gateway, err := k.Finder.Network.Gateway(ctx, ref)
		return gateway.Name, gateway.Thing(), err
	}
	component, err := k.Finder.Network.Component(ctx, ref)
	return component.Name, component.Thing(), err
}

// list writes which rights the scopes let be used on which things. A scope
// that names a thing stands beside each to which the token is narrowed:
// readers look for both.
func (c *claims) list(things []domain.Entity, scopes domain.ScopeSet) {
	for _, kind := range network {
		rights := map[string][]string{}
		for _, thing := range things {
			if thing.Noun != kind.noun {
				continue
			}
			names := covered(thing, scopes, kind.all)
			if len(names) == 0 {
				continue
			}
			rights[thing.Name] = names
			if word := kind.word + ":" + thing.Name; narrowsTo(scopes, kind.all.Noun, thing.ID) && !slices.Contains(c.Scope, word) {
				c.Scope = append(c.Scope, word)
			}
		}
		switch kind.noun {
		case domain.NounApplication:
			c.Applications = rights
		case domain.NounGateway:
			c.Gateways = rights
		case domain.NounComponent:
			c.Components = rights
		}
	}
}

// covered returns the rights on a thing that the scopes let be used, by name.
func covered(thing domain.Entity, scopes domain.ScopeSet, all domain.Scope) []string {
	if scopes.Covers(all.On(thing.ID)) {
		return thing.Rights.Names()
	}
	var names []string
	for _, right := range thing.Rights.List() {
		if scopes.Covers(domain.ScopeOf(right).On(thing.ID)) {
			names = append(names, right.Name())
		}
	}
	return names
}

func narrowsTo(scopes domain.ScopeSet, noun string, id int64) bool {
	ref := domain.ThingRef(id)
	return slices.ContainsFunc(scopes, func(s domain.Scope) bool { return s.Noun == noun && s.Thing == ref })
}
