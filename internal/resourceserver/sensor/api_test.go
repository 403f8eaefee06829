package sensor

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/store/storetest"
	"github.com/thingward/thingward/internal/web"
)

// api serves the routes; the caller is picked by the header As.
type api struct {
	world
	table   *web.Table
	callers map[string]domain.Caller
}

func newAPI(t testing.TB) api {
	t.Helper()
	w := newWorld(t)
	a := api{world: w, callers: map[string]domain.Caller{"": {}, "alice": w.alice, "bob": w.bob,
		"looker": storetest.Holding(t, w.alice, "sensors.read")}}
	identify := func(r *http.Request, _ web.Accepts) (domain.Caller, error) { return a.callers[r.Header.Get("As")], nil }
	door := &web.Door{Name: "api", Prefix: "/api/v1/", Routes: w.Routes(), WriteError: web.WriteProblem}
	a.table = web.NewTable(identify, slog.New(slog.DiscardHandler), door)
	return a
}

// do sends a request and returns the status and the decoded body.
func (a api) do(t testing.TB, as, method, target, body string) (*httptest.ResponseRecorder, map[string]any) {
	t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("As", as)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	a.table.ServeHTTP(w, r)
	var decoded map[string]any
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &decoded); err != nil {
			t.Fatalf("%s %s: %v in %s", method, target, err, w.Body)
		}
	}
	return w, decoded
}

func (a api) want(t testing.TB, as, method, target, body string, status int, code string) map[string]any {
	t.Helper()
	w, decoded := a.do(t, as, method, target, body)
	got, _ := decoded["code"].(string)
	if w.Code != status || got != code {
		t.Errorf("%s %s by %q: got %d %s, want %d %s: %s", method, target, as, w.Code, got, status, code, w.Body)
	}
	return decoded
}

