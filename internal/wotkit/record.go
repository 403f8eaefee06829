package wotkit

import (
	"strconv"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// isoMillis is how times are written: ISO 8601 with milliseconds; Z for UTC,
// else a numeric offset.
const isoMillis = "2006-01-02T15:04:05.000Z07:00"

// stamp is how the versions of the API write the time of a record.
type stamp uint8

const (
	numericStamp stamp = iota // V1: a number of milliseconds
	textStamp                 // V2: the same as a string
)

// recordWriter writes records of sensors as JSON into one buffer that is used
// again for each.
type recordWriter struct {
	zone   *time.Location
	stamp  stamp
	buffer []byte
}

// append returns the record as JSON. It is only good until the next call.
func (rw *recordWriter) append(sensor *domain.Sensor, r *domain.Reading) []byte {
	to := append(rw.buffer[:0], `{"id":`...)
	to = strconv.AppendInt(to, int64(r.ID), 10)
	to = append(to, `,"timestamp":`...)
	if rw.stamp == textStamp {
		to = append(to, '"')
		to = strconv.AppendInt(to, int64(r.At), 10)
		to = append(to, '"')
	} else {
		to = strconv.AppendInt(to, int64(r.At), 10)
	}
	to = append(to, `,"timestamp_iso":"`...)
	to = r.At.Time().In(rw.zone).AppendFormat(to, isoMillis)
	to = append(to, `","sensor_id":`...)
	to = strconv.AppendInt(to, int64(sensor.ID), 10)
	to = append(to, `,"sensor_name":"`...)
	to = append(to, sensor.OwnerName...) // names need no escaping
	to = append(to, '.')
	to = append(to, sensor.Name...)
	to = append(to, '"')
	for _, v := range r.Values {
		to = append(to, ',')
		to = web.AppendText(to, v.Name)
		to = append(to, ':')
		to = web.AppendValue(to, v.Value)
	}
	rw.buffer = append(to, '}')
	return rw.buffer
}
