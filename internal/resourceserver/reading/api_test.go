package reading

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// api serves the routes; the caller is picked by the header As.
type api struct {
	world
	table *web.Table
}

func newAPI(t testing.TB) api {
	t.Helper()
	a := api{world: newWorld(t)}
	identify := func(r *http.Request, _ web.Accepts) (domain.Caller, error) {
		return map[string]domain.Caller{"alice": a.alice, "bob": a.bob}[r.Header.Get("As")], nil
	}
	door := &web.Door{Name: "api", Prefix: "/api/v1/", Routes: a.Routes(), WriteError: web.WriteProblem}
	a.table = web.NewTable(identify, slog.New(slog.DiscardHandler), door)
	return a
}

// do sends a request as alice, with headers given as name, value, ….
func (a api) do(t testing.TB, method, target, body string, header ...string) (int, map[string]any) {
	t.Helper()
	r := httptest.NewRequest(method, "/api/v1/sensors/greenhouse/readings"+target, strings.NewReader(body))
	r.Header.Set("As", "alice")
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	a.table.ServeHTTP(w, r)
	decoded := map[string]any{}
	if strings.Contains(w.Header().Get("Content-Type"), "json") {
		if err := json.Unmarshal(w.Body.Bytes(), &decoded); err != nil {
			t.Fatalf("%s %s: %v in %s", method, target, err, w.Body)
		}
	}
	decoded["body"] = w.Body.String()
	return w.Code, decoded
}

func TestSummingUpAFieldThatIsNotThereIsNotEmpty(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	if status, sent := a.do(t, "POST", "", `{"at":1000,"values":{"formerly":1}}`); status != http.StatusCreated {
		t.Fatalf("got %d %v", status, sent)
	}
	tests := []struct {
		query  string
		status int
		says   string
	}{
		{"?field=valeu", http.StatusNotFound, "It has: value, "},
		{"?field=valeu", http.StatusNotFound, "field_not_found"},
		{"?field=value", http.StatusOK, `"items":[]`},          // a field without data
		{"?field=formerly", http.StatusOK, `"count":1`},        // data without a field
		{"?field=formerly&from=5000", http.StatusNotFound, ""}, // neither
	}
	for _, test := range tests {
		if status, got := a.do(t, "GET", "/summary"+test.query, ""); status != test.status || !strings.Contains(got["body"].(string), test.says) {
			t.Errorf("%s: got %d %s, want %d with %s", test.query, status, got["body"], test.status, test.says)
		}
	}
}

func TestSendAndList(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	status, sent := a.do(t, "POST", "", `{"values":{"value":21.5,"message":"zwölf \u00fc \"x\"","on":true,"none":null}}`)
	if status != http.StatusCreated || sent["id"] == nil || sent["at"] != "2026-05-04T10:00:00.000Z" {
		t.Fatalf("got %d %v, want 201 with the id and the server's time", status, sent)
	}
	status, sent = a.do(t, "POST", "", `[{"at":1000.9,"values":{"value":"1e1"}},{"at":"1970-01-01T00:00:02Z","values":{"value":2}}]`)
	if status != http.StatusCreated || sent["stored"] != 2.0 {
		t.Fatalf("got %d %v, want 201 and 2 stored", status, sent)
	}
	_, first := a.do(t, "GET", "?limit=2", "")
	items := first["items"].([]any)
	newest := items[0].(map[string]any)
	wantValues := map[string]any{"value": 21.5, "message": "zwölf ü \"x\"", "on": true}
	if diff := cmp.Diff(wantValues, newest["values"]); diff != "" || len(items) != 2 {
		t.Errorf("got %d items, values of the newest differ (-want +got):\n%s", len(items), diff)
	}
	_, second := a.do(t, "GET", "?limit=2&cursor="+first["next"].(string), "")
	items = second["items"].([]any)
	if len(items) != 1 || second["next"] != nil || items[0].(map[string]any)["at"] != "1970-01-01T00:00:01.000Z" {
		t.Errorf("got second page %v, want the oldest reading and no next page", second)
	}
	_, some := a.do(t, "GET", "?order=asc&from=1000&to=1970-01-01T00:00:02Z", "")
	if items = some["items"].([]any); len(items) != 1 || items[0].(map[string]any)["at"] != "1970-01-01T00:00:02.000Z" {
		t.Errorf("got %v, want the one reading after from up to to", some)
	}
	_, sums := a.do(t, "GET", "/summary?step=1h&to=1970-01-02", "")
	want := []any{map[string]any{"start": "1970-01-01T00:00:00Z", "count": 2.0, "mean": 6.0, "min": 2.0, "max": 10.0, "sum": 12.0}}
	if diff := cmp.Diff(want, sums["items"]); diff != "" || sums["step_seconds"] != 3600.0 || sums["field"] != "value" {
		t.Errorf("got %v, items differ (-want +got):\n%s", sums, diff)
	}
	_, table := a.do(t, "GET", "", "", "Accept", "text/csv")
	if got := table["body"].(string); !strings.HasPrefix(got, "timestamp,value,lat,lng,message\n") || strings.Count(got, "\n") != 4 {
		t.Errorf("got CSV %q, want a header and three rows", got)
	}
	if status, deleted := a.do(t, "DELETE", "?to=1500", ""); status != http.StatusOK || deleted["deleted"] != 1.0 {
		t.Errorf("delete: got %d %v, want 200 and 1", status, deleted)
	}
}

