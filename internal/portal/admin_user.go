package portal

import (
	"net/http"
	"net/url"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

const userPageSize = 50

type usersPage struct {
	layout
	Users    []userRow
	Total    int
	ByInvite bool
	Pager    pager
}

func (usersPage) template() string { return "admin_users" }

type userRow struct {
	Name, Shown, Email     string
	Admin, Suspended, Self bool
	Created, LastSignIn    moment
}

type newUserPage struct {
	layout
	Form  *form
	Admin bool
}

func (newUserPage) template() string { return "admin_user_new" }

// adminSecretPage shows a temporary password or an invitation, once.
type adminSecretPage struct {
	layout
	Heading, Advice, Word, Secret, Where, Link string
}

func (adminSecretPage) template() string { return "admin_secret" }

func (p *Portal) users(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	page := pageOf(r, userPageSize)
	listed, err := p.Accounts.Users(r.Context(), c, page)
	if err != nil {
		return err
	}
	shown := usersPage{layout: p.layoutFor(r, c, "admin", "Users"), Total: listed.Total, ByInvite: p.SignUp == SignUpInvite, Pager: pagerOf("/admin/users", page, listed.Next)}
	now, zone := p.Now(), c.User.Location()
	for _, u := range listed.Items {
		shown.Users = append(shown.Users, userRow{Name: u.Name, Shown: u.Shown(), Email: u.Email, Admin: u.Admin, Suspended: u.Suspended,
			Self: u.ID == c.User.ID, Created: momentOf(u.CreatedAt, now, zone), LastSignIn: momentOf(u.LastSignInAt, now, zone)})
	}
	return show(w, http.StatusOK, shown)
}

func (p *Portal) newUserForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return p.showNewUser(w, r, c, filledForm(nil))
}

func (p *Portal) showNewUser(w http.ResponseWriter, r *http.Request, c domain.Caller, f *form) error {
	return show(w, f.Status(), newUserPage{layout: p.layoutFor(r, c, "admin", "New user"), Form: f, Admin: f.checked("admin")})
}

func (p *Portal) newUser(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	in := newUserOf(f)
	in.Admin = f.checked("admin")
	if _, err := p.Accounts.Create(r.Context(), c, in); err != nil {
		if !f.refuse(err) {
			return err
		}
		return p.showNewUser(w, r, c, f)
	}
	return seeOther(w, r, "/admin/users?notice=user-created")
}

func userHref(r *http.Request) string { return "/admin/users/" + url.PathEscape(r.PathValue("user")) }

// askAbout asks before an act on an account.
func (p *Portal) askAbout(w http.ResponseWriter, r *http.Request, c domain.Caller, ask confirmPage) error {
	ask.layout, ask.Form, ask.Back = p.layoutFor(r, c, "admin", ask.Question), filledForm(nil), "/admin/users"
	return show(w, http.StatusOK, ask)
}

func (p *Portal) suspendForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return p.askAbout(w, r, c, confirmPage{Question: "Suspend " + r.PathValue("user") + "?", Action: userHref(r) + "/suspend", Yes: "Suspend", Danger: true,
		Consequence: "The account is signed out everywhere, and its password and keys stop working until it is resumed. Its sensors stay."})
}

func (p *Portal) suspend(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	if err := p.Accounts.Suspend(r.Context(), c, r.PathValue("user")); err != nil {
		return err
	}
	return seeOther(w, r, "/admin/users?notice=user-suspended")
}

func (p *Portal) resumeForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return p.askAbout(w, r, c, confirmPage{Question: "Resume " + r.PathValue("user") + "?", Action: userHref(r) + "/resume", Yes: "Resume",
		Consequence: "The account can sign in again, and its keys work again."})
}

func (p *Portal) resume(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	if err := p.Accounts.Resume(r.Context(), c, r.PathValue("user")); err != nil {
		return err
	}
	return seeOther(w, r, "/admin/users?notice=user-resumed")
}

func (p *Portal) resetPasswordForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return p.askAbout(w, r, c, confirmPage{Question: "Reset the password of " + r.PathValue("user") + "?", Action: userHref(r) + "/reset-password",
		Yes: "Make a temporary password", Danger: true, Consequence: "The present password stops working and the account is signed out everywhere. Keys go on working."})
}

func (p *Portal) resetPassword(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	temporary, err := p.Accounts.ResetPassword(r.Context(), c, r.PathValue("user"))
	if err != nil {
		return err
	}
	return p.showAdminSecret(w, r, c, temporary, adminSecretPage{Heading: "New password of " + r.PathValue("user"), Word: "Temporary password",
		Advice: "Hand it over safely. It is shown only now; its owner should change it after signing in."})
}

func (p *Portal) invite(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	code, err := p.Accounts.Invite(r.Context(), c)
	if err != nil {
		return err
	}
	return p.showAdminSecret(w, r, c, code, adminSecretPage{Heading: "Invitation", Word: "Invitation code", Where: p.PublicURL + "/sign-up",
		Link:   p.PublicURL + "/sign-up?invite=" + url.QueryEscape(code.Reveal()),
		Advice: "The code makes one account, within 7 days. It is shown only now."})
}

func (p *Portal) showAdminSecret(w http.ResponseWriter, r *http.Request, c domain.Caller, shown secret.Secret, page adminSecretPage) error {
	page.layout, page.Secret = p.layoutFor(r, c, "admin", page.Heading), shown.Reveal()
	return show(w, http.StatusOK, page)
}
