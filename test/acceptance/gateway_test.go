package acceptance

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// gateway is a gateway as the native API shows it.
type gateway struct {
	ID            string
	Owner         string
	FrequencyPlan string `json:"frequency_plan"`
	Antenna       *struct {
		Latitude, Longitude float64
		Altitude            *int32
		Rounded             bool
	}
	Attributes map[string]string
	Key        string
}

// makeGateway registers a gateway on a roof in Amsterdam.
func (p person) makeGateway(id string) gateway {
	p.t.Helper()
	var made gateway
	p.post("/api/v1/gateways", map[string]any{"id": id, "frequency_plan": "EU_863_870", "attributes": map[string]string{"placement": "outdoor"},
		"antenna": map[string]any{"latitude": 52.37403, "longitude": 4.88969, "altitude": 12}}).want(http.StatusCreated).decode(&made)
	p.s.keep(made.Key, "the key of "+id)
	return made
}

// findGateway asks for a gateway.
func (c client) findGateway(id string) gateway {
	c.t.Helper()
	var found gateway
	c.get("/api/v1/gateways/" + id).want(http.StatusOK).decode(&found)
	return found
}

// shareGateway gives somebody rights on a gateway.
func (p person) shareGateway(id, user string, rights ...string) {
	p.t.Helper()
	if a := p.put("/api/v1/gateways/"+id+"/collaborators/"+user, map[string]any{"rights": rights}); a.status/100 != 2 {
		p.t.Fatalf("share %s with %s: %d %s", id, user, a.status, a.body)
	}
}

var requestID = regexp.MustCompile(`"request":"[^"]*"`)

// wording is what an answer says, but for the id of its request.
func wording(a answer) string { return requestID.ReplaceAllString(string(a.body), "") }

func TestAGatewayLivesAndIsRestored(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		made := alice.makeGateway("mygtw")
		if made.ID != "mygtw" || made.Owner != "alice" || !strings.HasPrefix(made.Key, "ttn-account-v2.") {
			t.Fatalf("got %s of %s with a key of %d characters", made.ID, made.Owner, len(made.Key))
		}
		var key struct{ Key string }
		if alice.get("/api/v1/gateways/mygtw/key").want(http.StatusOK).decode(&key); key.Key != made.Key {
			t.Error("another key was shown")
		}
		changed := map[string]any{"frequency_plan": "US_902_928", "attributes": map[string]string{"brand": "x", "placement": ""}, "antenna": nil}
		alice.patch("/api/v1/gateways/mygtw", changed).want(http.StatusOK)
		if got := alice.findGateway("mygtw"); got.FrequencyPlan != "US_902_928" || got.Antenna != nil || len(got.Attributes) != 1 || got.Attributes["brand"] != "x" {
			t.Errorf("got %+v", got)
		}
		alice.post("/api/v1/gateways/mygtw/rotate-key", nil).want(http.StatusOK).decode(&key)
		s.keep(key.Key, "the second key")
		if key.Key == made.Key {
			t.Error("the key is the same after it was rotated")
		}
		alice.delete("/api/v1/gateways/mygtw").want(http.StatusNoContent)
		alice.get("/api/v1/gateways/mygtw").want(http.StatusNotFound)
		if a := alice.get("/api/v1/gateways").want(http.StatusOK); !a.contains(`"total":0`) {
			t.Errorf("got %s", a.body)
		}
		if a := alice.get("/api/v1/gateways?deleted=true").want(http.StatusOK); !a.contains(`"id":"mygtw"`) || !a.contains(`"deleted_at"`) {
			t.Errorf("got %s", a.body)
		}
		alice.post("/api/v1/gateways/mygtw/restore", nil).want(http.StatusOK)
		alice.findGateway("mygtw")
		if a := alice.get("/api/v1/gateways/mygtw/rights").want(http.StatusOK); !a.contains("gateway:owner") {
			t.Errorf("got %s", a.body)
		}
	})
}

