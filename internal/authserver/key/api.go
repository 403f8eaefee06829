package key

import (
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// Routes are the keys of the native API. All need the scope account: a
// credential without it manages no credentials.
func (s *Service) Routes() []web.Route {
	account := web.Scoped(domain.ScopeAccount)
	return []web.Route{
		{Pattern: "GET /api/v1/keys", Need: account, Handle: s.list},
		{Pattern: "POST /api/v1/keys", Need: account, Handle: s.create},
		{Pattern: "GET /api/v1/keys/{id}", Need: account, Handle: s.show},
		{Pattern: "PATCH /api/v1/keys/{id}", Need: account, Handle: s.change},
		{Pattern: "DELETE /api/v1/keys/{id}", Need: account, Handle: s.revoke},
		{Pattern: "POST /api/v1/keys/{id}/rotate", Need: account, Handle: s.rotate},
		{Pattern: "GET /api/v1/keys/{id}/uses", Need: account, Handle: s.uses},
	}
}

type keyJSON struct {
	ID               domain.KeyID `json:"id"`
	Name             string       `json:"name"`
	Description      string       `json:"description"`
	Owner            string       `json:"owner"`
	Scopes           []string     `json:"scopes"`
	AllowedAddresses []string     `json:"allowed_addresses"`
	CreatedAt        time.Time    `json:"created_at"`
	ExpiresAt        *time.Time   `json:"expires_at,omitempty"`
	OldPasswordUntil *time.Time   `json:"old_password_until,omitempty"`
	Viewable         bool         `json:"viewable"`
	LastUsed         *lastUsed    `json:"last_used,omitempty"`
	Password         string       `json:"password,omitempty"` // only in the answer that made it
}

type lastUsed struct {
	At      time.Time `json:"at"`
	Address string    `json:"address"`
	Program string    `json:"program"`
}

func (s *Service) asJSON(k domain.Key) keyJSON {
	out := keyJSON{ID: k.ID, Name: k.Grant.Name, Description: k.Description, Owner: k.Owner, Viewable: k.Viewable,
		Scopes: []string{}, AllowedAddresses: []string{}, CreatedAt: k.Grant.CreatedAt, ExpiresAt: web.Moment(k.Grant.ExpiresAt)}
	for _, scope := range k.Grant.Scopes {
		out.Scopes = append(out.Scopes, scope.String())
	}
	for _, prefix := range k.Allowed {
		out.AllowedAddresses = append(out.AllowedAddresses, prefix.String())
	}
	if k.OldUntil.After(s.Now()) {
		out.OldPasswordUntil = &k.OldUntil
	}
	if use := k.Grant.LastUse; !use.At.IsZero() {
		out.LastUsed = &lastUsed{use.At, use.Address, use.Program}
	}
	return out
}

func (s *Service) list(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	page, err := web.ReadPage(r)
	if err != nil {
		return err
	}
	listed, err := s.List(r.Context(), c, page)
	if err != nil {
		return err
	}
	return web.WriteList(w, r, listed, s.asJSON)
}

func (s *Service) create(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	var in struct {
		Name             string     `json:"name"`
		Description      string     `json:"description"`
		Scopes           []string   `json:"scopes"`
		ExpiresAt        *time.Time `json:"expires_at"`
		AllowedAddresses []string   `json:"allowed_addresses"`
	}
	if err := web.DecodeJSON(w, r, web.SmallBody, &in); err != nil {
		return err
	}
	scopes, err := domain.ParseScopes(strings.Join(in.Scopes, " "))
	if err != nil {
		return err
	}
	allowed, err := domain.ParseAllowed(strings.Join(in.AllowedAddresses, " "))
	if err != nil {
		return err
	}
	wanted := NewKey{Name: in.Name, Description: in.Description, Scopes: scopes, Allowed: allowed}
	if in.ExpiresAt != nil {
		wanted.ExpiresAt = in.ExpiresAt.UTC()
	}
	key, password, err := s.Create(r.Context(), c, wanted)
	if err != nil {
		return err
	}
	out := s.asJSON(key)
	out.Password = password.Reveal()
	web.NotKept(w)
	w.Header().Set("Location", "/api/v1/keys/"+string(key.ID))
	return web.WriteJSON(w, http.StatusCreated, out)
}

func keyID(r *http.Request) domain.KeyID { return domain.KeyID(r.PathValue("id")) }

func (s *Service) show(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	key, err := s.Find(r.Context(), c, keyID(r))
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, s.asJSON(key))
}

func (s *Service) change(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	var in struct {
		Name             *string    `json:"name"`
		Description      *string    `json:"description"`
		ExpiresAt        *time.Time `json:"expires_at"`
		AllowedAddresses *[]string  `json:"allowed_addresses"`
	}
	if err := web.DecodeJSON(w, r, web.SmallBody, &in); err != nil {
		return err
	}
	edit := KeyEdit{Name: in.Name, Description: in.Description, ExpiresAt: in.ExpiresAt}
	if in.AllowedAddresses != nil {
		allowed, err := domain.ParseAllowed(strings.Join(*in.AllowedAddresses, " "))
		if err != nil {
			return err
		}
		if allowed == nil {
			allowed = []netip.Prefix{}
		}
		edit.Allowed = &allowed
	}
	key, err := s.Edit(r.Context(), c, keyID(r), edit)
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, s.asJSON(key))
}

func (s *Service) revoke(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return web.WriteDone(w, s.Revoke(r.Context(), c, keyID(r)))
}

func (s *Service) rotate(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	overlap, err := web.ReadOverlap(w, r)
	if err != nil {
		return err
	}
	password, err := s.Rotate(r.Context(), c, keyID(r), overlap)
	if err != nil {
		return err
	}
	key, err := s.Find(r.Context(), c, keyID(r))
	if err != nil {
		return err
	}
	out := s.asJSON(key)
	out.Password = password.Reveal()
	web.NotKept(w)
	return web.WriteJSON(w, http.StatusOK, out)
}

func (s *Service) uses(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	uses, err := s.Uses(r.Context(), c, keyID(r))
	if err != nil {
		return err
	}
	return web.WriteUses(w, uses)
}
