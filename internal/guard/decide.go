// Package guard answers who is calling and whether they may. Every door and
// every transport asks here; there is no second answer.
package guard

import (
	"github.com/thingward/thingward/internal/domain"
)

// May is the one decision (ARCHITECTURE.md): yes where the user behind the
// caller has the right on the thing and his credential holds a scope for it.
// What is public, everybody may read, with or without a credential.
func May(c domain.Caller, right domain.Right, thing domain.Thing) bool {
	if right.Noun() != thing.Noun {
		return false
	}
	if right.ForEverybody() && thing.Public {
		return true
	}
	return RightsOf(c, thing).Has(right) && c.Holds(domain.ScopeOf(right).On(thing.ID))
}

// RightsOf returns the rights that the user behind the caller has on the
// thing, whatever his credential may do: its owner has all, and so has an
// administrator who acts as one; a collaborator what he was given; an access
// key what it was given on its own thing.
func RightsOf(c domain.Caller, thing domain.Thing) domain.RightSet {
	switch {
	case c.Anonymous() || c.User.Suspended:
		return 0
	case c.ActsForThing():
		if c.Acting != thing.Key() {
			return 0
		}
		return c.Rights
	case c.User.ID != 0 && c.User.ID.Owner() == thing.Owner || c.ActsAsAdmin():
		return domain.AllRights(thing.Noun)
	}
	return thing.Given
}

// Require refuses what May does not allow. A thing that the caller may not
// even see is not found, in the words of NotThere; otherwise the error says
// what is missing.
func Require(c domain.Caller, right domain.Right, thing domain.Thing) error {
	rights := RightsOf(c, thing)
	switch {
	case May(c, right, thing):
		return nil
	case rights == 0 && !thing.Public:
		return NotThere(thing.Noun)
	case c.Anonymous():
		return domain.Errorf(domain.Unauthenticated, "credential_missing", "This needs a credential: an API key, an access token, or signing in.")
	case !thing.Public && usesNothing(c, rights, thing):
		return NotThere(thing.Noun)
	case rights.Has(right):
		return domain.Errorf(domain.Forbidden, "insufficient_scope", "This needs a credential with the scope %s for this %s.", domain.ScopeOf(right), thing.Noun)
	case rights == 0:
		return domain.Errorf(domain.Forbidden, "not_yours", "Only the owner of this %s and its collaborators may do this.", thing.Noun)
	}
	return domain.Errorf(domain.Forbidden, "right_missing", "This needs the right %s on the %s. Whoever holds the right %s can give it.", right.Name(), thing.Noun, domain.ShareRight(thing.Noun).Name())
}

// usesNothing reports whether the credential has a scope for none of the
// rights: for this credential a private thing is not there.
func usesNothing(c domain.Caller, rights domain.RightSet, thing domain.Thing) bool {
	for _, right := range rights.Each() {
		if c.Holds(domain.ScopeOf(right).On(thing.ID)) {
			return false
		}
	}
	return true
}

// NotThere is the error for a thing that does not exist, or that the caller
// may not see: the same words for both.
func NotThere(noun domain.Noun) error {
	return domain.Errorf(domain.NotFound, string(noun)+"_not_found", "There is no such %s, or it is not yours to see.", noun)
}
