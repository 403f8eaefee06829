package domain

import (
	"math"
	"slices"
	"time"
	"unicode/utf8"
)

// ReadingID identifies a reading. Ids grow in the order in which readings
// were stored.
type ReadingID int64

// Millis is a time in Unix milliseconds, UTC: the precision of readings.
type Millis int64

// MillisOf cuts a time to milliseconds.
func MillisOf(t time.Time) Millis { return Millis(t.UnixMilli()) }

// Time returns the time in UTC.
func (m Millis) Time() time.Time { return time.UnixMilli(int64(m)).UTC() }

// The range of times that a reading can have: the years 0001 to 9999.
const (
	MinMillis Millis = -62135596800000
	MaxMillis Millis = 253402300799999
)

// MaxSkew is how far ahead of our clock a reading may be (WoTKit V1,
// Sensor Data).
const MaxSkew = 5 * time.Second

// NamedValue is one value of a reading under the name of its field, or under
// a name that no field has.
type NamedValue struct {
	Name  string
	Value Value
}

// Reading is the values of a sensor at one time. (At, ID) orders readings and
// identifies one; several may have the same time.
type Reading struct {
	ID     ReadingID
	Sensor SensorID
	At     Millis
	Values []NamedValue
}

// Value returns the value under the name.
func (r Reading) Value(name string) (Value, bool) {
	for _, v := range r.Values {
		if v.Name == name {
			return v.Value, true
		}
	}
	return Value{}, false
}

// Position returns where the reading stands in the order of its sensor.
func (r Reading) Position() Position { return Position{At: r.At, ID: r.ID} }

// Position is a place in the order of the readings of one sensor.
type Position struct {
	At Millis
	ID ReadingID
}

// The ends of the order. From is exclusive and To inclusive, so these select
// everything.
var (
	FirstPosition = Position{At: math.MinInt64, ID: 0}
	LastPosition  = Position{At: math.MaxInt64, ID: math.MaxInt64}
)

// AfterAll returns the position behind all readings of the millisecond.
func (m Millis) AfterAll() Position { return Position{At: m, ID: math.MaxInt64} }

// BeforeAll returns the position before all readings of the millisecond.
func (m Millis) BeforeAll() Position { return Position{At: m, ID: 0} }

// Compare orders positions: -1, 0 or 1.
func (p Position) Compare(q Position) int {
	switch {
	case p.At < q.At || p.At == q.At && p.ID < q.ID:
		return -1
	case p == q:
		return 0
	}
	return 1
}

// Range selects readings of a sensor: after From (exclusive) up to To
// (inclusive).
type Range struct {
	From, To Position
}

// Everything selects all readings.
func Everything() Range { return Range{From: FirstPosition, To: LastPosition} }

// Contains reports whether the position lies in the range.
func (r Range) Contains(p Position) bool { return p.Compare(r.From) > 0 && p.Compare(r.To) <= 0 }

// Limits of a reading.
const (
	maxValues    = 100
	maxTextBytes = 16 * 1024
	MaxBatch     = 100_000 // readings in one request
	maxNameRunes = 50
)

// Conform validates a reading against the fields of its sensor and returns it
// with its values converted to the types of the fields. Values under names
// that no field has are kept as they are; names that belong to the reading
// itself are dropped. now is the latest acceptable time but for MaxSkew.
func (r Reading) Conform(fields []Field, now time.Time) (Reading, error) {
	if r.At < MinMillis || r.At > MaxMillis {
		return Reading{}, InvalidField("timestamp", "The timestamp is out of range.")
	}
	if r.At > MillisOf(now.Add(MaxSkew)) {
		return Reading{}, InvalidField("timestamp", "The timestamp %s lies in the future. Set the clock of the sender right, or leave the time out.", r.At.Time().Format(time.RFC3339))
	}
	if len(r.Values) > maxValues {
		return Reading{}, InvalidField("values", "A reading has at most %d values.", maxValues)
	}
	conformed := Reading{ID: r.ID, Sensor: r.Sensor, At: r.At, Values: make([]NamedValue, 0, len(r.Values))}
	for _, v := range r.Values {
		if ReservedField(v.Name) || v.Value.Kind == NoValue {
			continue
		}
		value, err := conformValue(fields, v)
		if err != nil {
			return Reading{}, err
		}
		conformed.Values = append(conformed.Values, NamedValue{v.Name, value})
	}
	return conformed, conformed.checkComplete(fields)
}

func conformValue(fields []Field, v NamedValue) (Value, error) {
	switch {
	case utf8.RuneCountInString(v.Name) > maxNameRunes || v.Name == "" || !printable(v.Name):
		return Value{}, InvalidField("values", "%q is not a usable name for a value.", Clip(v.Name))
	case len(v.Value.Text) > maxTextBytes || !utf8.ValidString(v.Value.Text):
		return Value{}, InvalidField(v.Name, "The text of %s is longer than %d bytes or not UTF-8.", v.Name, maxTextBytes)
	case math.IsNaN(v.Value.Number) || math.IsInf(v.Value.Number, 0):
		return Value{}, InvalidField(v.Name, "%s is not a finite number.", v.Name)
	}
	i := slices.IndexFunc(fields, func(f Field) bool { return f.Name == v.Name })
	if i < 0 {
		return v.Value, nil
	}
	value, ok := v.Value.As(fields[i].Type)
	if !ok {
		return Value{}, InvalidField(v.Name, "expected NUMBER: the value %q of %s is no number.", Clip(v.Value.String()), v.Name)
	}
	return value, nil
}

func (r Reading) checkComplete(fields []Field) error {
	for i, v := range r.Values {
		for _, earlier := range r.Values[:i] {
			if earlier.Name == v.Name {
				return InvalidField(v.Name, "%s is there twice.", v.Name)
			}
		}
	}
	for _, field := range fields {
		if _, there := r.Value(field.Name); field.Required && !there {
			return InvalidField(field.Name, "The required field %s is missing.", field.Name)
		}
	}
	if len(r.Values) == 0 {
		return InvalidField("values", "A reading needs at least one value.")
	}
	return nil
}

// Summary is what the values of one field were like in one interval of time.
type Summary struct {
	Start Millis // of the interval
	Count int64
	Sum   float64
	Min   float64
	Max   float64
}

// Mean returns the arithmetic mean. There is no summary without a value.
func (s Summary) Mean() float64 { return s.Sum / float64(s.Count) }
