package domain

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"
)

// AuthorizationDetail is one thing that a token shall be for (RFC 9396 §2):
// its kind, which one it is, and what may be done with it.
type AuthorizationDetail struct {
	Type       string   `json:"type"`                 // a noun of the scope grammar, one or many: "application", "readings"
	Identifier string   `json:"identifier,omitempty"` // as in a scope; empty: all of them
	Actions    []string `json:"actions,omitempty"`    // verbs of the noun; empty: all of them
}

// MaxAuthorizationDetails is how many one request may have.
const MaxAuthorizationDetails = 1000

// ParseAuthorizationDetails reads the parameter authorization_details. What is
// not understood is never left out: it would be taken for granted
// (RFC 9396 §5). Every refusal is Invalid (invalid_authorization_details).
func ParseAuthorizationDetails(text string) ([]AuthorizationDetail, error) {
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.DisallowUnknownFields()
	var details []AuthorizationDetail
	if err := decoder.Decode(&details); err != nil {
		return nil, badDetail(`The parameter authorization_details is a JSON array such as [{"type":"application","identifier":"my-app","actions":["devices"]}], and no other members are known here.`)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, badDetail("There is something behind the array of authorization_details.")
	}
	if len(details) == 0 || len(details) > MaxAuthorizationDetails {
		return nil, badDetail("The parameter authorization_details has 1 to 1,000 objects.")
	}
	for _, detail := range details {
		if _, err := detail.scopes(); err != nil {
			return nil, err
		}
	}
	return details, nil
}

func badDetail(message string) *Error {
	return Errorf(Invalid, "invalid_authorization_details", "%s", message)
}

// AuthorizationDetailTypes lists the types that there are, as metadata has
// them (RFC 9396 §10).
func AuthorizationDetailTypes() []string {
	var types []string
	for _, rule := range scopeRules {
		if one := strings.TrimSuffix(rule.Scope.Noun, "s"); rule.Scope.ThingNoun() != "" && !slices.Contains(types, one) {
			types = append(types, one)
		}
	}
	return types
}

// DetailScopes returns what the details stand for, things by name.
func DetailScopes(details []AuthorizationDetail) ScopeSet {
	var sets []ScopeSet
	for _, detail := range details {
		if set, err := detail.scopes(); err == nil {
			sets = append(sets, set)
		}
	}
	return Union(sets...)
}

// scopes returns what the detail stands for.
func (d AuthorizationDetail) scopes() (ScopeSet, error) {
	noun := d.Type
	if !strings.HasSuffix(noun, "s") {
		noun += "s"
	}
	if !slices.Contains(AuthorizationDetailTypes(), strings.TrimSuffix(noun, "s")) {
		return nil, Errorf(Invalid, "invalid_authorization_details", "There is no type %q. Possible: %s.", Clip(d.Type), strings.Join(AuthorizationDetailTypes(), ", "))
	}
	if d.Identifier != "" && !validThing(d.Identifier) {
		return nil, Errorf(Invalid, "invalid_authorization_details", "No %s can be called %q.", strings.TrimSuffix(noun, "s"), Clip(d.Identifier))
	}
	if len(d.Actions) == 0 {
		return ScopeSet{{Noun: noun, Verb: "*", Thing: d.Identifier}}, nil
	}
	var set unique[Scope]
	for _, action := range d.Actions {
		rule, known := findScopeRule(noun, action)
		if !known || rule.Scope.Verb != action {
			return nil, Errorf(Invalid, "invalid_authorization_details", "There is no action %q on %s.", Clip(action), Noun(strings.TrimSuffix(noun, "s")).One())
		}
		set.add(Scope{noun, action, d.Identifier})
	}
	return set.list, nil
}
