package domain

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// FieldType says what the values of a field are.
type FieldType string

// The types of fields, as WoTKit writes them.
const (
	NumberField FieldType = "NUMBER"
	StringField FieldType = "STRING"
)

// Field is one named quantity of a sensor.
type Field struct {
	Name     string
	LongName string
	Type     FieldType
	Units    string
	Required bool
}

const maxFields = 100

// reservedFields are the names that a reading gives to its own attributes.
var reservedFields = map[string]bool{
	"id": true, "timestamp": true, "timestamp_iso": true, "sensor_id": true, "sensor_name": true,
}

// ReservedField reports whether the name belongs to the reading itself (its
// id, its time, its sensor) and can therefore not be a field.
func ReservedField(name string) bool { return reservedFields[name] }

// DefaultFields are the fields of a sensor that was created without any, in
// the order of WoTKit V1 (Sensor Fields).
func DefaultFields() []Field {
	return []Field{
		{Name: "value", LongName: "Data", Type: NumberField},
		{Name: "lat", LongName: "latitude", Type: NumberField},
		{Name: "lng", LongName: "longitude", Type: NumberField},
		{Name: "message", LongName: "Message", Type: StringField},
	}
}

// Check validates a field.
func (f Field) Check() error {
	faults := faults{}
	faults.add("name", CheckFieldName(f.Name))
	if n := utf8.RuneCountInString(f.LongName); n < 1 || n > 100 || !printable(f.LongName) {
		faults["longName"] = "A field needs a longName of 1 to 100 characters."
	}
	if f.Type != NumberField && f.Type != StringField {
		faults["type"] = "The type of a field is NUMBER or STRING."
	}
	if utf8.RuneCountInString(f.Units) > 50 || !printable(f.Units) {
		faults["units"] = "Units have at most 50 characters."
	}
	return faults.err("invalid_field", "The field is not valid")
}

// CheckFieldName accepts 1 to 50 characters that are no control characters
// and not one of the names that a reading itself uses.
func CheckFieldName(name string) error {
	if n := utf8.RuneCountInString(name); n < 1 || n > 50 || !printable(name) || strings.ContainsAny(name, "`\"\\") {
		return InvalidField("name", "A field name has 1 to 50 characters without quotes and backslashes.")
	}
	if ReservedField(name) {
		return InvalidField("name", "The field name %s is used by readings themselves.", name)
	}
	return nil
}

// CheckFields validates the fields of a sensor: at least one, each valid, no
// name twice.
func CheckFields(fields []Field) error {
	if len(fields) == 0 || len(fields) > maxFields {
		return InvalidField("fields", "A sensor has 1 to %d fields.", maxFields)
	}
	seen := map[string]bool{}
	for _, field := range fields {
		if err := field.Check(); err != nil {
			return InvalidField("fields", "Field %q: %s", Clip(field.Name), err)
		}
		if seen[field.Name] {
			return InvalidField("fields", "The field %q is there twice.", Clip(field.Name))
		}
		seen[field.Name] = true
	}
	return nil
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
