package domain

import (
	"time"

	"github.com/thingward/thingward/internal/secret"
)

// StoredSecret is a password of a key or a secret of a client: the current
// one, or one that a rotation left to work for a while.
type StoredSecret struct {
	Number    int64
	Hash      secret.Hash // zero where SlowHash is set
	SlowHash  string      // argon2id PHC string
	ExpiresAt time.Time   // zero: the current one
}

// Usable reports whether the secret counts at the time.
func (s StoredSecret) Usable(now time.Time) bool {
	return s.ExpiresAt.IsZero() || now.Before(s.ExpiresAt)
}

// MaxOverlap is the longest time that a secret works on after a rotation.
const MaxOverlap = 30 * 24 * time.Hour

// CheckOverlap accepts how long the old secret is to work on after a rotation.
func CheckOverlap(overlap time.Duration) error {
	if overlap < 0 || overlap > MaxOverlap {
		return InvalidField("overlap_seconds", "The overlap lies between 0 and 30 days (2592000 seconds).")
	}
	return nil
}

// NewStoredSecret is a secret to be stored. Seal is called with the number
// that the secret gets, and returns nil where it shall not be viewable.
type NewStoredSecret struct {
	Hash     secret.Hash
	SlowHash string // argon2id PHC string; where set, it counts instead of Hash
	Seal     func(number int64) []byte
}
