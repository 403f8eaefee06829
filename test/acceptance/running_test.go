package acceptance

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/app"
)

func TestHealthIsToldWithoutACredential(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		s.anonymous(t).get("/healthz").want(http.StatusOK)
		if a := s.anonymous(t).get("/readyz").want(http.StatusOK); !a.contains(`"database":"ok"`) {
			t.Errorf("got %s, want the database named", a.body)
		}
	})
}

func TestEveryMetricHasItsName(t *testing.T) {
	t.Parallel()
	s := start(t, metricsOn(t))
	alice := s.signUp(t, "alice")
	alice.makeSensor("greenhouse", private)
	k := alice.makeKey(keyOptions{}, "readings.write")
	s.use(t, k).post("/api/v1/sensors/alice.greenhouse/readings", `{"values":{"value":1}}`).want(http.StatusCreated)
	s.basic(t, k.ID, "wrong password here").get("/api/v1/users/me").want(http.StatusUnauthorized)
	alice.delete("/api/v1/keys/" + k.ID).want(http.StatusNoContent)
	response, err := http.Get(s.Metrics + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`thingward_http_requests_total{code="201",door="api",route="/api/v1/sensors/{sensor}/readings"} 1`,
		`thingward_http_request_seconds_count`,
		`thingward_auth_failures_total{kind="key",reason="wrong"} 1`,
		`thingward_readings_stored_total 1`,
		`thingward_commit_seconds_count`,
		`thingward_commit_batch_size_count`,
		`thingward_revocation_seconds_count`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	if strings.Contains(string(text), k.ID) {
		t.Error("a metric carries the id of a key")
	}
	s.anonymous(t).get("/metrics").want(http.StatusNotFound)
}

func TestAServerToldToStopFinishesWhatItAcknowledged(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		alice.makeSensor("greenhouse", private)
		k := alice.makeKey(keyOptions{}, "readings.write", "readings.read")
		s.keep(k.Password, "a key password")
		var mu sync.Mutex
		var acknowledged []int
		var group sync.WaitGroup
		enough := make(chan struct{})
		signal := sync.OnceFunc(func() { close(enough) })
		for c := range 8 {
			group.Go(func() {
				gateway := s.use(t, k)
				for n := 0; ; n++ {
					value := c*1_000_000 + n
					status, err := gateway.tryPost("/api/v1/sensors/alice.greenhouse/readings", value)
					if err != nil {
						return // the server is gone
					}
					if status == http.StatusCreated {
						mu.Lock()
						acknowledged = append(acknowledged, value)
						mu.Unlock()
					}
					if n == 20 {
						signal()
					}
				}
			})
		}
		<-enough
		began := time.Now()
		if err := s.stop(); err != nil {
			t.Errorf("got %v from the stop, want nil", err)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("the stop took %s, want at most 10 s", took)
		}
		group.Wait()
		again := run(t, s.config)
		stored := storedValues(t, again.use(t, k), "alice.greenhouse")
		if missing, doubled := compareValues(acknowledged, stored); len(missing)+len(doubled) > 0 {
			t.Errorf("of %d acknowledged readings %d are missing and %d are there twice", len(acknowledged), len(missing), len(doubled))
		}
	})
}

func TestAServerThatListensBeyondLoopbackWithoutTLSIsRefused(t *testing.T) {
	t.Parallel()
	config := app.Defaults()
	config.Data, config.PublicURL, config.SignUp = t.TempDir(), "http://things.example", "sometimes"
	err := app.Run(t.Context(), config)
	if err == nil {
		t.Fatal("got no error")
	}
	for _, want := range []string{"--public-url", "--sign-up"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %q, want all faults at once, %s among them", err, want)
		}
	}
}

func TestASecondServerOnTheSameDataFolderIsRefused(t *testing.T) {
	t.Parallel()
	s := start(t)
	config := s.config
	config.Log, config.Out = io.Discard, io.Discard
	if err := app.Run(t.Context(), config); err == nil {
		t.Error("got no error from a second server on one data folder")
	}
	s.anonymous(t).get("/healthz").want(http.StatusOK)
}

// tryPost sends a reading and returns the status, or an error where there was
// no answer.
func (c client) tryPost(path string, value int) (int, error) {
	request, err := http.NewRequest("POST", c.s.URL+path, strings.NewReader(`{"values":{"value":`+itoa(value)+`}}`))
	if err != nil {
		return 0, err
	}
	request.Header = c.header.Clone()
	request.Header.Set("Content-Type", "application/json")
	response, err := c.http.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, err
}

// storedValues reads the field value of every reading, page by page.
func storedValues(t testing.TB, c client, sensorRef string) []int {
	t.Helper()
	var values []int
	for next := ""; ; {
		var page struct {
			Items []reading
			Next  string
		}
		c.get("/api/v1/sensors/" + sensorRef + "/readings?limit=1000&cursor=" + next).want(http.StatusOK).decode(&page)
		for _, r := range page.Items {
			values = append(values, int(r.Values["value"].(float64)))
		}
		if next = page.Next; next == "" {
			return values
		}
	}
}

// compareValues returns what was acknowledged and is not stored, and what is
// stored more than once.
func compareValues(acknowledged, stored []int) (missing, doubled []int) {
	slices.Sort(stored)
	for i, value := range stored {
		if i > 0 && stored[i-1] == value {
			doubled = append(doubled, value)
		}
	}
	for _, value := range acknowledged {
		if _, there := slices.BinarySearch(stored, value); !there {
			missing = append(missing, value)
		}
	}
	return missing, doubled
}
