package app

import (
	"strings"

	"github.com/thingward/thingward/internal/lametric"
	"github.com/thingward/thingward/internal/web"
)

// lametricURL is where programs of LaMetric reach their door.
func (s *server) lametricURL() string {
	return s.config.baseURL() + strings.TrimSuffix(lametric.Prefix, "/")
}

func (s *server) lametricDoor() *web.Door {
	return (&lametric.Door{Devices: s.devices, Apps: s.pushApps, BaseURL: s.lametricURL()}).Web()
}

// lametricTokenDoor is where those programs exchange codes for tokens.
func (s *server) lametricTokenDoor() *web.Door {
	return (&lametric.TokenDoor{Tokens: s.tokens, Clients: s.store, Observe: s.metrics}).Web()
}
