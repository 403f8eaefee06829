package secret

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
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
	ClientSecret Kind = "twc_" // of an OAuth client
	Code         Kind = "two_" // authorization code
	AccessToken  Kind = "twa_" // numbered: it says when it expires
	RefreshToken Kind = "twr_" // numbered: it names its chain
	ProveCode    Kind = "twe_" // mailed to an address that is to be proven
	ResetCode    Kind = "twx_" // mailed to whoever forgot the password
	RequestURI   Kind = "twq_" // of an authorization request that is kept
	DeviceCode   Kind = "twd_" // what a device without a browser asks with (RFC 8628)
)

const (
	alphabet    = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	randomChars = 43 // 62^43 > 2^256
	proofChars  = 22 // 62^22 > 2^130
	numberChars = 11 // 62^11 > 2^64
	sumChars    = 6  // 62^6 > 2^32
)

// Generate makes a secret of the kind: prefix, 256 random bits and a
// checksum, all letters and digits but for the underscore of the prefix, so
// that form encoding leaves it as it is.
func Generate(kind Kind) Secret {
	text := make([]byte, 0, len(kind)+randomChars+sumChars)
	text = appendRandom(append(text, kind...), randomChars)
	return New(string(appendChecksum(text)))
}

// WellFormed reports whether text has the prefix, the length and the checksum
// of a generated secret of the kind: typing errors are told apart from wrong
// secrets without asking the store.
func WellFormed(kind Kind, text string) bool {
	return wellFormed(kind, text, randomChars)
}

func wellFormed(kind Kind, text string, chars int) bool {
	if len(text) != len(kind)+chars+sumChars || text[:len(kind)] != string(kind) {
		return false
	}
	var sum [sumChars]byte
	return string(appendSum(sum[:0], text[:len(text)-sumChars])) == text[len(text)-sumChars:]
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

// appendRandom appends random digits of the alphabet, each as likely as the
// other: bytes that would make some likelier are drawn again.
func appendRandom(to []byte, n int) []byte {
	const fair = 256 / len(alphabet) * len(alphabet)
	var random [64]byte
	for n > 0 {
		fill(random[:])
		for _, b := range random {
			if int(b) < fair && n > 0 {
				to = append(to, alphabet[int(b)%len(alphabet)])
				n--
			}
		}
	}
	return to
}

func appendChecksum(text []byte) []byte {
	return appendBase62(text, uint64(crc32.ChecksumIEEE(text)), sumChars)
}

func appendSum(to []byte, text string) []byte {
	sum := crc32.Update(0, crc32.IEEETable, []byte(text))
	return appendBase62(to, uint64(sum), sumChars)
}

// appendBase62 appends the last digits of a number, so many of them.
func appendBase62(to []byte, n uint64, digits int) []byte {
	at := len(to)
	for range digits {
		to = append(to, '0')
	}
	for i := at + digits - 1; i >= at; i-- {
		to[i] = alphabet[n%62]
		n /= 62
	}
	return to
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
