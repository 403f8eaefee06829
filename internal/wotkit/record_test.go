package wotkit

import (
	"encoding/json"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

func read(contentType, body string) (record, bool, error) {
	r := httptest.NewRequest("POST", "/", strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return readRecord(httptest.NewRecorder(), r)
}

const multi = "--b\r\nContent-Disposition: form-data; name=\"value\"\r\n\r\n21.5\r\n--b\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\na;b\r\n--b--\r\n"

func TestOneRecordInEveryForm(t *testing.T) {
	t.Parallel()
	want := []domain.NamedValue{{Name: "value", Value: domain.Number(21.5)}, {Name: "message", Value: domain.Text("a;b")}}
	for _, sent := range []struct{ contentType, body string }{
		{"application/x-www-form-urlencoded", "value=21.5&message=a;b"},
		{"application/x-www-form-urlencoded;", "value=21.5&message=a%3Bb"},
		{"application/x-www-form-urlencoded; charset=UTF-8", "value=21.5&message=a%3bb&access_token=secret\r\n"},
		{"", "value=21.5&message=a;b"},
		{"application/json", `{"value":21.5,"message":"a;b"}`},
		{"Application/JSON;charset=utf-8", `{"value":21.5,"id":3,"sensor_id":4,"sensor_name":"x","timestamp_iso":"y","message":"a;b","nothing":null}`},
		{"", ` {"value":21.5,"message":"a;b"}`},
		{"application/x-www-form-urlencoded", `{"value":21.5,"message":"a;b"}`}, // curl -d with JSON
		{"multipart/form-data; boundary=b", multi},
	} {
		got, form, err := read(sent.contentType, sent.body)
		if form && err == nil {
			err = settle(got.values, func() ([]domain.Field, error) { return domain.DefaultFields(), nil })
		}
		if err != nil || !slices.Equal(got.values, want) || got.timed {
			t.Errorf("%s %s: got %+v %v, want %+v", sent.contentType, sent.body, got, err, want)
		}
	}
}

func TestTimestampsOfRecords(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]domain.Millis{
		`{"timestamp":1424393704000}`:                  1424393704000,
		`{"timestamp":1424393704000.0}`:                1424393704000,
		`{"timestamp":"1424393704000"}`:                1424393704000,
		`{"timestamp":"2015-02-20T0:55:04.000z"}`:      1424393704000,
		`{"timestamp":"2015-02-20T01:55:04+01:00"}`:    1424393704000,
		`timestamp=1424393704000`:                      1424393704000,
		`timestamp=2015-02-20T0:55:04Z`:                1424393704000,
		`timestamp=2015-02-20T02:55:04.000000%2B02:00`: 1424393704000,
	} {
		got, _, err := read("", body)
		if err != nil || !got.timed || got.at != want {
			t.Errorf("%s: got %d %v, want %d", body, got.at, err, want)
		}
	}
	for _, body := range []string{`{"timestamp":null}`, `{"timestamp":""}`, "timestamp=&value=1"} {
		if got, _, err := read("", body); err != nil || got.timed {
			t.Errorf("%s: got %+v %v, want no time", body, got, err)
		}
	}
}

func TestBadRecords(t *testing.T) {
	t.Parallel()
	for _, sent := range []struct{ contentType, body string }{
		{"application/json", ""}, {"application/json", "[]"}, {"application/json", "[{}]"}, {"application/json", "5"}, {"application/json", "null"},
		{"application/json", `{"value":1}{"value":2}`}, {"application/json", `{"value":[1]}`}, {"application/json", `{"value":{"a":1}}`},
		{"application/json", `{"value":1e400}`}, {"application/json", `{"value":NaN}`}, {"application/json", `{"value":1`}, {"application/json", `{"value"}`},
		{"application/json", "{\"message\":\"\xff\"}"}, {"application/json", `{"timestamp":"yesterday"}`}, {"application/json", `{"timestamp":{}}`},
		{"application/json", strings.Repeat(`{"a":`, 10) + "1" + strings.Repeat("}", 10)},
		{"", "timestamp=yesterday"}, {"", "message=%ff"}, {"", "message=%zz"}, {"", strings.Repeat("a=1&", 2000)}, {"", `[{"value":1}]`},
		{"multipart/form-data", multi},
		{"application/xml", "<value>1</value>"},
	} {
		if got, _, err := read(sent.contentType, sent.body); err == nil {
			t.Errorf("%s %.60q: got %+v, want a refusal", sent.contentType, sent.body, got)
		}
	}
}

func TestNumericTextOfForms(t *testing.T) {
	t.Parallel()
	fields := []domain.Field{{Name: "value", Type: domain.NumberField}, {Name: "message", Type: domain.StringField}}
	for _, sent := range []struct {
		name, text string
		want       domain.Value
	}{
		{"value", "1.50", domain.Number(1.5)},
		{"message", "007", domain.Text("007")},
		{"message", "1.50", domain.Text("1.50")},
		{"unlisted", "007", domain.Number(7)},
		{"unlisted", "abc", domain.Text("abc")},
		{"unlisted", "NaN", domain.Text("NaN")},
	} {
		values := []domain.NamedValue{{Name: sent.name, Value: domain.Text(sent.text)}}
		if err := settle(values, func() ([]domain.Field, error) { return fields, nil }); err != nil || values[0].Value != sent.want {
			t.Errorf("%s=%s: got %+v %v, want %+v", sent.name, sent.text, values[0].Value, err, sent.want)
		}
	}
	values := []domain.NamedValue{{Name: "message", Value: domain.Text("42")}}
	err := settle(values, func() ([]domain.Field, error) { t.Error("the fields were asked for"); return nil, nil })
	if text, _ := values[0].Value.As(domain.StringField); err != nil || text != domain.Text("42") {
		t.Errorf("got %+v %v, want what becomes the text 42 again", values[0].Value, err)
	}
}

func TestRecordsAsJSON(t *testing.T) {
	t.Parallel()
	sensor := domain.Sensor{ID: 7, OwnerName: "alice", Name: "greenhouse"}
	r := domain.Reading{ID: 12, At: 1398702013281, Values: []domain.NamedValue{
		{Name: "value", Value: domain.Number(-0.5)}, {Name: "odd \"<name>", Value: domain.Text("a\"b\u2028<")}, {Name: "on", Value: domain.Bool(true)},
	}}
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		writer recordWriter
		want   string
	}{
		{recordWriter{zone: time.UTC}, `{"id":12,"timestamp":1398702013281,"timestamp_iso":"2014-04-28T16:20:13.281Z","sensor_id":7,"sensor_name":"alice.greenhouse",`},
		{recordWriter{zone: paris, stamp: textStamp}, `{"id":12,"timestamp":"1398702013281","timestamp_iso":"2014-04-28T18:20:13.281+02:00","sensor_id":7,"sensor_name":"alice.greenhouse",`},
	} {
		got := string(c.writer.append(&sensor, &r))
		if want := c.want + `"value":-0.5,"odd \"\u003cname\u003e":"a\"b\u2028\u003c","on":true}`; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if !json.Valid([]byte(got)) {
			t.Errorf("no JSON: %s", got)
		}
	}
}

