package wotkit_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestSendingOneRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alice := w.as("alice")
	alice.sensor("greenhouse", public)
	path := "sensors/greenhouse/data"
	for _, sent := range []struct{ contentType, body string }{
		{asForm, "value=1&lat=666&lng=-999&message=007&extra=5"},
		{asForm + ";", "value=2&message=a;b"},
		{asJSON, `{"value":3,"extra":5,"id":9,"sensor_id":9,"sensor_name":"x"}`},
		{"", "value=4"},
		{"", `{"value":5}`},
		{asForm, `{"value":"6"}`},
		{"multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"value\"\r\n\r\n7\r\n--b--\r\n"},
	} {
		if a := alice.send("POST", path, sent.contentType, sent.body).want(http.StatusCreated); a.body != "" {
			t.Errorf("%s: got the body %q", sent.body, a.body)
		}
		w.clock.Advance(time.Second)
	}
	if got := alice.get(path).column("value"); got != "1 2 3 4 5 6 7" {
		t.Errorf("got %s, want 1 to 7", got)
	}
	first := alice.get(path).items()[0]
	if first["message"] != "007" || first["extra"] != 5.0 || first["lat"] != 666.0 || first["lng"] != -999.0 {
		t.Errorf("got %v", first)
	}
	alice.get(path + "?beforeE=1").golden("data.json")
}

func TestBadDataIsNotStored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alice := w.as("alice")
	alice.sensor("greenhouse", public)
	path := "sensors/greenhouse/data"
	ahead := fmt.Sprint(w.now() + minute)
	const invalid = "Object has validation errors"
	alice.form(path, "value=100string").wantError(http.StatusBadRequest, invalid, "expected NUMBER")
	alice.post(path, `{"value":"100string"}`).wantError(http.StatusBadRequest, invalid, "expected NUMBER")
	alice.post(path, `{"value":true}`).wantError(http.StatusBadRequest, invalid, "expected NUMBER")
	alice.form(path, "value=1&timestamp="+ahead).wantError(http.StatusBadRequest, invalid, "future")
	alice.post(path, `{"value":1,"timestamp":`+ahead+`}`).wantError(http.StatusBadRequest, invalid, "future")
	alice.form(path, "value=1&timestamp=yesterday").wantError(http.StatusBadRequest, invalid, "timestamp")
	alice.form(path, "value=1&value=2").wantError(http.StatusBadRequest, invalid, "value")
	alice.form(path, "").wantError(http.StatusBadRequest, invalid, "")
	alice.post(path, "{}").wantError(http.StatusBadRequest, invalid, "")
	alice.post(path, `[{"value":1}]`).wantError(http.StatusBadRequest, invalid, "")
	alice.post(path, `{"value":1e999}`).wantError(http.StatusBadRequest, invalid, "value")
	alice.form(path, "value=%zz").wantError(http.StatusBadRequest, invalid, "")
	alice.send("POST", path, "application/xml", "<a/>").wantError(http.StatusUnsupportedMediaType, "", "")
	alice.post(path, `{"message":"`+strings.Repeat("x", 3<<20)+`"}`).wantError(http.StatusRequestEntityTooLarge, "", "")
	alice.post("sensors/nothing/data", `{`).wantError(http.StatusNotFound, "Could not locate this resource.", "nothing")
	if got := alice.get(path).items(); len(got) != 0 {
		t.Errorf("got %v, want nothing stored", got)
	}
	alice.post(path, `{"value":1,"timestamp":`+fmt.Sprint(w.now()+4000)+`}`).want(http.StatusCreated) // tolerated skew …
	if got := alice.get(path + "?beforeE=1").column("value"); got != "1" {                            // … is readable at once
		t.Errorf("got %s, want 1", got)
	}
	if got := alice.get(path + "?before=60000").column("value"); got != "1" {
		t.Errorf("got %s, want 1", got)
	}
}

