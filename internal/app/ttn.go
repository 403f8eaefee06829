package app

import (
	"github.com/thingward/thingward/internal/authserver/token"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/ttn"
	"github.com/thingward/thingward/internal/web"
)

// wireTTN lets clients of The Things Network have tokens that its programs
// read by themselves.
func (s *server) wireTTN(finder *guard.Finder) {
	s.ttnKeys = s.newTTNSigner()
	s.tokens.Forms = map[domain.ClientKind]token.Former{
		domain.TTNClient: &ttn.Claims{Issuer: s.config.TTNIssuer, Signer: s.ttnKeys, Entities: s.store, Finder: finder},
	}
}

// ttnDoors are its account server and its application manager.
func (s *server) ttnDoors() []*web.Door {
	door := &ttn.Door{Accounts: s.accounts, Clients: s.clients, Connections: s.consents, Applications: s.applications, Gateways: s.gateways,
		Components: s.components, Collaborators: s.collaborators, Tokens: s.tokens, Gate: s.tokens.Gate, Identify: s.guard.Identify,
		Keys: s.ttnKeys, KeyIssuer: s.config.TTNIssuer, Log: s.log, Now: Now}
	return door.Web()
}
