package wotkit

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/resourceserver/reading"
	"github.com/thingward/thingward/internal/web"
)

// queryDataV2 is GET /api/v2/sensors/{sensor}/data.
func (d *Door) queryDataV2(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	selected, err := parseSpanV2(queryOf(r), d.Now(), d.timesOf(r, c))
	if err != nil {
		return d.readableFirst(r, c, err)
	}
	query := selected.query()
	query.Limit, query.Offset = selected.limit, selected.offset
	s, readings, err := d.readingsOf(r, c, query, selected.nothing)
	if err != nil {
		return err
	}
	fields, err := json.Marshal(shownFields(s.Fields, domain.SensorState{}))
	if err != nil {
		return err
	}
	echo, err := json.Marshal(selected.echo)
	if err != nil {
		return err
	}
	out := newStream(w, jsonType)
	if err := out.text(`{"numFound":0,"data":{"data":`); err != nil {
		return out.end(err)
	}
	err = writeRecords(out, &recordWriter{zone: zoneOf(c), stamp: textStamp}, &s, readings)
	if err == nil {
		err = out.text(`,"fields":` + string(fields) + `},"query":` + string(echo) + `}`)
	}
	return out.end(err)
}

// readableFirst is visibleFirst for a sensor that is read.
func (d *Door) readableFirst(r *http.Request, c domain.Caller, about error) error {
	if _, err := d.Sensors.Find(r.Context(), c, r.PathValue("sensor"), domain.ReadingsRead); err != nil {
		return err
	}
	return about
}

// timesOf looks the times of records of the sensor up.
func (d *Door) timesOf(r *http.Request, c domain.Caller) timeOf {
	return func(id domain.ReadingID) (domain.Millis, error) {
		_, found, err := d.Readings.One(r.Context(), c, r.PathValue("sensor"), id)
		return found.At, err
	}
}

// dataID reads the id of a record in the path. What is no id is not there.
func dataID(r *http.Request) (domain.ReadingID, error) {
	id, err := strconv.ParseInt(r.PathValue("data_id"), 10, 64)
	if err != nil || id <= 0 {
		return 0, domain.Errorf(domain.NotFound, "reading_not_found", "There is no such record.")
	}
	return domain.ReadingID(id), nil
}

// showDataV2 is GET /api/v2/sensors/{sensor}/data/{data_id}.
func (d *Door) showDataV2(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	id, err := dataID(r)
	if err != nil {
		return err
	}
	s, found, err := d.Readings.One(r.Context(), c, r.PathValue("sensor"), id)
	if err != nil {
		return err
	}
	records := recordWriter{zone: zoneOf(c), stamp: textStamp}
	return web.WriteBytes(w, http.StatusOK, jsonType, records.append(&s, &found))
}

// deleteDataV2 is DELETE /api/v2/sensors/{sensor}/data/{data_id}.
func (d *Door) deleteDataV2(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	id, err := dataID(r)
	if err != nil {
		return err
	}
	return web.WriteDone(w, d.Readings.DeleteOne(r.Context(), c, r.PathValue("sensor"), id))
}

// deleteRangeV2 is DELETE /api/v2/sensors/{sensor}/data. Only the bounds of
// group 3 count: with anything else, or nothing, more would be deleted than
// was meant.
func (d *Door) deleteRangeV2(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	q := queryOf(r)
	delete(q, "access_token")
	if err := onlyBounds(q); err != nil {
		return d.visibleFirst(r, c, err)
	}
	selected, err := parseSpanV2(q, d.Now(), d.timesOf(r, c))
	if err != nil {
		return d.visibleFirst(r, c, err)
	}
	if _, err := d.Readings.DeleteRange(r.Context(), c, r.PathValue("sensor"), selected.in); err != nil {
		return err
	}
	return web.WriteDone(w, nil)
}

func onlyBounds(q params) error {
	for name := range q {
		if name != "start" && name != "start_id" && name != "end" && name != "end_id" {
			return domain.InvalidField(domain.Clip(name), "Only start, start_id, end and end_id select what is deleted.")
		}
	}
	if len(q) == 0 {
		return domain.Errorf(domain.Invalid, "range_missing", "Say with start, start_id, end or end_id what is to be deleted.")
	}
	return nil
}

// replaceDataV2 is PUT /api/v2/sensors/{sensor}/data: records of the same
// times are replaced.
func (d *Door) replaceDataV2(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	records, err := readTimed(w, r)
	if err != nil {
		return invalidAs(validationErrors, d.visibleFirst(r, c, err))
	}
	readings := make([]domain.Reading, len(records))
	for i, rec := range records {
		readings[i] = rec.reading(0)
	}
	if err := d.Readings.ReplaceAt(r.Context(), c, r.PathValue("sensor"), readings); err != nil {
		return invalidAs(validationErrors, err)
	}
	return web.WriteDone(w, nil)
}

// readTimed reads records that all must have a timestamp.
func readTimed(w http.ResponseWriter, r *http.Request) ([]record, error) {
	records, err := readRecords(w, r)
	if err != nil {
		return nil, err
	}
	for i, rec := range records {
		if !rec.timed {
			return nil, domain.InvalidField("timestamp", "Record %d has no timestamp.", i+1)
		}
	}
	return records, nil
}

// sendManyV2 is POST /api/v2/data/{owner}: records of several sensors of one
// owner, all or none.
func (d *Door) sendManyV2(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	records, err := readTimed(w, r)
	if err != nil {
		return invalidAs(validationErrors, err)
	}
	owner := r.PathValue("owner")
	sent := make([]reading.SensorReading, len(records))
	for i, rec := range records {
		name := strings.TrimPrefix(rec.sensorName, owner+".")
		if name == "" || strings.Contains(name, ".") {
			return invalidAs(validationErrors, domain.InvalidField("sensor_name", "Record %d needs the name of a sensor of %s.", i+1, domain.Clip(owner)))
		}
		sent[i] = reading.SensorReading{Ref: owner + "." + name, Reading: rec.reading(0)}
	}
	if err := d.Readings.AppendMany(r.Context(), c, sent); err != nil {
		return invalidAs(validationErrors, err)
	}
	return web.WriteDone(w, nil)
}