func TestSensorOverTheAPI(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	body := `{"name":"greenhouse","long_name":"Treibhaus \"Süd\"","description":"a\nb","image_url":"https://example.org/<a>","latitude":49.25,
		"longitude":-123.1,"visibility":"public","tags":["Wind","old town"],"metadata":{"room":"4a","floor":9.5},
		"fields":[{"name":"value","type":"number","units":"°C","required":true},{"name":"note","long_name":"Note","type":"string"}]}`
	w, made := a.do(t, "alice", "POST", "/api/v1/sensors", body)
	if w.Code != http.StatusCreated || w.Header().Get("Location") != "/api/v1/sensors/alice.greenhouse" {
		t.Fatalf("got %d %v %s", w.Code, w.Header(), w.Body)
	}
	want := map[string]any{"id": made["id"], "owner": "alice", "name": "greenhouse", "full_name": "alice.greenhouse", "long_name": `Treibhaus "Süd"`,
		"description": "a\nb", "image_url": "https://example.org/<a>", "latitude": 49.25, "longitude": -123.1, "visibility": "public",
		"tags": []any{"Wind", "old town"}, "metadata": map[string]any{"room": "4a", "floor": 9.5},
		"fields": []any{
			map[string]any{"name": "value", "long_name": "value", "type": "number", "units": "°C", "required": true, "value": nil, "updated_at": nil},
			map[string]any{"name": "note", "long_name": "Note", "type": "string", "units": "", "required": false, "value": nil, "updated_at": nil}},
		"created_at": made["created_at"], "updated_at": made["updated_at"], "last_update": nil, "publisher": "alice"}
	if diff := cmp.Diff(want, made); diff != "" {
		t.Error(diff)
	}
	for _, ref := range []string{"alice.greenhouse", fmt.Sprint(made["id"])} {
		got := a.want(t, "", "GET", "/api/v1/sensors/"+ref, "", 200, "")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	got := a.want(t, "alice", "PATCH", "/api/v1/sensors/greenhouse", `{"name":"greenhouse","visibility":"private","tags":[],"metadata":null}`, 200, "")
	want["visibility"], want["tags"], want["updated_at"] = "private", []any{}, got["updated_at"]
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	a.want(t, "bob", "GET", "/api/v1/sensors/alice.greenhouse", "", 404, "sensor_not_found")
	a.want(t, "alice", "DELETE", "/api/v1/sensors/greenhouse", "", 204, "")
	a.want(t, "alice", "GET", "/api/v1/sensors/greenhouse", "", 404, "sensor_not_found")
}

func TestAPIRefusals(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.create(t, a.alice, "there", domain.Private)
	a.create(t, a.alice, "open", domain.Public)
	tests := []struct {
		as, method, target, body string
		status                   int
		code                     string
	}{
		{"", "POST", "/api/v1/sensors", `{"name":"abcd"}`, 401, "credential_missing"},
		{"looker", "POST", "/api/v1/sensors", `{"name":"abcd"}`, 403, "insufficient_scope"},
		{"alice", "POST", "/api/v1/sensors", `{"name":"there"}`, 409, "sensor_name_taken"},
		{"alice", "POST", "/api/v1/sensors", `{"name":"abcd","id":7}`, 400, "unknown_field"},
		{"alice", "POST", "/api/v1/sensors", `{"name":"abcd","publisher":"bobby"}`, 400, "unknown_field"},
		{"alice", "POST", "/api/v1/sensors", `{"name":"abcd","latitude":"north"}`, 400, "invalid_latitude"},
		{"alice", "POST", "/api/v1/sensors", `{"name":"abcd","latitude":1e999}`, 400, "invalid_latitude"},
		{"alice", "POST", "/api/v1/sensors", `{"name":"abcd","metadata":{"a":true}}`, 400, "invalid_metadata"},
		{"alice", "POST", "/api/v1/sensors", `{"name":"abcd","metadata":{"a":""}}`, 400, "invalid_sensor"},
		{"alice", "POST", "/api/v1/sensors", `{"name":"abcd","visibility":"PUBLIC"}`, 400, "invalid_visibility"},
		{"alice", "POST", "/api/v1/sensors", `{"name":"abcd","owner":"bobby"}`, 404, "owner_not_found"},
		{"alice", "POST", "/api/v1/sensors", `null`, 400, "invalid_sensor"},
		{"alice", "POST", "/api/v1/sensors", `[{"name":"abcd"},{"name":"there"}]`, 409, "sensor_name_taken"},
		{"alice", "PATCH", "/api/v1/sensors/there", `{"name":"other"}`, 400, "invalid_name"},
		{"alice", "PATCH", "/api/v1/sensors/there", `{"owner":"bobby"}`, 400, "invalid_owner"},
		{"alice", "PATCH", "/api/v1/sensors/there", `{"fields":[]}`, 400, "invalid_sensor"},
		{"bob", "PATCH", "/api/v1/sensors/alice.there", `{"nonsense":1}`, 404, "sensor_not_found"},
		{"bob", "PATCH", "/api/v1/sensors/alice.open", `{}`, 403, "not_yours"},
		{"bob", "DELETE", "/api/v1/sensors/alice.open", ``, 403, "not_yours"},
		{"bob", "GET", "/api/v1/sensors/alice.there/fields", ``, 404, "sensor_not_found"},
		{"bob", "PUT", "/api/v1/sensors/alice.there/fields/x", `{`, 404, "sensor_not_found"},
		{"alice", "PUT", "/api/v1/sensors/there/fields/x", `{"type":"bool"}`, 400, "invalid_field"},
		{"alice", "PUT", "/api/v1/sensors/there/fields/x", `{"name":"y","type":"number"}`, 400, "invalid_name"},
		{"alice", "DELETE", "/api/v1/sensors/there/fields/x", ``, 404, "field_not_found"},
		{"", "GET", "/api/v1/subscriptions", ``, 401, "credential_missing"},
		{"looker", "PUT", "/api/v1/subscriptions/there", ``, 403, "insufficient_scope"},
		{"alice", "GET", "/api/v1/sensors?cursor=MTc", ``, 400, "invalid_cursor"},
		{"alice", "GET", "/api/v1/sensors?cursor=" + cursor(tagCursor, 1), ``, 400, "invalid_cursor"},
		{"alice", "GET", "/api/v1/sensors?limit=0", ``, 400, "invalid_limit"},
		{"alice", "GET", "/api/v1/sensors?tag=a", ``, 400, "unknown_parameter"},
		{"alice", "GET", "/api/v1/sensors?text=a&text=b", ``, 400, "invalid_text"},
		{"alice", "GET", "/api/v1/sensors?visibility=PUBLIC", ``, 400, "invalid_visibility"},
		{"alice", "GET", "/api/v1/sensors?relation=mine", ``, 400, "invalid_relation"},
		{"alice", "GET", "/api/v1/sensors?active=1", ``, 400, "invalid_active"},
		{"alice", "GET", "/api/v1/sensors?bbox=1,2,3", ``, 400, "invalid_bbox"},
		{"alice", "GET", "/api/v1/sensors?bbox=1,2,3,4,5", ``, 400, "invalid_bbox"},
		{"alice", "GET", "/api/v1/sensors?bbox=1,20,3,4", ``, 400, "invalid_bbox"},
		{"alice", "GET", "/api/v1/sensors?metadata=a:b:c", ``, 400, "invalid_metadata_query"},
		{"alice", "GET", "/api/v1/sensors?text=%00", ``, 400, "invalid_filter"},
		{"alice", "GET", "/api/v1/sensors?tags=" + strings.Repeat("a,", 51), ``, 400, "invalid_filter"},
		{"alice", "GET", "/api/v1/sensors/alice.%00%ff", ``, 404, "sensor_not_found"},
		{"", "GET", "/api/v1/sensors/there", ``, 404, "sensor_not_found"},
	}
	for _, test := range tests {
		a.want(t, test.as, test.method, test.target, test.body, test.status, test.code)
	}
	problem := a.want(t, "alice", "POST", "/api/v1/sensors", `{"name":"abcd","long_name":"x"}`, 400, "invalid_sensor")
	if fields, _ := problem["fields"].(map[string]any); fields["long_name"] == nil {
		t.Errorf("got %v, want a fault of long_name", problem)
	}
}

func TestFieldsOverTheAPI(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.create(t, a.alice, "greenhouse", domain.Private)
	a.want(t, "alice", "PUT", "/api/v1/sensors/greenhouse/fields/wind%2Fgust", `{"type":"number","units":"m/s"}`, 204, "")
	for _, name := range []string{"value", "lat", "lng", "message"} {
		a.want(t, "alice", "DELETE", "/api/v1/sensors/greenhouse/fields/"+name, "", 204, "")
	}
	got := a.want(t, "alice", "GET", "/api/v1/sensors/greenhouse/fields", "", 200, "")
	want := map[string]any{"items": []any{map[string]any{"name": "wind/gust", "long_name": "wind/gust", "type": "number", "units": "m/s",
		"required": false, "value": nil, "updated_at": nil}}, "total": 1.0}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	a.want(t, "alice", "DELETE", "/api/v1/sensors/greenhouse/fields/wind%2Fgust", "", 400, "last_field")
}

func TestListsArePagedToTheirEnd(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	var batch []string
	for i := range 7 {
		batch = append(batch, fmt.Sprintf(`{"name":"sensor-%d","tags":["tag %d"],"visibility":"public"}`, i, i))
	}
	made := a.want(t, "alice", "POST", "/api/v1/sensors", "["+strings.Join(batch, ",")+"]", 201, "")
	if items, _ := made["items"].([]any); len(items) != 7 {
		t.Fatalf("got %v", made)
	}
	for _, path := range []string{"/api/v1/sensors?limit=3&tags=tag+0,tag+1,tag+2,tag+3,tag+4,tag+5,tag+6", "/api/v1/tags?limit=3"} {
		var got []string
		pages := 0
		for next := path; next != ""; pages++ {
			w, decoded := a.do(t, "", "GET", next, "")
			if w.Code != 200 || decoded["total"] != 7.0 {
				t.Fatalf("%s: got %d %s", next, w.Code, w.Body)
			}
			for _, item := range decoded["items"].([]any) {
				got = append(got, item.(map[string]any)["name"].(string))
			}
			link := w.Header().Get("Link")
			next = strings.TrimSuffix(strings.TrimPrefix(link, "<"), `>; rel="next"`)
			if (decoded["next"] == nil) != (link == "") {
				t.Errorf("next is %v, Link %q", decoded["next"], link)
			}
		}
		if len(got) != 7 || pages != 3 || !strings.HasSuffix(got[0], "0") || !strings.HasSuffix(got[6], "6") {
			t.Errorf("%s: got %v in %d pages", path, got, pages)
		}
	}
}

func TestListsAreFiltered(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	for _, body := range []string{
		`{"name":"harbour","visibility":"public","latitude":10,"longitude":179,"metadata":{"floor":9},"tags":["sea"]}`,
		`{"name":"cellar","latitude":-20,"metadata":{"floor":999}}`} {
		a.want(t, "alice", "POST", "/api/v1/sensors", body, 201, "")
	}
	a.want(t, "bob", "PUT", "/api/v1/subscriptions/alice.harbour", "", 204, "")
	a.want(t, "bob", "PUT", "/api/v1/subscriptions/alice.harbour", "", 409, "already_subscribed")
	a.callers["readings only"] = storetest.Holding(t, a.alice, "readings.*")
	tests := []struct{ as, query, want string }{
		{"", "", "harbour"},
		{"alice", "", "harbour cellar"},
		{"looker", "", "harbour cellar"},
		{"readings only", "", "harbour"},
		{"bob", "", "harbour"},
		{"alice", "visibility=private", "cellar"},
		{"alice", "text=HARB", "harbour"},
		{"alice", "owner=alice,+nobody", "harbour cellar"},
		{"alice", "owner=bobby", ""},
		{"alice", "relation=contributed", "harbour cellar"},
		{"bob", "relation=contributed", ""},
		{"bob", "relation=subscribed", "harbour"},
		{"", "relation=subscribed", ""},
		{"alice", "active=true", ""},
		{"alice", "active=false", "harbour cellar"},
		{"alice", "bbox=170,0,-170,20", "harbour"},
		{"alice", "bbox=-1,-30,1,0", "cellar"},
		{"alice", "metadata=" + url.QueryEscape("floor:9"), "harbour"},
		{"alice", "metadata=" + url.QueryEscape("floor:9*"), "harbour cellar"},
		{"alice", "tags=SEA", "harbour"},
	}
	for _, test := range tests {
		got := a.want(t, test.as, "GET", "/api/v1/sensors?"+test.query, "", 200, "")
		var names []string
		for _, item := range got["items"].([]any) {
			names = append(names, item.(map[string]any)["name"].(string))
		}
		if strings.Join(names, " ") != test.want || got["total"] != float64(len(names)) {
			t.Errorf("%s by %q: got %v, total %v, want %s", test.query, test.as, names, got["total"], test.want)
		}
	}
	mine := a.want(t, "bob", "GET", "/api/v1/subscriptions", "", 200, "")
	if mine["total"] != 1.0 {
		t.Errorf("got %v", mine)
	}
	a.want(t, "bob", "DELETE", "/api/v1/subscriptions/alice.harbour", "", 204, "")
	a.want(t, "bob", "DELETE", "/api/v1/subscriptions/alice.harbour", "", 409, "not_subscribed")
}

// known is a store whose sensors all have one state.
type known struct {
	Store
	state domain.SensorState
}

func (k known) SensorStates(_ context.Context, ids ...domain.SensorID) (map[domain.SensorID]domain.SensorState, error) {
	states := map[domain.SensorID]domain.SensorState{}
	for _, id := range ids {
		states[id] = k.state
	}
	return states, nil
}

// The newest values are data: a credential that may see a private sensor but
// not read its data does not get them on the way.
func TestNewestValuesNeedTheRightToReadData(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.create(t, a.alice, "cellar", domain.Private)
	a.create(t, a.alice, "harbour", domain.Public)
	at := domain.Millis(1_700_000_000_123).Time()
	a.Service.Store = known{a.store, domain.SensorState{LastUpdate: at, Last: map[string]domain.LastValue{
		"value": {Value: domain.Number(21.5), At: at}, "message": {Value: domain.Number(7), At: at}}}}
	tests := []struct {
		as, target     string
		value, message any
	}{
		{"alice", "cellar", 21.5, "7"}, {"looker", "cellar", nil, nil}, {"looker", "harbour", 21.5, "7"}, {"", "alice.harbour", 21.5, "7"},
	}
	for _, test := range tests {
		got := a.want(t, test.as, "GET", "/api/v1/sensors/"+test.target, "", 200, "")
		fields := got["fields"].([]any)
		value, message := fields[0].(map[string]any)["value"], fields[3].(map[string]any)["value"]
		if value != test.value || message != test.message || got["last_update"] != "2023-11-14T22:13:20.123Z" {
			t.Errorf("%s for %q: got %v, %v at %v, want %v, %v", test.target, test.as, value, message, got["last_update"], test.value, test.message)
		}
	}
}

func BenchmarkGetSensor(b *testing.B) {
	a := newAPI(b)
	a.create(b, a.alice, "greenhouse", domain.Private)
	r := httptest.NewRequest("GET", "/api/v1/sensors/alice.greenhouse", nil)
	r.Header.Set("As", "alice")
	b.ReportAllocs()
	for b.Loop() {
		a.table.ServeHTTP(httptest.NewRecorder(), r)
	}
}
