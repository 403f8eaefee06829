package wotkit_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestASensorIsPrivateWithTheDefaultFieldsInTheirOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alice := w.as("alice")
	alice.post("sensors", `{"name":"greenhouse","longName":"The greenhouse","description":"glass","latitude":49.25,"longitude":-123.1,
		"tags":["warm & wet","Glass"],"imageUrl":"http://example.org/a.png","metadata":{"floor":2,"a*b:c;\\":"x"},"unknown":{"a":[1]}}`).want(http.StatusCreated)
	alice.record("greenhouse", minute, "21.5")
	alice.get("sensors/greenhouse").want(http.StatusOK).golden("sensor.json")
	if got := alice.get("sensors/greenhouse/fields/").column("name"); got != "value lat lng message" {
		t.Errorf("got the fields %s", got)
	}
	w.nobody().get("sensors/alice.greenhouse").wantError(http.StatusNotFound, "Could not locate this resource.", "alice.greenhouse")
	w.as("bobby").get("sensors/alice.greenhouse").wantError(http.StatusNotFound, "Could not locate this resource.", "alice.greenhouse")
}

func TestASensorHasThreeNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alice := w.as("alice")
	alice.sensor("greenhouse", public)
	id := fmt.Sprint(alice.get("sensors").items()[0]["id"])
	for _, ref := range []string{id, "alice.greenhouse", "greenhouse"} {
		for _, mount := range []string{"", "v1/"} {
			for _, slash := range []string{"", "/"} {
				alice.get(mount + "sensors/" + ref + slash).want(http.StatusOK)
			}
		}
	}
	w.nobody().get("sensors/" + id).want(http.StatusOK)
	w.nobody().get("sensors/alice.greenhouse/").want(http.StatusOK)
	w.nobody().get("sensors/greenhouse").want(http.StatusNotFound)
	w.as("bobby").get("sensors/greenhouse").want(http.StatusNotFound)
	alice.get("v2/sensors/" + id).want(http.StatusNotFound) // V2 has only data
}

func TestUpdatingChangesOnlyTheKeysThatAreThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alice := w.as("alice")
	alice.sensor("greenhouse", public, `"tags":["a","b"]`, `"metadata":{"k":"v"}`)
	alice.put("sensors/greenhouse", `{"longName":"Renamed for people","id":99,"owner":"bobby","name":"greenhouse","tags":["c"]}`).want(http.StatusNoContent)
	got := alice.get("sensors").items()[0]
	for attribute, want := range map[string]string{
		"longName": "Renamed for people", "visibility": "PUBLIC", "owner": "alice", "tags": "[c]", "metadata": "map[k:v]",
	} {
		if fmt.Sprint(got[attribute]) != want {
			t.Errorf("%s: got %v, want %s", attribute, got[attribute], want)
		}
	}
	alice.put("sensors/greenhouse", `{"name":"other"}`).wantError(http.StatusBadRequest, "Object has validation errors", "name")
	alice.put("sensors/nothing", `{"longName":"Long enough"}`).want(http.StatusNotFound)
	w.as("bobby").put("sensors/alice.greenhouse", `{"longName":"Long enough"}`).want(http.StatusNotFound)
	alice.put("sensors/greenhouse", `{"visibility":"private"}`).want(http.StatusNoContent)
	w.nobody().get("sensors/alice.greenhouse").want(http.StatusNotFound)
}

