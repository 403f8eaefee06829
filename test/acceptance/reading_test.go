package acceptance

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestAGatewayScriptSendsAReadingWithNothingButAKey(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		alice.makeSensor("greenhouse", private)
		gateway := alice.withKey("readings.write:alice.greenhouse")

		// curl -u KEYID:KEYPASSWORD -d value=21.5 …/wotkit/api/sensors/NAME/data
		gateway.form("/wotkit/api/sensors/greenhouse/data", "value=21.5").want(http.StatusCreated)
		gateway.post("/api/v1/sensors/alice.greenhouse/readings", `{"values":{"value":22,"note":"door open"}}`).want(http.StatusCreated)

		got := alice.readings("greenhouse")
		if len(got) != 2 || got[0].Values["value"] != 22.0 || got[0].Values["note"] != "door open" || got[1].Values["value"] != 21.5 {
			t.Fatalf("got %v, want the two readings, newest first", got)
		}
		if age := time.Since(got[0].At); age < -time.Second || age > time.Minute {
			t.Errorf("got a reading of %s, want the time of the server", got[0].At)
		}
	})
}

func TestAnybodyAllowedCanReadItBackAndNobodyElse(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice, bob := s.signUp(t, "alice"), s.signUp(t, "bob")
		alice.makeSensor("cellar", private)
		alice.makeSensor("roof", public)
		for _, name := range []string{"cellar", "roof"} {
			alice.post("/api/v1/sensors/"+name+"/readings", `{"values":{"value":7}}`).want(http.StatusCreated)
		}
		reader := alice.withKey("sensors.read", "readings.read")
		stranger, anonymous := bob.withKey("sensors.*", "readings.*"), s.anonymous(t)

		if got := reader.readings("alice.cellar"); len(got) != 1 {
			t.Errorf("the owner's key: got %d readings of the private sensor, want 1", len(got))
		}
		for who, c := range map[string]client{"a stranger's key": stranger, "anonymous": anonymous} {
			if got := c.readings("alice.roof"); len(got) != 1 {
				t.Errorf("%s: got %d readings of the public sensor, want 1", who, len(got))
			}
			secretOne := c.get("/api/v1/sensors/alice.cellar/readings").wantCode(http.StatusNotFound, "sensor_not_found")
			missing := c.get("/api/v1/sensors/alice.nowhere/readings").wantCode(http.StatusNotFound, "sensor_not_found")
			if got, want := withoutRequest(secretOne), withoutRequest(missing); got != want {
				t.Errorf("%s: a private sensor answers %s, one that is not there %s: they must be the same", who, got, want)
			}
		}
	})
}

// withoutRequest cuts the id of the request, which differs.
func withoutRequest(a answer) string {
	head, _, _ := strings.Cut(string(a.body), `"request"`)
	return head
}

func TestReadingsAreExportedInEveryFormat(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		alice.makeSensor("station", private)
		alice.post("/api/v1/sensors/station/readings", `[{"at":"2026-01-01T00:00:00Z","values":{"value":1.5,"note":"a, \"quoted\""}},{"at":1767225660000,"values":{"value":2}}]`).want(http.StatusCreated)
		for format, want := range map[string]string{
			"csv":     `1.5,"a, ""quoted"""`,
			"json":    `"2026-01-01T00:01:00`,
			"kml":     "<kml",
			"geojson": `"FeatureCollection"`,
		} {
			if a := alice.get("/api/v1/sensors/station/readings?order=asc&format=" + format).want(http.StatusOK); !a.contains(want) {
				t.Errorf("%s: got %.400s, want %s in it", format, a.body, want)
			}
		}
	})
}

func TestReadingsArePagedWithoutGapsOrRepeats(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		alice.makeSensor("station", private)
		var batch []map[string]any
		for i := range 250 {
			batch = append(batch, map[string]any{"at": 1_700_000_000_000 + i/3*1000, "values": map[string]any{"value": i}})
		}
		alice.post("/api/v1/sensors/station/readings", batch).want(http.StatusCreated)
		seen, next := map[int64]bool{}, ""
		for pages := 0; pages == 0 || next != ""; pages++ {
			var page struct {
				Items []reading
				Next  string
			}
			alice.get("/api/v1/sensors/station/readings?limit=40&cursor=" + next).want(http.StatusOK).decode(&page)
			for _, r := range page.Items {
				if seen[r.ID] {
					t.Fatalf("reading %d is on two pages", r.ID)
				}
				seen[r.ID] = true
			}
			if next = page.Next; pages > 10 {
				t.Fatal("the pages do not end")
			}
		}
		if len(seen) != 250 {
			t.Errorf("got %d readings on all pages, want 250", len(seen))
		}
	})
}

func TestABatchSentTwiceUnderOneIdempotencyKeyIsStoredOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		alice.makeSensor("station", private)
		gateway := alice.withKey("readings.write").with("Idempotency-Key", "batch-17")
		const path, body = "/api/v1/sensors/alice.station/readings", `[{"values":{"value":1}},{"values":{"value":2}}]`
		gateway.post(path, body).want(http.StatusCreated)
		if a := gateway.post(path, body).want(http.StatusOK); !a.contains(`"repeated":true`) {
			t.Errorf("got %s, want repeated", a.body)
		}
		gateway.post(path, `[{"values":{"value":3}}]`).wantCode(http.StatusConflict, "idempotency_key_reused")
		if got := alice.readings("station"); len(got) != 2 {
			t.Errorf("got %d readings, want 2", len(got))
		}
	})
}

func TestHourlySummariesCoverEveryReading(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		alice.makeSensor("station", private)
		var batch []map[string]any
		began := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		for i := range 180 {
			batch = append(batch, map[string]any{"at": began.Add(time.Duration(i) * time.Minute), "values": map[string]any{"value": i}})
		}
		alice.post("/api/v1/sensors/station/readings", batch).want(http.StatusCreated)
		var summary struct {
			StepSeconds int `json:"step_seconds"`
			Items       []struct {
				Start          time.Time
				Count          int
				Mean, Min, Max float64
			}
		}
		path := "/api/v1/sensors/station/readings/summary?field=value&step=1h&from=%s&to=%s"
		alice.get(fmt.Sprintf(path, "2026-02-28T23:59:59Z", "2026-03-01T03:00:00Z")).want(http.StatusOK).decode(&summary)
		if len(summary.Items) != 3 || summary.StepSeconds != 3600 {
			t.Fatalf("got %+v, want three hours", summary)
		}
		for i, hour := range summary.Items {
			low := float64(60 * i)
			if hour.Count != 60 || hour.Min != low || hour.Max != low+59 || hour.Mean != low+29.5 || !hour.Start.Equal(began.Add(time.Duration(i)*time.Hour)) {
				t.Errorf("hour %d: got %+v", i, hour)
			}
		}
	})
}

func TestDeletingASensorDeletesItsReadings(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		alice.makeSensor("station", private)
		alice.post("/api/v1/sensors/station/readings", `{"values":{"value":1}}`).want(http.StatusCreated)
		alice.delete("/api/v1/sensors/station").want(http.StatusNoContent)
		alice.get("/api/v1/sensors/station/readings").want(http.StatusNotFound)
		alice.makeSensor("station", private)
		if got := alice.readings("station"); len(got) != 0 {
			t.Errorf("got %v in a new sensor of the same name, want nothing", got)
		}
	})
}
