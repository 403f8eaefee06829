package domain

import (
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Limits of what is said about a client.
const (
	MaxClientName     = 60 // characters
	MaxClientURL      = 2000
	MaxRedirectURIs   = 20
	MaxResources      = 10
	MaxTesters        = 50
	MaxClientReason   = 500 // characters
	maxImportedClient = 200
)

// CheckClientID accepts an id that somebody chooses for a new client: 2 to
// 100 letters, digits, dots, underscores and hyphens. What begins like one of
// our secrets is refused, for people and scanners would take it for one, and
// so are names that are kept for programs that every server knows.
func CheckClientID(id string) error {
	if len(id) < 2 || len(id) > 100 || strings.ContainsFunc(id, func(r rune) bool { return !idLetter(r) }) {
		return InvalidField("client_id", "A client id has 2 to 100 letters, digits, dots, underscores and hyphens.")
	}
	if looksSecret(id) {
		return InvalidField("client_id", "The client id begins like a secret of Thingward. Choose another one.")
	}
	return checkNotReserved(id)
}

// CheckImportedClientID accepts the id of a former system: what a Basic
// header can carry as a name (RFC 6749 §2.3.1, Appendix A.1).
func CheckImportedClientID(id string) error {
	if id == "" || len(id) > maxImportedClient || strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == ':' }) {
		return InvalidField("client_id", "A client id to be imported has 1 to 200 printable ASCII characters without spaces and colons.")
	}
	return checkNotReserved(id)
}

func idLetter(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '.' || r == '_' || r == '-'
}

// looksSecret reports whether text begins with the prefix of a generated
// secret: tw, a letter, an underscore.
func looksSecret(text string) bool {
	return len(text) >= 4 && text[:2] == "tw" && text[2] >= 'a' && text[2] <= 'z' && text[3] == '_'
}

func checkNotReserved(id string) error {
	if id == "new" || strings.Trim(id, ".") == "" {
		return InvalidField("client_id", "The client id %s would be lost among the addresses of the portal. Choose another one.", id)
	}
	if id == "ttnctl" || id == "thingward" || strings.HasPrefix(id, "thingward-") {
		return Errorf(Conflict, "client_id_taken", "The client id %s is kept for a program of Thingward's own. Choose another one.", id)
	}
	return nil
}

// checkAbout checks what is said about a client for people.
func (c Client) checkAbout() error {
	if n := utf8.RuneCountInString(c.Name); n < 1 || n > MaxClientName || !plainLine(c.Name) {
		return InvalidField("name", "An app needs a name of 1 to %d characters, on one line.", MaxClientName)
	}
	if err := CheckDescription(c.Description); err != nil {
		return err
	}
	if err := checkClientURL("website", c.Website); err != nil {
		return err
	}
	if err := checkClientURL("privacy_url", c.PrivacyURL); err != nil {
		return err
	}
	letter, size := utf8.DecodeRuneInString(c.Icon)
	if c.Icon != "" && (size != len(c.Icon) || !unicode.IsLetter(letter) && !unicode.IsDigit(letter)) {
		return InvalidField("icon", "The icon is one letter or digit.")
	}
	return nil
}

// plainLine reports whether text is one line that looks like what it says: no
// blanks around it, and no characters that cannot be seen or that turn the
// direction of writing, with which one name can be made to look like another.
func plainLine(text string) bool {
	return printable(text) && strings.TrimSpace(text) == text && !strings.ContainsFunc(text, func(r rune) bool {
		return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point) || r == brailleBlank || r == utf8.RuneError
	})
}

// brailleBlank is a letter without a dot: it looks like nothing.
const brailleBlank = '\u2800'

// checkClientURL accepts nothing, or a page on the web.
func checkClientURL(field, text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || len(text) > MaxClientURL || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || !plainLine(text) || strings.Contains(text, " ") {
		return InvalidField(field, "%s is no address of a page. It begins with https:// or http:// and a host.", Clip(text))
	}
	return nil
}

// CheckClientReason accepts what an administrator tells the owner of a client
// that he rejects or suspends.
func CheckClientReason(reason string) error {
	if n := utf8.RuneCountInString(reason); n < 1 || n > MaxClientReason || !printable(reason) || strings.TrimSpace(reason) == "" {
		return InvalidField("reason", "Say why, in 1 to %d characters on one line: the owner of the app reads it.", MaxClientReason)
	}
	return nil
}

// checkLives keeps the lives of what a client gets within bounds. Zero is the
// usual life of its kind.
func (l TokenLives) checkLives() error {
	for _, life := range []struct {
		field       string
		set         time.Duration
		least, most time.Duration
	}{
		{"access_seconds", l.Access, time.Minute, MaxAccessLife},
		{"refresh_idle_seconds", l.RefreshIdle, time.Minute, MaxRefreshLife},
		{"refresh_end_seconds", l.RefreshEnd, time.Minute, MaxRefreshLife},
		{"grace_seconds", l.Grace, time.Second, MaxRefreshGrace},
	} {
		if life.set != 0 && (life.set < life.least || life.set > life.most) {
			return InvalidField(life.field, "%s lies between %d and %d; 0 is the usual time.", life.field, int(life.least.Seconds()), int(life.most.Seconds()))
		}
	}
	return nil
}
