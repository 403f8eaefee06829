package component

import (
	"net/http"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// Routes are the components of the native API.
func (s *Service) Routes() []web.Route {
	read, write := web.Scoped(domain.ScopeComponentsRead), web.Scoped(domain.ScopeComponentsWrite)
	return []web.Route{
		{Pattern: "GET /api/v1/components", Need: read, Handle: s.list},
		{Pattern: "POST /api/v1/components", Need: write, Handle: s.create},
		{Pattern: "GET /api/v1/components/{component}", Need: read, Handle: s.show},
		{Pattern: "DELETE /api/v1/components/{component}", Need: write, Handle: s.remove},
		{Pattern: "POST /api/v1/components/{component}/restore", Need: write, Handle: s.restore},
		{Pattern: "GET /api/v1/components/{component}/rights", Need: read, Handle: s.rights},
	}
}

type componentJSON struct {
	Kind      domain.ComponentKind `json:"kind"`
	ID        string               `json:"id"`
	Owner     string               `json:"owner"`
	CreatedAt time.Time            `json:"created_at"`
	DeletedAt *time.Time           `json:"deleted_at,omitempty"`
}

func asJSON(c domain.Component) componentJSON {
	return componentJSON{Kind: c.Kind, ID: c.Name, Owner: c.OwnerName, CreatedAt: c.CreatedAt, DeletedAt: web.Moment(c.DeletedAt)}
}

func (s *Service) list(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	page, err := web.ReadPage(r)
	if err != nil {
		return err
	}
	which, err := web.ReadWhich(r)
	if err != nil {
		return err
	}
	listed, err := s.List(r.Context(), c, which, page)
	if err != nil {
		return err
	}
	return web.WriteList(w, r, listed, asJSON)
}

func (s *Service) create(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	var in struct {
		Kind string `json:"kind"`
		ID   string `json:"id"`
	}
	if err := web.DecodeJSON(w, r, web.SmallBody, &in); err != nil {
		return err
	}
	made, err := s.Create(r.Context(), c, domain.ComponentKind(in.Kind), in.ID)
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/api/v1/components/"+made.Name)
	return web.WriteJSON(w, http.StatusCreated, asJSON(made))
}

func (s *Service) show(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	component, err := s.Find(r.Context(), c, r.PathValue("component"))
	return answer(w, component, err)
}

func answer(w http.ResponseWriter, component domain.Component, err error) error {
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, asJSON(component))
}

func (s *Service) remove(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return web.WriteDone(w, s.Delete(r.Context(), c, r.PathValue("component")))
}

func (s *Service) restore(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	restored, err := s.Restore(r.Context(), c, r.PathValue("component"))
	return answer(w, restored, err)
}

func (s *Service) rights(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	rights, err := s.Rights(r.Context(), c, r.PathValue("component"))
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, map[string][]string{"rights": rights.Names()})
}
