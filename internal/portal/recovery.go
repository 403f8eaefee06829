package portal

import (
	"context"
	"net/http"

	"github.com/thingward/thingward/internal/authserver/recovery"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// Recovery is what pages do with mailed codes.
type Recovery interface {
	Confirm(ctx context.Context, code secret.Secret, from recovery.Origin) error
	Pending(ctx context.Context, c domain.Caller) (string, error)
	Resend(ctx context.Context, c domain.Caller) error
	Forgot(ctx context.Context, nameOrAddress string, from recovery.Origin) error
	Reset(ctx context.Context, code, password secret.Secret, from recovery.Origin) error
}

type confirmAddressPage struct {
	layout
	Form *form
}

func (confirmAddressPage) template() string { return "confirm_address" }

type forgotPage struct {
	layout
	Form *form
	Sent bool // a mail is on its way, if there is anybody
}

func (forgotPage) template() string { return "forgot" }

type resetPage struct {
	layout
	Form *form
}

func (resetPage) template() string { return "reset" }

func mailOrigin(c domain.Caller) recovery.Origin {
	return recovery.Origin{Address: c.Address, Program: c.Program}
}

// confirmAddressForm takes the code that was mailed to an address. The link
// in the mail fills it in; it counts only when the form is sent, so that mail
// programs that look at links use nothing up.
func (p *Portal) confirmAddressForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return p.showConfirmAddress(w, r, c, filledForm(map[string]string{"code": r.URL.Query().Get("code")}))
}

func (p *Portal) showConfirmAddress(w http.ResponseWriter, r *http.Request, c domain.Caller, f *form) error {
	w.Header().Set("Referrer-Policy", "no-referrer") // the address carries the code
	return show(w, f.Status(), confirmAddressPage{layout: p.layoutFor(r, c, "confirm", "Confirm your e-mail address"), Form: f})
}

func (p *Portal) confirmAddress(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	if err := p.Recovery.Confirm(r.Context(), secret.New(f.text("code")), mailOrigin(c)); err != nil {
		if !f.refuse(err) {
			return err
		}
		p.sayRetry(w, f, err)
		return p.showConfirmAddress(w, r, c, f)
	}
	if signedIn(c) {
		return seeOther(w, r, "/settings?notice=address-confirmed")
	}
	return seeOther(w, r, "/login?notice=address-confirmed")
}

// resendConfirmation mails another code for the address that is not confirmed.
func (p *Portal) resendConfirmation(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	if err := p.Recovery.Resend(r.Context(), c); err != nil {
		return err
	}
	return seeOther(w, r, "/settings?notice=address-mailed")
}

func (p *Portal) forgotForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return p.showForgot(w, r, c, filledForm(nil))
}

func (p *Portal) showForgot(w http.ResponseWriter, r *http.Request, c domain.Caller, f *form) error {
	return show(w, f.Status(), forgotPage{layout: p.layoutFor(r, c, "login", "Forgotten password"), Form: f, Sent: r.URL.Query().Get("sent") != ""})
}

// forgot answers the same whether or not there is such an account.
func (p *Portal) forgot(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	if err := p.Recovery.Forgot(r.Context(), f.text("name"), mailOrigin(c)); err != nil {
		if !f.refuse(err) {
			return err
		}
		p.sayRetry(w, f, err)
		return p.showForgot(w, r, c, f)
	}
	return seeOther(w, r, "/forgot?sent=yes")
}

func (p *Portal) resetForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return p.showReset(w, r, c, filledForm(map[string]string{"code": r.URL.Query().Get("code")}))
}

func (p *Portal) showReset(w http.ResponseWriter, r *http.Request, c domain.Caller, f *form) error {
	w.Header().Set("Referrer-Policy", "no-referrer") // the address carries the code
	return show(w, f.Status(), resetPage{layout: p.layoutFor(r, c, "login", "Set a new password"), Form: f})
}

// reset sets the new password. Every session of the account is over then, the
// one of this browser too if it was one.
func (p *Portal) reset(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	if err := p.Recovery.Reset(r.Context(), secret.New(f.text("code")), f.secret("new_password"), mailOrigin(c)); err != nil {
		if !f.refuse(err) {
			return err
		}
		p.sayRetry(w, f, err)
		return p.showReset(w, r, c, f)
	}
	return seeOther(w, r, "/login?notice=password-reset")
}
