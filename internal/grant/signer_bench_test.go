package grant_test

import (
	"context"
	"testing"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/grant"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store/storetest"
)

// BenchmarkSign is what a signature costs, by each algorithm.
func BenchmarkSign(b *testing.B) {
	for _, algorithm := range []string{domain.ES256, domain.RS256} {
		b.Run(algorithm, func(b *testing.B) {
			vault, err := secret.NewSealer(secret.RandomBytes(32))
			if err != nil {
				b.Fatal(err)
			}
			signer := &grant.Signer{Keys: storetest.Open(b), Vault: vault, Purpose: domain.SigningTTN, Algorithm: algorithm, Now: storetest.NewClock().Now}
			claims := map[string]any{"sub": "1", "scope": []string{"apps:apitest"}}
			for b.Loop() {
				if _, err := signer.Sign(context.Background(), claims); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
