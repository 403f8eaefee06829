package domain

import (
	"slices"
	"strings"
)

// ScopeName is one scope in the words of a contract, and what it stands for.
// Standard clients use our own names; each stands for itself.
type ScopeName struct {
	Name   string
	Scopes ScopeSet
}

// doorScopes are the names of the old contracts.
var doorScopes = map[ClientKind][]ScopeName{
	WotkitClient: {{"all", ScopeSet{{Noun: "sensors", Verb: "*"}, {Noun: "readings", Verb: "*"}, {Noun: "actuators", Verb: "*"}, {Noun: "alerts", Verb: "*"}, ScopeProfile}}},
	LametricClient: {
		{"basic", ScopeSet{ScopeProfile, ScopeEmail}},
		{"devices_read", ScopeSet{ScopeDevicesRead}},
		{"devices_write", ScopeSet{ScopeDevicesWrite}},
	},
	TTNClient: {
		{"profile", ScopeSet{ScopeProfile, ScopeProfileWrite}},
		{"apps", ScopeSet{{Noun: "applications", Verb: "*"}}},
		{"gateways", ScopeSet{{Noun: "gateways", Verb: "*"}}},
		{"components", ScopeSet{{Noun: "components", Verb: "*"}}},
		{"clients", ScopeSet{{Noun: "clients", Verb: "*"}}},
	},
}

// WotkitScopes returns what WoTKit's one scope stands for, which is also what
// a user name and password may do there.
func WotkitScopes() ScopeSet { return slices.Clone(doorScopes[WotkitClient][0].Scopes) }

// ScopeNames lists the names in which clients of the kind ask: those of the
// contract, or our own that third parties may have.
func (k ClientKind) ScopeNames() []ScopeName {
	if names, ok := doorScopes[k]; ok {
		return slices.Clone(names)
	}
	var names []ScopeName
	for _, rule := range scopeRules {
		if rule.Scope.ForThirdParties() {
			names = append(names, ScopeName{rule.Scope.String(), ScopeSet{rule.Scope}})
		}
	}
	return names
}

// DefaultScope returns what an authorization request without a scope asks for
// (RFC 6749 §3.3). Standard clients then ask for nothing.
func (c Client) DefaultScope() string {
	switch c.Kind {
	case WotkitClient:
		return "all"
	case LametricClient:
		return "basic"
	case TTNClient:
		return c.Kind.PrintScopes(c.Scopes)
	}
	return ""
}

// ParseScopeNames reads a scope parameter: names with single spaces between
// them. Doubles are dropped. Unknown names are Invalid (invalid_scope).
func (k ClientKind) ParseScopeNames(text string) ([]ScopeName, error) {
	if len(text) > 4000 {
		return nil, Errorf(Invalid, "invalid_scope", "The scope has more than 4,000 characters.")
	}
	var names []ScopeName
	for word := range strings.SplitSeq(text, " ") {
		if word == "" || slices.ContainsFunc(names, func(n ScopeName) bool { return n.Name == word }) {
			continue
		}
		name, err := k.parseScopeName(word)
		if err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, nil
}

func (k ClientKind) parseScopeName(word string) (ScopeName, error) {
	names, isDoor := doorScopes[k]
	if !isDoor {
		scope, err := ParseScope(word)
		return ScopeName{word, ScopeSet{scope}}, err
	}
	head, thing, narrowed := strings.Cut(word, ":")
	for _, name := range names {
		if name.Name != head || narrowed && (k != TTNClient || head == "profile" || head == "clients") {
			continue
		}
		if narrowed && !validThing(thing) {
			break
		}
		return ScopeName{word, name.on(thing)}, nil
	}
	return ScopeName{}, unknownScope(word)
}

// UnionOf joins what names stand for.
func UnionOf(names []ScopeName) ScopeSet {
	sets := make([]ScopeSet, len(names))
	for i, name := range names {
		sets[i] = name.Scopes
	}
	return Union(sets...)
}

// PrintScopes says a set in the words of the kind, as the parameter scope of
// an answer has it. A name of a contract survives where something of each of
// its scopes does; which things are left is said by The Things Network's names
// alone ("apps:ID"), where all of its scopes are narrowed to the same.
func (k ClientKind) PrintScopes(set ScopeSet) string {
	names, isDoor := doorScopes[k]
	if !isDoor {
		return set.String()
	}
	var words []string
	for _, name := range names {
		if k == TTNClient {
			words = append(words, name.printed(set)...)
		} else if !slices.ContainsFunc(name.Scopes, func(s Scope) bool { return !set.coversSome(s) }) {
			words = append(words, name.Name)
		}
	}
	return strings.Join(words, " ")
}

// ScopeText is PrintScopes for what programs are told a token may do: where
// less is left than any name of the contract means, it is said in our own.
func (k ClientKind) ScopeText(set ScopeSet) string {
	if text := k.PrintScopes(set); text != "" {
		return text
	}
	return set.String()
}

// printed returns the name if the set covers all that it means; else the name
// with each thing for which it does.
func (n ScopeName) printed(set ScopeSet) []string {
	if n.Scopes.Within(set) {
		return []string{n.Name}
	}
	var words unique[string]
	for _, scope := range set {
		if scope.Thing != "" && scope.Noun == n.Scopes[0].Noun && n.on(scope.Thing).Within(set) {
			words.add(n.Name + ":" + scope.Thing)
		}
	}
	return words.list
}

// on narrows what the name means to a thing.
func (n ScopeName) on(thing string) ScopeSet {
	narrowed := slices.Clone(n.Scopes)
	for i := range narrowed {
		narrowed[i].Thing = thing
	}
	return narrowed
}

// ScopeWords returns what the client may ask for, in the words of its kind.
func (c Client) ScopeWords() []string { return strings.Fields(c.Kind.PrintScopes(c.Scopes)) }

// coversSome is CoversSome for scopes with any verb.
func (set ScopeSet) coversSome(need Scope) bool {
	return slices.ContainsFunc(set, func(s Scope) bool { return Scope{s.Noun, s.Verb, need.Thing}.Covers(need) })
}