func TestInvalidSensors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alice := w.as("alice")
	for body, detail := range map[string]string{
		`{"longName":"Long enough"}`:                                          "name",
		`{"name":"abc","longName":"Long enough"}`:                             "name",
		`{"name":"With.Dot","longName":"Long enough"}`:                        "name",
		`{"name":"sensor1"}`:                                                  "longName",
		`{"name":"sensor1","longName":"abc"}`:                                 "longName",
		`{"name":"sensor1","longName":5}`:                                     "longName",
		`{"name":"sensor1","longName":"Long enough","latitude":91}`:           "latitude",
		`{"name":"sensor1","longName":"Long enough","longitude":"east"}`:      "longitude",
		`{"name":"sensor1","longName":"Long enough","visibility":"ALL"}`:      "visibility",
		`{"name":"sensor1","longName":"Long enough","tags":"a,b"}`:            "tags",
		`{"name":"sensor1","longName":"Long enough","metadata":{"":"x"}}`:     "metadata",
		`{"name":"sensor1","longName":"Long enough","metadata":{"x":""}}`:     "metadata",
		`{"name":"sensor1","longName":"Long enough","metadata":{"x":true}}`:   "metadata",
		`{"name":"sensor1","longName":"Long enough","fields":[{"name":"a"}]}`: "fields",
		`{"name":"sensor1","longName":"Long enough","fields":["a"]}`:          "fields",
		`{"name":"sensor1","longName":"Long enough","fields":{"name":"a"}}`:   "fields",
		`{"name":"sensor1","latitude":"north"}`:                               "longName",
		`[]`:                                                                  "JSON", `null`: "JSON", `{`: "JSON", ``: "JSON", `{"name":"sensor1"} {}`: "JSON",
	} {
		alice.post("sensors", body).wantError(http.StatusBadRequest, "Object has validation errors", detail)
	}
	alice.post("sensors", `{"name":"sensor1","longName":"Long enough","owner":"bobby"}`).want(http.StatusNotFound)
	if got := alice.get("sensors").items(); len(got) != 0 {
		t.Errorf("got %v, want no sensor", got)
	}
}

func TestManySensorsAtOnceAreAllOrNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alice := w.as("alice")
	one := func(name string) string { return `{"name":"` + name + `","longName":"Long enough","unknown":1}` }
	a := alice.put("sensors", "["+one("first")+","+one("second")+"]").want(http.StatusCreated)
	if want := `{"first":true,"second":true}`; a.body != want || a.header.Get("Content-Type") != "application/json;charset=UTF-8" {
		t.Errorf("got %s %s, want %s", a.header, a.body, want)
	}
	alice.put("sensors", "["+one("third")+","+one("first")+"]").wantError(http.StatusConflict, "already exists", "already exists")
	alice.put("sensors", "["+one("third")+","+one("third")+"]").wantError(http.StatusConflict, "already exists", "already exists")
	alice.put("sensors", "["+one("third")+","+one("X")+"]").wantError(http.StatusBadRequest, "Object has validation errors", "name")
	alice.put("sensors", one("third")).want(http.StatusBadRequest)
	many := make([]string, 101)
	for i := range many {
		many[i] = one(fmt.Sprintf("sensor%d", i))
	}
	alice.put("sensors", "["+strings.Join(many, ",")+"]").want(http.StatusBadRequest)
	if got := alice.get("sensors").column("name"); got != "first second" {
		t.Errorf("got %s, want first second", got)
	}
	alice.put("sensors", "["+strings.Join(many[1:], ",")+"]").want(http.StatusCreated)
}

func TestDeletingASensor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alice, bobby := w.as("alice"), w.as("bobby")
	alice.sensor("greenhouse", public)
	bobby.put("subscribe/alice.greenhouse", "").want(http.StatusNoContent)
	bobby.delete("sensors/alice.greenhouse").want(http.StatusNotFound)
	alice.send("DELETE", "sensors/greenhouse", asJSON, "{}").want(http.StatusNoContent)
	alice.delete("sensors/greenhouse").want(http.StatusNotFound)
	if got := bobby.get("subscribe").items(); len(got) != 0 {
		t.Errorf("got %v, want no subscription", got)
	}
}