func TestAGatewaysPlaceIsBlurredForWhoMustNotFindIt(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice, bob, carol := s.signUp(t, "alice"), s.signUp(t, "bob"), s.signUp(t, "carol")
		alice.makeGateway("mygtw")
		alice.shareGateway("mygtw", "bob", "gateway:status")
		got := bob.findGateway("mygtw").Antenna
		if got == nil || got.Latitude != 52.37 || got.Longitude != 4.89 || got.Altitude != nil || !got.Rounded {
			t.Errorf("without the right: got %+v", got)
		}
		if a := bob.get("/api/v1/gateways").want(http.StatusOK); a.contains("52.374") {
			t.Errorf("the list tells: %s", a.body)
		}
		bob.patch("/api/v1/gateways/mygtw", map[string]any{"location_public": true}).want(http.StatusForbidden)
		alice.shareGateway("mygtw", "bob", "gateway:status", "gateway:location")
		if got := bob.findGateway("mygtw").Antenna; got == nil || got.Latitude != 52.37403 || got.Altitude == nil || *got.Altitude != 12 || got.Rounded {
			t.Errorf("with the right: got %+v", got)
		}
		alice.patch("/api/v1/gateways/mygtw", map[string]any{"status_public": true}).want(http.StatusOK)
		for name, c := range map[string]client{"a stranger": carol.client, "nobody": s.anonymous(t)} {
			if got := c.findGateway("mygtw"); got.Antenna != nil || got.Owner != "" || len(got.Attributes) != 0 || got.FrequencyPlan != "EU_863_870" {
				t.Errorf("%s is told %+v", name, got)
			}
		}
		alice.patch("/api/v1/gateways/mygtw", map[string]any{"location_public": true, "owner_public": true}).want(http.StatusOK)
		if got := s.anonymous(t).findGateway("mygtw"); got.Antenna == nil || got.Antenna.Latitude != 52.37403 || got.Owner != "alice" {
			t.Errorf("of what is public, nobody is told %+v", got)
		}
	})
}

func TestAStrangersGatewayIsNotThere(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice, bob := s.signUp(t, "alice"), s.signUp(t, "bob")
		alice.makeGateway("mygtw")
		for _, try := range []struct{ method, path, body string }{
			{"GET", "", ""}, {"PATCH", "", `{"router":"r1"}`}, {"PATCH", "", `{"nonsense":1}`}, {"DELETE", "", ""}, {"POST", "/restore", "{}"}, {"GET", "/rights", ""},
			{"GET", "/key", ""}, {"POST", "/rotate-key", "{}"},
		} {
			foreign := bob.send(try.method, "/api/v1/gateways/mygtw"+try.path, "application/json", try.body).want(http.StatusNotFound)
			unknown := bob.send(try.method, "/api/v1/gateways/unknown"+try.path, "application/json", try.body).want(http.StatusNotFound)
			if wording(foreign) != wording(unknown) {
				t.Errorf("%s %s: a stranger's answers %s, an unknown one %s", try.method, try.path, foreign.body, unknown.body)
			}
		}
		s.anonymous(t).get("/api/v1/gateways/mygtw").want(http.StatusNotFound)
	})
}

func TestAnIDOfTheNetworkIsNeverGivenOutAgain(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice, bob := s.signUp(t, "alice"), s.signUp(t, "bob")
		for kind, body := range map[string]map[string]any{
			"gateways": {"id": "core", "frequency_plan": "EU_863_870"}, "components": {"id": "core", "kind": "handler"},
		} {
			alice.post("/api/v1/"+kind, body).want(http.StatusCreated)
			squat := bob.post("/api/v1/"+kind, body).want(http.StatusConflict)
			alice.delete("/api/v1/" + kind + "/core").want(http.StatusNoContent)
			again := bob.post("/api/v1/"+kind, body).want(http.StatusConflict)
			if wording(squat) != wording(again) || !again.contains(strings.TrimSuffix(kind, "s")+"_id_taken") {
				t.Errorf("%s: got %s, and after it was deleted %s", kind, squat.body, again.body)
			}
			bob.post("/api/v1/"+kind+"/core/restore", nil).want(http.StatusNotFound)
			alice.post("/api/v1/"+kind+"/core/restore", nil).want(http.StatusOK)
		}
	})
}

