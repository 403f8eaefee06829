package sensor

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// maxBody holds a hundred sensors with all that they can carry, nearly.
const maxBody = 4 << 20

// sensorBody is a sensor as requests write it. Attributes that are missing or
// null are left as they are.
type sensorBody struct {
	Owner       *string         `json:"owner"`
	Name        *string         `json:"name"`
	LongName    *string         `json:"long_name"`
	Description *string         `json:"description"`
	ImageURL    *string         `json:"image_url"`
	Latitude    *float64        `json:"latitude"`
	Longitude   *float64        `json:"longitude"`
	Visibility  *string         `json:"visibility"`
	Tags        *[]string       `json:"tags"`
	Metadata    *map[string]any `json:"metadata"`
	Fields      *[]fieldBody    `json:"fields"`
}

// fieldBody is a field as requests write it. Its long name is its name where
// it has none.
type fieldBody struct {
	Name     string `json:"name"`
	LongName string `json:"long_name"`
	Type     string `json:"type"`
	Units    string `json:"units"`
	Required bool   `json:"required"`
}

// fieldTypes are the types of fields in the words of the native API.
var fieldTypes = map[string]domain.FieldType{"number": domain.NumberField, "string": domain.StringField}

func (b fieldBody) field() domain.Field {
	field := domain.Field{Name: b.Name, LongName: b.LongName, Type: fieldTypes[b.Type], Units: b.Units, Required: b.Required}
	if field.LongName == "" {
		field.LongName = field.Name
	}
	return field
}

// readNew reads one sensor, or an array of them.
func readNew(w http.ResponseWriter, r *http.Request) (sensors []domain.Sensor, batch bool, err error) {
	var raw json.RawMessage
	if err := web.DecodeJSON(w, r, maxBody, &raw); err != nil {
		return nil, false, err
	}
	bodies := make([]sensorBody, 1)
	var into any = &bodies[0]
	if batch = bytes.HasPrefix(bytes.TrimLeft(raw, " \t\r\n"), []byte("[")); batch {
		into = &bodies
	}
	if err := web.UnmarshalStrict(raw, into); err != nil {
		return nil, false, err
	}
	for _, body := range bodies {
		sensor, err := body.sensor()
		if err != nil {
			return nil, false, err
		}
		sensors = append(sensors, sensor)
	}
	return sensors, batch, nil
}

// sensor makes a new sensor. Its long name is its name where it has none.
func (b sensorBody) sensor() (domain.Sensor, error) {
	edit, err := b.edit()
	if err != nil {
		return domain.Sensor{}, err
	}
	var sensor domain.Sensor
	set(&sensor.OwnerName, b.Owner)
	set(&sensor.Name, b.Name)
	edit.apply(&sensor)
	if sensor.LongName == "" {
		sensor.LongName = sensor.Name
	}
	return sensor, nil
}

// readEdit reads the attributes to change. Name and owner may be repeated
// but not changed.
func readEdit(w http.ResponseWriter, r *http.Request, sensor domain.Sensor) (Edit, error) {
	var body sensorBody
	if err := web.DecodeJSON(w, r, maxBody, &body); err != nil {
		return Edit{}, err
	}
	if body.Name != nil && *body.Name != sensor.Name {
		return Edit{}, domain.InvalidField("name", "The name of a sensor cannot change.")
	}
	if body.Owner != nil && *body.Owner != sensor.OwnerName {
		return Edit{}, domain.InvalidField("owner", "The owner of a sensor cannot change.")
	}
	return body.edit()
}

func (b sensorBody) edit() (Edit, error) {
	edit := Edit{LongName: b.LongName, Description: b.Description, ImageURL: b.ImageURL, Latitude: b.Latitude, Longitude: b.Longitude, Tags: b.Tags}
	if b.Visibility != nil {
		visibility, ok := visibilities[*b.Visibility]
		if !ok {
			return Edit{}, domain.InvalidField("visibility", "visibility is public or private.")
		}
		edit.Visibility = &visibility
	}
	if b.Fields != nil {
		fields := make([]domain.Field, len(*b.Fields))
		for i, field := range *b.Fields {
			fields[i] = field.field()
		}
		edit.Fields = &fields
	}
	if b.Metadata != nil {
		metadata, err := readMetadataBody(*b.Metadata)
		if err != nil {
			return Edit{}, err
		}
		edit.Metadata = &metadata
	}
	return edit, nil
}

// readMetadataBody takes texts and numbers.
func readMetadataBody(in map[string]any) (map[string]domain.Value, error) {
	metadata := make(map[string]domain.Value, len(in))
	for key, value := range in {
		switch value := value.(type) {
		case string:
			metadata[key] = domain.Text(value)
			continue
		case json.Number:
			if n, ok := domain.ParseNumber(value.String()); ok {
				metadata[key] = domain.Number(n)
				continue
			}
		}
		return nil, domain.InvalidField("metadata", "The values of metadata are texts and numbers.")
	}
	return metadata, nil
}

// readField reads the field under the name of the path, which the body may
// repeat.
func readField(w http.ResponseWriter, r *http.Request, name string) (domain.Field, error) {
	var body fieldBody
	if err := web.DecodeJSON(w, r, web.SmallBody, &body); err != nil {
		return domain.Field{}, err
	}
	if body.Name != "" && body.Name != name {
		return domain.Field{}, domain.InvalidField("name", "The name of a field cannot change.")
	}
	body.Name = name
	return body.field(), nil
}
