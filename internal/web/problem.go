package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/thingward/thingward/internal/domain"
)

// Problem is the error body of the native API (RFC 9457), with the stable
// code of the error and the faults of single attributes.
type Problem struct {
	Type    string            `json:"type"`
	Title   string            `json:"title"`
	Status  int               `json:"status"`
	Code    string            `json:"code"`
	Detail  string            `json:"detail"`
	Fields  map[string]string `json:"fields,omitempty"`
	Request string            `json:"request,omitempty"`
}

// WriteProblem answers an error as application/problem+json.
func WriteProblem(w http.ResponseWriter, r *http.Request, err error) {
	status := StatusOf(err)
	problem := Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: "internal",
		Detail: "Something went wrong here. It is logged under the request id.", Request: RequestID(r)}
	var shown *domain.Error
	if errors.As(err, &shown) && shown.Kind != domain.Internal {
		problem.Code, problem.Detail, problem.Fields = shown.Code, shown.Message, shown.Fields
	}
	SetErrorHeaders(w, err, status)
	body, _ := json.Marshal(problem)
	_ = WriteBytes(w, status, "application/problem+json", body)
}

// SetErrorHeaders sets the headers that belong to a status in every door:
// Retry-After with 429 and 503, with 401 the challenges for Basic (RFC 7617)
// and Bearer (RFC 6750 §3), and with 403 that the scope is too little (§3.1).
func SetErrorHeaders(w http.ResponseWriter, err error, status int) {
	var shown *domain.Error
	if errors.As(err, &shown) && shown.RetryIn > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(shown.RetryIn))
	}
	if status == http.StatusForbidden && domain.CodeOf(err) == "insufficient_scope" {
		w.Header().Add("WWW-Authenticate", `Bearer realm="Thingward", error="insufficient_scope"`)
	}
	if status == http.StatusUnauthorized {
		w.Header().Add("WWW-Authenticate", `Basic realm="Thingward", charset="UTF-8"`)
		bearer := `Bearer realm="Thingward"`
		if domain.CodeOf(err) != "credential_missing" {
			bearer += `, error="invalid_token"`
		}
		w.Header().Add("WWW-Authenticate", bearer)
	}
}
