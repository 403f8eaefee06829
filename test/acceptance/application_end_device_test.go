package acceptance

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
)

// endDevice is an end device as the native API shows it.
type endDevice struct {
	ID          string
	AppKey      string `json:"app_key"`
	DevEUI      string `json:"dev_eui"`
	Constraints string `json:"activation_constraints"`
	Description string
	Attributes  map[string]string
	CounterUp   int64  `json:"f_cnt_up"`
	LastSeenAt  string `json:"last_seen_at"`
}

// someEndDevice is the body of an end device with a pair of EUIs of its own.
func someEndDevice(number int) map[string]any {
	return map[string]any{"app_eui": "70B3D57EF0000000", "dev_eui": fmt.Sprintf("%016x", number)}
}

func TestEndDevicesOfAnApplication(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		alice.makeApplication("apitest")
		devices := "/api/v1/applications/apitest/end-devices"
		alice.get(devices).wantCode(http.StatusNotFound, "application_not_registered")
		alice.put("/api/v1/applications/apitest/registration", nil).want(http.StatusNoContent)
		alice.put("/api/v1/applications/apitest/registration", nil).wantCode(http.StatusConflict, "application_registered")
		const networkKey = "2b7e151628aed2a6abf7158809cf4f3c"
		s.keep(networkKey, "a network key")
		s.keep(strings.ToUpper(networkKey), "a network key in capitals")
		body := someEndDevice(0xabc)
		body["id"], body["app_key"], body["attributes"], body["f_cnt_up"], body["last_seen_at"] = "barn-1", networkKey, map[string]string{"room": "2"}, 4294967295, "2026-05-04T10:00:00.123456789Z"
		a := alice.post(devices, body).want(http.StatusCreated)
		var got endDevice
		a.decode(&got)
		if got.AppKey != strings.ToUpper(networkKey) || got.DevEUI != "0000000000000ABC" || got.Constraints != "local" || got.CounterUp != 4294967295 ||
			got.LastSeenAt != "2026-05-04T10:00:00.123456789Z" || a.header.Get("Location") != devices+"/barn-1" || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("got %s at %q", a.body, a.header.Get("Location"))
		}
		alice.post(devices, body).wantCode(http.StatusConflict, "end_device_exists")
		alice.put(devices+"/barn-2", someEndDevice(0xabc)).wantCode(http.StatusConflict, "end_device_euis_taken")
		alice.put(devices+"/barn-1", someEndDevice(0xdef)).want(http.StatusOK)
		var again endDevice
		alice.get(devices + "/barn-1").want(http.StatusOK).decode(&again)
		if again.AppKey != "" || len(again.Attributes) != 0 || again.LastSeenAt != "" || again.CounterUp != 0 || again.DevEUI != "0000000000000DEF" {
			t.Errorf("what was left out is still there: %+v", again)
		}
		alice.put(devices+"/barn-2", body).wantCode(http.StatusBadRequest, "invalid_id")
		for field, value := range map[string]any{"app_eui": "12", "dev_eui": nil, "dev_addr": "123", "app_key": "xyz", "activation_constraints": "moon", "latitude": 91, "altitude": 1e6, "f_cnt_up": -1, "last_seen_at": "yesterday"} {
			bad := someEndDevice(7)
			bad[field] = value
			if a := alice.put(devices+"/bad", bad); a.status != http.StatusBadRequest {
				t.Errorf("%s = %v: got %d %s", field, value, a.status, a.body)
			}
		}
		if app := alice.findApplication("apitest"); app.EndDevices != 1 {
			t.Errorf("got %d end devices, want 1", app.EndDevices)
		}
		alice.delete(devices + "/barn-1").want(http.StatusNoContent)
		alice.delete(devices+"/barn-1").wantCode(http.StatusNotFound, "end_device_not_found")
	})
}

func TestACollaboratorDoesWithEndDevicesWhatHeWasGiven(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice, bob, carol := s.signUp(t, "alice"), s.signUp(t, "bob"), s.signUp(t, "carol")
		alice.makeApplication("apitest")
		alice.put("/api/v1/applications/apitest/registration", nil).want(http.StatusNoContent)
		devices := "/api/v1/applications/apitest/end-devices"
		alice.put(devices+"/barn-1", someEndDevice(1)).want(http.StatusOK)
		alice.shareApplication("apitest", "bob", "settings")
		alice.shareApplication("apitest", "carol", "devices")
		bob.get(devices).wantCode(http.StatusForbidden, "right_missing")
		bob.get(devices+"/barn-1").wantCode(http.StatusForbidden, "right_missing")
		bob.put(devices+"/nonsense", `{"nonsense":1}`).wantCode(http.StatusForbidden, "right_missing")
		bob.delete("/api/v1/applications/apitest/registration").wantCode(http.StatusForbidden, "right_missing")
		carol.put(devices+"/barn-2", someEndDevice(2)).want(http.StatusOK)
		carol.patch("/api/v1/applications/apitest", `{"description":"mine"}`).wantCode(http.StatusForbidden, "right_missing")
		if a := carol.get("/api/v1/applications").want(http.StatusOK); !a.contains(`"id":"apitest"`) || !a.contains(`"rights":["devices"]`) {
			t.Errorf("carol lists %s", a.body)
		}
		alice.delete("/api/v1/applications/apitest/collaborators/carol").want(http.StatusNoContent)
		carol.get(devices).wantCode(http.StatusNotFound, "application_not_found")
		alice.delete("/api/v1/applications/apitest/registration").want(http.StatusNoContent)
		alice.get(devices).wantCode(http.StatusNotFound, "application_not_registered")
		alice.put("/api/v1/applications/apitest/registration", nil).want(http.StatusNoContent)
		if a := alice.get(devices).want(http.StatusOK); !a.contains(`"total":0`) {
			t.Errorf("registered again, it has %s", a.body)
		}
	})
}

func TestEndDevicesArePaged(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		alice.makeApplication("apitest")
		alice.put("/api/v1/applications/apitest/registration", nil).want(http.StatusNoContent)
		devices := "/api/v1/applications/apitest/end-devices"
		var group sync.WaitGroup
		for i := range 60 {
			group.Go(func() { alice.in(t).put(fmt.Sprintf("%s/device-%d", devices, i), someEndDevice(i)) })
		}
		group.Wait()
		names := []string{}
		for path := devices + "?limit=25"; path != ""; {
			a := alice.get(path).want(http.StatusOK)
			var page struct {
				Items []endDevice
				Next  string
				Total int
			}
			if a.decode(&page); page.Total != 60 {
				t.Fatalf("got a total of %d", page.Total)
			}
			for _, d := range page.Items {
				names = append(names, d.ID)
			}
			if path = ""; page.Next != "" {
				path = devices + "?limit=25&cursor=" + page.Next
			}
		}
		slices.Sort(names)
		if names = slices.Compact(names); len(names) != 60 {
			t.Errorf("got %d different end devices of 60", len(names))
		}
	})
}
