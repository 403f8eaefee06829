package ttn_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// BenchmarkAmongManyApplications asks for one application of a user with ten,
// and of one with ten thousand: it must cost the same. The list of them all
// grows with them, its memory does not.
func BenchmarkAmongManyApplications(b *testing.B) {
	for _, many := range []int{10, 10_000} {
		n := newNetwork(b)
		owner := domain.Caller{User: n.users["alice"], Credential: domain.SessionCredential, Scopes: domain.EveryScope()}
		for i := range many {
			if _, err := n.door.Applications.Create(context.Background(), owner, newApplication(fmt.Sprintf("app-%d", i))); err != nil {
				b.Fatal(err)
			}
		}
		alice := n.main("alice")
		one := alice.restricted("apps:app-7")
		one.post(manager, `{"app_id":"app-7"}`).want(http.StatusOK)
		for _, path := range []string{applications + "/app-7", applications + "/app-7/rights", manager + "/app-7", manager + "/app-7/devices"} {
			b.Run(fmt.Sprintf("%d/%s", many, path), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					n.clock.Advance(time.Second) // calls are counted
					one.get(path).want(http.StatusOK)
				}
			})
		}
		b.Run(fmt.Sprintf("%d/list", many), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				alice.get(applications).want(http.StatusOK)
			}
		})
	}
}
