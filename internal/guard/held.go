package guard

import (
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// RequireForAll refuses whoever is no user (no_user), and credentials that do
// not hold the scope for all things of its kind (insufficient_scope): one that
// is narrowed to single things makes no new ones.
func RequireForAll(c domain.Caller, scope domain.Scope) error {
	if err := web.Scoped(scope).Check(c); err != nil {
		return err
	}
	switch {
	case c.User.ID == 0:
		return domain.Errorf(domain.Forbidden, "no_user", "Only a user can own %s.", scope.ThingNoun().One())
	case !c.Holds(scope):
		return domain.Errorf(domain.Forbidden, "insufficient_scope", "This needs a credential with the scope %s for all %s.", scope, scope.Noun)
	}
	return nil
}

// ReadableOnly returns the ids of the things for which the credential holds
// the scope; nil where it holds it for all of its user's.
func ReadableOnly[ID ~int64](c domain.Caller, scope domain.Scope) []ID {
	if c.Holds(scope) {
		return nil
	}
	ids := []ID{}
	for _, id := range c.Scopes.ThingIDs(scope.ThingNoun()) {
		if c.Holds(scope.On(id)) {
			ids = append(ids, ID(id))
		}
	}
	return ids
}

// HeldOn returns what the caller may do with a thing that was looked up for
// him: what his user may, as far as his credential lets him.
func HeldOn(c domain.Caller, thing domain.Thing) domain.RightSet {
	var held domain.RightSet
	for _, right := range domain.RightsOn(thing.Noun) {
		if May(c, right, thing) {
			held |= domain.SetOf(right)
		}
	}
	return held
}
