package portal

import (
	"encoding/json"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// oauthFault is an error of an authorization endpoint for programs. Those of
// LaMetric read the list.
type oauthFault struct {
	web.OAuthFault
	Errors []oauthMessage `json:"errors,omitempty"`
}

type oauthMessage struct {
	Message string `json:"message"`
}

// writeAuthorizeError answers an error of an authorization endpoint as JSON,
// if that is one and the request prefers it to a page.
func writeAuthorizeError(w http.ResponseWriter, r *http.Request, err error) bool {
	kind, ok := authorizeKind(r.URL.Path)
	if !ok || !prefersJSON(r.Header.Values("Accept")) {
		return false
	}
	fault := oauthFault{OAuthFault: web.OAuthFaultOf(err)}
	if kind == domain.LametricClient {
		fault.Errors = []oauthMessage{{fault.Description}}
	}
	body, _ := json.Marshal(fault)
	web.SetOAuthErrorHeaders(w, err, fault.OAuthFault)
	_ = web.WriteBytes(w, fault.Status, "application/json", body)
	return true
}

// prefersJSON reports whether an Accept header names JSON and wants it more
// than HTML (RFC 9110 §12.5.1). A wildcard names neither.
func prefersJSON(accept []string) bool {
	wants := map[string]float64{}
	for part := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		media, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		wants[media] = 1
		if q, given := params["q"]; given {
			wants[media], _ = strconv.ParseFloat(q, 64)
		}
	}
	return wants["application/json"] > wants["text/html"]
}