func TestBulkReplace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alice := w.as("alice")
	alice.sensor("greenhouse", public)
	path := "sensors/greenhouse/data"
	for i := int64(1); i <= 5; i++ {
		alice.record("greenhouse", i*minute, fmt.Sprint(i))
	}
	at := func(ago int64) string { return w.millis(ago * minute) }
	alice.put(path, `[{"timestamp":`+at(3)+`,"value":30}]`).want(http.StatusNoContent)
	if got := alice.get(path).column("value"); got != "5 4 30 2 1" {
		t.Errorf("one record: got %s", got)
	}
	alice.put(path+"/", `[{"timestamp":"`+w.clock.Now().Add(-4*time.Minute).Format(time.RFC3339Nano)+`","value":40},{"timestamp":`+at(2)+`,"value":20}]`).want(http.StatusNoContent)
	if got := alice.get(path).column("value"); got != "5 40 20 1" {
		t.Errorf("several records: got %s", got)
	}
	alice.put(path, `[{"timestamp":`+at(5)+`,"value":50},{"timestamp":`+at(1)+`,"value":"x"}]`).wantError(http.StatusBadRequest, "Object has validation errors", "expected NUMBER")
	alice.put(path, `[{"timestamp":`+at(5)+`,"value":50},{"timestamp":`+at(-1)+`,"value":1}]`).wantError(http.StatusBadRequest, "Object has validation errors", "future")
	alice.put(path, `{"value":1}`).want(http.StatusBadRequest)
	w.as("bobby").put("sensors/alice.greenhouse/data", `[{"value":1}]`).want(http.StatusNotFound)
	if got := alice.get(path).column("value"); got != "5 40 20 1" {
		t.Errorf("a refused batch changed something: got %s", got)
	}
	alice.put(path, `[{"value":99}]`).want(http.StatusNoContent) // now
	if got := alice.get(path + "?beforeE=1").column("value"); got != "99" {
		t.Errorf("got %s, want 99", got)
	}
}

func TestDeletingDataOfOneTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alice := w.as("alice")
	alice.sensor("greenhouse", public)
	path := "sensors/greenhouse/data"
	alice.record("greenhouse", 2*minute, "1")
	alice.record("greenhouse", 2*minute, "2")
	alice.record("greenhouse", minute, "3")
	alice.delete(path + "/" + w.millis(2*minute)).want(http.StatusNoContent)
	if got := alice.get(path).column("value"); got != "3" {
		t.Errorf("got %s, want 3", got)
	}
	alice.delete(path + "/" + w.millis(2*minute)).want(http.StatusNoContent)
	alice.delete(path + "/" + w.clock.Now().Add(-time.Minute).Format("2006-01-02T15:04:05.000z")).want(http.StatusNoContent)
	if got := alice.get(path).items(); len(got) != 0 {
		t.Errorf("got %v, want nothing", got)
	}
	alice.delete(path + "/yesterday").want(http.StatusBadRequest)
	alice.delete("sensors/nothing/data/yesterday").want(http.StatusNotFound)
	if got := alice.get("sensors/greenhouse").want(http.StatusOK).body; !strings.Contains(got, `"lastUpdate":"`) {
		t.Errorf("deleting data reset lastUpdate: %s", got)
	}
}

func TestRawRanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alice := w.as("alice")
	alice.sensor("greenhouse", public)
	for i := int64(5); i >= 1; i-- {
		alice.record("greenhouse", i*minute, fmt.Sprint(i))
	}
	at := func(ago int64) string { return w.millis(ago * minute) }
	iso := w.clock.Now().Add(-3 * time.Minute).Format(time.RFC3339)
	for query, want := range map[string]string{
		"":                                    "5 4 3 2 1",
		"?reverse=true":                       "1 2 3 4 5",
		"?start=" + at(4) + "&end=" + at(2):   "3 2",
		"?start=" + iso:                       "2 1",
		"?start=" + at(3):                     "2 1",
		"?start=" + at(2) + "&before=120000":  "3 2",
		"?before=150000":                      "2 1",
		"?start=" + at(4) + "&after=120000.5": "3 2",
		"?start=" + at(3) + "&beforeE=2":      "4 3",
		"?beforeE=1":                          "1",
		"?beforeE=0":                          "",
		"?start=" + at(5) + "&afterE=2":       "4 3",
		"?start=" + at(5) + "&afterE=2&reverse=true": "3 4",
		"?beforeE=2&reverse=1":                       "1 2",
	} {
		if got := w.nobody().get("sensors/alice.greenhouse/data" + query).column("value"); got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
	w.nobody().get("sensors/alice.greenhouse/data?after=5").wantError(http.StatusBadRequest, "", "start")
	w.nobody().get("sensors/alice.nothing/data?beforeE=0").want(http.StatusNotFound)
}

