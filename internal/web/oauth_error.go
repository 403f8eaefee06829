package web

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/thingward/thingward/internal/domain"
)

// OAuthFault is an error in the words of RFC 6749 §5.2.
type OAuthFault struct {
	Status      int    `json:"-"`
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

// oauthCodes are the error codes that may be shown to OAuth clients as they
// are (RFC 6749 §4.1.2.1, §5.2; RFC 7009 §2.2.1; RFC 8628 §3.5; RFC 8707 §2; RFC 9396 §5).
var oauthCodes = map[string]bool{
	"invalid_request": true, "invalid_client": true, "invalid_grant": true, "unauthorized_client": true,
	"unsupported_grant_type": true, "invalid_scope": true, "access_denied": true, "unsupported_response_type": true,
	"server_error": true, "temporarily_unavailable": true, "unsupported_token_type": true, "invalid_target": true,
	"login_required": true, "consent_required": true, "interaction_required": true, "request_not_supported": true, "request_uri_not_supported": true,
	"authorization_pending": true, "slow_down": true, "expired_token": true, "invalid_authorization_details": true,
}

// OAuthFaultOf says any error in the words of RFC 6749. What may not be shown
// becomes server_error.
func OAuthFaultOf(err error) OAuthFault {
	fault := OAuthFault{Status: StatusOf(err), Error: "invalid_request"}
	var shown *domain.Error
	if errors.As(err, &shown) {
		fault.Description = plainText(shown.Message)
	}
	switch {
	case fault.Status == http.StatusInternalServerError:
		fault.Error, fault.Description = "server_error", "Something went wrong here. It is logged."
	case fault.Status == http.StatusServiceUnavailable, fault.Status == http.StatusTooManyRequests:
		fault.Error = "temporarily_unavailable"
	case oauthCodes[shown.Code]:
		fault.Error = shown.Code
	case fault.Status == http.StatusUnauthorized:
		fault.Error = "invalid_client"
	}
	return fault
}

// plainText keeps to the characters that RFC 6749 §5.2 allows in a description.
func plainText(text string) string {
	plain := []byte(text)
	for i, c := range plain {
		switch {
		case c == '"' || c == '\\':
			plain[i] = '\''
		case c < ' ' || c > '~':
			plain[i] = '?'
		}
	}
	return string(plain)
}

// WriteOAuthError answers an error of an OAuth endpoint (RFC 6749 §5.2). It is
// never to be cached.
func WriteOAuthError(w http.ResponseWriter, _ *http.Request, err error) {
	fault := OAuthFaultOf(err)
	SetOAuthErrorHeaders(w, err, fault)
	body, _ := json.Marshal(fault)
	_ = WriteBytes(w, fault.Status, "application/json", body)
}

// SetOAuthErrorHeaders sets what belongs to an error of an OAuth endpoint in
// every shape: no caching, Retry-After, and with 401 the challenge for Basic.
func SetOAuthErrorHeaders(w http.ResponseWriter, err error, fault OAuthFault) {
	NeverCached(w)
	SetErrorHeaders(w, err, 0)
	if fault.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="Thingward", charset="UTF-8"`)
	}
}

// NeverCached keeps an answer with tokens in it out of caches (RFC 6749 §5.1).
func NeverCached(w http.ResponseWriter) {
	w.Header()["Cache-Control"] = noStore
	w.Header()["Pragma"] = noCache
}

var noCache = []string{"no-cache"}
