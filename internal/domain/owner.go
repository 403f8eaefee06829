package domain

import (
	"regexp"
	"strings"

	"github.com/thingward/thingward/internal/secret"
)

// OwnerID identifies a user or an organization. Both share one number space
// and one name space, so that "owner.sensor" is never ambiguous.
type OwnerID int64

var ownerName = regexp.MustCompile(`^[0-9a-z](?:[_-]?[0-9a-z]){1,35}$`)

// reservedNames would read as somebody they are not, or as a path.
var reservedNames = map[string]bool{
	"admin": true, "administrator": true, "anonymous": true, "api": true, "me": true, "public": true,
	"root": true, "system": true, "thingward": true, "ttnctl": true,
}

// CheckOwnerName says whether name may be the name of a user or organization:
// 2 to 36 lower-case letters and digits, single '-' or '_' between them, and
// nothing that looks like a key id (16 hexadecimal digits), because one Basic
// header carries either.
func CheckOwnerName(name string) error {
	if !ownerName.MatchString(name) {
		return InvalidField("name", "A name has 2 to 36 lower-case letters and digits, with single - or _ between them.")
	}
	if secret.LooksLikeID(name) {
		return InvalidField("name", "A name must not look like a key id (16 hexadecimal digits).")
	}
	if reservedNames[name] {
		return InvalidField("name", "The name %s is reserved. Choose another one.", name)
	}
	return nil
}

// SplitSensorName splits "owner.name" at its last dot. Without a dot the owner
// is empty: the caller's own sensor is meant.
func SplitSensorName(text string) (owner, name string) {
	if i := strings.LastIndexByte(text, '.'); i >= 0 {
		return text[:i], text[i+1:]
	}
	return "", text
}
