package key

import (
	"context"

	"github.com/thingward/thingward/internal/domain"
)

// named returns the key with the things in its scopes by name.
func (s *Service) named(ctx context.Context, key domain.Key) (domain.Key, error) {
	scopes, err := s.Finder.NamedScopes(ctx, key.Grant.Scopes)
	key.Grant.Scopes = scopes
	return key, err
}
