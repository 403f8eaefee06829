package account

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"sync"
	"time"

	"github.com/thingward/thingward/internal/secret"
)

// proven remembers which passwords were right, by a keyed digest of the name,
// the password and the exact stored hash. When the password changes, so does
// the stored hash, and the old digest is never asked for again.
type proven struct {
	mu    sync.Mutex
	salt  []byte // of this process
	since map[provenDigest]time.Time
}

type provenDigest [sha256.Size]byte

const (
	provenLife  = time.Minute // a check is not repeated
	provenLimit = 10_000
)

// provenAge says how long ago a password was right.
type provenAge int

const (
	unproven provenAge = iota
	stale              // within the hour
	fresh              // within provenLife
)

func (p *proven) digest(name, hash string, password secret.Secret) provenDigest {
	p.mu.Lock()
	if p.salt == nil {
		p.salt = secret.RandomBytes(32)
		p.since = map[provenDigest]time.Time{}
	}
	salt := p.salt
	p.mu.Unlock()
	mac := hmac.New(sha256.New, salt)
	for _, part := range []string{name, hash, password.Reveal()} {
		sum := sha256.Sum256([]byte(part))
		mac.Write(sum[:])
	}
	return provenDigest(mac.Sum(nil))
}

func (p *proven) look(digest provenDigest, now time.Time) provenAge {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, ok := p.since[digest]
	switch {
	case !ok || now.Sub(at) >= time.Hour:
		return unproven
	case now.Sub(at) >= provenLife:
		return stale
	}
	return fresh
}

func (p *proven) add(digest provenDigest, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.since) >= provenLimit {
		clear(p.since)
	}
	p.since[digest] = now
}

// flights lets callers that want the same thing at once share one attempt.
type flights struct {
	mu    sync.Mutex
	under map[provenDigest]*flight
}

type flight struct {
	done chan struct{}
	err  error
}

// share runs do, or waits for whoever runs it for the same digest. When that
// one's context ended, another caller takes over.
func (f *flights) share(ctx context.Context, digest provenDigest, do func() error) error {
	for {
		mine, first := f.join(digest)
		if first {
			defer f.land(digest, mine)
			mine.err = errLanded
			mine.err = do()
			return mine.err
		}
		select {
		case <-mine.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		if !errors.Is(mine.err, context.Canceled) && !errors.Is(mine.err, context.DeadlineExceeded) && !errors.Is(mine.err, errLanded) {
			return mine.err
		}
	}
}

// errLanded is what followers see when the first caller panicked.
var errLanded = errors.New("the attempt was not finished")

func (f *flights) join(digest provenDigest) (shared *flight, first bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if under, ok := f.under[digest]; ok {
		return under, false
	}
	if f.under == nil {
		f.under = map[provenDigest]*flight{}
	}
	mine := &flight{done: make(chan struct{})}
	f.under[digest] = mine
	return mine, true
}

func (f *flights) land(digest provenDigest, mine *flight) {
	f.mu.Lock()
	delete(f.under, digest)
	f.mu.Unlock()
	close(mine.done)
}
