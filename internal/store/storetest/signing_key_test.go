package storetest_test

import (
	"context"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

func signingKey(s string, clock *storetest.Clock) domain.SigningKey {
	return domain.SigningKey{Purpose: domain.SigningTTN, Algorithm: domain.ES256, Public: "public " + s, Sealed: []byte("sealed " + s), CreatedAt: clock.Now()}
}

func TestOfTwentyStartersAtOnceOneMakesTheSigningKey(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		if _, err := s.SigningKey(ctx, domain.SigningTTN, domain.ES256); !domain.IsKind(err, domain.NotFound) {
			t.Fatalf("got %v, want that there is none", err)
		}
		got := make([]domain.SigningKey, 20)
		var starters sync.WaitGroup
		for i := range got {
			starters.Go(func() {
				var err error
				if got[i], err = s.AddSigningKey(ctx, signingKey(string(rune('a'+i)), clock), domain.AuditEvent{Act: "signing_key.make"}); err != nil {
					t.Error(err)
				}
			})
		}
		starters.Wait()
		inUse, err := s.SigningKey(ctx, domain.SigningTTN, domain.ES256)
		if err != nil {
			t.Fatal(err)
		}
		for i, key := range got {
			if diff := cmp.Diff(inUse, key); diff != "" {
				t.Errorf("starter %d has another one:\n%s", i, diff)
			}
		}
		events, err := s.AuditAll(ctx, domain.Page{})
		if err != nil || len(events.Items) != 1 {
			t.Errorf("got %d events, %v, want the one that made it", len(events.Items), err)
		}
		other := signingKey("rsa", clock)
		other.Algorithm = domain.RS256
		if key, err := s.AddSigningKey(ctx, other, domain.AuditEvent{}); err != nil || key.Public != other.Public {
			t.Errorf("got %+v, %v, want that each algorithm has its own", key, err)
		}
	})
}

func TestARotatedSigningKeyIsGoneForGood(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		first, err := s.AddSigningKey(ctx, signingKey("first", clock), domain.AuditEvent{})
		if err != nil {
			t.Fatal(err)
		}
		var heard []store.Change
		s.OnChange(func(c store.Change) { heard = append(heard, c) })
		if err := s.RotateSigningKey(ctx, signingKey("second", clock), domain.AuditEvent{Act: "signing_key.rotate"}); err != nil {
			t.Fatal(err)
		}
		if want := []store.Change{{Topic: store.TopicSigningKey, ID: domain.SigningTTN}}; !cmp.Equal(heard, want) {
			t.Errorf("heard %v, want %v", heard, want)
		}
		keys, err := s.SigningKeys(ctx)
		if err != nil || len(keys) != 2 {
			t.Fatalf("got %d keys, %v", len(keys), err)
		}
		if keys[0].Public != "public second" || !keys[0].RetiredAt.IsZero() || string(keys[0].Sealed) != "sealed second" {
			t.Errorf("got %+v in use", keys[0])
		}
		if keys[1].ID != first.ID || keys[1].RetiredAt.IsZero() || len(keys[1].Sealed) != 0 {
			t.Errorf("got %+v retired, want nothing left to sign with", keys[1])
		}
	})
}

func TestTwentyRotationsAtOnceLeaveOneKeyInUse(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		var rotators sync.WaitGroup
		for i := range 20 {
			rotators.Go(func() {
				err := s.RotateSigningKey(ctx, signingKey(string(rune('a'+i)), clock), domain.AuditEvent{})
				if err != nil && domain.CodeOf(err) != "signing_key_rotated" {
					t.Error(err)
				}
			})
		}
		rotators.Wait()
		keys, err := s.SigningKeys(ctx)
		if err != nil {
			t.Fatal(err)
		}
		inUse := 0
		for _, key := range keys {
			if key.RetiredAt.IsZero() {
				inUse++
			}
		}
		if inUse != 1 {
			t.Errorf("got %d keys in use of %d", inUse, len(keys))
		}
	})
}
