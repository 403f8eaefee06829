package gateway

import (
	"net/http"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/web"
)

// Routes are the gateways of the native API. Everybody may ask for one that
// lets something of itself be known, and for the frequency plans.
func (s *Service) Routes() []web.Route {
	read, write := web.Scoped(domain.ScopeGatewaysRead), web.Scoped(domain.ScopeGatewaysWrite)
	return []web.Route{
		{Pattern: "GET /api/v1/gateways", Need: read, Handle: s.list},
		{Pattern: "POST /api/v1/gateways", Need: write, Handle: s.create},
		{Pattern: "GET /api/v1/gateways/{gateway}", Need: web.Public(), Handle: s.show},
		{Pattern: "PATCH /api/v1/gateways/{gateway}", Need: write, Handle: s.change},
		{Pattern: "DELETE /api/v1/gateways/{gateway}", Need: write, Handle: s.remove},
		{Pattern: "POST /api/v1/gateways/{gateway}/restore", Need: write, Handle: s.restore},
		{Pattern: "GET /api/v1/gateways/{gateway}/rights", Need: read, Handle: s.rights},
		{Pattern: "GET /api/v1/gateways/{gateway}/key", Need: write, Handle: s.key},
		{Pattern: "POST /api/v1/gateways/{gateway}/rotate-key", Need: write, Handle: s.rotate},
		{Pattern: "GET /api/v1/frequency-plans", Need: web.Public(), Handle: s.plans},
		{Pattern: "GET /api/v1/frequency-plans/{plan}", Need: web.Public(), Handle: s.plan},
	}
}

type gatewayJSON struct {
	ID               string            `json:"id"`
	Owner            string            `json:"owner,omitempty"`
	FrequencyPlan    string            `json:"frequency_plan"`
	FrequencyPlanURL string            `json:"frequency_plan_url"`
	Antenna          *antennaJSON      `json:"antenna"`
	Attributes       map[string]string `json:"attributes"`
	Router           string            `json:"router"`
	FallbackRouters  []string          `json:"fallback_routers"`
	LocationPublic   bool              `json:"location_public"`
	StatusPublic     bool              `json:"status_public"`
	OwnerPublic      bool              `json:"owner_public"`
	AutoUpdate       bool              `json:"auto_update"`
	BetaUpdates      bool              `json:"beta_updates"`
	ActivatedAt      *time.Time        `json:"activated_at"`
	CreatedAt        time.Time         `json:"created_at"`
	ChangedAt        *time.Time        `json:"updated_at,omitempty"`
	DeletedAt        *time.Time        `json:"deleted_at,omitempty"`
	Key              string            `json:"key,omitempty"` // in the answer that made the gateway
}

// antennaJSON is where a gateway stands: exactly and with its altitude, or
// rounded to two decimals for who must not know better.
type antennaJSON struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
	Altitude  *int32  `json:"altitude,omitempty"`
	Rounded   bool    `json:"rounded,omitempty"`
}

func (s *Service) asJSON(c domain.Caller, g domain.Gateway) gatewayJSON {
	out := gatewayJSON{ID: g.Name, Owner: g.OwnerName, FrequencyPlan: g.FrequencyPlan, FrequencyPlanURL: s.PlanURL(g.FrequencyPlan), Attributes: g.Attributes,
		Router: g.Router, FallbackRouters: g.FallbackRouters, LocationPublic: g.LocationPublic, StatusPublic: g.StatusPublic, OwnerPublic: g.OwnerPublic,
		AutoUpdate: g.AutoUpdate, BetaUpdates: g.BetaUpdates, ActivatedAt: web.Moment(g.ActivatedAt), CreatedAt: g.CreatedAt, ChangedAt: web.Moment(g.ChangedAt), DeletedAt: web.Moment(g.DeletedAt)}
	if out.FallbackRouters == nil {
		out.FallbackRouters = []string{}
	}
	if g.Antenna != nil {
		out.Antenna = &antennaJSON{Latitude: g.Antenna.Latitude, Longitude: g.Antenna.Longitude}
		if SeesPlace(c, g) {
			out.Antenna.Altitude = &g.Antenna.Altitude
		} else {
			out.Antenna.Rounded = true
		}
	}
	return out
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
	return web.WriteList(w, r, listed, func(g domain.Gateway) gatewayJSON { return s.asJSON(c, g) })
}

