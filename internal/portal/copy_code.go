package portal

import (
	"net/http"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/web"
)

// copyCodePage shows an authorization code to somebody who carries it to a
// program by hand.
type copyCodePage struct {
	layout
	Code  string
	State string // of the request, which some programs compare
	Fault string // why there is no code
}

func (copyCodePage) template() string { return "copy_code" }

// copyCode is the redirect URI of programs of The Things Network that have no
// address of their own. What is in the address comes from a redirect of ours,
// or from anybody: only what looks like a code is shown as one, and errors are
// said in our own words.
func (p *Portal) copyCode(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	web.NeverCached(w)
	w.Header().Set("Referrer-Policy", "no-referrer")
	query := r.URL.Query()
	shown := copyCodePage{layout: p.layoutFor(r, c, "", "ttnctl access code"), State: domain.Clip(query.Get("state"))}
	shown.Notice = ""
	switch code := query.Get("code"); {
	case secret.WellFormed(secret.Code, code):
		shown.Code = code
		return show(w, http.StatusOK, shown)
	case code != "":
		shown.Fault = "What stands in the address is no code of this server. Start again in your program, and let it open the page."
	case query.Get("error") != "":
		shown.Fault = refusalWords(query.Get("error"))
	default:
		shown.Fault = "There is no code in the address. Start in your program: it tells you which page to open."
	}
	return show(w, http.StatusBadRequest, shown)
}

// refusalWords says an error of RFC 6749 §4.1.2.1 to a person.
func refusalWords(code string) string {
	switch code {
	case "access_denied":
		return "You said no, or the app may not act for you yet. It got no code."
	case "invalid_scope":
		return "The app asked for more than it is registered for. Whoever made it must correct that."
	case "server_error", "temporarily_unavailable":
		return "Something went wrong here. Try again in a moment."
	}
	return "The request of the app was not right, so there is no code. Whoever made it must correct that."
}
