package sensor

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// Sensors are written by appending, because GET of one is a hot path: the
// reflection of encoding/json would be a good part of its time.

// writeSensors answers with a page of sensors.
func writeSensors(w http.ResponseWriter, status int, listed domain.Listed[domain.Sensor], states map[domain.SensorID]domain.SensorState) error {
	body := append(make([]byte, 0, 64+1024*len(listed.Items)), `{"items":[`...)
	for i, sensor := range listed.Items {
		if i > 0 {
			body = append(body, ',')
		}
		body = appendSensor(body, sensor, states[sensor.ID])
	}
	return web.WriteBytes(w, status, "application/json", appendTotal(append(body, ']'), listed.Next, listed.Total))
}

// appendTotal ends a list behind its items.
func appendTotal(to []byte, next string, total int) []byte {
	if next != "" {
		to = web.AppendText(append(to, `,"next":`...), next)
	}
	to = strconv.AppendInt(append(to, `,"total":`...), int64(total), 10)
	return append(to, '}')
}

func appendSensor(to []byte, s domain.Sensor, state domain.SensorState) []byte {
	to = strconv.AppendInt(append(to, `{"id":`...), int64(s.ID), 10)
	to = web.AppendText(append(to, `,"owner":`...), s.OwnerName)
	to = web.AppendText(append(to, `,"name":`...), s.Name)
	to = web.AppendText(append(to, `,"full_name":`...), s.FullName())
	to = web.AppendText(append(to, `,"long_name":`...), s.LongName)
	to = web.AppendText(append(to, `,"description":`...), s.Description)
	to = web.AppendText(append(to, `,"image_url":`...), s.ImageURL)
	to = domain.Number(s.Latitude).AppendNumber(append(to, `,"latitude":`...))
	to = domain.Number(s.Longitude).AppendNumber(append(to, `,"longitude":`...))
	to = web.AppendText(append(to, `,"visibility":`...), strings.ToLower(string(s.Visibility)))
	to = appendTags(append(to, `,"tags":`...), s.Tags)
	to = appendMetadata(append(to, `,"metadata":`...), s.Metadata)
	to = appendFields(append(to, `,"fields":`...), s.Fields, state)
	to = appendTime(append(to, `,"created_at":`...), s.CreatedAt)
	to = appendTime(append(to, `,"updated_at":`...), s.UpdatedAt)
	to = appendTime(append(to, `,"last_update":`...), state.LastUpdate)
	to = web.AppendText(append(to, `,"publisher":`...), s.Publisher)
	return append(to, '}')
}

func appendTags(to []byte, tags []string) []byte {
	to = append(to, '[')
	for i, tag := range tags {
		if i > 0 {
			to = append(to, ',')
		}
		to = web.AppendText(to, tag)
	}
	return append(to, ']')
}

func appendMetadata(to []byte, metadata map[string]domain.Value) []byte {
	if len(metadata) == 0 {
		return append(to, '{', '}')
	}
	to = append(to, '{')
	for i, key := range slices.Sorted(maps.Keys(metadata)) {
		if i > 0 {
			to = append(to, ',')
		}
		to = web.AppendValue(append(web.AppendText(to, key), ':'), metadata[key])
	}
	return append(to, '}')
}

func appendFields(to []byte, fields []domain.Field, state domain.SensorState) []byte {
	to = append(to, '[')
	for i, field := range fields {
		if i > 0 {
			to = append(to, ',')
		}
		to = appendField(to, field, state)
	}
	return append(to, ']')
}

// appendField writes a field with its newest value, as far as that can be
// read in the present type of the field.
func appendField(to []byte, f domain.Field, state domain.SensorState) []byte {
	to = web.AppendText(append(to, `{"name":`...), f.Name)
	to = web.AppendText(append(to, `,"long_name":`...), f.LongName)
	to = web.AppendText(append(to, `,"type":`...), strings.ToLower(string(f.Type)))
	to = web.AppendText(append(to, `,"units":`...), f.Units)
	to = strconv.AppendBool(append(to, `,"required":`...), f.Required)
	last := state.Last[f.Name]
	value, ok := last.Value.As(f.Type)
	if !ok {
		value = last.Value
	}
	to = web.AppendValue(append(to, `,"value":`...), value)
	to = appendTime(append(to, `,"updated_at":`...), last.At)
	return append(to, '}')
}

// appendTime writes milliseconds, UTC; null where there is no time.
func appendTime(to []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(to, "null"...)
	}
	to = t.UTC().AppendFormat(append(to, '"'), "2006-01-02T15:04:05.000Z")
	return append(to, '"')
}
