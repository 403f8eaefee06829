package wotkit

import (
	"encoding/json"
	"strings"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/resourceserver/sensor"
)

// sensorEdit reads the attributes of a sensor that a request may change. All
// other attributes of the object are ignored, read-only ones included.
func sensorEdit(o *object) (sensor.Edit, error) {
	edit := sensor.Edit{
		LongName: o.text("longName"), Description: o.text("description"), ImageURL: o.text("imageUrl"),
		Latitude: o.number("latitude"), Longitude: o.number("longitude"),
		Tags: o.texts("tags"), Metadata: metadata(o), Fields: fieldList(o),
	}
	if text := o.text("visibility"); text != nil {
		visibility := domain.Visibility(strings.ToUpper(*text))
		edit.Visibility = &visibility
	}
	return edit, o.err()
}

// newSensor reads a sensor that is to be created.
func newSensor(o *object) (domain.Sensor, error) {
	name, owner := o.text("name"), o.text("owner")
	edit, err := sensorEdit(o)
	made := domain.Sensor{
		Name: either(name), OwnerName: either(owner), LongName: either(edit.LongName),
		Description: either(edit.Description), ImageURL: either(edit.ImageURL),
		Latitude: either(edit.Latitude), Longitude: either(edit.Longitude), Visibility: either(edit.Visibility),
		Tags: either(edit.Tags), Metadata: either(edit.Metadata), Fields: either(edit.Fields),
	}
	return made, err
}

// either returns what the pointer points to, or the zero value.
func either[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// metadata reads an object of texts and numbers. A null value is as wrong as
// an empty one.
func metadata(o *object) *map[string]domain.Value {
	var raw map[string]json.RawMessage
	if !o.decode("metadata", "an object", &raw) {
		return nil
	}
	values := make(map[string]domain.Value, len(raw))
	for key, value := range raw {
		var text string
		if json.Unmarshal(value, &text) == nil {
			values[key] = domain.Text(text)
			continue
		}
		n, ok := domain.ParseNumber(string(value))
		if !ok {
			o.faults["metadata"] = "The metadata value of \"" + domain.Clip(key) + "\" must be a text or a number."
			return nil
		}
		values[key] = domain.Number(n)
	}
	return &values
}

// fieldList reads the attribute fields.
func fieldList(o *object) *[]domain.Field {
	var raw []json.RawMessage
	if !o.decode("fields", "a list of fields", &raw) {
		return nil
	}
	fields := make([]domain.Field, 0, len(raw))
	for _, one := range raw {
		inner, err := newObject(one)
		if err != nil {
			o.faults["fields"] = "Each of the fields must be an object."
			return nil
		}
		field, err := readField(inner)
		if err != nil {
			o.faults["fields"] = strings.Join(details(domainError(err)), " ")
			return nil
		}
		fields = append(fields, field)
	}
	return &fields
}

// readField reads a field. The read-only attributes index, value and
// lastUpdate are ignored.
func readField(o *object) (domain.Field, error) {
	field := domain.Field{
		Name: either(o.text("name")), LongName: either(o.text("longName")), Units: either(o.text("units")),
		Type: domain.FieldType(strings.ToUpper(either(o.text("type")))), Required: o.truth("required"),
	}
	return field, o.err()
}
