package domain

// ThingIDs returns the ids of the things of one kind to which scopes of the
// set are narrowed.
func (set ScopeSet) ThingIDs(noun Noun) []int64 {
	var ids unique[int64]
	for _, scope := range set {
		if id, ok := ThingID(scope.Thing); ok && scope.ThingNoun() == noun {
			ids.add(id)
		}
	}
	return ids.list
}

// SpelledOut returns the set with the verbs that "noun.*" stands for, each
// once.
func (set ScopeSet) SpelledOut() ScopeSet {
	var spelled unique[Scope]
	for _, scope := range set {
		if scope.Verb != "*" {
			spelled.add(scope)
			continue
		}
		for _, rule := range scopeRules {
			if one := (Scope{rule.Scope.Noun, rule.Scope.Verb, scope.Thing}); scope.Covers(one) {
				spelled.add(one)
			}
		}
	}
	return spelled.list
}

// Named returns the set with the things of one kind by the names that are
// given for their ids. Things without one keep their id, so that no scope is
// mistaken for a wider one.
func (set ScopeSet) Named(noun Noun, names map[int64]string) ScopeSet {
	named, _ := set.MapThings(func(scope Scope) (string, error) { // which fails only where this does
		if id, ok := ThingID(scope.Thing); ok && scope.ThingNoun() == noun && names[id] != "" {
			return names[id], nil
		}
		return scope.Thing, nil
	})
	return named
}
