package app

import (
	"slices"

	"github.com/thingward/thingward/internal/authserver/authorize"
	"github.com/thingward/thingward/internal/authserver/introspect"
	"github.com/thingward/thingward/internal/authserver/token"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/web"
)

// wireOAuth makes the services behind the OAuth endpoints.
func (s *server) wireOAuth(finder *guard.Finder) {
	gate := &guard.ClientGate{Clients: s.store, Observe: s.metrics, Now: Now}
	s.tokens = &token.Service{Store: s.store, Reader: s.store, Gate: gate, Finder: finder, Issuer: s.config.baseURL(), Observe: s.metrics, Now: Now}
	s.authorizer = &authorize.Service{Store: s.store, Finder: finder, Gate: gate, Issuer: s.config.baseURL(), Observe: s.metrics, Now: Now}
	s.inspector = &introspect.Service{Store: s.store, Gate: gate, Finder: finder, Issuer: s.config.baseURL(), Now: Now}
}

// oauthDoor is the standard endpoints that programs call. The page on which
// people decide is the portal's.
func (s *server) oauthDoor() *web.Door {
	return &web.Door{Name: "oauth", Prefix: "/oauth/", Routes: slices.Concat(s.tokens.Routes(), s.authorizer.Routes(), s.inspector.Routes()),
		WriteError: web.WriteOAuthError, Wrap: web.AnyOrigin}
}
