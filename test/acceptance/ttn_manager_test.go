package acceptance

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/thingward/thingward/internal/app"
)

// managerOn gives a server an address for the application manager alone, and
// a host name for the door of that network.
func managerOn(t *testing.T) func(*app.Config) {
	t.Helper()
	return func(c *app.Config) {
		c.TTNHandler, c.TTNHost = freeAddress(t), "account.thethingsnetwork.example"
	}
}

// mount is where programs reach a door: at another root, and by a host name
// where there is one.
type mount struct {
	t          testing.TB
	c          client
	root, host string
}

func (m mount) send(method, path, token, body string) answer {
	m.t.Helper()
	request, err := http.NewRequest(method, m.root+path, strings.NewReader(body))
	if err != nil {
		m.t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if request.Header.Set("Content-Type", "application/json"); m.host != "" {
		request.Host = m.host
	}
	response, err := m.c.http.Do(request)
	if err != nil {
		m.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		m.t.Fatal(err)
	}
	return answer{t: m.t, about: method + " " + path, status: response.StatusCode, header: response.Header, body: text}
}

// TestTheApplicationManagerIsTheSameEverywhere asks below /ttn/handler, at the
// root of its own address and at the root of the host name, with the same
// credentials: the token that names the application may, no other.
func TestTheApplicationManagerIsTheSameEverywhere(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		login := alice.ttnctlLogin().Access
		main := s.ttn(t, login)
		for _, id := range []string{"apitest", "other"} {
			main.post("/ttn/api/v2/applications", map[string]any{"id": id, "name": id, "euis": nil}).want(http.StatusCreated)
		}
		main.post("/ttn/api/v2/gateways", map[string]any{"id": "mygtw", "frequency_plan": "EU_863_870"}).want(http.StatusCreated)
		token := main.ttnRestricted("apps:apitest", "gateways:mygtw")
		own, host := mount{t, main, "http://" + s.config.TTNHandler, ""}, mount{t, main, s.URL, s.config.TTNHost}
		var before []string
		for name, m := range map[string]mount{"/ttn/handler": {t, main, s.URL + "/ttn/handler", ""}, "an address": own, "a host name": host} {
			var bodies []string
			for _, step := range []struct {
				method, path, token, body string
				status                    int
				exactly                   string
			}{
				{"POST", "/applications", token, `{"app_id":"apitest"}`, 200, `{}`},
				{"POST", "/applications", token, `{"app_id":"apitest"}`, 409, ""},
				{"POST", "/applications", token, `{"app_id":"other"}`, 403, ""},
				{"POST", "/applications", login, `{"app_id":"apitest"}`, 403, ""},
				{"POST", "/applications", "", `{"app_id":"apitest"}`, 401, ""},
				{"GET", "/applications/apitest/devices", token, "", 200, `{}`},
				{"PUT", "/applications/apitest/devices/weather", token, `{"app_id":"apitest","dev_id":"weather","lorawan_device":{"app_eui":"70B3D57EF0000000","dev_eui":"0011223344556677"}}`, 200, `{}`},
				{"GET", "/applications/apitest/devices/weather", token, "", 200, ""},
				{"GET", "/applications", token, "", 405, "Method Not Allowed\n"},
				{"GET", "/applications/", "", "", 405, "Method Not Allowed\n"},
				{"GET", "/applications/apitest/nothing", token, "", 404, ""},
				{"DELETE", "/applications/apitest", token, "", 200, `{}`},
			} {
				a := m.send(step.method, step.path, step.token, step.body)
				if a.status != step.status || step.exactly != "" && string(a.body) != step.exactly {
					t.Errorf("%s: %s: got %d %s, want %d %s", name, a.about, a.status, a.body, step.status, step.exactly)
				}
				bodies = append(bodies, string(a.body))
			}
			if before != nil && !slices.Equal(before, bodies) {
				t.Errorf("%s answers %q, another mount %q", name, bodies, before)
			}
			before = bodies
		}
		for _, path := range []string{"/", "/login", "/api/v1/openapi.yaml", "/ttn/handler/applications", "/ttn/key", "/key", "/api/v2/frequency-plans", "/healthz", "/oauth/token"} {
			own.send("GET", path, "", "").want(http.StatusNotFound)
		}
		for path, status := range map[string]int{"/key": 200, "/api/v2/frequency-plans": 200, "/api/v2/applications": 401, "/login": 200, "/api/v1/openapi.yaml": 200, "/keys": 303} {
			host.send("GET", path, "", "").want(status)
		}
	}, managerOn(t))
}

// TestATokenOfTheManagerIsMisused: what a program was given for one
// application opens neither the account nor another one.
func TestATokenOfTheManagerIsMisused(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		main := s.ttn(t, alice.ttnctlLogin().Access)
		main.post("/ttn/api/v2/applications", `{"id":"apitest","name":"x"}`).want(http.StatusCreated)
		main.post("/ttn/api/v2/applications", `{"id":"other","name":"x"}`).want(http.StatusCreated)
		thief := s.ttn(t, main.ttnRestricted("apps:apitest"))
		thief.post("/ttn/handler/applications", `{"app_id":"apitest"}`).want(http.StatusOK)
		for path, status := range map[string]int{
			"GET /ttn/api/v2/users/me": 403, "GET /ttn/api/v2/clients": 403, "GET /ttn/api/v2/gateways": 403, "GET /ttn/api/v2/components": 403,
			"GET /ttn/api/v2/applications/other": 404, "DELETE /ttn/api/v2/applications/other": 404, "POST /ttn/api/v2/applications": 403,
			"GET /ttn/handler/applications/other": 403, "GET /ttn/handler/applications/unknown": 403, "GET /api/v1/applications/other": 404,
			"POST /ttn/users/restrict-token": 403,
		} {
			method, path, _ := strings.Cut(path, " ")
			body := ""
			if method == "POST" {
				body = `{"id":"third","name":"x","scope":["apps:other"]}`
			}
			thief.send(method, path, "application/json", body).want(status)
		}
		main.delete("/ttn/api/v2/applications/apitest").want(http.StatusNoContent)
		thief.get("/ttn/handler/applications/apitest").want(http.StatusForbidden)
		thief.get("/ttn/api/v2/applications/apitest").want(http.StatusNotFound)
	})
}
