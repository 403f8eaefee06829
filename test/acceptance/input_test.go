package acceptance

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// badInput is something that must be refused whole.
type badInput struct {
	name, contentType, body string
	status                  int // 0: any 4xx
}

const (
	asJSON = "application/json"
	asForm = "application/x-www-form-urlencoded"
)

// badReadings are bodies that no door may store anything of.
func badReadings() []badInput {
	future := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	deep := strings.Repeat(`{"values":`, 10) + "1" + strings.Repeat("}", 10)
	return []badInput{
		{"text where a number belongs", asJSON, `{"values":{"value":"100string"}}`, 400},
		{"an array where a number belongs", asJSON, `{"values":{"value":[1]}}`, 0},
		{"an object where a number belongs", asJSON, `{"values":{"value":{"a":1}}}`, 0},
		{"values that are no object", asJSON, `{"values":[1,2]}`, 0},
		{"no values", asJSON, `{"values":{}}`, 400},
		{"nothing", asJSON, ``, 400},
		{"no JSON", asJSON, `{"values":`, 400},
		{"two documents", asJSON, `{"values":{"value":1}}{"values":{"value":2}}`, 400},
		{"an unknown attribute", asJSON, `{"values":{"value":1},"valeus":{}}`, 400},
		{"an id of the sender's own", asJSON, `{"id":7,"values":{"value":1}}`, 400},
		{"a time in the future", asJSON, `{"at":"` + future + `","values":{"value":1}}`, 400},
		{"a time that is none", asJSON, `{"at":"yesterday","values":{"value":1}}`, 400},
		{"a time out of range", asJSON, `{"at":99999999999999999999,"values":{"value":1}}`, 400},
		{"a good one and one of the future", asJSON, `[{"values":{"value":1}},{"at":"` + future + `","values":{"value":1}}]`, 400},
		{"a good one and a wrong type", asJSON, `[{"values":{"value":1}},{"values":{"value":"x"}}]`, 400},
		{"NaN", asJSON, `{"values":{"value":NaN}}`, 400},
		{"NaN as text", asJSON, `{"values":{"value":"NaN"}}`, 400},
		{"infinity as text", asJSON, `{"values":{"value":"Infinity"}}`, 400},
		{"a number beyond float64", asJSON, `{"values":{"value":1e999}}`, 400},
		{"a number beyond float64 as text", asJSON, `{"values":{"value":"-1e999"}}`, 400},
		{"bad UTF-8", asJSON, "{\"values\":{\"note\":\"\xff\xfe\"}}", 400},
		{"bad UTF-8 in a name", asJSON, "{\"values\":{\"\xc3\x28\":1}}", 400},
		{"ten deep", asJSON, deep, 400},
		{"a thousand deep", asJSON, strings.Repeat("[", 1000) + strings.Repeat("]", 1000), 400},
		{"a million readings", asJSON, "[" + strings.Repeat(`{"values":{"value":1}},`, 999_999) + `{"values":{"value":1}}]`, 0},
		{"a million numbers", asJSON, "[" + strings.Repeat("1,", 999_999) + "1]", 0},
		{"a body too large", asJSON, `{"values":{"note":"` + strings.Repeat("x", 17<<20) + `"}}`, 413},
		{"a text too long", asJSON, `{"values":{"note":"` + strings.Repeat("x", 17<<10) + `"}}`, 400},
		{"a name too long", asJSON, `{"values":{"` + strings.Repeat("n", 51) + `":1}}`, 400},
		{"a name with a control character", asJSON, `{"values":{"a\u0000b":1}}`, 400},
		{"too many values", asJSON, `{"values":{` + manyValues(101) + `}}`, 400},
		{"another media type", "text/plain", `{"values":{"value":1}}`, 415},
		{"no media type", "", `{"values":{"value":1}}`, 415},
		{"a form", asForm, `value=1`, 415},
	}
}

func manyValues(n int) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = fmt.Sprintf(`"n%d":%d`, i, i)
	}
	return strings.Join(parts, ",")
}

