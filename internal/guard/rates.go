package guard

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/thingward/thingward/internal/domain"
)

// Bound is how often something may be done: so many times at once, then once
// in every while. Whoever does it more often gets the code and the message.
type Bound struct {
	Burst         int
	Every         time.Duration
	Code, Message string
}

// Rates counts how often each of many does something. It remembers a bounded
// number of them. The zero value is ready, and safe for concurrent use.
type Rates[K comparable] struct {
	mu    sync.Mutex
	rates map[K]*rate.Limiter
}

// mostRates is how many a Rates remembers. When there are more it forgets
// them all, which is kinder than to refuse newcomers.
const mostRates = 20_000

// Admit counts one more by somebody, and refuses him as TooMany where he is
// beyond the bound.
func (r *Rates[K]) Admit(now time.Time, who K, bound Bound) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.rates == nil || len(r.rates) >= mostRates {
		r.rates = map[K]*rate.Limiter{}
	}
	limiter, known := r.rates[who]
	if !known {
		limiter = rate.NewLimiter(rate.Every(bound.Every), bound.Burst)
		r.rates[who] = limiter
	}
	if limiter.AllowN(now, 1) {
		return nil
	}
	return &domain.Error{Kind: domain.TooMany, Code: bound.Code, Message: bound.Message, RetryIn: max(1, int(bound.Every.Seconds()))}
}
