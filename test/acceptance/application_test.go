package acceptance

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
)

// application is an application as the native API shows it.
type application struct {
	ID           string
	Owner        string
	Description  string
	EUIs         []string
	Rights       []string
	RegisteredAt *string `json:"registered_at"`
	EndDevices   int     `json:"end_devices"`
	JoinKey      string  `json:"join_key"`
	Payload      struct{ Format, Decoder string }
}

// accessKey is an access key as the native API shows it.
type accessKey struct {
	Name   string
	Rights []string
	Key    string
}

func (p person) makeApplication(id string) application {
	p.t.Helper()
	var made application
	p.post("/api/v1/applications", map[string]any{"id": id}).want(http.StatusCreated).decode(&made)
	return made
}

func (c client) findApplication(id string) application {
	c.t.Helper()
	var found application
	c.get("/api/v1/applications/" + id).want(http.StatusOK).decode(&found)
	return found
}

func (p person) makeAccessKey(id, name string, rights ...string) accessKey {
	p.t.Helper()
	var made accessKey
	p.post("/api/v1/applications/"+id+"/access-keys", map[string]any{"name": name, "rights": rights}).want(http.StatusCreated).decode(&made)
	p.s.keep(made.Key, "the access key "+name)
	return made
}

// shareApplication gives somebody rights on an application.
func (p person) shareApplication(id, user string, rights ...string) {
	p.t.Helper()
	if a := p.put("/api/v1/applications/"+id+"/collaborators/"+user, map[string]any{"rights": rights}); a.status/100 != 2 {
		p.t.Fatalf("share %s with %s: %d %s", id, user, a.status, a.body)
	}
}

// withAccessKey asks The Things Network's API with an access key.
func (s *server) withAccessKey(t testing.TB, key string) client {
	return s.anonymous(t).with("Authorization", "Key "+key)
}

func TestAnApplicationLivesAndIsRestored(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		a := alice.post("/api/v1/applications", map[string]any{"id": "apitest", "description": "Sensors of the greenhouse"}).want(http.StatusCreated)
		var made application
		if a.decode(&made); made.Owner != "alice" || !slices.Equal(made.EUIs, []string{"70B3D57EF0000000"}) || made.RegisteredAt != nil || a.header.Get("Location") != "/api/v1/applications/apitest" {
			t.Errorf("got %s at %q", a.body, a.header.Get("Location"))
		}
		if want := []string{"settings", "delete", "collaborators", "devices"}; !slices.Equal(made.Rights, want) {
			t.Errorf("got the rights %v, want %v", made.Rights, want)
		}
		alice.patch("/api/v1/applications/apitest", `{"description":"Barn","payload":{"decoder":"function Decoder() {}"}}`).want(http.StatusOK)
		if got := alice.findApplication("apitest"); got.Description != "Barn" || got.Payload.Format != "custom" || got.Payload.Decoder == "" {
			t.Errorf("got %+v", got)
		}
		alice.post("/api/v1/applications/apitest/euis", `{"eui":"0102030405060708"}`).want(http.StatusCreated)
		alice.post("/api/v1/applications/apitest/euis", `{}`).want(http.StatusCreated)
		alice.delete("/api/v1/applications/apitest/euis/70B3D57EF0000000").want(http.StatusNoContent)
		if got := alice.findApplication("apitest").EUIs; !slices.Equal(got, []string{"0102030405060708", "70B3D57EF0000001"}) {
			t.Errorf("got the EUIs %v", got)
		}
		var keys struct{ Items []accessKey }
		alice.get("/api/v1/applications/apitest/access-keys").want(http.StatusOK).decode(&keys)
		if len(keys.Items) != 1 || keys.Items[0].Name != "default key" {
			t.Fatalf("got %d access keys", len(keys.Items))
		}
		s.keep(keys.Items[0].Key, "the default key")
		program := s.withAccessKey(t, keys.Items[0].Key)
		program.get("/ttn/api/v2/applications/apitest/rights").want(http.StatusOK)
		program.get("/api/v1/applications").want(http.StatusUnauthorized) // the native API knows no such scheme

		alice.delete("/api/v1/applications/apitest").want(http.StatusNoContent)
		alice.get("/api/v1/applications/apitest").wantCode(http.StatusNotFound, "application_not_found")
		program.get("/ttn/api/v2/applications/apitest/rights").want(http.StatusUnauthorized)
		if a := alice.get("/api/v1/applications").want(http.StatusOK); !a.contains(`"total":0`) {
			t.Errorf("got %s", a.body)
		}
		if a := alice.get("/api/v1/applications?deleted=true").want(http.StatusOK); !a.contains(`"id":"apitest"`) || !a.contains(`"deleted_at"`) {
			t.Errorf("got %s", a.body)
		}
		s.signUp(t, "bob").post("/api/v1/applications", `{"id":"apitest"}`).wantCode(http.StatusConflict, "application_id_taken")
		alice.post("/api/v1/applications/apitest/restore", nil).want(http.StatusOK)
		if got := alice.findApplication("apitest"); got.Description != "Barn" || got.Payload.Decoder == "" || len(got.EUIs) != 2 {
			t.Errorf("after the restore: got %+v", got)
		}
		program.get("/ttn/api/v2/applications/apitest/rights").want(http.StatusOK)
		alice.post("/api/v1/applications/apitest/restore", nil).wantCode(http.StatusConflict, "application_not_deleted")
	})
}

