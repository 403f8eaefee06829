package ttn

import (
	"net/http"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

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
	domain.Internal: 13, domain.Unavailable: 14, domain.Unauthenticated: 16, domain.TooLarge: 3, domain.UnsupportedMedia: 3,
}

// writeHandlerError answers an error of the application manager. A method that
// a path does not have is answered in plain text, as by v2.
func writeHandlerError(w http.ResponseWriter, r *http.Request, err error) {
	breakOff(err)
	status, text := web.StatusOf(err), sentence(r, err)
	web.NotKept(w)
	switch domain.CodeOf(err) {
	case "method_not_allowed":
		_ = web.WriteBytes(w, status, "text/plain; charset=utf-8", []byte(http.StatusText(status)+"\n"))
		return
	case "path_not_found":
		text = "There is nothing at this path of the application manager." // which may stand at another root
	}
	web.SetErrorHeaders(w, err, status)
	if status == http.StatusUnauthorized {
		w.Header().Add("WWW-Authenticate", `Key realm="Thingward"`)
	}
	_ = web.WriteJSON(w, status, handlerError{text, handlerCodes[domain.KindOf(err)], text})
}
