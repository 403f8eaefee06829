// Package secret holds everything secret and everything random: values that
// cannot be printed, their hashes, sealing under the server key, random ids
// and the slow hash for passwords that people choose. It knows nothing else
// of Thingward, so that a reviewer can read this hazard in one sitting.
package secret

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is text that must not be seen: a password, a token, a code. It holds
// its text behind a pointer, because formatting verbs such as %d or %#v, and
// printers of whole structs, would walk around a String method.
type Secret struct {
	text *string
}

// New wraps text.
func New(text string) Secret { return Secret{text: &text} }

// Reveal returns the text. Each call is a place to look at in a review.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// Empty reports whether there is no text.
func (s Secret) Empty() bool { return s.text == nil || *s.text == "" }

// Format prints a placeholder for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue keeps the text out of structured logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText keeps the text out of JSON, TOML and other encodings.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Hash is the SHA-256 of a random secret. It is what the store keeps. Secrets
// that people choose are hashed by HashPassword instead.
type Hash [sha256.Size]byte

// Hash returns the SHA-256 of the text.
func (s Secret) Hash() Hash {
	if s.text == nil {
		return sha256.Sum256(nil)
	}
	return sha256.Sum256([]byte(*s.text))
}

// Matches compares in constant time. The zero Hash matches nothing.
func (h Hash) Matches(other Hash) bool {
	var zero Hash
	if subtle.ConstantTimeCompare(h[:], zero[:]) == 1 {
		return false
	}
	return subtle.ConstantTimeCompare(h[:], other[:]) == 1
}

// Bytes returns the 32 bytes for storage.
func (h Hash) Bytes() []byte { return h[:] }

// HashFrom reads 32 stored bytes; any other length gives the zero Hash, which
// matches nothing.
func HashFrom(stored []byte) Hash {
	var h Hash
	if len(stored) == len(h) {
		copy(h[:], stored)
	}
	return h
}
