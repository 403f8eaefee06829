package portal

import (
	"errors"
	"mime"
	"net/http"
	"strings"

	"github.com/thingward/thingward/internal/authserver/authorize"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// authorizeEndpoints are the authorization endpoints and the kind of clients
// that each is for: every contract has an address of its own.
var authorizeEndpoints = []struct {
	path string
	kind domain.ClientKind
}{
	{"/oauth/authorize", domain.StandardClient},
	{"/wotkit/api/oauth/authorize", domain.WotkitClient},
	{"/wotkit/api/v1/oauth/authorize", domain.WotkitClient},
	{"/lametric/api/v2/oauth2/authorize", domain.LametricClient},
	{"/ttn/users/authorize", domain.TTNClient},
}

// authorizeRoutes lists the authorization endpoints. They are public: what is
// wrong with a request is told before anybody is asked to sign in.
func (p *Portal) authorizeRoutes() []web.Route {
	routes := []web.Route{{Pattern: "POST /oauth/consent", Need: web.Public(), Handle: p.consent},
		{Pattern: "GET " + domain.CopyCodePage, Need: web.Public(), Handle: p.copyCode}}
	for _, endpoint := range authorizeEndpoints {
		routes = append(routes,
			web.Route{Pattern: "GET " + endpoint.path, Need: web.Public(), Handle: p.authorize},
			web.Route{Pattern: "POST " + endpoint.path, Need: web.Public(), Handle: p.keepAuthorize})
	}
	return routes
}

// authorizeKind returns whose clients the authorization endpoint at the path
// is for. It reports false for every other path.
func authorizeKind(path string) (domain.ClientKind, bool) {
	path = strings.TrimSuffix(path, "/")
	for _, endpoint := range authorizeEndpoints {
		if endpoint.path == path {
			return endpoint.kind, true
		}
	}
	return "", false
}

func isAuthorizePath(path string) bool {
	_, ok := authorizeKind(path)
	return ok
}

// authorizePath returns an authorization endpoint of the kind.
func authorizePath(kind domain.ClientKind) (string, bool) {
	for _, endpoint := range authorizeEndpoints {
		if endpoint.kind == kind {
			return endpoint.path, true
		}
	}
	return "", false
}

// authorize answers an authorization request (RFC 6749 §3.1): it asks the
// person, or sends the browser back to the client.
func (p *Portal) authorize(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	easeHeaders(w)
	kind, _ := authorizeKind(r.URL.Path)
	request, err := p.Authorize.Begin(r.Context(), kind, r.URL.RawQuery)
	if err != nil {
		return p.refused(w, r, c, err)
	}
	question, err := p.Authorize.Ask(r.Context(), c, request)
	if domain.CodeOf(err) == "login_required" && !isRefusal(err) {
		return p.signInFirst(w, r, c, request)
	}
	if err != nil {
		return p.refused(w, r, c, err)
	}
	if !question.Answered {
		return p.showConsent(w, r, c, question, consentDefaults(question))
	}
	redirect, err := p.Authorize.Proceed(r.Context(), c, question)
	if err != nil {
		return p.refused(w, r, c, err)
	}
	return leave(w, redirect)
}

// keepAuthorize takes an authorization request that came as a form. It is
// kept and goes on as a GET, because a form of another site brings no cookie
// that would say who is there.
func (p *Portal) keepAuthorize(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	easeHeaders(w)
	if media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); media != "application/x-www-form-urlencoded" {
		return domain.Errorf(domain.Invalid, "invalid_request", "Send the request as Content-Type: application/x-www-form-urlencoded.")
	}
	body, err := web.ReadBody(w, r, web.SmallBody)
	if err != nil {
		return err
	}
	kind, _ := authorizeKind(r.URL.Path)
	request, err := p.Authorize.Begin(r.Context(), kind, string(body))
	if err != nil {
		return p.refused(w, r, c, err)
	}
	query, err := p.Authorize.Keep(r.Context(), c, request)
	if err != nil {
		return err
	}
	return seeOther(w, r, r.URL.Path+"?"+query)
}

func isRefusal(err error) bool {
	var refusal *authorize.Refusal
	return errors.As(err, &refusal)
}

// refused sends the client its error. What cannot be sent to it, because it
// is not proven who it is, is returned for the error page.
func (p *Portal) refused(w http.ResponseWriter, r *http.Request, c domain.Caller, err error) error {
	if domain.CodeOf(err) == "device_over" {
		return p.refuseUserCode(w, r, c, filledForm(nil), err)
	}
	var refusal *authorize.Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	if domain.KindOf(refusal.Err) == domain.Internal && r.Context().Err() == nil {
		p.Log.Error("authorization request failed", "request", web.RequestID(r), "error", refusal.Err.Error())
	}
	if refusal.SignInFirst && !signedIn(c) && r.Method == http.MethodGet {
		return seeOther(w, r, withNext("/login", safeNext(r.URL.RequestURI())))
	}
	return leave(w, refusal.Redirect)
}

// mostInline is the longest query that the address of the sign-in page
// carries in full. Longer ones wait in the store, because programs between
// here and the browser limit the length of addresses.
const mostInline = 4000

// signInFirst leads to the sign-in page and from there back to the request.
func (p *Portal) signInFirst(w http.ResponseWriter, r *http.Request, c domain.Caller, request authorize.Request) error {
	path, _ := authorizePath(request.Client.Kind)
	query := request.Query
	if len(query) > mostInline {
		var err error
		if query, err = p.Authorize.Keep(r.Context(), c, request); err != nil {
			return err
		}
	}
	return seeOther(w, r, withNext("/login", path+"?"+query))
}

// leave sends the browser to the client. The address has a code or a token in
// it, so there is no body that would repeat it, and no cache and no Referer
// to keep it (RFC 9700 §4.2.4).
func leave(w http.ResponseWriter, redirect authorize.Redirect) error {
	web.NeverCached(w)
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Location", redirect.To)
	w.WriteHeader(http.StatusSeeOther)
	return nil
}
