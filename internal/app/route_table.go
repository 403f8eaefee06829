package app

import (
	"log/slog"

	"github.com/thingward/thingward/internal/web"
)

// Doors returns every door with every route that a server with the
// configuration has, for tests and documents that walk them all. There is no
// store behind them: they are to be looked at, not called.
func Doors(c Config) []*web.Door {
	s := &server{config: c, log: slog.New(slog.DiscardHandler), metrics: newMetrics()}
	s.wire(nil)
	return s.doors()
}
