package apiclient

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Password is the secret half of a key or of an OAuth client, or a token. It
// cannot be printed, logged or encoded: its text is behind a pointer, and every
// printer writes a placeholder.
type Password struct {
	text *string
}

// NewPassword wraps text.
func NewPassword(text string) Password { return Password{text: &text} }

// Reveal returns the text.
func (p Password) Reveal() string {
	if p.text == nil {
		return ""
	}
	return *p.text
}

// Empty reports whether there is no text.
func (p Password) Empty() bool { return p.text == nil || *p.text == "" }

// Format prints a placeholder for every verb.
func (p Password) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue keeps the text out of structured logs.
func (p Password) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText keeps the text out of JSON and other encodings.
func (p Password) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// UnmarshalText takes the text out of an answer of the server.
func (p *Password) UnmarshalText(text []byte) error {
	*p = NewPassword(string(text))
	return nil
}
