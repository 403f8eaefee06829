package domain

import "slices"

// many is from how many entries on a list is indexed and not walked for every
// one of another list. A person may choose a thousand things for each of
// several scopes, and what a token may do is asked at every use of it.
const many = 64

// unique is a list without doubles, in the order of first mention.
type unique[T comparable] struct {
	list []T
	seen map[T]struct{} // nil while the list is short
}

func (u *unique[T]) add(one T) {
	if len(u.list) < many {
		if !slices.Contains(u.list, one) {
			u.list = append(u.list, one)
		}
		return
	}
	if u.seen == nil {
		u.seen = make(map[T]struct{}, 2*many)
		for _, listed := range u.list {
			u.seen[listed] = struct{}{}
		}
	}
	if _, listed := u.seen[one]; !listed {
		u.seen[one] = struct{}{}
		u.list = append(u.list, one)
	}
}

// scopesByThing finds the scopes of a long set that can have to do with one:
// those about the same thing, and those about every thing of the noun.
type scopesByThing map[Scope][]Scope // by noun and thing, without the verb

func (set ScopeSet) byThing() scopesByThing {
	index := make(scopesByThing, len(set))
	for _, scope := range set {
		at := Scope{Noun: scope.Noun, Thing: scope.Thing}
		index[at] = append(index[at], scope)
	}
	return index
}

// near returns the scopes that can cover the scope, or share something with
// it if it is about one thing.
func (index scopesByThing) near(scope Scope) ScopeSet {
	wide := index[Scope{Noun: scope.Noun}]
	if scope.Thing == "" {
		return wide
	}
	return slices.Concat(wide, index[Scope{Noun: scope.Noun, Thing: scope.Thing}])
}

// withinMany is Within for two long sets. Most often one is the other with
// some left out, in the same order, which is soon seen.
func (set ScopeSet) withinMany(other ScopeSet) bool {
	if set.leavesOutOf(other) {
		return true
	}
	index := other.byThing()
	for _, scope := range set {
		near := index.near(scope)
		if !near.Covers(scope) && !near.coversEveryVerb(scope) {
			return false
		}
	}
	return true
}

// leavesOutOf reports whether the set is the other one with some left out.
func (set ScopeSet) leavesOutOf(other ScopeSet) bool {
	for _, scope := range other {
		if len(set) > 0 && set[0] == scope {
			set = set[1:]
		}
	}
	return len(set) == 0
}

// intersectMany is Intersect for two long sets.
func (set ScopeSet) intersectMany(other ScopeSet) ScopeSet {
	index := other.byThing()
	var both unique[Scope]
	for _, a := range set {
		near := index.near(a)
		if a.Thing == "" {
			near = other // there are no more such scopes than verbs
		}
		for _, b := range near {
			if scope, ok := a.meet(b); ok {
				both.add(scope)
			}
		}
	}
	return both.list
}
