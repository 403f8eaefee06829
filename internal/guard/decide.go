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
	if right.ForEverybody() && thing.Public {
		return true
	}
	return hasRight(c, thing) && c.Holds(domain.ScopeOf(right).On(thing.ID))
}

// hasRight reports whether the user has all rights on the thing: its owner
// does, and an administrator who acts as one.
func hasRight(c domain.Caller, thing domain.Thing) bool {
	if c.Anonymous() || c.User.Suspended {
		return false
	}
	return c.User.ID.Owner() == thing.Owner || c.ActsAsAdmin()
}

// Require refuses what May does not allow. A thing that the caller may not
// even see is not found, in the words of NotThere; otherwise the error says
// what is missing.
func Require(c domain.Caller, right domain.Right, thing domain.Thing) error {
	switch {
	case May(c, right, thing):
		return nil
	case !hasRight(c, thing) && !thing.Public:
		return NotThere(thing.Noun)
	case c.Anonymous():
		return domain.Errorf(domain.Unauthenticated, "credential_missing", "This needs a credential: an API key, an access token, or signing in.")
	case hasRight(c, thing) && holdsNothingOn(c, thing):
		return NotThere(thing.Noun)
	case hasRight(c, thing):
		return domain.Errorf(domain.Forbidden, "insufficient_scope", "This needs a credential with the scope %s for this %s.", domain.ScopeOf(right), thing.Noun)
	}
	return domain.Errorf(domain.Forbidden, "not_yours", "Only the owner of this %s may do this.", thing.Noun)
}

// holdsNothingOn reports whether the credential has no scope at all for a
// private thing: for this credential it is not there.
func holdsNothingOn(c domain.Caller, thing domain.Thing) bool {
	if thing.Public {
		return false
	}
	for _, right := range domain.RightsOn(thing.Noun) {
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
