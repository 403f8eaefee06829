package domain

import (
	"slices"
	"strconv"
	"strings"
)

// Scope says what a credential may do: "noun.verb" or "noun.verb:thing", or a
// single word such as "profile". Without a thing it covers all things of that
// noun which the user has, now and later. The verb "*" covers every verb.
//
// A thing is a name ("alice.greenhouse") where people and programs write it,
// and "#" with the thing's id where it is stored: ids survive renaming.
type Scope struct {
	Noun, Verb, Thing string
}

// ScopeRule describes one scope of the grammar.
type ScopeRule struct {
	Scope    Scope
	Sentence string // completes "It may …" on pages
	Things   bool   // may be narrowed to a thing
}

// scopeRules is the whole grammar: noun.verb or noun.verb:thing.
var scopeRules = []ScopeRule{
	{Scope{"openid", "", ""}, "know who you are when you sign in to it", false},
	{Scope{"profile", "", ""}, "see your name and time zone", false},
	{Scope{"profile", "write", ""}, "change your name and time zone", false},
	{Scope{"email", "", ""}, "see your e-mail address", false},
	{Scope{"offline_access", "", ""}, "go on working while you are away", false},
	{Scope{"sensors", "read", ""}, "see sensors and their fields", true},
	{Scope{"sensors", "write", ""}, "create, change and delete sensors and their fields", true},
	{Scope{"readings", "read", ""}, "read the data of sensors", true},
	{Scope{"readings", "write", ""}, "send, replace and delete the data of sensors", true},
	{Scope{"actuators", "read", ""}, "receive the control messages of sensors", true},
	{Scope{"actuators", "write", ""}, "send control messages to sensors", true},
	{Scope{"devices", "read", ""}, "list your devices, with their local keys", true},
	{Scope{"devices", "write", ""}, "change your devices", true},
	{Scope{"applications", "read", ""}, "see applications", true},
	{Scope{"applications", "write", ""}, "change applications", true},
	{Scope{"applications", "devices", ""}, "manage the end devices of applications", true},
	{Scope{"applications", "messages", ""}, "read and send the messages of applications", true},
	{Scope{"gateways", "read", ""}, "see gateways", true},
	{Scope{"gateways", "write", ""}, "change gateways", true},
	{Scope{"gateways", "messages", ""}, "read and send the messages of gateways", true},
	{Scope{"components", "read", ""}, "see network components", true},
	{Scope{"components", "write", ""}, "change network components", true},
	{Scope{"organizations", "read", ""}, "see your organizations", true},
	{Scope{"organizations", "write", ""}, "change your organizations", true},
	{Scope{"alerts", "read", ""}, "see your alerts and inbox", false},
	{Scope{"alerts", "write", ""}, "change your alerts", false},
	{Scope{"clients", "read", ""}, "see your apps", false},
	{Scope{"clients", "write", ""}, "register and change your apps", false},
	{Scope{"account", "", ""}, "manage your keys, the secrets of your apps and your connections", false},
	{Scope{"admin", "", ""}, "act with your rights as an administrator", false},
}

// Scopes that the core asks for by itself.
var (
	ScopeProfile           = Scope{Noun: "profile"}
	ScopeProfileWrite      = Scope{Noun: "profile", Verb: "write"}
	ScopeEmail             = Scope{Noun: "email"}
	ScopeSensorsRead       = Scope{Noun: "sensors", Verb: "read"}
	ScopeSensorsWrite      = Scope{Noun: "sensors", Verb: "write"}
	ScopeReadingsRead      = Scope{Noun: "readings", Verb: "read"}
	ScopeReadingsWrite     = Scope{Noun: "readings", Verb: "write"}
	ScopeDevicesRead       = Scope{Noun: "devices", Verb: "read"}
	ScopeDevicesWrite      = Scope{Noun: "devices", Verb: "write"}
	ScopeApplicationsRead  = Scope{Noun: "applications", Verb: "read"}
	ScopeApplicationsWrite = Scope{Noun: "applications", Verb: "write"}
	ScopeGatewaysRead      = Scope{Noun: "gateways", Verb: "read"}
	ScopeGatewaysWrite     = Scope{Noun: "gateways", Verb: "write"}
	ScopeComponentsRead    = Scope{Noun: "components", Verb: "read"}
	ScopeComponentsWrite   = Scope{Noun: "components", Verb: "write"}
	ScopeClientsRead       = Scope{Noun: "clients", Verb: "read"}
	ScopeClientsWrite      = Scope{Noun: "clients", Verb: "write"}
	ScopeOffline           = Scope{Noun: "offline_access"}
	ScopeOpenID            = Scope{Noun: "openid"}
	ScopeAccount           = Scope{Noun: "account"}
	ScopeAdmin             = Scope{Noun: "admin"}
)

