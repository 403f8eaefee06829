// Package ttn is the door for programs that were written for the account
// server and the application manager of The Things Network v2: its paths,
// bodies, tokens and errors. It decodes, calls a slice and answers; rules and
// data are elsewhere.
package ttn

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/authserver/account"
	"github.com/thingward/thingward/internal/authserver/client"
	"github.com/thingward/thingward/internal/authserver/consent"
	"github.com/thingward/thingward/internal/authserver/token"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/resourceserver/application"
	"github.com/thingward/thingward/internal/resourceserver/collaborator"
	"github.com/thingward/thingward/internal/resourceserver/component"
	"github.com/thingward/thingward/internal/resourceserver/gateway"
	"github.com/thingward/thingward/internal/web"
)

// Where the door is mounted on the main host: the account server, and the
// application manager below it. On a host name of its own the account server
// answers at the root.
const (
	Prefix        = "/ttn/"
	HandlerPrefix = Prefix + "handler/"
)

// Door serves account server and application manager from the slices. One
// file has the acts of one family of paths; acts and handlerActs join them.
type Door struct {
	Accounts      *account.Service
	Clients       *client.Service
	Connections   *consent.Service
	Applications  *application.Service
	Gateways      *gateway.Service
	Components    *component.Service
	Collaborators *collaborator.Service
	Tokens        *token.Service
	Gate          *guard.ClientGate
	Identify      web.Identify // says who is behind a token, where the door itself asks
	Keys          Keys
	KeyIssuer     string // with which access keys and tokens begin
	Log           *slog.Logger
	Now           func() time.Time

	keyTries guard.Rates[keyTry]
	misses   guard.Rates[miss]
	calls    guard.Rates[subject] // of the application manager
}

// Keys is the key with which tokens of the door are signed.
type Keys interface {
	PublicKey(ctx context.Context) (algorithm, pem string, err error)
}

// act is one method of the contract.
type act struct {
	pattern string // below the prefix: "GET api/v2/users/me"
	need    web.Need
	// scope is the name, in the contract's words, of the scope that the act
	// needs: what a caller without it is told. Empty: none.
	scope  string
	handle web.Handler
}

// acts are those of the account server.
func (d *Door) acts() []act {
	return slices.Concat(d.userActs(), d.clientActs(), d.restrictActs(), d.applicationActs(), d.gatewayActs(), d.componentActs())
}

// Web returns the doors: three of them, because errors have three shapes.
func (d *Door) Web() []*web.Door {
	return []*web.Door{d.accountDoor(), d.oauthDoor(), d.exchangeDoor(), d.handlerDoor()}
}

// accountDoor is the REST API of the account server. Sessions do not count
// there: a browser that is signed in acts on pages only.
func (d *Door) accountDoor() *web.Door {
	writer := errorWriter{scopes: map[string]string{}}
	door := &web.Door{Name: "ttn", Prefix: Prefix, Accepts: web.Accepts{AccessKeys: true}, WriteError: writer.write, Wrap: web.AnyOrigin}
	for _, a := range d.acts() {
		pattern := mounted(a.pattern, Prefix)
		writer.scopes[pattern] = a.scope
		door.Routes = append(door.Routes, web.Route{Pattern: pattern, Need: a.need, Handle: a.handle})
	}
	return door
}

// handlerDoor is the application manager.
func (d *Door) handlerDoor() *web.Door {
	door := &web.Door{Name: "ttn_handler", Prefix: HandlerPrefix, Accepts: web.Accepts{AccessKeys: true}, WriteError: writeHandlerError, Wrap: func(next http.Handler) http.Handler { return web.AnyOrigin(bearerWins(next)) }}
	for _, a := range d.handlerActs() {
		door.Routes = append(door.Routes, web.Route{Pattern: mounted(a.pattern, HandlerPrefix), Need: a.need, Handle: a.handle})
	}
	return door
}

// mounted puts a prefix into a pattern.
func mounted(pattern, prefix string) string {
	method, path, _ := strings.Cut(pattern, " ")
	return method + " " + prefix + path
}
