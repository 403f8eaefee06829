package consent

import (
	"net/http"
	"strconv"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// Routes are the connections of the native API. All need the scope account.
func (s *Service) Routes() []web.Route {
	account := web.Scoped(domain.ScopeAccount)
	return []web.Route{
		{Pattern: "GET /api/v1/connections", Need: account, Handle: s.list},
		{Pattern: "DELETE /api/v1/connections", Need: account, Handle: s.endAll},
		{Pattern: "GET /api/v1/connections/{id}", Need: account, Handle: s.show},
		{Pattern: "PATCH /api/v1/connections/{id}", Need: account, Handle: s.change},
		{Pattern: "DELETE /api/v1/connections/{id}", Need: account, Handle: s.end},
		{Pattern: "GET /api/v1/connections/{id}/uses", Need: account, Handle: s.uses},
	}
}

type connectionJSON struct {
	ID        domain.GrantID `json:"id"`
	Kind      string         `json:"kind"` // "key" or "client"
	Name      string         `json:"name"`
	Scopes    []string       `json:"scopes"`
	CreatedAt time.Time      `json:"created_at"`
	ExpiresAt *time.Time     `json:"expires_at,omitempty"`
	Standing  bool           `json:"standing"`
	LastUsed  *lastUsed      `json:"last_used,omitempty"`
	Key       *keyJSON       `json:"key,omitempty"`
	Client    *clientJSON    `json:"client,omitempty"`
}

type lastUsed struct {
	At      time.Time `json:"at"`
	Address string    `json:"address"`
	Program string    `json:"program"`
}

type keyJSON struct {
	ID               domain.KeyID `json:"id"`
	Description      string       `json:"description"`
	AllowedAddresses []string     `json:"allowed_addresses"`
}

type clientJSON struct {
	ID       domain.ClientID    `json:"client_id"`
	Name     string             `json:"name"`
	Owner    string             `json:"owner"` // empty: Thingward itself
	Kind     domain.ClientKind  `json:"kind"`
	Official bool               `json:"official"`
	State    domain.ClientState `json:"state"`
	Website  string             `json:"website"`
}

func asJSON(c domain.Connection) connectionJSON {
	out := connectionJSON{ID: c.Grant.ID, Name: c.Grant.Name, Scopes: []string{}, CreatedAt: c.Grant.CreatedAt, Standing: c.Standing}
	for _, scope := range c.Grant.Scopes {
		out.Scopes = append(out.Scopes, scope.String())
	}
	if !c.Grant.ExpiresAt.IsZero() {
		out.ExpiresAt = &c.Grant.ExpiresAt
	}
	if use := c.Grant.LastUse; !use.At.IsZero() {
		out.LastUsed = &lastUsed{use.At, use.Address, use.Program}
	}
	if k := c.Key; k != nil {
		out.Kind, out.Key = "key", &keyJSON{ID: k.ID, Description: k.Description, AllowedAddresses: []string{}}
		for _, prefix := range k.Allowed {
			out.Key.AllowedAddresses = append(out.Key.AllowedAddresses, prefix.String())
		}
	}
	if cl := c.Client; cl != nil {
		out.Kind, out.Client = "client", &clientJSON{cl.ID, cl.Name, cl.OwnerName, cl.Kind, cl.Official, cl.State, cl.Website}
	}
	return out
}

// connectionID reads the number in the path; what is none names nothing.
func connectionID(r *http.Request) domain.GrantID {
	id, _ := strconv.ParseInt(r.PathValue("id"), 10, 64)
	return domain.GrantID(id)
}

func (s *Service) list(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	page, err := web.ReadPage(r)
	if err != nil {
		return err
	}
	listed, err := s.Connections(r.Context(), c, page)
	if err != nil {
		return err
	}
	return web.WriteList(w, r, listed, asJSON)
}

func (s *Service) show(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	found, err := s.Find(r.Context(), c, connectionID(r))
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, asJSON(found))
}

func (s *Service) change(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	var in struct {
		Name string `json:"name"`
	}
	if err := web.DecodeJSON(w, r, web.SmallBody, &in); err != nil {
		return err
	}
	renamed, err := s.Rename(r.Context(), c, connectionID(r), in.Name)
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, asJSON(renamed))
}

func (s *Service) end(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return web.WriteDone(w, s.End(r.Context(), c, connectionID(r)))
}

func (s *Service) endAll(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	ended, err := s.EndAll(r.Context(), c)
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, map[string]int{"ended": ended})
}

func (s *Service) uses(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	uses, err := s.Uses(r.Context(), c, connectionID(r))
	if err != nil {
		return err
	}
	return web.WriteUses(w, uses)
}
