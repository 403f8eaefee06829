package wotkit

import (
	"iter"
	"net/http"
	"strings"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/resourceserver/reading"
)

// maxMerged is how many records over many sensors beforeE and afterE may
// count: they are gathered before a page of them is answered.
const maxMerged = 50_000

// aggregate is GET /data: the records of all sensors that a query selects.
// Limit and offset page the records, not the sensors.
func (d *Door) aggregate(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	q := queryOf(r)
	filter, err := sensorFilter(q, d.Now())
	if err != nil {
		return err
	}
	selected, err := parseAggregateSpan(q, d.Now())
	if err != nil {
		return err
	}
	if max(selected.newest, selected.first) > maxMerged {
		return domain.InvalidField("beforeE", "beforeE and afterE count at most %d records of many sensors.", maxMerged)
	}
	order, err := orderOf(q)
	if err != nil {
		return err
	}
	query := selected.query()
	if query.Limit, query.Offset, err = q.page(); err != nil {
		return err
	}
	merged := func(func(reading.SensorAndReading, error) bool) {}
	if query.Limit > 0 && !filter.nothing && !selected.nothing {
		found, err := d.Readings.Merged(r.Context(), c, filter.SensorFilter, query, order)
		if err != nil {
			return err
		}
		merged = found
	}
	out := newStream(w, jsonType)
	return out.end(writeMerged(out, &recordWriter{zone: zoneOf(c)}, merged))
}

func orderOf(q params) (reading.Order, error) {
	switch strings.ToLower(q["orderBy"]) {
	case "", "time":
		return reading.OrderByTime, nil
	case "sensor":
		return reading.OrderBySensor, nil
	}
	return reading.OrderByTime, domain.InvalidField("orderBy", "orderBy must be time or sensor.")
}

func writeMerged(out *stream, records *recordWriter, merged iter.Seq2[reading.SensorAndReading, error]) error {
	separator := "["
	for one, err := range merged {
		if err != nil {
			return err
		}
		if err := out.text(separator); err != nil {
			return err
		}
		separator = ","
		if _, err := out.Write(records.append(one.Sensor, &one.Reading)); err != nil {
			return err
		}
	}
	if separator == "[" {
		return out.text("[]")
	}
	return out.text("]")
}
