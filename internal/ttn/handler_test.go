package ttn_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/resourceserver/application"
)

const manager = "handler/applications"

func newApplication(name string) application.New { return application.New{Name: name} }

// device is an end device as programs send it.
func device(id string, number int) string {
	return fmt.Sprintf(`{"app_id":"apitest","dev_id":"%s","lorawan_device":{"app_id":"apitest","dev_id":"%s","app_eui":"70B3D57EF0000000","dev_eui":"%016X"}}`, id, id, number)
}

// managed is alice's registered application and her token for it.
func (n *network) managed() program {
	n.t.Helper()
	alice, _ := n.story("")
	one := alice.restricted("apps:apitest")
	one.post(manager, `{"app_id":"apitest"}`).want(http.StatusOK)
	return one
}

func TestTheApplicationManagerAnswersAsDocumented(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	alice, bobby := n.story("")
	alice.post(applications, `{"id":"other","name":"Other"}`).want(http.StatusCreated)
	one := alice.restricted("apps:apitest")
	const app, devices = manager + "/apitest", manager + "/apitest/devices"
	full := `{"app_id":"apitest","dev_id":"weather","description":"On the roof","latitude":52.375,"longitude":4.887,"altitude":12,"attributes":{"key":"value"},
		"lorawan_device":{"app_eui":"70b3d57ef0000000","app_id":"apitest","dev_id":"weather","dev_eui":"0001020304050607","dev_addr":"26001122","app_key":"01020304050607080102030405060708",
		"app_s_key":"11020304050607080102030405060708","nwk_s_key":"21020304050607080102030405060708","f_cnt_up":3,"f_cnt_down":"4","disable_f_cnt_check":true,"uses32_bit_f_cnt":true,
		"activation_constraints":"OTAA,local","last_seen":1478000000000000001}}`
	for _, step := range []struct {
		name string
		got  reply
		want int
	}{
		{"not_registered", one.get(app), 404},
		{"not_registered_devices", one.get(devices), 404},
		{"not_registered_device", one.post(devices, device("weather", 1)), 404},
		{"not_registered_set", one.put(app, `{"app_id":"apitest"}`), 404},
		{"not_registered_removed", one.remove(app), 404},
		{"registered", one.post(manager, `{"app_id":"apitest"}`), 200},
		{"registered_twice", one.post(manager, `{"app_id":"apitest"}`), 409},
		{"application", one.get(app), 200},
		{"set", one.put(app, `{"app_id":"apitest","decoder":"function Decoder(b) { return {}; }"}`), 200},
		{"application_custom", one.get(app), 200},
		{"set_cayenne", one.post(app, `{"payload_format":"cayennelpp"}`), 200},
		{"application_cayenne", one.get(app), 200},
		{"set_unknown_format", one.put(app, `{"payload_format":"morse"}`), 400},
		{"set_other_id", one.put(app, `{"app_id":"other"}`), 400},
		{"no_devices", one.get(devices), 200},
		{"device_set", one.post(devices, full), 200},
		{"device", one.get(devices + "/weather"), 200},
		{"device_set_again", one.put(devices+"/weather", device("weather", 2)), 200},
		{"device_least", one.get(devices + "/weather"), 200},
		{"devices", one.get(devices), 200},
		{"device_euis_taken", one.post(devices, device("second", 2)), 409},
		{"device_second", one.put(devices, device("second", 3)), 200},
		{"devices_limit", one.get(devices + "?limit=1"), 200},
		{"devices_offset", one.get(devices + "?offset=1"), 200},
		{"devices_beyond", one.get(devices + "?offset=7&limit=2"), 200},
		{"devices_bad_limit", one.get(devices + "?limit=x"), 400},
		{"devices_bad_offset", one.get(devices + "?offset=-1"), 400},
		{"device_without_lorawan", one.post(devices, `{"app_id":"apitest","dev_id":"third"}`), 400},
		{"device_without_id", one.post(devices, `{"lorawan_device":{"app_eui":"70B3D57EF0000000","dev_eui":"0000000000000001"}}`), 400},
		{"device_other_id", one.put(devices+"/weather", device("second", 9)), 400},
		{"device_other_app", one.put(devices+"/weather", strings.ReplaceAll(device("weather", 2), "apitest", "other")), 400},
		{"device_bad_eui", one.put(devices+"/weather", strings.ReplaceAll(device("weather", 2), "70B3D57EF0000000", "70B3")), 400},
		{"device_bad_number", one.put(devices+"/weather", strings.ReplaceAll(device("weather", 2), `"app_eui"`, `"f_cnt_up":-1,"app_eui"`)), 400},
		{"device_bad_id", one.put(devices+"/"+strings.Repeat("a", 71), device(strings.Repeat("a", 71), 5)), 400},
		{"device_no_json", one.post(devices, `{`), 400},
		{"device_too_large", one.post(devices, `{"description":"`+strings.Repeat("x", 70<<10)+`"}`), 413},
		{"device_unknown", one.get(devices + "/unknown"), 404},
		{"device_removed", one.remove(devices + "/second"), 200},
		{"device_removed_twice", one.remove(devices + "/second"), 404},
		{"bad_id", one.get(manager + "/" + strings.Repeat("a", 71)), 400},
		{"register_without_id", one.post(manager, `{}`), 400},
		{"nobody", n.nobody().get(app), 401},
		{"bad_token", n.bearer("nonsense").get(app), 401},
		{"bad_key", n.key(keyIssuer + ".xxx").get(app), 401},
		{"key_without_issuer", n.key("xxx").get(app), 401},
		{"main_token", alice.get(app), 403},
		{"general_token", alice.restricted("apps").get(app), 403},
		{"other_application", one.get(manager + "/other"), 403},
		{"other_application_registered_not", one.post(manager, `{"app_id":"other"}`), 403},
		{"unknown_application", one.get(manager + "/unknown"), 403},
		{"gateway_token", alice.restricted("gateways").get(app), 403},
		{"stranger", bobby.get(app), 403},
		{"no_list", one.get(manager), 405},
		{"no_patch", one.patch(app, `{}`), 405},
		{"no_path", one.get("handler/discovery"), 404},
		{"unregistered", one.remove(app), 200},
		{"unregistered_twice", one.remove(app), 404},
		{"registered_again", one.post(manager, `{"app_id":"apitest"}`), 200},
		{"devices_are_gone", one.get(devices), 200},
	} {
		step.got.want(step.want).like("handler/" + step.name + ".txt")
	}
}