func TestPrivacyLevels(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alice, bobby, nobody := w.as("alice"), w.as("bobby"), w.nobody()
	alice.sensor("open-one", public)
	alice.sensor("closed-one", private)
	wrong := caller{w, w.withKey("alice", "sensors.*").name, "not its password"}
	for _, act := range []struct{ method, path, body string }{
		{"POST", "sensors", "{}"}, {"PUT", "sensors", "[]"}, {"PUT", "sensors/alice.open-one", "{}"}, {"DELETE", "sensors/alice.open-one", ""},
		{"PUT", "sensors/alice.open-one/fields/x", "{}"}, {"DELETE", "sensors/alice.open-one/fields/x", ""},
		{"POST", "sensors/alice.open-one/data", "{}"}, {"PUT", "sensors/alice.open-one/data", "[]"}, {"DELETE", "sensors/alice.open-one/data/5", ""},
		{"GET", "subscribe", ""}, {"PUT", "subscribe/alice.open-one", ""}, {"DELETE", "subscribe/alice.open-one", ""},
		{"POST", "v2/sensors/alice.open-one/data", "{}"}, {"PUT", "v2/sensors/alice.open-one/data", "[]"},
		{"DELETE", "v2/sensors/alice.open-one/data", ""}, {"DELETE", "v2/sensors/alice.open-one/data/1", ""}, {"POST", "v2/data/alice", "[]"},
	} {
		there := nobody.send(act.method, act.path, asJSON, act.body).want(http.StatusForbidden)
		if there.header.Get("WWW-Authenticate") != "" {
			t.Errorf("%s: a challenge with 403", there.asked)
		}
		missing := nobody.send(act.method, strings.ReplaceAll(act.path, "open-one", "nothing"), asJSON, act.body)
		if there.body != missing.body {
			t.Errorf("%s: existence shows: %s %s", there.asked, there.body, missing.body)
		}
		refused := wrong.send(act.method, act.path, asJSON, act.body).wantError(http.StatusUnauthorized, "", "")
		if got := strings.Join(refused.header.Values("WWW-Authenticate"), " "); !strings.Contains(got, "Basic") || !strings.Contains(got, "Bearer") {
			t.Errorf("%s: got the challenges %q", refused.asked, got)
		}
		if strings.Contains(act.path, "open-one") && !strings.HasPrefix(act.path, "subscribe") {
			bobby.send(act.method, act.path, asJSON, act.body).wantError(http.StatusNotFound, "Could not locate this resource.", "alice.open-one")
		}
	}
	for _, path := range []string{"sensors", "sensors/alice.open-one", "sensors/alice.open-one/fields", "sensors/alice.open-one/data",
		"sensors/alice.open-one/dataTable", "data", "tags", "v2/sensors/alice.open-one/data"} {
		nobody.get(path).want(http.StatusOK)
		wrong.get(path).want(http.StatusUnauthorized)
		if hidden := strings.ReplaceAll(path, "open-one", "closed-one"); hidden != path {
			nobody.get(hidden).want(http.StatusNotFound)
			bobby.get(hidden).want(http.StatusNotFound)
			alice.get(hidden).want(http.StatusOK)
		}
	}
	if got := nobody.get("sensors").column("name"); got != "open-one" {
		t.Errorf("got %s, want open-one", got)
	}
}

func TestAKeyDoesWhatItsScopesSay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alice := w.as("alice")
	alice.sensor("greenhouse")
	alice.sensor("cellar")
	gateway := w.withKey("alice", "readings.write:alice.greenhouse")
	gateway.form("sensors/greenhouse/data", "value=21.5").want(http.StatusCreated)
	gateway.form("sensors/cellar/data", "value=21.5").want(http.StatusNotFound)
	gateway.get("sensors/greenhouse/data").wantError(http.StatusForbidden, "scope", "")
	gateway.post("sensors", "{}").want(http.StatusForbidden)
	reader := w.withKey("alice", "sensors.read")
	reader.form("sensors/greenhouse/data", "value=1").want(http.StatusForbidden)
	if a := reader.get("sensors/greenhouse").want(http.StatusOK); strings.Contains(a.body, "21.5") {
		t.Errorf("a key without readings.read sees the last value: %s", a.body)
	}
	if a := alice.get("sensors/greenhouse").want(http.StatusOK); !strings.Contains(a.body, "21.5") {
		t.Errorf("the owner does not see the last value: %s", a.body)
	}
}

