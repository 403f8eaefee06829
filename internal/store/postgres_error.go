package store

import (
	"slices"
	"strings"
)

// saidOnce is an error of a connection on one line, and without repetition:
// PostgreSQL is tried with and without TLS, mostly with the same outcome.
type saidOnce struct{ err error }

func (e saidOnce) Unwrap() error { return e.err }

func (e saidOnce) Error() string {
	var said []string
	for line := range strings.Lines(e.err.Error()) {
		if line = strings.TrimSpace(line); line != "" && !slices.Contains(said, line) {
			said = append(said, line)
		}
	}
	text := strings.Join(said, "; ")
	return strings.Replace(text, ":; ", ": ", 1)
}