func TestAllOfALongRangeIsAnswered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alice := w.as("alice")
	alice.sensor("greenhouse", public)
	const n = 2500
	records := make([]string, n)
	for i := range records {
		records[i] = fmt.Sprintf(`{"timestamp":%s,"value":%d}`, w.millis(int64(n-i)*1000), i)
	}
	alice.put("sensors/greenhouse/data", "["+strings.Join(records, ",")+"]").want(http.StatusNoContent)
	for query, want := range map[string]int{"": 1000, "?beforeE=2000": 2000, "?before=1e12": n, "?start=0": n} {
		got := alice.get("sensors/greenhouse/data" + query).items()
		if len(got) != want || got[want-1]["value"] != float64(n-1) {
			t.Errorf("%q: got %d records, want %d up to the newest", query, len(got), want)
		}
	}
}

func TestTimesFollowTheZoneOfTheAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alice := w.as("alice")
	alice.sensor("greenhouse", public)
	alice.record("greenhouse", 0, "1")
	moved := w.users["alice"]
	moved.TimeZone = "America/Vancouver"
	w.updateProfile(moved)
	if got := alice.get("sensors/greenhouse/data").column("timestamp_iso"); got != "2026-05-04T03:00:00.000-07:00" {
		t.Errorf("got %s, want the time in Vancouver", got)
	}
	if got := w.nobody().get("sensors/alice.greenhouse/data").column("timestamp_iso"); got != "2026-05-04T10:00:00.000Z" {
		t.Errorf("got %s, want the time in UTC", got)
	}
	if got := alice.get("sensors/greenhouse/dataTable").want(http.StatusOK).body; !strings.Contains(got, "new Date(2026,4,4,3,0,0)") {
		t.Errorf("got %s, want the time in Vancouver", got)
	}
}

func TestAggregate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alice, bobby := w.as("alice"), w.as("bobby")
	alice.sensor("one-sensor", public, `"tags":["a"]`)
	alice.sensor("two-sensor", private, `"tags":["a"]`)
	bobby.sensor("three-sensor", public)
	alice.record("one-sensor", 5*minute, "5")
	alice.record("two-sensor", 4*minute, "4")
	bobby.record("three-sensor", 3*minute, "3")
	alice.record("one-sensor", 2*minute, "2")
	alice.record("two-sensor", minute, "1")
	at := func(ago int64) string { return w.millis(ago * minute) }
	for query, want := range map[string]string{
		"":                                  "5 4 3 2 1",
		"?orderBy=sensor":                   "5 2 4 1 3",
		"?tags=a":                           "5 4 2 1",
		"?scope=contributed&owners=bobby":   "",
		"?groups=anything&owners=bobby":     "3",
		"?start=" + at(4) + "&end=" + at(2): "3 2",
		"?start=" + at(2) + "&end=" + at(4): "3 2",
		"?start=" + at(4) + "&after=60000":  "3",
		"?start=" + at(2) + "&before=60000": "2",
		"?start=" + at(2) + "&beforeE=2":    "3 2",
		"?start=" + at(5) + "&afterE=2":     "4 3",
		"?limit=2":                          "5 4",
		"?limit=2&offset=3":                 "2 1",
		"?limit=0":                          "",
		"?visibility=organization":          "",
		"?start=0&reverse=true":             "1 2 3 4 5",
	} {
		if got := alice.get("data" + query).column("value"); got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
	if got := w.nobody().get("data/").column("value"); got != "5 3 2" {
		t.Errorf("anonymous: got %s, want the public ones", got)
	}
	alice.get("data?orderBy=size").want(http.StatusBadRequest)
	alice.get("data?beforeE=1e9").wantError(http.StatusBadRequest, "", "beforeE")
}

