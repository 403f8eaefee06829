package acceptance

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/app"
)

// wotkitStory gives a story a sensor greenhouse of alice and a key for it.
func wotkitStory(t *testing.T, story func(t *testing.T, s *server, alice person, gateway client), changes ...func(*app.Config)) {
	t.Helper()
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		gateway := alice.withKey("sensors.*", "readings.*")
		gateway.post("/wotkit/api/sensors", `{"name":"greenhouse","longName":"The greenhouse","visibility":"PUBLIC","tags":["Glass","warm"]}`).want(http.StatusCreated)
		story(t, s, alice, gateway)
	}, changes...)
}

// TestOldProgramsSpeakOldHTTP sends what HTTP libraries of today would not:
// HTTP/1.0 with a stray semicolon, the absolute form that proxies use, a body
// in chunks, a raw semicolon in the query.
func TestOldProgramsSpeakOldHTTP(t *testing.T) {
	wotkitStory(t, func(t *testing.T, s *server, alice person, _ client) {
		k := alice.makeKey(keyOptions{}, "readings.*")
		credential := base64.StdEncoding.EncodeToString([]byte(k.ID + ":" + k.Password))
		host := strings.TrimPrefix(s.URL, "http://")
		for _, request := range []struct{ text, want string }{
			{"POST /wotkit/api/v1/sensors/alice.greenhouse/data HTTP/1.0\r\nAuthorization: Basic " + credential +
				"\r\nContent-Type: application/x-www-form-urlencoded;\r\nContent-Length: 9\r\n\r\nvalue=512", "HTTP/1.0 201"},
			{"POST " + s.URL + "/wotkit/api/sensors/greenhouse/data/ HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\nAuthorization: Basic " + credential +
				"\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n{\"valu\r\n7\r\ne\":513}\r\n0\r\n\r\n", "HTTP/1.1 201"},
			{"GET /wotkit/api/sensors/alice.greenhouse/dataTable/?tqx=reqId:1;out:html&tq=select%20* HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n", "HTTP/1.1 200"},
			{"GET /wotkit/api/sensors/? HTTP/1.0\r\n\r\n", "HTTP/1.0 200"},
		} {
			if got := s.raw(t, request.text); !strings.HasPrefix(got, request.want) {
				t.Errorf("%.70q: got %q, want %s", request.text, got, request.want)
			}
		}
		if got := s.anonymous(t).get("/wotkit/api/sensors/alice.greenhouse/data?beforeE=2"); !got.contains(`"value":512`) || !got.contains(`"value":513`) {
			t.Errorf("got %s, want both values", got.body)
		}
	})
}

func TestTheWotkitDoorHasAHostNameOfItsOwn(t *testing.T) {
	ownHost := func(c *app.Config) { c.WotkitHost = "wotkit.example.org" }
	wotkitStory(t, func(t *testing.T, s *server, _ person, _ client) {
		for path, want := range map[string]string{
			"/api/sensors": "200", "/api/v1/sensors/alice.greenhouse/": "200", "/api/v2/sensors/alice.greenhouse/data": "200", "/wotkit/api/sensors": "200",
		} {
			got := s.raw(t, "GET "+path+" HTTP/1.1\r\nHost: wotkit.example.org\r\nConnection: close\r\n\r\n")
			if !strings.Contains(got, want) {
				t.Errorf("%s: got %q, want %s", path, got, want)
			}
		}
		s.anonymous(t).get("/api/sensors").want(http.StatusNotFound) // not on the main host
	}, ownHost)
}

