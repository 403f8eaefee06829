package secret

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"math/big"
	"strings"
)

// Kind is the prefix of a generated secret. Scanners find leaked secrets by
// it, and a session or code that is of another kind is refused before any lookup.
type Kind string

// The kinds of secrets that Thingward makes.
const (
	KeyPassword  Kind = "twk_"
	Session      Kind = "tws_" // of the session cookie
	SetupCode    Kind = "twu_"
	InviteCode   Kind = "twi_"
	TempPassword Kind = "twp_" // given to a user by an administrator
)

const (
	alphabet    = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	randomChars = 43 // 62^43 > 2^256
	sumChars    = 6  // 62^6 > 2^32
)

// Generate makes a secret of the kind: prefix, 256 random bits and a
// checksum, all letters and digits but for the underscore of the prefix, so
// that form encoding leaves it as it is.
func Generate(kind Kind) Secret {
	var random [32]byte
	fill(random[:])
	body := base62(new(big.Int).SetBytes(random[:]), randomChars)
	return New(string(kind) + body + checksum(string(kind)+body))
}

// WellFormed reports whether text has the prefix, the length and the checksum
// of a generated secret of the kind: typing errors are told apart from wrong
// secrets without asking the store.
func WellFormed(kind Kind, text string) bool {
	body, ok := strings.CutPrefix(text, string(kind))
	if !ok || len(body) != randomChars+sumChars {
		return false
	}
	return checksum(text[:len(text)-sumChars]) == body[randomChars:]
}

// NewID returns 16 random lower-case hexadecimal digits.
func NewID() string {
	var random [8]byte
	fill(random[:])
	return hex.EncodeToString(random[:])
}

// LooksLikeID reports whether text is 16 lower-case hexadecimal digits, as
// NewID makes.
func LooksLikeID(text string) bool {
	if len(text) != 16 {
		return false
	}
	for _, c := range []byte(text) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// LooksChosen reports whether a secret of a former system may have been made
// up by a person: random ones are hexadecimal, or long and mixed.
func LooksChosen(s Secret) bool {
	text := s.Reveal()
	if len(text) >= 16 && strings.Trim(text, "0123456789abcdefABCDEF-") == "" {
		return false
	}
	kinds := 0
	for _, set := range []string{"0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"} {
		if strings.ContainsAny(text, set) {
			kinds++
		}
	}
	return len(text) < 24 || kinds < 3
}

// RandomBytes returns n random bytes, for nonces and keys.
func RandomBytes(n int) []byte {
	random := make([]byte, n)
	fill(random)
	return random
}

func checksum(text string) string {
	return base62(new(big.Int).SetUint64(uint64(crc32.ChecksumIEEE([]byte(text)))), sumChars)
}

func base62(n *big.Int, width int) string {
	text := make([]byte, width)
	base, digit := big.NewInt(62), new(big.Int)
	for i := width - 1; i >= 0; i-- {
		n.DivMod(n, base, digit)
		text[i] = alphabet[digit.Int64()]
	}
	return string(text)
}

// RandomUint64 returns 64 random bits, for request ids and jitter.
func RandomUint64() uint64 {
	var random [8]byte
	fill(random[:])
	return binary.LittleEndian.Uint64(random[:])
}

// fill cannot fail: crypto/rand ends the program when the kernel gives no
// randomness.
func fill(b []byte) { _, _ = rand.Read(b) }
