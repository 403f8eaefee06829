package domain

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// For narrows the filter to the sensors on which the caller may use the right
// (SensorRead or ReadingsRead): one is listed exactly when guard.May allows it.
//
//   - everybody sees public sensors, whatever his credential may do;
//   - a user sees his own private ones too, and those on which he was given
//     the right as a collaborator; an administrator who acts as one sees
//     everybody's. All that as far as the credential covers the right: for all
//     things, or for single ones (OnlyThings);
//   - a credential that does not hold a scope for the right on anything sees
//     what an anonymous caller sees, and has no relation to any sensor.
func (f SensorFilter) For(c Caller, right Right) SensorFilter {
	need := ScopeOf(right)
	f.VisibleTo, f.Asker, f.Given, f.OnlyThings, f.Everyones = 0, c.User.ID, right, nil, false
	if c.Anonymous() || c.User.Suspended || !c.Scopes.CoversSome(need) {
		return f
	}
	f.VisibleTo = c.User.ID
	f.Everyones = c.ActsAsAdmin()
	if !c.Holds(Scope{need.Noun, need.Verb, ""}) {
		f.OnlyThings = c.Scopes.sensorsOf(need)
	}
	return f
}

// sensorsOf returns the sensors for which the set covers the need one by one;
// never nil, because nil would be all.
func (set ScopeSet) sensorsOf(need Scope) []SensorID {
	ids := []SensorID{}
	for _, scope := range set {
		id, ok := ThingID(scope.Thing)
		if ok && scope.Covers(need.On(id)) && !slices.Contains(ids, SensorID(id)) {
			ids = append(ids, SensorID(id))
		}
	}
	return ids
}

// Limits of a filter. They keep one question to the store small.
const (
	maxFilterText  = 200 // characters of any text
	maxFilterTerms = 50  // owners, tags in all groups, metadata terms
)

// Check refuses filters that are larger than anybody needs, and texts that no
// sensor can have.
func (f SensorFilter) Check() error {
	tags := slices.Concat(f.Tags...)
	if len(tags) > maxFilterTerms || len(f.Owners) > maxFilterTerms || len(f.Metadata) > maxFilterTerms {
		return InvalidField("filter", "At most %d owners, tags and metadata terms can be asked for at once.", maxFilterTerms)
	}
	texts := slices.Concat([]string{f.Text}, f.Owners, tags)
	for _, term := range f.Metadata {
		if len(term.Key)+len(term.Value) > 1300 || !storable(term.Key) || !storable(term.Value) {
			return InvalidField("metadata", "A metadata term is too long or not text.")
		}
	}
	for _, text := range texts {
		if utf8.RuneCountInString(text) > maxFilterText || !storable(text) {
			return InvalidField("filter", "%q is too long or not text.", Clip(text))
		}
	}
	if f.Area != nil {
		return f.Area.Check()
	}
	return nil
}

// storable reports whether a database can hold the text: UTF-8 without the
// character 0.
func storable(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }
