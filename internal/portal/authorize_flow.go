package portal

import (
	"net/http"
	"strings"

	"github.com/thingward/thingward/internal/authserver/authorize"
)

// flowPolicy is contentPolicy for pages from whose forms a redirect leads on
// to a client: Chromium holds form-action against redirects too.
var flowPolicy = strings.Replace(contentPolicy, "form-action 'self'; ", "", 1)

// easeHeaders lets a form lead on to a client, and leaves a window that the
// client opened connected to it: many wait there for the answer. Nothing may
// frame the page all the same.
func easeHeaders(w http.ResponseWriter) {
	w.Header().Set("Content-Security-Policy", flowPolicy)
	w.Header().Del("Cross-Origin-Opener-Policy")
}

// leadsToClient reports whether a form that goes on to next is part of an
// authorization, and eases the headers of the answer if so.
func leadsToClient(w http.ResponseWriter, next string) bool {
	if path, _, _ := strings.Cut(next, "?"); !isAuthorizePath(path) {
		return false
	}
	easeHeaders(w)
	return true
}

// leadsOn reports whether somebody else may go on from there once he has
// signed in: to a client, or with the code of a device.
func leadsOn(w http.ResponseWriter, next string) bool {
	path, _, _ := strings.Cut(next, "?")
	return leadsToClient(w, next) || path == authorize.DevicePage
}

// askingApp returns the name of the app to which somebody goes on after the
// form, for the sign-in page; empty where it is none.
func (p *Portal) askingApp(w http.ResponseWriter, r *http.Request, next string) string {
	if !leadsToClient(w, next) {
		return ""
	}
	path, query, _ := strings.Cut(next, "?")
	kind, _ := authorizeKind(path)
	request, err := p.Authorize.Begin(r.Context(), kind, query)
	if err != nil {
		return ""
	}
	return request.Client.Name
}

// withoutCookies returns the request as if nobody were signed in.
func withoutCookies(r *http.Request) *http.Request {
	stripped := r.Clone(r.Context())
	stripped.Header.Del("Cookie")
	return stripped
}