// TestSuccessIsTwoBytes, because programs compare them.
func TestSuccessIsTwoBytes(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	one := n.managed()
	one.get(manager + "/apitest/devices").want(http.StatusOK).exactly("{}")
	one.post(manager+"/apitest/devices", device("weather", 1)).want(http.StatusOK).exactly("{}")
	one.put(manager+"/apitest", `{}`).want(http.StatusOK).exactly("{}")
	one.remove(manager + "/apitest/devices/weather").want(http.StatusOK).exactly("{}")
	one.remove(manager + "/apitest").want(http.StatusOK).exactly("{}")
}

// TestRightsComeBeforeExistence: whoever lacks a right learns nothing of what
// is there, neither the application nor its registration.
func TestRightsComeBeforeExistence(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	alice, bobby := n.story("settings")
	alice.post(applications, `{"id":"alices","name":"x"}`).want(http.StatusCreated)
	alice.restricted("apps:alices").post(manager, `{"app_id":"alices"}`).want(http.StatusOK)
	friend := bobby.restricted("apps:apitest")
	friend.get(manager + "/apitest").want(http.StatusNotFound) // he may know: it is not registered
	without := friend.get(manager + "/apitest/devices").want(http.StatusForbidden)
	friend.remove(manager + "/apitest").want(http.StatusForbidden)
	friend.post(manager, `{"app_id":"apitest"}`).want(http.StatusOK)
	if got := friend.get(manager + "/apitest/devices").want(http.StatusForbidden); got.body != without.body {
		t.Errorf("got %s, want what was said before: %s", got.body, without.body)
	}
	friend.put(manager+"/apitest/devices/weather", device("weather", 1)).want(http.StatusForbidden)
	var bodies [2]string
	for i, name := range []string{"alices", "nobodys"} {
		bodies[i] = strings.ReplaceAll(friend.get(manager+"/"+name).want(http.StatusForbidden).body, name, "NAME")
	}
	if bodies[0] != bodies[1] {
		t.Errorf("got %s for another's application and %s for none", bodies[0], bodies[1])
	}
}

