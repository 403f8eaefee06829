package acceptance

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
)

// collaborator is one as the native API shows him.
type collaborator struct {
	User, Email string
	Rights      []string
	Owner, You  bool
}

func (c client) collaborators(of string) []collaborator {
	c.t.Helper()
	var list struct {
		Items []collaborator
		Total int
	}
	c.get(of + "/collaborators").want(http.StatusOK).decode(&list)
	if list.Total != len(list.Items) {
		c.t.Errorf("got %d of %d collaborators", len(list.Items), list.Total)
	}
	return list.Items
}

func (c client) share(of, user string, rights ...string) {
	c.t.Helper()
	c.put(of+"/collaborators/"+user, map[string]any{"rights": rights}).want(http.StatusOK)
}

// listed are the full names of the sensors at a path of the native API.
func (c client) listed(path string) []string {
	c.t.Helper()
	var list struct{ Items []sensor }
	c.get(path).want(http.StatusOK).decode(&list)
	names := []string{}
	for _, one := range list.Items {
		names = append(names, one.FullName)
	}
	return names
}

// merged counts the records of all sensors that WoTKit's /data has.
func (c client) merged() int {
	c.t.Helper()
	var records []map[string]any
	c.get("/wotkit/api/data?beforeE=100").want(http.StatusOK).decode(&records)
	return len(records)
}

func wantNames(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, append([]string{}, want...)) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// TestAFriendOnASensor is added, looks at data at every door, and is gone
// everywhere the moment he is removed.
func TestAFriendOnASensor(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice, bob := s.signUp(t, "alice"), s.signUp(t, "bob")
		alice.makeSensor("greenhouse", private)
		bob.makeSensor("cellar", private)
		const house = "/api/v1/sensors/alice.greenhouse"
		alice.post(house+"/readings", map[string]any{"values": map[string]any{"value": 21.5}}).want(http.StatusCreated)
		program := bob.withKey("sensors.*", "readings.*")
		bob.get(house).want(http.StatusNotFound)

		alice.share(house, "bob", "read")
		wantNames(t, "all", program.listed("/api/v1/sensors"), "alice.greenhouse", "bob.cellar")
		wantNames(t, "shared", program.listed("/api/v1/sensors?relation=shared"), "alice.greenhouse")
		wantNames(t, "workable", program.listed("/api/v1/sensors?relation=workable"), "alice.greenhouse", "bob.cellar")
		wantNames(t, "contributed", program.listed("/api/v1/sensors?relation=contributed"), "bob.cellar")
		program.get(house + "/readings").want(http.StatusForbidden)
		if n := program.merged(); n != 0 {
			t.Errorf("got %d records of what he may only see", n)
		}
		if a := program.get("/api/v1/sensors").want(http.StatusOK); a.contains("21.5") {
			t.Error("the list tells values to who may not read data")
		}

		alice.share(house, "bob", "read", "readings.read")
		if n := program.merged(); n != 1 {
			t.Errorf("got %d records, want the one that he may read now", n)
		}
		program.get(house + "/readings").want(http.StatusOK)
		program.put("/api/v1/subscriptions/alice.greenhouse", nil).want(http.StatusNoContent)
		for scope, want := range map[string]bool{"all": true, "subscribed": true, "contributed": false} {
			if a := program.get("/wotkit/api/sensors?scope=" + scope).want(http.StatusOK); a.contains("greenhouse") != want {
				t.Errorf("WoTKit's sensors with the scope %s: got it listed: %t, want %t", scope, !want, want)
			}
		}
		if page := bob.get("/sensors").want(http.StatusOK); !page.contains("shared by alice") {
			t.Error("the page of sensors does not say who shares one")
		}

		alice.delete(house + "/collaborators/bob").want(http.StatusNoContent)
		for _, path := range []string{house, house + "/readings", "/wotkit/api/sensors/alice.greenhouse", "/wotkit/api/sensors/alice.greenhouse/data"} {
			program.get(path).want(http.StatusNotFound)
		}
		wantNames(t, "all", program.listed("/api/v1/sensors"), "bob.cellar")
		wantNames(t, "subscribed", program.listed("/api/v1/subscriptions"))
		if n := program.merged(); n != 0 {
			t.Errorf("got %d records after he was removed", n)
		}
		alice.share(house, "bob", "read")
		wantNames(t, "subscribed, when he is back", program.listed("/api/v1/subscriptions"))
	})
}

