package key

import (
	"context"
	"fmt"
)

const examined = 20

// ExamineSealed opens the newest sealed passwords and returns how many opened.
// An error says that one did not: the server key is not the one that made it.
func (s *Service) ExamineSealed(ctx context.Context) (int, error) {
	sealed, err := s.Reader.SealedKeyPasswords(ctx, examined)
	if err != nil {
		return 0, err
	}
	for _, p := range sealed {
		if _, err := s.Sealer.Open(p.Sealed, sealRow(p.Key, p.Number)); err != nil {
			return 0, fmt.Errorf("the password of key %s does not open: %w", p.Key, err)
		}
	}
	return len(sealed), nil
}
