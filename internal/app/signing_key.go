package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/grant"
	"github.com/thingward/thingward/internal/store"
)

// newTTNSigner makes what signs the tokens of The Things Network.
func (s *server) newTTNSigner() *grant.Signer {
	algorithm := domain.ES256
	if s.config.TTNSigning == "rs256" {
		algorithm = domain.RS256
	}
	return s.signer(domain.SigningTTN, algorithm)
}

// heedRotation lets what signs forget its key when somebody rotates it, here
// or on another node.
func (s *server) heedRotation() {
	s.store.OnChange(func(c store.Change) {
		if c.Touches(store.TopicSigningKey) {
			s.ttnKeys.Forget()
		}
	})
}

func (s *server) signer(purpose, algorithm string) *grant.Signer {
	return &grant.Signer{Keys: s.store, Vault: s.vault, Purpose: purpose, Algorithm: algorithm, Now: Now}
}

// ListedSigningKey is a signing key as an operator sees it: all but what it
// signs with.
type ListedSigningKey struct {
	ID        int64
	Purpose   string
	Algorithm string
	Public    string // PEM
	CreatedAt time.Time
	RetiredAt time.Time // zero: in use
}

func listSigningKeys(ctx context.Context, s *server, _ nothing) ([]ListedSigningKey, error) {
	keys, err := s.store.SigningKeys(ctx)
	listed := make([]ListedSigningKey, len(keys))
	for i, k := range keys {
		listed[i] = ListedSigningKey{int64(k.ID), k.Purpose, k.Algorithm, k.Public, k.CreatedAt, k.RetiredAt}
	}
	return listed, err
}

// rotateSigningKey puts new keys in the place of those that are in use for the
// purpose, and returns the new ones.
func rotateSigningKey(ctx context.Context, s *server, in named) ([]ListedSigningKey, error) {
	if !slices.Contains(domain.SigningPurposes(), in.Name) {
		return nil, domain.Errorf(domain.Invalid, "invalid_purpose", "No signing key is for %q. Possible: %s.", domain.Clip(in.Name), strings.Join(domain.SigningPurposes(), ", "))
	}
	before, err := listSigningKeys(ctx, s, nothing{})
	if err != nil {
		return nil, err
	}
	for _, key := range before {
		if key.inUse(in.Name) {
			if err := s.signer(key.Purpose, key.Algorithm).Rotate(ctx, operatorCaller()); err != nil {
				return nil, err
			}
		}
	}
	after, err := listSigningKeys(ctx, s, nothing{})
	return slices.DeleteFunc(after, func(k ListedSigningKey) bool { return !k.inUse(in.Name) }), err
}

func (k ListedSigningKey) inUse(purpose string) bool {
	return k.Purpose == purpose && k.RetiredAt.IsZero()
}

// SigningKeys returns all signing keys, newest first.
func (o *Operator) SigningKeys(ctx context.Context) (keys []ListedSigningKey, err error) {
	return keys, o.call(ctx, "signing_keys", nothing{}, &keys)
}

// RotateSigningKey puts new keys in the place of those in use for the purpose
// and returns them; none where no token was signed yet.
func (o *Operator) RotateSigningKey(ctx context.Context, purpose string) (keys []ListedSigningKey, err error) {
	return keys, o.call(ctx, "signing_key.rotate", named{purpose}, &keys)
}

// examineSigningKeys opens the keys in use: with another server key than the
// one they were sealed under, no token can be signed.
func (s *server) examineSigningKeys(ctx context.Context) Check {
	keys, err := s.store.SigningKeys(ctx)
	inUse := 0
	for _, key := range keys {
		if err == nil && key.RetiredAt.IsZero() {
			inUse++
			_, err = grant.OpenSigningKey(s.vault, key)
		}
	}
	return check("signing keys", err, fmt.Sprintf("%d in use, each opens with this server key", inUse))
}
