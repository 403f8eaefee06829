package wotkit_test

import (
	"net/http"
	"testing"
)

func TestFields(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alice := w.as("alice")
	alice.sensor("greenhouse", public)
	alice.put("sensors/greenhouse/fields/temp/", `{"name":"temp","longName":"Temperature","type":"number","units":"°C","required":"false","index":7,"value":3}`).want(http.StatusNoContent)
	alice.get("sensors/greenhouse/fields/temp").want(http.StatusOK).golden("field.json")
	alice.form("sensors/greenhouse/data", "value=1").want(http.StatusCreated)
	alice.put("sensors/greenhouse/fields/temp", `{"name":"temp","longName":"Temperature","type":"NUMBER","required":"true"}`).want(http.StatusNoContent)
	alice.form("sensors/greenhouse/data", "value=1").wantError(http.StatusBadRequest, "Object has validation errors", "temp")
	alice.delete("sensors/greenhouse/fields/lat").want(http.StatusNoContent)
	if names, indexes := alice.get("sensors/greenhouse/fields").column("name"), alice.get("sensors/greenhouse/fields").column("index"); names != "value lng message temp" || indexes != "0 1 2 3" {
		t.Errorf("got %s with the indexes %s", names, indexes)
	}
	w.nobody().get("sensors/alice.greenhouse/fields/nothing").want(http.StatusBadRequest)
	alice.delete("sensors/greenhouse/fields/nothing").wantError(http.StatusBadRequest, "", "nothing")
	alice.delete("sensors/nothing/fields/value").want(http.StatusNotFound)
}

func TestInvalidFields(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alice := w.as("alice")
	alice.sensor("greenhouse", public)
	for body, detail := range map[string]string{
		`{"name":"temp","longName":"Temperature"}`:                                  "type",
		`{"name":"temp","longName":"Temperature","type":"BOOLEAN"}`:                 "type",
		`{"name":"temp","type":"NUMBER"}`:                                           "longName",
		`{"longName":"Temperature","type":"NUMBER"}`:                                "name",
		`{"name":"other","longName":"Temperature","type":"NUMBER"}`:                 "name",
		`{"name":"temp","longName":"Temperature","type":"NUMBER","required":"yes"}`: "required",
		`{"name":"temp","longName":5,"type":"NUMBER"}`:                              "longName",
		`[]`: "JSON",
	} {
		alice.put("sensors/greenhouse/fields/temp", body).wantError(http.StatusBadRequest, "The supplied object is invalid", detail)
	}
	alice.put("sensors/greenhouse/fields/value", `{"name":"renamed","longName":"Data","type":"NUMBER"}`).wantError(http.StatusBadRequest, "The supplied object is invalid", "name")
	alice.put("sensors/greenhouse/fields/timestamp", `{"name":"timestamp","longName":"Time","type":"NUMBER"}`).want(http.StatusBadRequest)
	alice.put("sensors/nothing/fields/temp", `{}`).want(http.StatusNotFound)
	for _, name := range []string{"lat", "lng", "message"} {
		alice.delete("sensors/greenhouse/fields/" + name).want(http.StatusNoContent)
	}
	alice.delete("sensors/greenhouse/fields/value").wantError(http.StatusBadRequest, "Invalid Field Content", "Cannot delete last field from sensor")
}

func TestAFieldGivesDataThatIsThereItsType(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alice := w.as("alice")
	alice.sensor("greenhouse", public)
	alice.post("sensors/greenhouse/data", `{"value":1,"extra":"42"}`).want(http.StatusCreated)
	if got := alice.get("sensors/greenhouse/data").items()[0]["extra"]; got != "42" {
		t.Errorf("got %#v, want the text as it was sent", got)
	}
	alice.put("sensors/greenhouse/fields/extra", `{"name":"extra","longName":"Extra","type":"NUMBER"}`).want(http.StatusNoContent)
	if got := alice.get("sensors/greenhouse/data").items()[0]["extra"]; got != 42.0 {
		t.Errorf("got %#v, want the number 42", got)
	}
}
