package collaborator

import (
	"net/http"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// Routes are the collaborators of the native API, the same below every kind of
// thing.
func (s *Service) Routes() []web.Route {
	var routes []web.Route
	for _, noun := range domain.Nouns() {
		read, write := web.Scoped(domain.ScopeOf(domain.SeeRight(noun))), web.Scoped(domain.ScopeOf(domain.ShareRight(noun)))
		of := of{s, noun}
		all := "/api/v1/" + string(noun) + "s/{" + string(noun) + "}/collaborators"
		routes = append(routes,
			web.Route{Pattern: "GET " + all, Need: read, Handle: of.list},
			web.Route{Pattern: "GET " + all + "/{user}", Need: read, Handle: of.show},
			web.Route{Pattern: "PUT " + all + "/{user}", Need: write, Handle: of.set},
			web.Route{Pattern: "DELETE " + all + "/{user}", Need: write, Handle: of.remove})
	}
	return routes
}

// of is the collaborators of things of one kind.
type of struct {
	s    *Service
	noun domain.Noun
}

func (o of) ref(r *http.Request) string { return r.PathValue(string(o.noun)) }

type collaboratorJSON struct {
	User    string     `json:"user"`
	Email   string     `json:"email,omitempty"` // the caller's own; of all to administrators
	Rights  []string   `json:"rights"`
	Owner   bool       `json:"owner"`
	You     bool       `json:"you"`
	AddedAt *time.Time `json:"added_at,omitempty"` // missing for the owner of a sensor or device
}

func asJSON(c domain.Caller, one domain.Collaborator) collaboratorJSON {
	return collaboratorJSON{User: one.Name, Email: one.Email, Rights: one.Rights.Names(), Owner: one.Owner, You: c.Is(one.User), AddedAt: web.Moment(one.AddedAt)}
}

// list answers with all at once: there are few (domain.MaxCollaborators).
func (o of) list(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	list, err := o.s.List(r.Context(), c, o.noun, o.ref(r))
	if err != nil {
		return err
	}
	return web.WriteList(w, r, domain.Listed[domain.Collaborator]{Items: list, Total: len(list)}, func(one domain.Collaborator) collaboratorJSON { return asJSON(c, one) })
}

func (o of) show(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	found, err := o.s.Find(r.Context(), c, o.noun, o.ref(r), r.PathValue("user"))
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, asJSON(c, found))
}

func (o of) set(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	// Who may not share the thing learns nothing of the body's faults.
	if _, err := o.s.Finder.Thing(r.Context(), c, o.noun, o.ref(r), domain.ShareRight(o.noun)); err != nil {
		return err
	}
	var in struct {
		Rights []string `json:"rights"`
	}
	if err := web.DecodeJSON(w, r, web.SmallBody, &in); err != nil {
		return err
	}
	rights, err := domain.ParseRights(o.noun, in.Rights...)
	if err != nil {
		return err
	}
	set, err := o.s.Set(r.Context(), c, o.noun, o.ref(r), r.PathValue("user"), rights)
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, asJSON(c, set))
}

func (o of) remove(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return web.WriteDone(w, o.s.Remove(r.Context(), c, o.noun, o.ref(r), r.PathValue("user")))
}
