package reading

import (
	"encoding/json"
	"math"
	"strconv"
	"time"

	"github.com/thingward/thingward/internal/domain"
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
		to = append(appendText(to, v.Name), ':')
		to = appendValue(to, v.Value)
	}
	return append(to, '}')
}

func appendValue(to []byte, v domain.Value) []byte {
	switch v.Kind {
	case domain.NumberValue:
		return v.AppendNumber(to)
	case domain.BoolValue:
		return strconv.AppendBool(to, v.Number != 0)
	case domain.TextValue:
		return appendText(to, v.Text)
	}
	return append(to, "null"...)
}

// appendText writes a JSON text. What needs no escape, which is nearly
// everything, is copied.
func appendText(to []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' || c >= 0x7f {
			quoted, _ := json.Marshal(text) // a text has no other way than to succeed
			return append(to, quoted...)
		}
	}
	return append(append(append(to, '"'), text...), '"')
}
