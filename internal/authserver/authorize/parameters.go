package authorize

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/thingward/thingward/internal/domain"
)

// parameters are those of an authorization request in the order in which
// they came. url.ParseQuery would do but for two things: what it cannot read
// is gone, and it refuses a semicolon, which may well stand in a state.
type parameters []parameter

type parameter struct {
	name, value string
	unreadable  bool
}

func parseParameters(query string) parameters {
	var read parameters
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		read = append(read, parseParameter(name, value))
	}
	return read
}

// parseParameter takes a state as it is, because it only goes back. Whatever
// else is not UTF-8 is not understood.
func parseParameter(rawName, rawValue string) parameter {
	name, nameErr := url.QueryUnescape(rawName)
	value, valueErr := url.QueryUnescape(rawValue)
	understood := utf8.ValidString(name) && (name == "state" || utf8.ValidString(value) && !strings.ContainsRune(value, 0))
	return parameter{name, value, nameErr != nil || valueErr != nil || !understood}
}

// single returns the value of a parameter; empty where it is missing, which
// is the same (RFC 6749 §3.1). It reports false where the parameter cannot be
// read or came more than once.
func (p parameters) single(name string) (value string, ok bool) {
	found := false
	for _, given := range p {
		if given.name != name {
			continue
		}
		if found || given.unreadable {
			return "", false
		}
		value, found = given.value, true
	}
	return value, true
}

// text is single for parameters of a request that fault found nothing in.
func (p parameters) text(name string) string {
	value, _ := p.single(name)
	return value
}

// all returns every value of a parameter that may come several times.
func (p parameters) all(name string) []string {
	var values []string
	for _, given := range p {
		if given.name == name && given.value != "" {
			values = append(values, given.value)
		}
	}
	return values
}

// fault refuses what cannot be read, and doubles (RFC 6749 §3.1). Only a
// resource may be named several times (RFC 8707 §2).
func (p parameters) fault() error {
	seen := make(map[string]bool, len(p))
	for _, given := range p {
		if given.unreadable {
			return invalid("invalid_request", "A parameter is not form-encoded UTF-8.")
		}
		if seen[given.name] && given.name != "resource" {
			return invalid("invalid_request", "The parameter %s comes more than once.", domain.Clip(given.name))
		}
		seen[given.name] = true
	}
	return nil
}

// encode returns the parameters form-encoded, all in ASCII.
func (p parameters) encode() string {
	var text strings.Builder
	for _, given := range p {
		if given.unreadable {
			continue
		}
		if text.Len() > 0 {
			text.WriteByte('&')
		}
		text.WriteString(url.QueryEscape(given.name) + "=" + url.QueryEscape(given.value))
	}
	return text.String()
}

func invalid(code, format string, args ...any) error {
	return domain.Errorf(domain.Invalid, code, format, args...)
}
