package portal

import (
	"net/http"

	"github.com/thingward/thingward/internal/domain"
)

type loginPage struct {
	layout
	Form       *form
	Next       string
	Ended      bool
	SignUpHref string
	Asking     string // the app that it goes on to; empty: none
}

func (loginPage) template() string { return "login" }

func (p *Portal) loginForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	next := safeNext(r.URL.Query().Get("next"))
	if signedIn(c) {
		leadsToClient(w, next)
		return seeOther(w, r, next)
	}
	return p.showLogin(w, r, c, filledForm(nil), next)
}

func (p *Portal) showLogin(w http.ResponseWriter, r *http.Request, c domain.Caller, f *form, next string) error {
	shown := loginPage{layout: p.layoutFor(r, c, "login", "Sign in"), Form: f, Next: next, SignUpHref: withNext("/sign-up", next), Asking: p.askingApp(w, r, next)}
	shown.Ended = f.Fault == "" && r.URL.Query().Get("ended") != ""
	shown.Bare = shown.Asking != "" // the way to the app leads through the form alone
	return show(w, f.Status(), shown)
}

func (p *Portal) login(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	next := safeNext(f.text("next"))
	leadsToClient(w, next)
	session, err := p.Accounts.SignIn(r.Context(), f.text("name"), f.secret("password"), origin(c))
	if err != nil {
		if !f.refuse(err) {
			return err
		}
		p.sayRetry(w, f, err)
		return p.showLogin(w, r, c, f, next)
	}
	p.setCookie(w, session.Cookie)
	return seeOther(w, r, next)
}

// logout ends the session. It works without one too, so that nobody is ever
// told to sign in before signing out. In front of an app that asks, somebody
// else can sign in next.
func (p *Portal) logout(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	if signedIn(c) {
		if err := p.Accounts.SignOut(r.Context(), c); err != nil {
			return err
		}
	}
	p.clearCookie(w)
	if f, err := readForm(w, r); err == nil && leadsOn(w, safeNext(f.text("next"))) {
		return seeOther(w, r, withNext("/login", safeNext(f.text("next"))))
	}
	return seeOther(w, r, "/?notice=signed-out")
}
