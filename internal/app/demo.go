package app

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/thingward/thingward/internal/demo"
	"github.com/thingward/thingward/internal/resourceserver/collaborator"
)

// demoSeed makes the demo the same everywhere, but for its passwords.
const demoSeed = 20261121

// fillDemo makes an empty store a demo and prints what to try.
func (s *server) fillDemo(ctx context.Context) error {
	services := demo.Services{Accounts: s.accounts, Keys: s.keys, Sensors: s.sensors, Readings: s.readings, Devices: s.devices,
		Applications: s.applications, Gateways: s.gateways, Components: s.components,
		Collaborators: &collaborator.Service{Store: s.store, Finder: s.collaborators.Finder, Now: Now}, // who is introduced in a demo gets no mail
		Clients:       s.clients, Consents: s.authorizer, Uses: s.uses, Facts: s.store}
	summary, err := demo.Prepare(ctx, services, filepath.Join(s.config.Data, "demo.json"), Now(), demoSeed)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	demo.PrintTour(s.config.Out, summary, s.config.baseURL())
	return nil
}
