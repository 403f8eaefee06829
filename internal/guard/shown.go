package guard

import (
	"sync"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// ShownToday remembers of one day (UTC) which credential was shown the secrets
// of which things, so that a list that is read every minute leaves one trace a
// day. The zero value works. It is in memory only: a restart leaves the trace
// once more, which harms nobody.
type ShownToday[T interface{ Thing() domain.Thing }] struct {
	mu    sync.Mutex
	day   int64
	shown map[showing]bool
}

type showing struct {
	user       domain.UserID
	credential string
	grant      domain.GrantID
	thing      domain.ThingKey
}

func showingOf(c domain.Caller, thing domain.Thing) showing {
	return showing{c.User.ID, c.CredentialID(), c.Grant, thing.Key()}
}

// mostShown bounds the memory; a server that shows more starts over.
const mostShown = 200_000

// Record records those of the things whose secrets the caller was not shown
// today yet, each once. What cannot be recorded must not be shown either: the
// error is that of record.
func (t *ShownToday[T]) Record(now time.Time, c domain.Caller, things []T, record func([]T) error) error {
	day := now.Unix() / 86400
	fresh := t.missing(day, c, things)
	if len(fresh) == 0 {
		return nil
	}
	if err := record(fresh); err != nil {
		return err
	}
	t.add(day, c, fresh)
	return nil
}

func (t *ShownToday[T]) missing(day int64, c domain.Caller, things []T) []T {
	t.mu.Lock()
	defer t.mu.Unlock()
	var fresh []T
	listed := map[showing]bool{}
	for _, thing := range things {
		is := showingOf(c, thing.Thing())
		if !listed[is] && (t.day != day || !t.shown[is]) {
			listed[is], fresh = true, append(fresh, thing)
		}
	}
	return fresh
}

func (t *ShownToday[T]) add(day int64, c domain.Caller, things []T) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.day != day || t.shown == nil || len(t.shown)+len(things) > mostShown {
		t.day, t.shown = day, make(map[showing]bool, len(things))
	}
	for _, thing := range things {
		t.shown[showingOf(c, thing.Thing())] = true
	}
}
