package store

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/thingward/thingward/internal/domain"
)

// storedSensor is what of a sensor is stored as JSON.
type storedSensor struct{ tags, metadata, fields string }

// storedField is a field in the column "fields".
type storedField struct {
	Name     string           `json:"name"`
	LongName string           `json:"long_name"`
	Type     domain.FieldType `json:"type"`
	Units    string           `json:"units,omitempty"`
	Required bool             `json:"required,omitempty"`
}

func encodeSensor(s domain.Sensor) (storedSensor, error) {
	metadata := make(map[string]any, len(s.Metadata))
	for key, value := range s.Metadata {
		metadata[key] = storedValue(value)
	}
	fields := make([]storedField, len(s.Fields))
	for i, f := range s.Fields {
		fields[i] = storedField(f)
	}
	var stored storedSensor
	for _, part := range []struct {
		into *string
		from any
	}{{&stored.tags, s.Tags}, {&stored.metadata, metadata}, {&stored.fields, fields}} {
		text, err := json.Marshal(part.from)
		if err != nil {
			return storedSensor{}, fmt.Errorf("encode sensor: %w", err)
		}
		*part.into = string(text)
	}
	return stored, nil
}

func storedValue(v domain.Value) any {
	switch v.Kind {
	case domain.NumberValue:
		return json.Number(v.String())
	case domain.BoolValue:
		return v.Number != 0
	}
	return v.Text
}

func decodeSensor(s *domain.Sensor, tags, metadata, fields string) error {
	if err := json.Unmarshal([]byte(tags), &s.Tags); err != nil {
		return fmt.Errorf("tags of sensor %d: %w", s.ID, err)
	}
	var values map[string]any
	if err := json.Unmarshal([]byte(metadata), &values); err != nil {
		return fmt.Errorf("metadata of sensor %d: %w", s.ID, err)
	}
	s.Metadata = make(map[string]domain.Value, len(values))
	for key, value := range values {
		s.Metadata[key] = loadedValue(value)
	}
	var stored []storedField
	if err := json.Unmarshal([]byte(fields), &stored); err != nil {
		return fmt.Errorf("fields of sensor %d: %w", s.ID, err)
	}
	s.Fields = make([]domain.Field, len(stored))
	for i, f := range stored {
		s.Fields[i] = domain.Field(f)
	}
	return nil
}

func loadedValue(v any) domain.Value {
	switch v := v.(type) {
	case float64:
		return domain.Number(v)
	case bool:
		return domain.Bool(v)
	case string:
		return domain.Text(v)
	}
	return domain.Value{}
}

// whole gives a sensor the empty lists that it comes back with.
func whole(s domain.Sensor) domain.Sensor {
	if s.Tags == nil {
		s.Tags = []string{}
	}
	if s.Fields == nil {
		s.Fields = []domain.Field{}
	}
	if s.Metadata == nil {
		s.Metadata = map[string]domain.Value{}
	}
	return s
}

// searchText is what a filter's Text is looked for in.
func searchText(s domain.Sensor) string {
	return strings.ToLower(s.Name + "\n" + s.LongName + "\n" + s.Description)
}

// indexSensor makes a sensor findable by its tags and metadata.
func (tx *Tx) indexSensor(sensor domain.Sensor) error {
	for _, text := range []string{`DELETE FROM sensor_tags WHERE sensor_id = $1`, `DELETE FROM sensor_metadata WHERE sensor_id = $1`} {
		if _, err := tx.exec(text, sensor.ID); err != nil {
			return fmt.Errorf("index sensor: %w", err)
		}
	}
	const tagged = `INSERT INTO sensor_tags (sensor_id, tag, folded) VALUES ($1, $2, $3) ON CONFLICT (sensor_id, folded) DO NOTHING`
	for _, tag := range sensor.Tags {
		if _, err := tx.exec(tagged, sensor.ID, tag, strings.ToLower(tag)); err != nil {
			return fmt.Errorf("index tag: %w", err)
		}
	}
	const described = `INSERT INTO sensor_metadata (sensor_id, name, value) VALUES ($1, $2, $3)`
	for key, value := range sensor.Metadata {
		if _, err := tx.exec(described, sensor.ID, key, value.String()); err != nil {
			return fmt.Errorf("index metadata: %w", err)
		}
	}
	return nil
}
