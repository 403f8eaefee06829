package guard

import (
	"context"
	"sync"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// Uses counts what credentials do, per thing and day, in memory; Flush writes
// the counts. A crash loses at most what was not flushed (SECURITY.md).
// A nil *Uses counts nothing.
type Uses struct {
	Now  func() time.Time
	mu   sync.Mutex
	uses map[useKey]domain.CredentialUse
	last map[domain.GrantID]domain.Use
}

type useKey struct {
	grant domain.GrantID
	thing domain.ThingKey
	right domain.Right
	day   int64
}

// Count notes one use of a right by a credential that hangs on a grant.
func (u *Uses) Count(c domain.Caller, thing domain.Thing, right domain.Right) {
	if u == nil || c.Grant == 0 {
		return
	}
	now := u.Now()
	key := useKey{c.Grant, thing.Key(), right, now.Unix() / 86400}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.uses == nil {
		u.uses = map[useKey]domain.CredentialUse{}
	}
	use := u.uses[key]
	use.Grant, use.Thing, use.Right, use.Day = c.Grant, key.thing, right, key.day
	use.Uses++
	use.LastAt, use.Address = now, c.Address
	u.uses[key] = use
}

// Touch notes the last use of the caller's grant. Uses within the same second
// as one that waits to be written are as good as that one.
func (u *Uses) Touch(c domain.Caller, now time.Time) {
	if u == nil {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.last == nil {
		u.last = map[domain.GrantID]domain.Use{}
	}
	if now.Sub(u.last[c.Grant].At) >= time.Second {
		u.last[c.Grant] = domain.Use{At: now, Address: c.Address.String(), Program: c.Program}
	}
}

// UseStore keeps the counts and the last uses.
type UseStore interface {
	AddCredentialUses(ctx context.Context, uses []domain.CredentialUse) error
	TouchGrants(ctx context.Context, used map[domain.GrantID]domain.Use) error
}

// Flush writes what was noted since the last call. Counts that could not be
// written are counted again next time; a last use that was lost is not missed.
func (u *Uses) Flush(ctx context.Context, store UseStore) error {
	u.mu.Lock()
	taken, last := u.uses, u.last
	u.uses, u.last = nil, nil
	u.mu.Unlock()
	if len(last) > 0 {
		if err := store.TouchGrants(ctx, last); err != nil {
			u.putBack(taken)
			return err
		}
	}
	if len(taken) == 0 {
		return nil
	}
	list := make([]domain.CredentialUse, 0, len(taken))
	for _, use := range taken {
		list = append(list, use)
	}
	err := store.AddCredentialUses(ctx, list)
	if err != nil {
		u.putBack(taken)
	}
	return err
}

func (u *Uses) putBack(taken map[useKey]domain.CredentialUse) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.uses == nil {
		u.uses = taken
		return
	}
	for key, use := range taken {
		newer := u.uses[key]
		use.Uses += newer.Uses
		if newer.LastAt.After(use.LastAt) {
			use.LastAt, use.Address = newer.LastAt, newer.Address
		}
		u.uses[key] = use
	}
}