func TestOnlyWhatMayBeSetOfAGatewayIsSet(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		s.signUp(t, "bob")
		alice.makeGateway("mygtw")
		for field, value := range map[string]any{"activated_at": "2020-01-01T00:00:00Z", "created_at": "2020-01-01T00:00:00Z", "key": "ttn-account-v2.mine", "deleted_at": nil,
			"owner_id": 7, "activated": true, "collaborators": []string{"bob"}, "given": 1} {
			wanted := map[string]any{"id": "other", "frequency_plan": "EU_863_870", field: value}
			if a := alice.post("/api/v1/gateways", wanted).want(http.StatusBadRequest); !a.contains("unknown_field") {
				t.Errorf("%s in a new one: got %s", field, a.body)
			}
			if a := alice.patch("/api/v1/gateways/mygtw", map[string]any{field: value}).want(http.StatusBadRequest); !a.contains("unknown_field") {
				t.Errorf("%s in an edit: got %s", field, a.body)
			}
		}
		alice.post("/api/v1/gateways", map[string]any{"id": "other", "frequency_plan": "EU_863_870", "owner": "bob"}).want(http.StatusBadRequest)
		alice.patch("/api/v1/gateways/mygtw", map[string]any{"id": "other"}).want(http.StatusBadRequest)
		for _, bad := range []map[string]any{
			{"id": strings.Repeat("a", 71), "frequency_plan": "EU_863_870"}, {"id": "a", "frequency_plan": "EU_863_870"}, {"id": "other", "frequency_plan": "EU"}, {"id": "other"},
			{"id": "other", "frequency_plan": "EU_863_870", "antenna": map[string]any{"latitude": 91, "longitude": 0}},
			{"id": "other", "frequency_plan": "EU_863_870", "antenna": map[string]any{"latitude": 1}},
			{"id": "other", "frequency_plan": "EU_863_870", "antenna": map[string]any{"latitude": 1, "longitude": 1, "altitude": 1.5}},
			{"id": "other", "frequency_plan": "EU_863_870", "attributes": map[string]any{"placement": "roof"}},
		} {
			alice.post("/api/v1/gateways", bad).want(http.StatusBadRequest)
		}
	})
}

func TestAGatewayIsHandedOver(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice, bob := s.signUp(t, "alice"), s.signUp(t, "bob")
		alice.makeGateway("mygtw")
		alice.patch("/api/v1/gateways/mygtw", map[string]any{"owner": "bob"}).want(http.StatusBadRequest)
		alice.shareGateway("mygtw", "bob", "gateway:settings", "gateway:owner")
		bob.patch("/api/v1/gateways/mygtw", map[string]any{"owner": "bob"}).want(http.StatusForbidden)
		if a := alice.patch("/api/v1/gateways/mygtw", map[string]any{"owner": "bob"}).want(http.StatusOK); !a.contains(`"owner":"bob"`) {
			t.Errorf("got %s", a.body)
		}
		alice.get("/api/v1/gateways/mygtw/key").want(http.StatusOK)
		bob.delete("/api/v1/gateways/mygtw/collaborators/alice").want(http.StatusNoContent)
		alice.get("/api/v1/gateways/mygtw").want(http.StatusNotFound)
		bob.delete("/api/v1/gateways/mygtw").want(http.StatusNoContent)
	})
}

func TestAKeyForOneGatewayReachesNoOther(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		alice.makeGateway("mygtw")
		alice.makeGateway("other")
		narrow := alice.withKey("gateways.*:mygtw")
		if a := narrow.get("/api/v1/gateways").want(http.StatusOK); !a.contains("mygtw") || a.contains("other") {
			t.Errorf("got %s", a.body)
		}
		narrow.get("/api/v1/gateways/other").want(http.StatusNotFound)
		narrow.delete("/api/v1/gateways/other").want(http.StatusNotFound)
		narrow.post("/api/v1/gateways", map[string]any{"id": "third", "frequency_plan": "EU_863_870"}).want(http.StatusForbidden)
		alice.withKey("gateways.read").patch("/api/v1/gateways/mygtw", map[string]any{"router": "r1"}).want(http.StatusForbidden)
	})
}

func TestFrequencyPlansAreToldToEverybody(t *testing.T) {
	t.Parallel()
	s := start(t)
	var list struct {
		Items []struct{ ID, URL string }
	}
	s.anonymous(t).get("/api/v1/frequency-plans").want(http.StatusOK).decode(&list)
	if len(list.Items) != 12 {
		t.Errorf("got %d plans, want 12", len(list.Items))
	}
	for _, plan := range list.Items {
		s.anonymous(t).get("/api/v1/frequency-plans/" + plan.ID).want(http.StatusOK)
		if !strings.HasSuffix(plan.URL, "/api/v1/frequency-plans/"+plan.ID) {
			t.Errorf("%s is said to be at %s", plan.ID, plan.URL)
		}
	}
	s.anonymous(t).get("/api/v1/frequency-plans/EU_868").want(http.StatusNotFound)
}
