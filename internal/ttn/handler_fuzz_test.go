package ttn_test

import (
	"net/http"
	"testing"
	"time"
)

// FuzzEndDevices sends whatever comes to mind as an end device. It is taken or
// refused, and what was taken can be read, sent back as it was read, and is
// the same then.
func FuzzEndDevices(f *testing.F) {
	for _, seed := range []string{
		device("weather", 1), `{}`, `null`, `[]`, `{"lorawan_device":{}}`, `{"lorawan_device":null}`, `{"lorawan_device":{"app_eui":"70B3D57EF0000000","dev_eui":"0000000000000001","last_seen":1.5e18}}`,
		`{"latitude":1e400,"lorawan_device":{}}`, `{"description":"\u0000","lorawan_device":{"app_eui":"70B3D57EF0000000","dev_eui":"0000000000000001"}}`,
		`{"attributes":{"a":"\u2028\ud800"},"lorawan_device":{"app_eui":"70B3D57EF0000000","dev_eui":"0000000000000002","f_cnt_up":"4294967295","f_cnt_down":4294967296}}`,
		`{"attributes":{"a":null},"altitude":"7","longitude":-180,"lorawan_device":{"app_eui":"70B3D57EF0000000","dev_eui":"00000000000000FF","dev_addr":"26001122","activation_constraints":" ABP , abp,,world","last_seen":"9223372036854775807"}}`,
		`{"lorawan_device":{"app_eui":"70B3D57EF0000000","dev_eui":"0000000000000001","app_key":"0102030405060708010203040506070x"}}`, "\xff", `{"lorawan_device":{"last_seen":-1}}`, `{"altitude":2147483648}`, `{"dev_id":"\u0000"}`,
	} {
		f.Add(seed)
	}
	n := newNetwork(f)
	one := n.managed()
	const path = manager + "/apitest/devices/weather"
	f.Fuzz(func(t *testing.T, body string) {
		p := one
		moved := *n
		moved.t, p.network = t, &moved
		n.clock.Advance(10 * time.Second) // calls are counted
		a := p.put(path, body)
		if a.status != http.StatusOK {
			if a.status != http.StatusBadRequest && a.status != http.StatusRequestEntityTooLarge {
				t.Fatalf("%q: got %d %s", body, a.status, a.body)
			}
			return
		}
		read := p.get(path).want(http.StatusOK)
		p.put(path, read.body).want(http.StatusOK)
		p.get(path).want(http.StatusOK).exactly(read.body)
	})
}

// FuzzAccountBodies sends whatever comes to mind to the acts that read JSON.
func FuzzAccountBodies(f *testing.F) {
	for _, seed := range []string{`{"id":"x1","name":"y","euis":["0011223344556677"],"rights":["settings"]}`, `["settings"]`, `{"antenna_location":{"lng":1,"lat":2,"altitude":1e9}}`, `{"location":[]}`,
		`{"attributes":{"placement":"indoor","x":null},"router":{"id":"r1"},"fallback_routers":[{"id":"r2"},"r3",null]}`, `{"name":"\u0000"}`, `{"owner":"","frequency_plan":"EU_863_870"}`, `{"payload_format":"custom","decoder":"\u0000"}`, `{"app_id":"apitest","register_on_join_access_key":"."}`} {
		f.Add(seed)
	}
	n := newNetwork(f)
	one := n.managed()
	alice := n.main("alice")
	alice.post(gateways, `{"id":"mygtw","frequency_plan":"EU_863_870"}`).want(http.StatusCreated)
	f.Fuzz(func(t *testing.T, body string) {
		n.clock.Advance(10 * time.Second)
		moved := *n
		moved.t = t
		a, b := alice, one
		a.network, b.network = &moved, &moved
		a.patch(applications+"/apitest", body)
		a.put(applications+"/apitest/collaborators/bobby", body)
		a.patch(gateways+"/mygtw", body)
		a.put(gateways+"/mygtw/collaborators/bobby", body)
		b.put(manager+"/apitest", body)
		b.post(manager, body)
		a.get(applications + "/apitest").want(http.StatusOK)
		a.get(gateways + "/mygtw").want(http.StatusOK)
		b.get(manager + "/apitest").want(http.StatusOK)
	})
}