func TestSensorQueries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alice, bobby := w.as("alice"), w.as("bobby")
	alice.sensor("one-sensor", public, `"tags":["Canada","wind power"]`, `"latitude":50`, `"longitude":-110`, `"metadata":{"floor":9,"room":"kitchen"}`)
	alice.sensor("two-sensor", private, `"tags":["canada","sun"]`, `"metadata":{"floor":999}`)
	bobby.sensor("three-sensor", public, `"tags":["sun"]`, `"description":"A Windmill"`)
	bobby.sensor("four-sensor", private)
	alice.put("subscribe/bobby.three-sensor", "").want(http.StatusNoContent)
	alice.record("two-sensor", minute, "1")
	for query, want := range map[string]string{
		"":                                   "one-sensor two-sensor three-sensor",
		"?":                                  "one-sensor two-sensor three-sensor",
		"?unknown=1&scope=all":               "one-sensor two-sensor three-sensor",
		"?scope=subscribed":                  "three-sensor",
		"?scope=contributed":                 "one-sensor two-sensor",
		"?tags=canada,SUN":                   "one-sensor two-sensor three-sensor",
		"?tags=canada%3Bsun":                 "two-sensor",
		"?tags=canada;sun":                   "two-sensor",
		"?tags=wind+power":                   "one-sensor",
		"?orgs=alice":                        "one-sensor two-sensor",
		"?owners=alice,%20bobby":             "one-sensor two-sensor three-sensor",
		"?visibility=public":                 "one-sensor three-sensor",
		"?visibility=Private":                "two-sensor",
		"?private=true":                      "two-sensor",
		"?private=0":                         "one-sensor three-sensor",
		"?visibility=ORGANIZATION":           "",
		"?text=WIND":                         "three-sensor",
		"?active=true":                       "two-sensor",
		"?active=1":                          "two-sensor",
		"?active=false":                      "one-sensor three-sensor",
		"?location=56.89,-114.55:17.43,-106": "one-sensor",
		"?metadata=floor:9":                  "one-sensor",
		"?metadata=floor:9*":                 "one-sensor two-sensor",
		"?metadata=floor%3Broom:kitchen":     "one-sensor",
		"?metadata=room:":                    "",
		"?limit=2":                           "one-sensor two-sensor",
		"?limit=1&offset=1":                  "two-sensor",
		"?limit=0":                           "",
		"?limit=99999":                       "one-sensor two-sensor three-sensor",
	} {
		if got := alice.get("sensors" + query).column("name"); got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
	if got := w.nobody().get("sensors?tags=sun,canada").column("name"); got != "one-sensor three-sensor" {
		t.Errorf("anonymous: got %s", got)
	}
	for query, want := range map[string][2]string{
		"?metadata=flo*or":       {"Unexpected format for metadata query", "asterisk found in key"},
		"?metadata=floor%3B":     {"Unexpected format for metadata query", "empty key"},
		"?metadata=:x":           {"Unexpected format for metadata query", "empty key"},
		"?metadata=a%5Cb":        {"Unexpected format for metadata query", "Attempted to escape"},
		"?metadata=a:b:c":        {"Unexpected format for metadata query", "unescaped colon found"},
		"?location=10,0:20,0":    {"smaller than", ""},
		"?location=91,0:20,0":    {"out of bound", ""},
		"?location=20,-181:10,0": {"out of bound", ""},
		"?location=here":         {"location", ""},
		"?scope=mine":            {"scope", ""},
		"?active=maybe":          {"active", ""},
		"?limit=many":            {"limit", ""},
		"?offset=-1":             {"offset", ""},
	} {
		alice.get("sensors"+query).wantError(http.StatusBadRequest, want[0], want[1])
	}
}
