package portal

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

type errorPage struct {
	layout
	Status    int
	Heading   string
	Message   string
	Advice    string
	Back      string
	RequestID string
}

func (errorPage) template() string { return "error" }

var errorHeadings = map[int]string{
	http.StatusBadRequest:            "That request is not right",
	http.StatusForbidden:             "You may not do this",
	http.StatusNotFound:              "Nothing here",
	http.StatusMethodNotAllowed:      "This page cannot be used that way",
	http.StatusConflict:              "That clashes with what is there",
	http.StatusRequestEntityTooLarge: "That is too much at once",
	http.StatusTooManyRequests:       "Too many attempts",
	http.StatusServiceUnavailable:    "Not possible right now",
	http.StatusInternalServerError:   "Something went wrong here",
}

var errorAdvice = map[int]string{
	http.StatusForbidden:           "If you think that you should be able to, ask the operator of this server, or sign in with another account.",
	http.StatusNotFound:            "Check the address. It may also be that the thing was deleted, or that it is not yours to see.",
	http.StatusServiceUnavailable:  "Please try again in a moment.",
	http.StatusInternalServerError: "It is not your fault. Try again; if it stays, tell the operator the request id below.",
}

// writeError answers an error as a page, or leads to the page that mends it:
// to sign-in, or to a fresh password entry.
func (p *Portal) writeError(w http.ResponseWriter, r *http.Request, err error) {
	if writeAuthorizeError(w, r, err) {
		return
	}
	switch {
	case domain.IsKind(err, domain.Unauthenticated) && r.Header.Get("Authorization") == "":
		_ = seeOther(w, r, withNext("/login", p.whereOneWas(r), "ended", "1"))
		return
	case domain.CodeOf(err) == "password_needed":
		_ = seeOther(w, r, withNext("/confirm-password", p.whereOneWas(r)))
		return
	}
	status := web.StatusOf(err)
	web.SetErrorHeaders(w, err, status)
	body, renderErr := render(p.errorPageOf(r, err, status))
	if renderErr != nil {
		p.Log.Error("error page", "error", renderErr.Error())
		http.Error(w, http.StatusText(status), status)
		return
	}
	_ = web.WriteBytes(w, status, "text/html; charset=utf-8", body)
}

func (p *Portal) errorPageOf(r *http.Request, err error, status int) errorPage {
	shown := errorPage{
		layout: layout{Bare: true, Insecure: p.InsecureHTTP, Version: p.Version},
		Status: status, Heading: errorHeadings[status], Advice: errorAdvice[status], RequestID: web.RequestID(r),
	}
	if shown.Heading == "" {
		shown.Heading = http.StatusText(status)
	}
	shown.Title = shown.Heading
	var known *domain.Error
	if errors.As(err, &known) && known.Kind != domain.Internal {
		shown.Message = known.Message
		if known.RetryIn > 0 {
			shown.Advice = "Try again in " + inWords(known.RetryIn) + "."
		}
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		if back := p.whereOneWas(r); back != "/" {
			shown.Back = back
		}
	}
	return shown
}

// inWords says a number of seconds.
func inWords(seconds int) string {
	switch {
	case seconds == 1:
		return "a second"
	case seconds < 120:
		return strconv.Itoa(seconds) + " seconds"
	}
	return strconv.Itoa((seconds+59)/60) + " minutes"
}

// withNext adds the address to come back to, and other pairs, to a path.
func withNext(path, next string, pairs ...string) string {
	query := url.Values{}
	if next != "/" {
		query.Set("next", next)
		for i := 0; i+1 < len(pairs); i += 2 {
			query.Set(pairs[i], pairs[i+1])
		}
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// sayRetry adds to a refused form when to try again. A form that was refused
// for a wrong password carries a challenge, as every 401 must; it names a
// scheme that no browser asks for in a window of its own.
func (p *Portal) sayRetry(w http.ResponseWriter, f *form, err error) {
	var known *domain.Error
	if errors.As(err, &known) && known.RetryIn > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(known.RetryIn))
	}
	if domain.IsKind(err, domain.TooMany) && known.RetryIn > 0 {
		f.Fault = "There were too many attempts. Try again in " + inWords(known.RetryIn) + "."
	}
	if f.Status() == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Form realm="Thingward"`)
	}
}
