package acceptance

import (
	"fmt"
	"image"
	_ "image/gif" // what icons that move are encoded as
	_ "image/png" // what the others are
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/thingward/thingward/internal/app"
)

// lametricDevice is a device as the native API shows it.
type lametricDevice struct {
	ID     int
	Name   string
	LANKey string `json:"lan_key"`
}

// makeDevice adds a device of the caller's.
func (c client) makeDevice(name, serial string) lametricDevice {
	c.t.Helper()
	var made lametricDevice
	c.post("/api/v1/devices", map[string]any{"name": name, "serial_number": serial, "state": "configured", "ipv4_internal": "192.168.0.17",
		"mac": "58:63:56:10:D6:30", "wifi_ssid": "homewifi", "model": "LM 37X8"}).want(http.StatusCreated).decode(&made)
	c.s.keep(made.LANKey, "the LAN key of "+name)
	return made
}

var lanKeyDigits = regexp.MustCompile(`^[0-9a-f]{64}$`)

// TestAHomeFindsItsClocks walks what a program for a home does: it reads the
// profile, lists the devices, and renames one.
func TestAHomeFindsItsClocks(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice, bob := s.signUp(t, "alice"), s.signUp(t, "bob")
		clock := alice.makeDevice("My LaMetric", "SA140100002200W00BS9")
		foreign := bob.makeDevice("Bob's", "SB01")
		home := alice.withKey("profile", "email", "devices.read", "devices.write")
		for _, path := range []string{"/lametric/api/v2/users/me", "/lametric/api/v2/me", "/lametric/api/v2/me/"} {
			var user map[string]any
			home.get(path).want(http.StatusOK).decode(&user)
			if user["email"] != "alice@example.org" || user["private_device_count"] != 1.0 || user["apps_count"] != 0.0 {
				t.Errorf("%s: got %v", path, user)
			}
		}
		var list []map[string]any
		home.get("/lametric/api/v2/users/me/devices").want(http.StatusOK).decode(&list)
		if len(list) != 1 || list[0]["id"] != float64(clock.ID) || list[0]["api_key"] != clock.LANKey || !lanKeyDigits.MatchString(clock.LANKey) || len(list[0]) != 10 {
			t.Errorf("got %d devices of %d fields, want alice's clock with all ten and its LAN key", len(list), len(list[0]))
		}
		one := fmt.Sprintf("/lametric/api/v2/users/me/devices/%d", clock.ID)
		if a := home.put(one, `{"name":"Device @ Work"}`).want(http.StatusOK); string(a.body) != fmt.Sprintf(`{"success":{"id":%d,"name":"Device @ Work"}}`, clock.ID) {
			t.Errorf("got %s", a.body)
		}
		if a := home.get(one).want(http.StatusOK); !a.contains(`"name":"Device @ Work"`) {
			t.Errorf("got %s", a.body)
		}
		other := fmt.Sprintf("/lametric/api/v2/users/me/devices/%d", foreign.ID)
		unknown := home.get("/lametric/api/v2/users/me/devices/99999").want(http.StatusNotFound)
		if a := home.get(other).want(http.StatusNotFound); string(a.body) != string(unknown.body) {
			t.Errorf("somebody else's device answers %s, an unknown one %s", a.body, unknown.body)
		}
		if a := s.anonymous(t).get(one).want(http.StatusUnauthorized); string(a.body) != `{"errors":[{"message":"Unauthorized"}]}` || a.header.Get("Content-Type") != "application/json; charset=UTF-8" {
			t.Errorf("got %q %s: not a byte of it may change", a.header.Get("Content-Type"), a.body)
		}
	})
}