func TestAccessKeysOfAnApplication(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice, bob := s.signUp(t, "alice"), s.signUp(t, "bob")
		alice.makeApplication("apitest")
		join := alice.makeAccessKey("apitest", "register-on-join", "devices")
		keys := "/api/v1/applications/apitest/access-keys"
		alice.post(keys, `{"name":"register-on-join","rights":["devices"]}`).wantCode(http.StatusConflict, "access_key_name_taken")
		alice.post(keys, `{"name":"x","rights":["everything"]}`).wantCode(http.StatusBadRequest, "unknown_right")
		alice.post(keys, `{"name":"x","rights":[]}`).wantCode(http.StatusBadRequest, "invalid_rights")
		alice.patch("/api/v1/applications/apitest", map[string]any{"join_key": join.Key}).want(http.StatusOK)
		if got := alice.findApplication("apitest").JoinKey; got != join.Key {
			t.Error("the owner is not shown the join key")
		}
		alice.shareApplication("apitest", "bob", "settings")
		masked := bob.findApplication("apitest").JoinKey
		if strings.Contains(join.Key, strings.TrimPrefix(masked, "ttn-account-v2.")) || masked == "" {
			t.Errorf("a collaborator for the settings is shown %q", masked)
		}
		bob.patch("/api/v1/applications/apitest", map[string]any{"join_key": masked, "description": "mine"}).want(http.StatusOK)
		bob.patch("/api/v1/applications/apitest", `{"join_key":""}`).wantCode(http.StatusForbidden, "right_missing")
		bob.post(keys, `{"name":"mine","rights":["devices"]}`).wantCode(http.StatusForbidden, "right_missing")
		if a := bob.get(keys).want(http.StatusOK); a.contains(join.Key) || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("a collaborator without the rights of the key is shown it, or the answer may be cached: %q", a.header.Get("Cache-Control"))
		}
		if got := alice.findApplication("apitest"); got.JoinKey != join.Key || got.Description != "mine" {
			t.Errorf("got the description %q, and another join key: %v", got.Description, got.JoinKey != join.Key)
		}
		alice.delete(keys + "/register-on-join").want(http.StatusNoContent)
		if got := alice.findApplication("apitest").JoinKey; got != "" {
			t.Error("a deleted access key is still the join key")
		}
		alice.delete(keys + "/default%20key").want(http.StatusNoContent)
	})
}

