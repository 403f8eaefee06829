package wotkit_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// v2 decodes an answer of V2 and returns the values of its records.
func (a answer) v2() (values string, ids []int64) {
	a.t.Helper()
	var body struct {
		NumFound *int
		Data     struct {
			Data []struct {
				ID        int64
				Timestamp string
				Value     float64
			}
			Fields []struct{ Name string }
		}
		Query map[string]any
	}
	a.want(http.StatusOK).decode(&body)
	if body.NumFound == nil || body.Query == nil || len(body.Data.Fields) == 0 || body.Data.Data == nil {
		a.t.Fatalf("%s: incomplete answer %s", a.asked, a.body)
	}
	var texts []string
	for _, record := range body.Data.Data {
		texts = append(texts, fmt.Sprint(record.Value))
		ids = append(ids, record.ID)
	}
	return strings.Join(texts, " "), ids
}

func TestQueriesOfV2(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alice := w.as("alice")
	alice.sensor("greenhouse", public)
	path := "v2/sensors/greenhouse/data"
	for _, record := range []struct{ ago, value int64 }{{5, 5}, {3, 31}, {3, 32}, {3, 33}, {1, 1}} {
		alice.form(path, fmt.Sprintf("value=%d&timestamp=%s", record.value, w.millis(record.ago*minute))).want(http.StatusCreated)
	}
	_, ids := alice.get(path).v2()
	at := func(ago int64) string { return w.millis(ago * minute) }
	for query, want := range map[string]string{
		"":                                "5 31 32 33 1",
		"?limit=2":                        "33 1",
		"?recent_n=3":                     "32 33 1",
		"?recent_t=200000":                "31 32 33 1",
		"?recent_t=200000&limit=1":        "1",
		"?start=" + at(3):                 "1",
		"?start=" + at(3) + "&start_id=0": "31 32 33 1",
		"?start=" + at(3) + "&start_id=" + fmt.Sprint(ids[1]):                 "32 33 1",
		"?start_id=" + fmt.Sprint(ids[2]):                                     "33 1",
		"?start=" + at(5) + "&end=" + at(3):                                   "31 32 33",
		"?start=" + at(5) + "&end=" + at(3) + "&end_id=" + fmt.Sprint(ids[2]): "31 32",
		"?start=0&limit=2&offset=1":                                           "31 32",
		"?end=" + at(4):                                                       "5",
	} {
		if got, _ := w.nobody().get(strings.Replace(path, "greenhouse", "alice.greenhouse", 1) + query).v2(); got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
	alice.get(path + "/?recent_n=1").golden("data_v2.json")
	alice.get(path + "?start=2026-05-04T09:59:00Z&start_id=0&limit=5").golden("data_v2_range.json")
	alice.get(fmt.Sprintf("%s/%d", path, ids[4])).want(http.StatusOK).golden("record_v2.json")
	alice.get(path+"?recent_n=1&recent_t=1").wantError(http.StatusBadRequest, "mixed", "")
	alice.get(path + "/999999").want(http.StatusNotFound)
	alice.get(path + "/x").want(http.StatusNotFound)
	w.nobody().get("v2/sensors/alice.nothing/data?recent_n=1&recent_t=1").want(http.StatusNotFound)
}

func TestReplacingAndDeletingInV2(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alice := w.as("alice")
	alice.sensor("greenhouse", public)
	path := "v2/sensors/greenhouse/data"
	for i := int64(5); i >= 1; i-- {
		alice.record("greenhouse", i*minute, fmt.Sprint(i))
	}
	at := func(ago int64) string { return w.millis(ago * minute) }
	alice.put(path, `[{"timestamp":`+at(4)+`,"value":40},{"timestamp":`+at(2)+`,"value":20}]`).want(http.StatusNoContent)
	values, ids := alice.get(path).v2()
	if values != "5 40 3 20 1" {
		t.Errorf("got %s, want only equal times replaced", values)
	}
	alice.put(path, `[{"value":40}]`).wantError(http.StatusBadRequest, "Object has validation errors", "timestamp")
	alice.put(path, `[{"timestamp":`+at(4)+`,"value":"x"}]`).wantError(http.StatusBadRequest, "Object has validation errors", "expected NUMBER")
	alice.delete(fmt.Sprintf("%s/%d", path, ids[0])).want(http.StatusNoContent)
	alice.delete(fmt.Sprintf("%s/%d", path, ids[0])).want(http.StatusNotFound)
	for _, query := range []string{"", "?limit=5", "?recent_n=1", "?start=" + at(3) + "&recent_t=5", "?strat=5", "?start=x"} {
		alice.delete(path + query).want(http.StatusBadRequest)
	}
	w.as("bobby").delete("v2/sensors/alice.greenhouse/data?start=0").want(http.StatusNotFound)
	alice.delete(path + "?start=" + at(4) + "&end=" + at(2)).want(http.StatusNoContent)
	if values, _ := alice.get(path).v2(); values != "40 1" {
		t.Errorf("got %s, want 40 1", values)
	}
}

func TestDataOfSeveralSensorsIsAllOrNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alice := w.as("alice")
	alice.sensor("one-sensor", public)
	alice.sensor("two-sensor", public)
	w.as("bobby").sensor("three-sensor", public)
	record := func(sensor, value string) string {
		return `{"sensor_name":"` + sensor + `","timestamp":` + w.millis(minute) + `,"value":` + value + `}`
	}
	alice.post("v2/data/alice", "["+record("one-sensor", "1")+","+record("two-sensor", "2")+"]").want(http.StatusNoContent)
	const invalid = "Object has validation errors"
	alice.post("v2/data/alice", "["+record("one-sensor", "3")+","+record("two-sensor", `"x"`)+"]").wantError(http.StatusBadRequest, invalid, "expected NUMBER")
	alice.post("v2/data/alice", "["+record("one-sensor", "3")+`,{"sensor_name":"two-sensor","value":4}]`).wantError(http.StatusBadRequest, invalid, "timestamp")
	alice.post("v2/data/alice", "["+record("one-sensor", "3")+`,{"timestamp":5,"value":4}]`).wantError(http.StatusBadRequest, invalid, "sensor_name")
	alice.post("v2/data/alice", "["+record("one-sensor", "3")+","+record("nothing", "4")+"]").want(http.StatusNotFound)
	alice.post("v2/data/bobby", "["+record("three-sensor", "3")+"]").want(http.StatusNotFound)
	if got := w.nobody().get("data").column("value"); got != "1 2" {
		t.Errorf("got %s, want 1 2", got)
	}
}
