package app

import (
	_ "embed"
	"net/http"
	"slices"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/portal"
	"github.com/thingward/thingward/internal/web"
	"github.com/thingward/thingward/internal/wotkit"
)

//go:embed openapi.yaml
var openAPI []byte

// doors returns every door with every route there is.
func (s *server) doors() []*web.Door {
	door := &wotkit.Door{Sensors: s.sensors, Readings: s.readings, Tokens: s.tokens, NoQueryTokens: s.config.WotkitQuery == "off", Now: Now}
	pages := &portal.Portal{Accounts: s.accounts, Keys: s.keys, Connections: s.consents, Clients: s.clients, Authorize: s.authorizer, Devices: s.devices, Applications: s.applications, Gateways: s.gateways, Components: s.components, Recovery: s.recovery, Mails: s.mails, Sensors: s.sensors, Readings: s.readings, Collaborators: s.collaborators,
		PublicURL: s.config.baseURL(), SignUp: portal.SignUp(s.config.SignUp), InsecureHTTP: s.config.InsecureHTTP, Version: Version(), Now: Now, Log: s.log}
	doors := []*web.Door{s.healthDoor(), s.apiDoor(), s.oauthDoor(), s.metadataDoor(), door.Web(), door.TokenDoor(), s.lametricDoor(), s.lametricTokenDoor(), pages.Web()}
	return append(doors, s.ttnDoors()...)
}

// apiDoor is the native API: the routes of all slices.
func (s *server) apiDoor() *web.Door {
	document := web.Route{Pattern: "GET /api/v1/openapi.yaml", Need: web.Public(), Handle: serveOpenAPI}
	routes := slices.Concat([]web.Route{document}, s.accounts.Routes(), s.keys.Routes(), s.clients.Routes(), s.consents.Routes(), s.sensors.Routes(), s.readings.Routes(), s.devices.Routes(), s.pushApps.Routes(),
		s.applications.Routes(), s.gateways.Routes(), s.components.Routes(), s.collaborators.Routes())
	return &web.Door{Name: "api", Prefix: "/api/v1/", Routes: routes, Accepts: web.Accepts{Sessions: true},
		WriteError: web.WriteProblem, Wrap: web.AnyOrigin}
}

func serveOpenAPI(w http.ResponseWriter, _ *http.Request, _ domain.Caller) error {
	return web.WriteBytes(w, http.StatusOK, "application/yaml", openAPI)
}

// healthDoor answers whether the process lives and what it lacks.
func (s *server) healthDoor() *web.Door {
	return &web.Door{Name: "health", WriteError: web.WriteProblem, Routes: []web.Route{
		{Pattern: "GET /healthz", Need: web.Public(), Handle: alive},
		{Pattern: "GET /readyz", Need: web.Public(), Handle: s.ready},
	}}
}

func alive(w http.ResponseWriter, _ *http.Request, _ domain.Caller) error {
	return web.WriteBytes(w, http.StatusOK, "text/plain; charset=utf-8", []byte("ok\n"))
}

func (s *server) ready(w http.ResponseWriter, r *http.Request, _ domain.Caller) error {
	checks := map[string]string{"database": "ok"}
	status := http.StatusOK
	if err := s.store.Ping(r.Context()); err != nil {
		s.log.Error("not ready", "error", err)
		checks["database"], status = "does not answer", http.StatusServiceUnavailable
	}
	return web.WriteJSON(w, status, map[string]any{"ready": status == http.StatusOK, "checks": checks})
}
