package wotkit

import (
	"iter"
	"net/http"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/resourceserver/reading"
	"github.com/thingward/thingward/internal/web"
	"github.com/thingward/thingward/internal/wotkit/datatable"
)

// query returns what the span asks of the reading slice.
func (s span) query() reading.Query {
	return reading.Query{Range: s.in, First: s.first, Newest: s.newest, Descending: s.descending}
}

// zoneOf returns the zone in which the caller reads times: that of his
// account, UTC for nobody's.
func zoneOf(c domain.Caller) *time.Location {
	if c.Anonymous() {
		return time.UTC
	}
	return c.User.Location()
}

// readingsOf returns the records of a sensor that the span selects.
func (d *Door) readingsOf(r *http.Request, c domain.Caller, query reading.Query, nothing bool) (domain.Sensor, iter.Seq2[domain.Reading, error], error) {
	ref := r.PathValue("sensor")
	if nothing {
		s, err := d.Sensors.Find(r.Context(), c, ref, domain.ReadingsRead)
		return s, func(func(domain.Reading, error) bool) {}, err
	}
	return d.Readings.Query(r.Context(), c, ref, query)
}

// listData is GET /sensors/{sensor}/data. The oldest clients ask here for CSV
// with tqx.
func (d *Door) listData(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	q := queryOf(r)
	if q.has("tqx") {
		if asked, fault := datatable.ParseRequest(q["tqx"]); fault == nil && asked.Out == datatable.CSV {
			return d.writeTable(w, r, c, asked)
		}
	}
	selected, err := parseSpan(q, d.Now())
	if err != nil {
		return err
	}
	s, readings, err := d.readingsOf(r, c, selected.query(), selected.nothing)
	if err != nil {
		return err
	}
	out := newStream(w, jsonType)
	return out.end(writeRecords(out, &recordWriter{zone: zoneOf(c)}, &s, readings))
}

// writeRecords writes a JSON array.
func writeRecords(out *stream, records *recordWriter, s *domain.Sensor, readings iter.Seq2[domain.Reading, error]) error {
	separator := "["
	for r, err := range readings {
		if err != nil {
			return err
		}
		if err := out.text(separator); err != nil {
			return err
		}
		separator = ","
		if _, err := out.Write(records.append(s, &r)); err != nil {
			return err
		}
	}
	if separator == "[" {
		return out.text("[]")
	}
	return out.text("]")
}

// sendData is POST /sensors/{sensor}/data of V1 and V2.
func (d *Door) sendData(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	ref := r.PathValue("sensor")
	rec, form, err := readRecord(w, r)
	if err != nil {
		return invalidAs(validationErrors, d.visibleFirst(r, c, err))
	}
	if form {
		err := settle(rec.values, func() ([]domain.Field, error) {
			s, err := d.Sensors.Find(r.Context(), c, ref, domain.ReadingsWrite)
			return s.Fields, err
		})
		if err != nil {
			return err
		}
	}
	sent := []domain.Reading{rec.reading(domain.MillisOf(d.Now()))}
	if _, err := d.Readings.Append(r.Context(), c, ref, sent, reading.Once{}); err != nil {
		return invalidAs(validationErrors, err)
	}
	return created(w)
}

// visibleFirst returns the error about a body only where the caller may write
// to the sensor at all; else the sensor is not there for him.
func (d *Door) visibleFirst(r *http.Request, c domain.Caller, about error) error {
	if !domain.IsKind(about, domain.Invalid) {
		return about
	}
	if _, err := d.Sensors.Find(r.Context(), c, r.PathValue("sensor"), domain.ReadingsWrite); err != nil {
		return err
	}
	return about
}

// replaceData is PUT /sensors/{sensor}/data.
func (d *Door) replaceData(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	records, err := readRecords(w, r)
	if err != nil {
		return invalidAs(validationErrors, d.visibleFirst(r, c, err))
	}
	readings := make([]domain.Reading, len(records))
	now := domain.MillisOf(d.Now())
	for i, rec := range records {
		readings[i] = rec.reading(now)
	}
	if err := d.Readings.Replace(r.Context(), c, r.PathValue("sensor"), readings); err != nil {
		return invalidAs(validationErrors, err)
	}
	return web.WriteDone(w, nil)
}

func readRecords(w http.ResponseWriter, r *http.Request) ([]record, error) {
	body, err := web.ReadBody(w, r, web.LargeBody)
	if err != nil {
		return nil, err
	}
	return decodeRecords(body)
}

// deleteData is DELETE /sensors/{sensor}/data/{timestamp}. There may be none.
func (d *Door) deleteData(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	at, ok := domain.ParseTimestamp(r.PathValue("timestamp"))
	if !ok {
		err := domain.InvalidField("timestamp", "The timestamp in the path is neither milliseconds nor ISO 8601.")
		return d.visibleFirst(r, c, err)
	}
	return web.WriteDone(w, d.Readings.DeleteAt(r.Context(), c, r.PathValue("sensor"), at))
}
