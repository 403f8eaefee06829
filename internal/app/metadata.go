package app

import (
	"github.com/thingward/thingward/internal/authserver/metadata"
	"github.com/thingward/thingward/internal/web"
)

// metadataDoor tells programs where the OAuth endpoints are. Pages of any
// origin may read it.
func (s *server) metadataDoor() *web.Door {
	documents := &metadata.Service{Issuer: s.config.baseURL()}
	return &web.Door{Name: "oauth", Routes: documents.Routes(), WriteError: web.WriteProblem, Wrap: web.AnyOrigin}
}
