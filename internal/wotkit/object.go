package wotkit

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// Limits of bodies with sensors, in bytes.
const (
	maxSensorBody  = 1 << 20
	maxSensorsBody = web.LargeBody
)

// object is a JSON object of a request. Attributes that nobody asks for are
// ignored, null is as good as absent, and what is wrong with the others is
// collected under their names.
type object struct {
	attributes map[string]json.RawMessage
	faults     map[string]string
}

// readObject reads a body with one object. The content type does not matter:
// some clients send none.
func readObject(w http.ResponseWriter, r *http.Request) (*object, error) {
	body, err := web.ReadBody(w, r, maxSensorBody)
	if err != nil {
		return nil, err
	}
	if err := web.CheckJSON(body); err != nil {
		return nil, err
	}
	return newObject(body)
}

// readObjects reads a body with an array of objects.
func readObjects(w http.ResponseWriter, r *http.Request) ([]*object, error) {
	body, err := web.ReadBody(w, r, maxSensorsBody)
	if err != nil {
		return nil, err
	}
	if err := web.CheckJSON(body); err != nil {
		return nil, err
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(body, &raw); err != nil || raw == nil {
		return nil, domain.Errorf(domain.Invalid, "invalid_json", "The body must be a JSON array.")
	}
	objects := make([]*object, len(raw))
	for i := range raw {
		if objects[i], err = newObject(raw[i]); err != nil {
			return nil, err
		}
	}
	return objects, nil
}

func newObject(raw []byte) (*object, error) {
	o := &object{faults: map[string]string{}}
	if err := json.Unmarshal(raw, &o.attributes); err != nil || o.attributes == nil {
		return nil, domain.Errorf(domain.Invalid, "invalid_json", "The body must be a JSON object.")
	}
	return o, nil
}

// attribute returns the raw value, nil where it is absent or null.
func (o *object) attribute(name string) json.RawMessage {
	raw := bytes.TrimSpace(o.attributes[name])
	if string(raw) == "null" {
		return nil
	}
	return raw
}

// decode decodes an attribute and reports whether it was there and fit.
func (o *object) decode(name, wanted string, into any) bool {
	raw := o.attribute(name)
	if raw == nil {
		return false
	}
	if err := json.Unmarshal(raw, into); err != nil {
		o.faults[name] = name + " must be " + wanted + "."
		return false
	}
	return true
}

// text returns a text attribute, nil where it is absent.
func (o *object) text(name string) *string {
	var text string
	if !o.decode(name, "a text", &text) {
		return nil
	}
	return &text
}

// number returns a numeric attribute, also from numeric text.
func (o *object) number(name string) *float64 {
	raw := o.attribute(name)
	if raw == nil {
		return nil
	}
	text := string(raw)
	if unquoted, err := strconv.Unquote(text); err == nil {
		text = unquoted
	}
	n, ok := domain.ParseNumber(text)
	if !ok {
		o.faults[name] = name + " must be a number."
		return nil
	}
	return &n
}

// texts returns an attribute that is a list of texts.
func (o *object) texts(name string) *[]string {
	list := []string{}
	if !o.decode(name, "a list of texts", &list) {
		return nil
	}
	return &list
}

// truth returns a boolean, also as the text or number that clients make of
// it; false where it is absent.
func (o *object) truth(name string) bool {
	raw := o.attribute(name)
	if raw == nil {
		return false
	}
	switch strings.ToLower(strings.Trim(string(raw), `"`)) {
	case "true", "1":
		return true
	case "false", "0", "":
		return false
	}
	o.faults[name] = name + " must be true or false."
	return false
}

// err returns what was wrong so far.
func (o *object) err() error {
	if len(o.faults) == 0 {
		return nil
	}
	return &domain.Error{Kind: domain.Invalid, Code: "invalid_attributes", Message: "Attributes have the wrong type.", Fields: o.faults}
}

// also adds the faults of an error about the same object to those so far, so
// that the client learns all at once.
func (o *object) also(fields map[string]string) {
	for name, fault := range fields {
		if _, there := o.faults[name]; !there {
			o.faults[name] = fault
		}
	}
}
