package apiclient

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// Sensor is a source of readings.
type Sensor struct {
	ID          int64          `json:"id"`
	Owner       string         `json:"owner"`
	Name        string         `json:"name"`
	FullName    string         `json:"full_name"` // "owner.name"
	LongName    string         `json:"long_name"`
	Description string         `json:"description,omitempty"`
	ImageURL    string         `json:"image_url,omitempty"`
	Latitude    float64        `json:"latitude"`
	Longitude   float64        `json:"longitude"`
	Visibility  string         `json:"visibility"` // "public" or "private"
	Tags        []string       `json:"tags,omitempty"`
	Metadata    map[string]any `json:"metadata,omitempty"`
	Fields      []Field        `json:"fields"`
	CreatedAt   time.Time      `json:"created_at"`
	UpdatedAt   time.Time      `json:"updated_at"`
	LastUpdate  *time.Time     `json:"last_update,omitempty"` // time of the newest reading
	Publisher   string         `json:"publisher,omitempty"`
}

// Field is one named quantity of a sensor, with its newest value.
type Field struct {
	Name      string     `json:"name"`
	LongName  string     `json:"long_name"`
	Type      string     `json:"type"` // "number" or "string"
	Units     string     `json:"units,omitempty"`
	Required  bool       `json:"required,omitempty"`
	Value     any        `json:"value,omitempty"`
	UpdatedAt *time.Time `json:"updated_at,omitempty"`
}

// NewSensor is a sensor to be made.
type NewSensor struct {
	Owner       string         `json:"owner,omitempty"` // empty: the key's user
	Name        string         `json:"name"`
	LongName    string         `json:"long_name"`
	Description string         `json:"description,omitempty"`
	ImageURL    string         `json:"image_url,omitempty"`
	Latitude    float64        `json:"latitude"`
	Longitude   float64        `json:"longitude"`
	Visibility  string         `json:"visibility,omitempty"`
	Tags        []string       `json:"tags,omitempty"`
	Metadata    map[string]any `json:"metadata,omitempty"`
	Fields      []Field        `json:"fields,omitempty"` // none: the default fields
}

// SensorEdit changes a sensor. Nil leaves an attribute as it is.
type SensorEdit struct {
	LongName    *string         `json:"long_name,omitempty"`
	Description *string         `json:"description,omitempty"`
	ImageURL    *string         `json:"image_url,omitempty"`
	Latitude    *float64        `json:"latitude,omitempty"`
	Longitude   *float64        `json:"longitude,omitempty"`
	Visibility  *string         `json:"visibility,omitempty"`
	Tags        *[]string       `json:"tags,omitempty"`
	Metadata    *map[string]any `json:"metadata,omitempty"`
	Fields      *[]Field        `json:"fields,omitempty"`
}

// SensorFilter selects sensors. Zero parts select everything.
type SensorFilter struct {
	Owner string
	Tag   string
	Text  string // part of name, long name or description
}

// Sensors lists the sensors that the key may see.
func (c *Client) Sensors(ctx context.Context, filter SensorFilter, page PageRequest) (Page[Sensor], error) {
	query := page.query()
	setUnlessEmpty(query, "owner", filter.Owner)
	setUnlessEmpty(query, "tags", filter.Tag)
	setUnlessEmpty(query, "text", filter.Text)
	var sensors Page[Sensor]
	return sensors, c.do(ctx, call{method: http.MethodGet, path: "/sensors", query: query}, &sensors)
}

func setUnlessEmpty(query url.Values, name, value string) {
	if value != "" {
		query.Set(name, value)
	}
}

// Sensor returns the sensor with the id, "owner.name", or name of an own one.
func (c *Client) Sensor(ctx context.Context, ref string) (Sensor, error) {
	var sensor Sensor
	return sensor, c.do(ctx, call{method: http.MethodGet, path: path("sensors", ref)}, &sensor)
}

// CreateSensor makes a sensor.
func (c *Client) CreateSensor(ctx context.Context, sensor NewSensor) (Sensor, error) {
	var created Sensor
	return created, c.do(ctx, call{method: http.MethodPost, path: "/sensors", body: sensor}, &created)
}

// CreateSensorsJSON makes the sensor of a JSON document as it is, or all
// sensors of an array of them, or none.
func (c *Client) CreateSensorsJSON(ctx context.Context, document json.RawMessage) ([]Sensor, error) {
	if bytes.HasPrefix(bytes.TrimLeft(document, " \t\r\n"), []byte("[")) {
		var created Page[Sensor]
		err := c.do(ctx, call{method: http.MethodPost, path: "/sensors", body: document}, &created)
		return created.Items, err
	}
	var created Sensor
	err := c.do(ctx, call{method: http.MethodPost, path: "/sensors", body: document}, &created)
	return []Sensor{created}, err
}

// EditSensor changes a sensor.
func (c *Client) EditSensor(ctx context.Context, ref string, edit SensorEdit) (Sensor, error) {
	var sensor Sensor
	return sensor, c.do(ctx, call{method: http.MethodPatch, path: path("sensors", ref), body: edit}, &sensor)
}

// EditSensorJSON changes a sensor by a JSON document as it is.
func (c *Client) EditSensorJSON(ctx context.Context, ref string, document json.RawMessage) (Sensor, error) {
	var sensor Sensor
	return sensor, c.do(ctx, call{method: http.MethodPatch, path: path("sensors", ref), body: document}, &sensor)
}

// DeleteSensor deletes a sensor and its readings.
func (c *Client) DeleteSensor(ctx context.Context, ref string) error {
	return c.do(ctx, call{method: http.MethodDelete, path: path("sensors", ref)}, nil)
}

// PutField adds a field to a sensor or changes the one of that name.
func (c *Client) PutField(ctx context.Context, ref string, field Field) error {
	field.Value, field.UpdatedAt = nil, nil
	return c.do(ctx, call{method: http.MethodPut, path: path("sensors", ref, "fields", field.Name), body: field}, nil)
}

// DeleteField takes a field off a sensor.
func (c *Client) DeleteField(ctx context.Context, ref, name string) error {
	return c.do(ctx, call{method: http.MethodDelete, path: path("sensors", ref, "fields", name)}, nil)
}