func TestARepeatedRequest(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	body := `[{"at":1,"values":{"value":1}},{"at":2,"values":{"value":2}}]`
	for i, want := range []int{http.StatusCreated, http.StatusOK} {
		status, answer := a.do(t, "POST", "", body, "Idempotency-Key", "upload 1")
		if status != want || i == 1 && (answer["stored"] != 0.0 || answer["repeated"] != true) {
			t.Errorf("request %d: got %d %v, want %d", i, status, answer, want)
		}
	}
	if status, answer := a.do(t, "POST", "", `{"values":{"value":1}}`, "Idempotency-Key", "upload 1"); status != http.StatusConflict || answer["code"] != "idempotency_key_reused" {
		t.Errorf("another body: got %d %v, want 409 idempotency_key_reused", status, answer)
	}
	if status, _ := a.do(t, "POST", "", body, "Idempotency-Key", strings.Repeat("x", 101)); status != http.StatusBadRequest {
		t.Errorf("a long key: got %d, want 400", status)
	}
}

func TestBadInputStoresNothing(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	for body, want := range map[string]int{
		``:                                                  400,
		`null`:                                              400,
		`{}`:                                                400,
		`[{}]`:                                              400,
		`{"values":{}}`:                                     400,
		`{"values":[]}`:                                     400,
		`{"values":{"value":1},"x":1}`:                      400,
		`{"values":{"value":1},"values":{}}`:                400,
		`{"values":{"value":1,"value":2}}`:                  400,
		`{"values":{"value":"warm"}}`:                       400,
		`{"values":{"value":NaN}}`:                          400,
		`{"values":{"value":1e400}}`:                        400,
		`{"values":{"value":01}}`:                           400,
		`{"values":{"value":1.}}`:                           400,
		`{"values":{"value":-}}`:                            400,
		`{"values":{"value":{"a":1}}}`:                      400,
		`{"values":{"value":1}} x`:                          400,
		`{"values":{"value":1},}`:                           400,
		`{"values":{"value":1}`:                             400,
		`{"values":{"va` + "\x01" + `":1}}`:                 400,
		`{"values":{"va\u0000":1}}`:                         400,
		`{"values":{"value":"\xff"}}`:                       400,
		"{\"values\":{\"message\":\"\xff\"}}":               400,
		`{"at":"yesterday","values":{"value":1}}`:           400,
		`{"at":null,"values":{"value":1}}`:                  400,
		`{"at":1e300,"values":{"value":1}}`:                 400,
		`{"at":99999999999999,"values":{"value":1}}`:        400,
		`[{"values":{"value":1}},{"values":{"value":"x"}}]`: 400,
		strings.Repeat("[", 10) + strings.Repeat("]", 10):   400,
		"[" + strings.Repeat(`{"values":{"a":1}},`, domain.MaxBatch) + `{"values":{"a":1}}]`: 413,
		`{"values":{"message":"` + strings.Repeat("x", web.LargeBody) + `"}}`:                413,
	} {
		if status, answer := a.do(t, "POST", "", body); status != want {
			t.Errorf("%.60s: got %d %v, want %d", body, status, answer["detail"], want)
		}
	}
	if status, _ := a.do(t, "POST", "", "value=1", "Content-Type", "application/x-www-form-urlencoded"); status != http.StatusUnsupportedMediaType {
		t.Errorf("a form: got %d, want 415", status)
	}
	for _, query := range []string{"?limit=0", "?limit=1001", "?order=up", "?format=xml", "?from=then", "?to=then", "?cursor=x", "/summary?step=0", "?form=1", "?from=1&from=2", "/summary?step=1us"} {
		if status, _ := a.do(t, "GET", query, ""); status != http.StatusBadRequest {
			t.Errorf("GET %s: got %d, want 400", query, status)
		}
	}
	a.append(t, "greenhouse", at(5, 5))
	if status, _ := a.do(t, "DELETE", "?form=7", ""); status != http.StatusBadRequest {
		t.Errorf("delete with a misspelt parameter: got %d, want 400", status)
	}
	for _, query := range []string{"", "?from=", "?to="} { // such as of a script whose variable is empty
		if status, _ := a.do(t, "DELETE", query, ""); status != http.StatusBadRequest {
			t.Errorf("DELETE %s: got %d, want 400", query, status)
		}
	}
	if _, deleted := a.do(t, "DELETE", "?from=0", ""); deleted["deleted"] != 1.0 {
		t.Errorf("delete all: got %v, want the one reading, still there", deleted)
	}
	if _, all := a.do(t, "GET", "", ""); len(all["items"].([]any)) != 0 {
		t.Errorf("got %v stored, want nothing", all)
	}
}

