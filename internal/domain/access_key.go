package domain

import (
	"time"

	"github.com/thingward/thingward/internal/secret"
)

// AccessKeyID identifies an access key.
type AccessKeyID int64

// AccessKey is a key that belongs to an application or gateway and not to a
// person: who holds it may do what it was given with that thing.
type AccessKey struct {
	ID        AccessKeyID
	Thing     ThingKey
	Name      string
	Rights    RightSet
	Hash      secret.Hash
	Viewable  bool // a sealed copy of it is kept
	CreatedAt time.Time
}

// Scopes returns what a credential holds that is the key: everything on its
// own thing. What it may do there is a matter of its rights.
func (k AccessKey) Scopes() ScopeSet {
	return ScopeSet{Scope{Noun: string(k.Thing.Noun) + "s", Verb: "*"}.On(k.Thing.ID)}
}

// NewAccessKey is an access key to be stored. Seal is called with the id that
// the key gets, and returns nil where it shall not be viewable.
type NewAccessKey struct {
	Name   string
	Rights RightSet
	Hash   secret.Hash
	Seal   func(AccessKeyID) []byte
}

// SealedAccessKey is an access key under the server key.
type SealedAccessKey struct {
	AccessKey
	Sealed []byte // empty: it was shown once and not kept
}

// AccessKeyRow names the row of an access key to what seals it.
func AccessKeyRow(id AccessKeyID) string { return "access-key " + ThingRef(int64(id)) }
