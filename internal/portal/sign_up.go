package portal

import (
	"net/http"

	"github.com/thingward/thingward/internal/authserver/account"
	"github.com/thingward/thingward/internal/domain"
)

type signUpPage struct {
	layout
	Form      *form
	Next      string
	Closed    bool
	ByInvite  bool
	Asking    string // the app that it goes on to; empty: none
	LoginHref string
}

func (signUpPage) template() string { return "sign_up" }

// signUpForm shows the form. The link of an invitation fills its code in.
func (p *Portal) signUpForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	query := r.URL.Query()
	next := safeNext(query.Get("next"))
	if signedIn(c) {
		return seeOther(w, r, next)
	}
	return p.showSignUp(w, r, c, filledForm(map[string]string{"invite": query.Get("invite")}), next)
}

func (p *Portal) showSignUp(w http.ResponseWriter, r *http.Request, c domain.Caller, f *form, next string) error {
	shown := signUpPage{layout: p.layoutFor(r, c, "sign-up", "Create an account"), Form: f, Next: next, Closed: !p.signUpShown(),
		ByInvite: p.SignUp == SignUpInvite, Asking: p.askingApp(w, r, next), LoginHref: withNext("/login", next)}
	shown.Bare = shown.Asking != ""
	return show(w, f.Status(), shown)
}

func (p *Portal) signUp(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	next := safeNext(f.text("next"))
	leadsToClient(w, next)
	in := newUserOf(f)
	in.Invite = f.secret("invite")
	if _, err := p.Accounts.SignUp(r.Context(), in, origin(c)); err != nil {
		if !f.refuse(err) {
			return err
		}
		p.sayRetry(w, f, err)
		return p.showSignUp(w, r, c, f, next)
	}
	session, err := p.Accounts.SignIn(r.Context(), in.Name, in.Password, origin(c))
	if err != nil {
		return err
	}
	p.setCookie(w, session.Cookie)
	if next == "/" {
		next = "/?notice=welcome"
		if in.Email != "" {
			next = "/?notice=welcome-confirm"
		}
	}
	return seeOther(w, r, next)
}

// newUserOf reads the entries of a new account, but never that it is to be an
// administrator: only the form of administrators has that.
func newUserOf(f *form) account.NewUser {
	return account.NewUser{Name: f.text("name"), Email: f.text("email"), DisplayName: f.text("display_name"),
		TimeZone: f.text("time_zone"), Password: f.secret("password")}
}
