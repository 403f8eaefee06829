package storetest_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

// BenchmarkEndDevicesAt reads pages of 50 out of 100,000 end devices by their
// offset: a page far behind costs little more than the first.
func BenchmarkEndDevicesAt(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchmarkPages(b, storetest.Open(b)) })
	b.Run("postgres", func(b *testing.B) { benchmarkPages(b, storetest.OpenURL(b, storetest.PostgresURL(b))) })
}

func benchmarkPages(b *testing.B, s *store.Store) {
	ctx := context.Background()
	alice := storetest.User(b, s, "alice")
	a := makeApplication(b, s, alice, "apitest")
	register(b, s, alice, a)
	const all, writers = 100_000, 64
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for i := w; i < all; i += writers {
				if _, err := s.SetEndDevice(ctx, asSession(alice), endDevice(a, fmt.Sprintf("device-%d", i), i), noSeal, fine); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	for _, offset := range []int{0, 1000, 50_000, 99_000} {
		b.Run(fmt.Sprintf("behind %d", offset), func(b *testing.B) {
			for b.Loop() {
				if page, total, err := s.EndDevicesAt(ctx, a.ID, 50, offset); len(page) != 50 || total != all || err != nil {
					b.Fatalf("got %d of %d (%v)", len(page), total, err)
				}
			}
		})
	}
}
