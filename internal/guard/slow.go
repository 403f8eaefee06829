package guard

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"net/netip"
	"sync"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// slowChecks remembers which imported passwords matched their slow hash, so
// that a key of a former system costs argon2id once and not per request, and
// bounds how often a wrong one may try.
type slowChecks struct {
	mu     sync.Mutex
	pepper []byte
	proven map[string][]byte // slow hash → HMAC of the password that matches it
	tries  Rates[slowTry]
}

// slowTry is who tries which hash: a stranger who guesses does not keep the
// one out who knows.
type slowTry struct {
	hash string
	from netip.Prefix
}

var slowBound = Bound{Burst: 10, Every: time.Second, Code: "too_many_attempts", Message: "Too many wrong secrets. Wait a second."}

const slowEntries = 10_000

// attempt is a secret and the network that it comes from.
type attempt struct {
	secret secret.Secret
	from   netip.Prefix
}

// proves compares a secret with all stored ones that count, in constant time
// each.
func (s *slowChecks) proves(ctx context.Context, stored []domain.StoredSecret, given attempt, now time.Time) (bool, error) {
	hash := given.secret.Hash()
	for _, known := range stored {
		if !known.Usable(now) {
			continue
		}
		if known.SlowHash == "" {
			if known.Hash.Matches(hash) {
				return true, nil
			}
			continue
		}
		if same, err := s.matches(ctx, now, known.SlowHash, given); same || err != nil {
			return same, err
		}
	}
	return false, nil
}

func (s *slowChecks) matches(ctx context.Context, now time.Time, hash string, given attempt) (bool, error) {
	digest, known := s.lookUp(hash, given.secret)
	if known != nil && hmac.Equal(digest, known) {
		return true, nil
	}
	if err := s.tries.Admit(now, slowTry{hash, given.from}, slowBound); err != nil {
		return false, err
	}
	same, err := secret.PasswordMatches(ctx, hash, given.secret)
	if same {
		s.remember(hash, digest)
	}
	return same, err
}

func (s *slowChecks) lookUp(hash string, password secret.Secret) (digest, known []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pepper == nil {
		s.pepper = secret.RandomBytes(32)
		s.proven = map[string][]byte{}
	}
	mac := hmac.New(sha256.New, s.pepper)
	mac.Write([]byte(password.Reveal()))
	return mac.Sum(nil), s.proven[hash]
}

func (s *slowChecks) remember(hash string, digest []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.proven) >= slowEntries {
		clear(s.proven)
	}
	s.proven[hash] = digest
}
