package lametric_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/resourceserver/device"
)

const (
	basic       = "profile email"
	devicesPath = "api/v2/users/me/devices"
)

func TestDocumentedBodies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clock := w.addDevice("alice", "My LaMetric", "SA140100002200W00BS9")
	w.addDevice("bobby", "Bobby's", "SB01")
	w.clock.Advance(time.Hour)
	one := fmt.Sprintf("%s/%d", devicesPath, clock.ID)
	reader := w.holding("alice", "devices.read")
	for name, a := range map[string]reply{
		"user":        w.holding("alice", basic).get("api/v2/users/me"),
		"devices":     reader.get(devicesPath),
		"device":      reader.get(one),
		"renamed":     w.holding("alice", "devices.write").put(one, `{"name":"Device @ Work","serial_number":"ignored"}`),
		"icons_page":  w.nobody().get("api/v2/icons?page=1&page_size=2"),
		"icons_some":  w.nobody().get("api/v2/icons?page=0&page_size=3&fields=id,title,code,thumb&order=title"),
		"icons_ids":   w.nobody().get("api/v2/icons?fields=id&order=newest"),
		"icons_whole": w.nobody().get("api/v2/icons"),
	} {
		a.want(http.StatusOK).golden(name)
	}
	w.holding("alice", basic).get("api/v2/me").want(http.StatusOK).golden("user")
	w.holding("alice", basic).get("api/v2/me/").want(http.StatusOK).golden("user")
	reader.get(devicesPath + "/").want(http.StatusOK)
}

func TestDevicesPassTheStrictestReader(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.addDevice("alice", `Küche <1> "eins"`, "SA01")
	w.addDevice("alice", "Second", "SA02")
	if _, _, err := w.devices.Create(context.Background(), w.session("alice"), device.New{Name: "Never seen", SerialNumber: "SA03"}); err != nil {
		t.Fatal(err)
	}
	read := func(user, want string) {
		t.Helper()
		var list []map[string]any
		a := w.holding(user, "devices.read").get(devicesPath).want(http.StatusOK)
		a.decode(&list)
		var names []string
		serials := map[any]bool{}
		for _, fields := range list {
			strictDevice(t, fields)
			names = append(names, fields["name"].(string))
			serials[fields["serial_number"]] = true
		}
		if got := strings.Join(names, ", "); got != want || len(serials) != len(list) {
			t.Errorf("%s: got %q with %d serial numbers, want %q", user, got, len(serials), want)
		}
		if got := a.header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: got Cache-Control %q for LAN keys", user, got)
		}
	}
	read("alice", `Küche <1> "eins", Second, Never seen`)
	if a := w.holding("bobby", "devices.read").get(devicesPath).want(http.StatusOK); a.body != "[]" {
		t.Errorf("got %s, want an empty array", a.body)
	}
	w.addDevice("bobby", "In UTC", "SB01")
	read("bobby", "In UTC")
	w.devices.Sealer = nil // as --secrets=shown-once has it
	read("alice", `Küche <1> "eins", Second, Never seen`)
}

