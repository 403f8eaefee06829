package pushapp

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// Routes are what the native API has of apps that are pushed to. Pushing
// itself is of the LaMetric door.
func (s *Service) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /api/v1/clients/{id}/push", Need: web.Scoped(domain.ScopeClientsRead), Handle: s.show},
		{Pattern: "POST /api/v1/clients/{id}/push-token", Need: web.Scoped(domain.ScopeAccount), Handle: s.rotate},
	}
}

type pushJSON struct {
	Package  string          `json:"package"`
	URL      string          `json:"push_url"`
	Version  string          `json:"version"`
	Frames   json.RawMessage `json:"frames"`
	PushedAt *time.Time      `json:"pushed_at"`
}

type tokenJSON struct {
	Package string `json:"package"`
	URL     string `json:"push_url"`
	Token   string `json:"token"`
}

func clientID(r *http.Request) domain.ClientID { return domain.ClientID(r.PathValue("id")) }

func (s *Service) show(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	app, err := s.Find(r.Context(), c, clientID(r))
	if err != nil {
		return err
	}
	shown := pushJSON{Package: FullName(app), URL: s.URL(app), Version: app.Version, Frames: json.RawMessage("[]")}
	if app.Frames != "" {
		shown.Frames = json.RawMessage(app.Frames)
	}
	if !app.PushedAt.IsZero() {
		shown.PushedAt = &app.PushedAt
	}
	return web.WriteJSON(w, http.StatusOK, shown)
}

func (s *Service) rotate(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	app, token, err := s.RotateToken(r.Context(), c, clientID(r))
	if err != nil {
		return err
	}
	web.NotKept(w)
	return web.WriteJSON(w, http.StatusOK, tokenJSON{FullName(app), s.URL(app), token.Reveal()})
}
