package portal

import (
	"cmp"
	"slices"
	"strings"

	"github.com/thingward/thingward/internal/domain"
)

// scopeGroup is a heading with the scopes below it, to be ticked.
type scopeGroup struct {
	Title  string
	Scopes []scopeChoice
}

type scopeChoice struct {
	Name, Sentence string
	Chosen         bool
}

// keyScopes are the scopes that a key can be given, in groups. The grammar
// has more: for things that do not exist here yet.
var keyScopes = []struct {
	title  string
	scopes []domain.Scope
}{
	{"Your sensors and their data", []domain.Scope{domain.ScopeSensorsRead, domain.ScopeReadingsRead, domain.ScopeReadingsWrite, domain.ScopeSensorsWrite}},
	{"Your devices", []domain.Scope{domain.ScopeDevicesRead, domain.ScopeDevicesWrite}},
	{"Your apps", []domain.Scope{domain.ScopeClientsRead, domain.ScopeClientsWrite}},
	{"About you", []domain.Scope{domain.ScopeProfile, domain.ScopeEmail, domain.ScopeProfileWrite}},
	{"Powerful: for your own command line only", []domain.Scope{domain.ScopeAccount, domain.ScopeAdmin}},
}

// usualScopes are ticked at first: what a gateway or a script wants.
var usualScopes = []string{"sensors.read", "readings.read", "readings.write"}

// scopeGroups lists the scopes that the caller can give away.
func scopeGroups(c domain.Caller, chosen []string) []scopeGroup {
	var groups []scopeGroup
	for _, group := range keyScopes {
		made := scopeGroup{Title: group.title}
		for _, scope := range group.scopes {
			if scope == domain.ScopeAdmin && !c.User.Admin {
				continue
			}
			made.Scopes = append(made.Scopes, scopeChoice{Name: scope.String(), Sentence: sentence(scope), Chosen: slices.Contains(chosen, scope.String())})
		}
		groups = append(groups, made)
	}
	return groups
}

func ruleOf(scope domain.Scope) (domain.ScopeRule, bool) {
	for _, rule := range domain.ScopeRules() {
		if rule.Scope.Noun == scope.Noun && rule.Scope.Verb == scope.Verb {
			return rule, true
		}
	}
	return domain.ScopeRule{}, false
}

// nounWords are nouns of scopes that pages call otherwise.
var nounWords = map[string]string{"clients": "your apps", "components": "network components"}

func sentence(scope domain.Scope) string {
	if rule, ok := ruleOf(scope); ok {
		return rule.Sentence
	}
	if scope.Verb == "*" {
		return "do everything with " + cmp.Or(nounWords[scope.Noun], scope.Noun)
	}
	return scope.String()
}

// scopeWords says a set of scopes: one sentence each, things behind it.
func scopeWords(scopes domain.ScopeSet) []string {
	var order []domain.Scope
	things := map[domain.Scope][]string{}
	for _, scope := range scopes {
		head := domain.Scope{Noun: scope.Noun, Verb: scope.Verb}
		if _, seen := things[head]; !seen {
			order = append(order, head)
			things[head] = nil
		}
		if scope.Thing != "" {
			things[head] = append(things[head], scope.Thing)
		}
	}
	words := make([]string, len(order))
	for i, head := range order {
		words[i] = sentence(head)
		if named := things[head]; len(named) > 0 && !slices.Contains(scopes, head) {
			words[i] += " (only " + strings.Join(named, ", ") + ")"
		}
	}
	return words
}

// clientWords says what scopes let a client of the kind do. The contract of
// The Things Network has the e-mail address in the profile.
func clientWords(kind domain.ClientKind, scopes domain.ScopeSet) []string {
	words := scopeWords(scopes)
	if kind == domain.TTNClient && scopes.Covers(domain.ScopeProfile) && !scopes.Covers(domain.ScopeEmail) {
		words = append(words, sentence(domain.ScopeEmail))
	}
	return words
}

// narrowed puts every scope that is about sensors on each of the sensors.
func narrowed(scopes domain.ScopeSet, sensors []string) domain.ScopeSet {
	var set domain.ScopeSet
	for _, scope := range scopes {
		if scope.ThingNoun() != domain.NounSensor {
			set = append(set, scope)
			continue
		}
		for _, thing := range sensors {
			set = append(set, domain.Scope{Noun: scope.Noun, Verb: scope.Verb, Thing: thing})
		}
	}
	return set
}
