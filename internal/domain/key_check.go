package domain

import (
	"time"

	"github.com/thingward/thingward/internal/secret"
)

// KeyCheck is what it takes to check a key. It is shared between
// callers: nobody may change what its slices hold.
type KeyCheck struct {
	Key       Key
	Passwords []KeyPassword
}

// KeyPassword is a password of a key: the current one, or one that a rotation
// left to work for a while.
type KeyPassword struct {
	Number    int64
	Hash      secret.Hash // zero where SlowHash is set
	SlowHash  string      // argon2id PHC string
	ExpiresAt time.Time   // zero: the current password
}

// Usable reports whether the password counts at the time.
func (p KeyPassword) Usable(now time.Time) bool {
	return p.ExpiresAt.IsZero() || now.Before(p.ExpiresAt)
}

// NewKeyPassword is a password to be stored. Seal is called with the number
// that the password gets, and returns nil where it shall not be viewable.
type NewKeyPassword struct {
	Hash     secret.Hash
	SlowHash string // argon2id PHC string; where set, it counts instead of Hash
	Seal     func(number int64) []byte
}

// SealedKeyPassword is the sealed password of a key, with what it was sealed for.
type SealedKeyPassword struct {
	Key    KeyID
	Number int64
	Sealed []byte
}