// TestAFriendOnAClock finds it at LaMetric's door, with its LAN key.
func TestAFriendOnAClock(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice, bob := s.signUp(t, "alice"), s.signUp(t, "bob")
		clock := alice.makeDevice("Kitchen", "SA01")
		of := "/api/v1/devices/" + itoa(clock.ID)
		home := bob.withKey("devices.read", "devices.write", "profile")
		alice.share(of, "bob", "read")
		var devices []map[string]any
		home.get("/lametric/api/v2/users/me/devices").want(http.StatusOK).decode(&devices)
		if len(devices) != 1 || devices[0]["api_key"] != clock.LANKey {
			t.Errorf("got %d devices", len(devices))
		}
		var user map[string]any
		if home.get("/lametric/api/v2/users/me").want(http.StatusOK).decode(&user); user["private_device_count"] != 1.0 {
			t.Errorf("got %v devices in the profile", user["private_device_count"])
		}
		home.patch(of, map[string]any{"name": "Mine"}).want(http.StatusForbidden)
		home.delete(of + "/collaborators/bob").want(http.StatusNoContent)
		home.get(of).want(http.StatusNotFound)
		if home.get("/lametric/api/v2/users/me/devices").want(http.StatusOK).decode(&devices); len(devices) != 0 {
			t.Errorf("got %d devices after he left", len(devices))
		}
	})
}

// TestNobodyLearnsAddressesBySharing nor, by trying, whether somebody has one:
// who is added to a thing is not asked before.
func TestNobodyLearnsAddressesBySharing(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice, bob, carol := s.signUp(t, "alice"), s.signUp(t, "bob"), s.signUp(t, "carol")
		alice.makeSensor("greenhouse", public)
		const house = "/api/v1/sensors/alice.greenhouse"
		alice.share(house, "bob", "readings.read")
		for _, one := range alice.collaborators(house) {
			if (one.Email != "") != one.You || one.Owner != (one.User == "alice") || one.You != (one.User == "alice") {
				t.Errorf("alice sees %+v", one)
			}
		}
		for _, one := range bob.collaborators(house) {
			if (one.Email != "") != one.You || one.You != (one.User == "bob") {
				t.Errorf("bob sees %+v", one)
			}
		}
		carol.get(house + "/collaborators").want(http.StatusForbidden)
		s.anonymous(t).get(house + "/collaborators").want(http.StatusUnauthorized)
		unknown := alice.put(house+"/collaborators/nobody", map[string]any{"rights": []string{"read"}}).want(http.StatusNotFound)
		address := alice.put(house+"/collaborators/carol@example.org", map[string]any{"rights": []string{"read"}}).want(http.StatusNotFound)
		if wording(unknown) != wording(address) {
			t.Errorf("got %s for nobody, %s for an address that is somebody's", unknown.body, address.body)
		}
		for _, body := range []string{`{}`, `{"rights":[]}`, `{"rights":["settings"]}`, `{"rights":"read"}`, `{"rights":["read"],"owner":true}`, `["read"]`, `{"rights":null}`} {
			if a := alice.send("PUT", house+"/collaborators/bob", asJSON, body); a.status != http.StatusBadRequest {
				t.Errorf("%s: got %d", body, a.status)
			}
		}
	})
}

// TestTwentyWhoShareAtOnce leave one answer: everybody has exactly what was
// said last, and whoever was removed has nothing.
func TestTwentyWhoShareAtOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice, bob := s.signUp(t, "alice"), s.signUp(t, "bob")
		alice.makeSensor("greenhouse", private)
		const house = "/api/v1/sensors/alice.greenhouse"
		alice.share(house, "bob", "read", "share", "readings.read")
		program := bob.withKey("sensors.*", "readings.*")
		var group sync.WaitGroup
		for i := range 20 {
			group.Go(func() {
				if i == 10 {
					alice.delete(house + "/collaborators/bob").want(http.StatusNoContent)
				}
				if a := program.get(house); a.status != http.StatusOK && a.status != http.StatusNotFound {
					t.Errorf("got %d", a.status)
				}
			})
		}
		group.Wait()
		program.get(house).want(http.StatusNotFound)
		if a := program.put(house+"/collaborators/bob", map[string]any{"rights": []string{"read"}}); a.status != http.StatusNotFound {
			t.Errorf("whoever was removed lets himself in again: got %d", a.status)
		}
		if list := alice.collaborators(house); len(list) != 1 || strings.Join(list[0].Rights, " ") != "read write delete share readings.read readings.write" {
			t.Errorf("got %+v", list)
		}
	})
}
