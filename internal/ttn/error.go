package ttn

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// errorBody is an error of the REST API and of restrict-token. Programs print
// error as it is.
type errorBody struct {
	Code  int    `json:"code"` // the HTTP status
	Error string `json:"error"`
}

// errorWriter answers errors in the shape of the contract.
type errorWriter struct {
	scopes map[string]string // "GET /ttn/…" → name of the scope that it needs
}

func (e errorWriter) write(w http.ResponseWriter, r *http.Request, err error) {
	breakOff(err)
	status := web.StatusOf(err)
	web.SetErrorHeaders(w, err, status)
	said := sentence(r, err)
	if scope := e.scopeOf(r); status == http.StatusForbidden && domain.CodeOf(err) == "insufficient_scope" && scope != "" {
		w.Header().Set("WWW-Authenticate", `Bearer realm="Thingward", error="insufficient_scope", scope="`+scope+`"`)
		said = "This needs a token with the scope " + scope + "."
	}
	web.NotKept(w)
	body, _ := json.Marshal(errorBody{status, said})
	_ = web.WriteBytes(w, status, "application/json", body)
}

// sentence is what may be said of an error, on one line.
func sentence(r *http.Request, err error) string {
	var shown *domain.Error
	if !errors.As(err, &shown) || shown.Kind == domain.Internal {
		return "Something went wrong here. It is logged under the request id " + web.RequestID(r) + "."
	}
	return strings.Join(strings.Fields(shown.Message), " ")
}

// scopeOf returns the name of the scope that the route of a request needs.
func (e errorWriter) scopeOf(r *http.Request) string {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	return e.scopes[method+" "+strings.TrimSuffix(r.Pattern, "/{$}")]
}
