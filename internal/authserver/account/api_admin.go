package account

import (
	"net/http"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/web"
)

type userJSON struct {
	Name         string     `json:"name"`
	DisplayName  string     `json:"display_name"`
	Email        string     `json:"email"`
	Admin        bool       `json:"admin"`
	Suspended    bool       `json:"suspended"`
	TimeZone     string     `json:"time_zone"`
	CreatedAt    time.Time  `json:"created_at"`
	LastSignInAt *time.Time `json:"last_sign_in_at,omitempty"`
}

func userAsJSON(u domain.User) userJSON {
	out := userJSON{Name: u.Name, DisplayName: u.DisplayName, Email: u.Email, Admin: u.Admin, Suspended: u.Suspended,
		TimeZone: u.TimeZone, CreatedAt: u.CreatedAt}
	if !u.LastSignInAt.IsZero() {
		out.LastSignInAt = &u.LastSignInAt
	}
	return out
}

func (s *Service) list(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	page, err := web.ReadPage(r)
	if err != nil {
		return err
	}
	listed, err := s.Users(r.Context(), c, page)
	if err != nil {
		return err
	}
	return web.WriteList(w, r, listed, userAsJSON)
}

func (s *Service) create(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	var in struct {
		Name        string `json:"name"`
		Email       string `json:"email"`
		DisplayName string `json:"display_name"`
		TimeZone    string `json:"time_zone"`
		Password    string `json:"password"`
		Admin       bool   `json:"admin"`
	}
	if err := web.DecodeJSON(w, r, web.SmallBody, &in); err != nil {
		return err
	}
	user, err := s.Create(r.Context(), c, NewUser{Name: in.Name, Email: in.Email, DisplayName: in.DisplayName,
		TimeZone: in.TimeZone, Password: secret.New(in.Password), Admin: in.Admin})
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusCreated, userAsJSON(user))
}

func (s *Service) suspend(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return web.WriteDone(w, s.Suspend(r.Context(), c, r.PathValue("name")))
}

func (s *Service) resume(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return web.WriteDone(w, s.Resume(r.Context(), c, r.PathValue("name")))
}

func (s *Service) resetPassword(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	password, err := s.ResetPassword(r.Context(), c, r.PathValue("name"))
	if err != nil {
		return err
	}
	web.NotKept(w)
	return web.WriteJSON(w, http.StatusOK, map[string]string{"password": password.Reveal()})
}

func (s *Service) audit(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	page, err := web.ReadPage(r)
	if err != nil {
		return err
	}
	listed, err := s.AuditAll(r.Context(), c, page)
	if err != nil {
		return err
	}
	return web.WriteList(w, r, listed, eventAsJSON)
}
