package domain

import (
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"
)

// KeyID is the public half of a key: 16 lower-case hexadecimal digits, or any
// text that was imported from a former system.
type KeyID string

// Key is a long-lived credential (id and password) that acts for a user. It
// is a grant without a client.
type Key struct {
	ID          KeyID
	Grant       Grant
	Owner       string // user name
	Description string
	Allowed     []netip.Prefix // addresses it may be used from; empty: from anywhere
	Viewable    bool           // a sealed copy of the current password is kept
	OldUntil    time.Time      // until when the password before the last rotation works; zero: there is none
}

// AllowsAddress reports whether the key may be used from the address.
func (k Key) AllowsAddress(address netip.Addr) bool {
	if len(k.Allowed) == 0 {
		return true
	}
	for _, prefix := range k.Allowed {
		if prefix.Contains(address.Unmap()) {
			return true
		}
	}
	return false
}

// CheckKeyName accepts 1 to 60 characters on one line.
func CheckKeyName(name string) error {
	if n := utf8.RuneCountInString(name); n < 1 || n > 60 || !printable(name) {
		return InvalidField("name", "A key needs a name of 1 to 60 characters, on one line.")
	}
	return nil
}

// CheckDescription accepts up to 1,000 characters.
func CheckDescription(text string) error {
	if !utf8.ValidString(text) || utf8.RuneCountInString(text) > 1000 || strings.ContainsRune(text, 0) {
		return InvalidField("description", "A description has at most 1,000 characters.")
	}
	return nil
}

// CheckImportedKeyID accepts what a Basic header can carry as a name.
func CheckImportedKeyID(id string) error {
	if len(id) < 4 || len(id) > 100 || strings.ContainsAny(id, ": \t") || !printable(id) {
		return InvalidField("id", "A key id has 4 to 100 characters without spaces and colons.")
	}
	return nil
}

// ParseAllowed reads addresses and networks ("192.0.2.7", "2001:db8::/32")
// between commas, spaces or lines.
func ParseAllowed(text string) ([]netip.Prefix, error) {
	var allowed []netip.Prefix
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(", \t\r\n", r) })
	for _, word := range words {
		prefix, err := ParseNetwork(word)
		if err != nil {
			return nil, InvalidField("allowed_addresses", "%q is not an address or network. Examples: 192.0.2.7, 10.0.0.0/8, 2001:db8::/32.", Clip(word))
		}
		allowed = append(allowed, prefix)
	}
	if len(allowed) > 50 {
		return nil, InvalidField("allowed_addresses", "At most 50 addresses and networks can be allowed.")
	}
	return allowed, nil
}

// ParseNetwork reads a network, or an address as the network of it alone.
func ParseNetwork(word string) (netip.Prefix, error) {
	if strings.Contains(word, "/") {
		prefix, err := netip.ParsePrefix(word)
		return prefix.Masked(), err
	}
	address, err := netip.ParseAddr(word)
	if err != nil {
		return netip.Prefix{}, err
	}
	address = address.Unmap()
	return netip.PrefixFrom(address, address.BitLen()), nil
}

// printable reports whether text is UTF-8 without control characters.
func printable(text string) bool {
	if !utf8.ValidString(text) {
		return false
	}
	return !strings.ContainsFunc(text, func(r rune) bool { return r < 0x20 || r == 0x7f })
}
