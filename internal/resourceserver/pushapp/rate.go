package pushapp

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/thingward/thingward/internal/domain"
)

// An app may push once a second in the long run, and thirty times at once.
// Only valid tokens are counted: nobody can hold another's app back.
const (
	pushEvery = time.Second
	pushBurst = 30
	mostRates = 20_000
)

// rates bounds how often each app pushes. The zero value is ready.
type rates struct {
	mu   sync.Mutex
	apps map[string]*rate.Limiter
}

func (r *rates) admit(now time.Time, pkg string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.apps == nil || len(r.apps) >= mostRates {
		r.apps = map[string]*rate.Limiter{}
	}
	if r.apps[pkg] == nil {
		r.apps[pkg] = rate.NewLimiter(rate.Every(pushEvery), pushBurst)
	}
	if r.apps[pkg].AllowN(now, 1) {
		return nil
	}
	return &domain.Error{Kind: domain.TooMany, Code: "too_many_pushes", Message: "This app is pushed to more than once a second. Slow down.", RetryIn: 1}
}
