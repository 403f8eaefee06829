package wotkit

import (
	"encoding/json"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// sensorJSON is a sensor as V1 returns it.
type sensorJSON struct {
	ID              int64                `json:"id"`
	Name            string               `json:"name"`
	LongName        string               `json:"longName"`
	Description     string               `json:"description"`
	Tags            []string             `json:"tags"`
	ImageURL        string               `json:"imageUrl"`
	Latitude        float64              `json:"latitude"`
	Longitude       float64              `json:"longitude"`
	Visibility      domain.Visibility    `json:"visibility"`
	Owner           string               `json:"owner"`
	Publisher       string               `json:"publisher"`
	Created         string               `json:"created"`
	LastUpdate      *string              `json:"lastUpdate"`
	SubscriberNames []string             `json:"subscriberNames"`
	Metadata        map[string]jsonValue `json:"metadata"`
	Fields          []fieldJSON          `json:"fields"`
	ThingType       string               `json:"thingType"`
}

// fieldJSON is a field as V1 returns it.
type fieldJSON struct {
	Name       string           `json:"name"`
	LongName   string           `json:"longName"`
	Type       domain.FieldType `json:"type"`
	Units      string           `json:"units,omitempty"`
	Required   bool             `json:"required"`
	Index      int              `json:"index"`
	Value      *jsonValue       `json:"value,omitempty"`
	LastUpdate *string          `json:"lastUpdate,omitempty"`
}

// jsonValue is a value as JSON: a number, a text or a truth value.
type jsonValue domain.Value

// MarshalJSON implements json.Marshaler.
func (v jsonValue) MarshalJSON() ([]byte, error) {
	return web.AppendValue(nil, domain.Value(v)), nil
}

// shownSensor joins a sensor with what belongs to it.
func shownSensor(s domain.Sensor, state domain.SensorState, subscribers []string) sensorJSON {
	shown := sensorJSON{
		ID: int64(s.ID), Name: s.Name, LongName: s.LongName, Description: s.Description, Tags: some(s.Tags), ImageURL: s.ImageURL,
		Latitude: s.Latitude, Longitude: s.Longitude, Visibility: s.Visibility, Owner: s.OwnerName, Publisher: s.Publisher,
		Created: s.CreatedAt.UTC().Format(isoMillis), LastUpdate: shownTime(state.LastUpdate), SubscriberNames: some(subscribers),
		Metadata: make(map[string]jsonValue, len(s.Metadata)), Fields: shownFields(s.Fields, state), ThingType: "SENSOR",
	}
	for key, value := range s.Metadata {
		shown.Metadata[key] = jsonValue(value)
	}
	return shown
}

func shownFields(fields []domain.Field, state domain.SensorState) []fieldJSON {
	shown := make([]fieldJSON, len(fields))
	for i, f := range fields {
		shown[i] = fieldJSON{Name: f.Name, LongName: f.LongName, Type: f.Type, Units: f.Units, Required: f.Required, Index: i}
		if last, ok := state.Last[f.Name]; ok && last.Value.Kind != domain.NoValue {
			value := jsonValue(last.Value)
			shown[i].Value, shown[i].LastUpdate = &value, shownTime(last.At)
		}
	}
	return shown
}

// shownTime returns the time in ISO 8601, nil where there is none.
func shownTime(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := t.UTC().Format(isoMillis)
	return &text
}

// some returns the list, or an empty one for nil, which JSON would write as
// null.
func some(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

var _ json.Marshaler = jsonValue{}
