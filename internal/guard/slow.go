package guard

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"sync"
	"time"

	"golang.org/x/time/rate"

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
	tries  map[string]*rate.Limiter
}

// Wrong passwords per slow hash: a burst, then one a second.
const (
	slowBurst   = 10
	slowEvery   = time.Second
	slowEntries = 10_000
)

// proves compares a secret with all stored ones that count, in constant time
// each.
func (s *slowChecks) proves(ctx context.Context, stored []domain.StoredSecret, given secret.Secret, now time.Time) (bool, error) {
	hash := given.Hash()
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

func (s *slowChecks) matches(ctx context.Context, now time.Time, hash string, password secret.Secret) (bool, error) {
	digest, known := s.lookUp(hash, password)
	if known != nil && hmac.Equal(digest, known) {
		return true, nil
	}
	if !s.mayTry(now, hash) {
		return false, &domain.Error{Kind: domain.TooMany, Code: "too_many_attempts", RetryIn: 1,
			Message: "Too many wrong secrets. Wait a second."}
	}
	same, err := secret.PasswordMatches(ctx, hash, password)
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
		s.tries = map[string]*rate.Limiter{}
	}
	mac := hmac.New(sha256.New, s.pepper)
	mac.Write([]byte(password.Reveal()))
	return mac.Sum(nil), s.proven[hash]
}

func (s *slowChecks) mayTry(now time.Time, hash string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.tries) >= slowEntries {
		clear(s.tries)
	}
	limiter, ok := s.tries[hash]
	if !ok {
		limiter = rate.NewLimiter(rate.Every(slowEvery), slowBurst)
		s.tries[hash] = limiter
	}
	return limiter.AllowN(now, 1)
}

func (s *slowChecks) remember(hash string, digest []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.proven) >= slowEntries {
		clear(s.proven)
	}
	s.proven[hash] = digest
}
