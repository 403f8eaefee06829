package wotkit

import (
	"net/http"
	"slices"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// listFields is GET /sensors/{sensor}/fields.
func (d *Door) listFields(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	fields, err := d.fields(r, c)
	if err != nil {
		return err
	}
	return writeJSON(w, fields)
}

// showField is GET /sensors/{sensor}/fields/{field}.
func (d *Door) showField(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	fields, err := d.fields(r, c)
	if err != nil {
		return err
	}
	name := r.PathValue("field")
	i := slices.IndexFunc(fields, func(f fieldJSON) bool { return f.Name == name })
	if i < 0 {
		return unknownField(name)
	}
	return writeJSON(w, fields[i])
}

func (d *Door) fields(r *http.Request, c domain.Caller) ([]fieldJSON, error) {
	s, err := d.Sensors.Find(r.Context(), c, r.PathValue("sensor"), domain.SensorRead)
	if err != nil {
		return nil, err
	}
	states, err := d.Sensors.StatesFor(r.Context(), c, s)
	if err != nil {
		return nil, err
	}
	return shownFields(s.Fields, states[s.ID]), nil
}

func unknownField(name string) error {
	return &worded{invalidField, domain.InvalidField("name", "The sensor has no field %s.", domain.Clip(name))}
}

// putField is PUT /sensors/{sensor}/fields/{field}. The name in the body must
// be that of the path: fields are not renamed.
func (d *Door) putField(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	ref := r.PathValue("sensor")
	if _, err := d.Sensors.Find(r.Context(), c, ref, domain.SensorWrite); err != nil {
		return err
	}
	o, err := readObject(w, r)
	if err != nil {
		return invalidAs(invalidObject, err)
	}
	field, err := readField(o)
	if err != nil {
		return invalidAs(invalidObject, err)
	}
	if err := field.Check(); err != nil {
		return invalidAs(invalidObject, err)
	}
	if field.Name != r.PathValue("field") {
		return invalidAs(invalidObject, domain.InvalidField("name", "The name of a field cannot be changed."))
	}
	if err := d.Sensors.PutField(r.Context(), c, ref, field); err != nil {
		return invalidAs(invalidObject, err)
	}
	return web.WriteDone(w, nil)
}

// deleteField is DELETE /sensors/{sensor}/fields/{field}.
func (d *Door) deleteField(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	err := d.Sensors.DeleteField(r.Context(), c, r.PathValue("sensor"), r.PathValue("field"))
	switch {
	case domain.CodeOf(err) == "field_not_found":
		return unknownField(r.PathValue("field"))
	case err != nil:
		return invalidAs(invalidField, err)
	}
	return web.WriteDone(w, nil)
}