func TestBadReadingsAreRefusedWholeByTheNativeAPI(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		alice.makeSensor("station", private)
		gateway := alice.withKey("readings.write")
		for _, bad := range badReadings() {
			a := gateway.send("POST", "/api/v1/sensors/alice.station/readings", bad.contentType, bad.body)
			checkRefused(t, bad, a)
			if a.code() == "" || a.code() == "internal" {
				t.Errorf("%s: got the code %q, want one that says what is wrong: %.300s", bad.name, a.code(), a.body)
			}
		}
		if got := alice.readings("station"); len(got) != 0 {
			t.Errorf("got %d readings stored, want none: %.5v", len(got), got)
		}
	})
}

func TestBadReadingsAreRefusedWholeByTheWotkitDoor(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		alice.makeSensor("station", private)
		gateway := alice.withKey("readings.write", "sensors.read")
		future := fmt.Sprint(time.Now().Add(time.Minute).UnixMilli())
		for _, bad := range []badInput{
			{"text where a number belongs", asForm, "value=100string", 400},
			{"a time in the future", asForm, "value=1&timestamp=" + future, 400},
			{"a time that is none", asForm, "value=1&timestamp=yesterday", 400},
			{"bad percent encoding", asForm, "value=%zz", 400},
			{"bad UTF-8", asForm, "note=%ff%fe", 400},
			{"NaN", asForm, "value=NaN", 400},
			{"a number beyond float64", asForm, "value=1e999", 400},
			{"a body too large", asForm, "note=" + strings.Repeat("x", 17<<20), 413},
			{"text where a number belongs, JSON", asJSON, `{"value":"100string"}`, 400},
			{"no JSON", asJSON, `{"value":`, 400},
			{"ten deep", asJSON, strings.Repeat(`{"value":`, 10) + "1" + strings.Repeat("}", 10), 400},
			{"a number beyond float64, JSON", asJSON, `{"value":1e999}`, 400},
			{"bad UTF-8, JSON", asJSON, "{\"note\":\"\xff\"}", 400},
		} {
			a := gateway.send("POST", "/wotkit/api/sensors/alice.station/data", bad.contentType, bad.body)
			checkRefused(t, bad, a)
			if !a.contains(`{"error":{"status":`) || !strings.HasPrefix(a.header.Get("Content-Type"), "application/json;charset=UTF-8") {
				t.Errorf("%s: got %q %.300s, want the error object of WoTKit", bad.name, a.header.Get("Content-Type"), a.body)
			}
		}
		replace := `[{"timestamp":1700000000000,"value":1},{"timestamp":` + future + `,"value":2}]`
		gateway.send("PUT", "/wotkit/api/sensors/alice.station/data", asJSON, replace).want(http.StatusBadRequest)
		if got := alice.readings("station"); len(got) != 0 {
			t.Errorf("got %d readings stored, want none: %.5v", len(got), got)
		}
	})
}

func checkRefused(t *testing.T, bad badInput, a answer) {
	t.Helper()
	if bad.status != 0 && a.status != bad.status || a.status < 400 || a.status > 499 {
		t.Errorf("%s: got %d, want %d (0: any 4xx): %.300s", bad.name, a.status, bad.status, a.body)
	}
}

