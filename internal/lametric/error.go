package lametric

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// jsonType starts as programs look for it. The space is the contract's.
const jsonType = "application/json; charset=UTF-8"

// mounted puts the prefix of the door into a pattern.
func mounted(pattern string) string {
	method, path, _ := strings.Cut(pattern, " ")
	return method + " " + Prefix + path
}

// errorBody is an error of the API. Some programs show the error at the top,
// others the first message; the two bodies about credentials are fixed, and
// have no more than the message.
type errorBody struct {
	Error  string         `json:"error,omitempty"`
	Errors []faultMessage `json:"errors"`
}

// errorWriter answers errors in the shape of the contract.
type errorWriter struct {
	scopes map[string]string // "GET /lametric/…" → name of the scope that it needs
}

func (e errorWriter) write(w http.ResponseWriter, r *http.Request, err error) {
	status := web.StatusOf(err)
	if status != http.StatusUnauthorized {
		web.SetErrorHeaders(w, err, status)
	}
	web.NotKept(w)
	body, _ := json.Marshal(e.describe(w, r, err, status))
	_ = web.WriteBytes(w, status, jsonType, body)
}

// describe says an error in the contract's words, and sets the challenge that
// belongs to it (RFC 6750 §3).
func (e errorWriter) describe(w http.ResponseWriter, r *http.Request, err error, status int) errorBody {
	only := func(message string) errorBody { return errorBody{Errors: []faultMessage{{message}}} }
	var shown *domain.Error
	switch {
	case status == http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", challenge(err))
		return only("Unauthorized")
	case domain.CodeOf(err) == "insufficient_scope":
		w.Header().Set("WWW-Authenticate", `Bearer error="insufficient_scope", scope="`+e.scopeOf(r)+`"`)
		return only("Insufficient scope")
	case status == http.StatusNotFound:
		return both("Not found")
	case status == http.StatusInternalServerError || !errors.As(err, &shown):
		return both("Internal error. It is logged under the request id " + web.RequestID(r) + ".")
	}
	return both(shown.Message)
}

func both(message string) errorBody {
	return errorBody{Error: message, Errors: []faultMessage{{message}}}
}

// challenge says that a token is wanted, and whether there was one that is not
// valid.
func challenge(err error) string {
	const bearer = `Bearer realm="Thingward"`
	if domain.CodeOf(err) == "credential_missing" {
		return bearer
	}
	return bearer + `, error="invalid_token"`
}

// scopeOf returns the name of the scope that the route of a request needs.
func (e errorWriter) scopeOf(r *http.Request) string {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	return e.scopes[method+" "+strings.TrimSuffix(r.Pattern, "/{$}")]
}
