package account

import (
	"math"
	"net/netip"
	"sync"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
)

// throttle slows down the guessing of passwords without locking anybody out:
//
//	per name and address   a few free tries, then 1, 2, 4 … 60 s between tries
//	per address            many free tries, then 1, 2, 4, 8, 10 s
//	per name               once many addresses failed, 3 s before each try
//	                       from an address that has not signed in lately
//
// Only the first can grow long, and it holds back nobody at another address.
// Who has waited as long as he was told is let in. Tries are charged before
// the password is looked at, so that many at once count as many.
type throttle struct {
	mu        sync.Mutex
	pairs     map[nameAt]tries
	addresses map[netip.Prefix]tries
	names     map[string]tries
}

type nameAt struct {
	name    string
	network netip.Prefix
}

// tries is what is remembered of a name, an address or both.
type tries struct {
	failures int
	last     time.Time
	next     time.Time // when the next try is let in
	known    bool      // of a pair: signed in from there lately
}

const (
	pairFree     = 5
	pairMost     = 60 * time.Second
	addressFree  = 30
	addressMost  = 10 * time.Second
	nameFree     = 20
	nameDelay    = 3 * time.Second
	forgiveAfter = time.Hour           // failures count no longer
	forgetAfter  = 30 * 24 * time.Hour // a known pair is known no longer
	triesLimit   = 20_000              // entries of each map
)

// admit lets a try at a password in, or says with TooMany when to come again.
func (t *throttle) admit(now time.Time, name string, address netip.Addr) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.prepare()
	at := keyOf(name, address)
	pair, from, whose := recall(t.pairs, at, now), recall(t.addresses, at.network, now), recall(t.names, at.name, now)
	besieged := whose.failures >= nameFree && !pair.known
	if besieged && pair.next.IsZero() {
		pair.next, pair.last = now.Add(nameDelay), now
		remember(t.pairs, at, pair)
	}
	wait := pair.next.Sub(now)
	if !pair.known {
		wait = max(wait, from.next.Sub(now))
	}
	if wait > 0 {
		return tooMany(wait)
	}
	pair.fail(now, delay(pair.failures+1-pairFree, pairMost))
	if besieged {
		pair.next = later(pair.next, now.Add(nameDelay))
	}
	from.fail(now, delay(from.failures+1-addressFree, addressMost))
	whose.fail(now, 0)
	remember(t.pairs, at, pair)
	remember(t.addresses, at.network, from)
	remember(t.names, at.name, whose)
	return nil
}

// succeed takes the charge of a try back and remembers where the name signs
// in from. What others at the address did before stays charged to it.
func (t *throttle) succeed(now time.Time, name string, address netip.Addr) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.prepare()
	at := keyOf(name, address)
	remember(t.pairs, at, tries{known: true, last: now})
	from, whose := recall(t.addresses, at.network, now), recall(t.names, at.name, now)
	from.failures, whose.failures = max(0, from.failures-1), max(0, whose.failures-1)
	remember(t.addresses, at.network, from)
	remember(t.names, at.name, whose)
}

func (t *throttle) prepare() {
	if t.pairs == nil {
		t.pairs, t.addresses, t.names = map[nameAt]tries{}, map[netip.Prefix]tries{}, map[string]tries{}
	}
}

func (a *tries) fail(now time.Time, wait time.Duration) {
	a.failures++
	a.last = now
	a.next = later(a.next, now.Add(wait))
}

// keyOf shortens what is counted: names that nobody can have are one, and so
// are the addresses of one IPv6 network, which one person has by the billion.
func keyOf(name string, address netip.Addr) nameAt {
	if domain.CheckOwnerName(name) != nil {
		name = ""
	}
	return nameAt{name, domain.NetworkOf(address)}
}

// delay doubles with each failure beyond the free ones: 1 s, 2 s, 4 s …
func delay(beyond int, most time.Duration) time.Duration {
	if beyond <= 0 {
		return 0
	}
	return min(most, time.Second<<min(beyond-1, 20))
}

// recall returns an entry, without what is too old to count.
func recall[K comparable](entries map[K]tries, key K, now time.Time) tries {
	entry := entries[key]
	if now.Sub(entry.last) >= forgiveAfter {
		entry.failures, entry.next = 0, time.Time{}
	}
	if now.Sub(entry.last) >= forgetAfter {
		entry.known = false
	}
	return entry
}

// remember keeps an entry. A full map loses an eighth of its entries first,
// those that matter least before the others.
func remember[K comparable](entries map[K]tries, key K, entry tries) {
	if _, there := entries[key]; !there && len(entries) >= triesLimit {
		makeRoom(entries, entry.last)
	}
	entries[key] = entry
}

func makeRoom[K comparable](entries map[K]tries, now time.Time) {
	spare := triesLimit / 8
	for key, entry := range entries {
		if now.Sub(entry.last) >= forgiveAfter && !entry.known {
			delete(entries, key)
			spare--
		}
	}
	for key, entry := range entries {
		if spare <= 0 {
			return
		}
		if entry.failures <= 1 {
			delete(entries, key)
			spare--
		}
	}
	for key := range entries {
		if spare <= 0 {
			return
		}
		delete(entries, key)
		spare--
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// tooMany says when to come again, in whole seconds.
func tooMany(wait time.Duration) error {
	seconds := int(math.Ceil(wait.Seconds()))
	err := domain.Errorf(domain.TooMany, "too_many_attempts", "Too many attempts. Wait %d s and try again.", seconds)
	err.RetryIn = seconds
	return err
}

// signUpBound is how many accounts one network makes: each costs a slow hash
// and a name for ever.
var signUpBound = guard.Bound{Burst: 30, Every: 20 * time.Second, Code: "too_many_attempts", Message: "Too many attempts. Wait 20 s and try again."}
