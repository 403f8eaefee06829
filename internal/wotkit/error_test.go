package wotkit_test

import (
	"net/http"
	"testing"
)

// TestErrorBodies holds the body of every error of the contract that this part of
// the API can answer against a golden file.
func TestErrorBodies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alice, nobody := w.as("alice"), w.nobody()
	alice.sensor("greenhouse", public)
	alice.put("subscribe/greenhouse", "").want(http.StatusNoContent)
	for name, a := range map[string]answer{
		"not_found":           alice.get("sensors/nothing").want(http.StatusNotFound),
		"unknown_path":        nobody.get("unknown/path").want(http.StatusNotFound),
		"wrong_method":        alice.send("PATCH", "sensors/greenhouse", "", "").want(http.StatusMethodNotAllowed),
		"no_credential":       nobody.post("sensors", "{}").want(http.StatusForbidden),
		"wrong_credential":    caller{w, "alice", "wrong"}.get("sensors").want(http.StatusUnauthorized),
		"insufficient_scope":  w.withKey("alice", "sensors.read").post("sensors", "{}").want(http.StatusForbidden),
		"name_taken":          alice.post("sensors", `{"name":"greenhouse","longName":"Long enough"}`).want(http.StatusConflict),
		"bulk_name_taken":     alice.put("sensors", `[{"name":"greenhouse","longName":"Long enough"}]`).want(http.StatusConflict),
		"invalid_sensor":      alice.post("sensors", `{"name":"x","latitude":"north"}`).want(http.StatusBadRequest),
		"invalid_json":        alice.post("sensors", `{"name":`).want(http.StatusBadRequest),
		"invalid_data":        alice.form("sensors/greenhouse/data", "value=100string").want(http.StatusBadRequest),
		"future_data":         alice.form("sensors/greenhouse/data", "value=1&timestamp=4102444800000").want(http.StatusBadRequest),
		"invalid_field":       alice.put("sensors/greenhouse/fields/temp", `{"name":"temp"}`).want(http.StatusBadRequest),
		"unknown_field":       alice.get("sensors/greenhouse/fields/temp").want(http.StatusBadRequest),
		"metadata_asterisk":   alice.get("sensors?metadata=a*b").want(http.StatusBadRequest),
		"metadata_empty_key":  alice.get("sensors?metadata=a%3B").want(http.StatusBadRequest),
		"metadata_escape":     alice.get("sensors?metadata=a%5Cb").want(http.StatusBadRequest),
		"metadata_colon":      alice.get("sensors?metadata=a:b:c").want(http.StatusBadRequest),
		"location_order":      alice.get("sensors?location=1,0:2,0").want(http.StatusBadRequest),
		"location_bounds":     alice.get("sensors?location=91,0:2,0").want(http.StatusBadRequest),
		"subscribed_twice":    alice.put("subscribe/greenhouse", "").want(http.StatusForbidden),
		"range_without_start": alice.get("sensors/greenhouse/data?after=5").want(http.StatusBadRequest),
		"mixed_groups":        alice.get("v2/sensors/greenhouse/data?recent_n=5&recent_t=5").want(http.StatusBadRequest),
	} {
		a.golden("errors/" + name + ".json")
	}
	alice.delete("subscribe/greenhouse").want(http.StatusNoContent)
	alice.delete("subscribe/greenhouse").want(http.StatusForbidden).golden("errors/not_subscribed.json")
	for _, field := range []string{"lat", "lng", "message"} {
		alice.delete("sensors/greenhouse/fields/" + field).want(http.StatusNoContent)
	}
	alice.delete("sensors/greenhouse/fields/value").want(http.StatusBadRequest).golden("errors/last_field.json")
}