// ForThirdParties reports whether a client that is not Thingward's own may be
// given the scope.
func (s Scope) ForThirdParties() bool { return s.Noun != "account" && s.Noun != "admin" }

// ThingNoun returns the kind of things that the scope can be narrowed to;
// empty where it is about none that exist here.
func (s Scope) ThingNoun() Noun {
	switch s.Noun {
	case "sensors", "readings", "actuators":
		return NounSensor
	case "devices":
		return NounDevice
	case "applications":
		return NounApplication
	case "gateways":
		return NounGateway
	case "components":
		return NounComponent
	}
	return ""
}

// ScopeRules returns the grammar in the order in which pages show it.
func ScopeRules() []ScopeRule { return slices.Clone(scopeRules) }

// ParseScope reads one scope and refuses what the grammar does not have.
// Printing what it returns gives the same text back.
func ParseScope(text string) (Scope, error) {
	head, thing, narrowed := strings.Cut(text, ":")
	noun, verb, dotted := strings.Cut(head, ".")
	scope := Scope{Noun: noun, Verb: verb, Thing: thing}
	rule, known := findScopeRule(noun, verb)
	switch {
	case !known || dotted == (verb == ""):
		return Scope{}, unknownScope(text)
	case narrowed && !rule.Things:
		return Scope{}, Errorf(Invalid, "invalid_scope", "The scope %s cannot be narrowed to a thing.", head)
	case narrowed && !validThing(thing):
		return Scope{}, Errorf(Invalid, "invalid_scope", "The scope %q names no thing that could exist.", Clip(text))
	}
	return scope, nil
}

func unknownScope(text string) *Error {
	return Errorf(Invalid, "invalid_scope", "There is no scope %q.", Clip(text))
}

func findScopeRule(noun, verb string) (ScopeRule, bool) {
	for _, rule := range scopeRules {
		same := rule.Scope.Noun == noun
		if same && (rule.Scope.Verb == verb || verb == "*" && rule.Scope.Verb != "" && noun != "profile") {
			return rule, true
		}
	}
	return ScopeRule{}, false
}

// validThing allows what RFC 6749 §3.3 allows in a scope token, without the
// separators of our own grammar.
func validThing(thing string) bool {
	if thing == "" || len(thing) > 128 {
		return false
	}
	for _, c := range []byte(thing) {
		if c <= 0x20 || c > 0x7e || c == '"' || c == '\\' || c == ':' || c == ',' {
			return false
		}
	}
	return true
}

// String prints the scope as ParseScope reads it.
func (s Scope) String() string {
	text := s.Noun
	if s.Verb != "" {
		text += "." + s.Verb
	}
	if s.Thing != "" {
		text += ":" + s.Thing
	}
	return text
}

// On narrows the scope to the thing with the id.
func (s Scope) On(id int64) Scope {
	s.Thing = ThingRef(id)
	return s
}

// ThingRef is the stored form of a thing in a scope.
func ThingRef(id int64) string { return "#" + strconv.FormatInt(id, 10) }

// ThingID reads the stored form. It reports false for names.
func ThingID(thing string) (int64, bool) {
	digits, ok := strings.CutPrefix(thing, "#")
	if !ok {
		return 0, false
	}
	id, err := strconv.ParseInt(digits, 10, 64)
	return id, err == nil && id > 0 && ThingRef(id) == thing
}

// Covers reports whether whoever holds s may do what needs t.
func (s Scope) Covers(t Scope) bool {
	verb := s.Verb == t.Verb || s.Verb == "*" && t.Verb != ""
	return s.Noun == t.Noun && verb && (s.Thing == "" || s.Thing == t.Thing)
}

// ScopeSet is a set of scopes. The zero value allows nothing.
type ScopeSet []Scope