func FuzzFormRecord(f *testing.F) {
	f.Add("application/x-www-form-urlencoded", "value=21.5&timestamp=2015-02-20T0:55:04.000z&message=a;b")
	f.Add("", `{"value":1,"timestamp":5}`)
	f.Add("multipart/form-data; boundary=b", multi)
	f.Fuzz(func(t *testing.T, contentType, body string) {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Header["Content-Type"] = []string{contentType}
		rec, _, err := readRecord(httptest.NewRecorder(), r)
		if err != nil {
			if domain.KindOf(err) == domain.Internal {
				t.Fatalf("%q: internal error %v", body, err)
			}
			return
		}
		checkRecord(t, rec)
	})
}

func FuzzDecodeRecords(f *testing.F) {
	f.Add(`[{"timestamp":5,"value":1.5,"message":"x","on":true,"none":null},{"sensor_name":"a"}]`)
	f.Add(`[{"a":1e999}]`)
	f.Fuzz(func(t *testing.T, body string) {
		records, err := decodeRecords([]byte(body))
		if err != nil {
			if domain.KindOf(err) == domain.Internal {
				t.Fatalf("%q: internal error %v", body, err)
			}
			return
		}
		if !json.Valid([]byte(body)) {
			t.Fatalf("took %q for JSON", body)
		}
		for _, rec := range records {
			checkRecord(t, rec)
		}
	})
}

// checkRecord writes what was read and wants valid JSON.
func checkRecord(t *testing.T, rec record) {
	t.Helper()
	reading := rec.reading(0)
	writer := recordWriter{zone: time.UTC}
	if got := writer.append(&domain.Sensor{}, &reading); !json.Valid(got) {
		t.Fatalf("wrote %s", got)
	}
}
