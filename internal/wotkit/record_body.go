package wotkit

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// record is one record of a request.
type record struct {
	timed      bool // the record has a timestamp
	at         domain.Millis
	values     []domain.NamedValue
	sensorName string // V2 over several sensors; else ignored
}

// reading returns the record; now is its time if it has none.
func (r record) reading(now domain.Millis) domain.Reading {
	if !r.timed {
		r.at = now
	}
	return domain.Reading{At: r.at, Values: r.values}
}

// decodeRecord reads one JSON object.
func decodeRecord(body []byte) (record, error) {
	d, err := newRecordDecoder(body)
	if err != nil {
		return record{}, err
	}
	if err := d.open('{'); err != nil {
		return record{}, err
	}
	r, err := d.object()
	if err != nil {
		return record{}, err
	}
	return r, d.end()
}

// decodeRecords reads a JSON array of objects.
func decodeRecords(body []byte) ([]record, error) {
	d, err := newRecordDecoder(body)
	if err != nil {
		return nil, err
	}
	if err := d.open('['); err != nil {
		return nil, err
	}
	var records []record
	for d.json.More() {
		if len(records) == domain.MaxBatch {
			return nil, domain.Errorf(domain.Invalid, "too_many", "At most %d records can be sent at once.", domain.MaxBatch)
		}
		if err := d.open('{'); err != nil {
			return nil, err
		}
		r, err := d.object()
		if err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	if err := d.open(']'); err != nil {
		return nil, err
	}
	return records, d.end()
}

// recordDecoder reads records token by token, so that names keep their order
// and doubled ones are seen.
type recordDecoder struct{ json *json.Decoder }

func newRecordDecoder(body []byte) (*recordDecoder, error) {
	if err := web.CheckJSON(body); err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	return &recordDecoder{d}, nil
}

// open reads one delimiter.
func (d *recordDecoder) open(want json.Delim) error {
	token, err := d.json.Token()
	if err != nil {
		return badJSON(err)
	}
	if token != want {
		return domain.Errorf(domain.Invalid, "invalid_json", "Expected %q at byte %d of the body.", rune(want), d.json.InputOffset())
	}
	return nil
}

func (d *recordDecoder) end() error {
	if _, err := d.json.Token(); !errors.Is(err, io.EOF) {
		return domain.Errorf(domain.Invalid, "invalid_json", "There is something behind the JSON document.")
	}
	return nil
}

// object reads the rest of an object of which the brace was read.
func (d *recordDecoder) object() (record, error) {
	var r record
	for d.json.More() {
		key, err := d.json.Token()
		if err != nil {
			return record{}, badJSON(err)
		}
		value, err := d.json.Token()
		if err != nil {
			return record{}, badJSON(err)
		}
		if err := r.set(key.(string), value); err != nil {
			return record{}, err
		}
	}
	return r, d.open('}')
}

// set takes one attribute over. A null is as good as none.
func (r *record) set(name string, token json.Token) error {
	switch value := token.(type) {
	case nil:
		return nil
	case string:
		return r.setText(name, value)
	case bool:
		r.add(name, domain.Bool(value))
	case json.Number:
		if name == "timestamp" {
			return r.setTime(value.String())
		}
		n, ok := domain.ParseNumber(value.String())
		if !ok {
			return domain.InvalidField(name, "%s is not a finite number.", domain.Clip(name))
		}
		r.add(name, domain.Number(n))
	default:
		return domain.InvalidField(name, "%s must be a number, a text or a truth value.", domain.Clip(name))
	}
	return nil
}

func (r *record) setText(name, text string) error {
	switch name {
	case "timestamp":
		return r.setTime(text)
	case "sensor_name":
		r.sensorName = text
	}
	r.add(name, domain.Text(text))
	return nil
}

// setTime reads the timestamp; an empty one is as good as none.
func (r *record) setTime(text string) error {
	if text == "" {
		return nil
	}
	at, ok := domain.ParseTimestamp(text)
	if !ok {
		return domain.InvalidField("timestamp", "The timestamp %s is neither milliseconds nor ISO 8601.", strconv.Quote(domain.Clip(text)))
	}
	r.at, r.timed = at, true
	return nil
}

// add takes a value over. Names that belong to the record itself are
// read-only and ignored.
func (r *record) add(name string, value domain.Value) {
	if !domain.ReservedField(name) {
		r.values = append(r.values, domain.NamedValue{Name: name, Value: value})
	}
}

func badJSON(err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return domain.Errorf(domain.Invalid, "invalid_json", "The body is no valid JSON, at byte %d: %s.", syntax.Offset, syntax)
	}
	return domain.Errorf(domain.Invalid, "invalid_json", "The JSON ends too early.")
}
