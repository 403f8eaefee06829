package client

import (
	"net/http"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// Routes are the clients of the native API. Secrets need the scope account,
// decisions an administrator.
func (s *Service) Routes() []web.Route {
	read, write, account := web.Scoped(domain.ScopeClientsRead), web.Scoped(domain.ScopeClientsWrite), web.Scoped(domain.ScopeAccount)
	administrator := web.Administrator()
	return []web.Route{
		{Pattern: "GET /api/v1/clients", Need: read, Handle: s.list},
		{Pattern: "POST /api/v1/clients", Need: write, Handle: s.create},
		{Pattern: "GET /api/v1/clients/{id}", Need: read, Handle: s.show},
		{Pattern: "PATCH /api/v1/clients/{id}", Need: write, Handle: s.change},
		{Pattern: "DELETE /api/v1/clients/{id}", Need: write, Handle: s.remove},
		{Pattern: "POST /api/v1/clients/{id}/rotate-secret", Need: account, Handle: s.rotate},
		{Pattern: "POST /api/v1/clients/{id}/approve", Need: administrator, Handle: s.approve},
		{Pattern: "POST /api/v1/clients/{id}/reject", Need: administrator, Handle: s.reject},
		{Pattern: "POST /api/v1/clients/{id}/suspend", Need: administrator, Handle: s.suspend},
		{Pattern: "POST /api/v1/clients/{id}/resume", Need: administrator, Handle: s.resume},
	}
}

func clientID(r *http.Request) domain.ClientID { return domain.ClientID(r.PathValue("id")) }

func (s *Service) list(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	page, err := web.ReadPage(r)
	if err != nil {
		return err
	}
	query := r.URL.Query()
	f := Filter{Which: domain.ClientWhich(query.Get("which")), State: domain.ClientState(query.Get("state")), Search: query.Get("search")}
	listed, err := s.List(r.Context(), c, f, page)
	if err != nil {
		return err
	}
	return web.WriteList(w, r, listed, func(client domain.Client) clientJSON { return s.asJSON(c, client) })
}

func (s *Service) create(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	var in newClientJSON
	if err := web.DecodeJSON(w, r, web.SmallBody, &in); err != nil {
		return err
	}
	wanted, err := in.read()
	if err != nil {
		return err
	}
	if in.Official != nil && !decides(c) {
		return officialIsNotYours()
	}
	client, made, err := s.Register(r.Context(), c, wanted)
	if err != nil {
		return err
	}
	if in.Official != nil && *in.Official {
		if err := s.MakeOfficial(r.Context(), c, client.ID); err != nil {
			return err
		}
		client.Official = true
	}
	out := s.asJSON(c, client)
	out.Secret = made.Reveal()
	web.NotKept(w)
	w.Header().Set("Location", "/api/v1/clients/"+string(client.ID))
	return web.WriteJSON(w, http.StatusCreated, out)
}

func officialIsNotYours() error {
	return domain.Errorf(domain.Forbidden, "admin_only", "Only an administrator makes an app official, or takes that back.")
}

func (s *Service) show(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	client, err := s.Find(r.Context(), c, clientID(r))
	if err != nil {
		return err
	}
	out := s.asJSON(c, client)
	if out.registeredJSON != nil {
		stages, err := s.History(r.Context(), c, client.ID)
		if err != nil {
			return err
		}
		out.History = stagesAsJSON(stages)
	}
	return web.WriteJSON(w, http.StatusOK, out)
}

func (s *Service) change(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	var in clientEditJSON
	if err := web.DecodeJSON(w, r, web.SmallBody, &in); err != nil {
		return err
	}
	edit, err := in.read()
	if err != nil {
		return err
	}
	if in.Official != nil && !decides(c) {
		return officialIsNotYours()
	}
	client, err := s.Edit(r.Context(), c, clientID(r), edit)
	if err != nil {
		return err
	}
	if in.Official != nil {
		vouch := s.MakeUnofficial
		if *in.Official {
			vouch = s.MakeOfficial
		}
		if err := vouch(r.Context(), c, client.ID); err != nil {
			return err
		}
		client.Official = *in.Official
	}
	return web.WriteJSON(w, http.StatusOK, s.asJSON(c, client))
}

func (s *Service) remove(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return web.WriteDone(w, s.Delete(r.Context(), c, clientID(r)))
}

func (s *Service) rotate(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	overlap, err := web.ReadOverlap(w, r)
	if err != nil {
		return err
	}
	next, err := s.RotateSecret(r.Context(), c, clientID(r), overlap)
	if err != nil {
		return err
	}
	client, err := s.Reader.Client(r.Context(), clientID(r))
	if err != nil {
		return err
	}
	out := s.asJSON(c, client)
	out.Secret = next.Reveal()
	web.NotKept(w)
	return web.WriteJSON(w, http.StatusOK, out)
}

func (s *Service) approve(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	seen, err := readSeen(w, r)
	if err != nil {
		return err
	}
	return web.WriteDone(w, s.ApproveSeen(r.Context(), c, clientID(r), seen))
}

func (s *Service) resume(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	seen, err := readSeen(w, r)
	if err != nil {
		return err
	}
	return web.WriteDone(w, s.ResumeSeen(r.Context(), c, clientID(r), seen))
}

// readSeen reads which version of a client an administrator decides about;
// zero where the request does not say, or has no body.
func readSeen(w http.ResponseWriter, r *http.Request) (time.Time, error) {
	var in struct {
		ChangedAt time.Time `json:"changed_at"`
	}
	if r.ContentLength == 0 {
		return time.Time{}, nil
	}
	err := web.DecodeJSON(w, r, web.SmallBody, &in)
	return in.ChangedAt, err
}

type reasonJSON struct {
	Reason string `json:"reason"`
}

func (s *Service) reject(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	var in reasonJSON
	if err := web.DecodeJSON(w, r, web.SmallBody, &in); err != nil {
		return err
	}
	return web.WriteDone(w, s.Reject(r.Context(), c, clientID(r), in.Reason))
}

func (s *Service) suspend(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	var in reasonJSON
	if err := web.DecodeJSON(w, r, web.SmallBody, &in); err != nil {
		return err
	}
	return web.WriteDone(w, s.Suspend(r.Context(), c, clientID(r), in.Reason))
}