func TestCredentialsOfTheApplicationManager(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	alice, _ := n.story("")
	one := alice.restricted("apps:apitest gateways")
	one.post(manager, `{"app_id":"apitest"}`).want(http.StatusOK)
	var made struct{ Key string }
	alice.post(applications+"/apitest/access-keys", `{"name":"devices","rights":["devices"]}`).want(http.StatusCreated).decode(&made)
	key := n.key(made.Key)
	const devices = manager + "/apitest/devices"
	for name, c := range map[string]struct {
		who  program
		want int
	}{
		"access key":               {key, 200},
		"API key for all":          {n.withKey("alice", "applications.*"), 200},
		"API key for devices":      {n.withKey("alice", "applications.devices"), 200},
		"API key without":          {n.withKey("alice", "applications.read applications.write"), 403},
		"API key of somebody":      {n.withKey("bobby", "applications.*"), 403},
		"a token of a token":       {one.restricted("apps:apitest"), 200},
		"a token of a token less":  {one.restricted("gateways"), 403},
		"token and key":            {program{n, []string{one.authorization[0], "Key nonsense"}, ""}, 200},
		"key and token":            {program{n, []string{"key " + made.Key, "bearer " + one.token}, ""}, 200},
		"key and a wrong token":    {program{n, []string{"key " + made.Key, "Bearer nonsense"}, ""}, 401},
		"key and the main token":   {program{n, []string{"key " + made.Key, alice.authorization[0]}, ""}, 403},
		"two tokens":               {program{n, []string{one.authorization[0], one.authorization[0]}, ""}, 400},
		"two keys":                 {program{n, []string{key.authorization[0], key.authorization[0]}, ""}, 400},
		"an unknown scheme":        {program{n, []string{"Token " + one.token}, ""}, 401},
		"the scheme in any letter": {program{n, []string{"BEARER " + one.token}, ""}, 200},
	} {
		if got := c.who.get(devices); got.status != c.want {
			t.Errorf("%s: got %d, want %d: %s", name, got.status, c.want, got.body)
		}
	}
	key.get(manager + "/apitest").want(http.StatusForbidden)
	key.put(devices+"/weather", device("weather", 1)).want(http.StatusOK)
	key.post(manager, `{"app_id":"apitest"}`).want(http.StatusForbidden)
	n.nobody().get(devices + "?access_token=" + one.token).want(http.StatusUnauthorized)
}

func TestTheJoinKeyIsOfThoseWhoManageEndDevices(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	alice, bobby := n.story("settings")
	one, friend := alice.restricted("apps:apitest"), bobby.restricted("apps:apitest")
	one.post(manager, `{"app_id":"apitest"}`).want(http.StatusOK)
	var made struct{ Key string }
	alice.post(applications+"/apitest/access-keys", `{"name":"register-on-join","rights":["devices"]}`).want(http.StatusCreated).decode(&made)
	const app = manager + "/apitest"
	joinKey := func(p program) string {
		t.Helper()
		var got struct {
			Key string `json:"register_on_join_access_key"`
		}
		p.get(app).want(http.StatusOK).decode(&got)
		return got.Key
	}
	friend.put(app, `{"register_on_join_access_key":"`+made.Key+`"}`).want(http.StatusForbidden)
	one.put(app, `{"register_on_join_access_key":"`+made.Key+`"}`).want(http.StatusOK)
	if got := joinKey(one); got != made.Key {
		t.Errorf("got %q, want the key", got)
	}
	masked := joinKey(friend)
	if _, random, _ := strings.Cut(masked, "."); masked == "" || strings.Trim(random, "*") != "" {
		t.Errorf("got %q, want it masked", masked)
	}
	friend.put(app, `{"decoder":"x","register_on_join_access_key":"`+masked+`"}`).want(http.StatusOK)
	if got := joinKey(one); got != made.Key {
		t.Errorf("after what was masked came back: got %q, want the key", got)
	}
	friend.put(app, `{"decoder":"x"}`).want(http.StatusForbidden)
	one.put(app, `{"register_on_join_access_key":"`+keyIssuer+`.of-nobody"}`).want(http.StatusBadRequest)
	one.put(app, `{}`).want(http.StatusOK)
	if got := joinKey(one); got != "" {
		t.Errorf("got %q, want none", got)
	}
}

