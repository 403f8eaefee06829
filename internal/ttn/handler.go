package ttn

import (
	"net/http"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// handlerActs are those of the application manager.
func (d *Door) handlerActs() []act { return nil }

// handlerError is an error of the application manager. Programs of v2 knew it
// from gRPC, whose number code is.
type handlerError struct {
	Error   string `json:"error"`
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// handlerCodes are the numbers of gRPC.
var handlerCodes = map[domain.ErrorKind]int{
	domain.Invalid: 3, domain.NotFound: 5, domain.Conflict: 6, domain.Forbidden: 7, domain.TooMany: 8,
	domain.MethodNotAllowed: 12, domain.Internal: 13, domain.Unavailable: 14, domain.Unauthenticated: 16, domain.TooLarge: 3, domain.UnsupportedMedia: 3,
}

// writeHandlerError answers an error of the application manager.
func writeHandlerError(w http.ResponseWriter, r *http.Request, err error) {
	status, text := web.StatusOf(err), sentence(r, err)
	web.SetErrorHeaders(w, err, status)
	secretive(w)
	_ = web.WriteJSON(w, status, handlerError{text, handlerCodes[domain.KindOf(err)], text})
}
