package wotkit_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// What the programs do that are known to use this API, beyond its
// documentation: a story each.

func TestTheSTSLibrariesCallEverythingWithATrailingSlash(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sts := w.withKey("alice", "sensors.* readings.*")
	sts.post("sensors/", `{"name":"sts-sensor","longName":"STS sensor","description":"none"}`).want(http.StatusCreated)
	sts.put("sensors/sts-sensor/", `{"longName":"Changed by STS"}`).want(http.StatusNoContent)
	if got := sts.get("sensors/sts-sensor/fields/").items()[0]["name"]; got != "value" {
		t.Errorf("the first field is %v, want value", got)
	}
	sts.put("sensors/sts-sensor/fields/test-field/", `{"required":"false","longName":"Test","name":"test-field","index":4,"value":"","type":"STRING"}`).want(http.StatusNoContent)
	sts.delete("sensors/sts-sensor/fields/test-field/").want(http.StatusNoContent)
	sts.post("sensors/sts-sensor/data/", `{"value":5,"lat":4,"lng":5,"message":"hello"}`).want(http.StatusCreated)
	if got := sts.get("sensors/sts-sensor/data/?beforeE=1").column("value"); got != "5" {
		t.Errorf("got %s right after the POST, want 5", got)
	}
	sts.put("sensors/sts-sensor/data/", `[{"timestamp":"2015-02-20T00:55:04.000Z","value":1},{"timestamp":"2015-02-21T00:55:04.000Z","value":2}]`).want(http.StatusNoContent)
	sts.delete("sensors/sts-sensor/data/2015-02-20T00:55:04.000Z/").want(http.StatusNoContent)
	if got := sts.get("sensors/sts-sensor/data/").column("value"); got != "2 5" {
		t.Errorf("got %s, want 2 5", got)
	}
	sts.get("tags/").want(http.StatusOK)
	sts.get("sensors/?").want(http.StatusOK)
	sts.send("DELETE", "sensors/sts-sensor/", asJSON, "{}").want(http.StatusNoContent)
}

func TestThePHPSuiteSendsAContentTypeWithoutABodyAndSloppyTimes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	php := w.as("alice")
	php.post("sensors", `{"name":"api-test","longName":"api test","description":"x","private":false,"visibility":"PUBLIC"}`).want(http.StatusCreated)
	php.send("GET", "sensors?owners=alice,%20nobody&active=0&private=0", asJSON, "").want(http.StatusOK)
	php.send("PUT", "sensors/api-test/fields/", asJSON, "{}").want(http.StatusMethodNotAllowed)
	php.form("sensors/api-test/data", "value=5&lat=666&lng=-999&message=test&timestamp=2015-02-20T0:55:04.000z").want(http.StatusCreated)
	php.send("DELETE", "sensors/api-test/data/2015-02-20T0:55:04.000z", asJSON, "").want(http.StatusNoContent)
	if got := php.get("sensors/api-test/data").items(); len(got) != 0 {
		t.Errorf("got %v, want it deleted", got)
	}
	php.get("sensors/api-test/dataTable?tqx=reqId:1;out:html;outfile:x").want(http.StatusOK)
	php.get("data?scope=all&start=0&before=30000").want(http.StatusOK)
}

func TestNodeREDMixesTheTwoFormsOfV1(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	node := w.withKey("alice", "sensors.* readings.*")
	node.post("v1/sensors", `{"name":"node-red","longName":"Node-RED","visibility":"PUBLIC"}`).want(http.StatusCreated)
	node.post("sensors/node-red/data", `{"value":1,"message":"`+strings.Repeat("x", 15<<10)+`"}`).want(http.StatusCreated)
	node.post("v1/sensors/alice.node-red/data", `{"value":2}`).want(http.StatusCreated)
	var ids []float64
	for _, item := range node.get("sensors/node-red/data?before=20000").items() {
		ids = append(ids, item["id"].(float64))
	}
	if len(ids) != 2 || ids[0] >= ids[1] {
		t.Errorf("got the ids %v, want them growing", ids)
	}
}

func TestTheOldJavaClientReadsCSVFromData(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	java := w.as("alice")
	java.put("sensors/old-java", `{"longName":"Old Java"}`).want(http.StatusNotFound)
	java.sensor("old-java")
	java.form("sensors/old-java/data", "value=5&message=hello").want(http.StatusCreated)
	a := java.get("sensors/old-java/data?tqx=out:csv&wait=5000&beforeE=1").want(http.StatusOK)
	if !strings.HasPrefix(a.header.Get("Content-Type"), "text/csv") || !strings.Contains(a.body, "old-java") {
		t.Errorf("got %v %s, want CSV", a.header, a.body)
	}
	java.get("sensors/old-java/data?tqx=reqId:1").items()
}

func TestAnArduinoSendsAStraySemicolon(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.as("alice").sensor("arduino")
	w.withKey("alice", "readings.write").send("POST", "v1/sensors/arduino/data", "application/x-www-form-urlencoded;", "value=512").want(http.StatusCreated)
}

func TestPagesOfOtherOriginsMayRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if got := w.nobody().get("sensors").header.Get("Access-Control-Allow-Origin"); got != "*" {
		t.Errorf("got the allowed origin %q, want *", got)
	}
	if got := w.nobody().get("sensors").header.Get("Cache-Control"); got != "no-cache" {
		t.Errorf("got the Cache-Control %q: written data must be readable at once", got)
	}
	if got := w.nobody().get("nothing").header.Get("Access-Control-Allow-Origin"); got != "*" {
		t.Errorf("unknown path: got the allowed origin %q, want *", got)
	}
	for _, path := range []string{"sensors", "v1/sensors/alice.x/data/", "v2/sensors/alice.x/data"} {
		r := httptest.NewRequest("OPTIONS", api+path, nil)
		r.Header.Set("Origin", "https://example.org")
		r.Header.Set("Access-Control-Request-Method", "GET")
		r.Header.Set("Access-Control-Request-Headers", "authorization")
		a := w.serve(r).want(http.StatusNoContent)
		if got := a.header.Get("Access-Control-Allow-Headers"); !strings.Contains(got, "Authorization") {
			t.Errorf("%s: got the allowed headers %q", path, got)
		}
		if a.header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: cookies are allowed", path)
		}
	}
}

func TestOldHeadersOfOAuthAreIgnored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := httptest.NewRequest("GET", api+"sensors?oauth_token=x", nil)
	r.Header.Set("Authorization", "OAuth x")
	w.serve(r).want(http.StatusOK)
}

func TestTheAPIDescribesItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.nobody().get("v1/api-docs?path=v1").want(http.StatusOK).golden("api_docs_v1.json")
	w.nobody().get("api-docs/?path=v2").want(http.StatusOK).golden("api_docs_v2.json")
	w.nobody().get("api-docs?path=v3").want(http.StatusNotFound)
}
