package storetest

import (
	"context"
	"testing"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/store"
)

// TestAResourceIsKnownWhileItsClientIsApproved: resources are compared whole,
// however many a client has.
func TestAResourceIsKnownWhileItsClientIsApproved(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, alice := context.Background(), User(t, s, "alice")
		for id, c := range map[domain.ClientID]domain.Client{
			"two":     {State: domain.ClientApproved, Resources: []string{"https://a.example/x", "https://b.example/%_"}},
			"none":    {State: domain.ClientApproved},
			"waiting": {State: domain.ClientRequested, Resources: []string{"https://waiting.example"}},
		} {
			c.ID, c.Owner, c.Kind, c.Name = id, alice.ID, domain.StandardClient, string(id)
			if _, err := s.CreateClient(ctx, c, nil, domain.AuditEvent{Act: "client.create"}); err != nil {
				t.Fatal(err)
			}
		}
		for resource, want := range map[string]bool{
			"https://a.example/x": true, "https://b.example/%_": true,
			"https://a.example": false, "https://a.example/": false, "HTTPS://a.example/x": false, "https://b.example/zz": false, "": false, "\n": false,
			"https://a.example/x\nhttps://b.example/%_": false, "https://waiting.example": false, "\x00": false, "\xff": false,
		} {
			if known, err := s.ResourceKnown(ctx, resource); err != nil || known != want {
				t.Errorf("%q: got %t, %v, want %t", resource, known, err, want)
			}
		}
	})
}
