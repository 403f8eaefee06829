package secret

import (
	"encoding/base64"
	"strings"
	"sync/atomic"
	"time"
)

// Numbered secrets carry the number of their row in clear, so that rows are
// found, stored and swept in the order of their numbers. The number is no
// secret; the 256 random bits behind it are.

// GenerateNumbered makes a secret of the kind that carries the number.
func GenerateNumbered(kind Kind, number int64) Secret {
	text := make([]byte, 0, len(kind)+numberChars+randomChars+sumChars)
	text = appendBase62(append(text, kind...), uint64(number), numberChars)
	return New(string(appendChecksum(appendRandom(text, randomChars))))
}

// NumberOf reads the number of a numbered secret. It reports false for text
// that GenerateNumbered cannot have made.
func NumberOf(kind Kind, text string) (int64, bool) {
	if !wellFormed(kind, text, numberChars+randomChars) {
		return 0, false
	}
	return parseNumber(text[len(kind) : len(kind)+numberChars])
}

// jtiAt is how a signed token begins that is numbered: its number is the first
// of its claims, so that nobody has to read the others to find its row.
const jtiAt = `{"jti":"`

// NumberText writes a number as the claim jti of a signed token (RFC 7519
// §4.1.7), which must be the first of its claims.
func NumberText(number int64) string { return string(appendBase62(nil, uint64(number), numberChars)) }

// NumberOfSigned reads the number of a signed token. It reports false for text
// that is none of ours; whether the signature is right is not looked at: a row
// is found by the hash of all of it.
func NumberOfSigned(text string) (int64, bool) {
	_, rest, ok := strings.Cut(text, ".")
	const chars = (len(jtiAt) + numberChars + 1 + 2) / 3 * 4
	if !ok || len(rest) < chars {
		return 0, false
	}
	var claims [chars / 4 * 3]byte
	if _, err := base64.RawURLEncoding.Decode(claims[:], []byte(rest[:chars])); err != nil {
		return 0, false
	}
	if string(claims[:len(jtiAt)]) != jtiAt || claims[len(jtiAt)+numberChars] != '"' {
		return 0, false
	}
	return parseNumber(string(claims[len(jtiAt) : len(jtiAt)+numberChars]))
}

// GenerateStep makes a secret of the kind in a row of secrets that follow each
// other: it carries the number of the row and its proof besides 256 random
// bits of its own. Whoever once held one of them can prove that, and no one
// else. An empty proof makes a new one.
func GenerateStep(kind Kind, number int64, proof string) (step Secret, rowProof string) {
	if proof == "" {
		proof = string(appendRandom(nil, proofChars))
	}
	text := make([]byte, 0, len(kind)+numberChars+proofChars+randomChars+sumChars)
	text = append(appendBase62(append(text, kind...), uint64(number), numberChars), proof...)
	return New(string(appendChecksum(appendRandom(text, randomChars)))), proof
}

// StepOf reads the number and the proof of a secret made by GenerateStep.
func StepOf(kind Kind, text string) (number int64, proof string, ok bool) {
	if !wellFormed(kind, text, numberChars+proofChars+randomChars) {
		return 0, "", false
	}
	rest := text[len(kind):]
	number, ok = parseNumber(rest[:numberChars])
	return number, rest[numberChars : numberChars+proofChars], ok
}

func parseNumber(digits string) (int64, bool) {
	var n uint64
	for _, c := range []byte(digits) {
		digit := strings.IndexByte(alphabet, c)
		if digit < 0 || n > (1<<63)/62 {
			return 0, false
		}
		n = n*62 + uint64(digit)
	}
	return int64(n), n > 0 && n < 1<<63
}

// The low bits of a number: which process made it, and a count.
const (
	numberBits  = 21
	countBits   = 12
	processBits = numberBits - countBits
)

var (
	process = RandomUint64() >> (64 - processBits)
	counted atomic.Uint64
)

// NewNumber returns a number that grows with the time and is made once: by
// this process for certain, by another in the same millisecond with a chance
// of one in two million. Milliseconds since 1970 stand in its high bits.
func NewNumber(at time.Time) int64 {
	low := process<<countBits | counted.Add(1)&(1<<countBits-1)
	return at.UnixMilli()<<numberBits | int64(low)
}

// TimeOfNumber returns the time that NewNumber was called with.
func TimeOfNumber(number int64) time.Time { return time.UnixMilli(number >> numberBits).UTC() }

// FirstNumber returns the smallest number of the time.
func FirstNumber(at time.Time) int64 { return at.UnixMilli() << numberBits }