func TestAnUpdateIsOfTheWholeEndDevice(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	one := n.managed()
	const path = manager + "/apitest/devices/weather"
	one.put(path, `{"description":"Roof","attributes":{"a":"b"},"lorawan_device":{"app_eui":"70B3D57EF0000000","dev_eui":"0000000000000001","app_key":"01020304050607080102030405060708","last_seen":"1478000000000000001","f_cnt_up":7}}`).want(http.StatusOK)
	var got struct {
		Description string
		Attributes  map[string]string
		LoRaWAN     struct {
			AppKey   string `json:"app_key"`
			LastSeen string `json:"last_seen"`
			Up       int    `json:"f_cnt_up"`
		} `json:"lorawan_device"`
	}
	one.get(path).decode(&got)
	if got.LoRaWAN.LastSeen != "1478000000000000001" || got.LoRaWAN.AppKey != "01020304050607080102030405060708" || got.LoRaWAN.Up != 7 || got.Attributes["a"] != "b" {
		t.Errorf("got %+v", got)
	}
	one.put(path, `{"lorawan_device":{"app_eui":"70B3D57EF0000000","dev_eui":"0000000000000001"}}`).want(http.StatusOK)
	got.Description, got.Attributes, got.LoRaWAN.AppKey, got.LoRaWAN.LastSeen, got.LoRaWAN.Up = "", nil, "", "", 0
	one.get(path).decode(&got)
	if got.Description != "" || got.Attributes != nil || got.LoRaWAN.AppKey != "" || got.LoRaWAN.LastSeen != "" || got.LoRaWAN.Up != 0 {
		t.Errorf("what was left out is still there: %+v", got)
	}
}

// TestManyEndDevices reads more than a piece in every way.
func TestManyEndDevices(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	one := n.managed()
	const all = 467
	for i := range all {
		one.put(manager+"/apitest/devices", device("dev-"+strconv.Itoa(i), i+1)).want(http.StatusOK)
	}
	for query, want := range map[string][2]int{"": {0, all}, "?limit=0": {0, all}, "?limit=3": {0, 3}, "?limit=300": {0, 300}, "?offset=10": {10, all - 10}, "?limit=450&offset=10": {10, 450},
		"?limit=450&offset=30": {30, all - 30}, "?limit=200": {0, 200}, "?limit=200&offset=200": {200, 200}, "?limit=4294967295": {0, all}, "?limit=2147483647&offset=2147483647": {0, 0}, "?offset=467": {0, 0}} {
		a := one.get(manager + "/apitest/devices" + query)
		var got struct {
			Devices []struct {
				DevID string `json:"dev_id"`
			}
		}
		a.want(http.StatusOK).decode(&got)
		if len(got.Devices) != want[1] || a.header.Get("Grpc-Metadata-Total") != strconv.Itoa(all) || a.header.Get("Grpc-Metadata-Selected") != strconv.Itoa(want[1]) {
			t.Errorf("%s: got %d end devices, %s of %s; want %d of %d", a.asked, len(got.Devices), a.header.Get("Grpc-Metadata-Selected"), a.header.Get("Grpc-Metadata-Total"), want[1], all)
		}
		for i, one := range got.Devices {
			if one.DevID != "dev-"+strconv.Itoa(want[0]+i) {
				t.Fatalf("%s: got %s at place %d", a.asked, one.DevID, i)
			}
		}
	}
}

func TestCallsAreCountedForEachSubject(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	one := n.managed() // one call
	var made struct{ Key string }
	n.main("alice").post(applications+"/apitest/access-keys", `{"name":"devices","rights":["devices"]}`).want(http.StatusCreated).decode(&made)
	for i := range 4999 {
		if got := one.get(manager + "/apitest"); got.status != http.StatusOK {
			t.Fatalf("call %d: got %d", i+2, got.status)
		}
	}
	one.get(manager + "/apitest").want(http.StatusTooManyRequests).like("handler/too_many.txt")
	n.main("alice").restricted("apps:apitest").get(manager + "/apitest").want(http.StatusTooManyRequests)
	n.key(made.Key).get(manager + "/apitest/devices").want(http.StatusOK)
	n.main("bobby").get(manager + "/apitest").want(http.StatusForbidden)
	n.main("alice").get(applications + "/apitest").want(http.StatusOK)
	n.clock.Advance(time.Second)
	one.get(manager + "/apitest").want(http.StatusOK)
	one.get(manager + "/apitest").want(http.StatusTooManyRequests)
}
