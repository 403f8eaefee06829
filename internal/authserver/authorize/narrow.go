package authorize

import (
	"context"
	"slices"

	"github.com/thingward/thingward/internal/domain"
)

// mostThings is how many things a connection can be narrowed to.
const mostThings = 1000

// things are the things of each kind that a person chose, in stored form. A
// kind that is missing is not narrowed.
type things map[domain.Noun][]string

// chosen finds what the person chose among what he may see.
func (s *Service) chosen(ctx context.Context, c domain.Caller, d Decision) (things, error) {
	found := things{}
	for _, noun := range domain.Nouns() {
		names, limited := d.Things[noun]
		if !limited {
			continue
		}
		if len(names) > mostThings {
			return nil, domain.InvalidField(inputOf(noun), "Choose at most %d, or all of yours.", mostThings)
		}
		refs := []string{}
		for _, name := range names {
			scope := domain.ScopeOf(domain.SeeRight(noun))
			scope.Thing = name
			stored, err := s.Finder.StoredScopes(ctx, c, domain.ScopeSet{scope})
			if domain.IsKind(err, domain.Invalid) || err == nil && stored[0].Thing == "" {
				return nil, domain.InvalidField(inputOf(noun), "One of what you chose is not there any more. Choose again.")
			}
			if err != nil {
				return nil, err
			}
			refs = append(refs, stored[0].Thing)
		}
		found[noun] = refs
	}
	return found, nil
}

// narrow applies the choice: a scope for all things of a kind becomes one for
// each that was chosen, and one for a single thing stays if it was.
func narrow(set domain.ScopeSet, chosen things) domain.ScopeSet {
	var narrowed domain.ScopeSet
	for _, scope := range set {
		refs, limited := chosen[scope.ThingNoun()]
		switch {
		case !limited || slices.Contains(refs, scope.Thing):
			narrowed = append(narrowed, scope)
		case scope.Thing == "":
			for _, ref := range refs {
				scope.Thing = ref
				narrowed = append(narrowed, scope)
			}
		}
	}
	return domain.Union(narrowed)
}

// checkChosen refuses a yes to something with things of a kind where none of
// them is left. Nobody means that, and as a yes is remembered the app could
// not ask again.
func checkChosen(ticked, allowed domain.ScopeSet, chosen things) error {
	for _, noun := range domain.Nouns() {
		if _, limited := chosen[noun]; limited && hasThings(ticked, noun) && !hasThings(allowed, noun) {
			return domain.InvalidField(inputOf(noun), "Choose at least one, or allow all of yours. To allow none of them, untick what it wants to do with them.")
		}
	}
	return nil
}

// hasThings reports whether a set allows something with things of a kind.
func hasThings(set domain.ScopeSet, noun domain.Noun) bool {
	return slices.ContainsFunc(set, func(s domain.Scope) bool { return s.ThingNoun() == noun })
}

// inputOf names what was decided about things of a kind.
func inputOf(noun domain.Noun) string { return string(noun) + "s" }

// renewed returns a present grant as it is after another yes. What this
// request did not ask for stays as it was; what it asked for is now as the
// person just left it.
func renewed(present, now domain.Grant) domain.Grant {
	present.Scopes = domain.Union(without(present.Scopes, now.Asked), now.Scopes)
	present.Asked = domain.Union(present.Asked, now.Asked)
	present.ExpiresAt = now.ExpiresAt
	return present
}

// without takes the heads of other out of a set: all of sensors.read, be it
// for every sensor or for one, where other has anything of sensors.read.
func without(set, other domain.ScopeSet) domain.ScopeSet {
	other = other.SpelledOut()
	var rest domain.ScopeSet
	for _, scope := range set {
		if !slices.ContainsFunc(other, func(o domain.Scope) bool { return o.Noun == scope.Noun }) {
			rest = append(rest, scope)
			continue
		}
		for _, spelled := range (domain.ScopeSet{scope}).SpelledOut() {
			if !slices.ContainsFunc(other, func(o domain.Scope) bool { return o.Noun == spelled.Noun && o.Verb == spelled.Verb }) {
				rest = append(rest, spelled)
			}
		}
	}
	return rest
}