// What the decoder by hand takes, encoding/json takes too, with the same values.
func FuzzDecodeReadings(f *testing.F) {
	for _, seed := range []string{`{"values":{"value":21.5}}`, `[{"at":1,"values":{"a":"x\n\ud83d\ude00","b":true,"c":null}},{"at":"2015-02-20","values":{"a":-0.5e-3}}]`,
		`[]`, `[{"values":{"a":1e999}}]`, `{"values":{"a":01}}`, `"`, `{"values":{"a\`, "{\x00"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		readings, batch, err := decodeReadings(body, 7)
		if err != nil {
			if !domain.IsKind(err, domain.Invalid) && !domain.IsKind(err, domain.TooLarge) {
				t.Fatalf("got %v, want an error that the sender may see", err)
			}
			return
		}
		if !batch {
			body = []byte("[" + string(body) + "]")
		}
		var want []struct {
			At     any            `json:"at"`
			Values map[string]any `json:"values"`
		}
		if err := json.Unmarshal(body, &want); err != nil || len(want) != len(readings) {
			t.Fatalf("took %q, which encoding/json reads as %d readings (%v)", body, len(want), err)
		}
		for i, r := range readings {
			if want[i].At == nil && r.At != 7 || len(r.Values) != len(want[i].Values) {
				t.Fatalf("got %+v, want %+v", r, want[i])
			}
			for _, v := range r.Values {
				same := map[domain.ValueKind]any{domain.NumberValue: v.Value.Number, domain.TextValue: v.Value.Text, domain.BoolValue: v.Value.Number != 0, domain.NoValue: nil}
				if got := same[v.Value.Kind]; got != want[i].Values[v.Name] {
					t.Fatalf("%s: got %v, want %v", v.Name, got, want[i].Values[v.Name])
				}
			}
		}
	})
}

func hundred() []byte {
	var body strings.Builder
	for i := range 100 {
		fmt.Fprintf(&body, `,{"at":%d,"values":{"value":%.1f,"wind":%d}}`, 1777888000000+i, 20*math.Sin(float64(i)), i%30)
	}
	return []byte("[" + body.String()[1:] + "]")
}

func BenchmarkDecodeHundred(b *testing.B) {
	body := hundred()
	for b.Loop() {
		if _, _, err := decodeReadings(body, 0); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*100)/b.Elapsed().Seconds(), "readings/s")
}
