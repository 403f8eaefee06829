package app

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/thingward/thingward/internal/demo"
)

// demoSeed makes the demo the same everywhere, but for its passwords.
const demoSeed = 20261121

// fillDemo makes an empty store a demo and prints what to try.
func (s *server) fillDemo(ctx context.Context) error {
	services := demo.Services{Accounts: s.accounts, Keys: s.keys, Sensors: s.sensors, Readings: s.readings, Devices: s.devices,
		Clients: s.clients, Consents: s.authorizer, Uses: s.uses, Facts: s.store}
	summary, err := demo.Prepare(ctx, services, filepath.Join(s.config.Data, "demo.json"), Now(), demoSeed)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	demo.PrintTour(s.config.Out, summary, s.config.baseURL())
	return nil
}