func TestAllDevicesComeInOneArray(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const n = domain.MaxPageLimit + 3
	for i := range n {
		d := domain.Device{Owner: w.users["alice"].ID.Owner(), OwnerName: "alice", Name: "Clock", SerialNumber: fmt.Sprintf("SA%06d", i), State: domain.DeviceNew, IPv4: domain.NeverSeen}
		if _, err := w.store.CreateDevice(context.Background(), w.session("alice"), d, func(domain.DeviceID, int64) []byte { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	var list []map[string]any
	w.holding("alice", "devices.read").get(devicesPath).want(http.StatusOK).decode(&list)
	if len(list) != n {
		t.Errorf("got %d devices, want all %d", len(list), n)
	}
}

func TestTheProfileCountsAndKeepsTheAddressForWhoMaySeeIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.addDevice("alice", "One", "SA01")
	w.addDevice("alice", "Two", "SA02")
	var user struct {
		ID      int64
		Email   string
		Name    string
		Devices int `json:"private_device_count"`
	}
	w.holding("alice", "profile").get("api/v2/users/me").want(http.StatusOK).decode(&user)
	if user.Email != "" || user.Name != "Alice Liddell" || user.Devices != 2 || user.ID != int64(w.users["alice"].ID) {
		t.Errorf("got %+v, want Alice Liddell with 2 devices and no address", user)
	}
	w.holding("alice", basic).get("api/v2/users/me").want(http.StatusOK).decode(&user)
	if user.Email != "alice@example.org" {
		t.Errorf("got the address %q", user.Email)
	}
}

// TestErrorBodies holds every error of the door against a golden file.
func TestErrorBodies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clock := w.addDevice("alice", "My LaMetric", "SA01")
	foreign := w.addDevice("bobby", "Bobby's", "SB01")
	one, other := fmt.Sprintf("%s/%d", devicesPath, clock.ID), fmt.Sprintf("%s/%d", devicesPath, foreign.ID)
	alice, nobody := w.holding("alice", "profile devices.*"), w.nobody()
	for _, test := range []struct {
		golden    string
		a         reply
		status    int
		challenge string
	}{
		{"unauthorized", nobody.get(devicesPath), 401, `Bearer realm="Thingward"`},
		{"unauthorized", w.bearer("nothing").get("api/v2/me"), 401, `Bearer realm="Thingward", error="invalid_token"`},
		{"unauthorized", w.bearer("nothing").put(one, `{}`), 401, `Bearer realm="Thingward", error="invalid_token"`},
		{"unauthorized", nobody.get(devicesPath + "?access_token=nothing"), 401, `Bearer realm="Thingward"`},
		{"unauthorized", nobody.send("POST", "api/v1/dev/widget/update/com.lametric.x/1", "", "{}"), 401, `Bearer realm="Thingward"`},
		{"insufficient_scope", w.holding("alice", basic).get(devicesPath), 403, `Bearer error="insufficient_scope", scope="devices_read"`},
		{"insufficient_scope", w.holding("alice", basic).get(one + "/"), 403, `Bearer error="insufficient_scope", scope="devices_read"`},
		{"insufficient_scope", w.holding("alice", "devices.write").get(one), 403, `Bearer error="insufficient_scope", scope="devices_read"`},
		{"insufficient_scope", w.holding("alice", "devices.read").put(one, `{"name":"x"}`), 403, `Bearer error="insufficient_scope", scope="devices_write"`},
		{"insufficient_scope", w.holding("alice", "devices.*").get("api/v2/users/me"), 403, `Bearer error="insufficient_scope", scope="basic"`},
		{"not_found", alice.get(other), 404, ""},
		{"not_found", alice.get(devicesPath + "/9999"), 404, ""},
		{"not_found", alice.get(devicesPath + "/SA01"), 404, ""},
		{"not_found", alice.put(other, `{"name":""}`), 404, ""},
		{"not_found", alice.get("api/v2/nothing"), 404, ""},
		{"not_found", nobody.get("content/icons/i99999.png"), 404, ""},
		{"no_name", alice.put(one, `{}`), 400, ""},
		{"no_name", alice.put(one, `{"name":7}`), 400, ""},
		{"no_name", alice.put(one, `{"name":null}`), 400, ""},
		{"empty_name", alice.put(one, `{"name":"  "}`), 400, ""},
		{"empty_name", alice.put(one, `{"name":"`+strings.Repeat("x", 61)+`"}`), 400, ""},
		{"empty_name", alice.put(one, `{"name":"a\nb"}`), 400, ""},
		{"bad_json", alice.put(one, `{"name":`), 400, ""},
		{"bad_json", alice.put(one, `null`), 400, ""},
		{"bad_json", alice.put(one, ``), 400, ""},
		{"bad_json", alice.put(one, `["x"]`), 400, ""},
		{"media_type", alice.send("PUT", one, "application/x-www-form-urlencoded", "name=x"), 415, ""},
		{"media_type", alice.send("PUT", one, "", `{"name":"x"}`), 415, ""},
		{"too_large", alice.put(one, `{"name":"`+strings.Repeat("x", 70_000)+`"}`), 413, ""},
		{"wrong_method", alice.send("DELETE", one, "", ""), 405, ""},
		{"wrong_method_list", alice.send("POST", devicesPath, "application/json", "{}"), 405, ""},
	} {
		test.a.want(test.status).golden("errors/" + test.golden)
		if got := test.a.header.Get("WWW-Authenticate"); got != test.challenge || len(test.a.header.Values("WWW-Authenticate")) > 1 {
			t.Errorf("%s: got the challenge %q, want %q", test.a.asked, test.a.header.Values("WWW-Authenticate"), test.challenge)
		}
		if got := test.a.header.Get("Content-Type"); got != "application/json; charset=UTF-8" {
			t.Errorf("%s: got the content type %q", test.a.asked, got)
		}
	}
	if got := alice.send("DELETE", one, "", "").header.Get("Allow"); got != "GET, HEAD, OPTIONS, PUT" {
		t.Errorf("got Allow %q", got)
	}
	if got := nobody.get("api/v2/me").body; got != `{"errors":[{"message":"Unauthorized"}]}` {
		t.Errorf("got %s: not a byte of it may change", got)
	}
	if after := alice.get(one).want(http.StatusOK).body; !strings.Contains(after, `"My LaMetric"`) {
		t.Errorf("a refused name was kept: %s", after)
	}
}

func TestARenamedDeviceIsRenamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clock := w.addDevice("alice", "My LaMetric", "SA01")
	one := fmt.Sprintf("%s/%d", devicesPath, clock.ID)
	w.holding("alice", "devices.write").send("PUT", one, "application/json; charset=utf-8", `{"name":"Device @ Work"}`).want(http.StatusOK)
	var found map[string]any
	w.holding("alice", "devices.read").get(one).want(http.StatusOK).decode(&found)
	strictDevice(t, found)
	if found["name"] != "Device @ Work" || found["serial_number"] != "SA01" {
		t.Errorf("got %v", found)
	}
	narrowed := w.holding("alice", fmt.Sprintf("devices.*:%d", clock.ID))
	narrowed.put(one, `{"name":"Narrow"}`).want(http.StatusOK)
	second := w.addDevice("alice", "Second", "SA02")
	narrowed.put(fmt.Sprintf("%s/%d", devicesPath, second.ID), `{"name":"Narrow"}`).want(http.StatusNotFound).golden("errors/not_found")
}

func TestBrowsersMayAskFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.nobody().send("OPTIONS", devicesPath, "", "", "Origin", "https://app.example", "Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "authorization").want(http.StatusNoContent)
	if got := a.header.Get("Access-Control-Allow-Headers"); !strings.Contains(got, "Authorization") {
		t.Errorf("got the allowed headers %q", got)
	}
}
