package store

import "github.com/thingward/thingward/internal/domain"

// KeyCredential is what it takes to check a key.
type KeyCredential struct {
	Key domain.Key
}
