package portal

import (
	"net/http"

	"github.com/thingward/thingward/internal/domain"
)

type confirmPasswordPage struct {
	layout
	Form *form
	Next string
}

func (confirmPasswordPage) template() string { return "confirm_password" }

// confirmPage asks before an act that cannot be taken back lightly.
type confirmPage struct {
	layout
	Form                  *form
	Question, Consequence string
	Action, Yes, Back     string
	Danger                bool
}

func (confirmPage) template() string { return "confirm" }

func (p *Portal) confirmPasswordForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return p.showConfirmPassword(w, r, c, filledForm(nil), safeNext(r.URL.Query().Get("next")))
}

func (p *Portal) showConfirmPassword(w http.ResponseWriter, r *http.Request, c domain.Caller, f *form, next string) error {
	leadsToClient(w, next)
	return show(w, f.Status(), confirmPasswordPage{layout: p.layoutFor(r, c, "", "Enter your password"), Form: f, Next: next})
}

func (p *Portal) confirmPassword(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	next := safeNext(f.text("next"))
	if held, err := p.passwordHolds(w, r, c, f); err != nil {
		return err
	} else if !held {
		return p.showConfirmPassword(w, r, c, f, next)
	}
	return seeOther(w, r, next)
}

// passwordHolds confirms the account's password that a form carries. It
// reports false where the form is to be shown again: it says why by then.
func (p *Portal) passwordHolds(w http.ResponseWriter, r *http.Request, c domain.Caller, f *form) (bool, error) {
	err := p.Accounts.ConfirmPassword(r.Context(), c, f.secret("password"))
	if err == nil {
		return true, nil
	}
	if !f.refuse(err) {
		return false, err
	}
	p.sayRetry(w, f, err)
	return false, nil
}
