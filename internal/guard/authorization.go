package guard

import (
	"encoding/base64"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/thingward/thingward/internal/secret"
)

// Bounds of the header that is looked at, in bytes. A signed token of The
// Things Network may list a hundred things.
const (
	maxAuthorization = 4096
	maxBearer        = 30 << 10
)

// SplitAuthorization splits an Authorization header into its scheme, in lower
// case, and the rest (RFC 9110 §11.4).
func SplitAuthorization(header string) (scheme, rest string) {
	if len(header) > maxBearer {
		return "", ""
	}
	scheme, rest, _ = strings.Cut(strings.TrimSpace(header), " ")
	scheme = strings.ToLower(scheme)
	if len(header) > maxAuthorization && scheme != "bearer" {
		return "", ""
	}
	return scheme, strings.TrimSpace(rest)
}

// ParseBasic reads the credentials of the Basic scheme (RFC 7617). The name
// ends at the first colon.
func ParseBasic(encoded string) (name string, password secret.Secret, ok bool) {
	decoded, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		decoded, err = base64.RawStdEncoding.DecodeString(encoded)
	}
	if err != nil || !utf8.Valid(decoded) || slices.ContainsFunc(decoded, isControl) {
		return "", secret.Secret{}, false
	}
	name, text, ok := strings.Cut(string(decoded), ":")
	if !ok || name == "" {
		return "", secret.Secret{}, false
	}
	return name, secret.New(text), true
}

func isControl(c byte) bool { return c < 0x20 || c == 0x7f }