// ParseScopes reads scopes between spaces or commas. Doubles are dropped and
// the order of first mention is kept.
func ParseScopes(text string) (ScopeSet, error) {
	var set unique[Scope]
	words := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' || r == '\t' || r == '\n' })
	for _, word := range words {
		scope, err := ParseScope(word)
		if err != nil {
			return nil, err
		}
		set.add(scope)
	}
	return set.list, nil
}

// String prints the scopes with spaces between them.
func (set ScopeSet) String() string {
	words := make([]string, len(set))
	for i, scope := range set {
		words[i] = scope.String()
	}
	return strings.Join(words, " ")
}

// Covers reports whether some scope of the set covers the need.
func (set ScopeSet) Covers(need Scope) bool {
	for _, scope := range set {
		if scope.Covers(need) {
			return true
		}
	}
	return false
}

// CoversSome reports whether the set allows the need for at least one thing,
// be it only a single one. A route asks this before it knows the thing.
func (set ScopeSet) CoversSome(need Scope) bool {
	for _, scope := range set {
		if scope.Covers(Scope{need.Noun, need.Verb, scope.Thing}) {
			return true
		}
	}
	return false
}

// Within reports whether set allows nothing that other does not allow.
func (set ScopeSet) Within(other ScopeSet) bool {
	if len(set) > many && len(other) > many {
		return set.withinMany(other)
	}
	for _, scope := range set {
		if !other.Covers(scope) && !other.coversEveryVerb(scope) {
			return false
		}
	}
	return true
}

// coversEveryVerb reports whether the verbs that a "noun.*" stands for are
// each covered.
func (set ScopeSet) coversEveryVerb(scope Scope) bool {
	if scope.Verb != "*" {
		return false
	}
	for _, rule := range scopeRules {
		if rule.Scope.Noun == scope.Noun && rule.Scope.Verb != "" && !set.Covers(Scope{scope.Noun, rule.Scope.Verb, scope.Thing}) {
			return false
		}
	}
	return true
}

// Intersect returns what both sets allow.
func (set ScopeSet) Intersect(other ScopeSet) ScopeSet {
	if len(set) > many && len(other) > many {
		return set.intersectMany(other)
	}
	var both unique[Scope]
	for _, a := range set {
		for _, b := range other {
			if scope, ok := a.meet(b); ok {
				both.add(scope)
			}
		}
	}
	return both.list
}

// NarrowedTo returns what the bounds all allow of the set. Where that is all
// of it, as at most checks, it is the set itself and nothing is made.
func (set ScopeSet) NarrowedTo(bounds ...ScopeSet) ScopeSet {
	for _, bound := range bounds {
		if !set.Within(bound) {
			set = set.Intersect(bound)
		}
	}
	return set
}

// Union joins sets without doubles, in the order of first mention.
func Union(sets ...ScopeSet) ScopeSet {
	var joined unique[Scope]
	for _, set := range sets {
		for _, scope := range set {
			joined.add(scope)
		}
	}
	return joined.list
}

func (s Scope) meet(t Scope) (Scope, bool) {
	switch {
	case s.Covers(t):
		return t, true
	case t.Covers(s):
		return s, true
	}
	// Neither covers the other: one is wider in the verb, the other in the thing.
	verb, thing := s.Verb, s.Thing
	if verb == "*" {
		verb = t.Verb
	}
	if thing == "" {
		thing = t.Thing
	}
	met := Scope{s.Noun, verb, thing}
	return met, s.Covers(met) && t.Covers(met)
}

// MapThings returns the set with every thing replaced by what f makes of it.
func (set ScopeSet) MapThings(f func(Scope) (string, error)) (ScopeSet, error) {
	mapped := unique[Scope]{list: make([]Scope, 0, len(set))}
	for _, scope := range set {
		if scope.Thing != "" {
			thing, err := f(scope)
			if err != nil {
				return nil, err
			}
			scope.Thing = thing
		}
		mapped.add(scope)
	}
	return mapped.list, nil
}

// EveryScope returns the scopes of a person who is there himself: all of the
// grammar. What he may do with them is still a matter of his rights.
func EveryScope() ScopeSet {
	set := make(ScopeSet, 0, len(scopeRules))
	for _, rule := range scopeRules {
		set = append(set, rule.Scope)
	}
	return set
}