func (s *Service) create(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	var in gatewayBody
	if err := web.DecodeJSON(w, r, web.SmallBody, &in); err != nil {
		return err
	}
	wanted, err := in.wanted()
	if err != nil {
		return err
	}
	made, key, err := s.Create(r.Context(), c, wanted)
	if err != nil {
		return err
	}
	web.NotKept(w)
	w.Header().Set("Location", "/api/v1/gateways/"+made.Name)
	out := s.asJSON(c, Seen(c, made))
	out.Key = key.Reveal()
	return web.WriteJSON(w, http.StatusCreated, out)
}

func (s *Service) show(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	gateway, err := s.Find(r.Context(), c, r.PathValue("gateway"))
	return s.answer(w, c, gateway, err)
}

func (s *Service) answer(w http.ResponseWriter, c domain.Caller, gateway domain.Gateway, err error) error {
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, s.asJSON(c, gateway))
}

func (s *Service) change(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	// Who may not change the gateway learns nothing of the body's faults.
	if _, err := s.Finder.Gateway(r.Context(), c, r.PathValue("gateway"), domain.GatewaySettings); err != nil {
		return err
	}
	var in gatewayBody
	if err := web.DecodeJSON(w, r, web.SmallBody, &in); err != nil {
		return err
	}
	edit, err := in.edit(r.PathValue("gateway"))
	if err != nil {
		return err
	}
	changed, err := s.Edit(r.Context(), c, r.PathValue("gateway"), edit)
	return s.answer(w, c, changed, err)
}

func (s *Service) remove(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return web.WriteDone(w, s.Delete(r.Context(), c, r.PathValue("gateway")))
}

func (s *Service) restore(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	restored, err := s.Restore(r.Context(), c, r.PathValue("gateway"))
	return s.answer(w, c, restored, err)
}

func (s *Service) rights(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	rights, err := s.Rights(r.Context(), c, r.PathValue("gateway"))
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, map[string][]string{"rights": rights.Names()})
}

func (s *Service) key(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	key, err := s.Key(r.Context(), c, r.PathValue("gateway"))
	return writeKey(w, key, err)
}

func (s *Service) rotate(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	key, err := s.RotateKey(r.Context(), c, r.PathValue("gateway"))
	return writeKey(w, key, err)
}

func writeKey(w http.ResponseWriter, key secret.Secret, err error) error {
	if err != nil {
		return err
	}
	web.NotKept(w)
	return web.WriteJSON(w, http.StatusOK, map[string]string{"key": key.Reveal()})
}

type planJSON struct {
	ID            string `json:"id"`
	Name          string `json:"name"`
	Description   string `json:"description"`
	URL           string `json:"url"`
	BaseFrequency int    `json:"base_freq"` // MHz
}

func (s *Service) planJSON(p domain.FrequencyPlan) planJSON {
	return planJSON{p.ID, p.Name, p.Description, s.PlanURL(p.ID), p.BaseFrequency}
}

func (s *Service) plans(w http.ResponseWriter, _ *http.Request, _ domain.Caller) error {
	items := []planJSON{}
	for _, plan := range domain.FrequencyPlans() {
		items = append(items, s.planJSON(plan))
	}
	return web.WriteJSON(w, http.StatusOK, map[string]any{"items": items})
}

func (s *Service) plan(w http.ResponseWriter, r *http.Request, _ domain.Caller) error {
	plan, err := domain.FindFrequencyPlan(r.PathValue("plan"))
	if err != nil {
		return domain.Errorf(domain.NotFound, "frequency_plan_not_found", "%s", err)
	}
	return web.WriteJSON(w, http.StatusOK, s.planJSON(plan))
}
