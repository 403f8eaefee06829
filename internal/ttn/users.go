package ttn

import (
	"net/http"
	"strings"

	"github.com/thingward/thingward/internal/authserver/account"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/web"
)

// userActs are the caller's account and the clients that act for him.
func (d *Door) userActs() []act {
	read, write := web.Scoped(domain.ScopeProfile), web.Scoped(domain.ScopeProfileWrite)
	return []act{
		{"POST api/v2/users", web.Unasked(), "", d.signUp},
		{"GET api/v2/users/me", read, "profile", d.showUser},
		{"PATCH api/v2/users/me", write, "profile", d.changeUser},
		{"GET api/v2/users/me/authorized-clients", write, "profile", d.listPrograms},
		{"DELETE api/v2/users/me/authorized-clients/{name}", write, "profile", d.endProgram},
	}
}

type userJSON struct {
	Username string     `json:"username"`
	Email    string     `json:"email"`
	Name     personName `json:"name"`
}

// signUp is POST /users, as far as the operator's policy lets people in.
func (d *Door) signUp(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	var in struct {
		Username string `json:"username"`
		Email    string `json:"email"`
		Password string `json:"password"`
	}
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	made, err := d.Accounts.SignUp(r.Context(), account.NewUser{Name: in.Username, Email: in.Email, Password: secret.New(in.Password)},
		account.Origin{Address: c.Address, Program: c.Program})
	if err != nil {
		return err
	}
	return answer(w, http.StatusCreated, userJSON{made.Name, made.Email, splitName(made.DisplayName)})
}

func (d *Door) showUser(w http.ResponseWriter, _ *http.Request, c domain.Caller) error {
	return answer(w, http.StatusOK, userJSON{c.User.Name, c.ToldAddress(), splitName(c.User.DisplayName)})
}

// userEdit is what may change; what is missing stays.
type userEdit struct {
	Username *string `json:"username"`
	Email    *string `json:"email"`
	Name     *struct {
		First *string `json:"first"`
		Last  *string `json:"last"`
	} `json:"name"`
	OldPassword string `json:"old_password"`
	Password    string `json:"password"`
}

// changeUser is PATCH /users/me.
func (d *Door) changeUser(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	var in userEdit
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	if in.Username != nil && *in.Username != c.User.Name {
		return domain.InvalidField("username", "A user name stays as it is: programs and things are known by it.")
	}
	return done(w, d.editUser(r, c, in))
}

func (d *Door) editUser(r *http.Request, c domain.Caller, in userEdit) error {
	old := secret.New(in.OldPassword)
	if edit := in.profile(c.User); edit.Email != nil || edit.DisplayName != nil {
		if _, err := d.Accounts.EditProfileByProgram(r.Context(), c, edit, old); err != nil {
			return err
		}
	}
	if in.Password == "" {
		return nil
	}
	return d.Accounts.ChangePasswordByProgram(r.Context(), c, old, secret.New(in.Password))
}

// profile returns what of the edit is about the profile.
func (in userEdit) profile(user domain.User) account.ProfileEdit {
	edit := account.ProfileEdit{Email: in.Email}
	if in.Name == nil {
		return edit
	}
	name := splitName(user.DisplayName)
	if in.Name.First != nil {
		name.First = *in.Name.First
	}
	if in.Name.Last != nil {
		name.Last = *in.Name.Last
	}
	whole := strings.TrimSpace(name.First + " " + name.Last)
	edit.DisplayName = &whole
	return edit
}

// listPrograms lists the clients that act for the caller. What other clients
// there are, and their end, is for the command line, not for apps.
func (d *Door) listPrograms(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	programs, err := d.Connections.Programs(r.Context(), c)
	if err != nil {
		return err
	}
	list := []clientJSON{}
	for _, p := range programs {
		client := *p.Client
		client.Scopes = p.Grant.Scopes
		list = append(list, clientAsJSON(client))
	}
	return answer(w, http.StatusOK, list)
}

func (d *Door) endProgram(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return done(w, d.Connections.EndProgram(r.Context(), c, domain.ClientID(r.PathValue("name"))))
}