func TestTheDataTable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alice := w.as("alice")
	alice.sensor("greenhouse", public, `"longName":"Green <b>house</b>"`)
	alice.form("sensors/greenhouse/data", "value=66&message=%3Cscript%3E&timestamp="+w.millis(2*minute)).want(http.StatusCreated)
	alice.form("sensors/greenhouse/data", "value=5&message==1%2B1&timestamp="+w.millis(minute)).want(http.StatusCreated)
	path := "sensors/alice.greenhouse/dataTable"
	for name, query := range map[string]string{
		"datatable/script.js":    "?tqx=reqId:1",
		"datatable/query.js":     "?tqx=reqId:2;responseHandler:my.handler&tq=select%20*%20where%20value%20%3E%2020",
		"datatable/range.csv":    "?beforeE=1&tqx=out:csv;outfile:green%20house.csv",
		"datatable/table.html":   "/?tqx=reqId:1;out:html&tq=select%20timestamp,%20message",
		"datatable/table.tsv":    "?out=tsv-excel&reqId=7",
		"datatable/bad_tq.js":    "?tqx=reqId:3&tq=select%20%3Cscript%3E",
		"datatable/group.js":     "?tq=select+value+group+by+value",
		"datatable/bad_tqx.js":   "?tqx=reqId:4;responseHandler:alert(1)",
		"datatable/empty.js":     "?beforeE=0",
		"datatable/bad_tq.html":  "?tqx=out:html&tq=%3Cscript%3E",
		"datatable/separate.csv": "?out=csv&tq=limit+1",
	} {
		a := w.nobody().get(path + query).want(http.StatusOK).golden(name)
		wants := map[string]string{".js": "text/javascript", ".csv": "text/csv", "html": "text/html", ".tsv": "text/tab-separated-values"}
		if want := wants[name[max(strings.LastIndex(name, "."), len(name)-4):]]; !strings.HasPrefix(a.header.Get("Content-Type"), want) {
			t.Errorf("%s: got the content type %q, want %s", name, a.header.Get("Content-Type"), want)
		}
		if a.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: sniffing is allowed", name)
		}
	}
	if got := w.nobody().get(path + "?tqx=out:csv;outfile:green%20house.csv").header.Get("Content-Disposition"); got != `attachment; filename="green_house.csv"` {
		t.Errorf("got the disposition %s", got)
	}
	w.nobody().get("sensors/alice.nothing/dataTable?tqx=reqId:1").wantError(http.StatusNotFound, "Could not locate this resource.", "alice.nothing")
	w.nobody().get(path + "?after=1").want(http.StatusBadRequest)
}

func TestDataThatIsKnownIsNotSentAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alice := w.as("alice")
	alice.sensor("greenhouse", public)
	alice.record("greenhouse", minute, "66")
	path := "sensors/greenhouse/dataTable?tqx=reqId:1"
	_, rest, _ := strings.Cut(alice.get(path).want(http.StatusOK).body, `"sig":"`)
	sig, _, _ := strings.Cut(rest, `"`)
	if got := alice.get(path + ";sig:" + sig).want(http.StatusOK).body; !strings.Contains(got, `"status":"error","errors":[{"reason":"not_modified"`) {
		t.Errorf("got %s, want not_modified", got)
	}
	alice.record("greenhouse", 0, "67")
	if got := alice.get(path + ";sig:" + sig).want(http.StatusOK).body; !strings.Contains(got, `"status":"ok"`) {
		t.Errorf("got %s, want the new data", got)
	}
}

func TestAPageOfAnotherOriginGetsOnlyPublicData(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.as("alice").sensor("closed-one", private)
	for _, c := range []struct {
		path string
		want int
	}{{"sensors/alice.closed-one/dataTable", http.StatusNotFound}} {
		r := httptest.NewRequest("GET", api+c.path, nil)
		r.SetBasicAuth("alice", w.as("alice").password)
		r.Header.Set("Sec-Fetch-Mode", "no-cors")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		w.serve(r).want(c.want)
	}
}
