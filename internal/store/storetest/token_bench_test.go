package storetest_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/grant"
	"github.com/thingward/thingward/internal/store/storetest"
)

// BenchmarkSweepTokens removes expired tokens among ten times as many as
// before: a commit must not cost more.
func BenchmarkSweepTokens(b *testing.B) {
	for _, expired := range []int{20_000, 200_000} {
		b.Run(fmt.Sprint(expired), func(b *testing.B) {
			s, ctx, now := storetest.Open(b), context.Background(), time.Now()
			g := domain.Grant{ID: 1, Scopes: reading}
			done := make(chan error)
			for range 8 {
				go func() {
					var err error
					for range expired / 8 {
						if err = s.IssueToken(ctx, grant.MintAccess(g, reading, "", time.Minute, now).Token); err != nil {
							break
						}
					}
					done <- err
				}()
			}
			for range 8 {
				if err := <-done; err != nil {
					b.Fatal(err)
				}
			}
			for b.Loop() {
				if _, err := s.SweepTokens(ctx, now.Add(time.Hour)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