// TestAllDataOfALongRangeComesInOrder reads more than fits into any buffer.
func TestAllDataOfALongRangeComesInOrder(t *testing.T) {
	wotkitStory(t, func(t *testing.T, s *server, _ person, gateway client) {
		const n = 5000
		began := time.Now().Add(-24 * time.Hour).UnixMilli()
		records := make([]string, n)
		for i := range records {
			records[i] = fmt.Sprintf(`{"timestamp":%d,"value":%d,"message":"%s"}`, began+int64(i)*1000, i, strings.Repeat("x", i%50))
		}
		gateway.put("/wotkit/api/sensors/greenhouse/data", "["+strings.Join(records, ",")+"]").want(http.StatusNoContent)
		type record struct {
			ID, Timestamp int64
			Value         int
		}
		for query, ascending := range map[string]bool{"?start=0": true, "?start=0&reverse=true": false, "?beforeE=5000": true} {
			var got []record
			gateway.get("/wotkit/api/v1/sensors/greenhouse/data" + query).want(http.StatusOK).decode(&got)
			if len(got) != n {
				t.Fatalf("%s: got %d records, want %d", query, len(got), n)
			}
			for i, r := range got {
				want := i
				if !ascending {
					want = n - 1 - i
				}
				if r.Value != want {
					t.Fatalf("%s: got %d at place %d, want %d", query, r.Value, i, want)
				}
			}
		}
		var page struct {
			Data struct{ Data []struct{ Timestamp string } }
		}
		gateway.get("/wotkit/api/v2/sensors/greenhouse/data?start=0&offset=4990").want(http.StatusOK).decode(&page)
		if got := page.Data.Data; len(got) != 10 || got[9].Timestamp != fmt.Sprint(began+(n-1)*1000) {
			t.Errorf("got %d records, want the last ten", len(got))
		}
		body := gateway.get("/wotkit/api/sensors/greenhouse/dataTable?start=0&tqx=reqId:1&tq=select%20value%20where%20value%20>%204000%20order%20by%20value%20desc%20limit%203").want(http.StatusOK).body
		if want := `"rows":[{"c":[{"v":4999}]},{"c":[{"v":4998}]},{"c":[{"v":4997}]}]`; !strings.Contains(string(body), want) {
			t.Errorf("got %.500s, want %s", body, want)
		}
	})
}

// TestTheSameThingsAreFoundOnBothDatabases asks the queries that reach deepest
// into the database.
func TestTheSameThingsAreFoundOnBothDatabases(t *testing.T) {
	wotkitStory(t, func(t *testing.T, s *server, _ person, gateway client) {
		gateway.post("/wotkit/api/sensors", `{"name":"cellar","longName":"The Cellar","description":"dark %_","latitude":49.2,"longitude":-123,"metadata":{"floor":-1,"a;b":"c:d"},"tags":["cold"]}`).want(http.StatusCreated)
		gateway.form("/wotkit/api/sensors/cellar/data", "value=7").want(http.StatusCreated)
		gateway.form("/wotkit/api/sensors/greenhouse/data", "value=21").want(http.StatusCreated)
		for query, want := range map[string]string{
			"tags=GLASS;WARM,cold":            "[greenhouse cellar]",
			"text=%25_":                       "[cellar]",
			"metadata=floor:-1":               "[cellar]",
			`metadata=a%5C%3Bb:c%5C:d`:        "[cellar]",
			"metadata=a%5C%3Bb:c*":            "[cellar]",
			"location=50,-124:49,-122":        "[cellar]",
			"active=true&visibility=public":   "[greenhouse]",
			"owners=alice&limit=1&offset=1":   "[cellar]",
			"scope=contributed&private=false": "[greenhouse]",
		} {
			var found []struct{ Name string }
			gateway.get("/wotkit/api/sensors?" + query).want(http.StatusOK).decode(&found)
			names := []string{}
			for _, one := range found {
				names = append(names, one.Name)
			}
			if got := fmt.Sprint(names); got != want {
				t.Errorf("%s: got %s, want %s", query, got, want)
			}
		}
		for query, want := range map[string]string{"": "[7 21]", "?orderBy=sensor": "[21 7]", "?tags=cold": "[7]", "?beforeE=1": "[21]"} {
			var found []struct{ Value float64 }
			gateway.get("/wotkit/api/data" + query).want(http.StatusOK).decode(&found)
			values := []float64{}
			for _, one := range found {
				values = append(values, one.Value)
			}
			if got := fmt.Sprint(values); got != want {
				t.Errorf("data%s: got %s, want %s", query, got, want)
			}
		}
	})
}

// TestAnswersOfTheWotkitDoorAnnounceACharset looks at every GET that answers
// something.
func TestAnswersOfTheWotkitDoorAnnounceACharset(t *testing.T) {
	wotkitStory(t, func(t *testing.T, s *server, _ person, gateway client) {
		for _, path := range []string{"sensors", "sensors/greenhouse/", "sensors/greenhouse/fields", "sensors/greenhouse/data", "data", "tags/", "subscribe",
			"v2/sensors/greenhouse/data", "api-docs?path=v1", "nothing", "sensors/nothing"} {
			a := gateway.get("/wotkit/api/" + path)
			if got := a.header.Get("Content-Type"); got != "application/json;charset=UTF-8" || !json.Valid(a.body) {
				t.Errorf("%s: got %q %.100s", path, got, a.body)
			}
		}
	})
}