func TestTwentyApplicationsOfOneName(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		people := []person{s.signUp(t, "alice"), s.signUp(t, "bob")}
		statuses := make([]int, 20)
		var group sync.WaitGroup
		for i := range statuses {
			group.Go(func() { statuses[i] = people[i%2].in(t).post("/api/v1/applications", `{"id":"apitest"}`).status })
		}
		group.Wait()
		slices.Sort(statuses)
		if statuses[0] != http.StatusCreated || statuses[1] != http.StatusConflict || statuses[19] != http.StatusConflict {
			t.Errorf("got %v, want 201 once and 409 nineteen times", statuses)
		}
	})
}

func TestNobodySetsWhatIsNotHisToSet(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		s.signUp(t, "bob")
		for _, field := range []string{`"owner":"bob"`, `"created_at":"2001-01-01T00:00:00Z"`, `"rights":["messages:up:r"]`, `"end_devices":7`, `"registered_at":"2001-01-01T00:00:00Z"`, `"deleted_at":null`} {
			alice.post("/api/v1/applications", `{"id":"apitest",`+field+`}`).wantCode(http.StatusBadRequest, "unknown_field")
		}
		alice.makeApplication("apitest")
		for _, field := range []string{`"id":"other"`, `"owner":"bob"`, `"euis":[]`, `"access_keys":[]`, `"end_devices":7`, `"registered_at":"2001-01-01T00:00:00Z"`} {
			alice.patch("/api/v1/applications/apitest", `{`+field+`}`).wantCode(http.StatusBadRequest, "unknown_field")
		}
		alice.put("/api/v1/applications/apitest/registration", nil).want(http.StatusNoContent)
		for _, field := range []string{`"created_at":"2001-01-01T00:00:00Z"`, `"application":"other"`, `"place":1`} {
			alice.put("/api/v1/applications/apitest/end-devices/one", `{"app_eui":"70B3D57EF0000000","dev_eui":"0000000000000001",`+field+`}`).wantCode(http.StatusBadRequest, "unknown_field")
		}
	})
}

func TestAStrangersApplicationIsNotThere(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice, bob := s.signUp(t, "alice"), s.signUp(t, "bob")
		alice.makeApplication("apitest")
		alice.makeApplication("other")
		narrow := alice.withKey("applications.*:other")
		for _, try := range []struct{ method, path, body string }{
			{"GET", "", ""}, {"PATCH", "", `{"description":"x"}`}, {"PATCH", "", `{"nonsense":1}`}, {"DELETE", "", ""}, {"POST", "/restore", "{}"}, {"GET", "/rights", ""},
			{"PUT", "/registration", "{}"}, {"DELETE", "/registration", ""}, {"POST", "/euis", "{}"}, {"POST", "/euis", "nonsense"}, {"DELETE", "/euis/70B3D57EF0000000", ""},
			{"GET", "/access-keys", ""}, {"POST", "/access-keys", `{"nonsense":1}`}, {"DELETE", "/access-keys/default%20key", ""},
			{"GET", "/end-devices", ""}, {"POST", "/end-devices", `{"nonsense":1}`}, {"GET", "/end-devices/one", ""}, {"PUT", "/end-devices/one", "{}"}, {"DELETE", "/end-devices/one", ""},
		} {
			for who, c := range map[string]client{"a stranger": bob.client, "a key for another application": narrow} {
				foreign := c.send(try.method, "/api/v1/applications/apitest"+try.path, "application/json", try.body).want(http.StatusNotFound)
				missing := c.send(try.method, "/api/v1/applications/nothing"+try.path, "application/json", try.body).want(http.StatusNotFound)
				if wording(foreign) != wording(missing) {
					t.Errorf("%s, %s: what is there is told from what is not:\n%s\n%s", who, foreign.about, foreign.body, missing.body)
				}
			}
		}
		narrow.findApplication("other")
		if a := narrow.get("/api/v1/applications").want(http.StatusOK); a.contains("apitest") || !a.contains(`"total":1`) {
			t.Errorf("a key for one application lists %s", a.body)
		}
		if a := s.anonymous(t).get("/api/v1/applications/apitest"); a.status != http.StatusUnauthorized {
			t.Errorf("nobody: got %d", a.status)
		}
	})
}