func TestBadThingsAreRefusedByTheNativeAPI(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		alice := s.signUp(t, "alice")
		for _, bad := range []struct{ method, path, body string }{
			{"POST", "/api/v1/sensors", `{"name":"x"}`},
			{"POST", "/api/v1/sensors", `{"name":"With Spaces","long_name":"Long enough"}`},
			{"POST", "/api/v1/sensors", `{"name":"station","long_name":"Long enough","owner":"root"}`},
			{"POST", "/api/v1/sensors", `{"name":"station","long_name":"Long enough","visibility":"everybody"}`},
			{"POST", "/api/v1/sensors", `{"name":"station","long_name":"Long enough","latitude":91}`},
			{"POST", "/api/v1/sensors", `{"name":"station","long_name":"Long enough","publisher":"root"}`},
			{"POST", "/api/v1/sensors", `{"name":"station","long_name":"Long enough","fields":[{"name":"a","long_name":"A","type":"blob"}]}`},
			{"POST", "/api/v1/keys", `{"name":"k","scopes":["sensors.fly"]}`},
			{"POST", "/api/v1/keys", `{"name":"k","scopes":["admin"]}`},
			{"POST", "/api/v1/keys", `{"name":"k","scopes":["readings.read:nobody.nothing"]}`},
			{"POST", "/api/v1/keys", `{"name":"k","scopes":["readings.read"],"expires_at":"2001-01-01T00:00:00Z"}`},
			{"POST", "/api/v1/keys", `{"name":"k","scopes":["readings.read"],"allowed_addresses":["everywhere"]}`},
			{"POST", "/api/v1/keys", `{"name":"","scopes":["readings.read"]}`},
			{"PATCH", "/api/v1/users/me", `{"admin":true}`},
			{"PATCH", "/api/v1/users/me", `{"email":"not an address"}`},
			{"PATCH", "/api/v1/users/me", `{"time_zone":"Middle-earth/Shire"}`},
		} {
			a := alice.send(bad.method, bad.path, asJSON, bad.body)
			if a.status < 400 || a.status > 499 || a.code() == "" {
				t.Errorf("%s %s: got %d %.300s, want 4xx", a.about, bad.body, a.status, a.body)
			}
		}
		var list struct{ Total int }
		alice.get("/api/v1/sensors").want(http.StatusOK).decode(&list)
		if list.Total != 0 {
			t.Errorf("got %d sensors, want none", list.Total)
		}
		alice.get("/api/v1/keys").want(http.StatusOK).decode(&list)
		if list.Total != 0 {
			t.Errorf("got %d keys, want none", list.Total)
		}
	})
}

func TestGarbageInHeadersIsRefused(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		for _, header := range []string{
			"Basic", "Basic ", "Basic !!!!", "Basic YWxpY2U=", "Basic //8=", "Bearer", "Bearer ", "Bearer a b", "Digest x", "garbage",
			"Basic " + strings.Repeat("A", 9000), "Basic OjpBOg==", "basic\tOjo=",
		} {
			for _, path := range []string{"/api/v1/users/me", "/api/v1/sensors", "/wotkit/api/sensors"} {
				a := s.anonymous(t).with("Authorization", header).get(path)
				if a.status != http.StatusUnauthorized && a.status != http.StatusBadRequest {
					t.Errorf("Authorization %.40q at %s: got %d, want 401 or 400", header, path, a.status)
				}
				if a.status == http.StatusUnauthorized && len(a.header.Values("WWW-Authenticate")) < 2 {
					t.Errorf("Authorization %.40q at %s: got the challenges %q, want Basic and Bearer", header, path, a.header.Values("WWW-Authenticate"))
				}
			}
		}
		for _, raw := range []string{
			"GET /api/v1/users/me HTTP/1.1\r\nHost: x\r\nAuthorization: Basic YTpi\r\nAuthorization: Basic YTpi\r\nConnection: close\r\n\r\n",
			"GET /api/v1/users/me HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\nConnection: close\r\n\r\n",
			"GET /api/v1/users/me HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("y", 64<<10) + "\r\nConnection: close\r\n\r\n",
			"POST /api/v1/sensors HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\nConnection: close\r\n\r\n",
			"GET /api/v1/sensors/%00%ff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
			"GET /api/v1/sensors?limit=-1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
			"GET /api/v1/sensors?cursor=garbage HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
		} {
			if status := s.raw(t, raw); !strings.HasPrefix(status, "HTTP/1.1 4") {
				t.Errorf("%.90q: got %q, want 4xx", raw, status)
			}
		}
		s.anonymous(t).get("/healthz").want(http.StatusOK)
	})
}

// raw sends bytes and returns the status line.
func (s *server) raw(t *testing.T, text string) string {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := conn.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		t.Errorf("%.60q: %v", text, err)
	}
	return strings.TrimSpace(line)
}
