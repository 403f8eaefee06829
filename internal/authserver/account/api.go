package account

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// Routes are the accounts of the native API.
func (s *Service) Routes() []web.Route {
	admin := web.Administrator()
	return []web.Route{
		{Pattern: "GET /api/v1/users/me", Need: web.Authenticated(), Handle: s.showMe},
		{Pattern: "PATCH /api/v1/users/me", Need: web.Scoped(domain.ScopeProfileWrite), Handle: s.changeMe},
		{Pattern: "GET /api/v1/users/me/audit", Need: web.Scoped(domain.ScopeAccount), Handle: s.ownAudit},
		{Pattern: "GET /api/v1/users/me/sessions", Need: web.Person(), Handle: s.ownSessions},
		{Pattern: "DELETE /api/v1/users/me/sessions/{id}", Need: web.Person(), Handle: s.endOwnSession},
		{Pattern: "GET /api/v1/users", Need: admin, Handle: s.list},
		{Pattern: "POST /api/v1/users", Need: admin, Handle: s.create},
		{Pattern: "POST /api/v1/users/{name}/suspend", Need: admin, Handle: s.suspend},
		{Pattern: "POST /api/v1/users/{name}/resume", Need: admin, Handle: s.resume},
		{Pattern: "POST /api/v1/users/{name}/reset-password", Need: admin, Handle: s.resetPassword},
		{Pattern: "GET /api/v1/audit", Need: admin, Handle: s.audit},
	}
}

// showMe asks the store only for the names of things in the scopes.
func (s *Service) showMe(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	scopes, err := s.Finder.NamedScopes(r.Context(), c.Scopes)
	if err != nil {
		return fmt.Errorf("things in the scopes: %w", err)
	}
	c.Scopes = scopes
	return web.WriteBytes(w, http.StatusOK, "application/json", appendMe(make([]byte, 0, 640), c))
}

func (s *Service) changeMe(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	var in struct {
		Email        *string `json:"email"`
		DisplayName  *string `json:"display_name"`
		TimeZone     *string `json:"time_zone"`
		NoPasswordIn *bool   `json:"no_password_in"`
	}
	if err := web.DecodeJSON(w, r, web.SmallBody, &in); err != nil {
		return err
	}
	edit := ProfileEdit{Email: in.Email, DisplayName: in.DisplayName, TimeZone: in.TimeZone, NoPasswordIn: in.NoPasswordIn}
	user, err := s.EditProfile(r.Context(), c, edit)
	if err != nil {
		return err
	}
	c.User = user
	return s.showMe(w, r, c)
}

type eventJSON struct {
	ID         int64     `json:"id"`
	At         time.Time `json:"at"`
	Actor      string    `json:"actor"`
	Credential string    `json:"credential"`
	Act        string    `json:"act"`
	Thing      string    `json:"thing"`
	Address    string    `json:"address"`
	Result     string    `json:"result"`
}

func eventAsJSON(e domain.AuditEvent) eventJSON {
	return eventJSON{e.ID, e.At, e.ActorName, e.Credential, e.Act, e.Thing, e.Address, e.Result}
}

func (s *Service) ownAudit(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	page, err := web.ReadPage(r)
	if err != nil {
		return err
	}
	listed, err := s.Audit(r.Context(), c, page)
	if err != nil {
		return err
	}
	return web.WriteList(w, r, listed, eventAsJSON)
}

type sessionJSON struct {
	ID         domain.SessionID `json:"id"`
	CreatedAt  time.Time        `json:"created_at"`
	LastSeenAt time.Time        `json:"last_seen_at"`
	Address    string           `json:"address"`
	Program    string           `json:"program"`
	Current    bool             `json:"current"`
}

func (s *Service) ownSessions(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	sessions, err := s.Sessions(r.Context(), c)
	if err != nil {
		return err
	}
	listed := domain.Listed[domain.Session]{Items: sessions, Total: len(sessions)}
	return web.WriteList(w, r, listed, func(session domain.Session) sessionJSON {
		return sessionJSON{session.ID, session.CreatedAt, session.LastSeenAt, session.Address, session.Program, session.ID == c.Session}
	})
}

func (s *Service) endOwnSession(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return domain.Errorf(domain.NotFound, "session_not_found", "There is no such session, or it is over.")
	}
	return web.WriteDone(w, s.EndSession(r.Context(), c, domain.SessionID(id)))
}