func TestADeviceKeyReachesNoFurtherThanItsScopes(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		first, second := alice.makeDevice("First", "SA01"), alice.makeDevice("Second", "SA02")
		one, two := fmt.Sprintf("/api/v1/devices/%d", first.ID), fmt.Sprintf("/api/v1/devices/%d", second.ID)
		for _, made := range []string{"", "read", "write"} {
			scope := "devices." + made
			if made == "" {
				scope = fmt.Sprintf("devices.read:%d", second.ID)
			}
			c := alice.withKey(scope)
			list := c.get("/api/v1/devices")
			switch made {
			case "":
				var page struct{ Items []lametricDevice }
				list.want(http.StatusOK).decode(&page)
				if len(page.Items) != 1 || page.Items[0] != second {
					t.Errorf("%s: got %d devices, want the second alone", scope, len(page.Items))
				}
				c.get(one).wantCode(http.StatusNotFound, "device_not_found")
				c.get(two).want(http.StatusOK)
				var bare []map[string]any
				c.get("/lametric/api/v2/users/me/devices").want(http.StatusOK).decode(&bare)
				if len(bare) != 1 {
					t.Errorf("%s: the door lists %d devices, want one", scope, len(bare))
				}
			case "read":
				list.want(http.StatusOK)
				c.patch(one, `{"name":"No"}`).wantCode(http.StatusForbidden, "insufficient_scope")
				c.post(one+"/rotate-lan-key", `{}`).wantCode(http.StatusForbidden, "insufficient_scope")
				c.delete(one).wantCode(http.StatusForbidden, "insufficient_scope")
			case "write":
				list.wantCode(http.StatusForbidden, "insufficient_scope")
				if a := c.patch(one, `{"name":"Renamed"}`).want(http.StatusOK); a.contains(first.LANKey) || a.contains("homewifi") || !a.contains("Renamed") {
					t.Errorf("a credential that may not read devices is told %s", a.body)
				}
				c.post(one+"/rotate-lan-key", `{}`).wantCode(http.StatusForbidden, "insufficient_scope")
			}
		}
		both := alice.withKey("devices.*")
		var rotated lametricDevice
		both.post(one+"/rotate-lan-key", `{}`).want(http.StatusOK).decode(&rotated)
		s.keep(rotated.LANKey, "a new LAN key")
		if rotated.LANKey == first.LANKey || !lanKeyDigits.MatchString(rotated.LANKey) {
			t.Error("the new LAN key is the old one, or none")
		}
		both.post("/api/v1/devices", `{"name":"Twice","serial_number":"SA02"}`).wantCode(http.StatusConflict, "serial_number_taken")
		both.post("/api/v1/devices", `{"name":"Mine","serial_number":"SA03","owner":"bob"}`).wantCode(http.StatusBadRequest, "unknown_field")
		both.patch(one, `{"serial_number":"SA99"}`).wantCode(http.StatusBadRequest, "invalid_serial_number")
		both.delete(one).want(http.StatusNoContent)
		both.get(one).wantCode(http.StatusNotFound, "device_not_found")
		if a := alice.get("/api/v1/users/me/audit?limit=100").want(http.StatusOK); strings.Count(string(a.body), "device.view") < 2 || !a.contains("device.rotate") {
			t.Errorf("the activity tells nothing of shown LAN keys: %.600s", a.body)
		}
	})
}

func TestAServerThatKeepsNoSecretsMasksLANKeys(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		made := alice.makeDevice("Clock", "SA01")
		zeros := strings.Repeat("0", 64)
		if made.LANKey == zeros || !lanKeyDigits.MatchString(made.LANKey) {
			t.Error("the LAN key is not shown where it is made")
		}
		for _, path := range []string{"/api/v1/devices", fmt.Sprintf("/api/v1/devices/%d", made.ID), "/lametric/api/v2/users/me/devices"} {
			if a := alice.withKey("devices.read").get(path).want(http.StatusOK); a.contains(made.LANKey) || !a.contains(zeros) {
				t.Errorf("%s: got %s, want zeros for the LAN key", path, a.body)
			}
		}
	}, func(c *app.Config) { c.Secrets = "shown-once" })
}

