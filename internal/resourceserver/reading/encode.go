package reading

import (
	"math"
	"strconv"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// finite bounds a sum of numbers near the end of float64, which JSON can not
// say otherwise.
func finite(n float64) float64 {
	return max(-math.MaxFloat64, min(math.MaxFloat64, n))
}

// appendTime writes RFC 3339 with milliseconds.
func appendTime(to []byte, at domain.Millis, zone *time.Location) []byte {
	return at.Time().In(zone).AppendFormat(to, "2006-01-02T15:04:05.000Z07:00")
}

// appendReading writes {"id":…,"at":…,"values":{…}}.
func appendReading(to []byte, r domain.Reading, zone *time.Location) []byte {
	to = strconv.AppendInt(append(to, `{"id":`...), int64(r.ID), 10)
	to = appendTime(append(to, `,"at":"`...), r.At, zone)
	to = appendValues(append(to, `","values":`...), r.Values)
	return append(to, '}')
}

func appendValues(to []byte, values []domain.NamedValue) []byte {
	to = append(to, '{')
	for i, v := range values {
		if i > 0 {
			to = append(to, ',')
		}
		to = append(web.AppendText(to, v.Name), ':')
		to = web.AppendValue(to, v.Value)
	}
	return append(to, '}')
}
