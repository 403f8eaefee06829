package portal

import (
	"net/http"
	"strconv"

	"github.com/thingward/thingward/internal/authserver/account"
	"github.com/thingward/thingward/internal/domain"
)

type settingsPage struct {
	layout
	Profile       *form
	Password      *form
	NoPasswordIn  bool
	Sessions      []shownSession
	OtherSessions bool
	Pending       string // address that is to be confirmed; empty: none
}

func (settingsPage) template() string { return "settings" }

type shownSession struct {
	ID                int64
	Program, Address  string
	Created, LastSeen moment
	Current           bool
}

func (p *Portal) settings(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return p.showSettings(w, r, c, profileOf(c.User), filledForm(nil))
}

func profileOf(u domain.User) *form {
	f := filledForm(map[string]string{"display_name": u.DisplayName, "email": u.Email, "time_zone": u.TimeZone})
	if u.NoPasswordIn {
		f.Values.Set("no_password_in", "yes")
	}
	return f
}

func (p *Portal) showSettings(w http.ResponseWriter, r *http.Request, c domain.Caller, profile, password *form) error {
	sessions, err := p.Accounts.Sessions(r.Context(), c)
	if err != nil {
		return err
	}
	pending, err := p.Recovery.Pending(r.Context(), c)
	if err != nil {
		return err
	}
	page := settingsPage{Pending: pending, layout: p.layoutFor(r, c, "settings", "Settings"), Profile: profile, Password: password,
		NoPasswordIn: profile.checked("no_password_in"), OtherSessions: len(sessions) > 1}
	zone := c.User.Location()
	for _, s := range sessions {
		page.Sessions = append(page.Sessions, shownSession{ID: int64(s.ID), Program: programName(s.Program), Address: s.Address,
			Created: momentOf(s.CreatedAt, p.Now(), zone), LastSeen: momentOf(s.LastSeenAt, p.Now(), zone), Current: s.ID == c.Session})
	}
	return show(w, max(profile.Status(), password.Status()), page)
}

func (p *Portal) editProfile(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	displayName, email, zone := f.text("display_name"), f.text("email"), f.text("time_zone")
	noPassword := f.checked("no_password_in")
	edit := account.ProfileEdit{DisplayName: &displayName, Email: &email, TimeZone: &zone, NoPasswordIn: &noPassword}
	if _, err := p.Accounts.EditProfile(r.Context(), c, edit); err != nil {
		if domain.CodeOf(err) == "password_needed" {
			return seeOther(w, r, withNext("/confirm-password", "/settings?notice=address-again"))
		}
		if !f.refuse(err) {
			return err
		}
		return p.showSettings(w, r, c, f, filledForm(nil))
	}
	if email != "" && email != c.User.Email {
		return seeOther(w, r, "/settings?notice=address-mailed")
	}
	return seeOther(w, r, "/settings?notice=profile-saved")
}

func (p *Portal) changePassword(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	if err := p.Accounts.ChangePassword(r.Context(), c, f.secret("password"), f.secret("new_password")); err != nil {
		if !f.refuse(err) {
			return err
		}
		p.sayRetry(w, f, err)
		return p.showSettings(w, r, c, profileOf(c.User), f)
	}
	return seeOther(w, r, "/settings?notice=password-changed")
}

func (p *Portal) endSession(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	id, err := strconv.ParseInt(r.PathValue("session"), 10, 64)
	if err != nil {
		return domain.Errorf(domain.NotFound, "session_not_found", "There is no such session.")
	}
	if err := p.Accounts.EndSession(r.Context(), c, domain.SessionID(id)); err != nil {
		return err
	}
	return seeOther(w, r, "/settings?notice=session-ended")
}

func (p *Portal) endOtherSessions(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	if err := p.Accounts.EndOtherSessions(r.Context(), c); err != nil {
		return err
	}
	return seeOther(w, r, "/settings?notice=sessions-ended")
}
