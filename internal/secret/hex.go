package secret

import (
	"encoding/base64"
	"encoding/hex"
)

// hexBytes is how much chance is in the secrets that old contracts want in
// hexadecimal digits: 256 bits.
const hexBytes = 32

// GenerateLANKey makes the key with which programs reach a device on its own
// network: 64 lower-case hexadecimal digits (LaMetric).
func GenerateLANKey() Secret { return New(hex.EncodeToString(RandomBytes(hexBytes))) }

// GeneratePushToken makes the token with which a LaMetric app is given what it
// shows: the base64 of 64 hexadecimal digits, 88 characters that end in "==".
func GeneratePushToken() Secret {
	digits := hex.EncodeToString(RandomBytes(hexBytes))
	return New(base64.StdEncoding.EncodeToString([]byte(digits)))
}

// NewPackage returns 32 random lower-case hexadecimal digits, which name a
// LaMetric app. They are no secret.
func NewPackage() string { return hex.EncodeToString(RandomBytes(16)) }
