package portal

import (
	"net/http"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

type setupPage struct {
	layout
	Form *form
	Done bool
}

func (setupPage) template() string { return "setup" }

// setupForm leads to the first administrator. The link that the server
// printed fills the code in; the code counts only when the form is sent.
func (p *Portal) setupForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return p.showSetup(w, r, c, filledForm(map[string]string{"code": r.URL.Query().Get("code")}))
}

func (p *Portal) showSetup(w http.ResponseWriter, r *http.Request, c domain.Caller, f *form) error {
	needed, err := p.Accounts.SetupNeeded(r.Context())
	if err != nil {
		return err
	}
	w.Header().Set("Referrer-Policy", "no-referrer") // the address carries the code
	return show(w, f.Status(), setupPage{layout: p.layoutFor(r, c, "setup", "Set this server up"), Form: f, Done: !needed})
}

func (p *Portal) setup(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	session, err := p.Accounts.Setup(r.Context(), secret.New(f.text("code")), newUserOf(f), origin(c))
	if err != nil {
		if !f.refuse(err) {
			return err
		}
		p.sayRetry(w, f, err)
		return p.showSetup(w, r, c, f)
	}
	p.setCookie(w, session.Cookie)
	return seeOther(w, r, "/?notice=set-up")
}