func TestIconsNeedNoCredentialAndMindNone(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		var icons struct {
			Meta map[string]int
			Data []struct {
				Code, URL string
				Thumb     map[string]string
			}
		}
		bearer := s.anonymous(t).with("Authorization", "Bearer whatever-it-was")
		bearer.get("/lametric/api/v2/icons?page=0&page_size=5000&fields=id,title,code,thumb,url&order=popular").want(http.StatusOK).decode(&icons)
		if icons.Meta["page_count"] != 1 || icons.Meta["total_icon_count"] != len(icons.Data) || len(icons.Data) < 24 {
			t.Fatalf("got %v and %d icons", icons.Meta, len(icons.Data))
		}
		for _, icon := range icons.Data[:4] {
			for _, address := range []string{icon.URL, icon.Thumb["xlarge"]} {
				path := strings.TrimPrefix(address, s.config.PublicURL)
				if _, _, err := image.Decode(strings.NewReader(string(bearer.get(path).want(http.StatusOK).body))); err != nil {
					t.Errorf("%s: %v", path, err)
				}
			}
		}
	})
}

func TestTheLaMetricDoorHasAHostNameOfItsOwn(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		ask := func(path, host string) string {
			t.Helper()
			request, err := http.NewRequest("GET", s.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Host = host
			response, err := s.anonymous(t).http.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			return response.Status + " " + string(body)
		}
		for path, want := range map[string]string{
			"/api/v2/icons?page_size=1": "200 OK", "/content/icons/i2.png": "200 OK", "/api/v2/me": `{"errors":[{"message":"Unauthorized"}]}`,
			"/api/v2/oauth2/token": `"errors":`, "/api/v1/devices": `"Not found"`, "/lametric/api/v2/icons": "200 OK", "/login": "<!doctype html>",
		} {
			if got := ask(path, "developer.example"); !strings.Contains(got, want) {
				t.Errorf("%s: got %.300q, want %s", path, got, want)
			}
		}
		if got := ask("/api/v2/icons", "elsewhere.example"); !strings.Contains(got, "404") {
			t.Errorf("on the main host: got %.200q", got)
		}
	}, func(c *app.Config) { c.LametricHost = "developer.example" })
}

func TestAnAppIsPushedToWithItsToken(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		var made struct {
			ID string `json:"client_id"`
		}
		alice.post("/api/v1/clients", map[string]any{"name": "Clock app", "description": "Shows the weather", "kind": "lametric",
			"redirect_uris": []string{"https://app.example/callback"}}).want(http.StatusCreated).decode(&made)
		var push struct {
			Package, Token string
			URL            string `json:"push_url"`
		}
		path := "/api/v1/clients/" + made.ID
		alice.get(path+"/push").wantCode(http.StatusNotFound, "push_app_not_found")
		alice.withKey("clients.*").post(path+"/push-token", `{}`).wantCode(http.StatusForbidden, "insufficient_scope")
		alice.post(path+"/push-token", `{}`).want(http.StatusOK).decode(&push)
		s.keep(push.Token, "a push token")
		target := strings.TrimPrefix(push.URL, s.config.PublicURL)
		program := s.anonymous(t).with("X-Access-Token", push.Token)
		program.form(target, `{"frames":[{"text":"21 °C","icon":"i7"}]}`).want(http.StatusOK)
		if a := alice.get(path + "/push").want(http.StatusOK); !a.contains(`"frames":[{"text":"21 °C","icon":"i7"}]`) || !a.contains(push.Package) {
			t.Errorf("got %s", a.body)
		}
		s.anonymous(t).with("X-Access-Token", "x"+push.Token).form(target, `{"frames":[{"text":"x"}]}`).want(http.StatusUnauthorized)
		alice.delete(path).want(http.StatusNoContent)
		program.form(target, `{"frames":[{"text":"x"}]}`).want(http.StatusUnauthorized)
	})
}
