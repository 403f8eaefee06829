package reading

import (
	"encoding/json"
	"errors"
	"strconv"
	"unicode/utf8"

	"github.com/thingward/thingward/internal/domain"
)

// decodeReadings reads {"at": …, "values": {…}}, or an array of those, by hand
// instead of by reflection, because thousands of readings arrive in a second.
// It is as strict as web.DecodeJSON: unknown and doubled names, values that
// are neither number, text nor truth value, numbers beyond float64 and bytes
// that are not UTF-8 are refused. A missing time is now; null values are as
// if they were not there.
func decodeReadings(body []byte, now domain.Millis) (readings []domain.Reading, batch bool, err error) {
	if !utf8.Valid(body) {
		return nil, false, domain.Errorf(domain.Invalid, "invalid_utf8", "The body is not valid UTF-8.")
	}
	d := decoder{in: body, now: now}
	if batch = d.peek() == '['; batch {
		readings = d.batch()
	} else {
		readings = []domain.Reading{d.reading()}
	}
	if d.peek() != 0 && d.err == nil {
		d.fail("There is something behind the JSON document")
	}
	if d.err != nil {
		return nil, batch, d.err
	}
	return readings, batch, nil
}

// decoder reads JSON from front to back. After the first fault it stands at
// the end and every further step does nothing.
type decoder struct {
	in     []byte
	at     int
	now    domain.Millis
	before []domain.NamedValue // of the reading before, whose names come again as a rule
	err    error
}

func (d *decoder) stop(err error) {
	if d.err == nil {
		d.err = err
	}
	d.at = len(d.in)
}

func (d *decoder) fail(what string) {
	d.stop(domain.Errorf(domain.Invalid, "invalid_json", "The body is no valid JSON for readings, at byte %d: %s.", d.at, what))
}

// invalid refuses an attribute of a reading.
func (d *decoder) invalid(field, format string, args ...any) {
	d.stop(domain.InvalidField(field, format, args...))
}

// peek returns the next byte that is no white space; 0 at the end.
func (d *decoder) peek() byte {
	for ; d.at < len(d.in); d.at++ {
		switch c := d.in[d.at]; c {
		case ' ', '\t', '\n', '\r':
		case 0:
			d.fail("unexpected character")
			return 0
		default:
			return c
		}
	}
	return 0
}

// skip goes past c if it is next, and reports whether it was.
func (d *decoder) skip(c byte) bool {
	if d.peek() != c || d.at >= len(d.in) {
		return false
	}
	d.at++
	return true
}

func (d *decoder) expect(c byte) {
	if !d.skip(c) {
		d.fail("expected " + string(rune(c)))
	}
}

// more reports whether another element follows, in a list that ends with the
// closing byte.
func (d *decoder) more(n int, closing byte) bool {
	if d.skip(closing) || d.err != nil {
		return false
	}
	if n > 0 {
		d.expect(',')
	}
	return d.err == nil
}

func (d *decoder) batch() []domain.Reading {
	d.expect('[')
	readings := make([]domain.Reading, 0, min(len(d.in)/24+1, 1024))
	for d.more(len(readings), ']') {
		if len(readings) == domain.MaxBatch {
			d.stop(tooMany())
			break
		}
		readings = append(readings, d.reading())
		if d.err != nil {
			d.err = atPlace(d.err, len(readings)-1, len(readings)+1)
		}
	}
	return readings
}

func (d *decoder) reading() domain.Reading {
	r := domain.Reading{At: d.now}
	timed, valued := false, false
	d.expect('{')
	for n := 0; d.more(n, '}'); n++ {
		name := d.text()
		d.expect(':')
		switch {
		case d.err != nil:
		case string(name) == "at" && !timed:
			timed = true
			r.At = d.time()
		case string(name) == "values" && !valued:
			valued = true
			r.Values = d.values()
		case string(name) == "at", string(name) == "values":
			d.fail("an attribute is there twice")
		default:
			d.stop(domain.Errorf(domain.Invalid, "unknown_field", "There is no attribute %q here.", domain.Clip(string(name))))
		}
	}
	if d.err == nil && !valued {
		d.invalid("values", "A reading needs values.")
	}
	return r
}

func (d *decoder) time() domain.Millis {
	var text []byte
	if d.peek() == '"' {
		text = d.text()
	} else {
		text = d.number()
	}
	if d.err != nil {
		return 0
	}
	if at, ok := wholeNumber(text); ok {
		return at
	}
	at, ok := domain.ParseTimestamp(string(text))
	if !ok {
		d.invalid("at", "The time %q is neither RFC 3339 nor Unix milliseconds.", domain.Clip(string(text)))
	}
	return at
}

// wholeNumber reads the usual 13 digits quickly.
func wholeNumber(text []byte) (domain.Millis, bool) {
	var n domain.Millis
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + domain.Millis(c-'0')
	}
	return n, len(text) > 0 && len(text) <= 14
}

// mostValues refuses readings with absurdly many values before they take memory.
const mostValues = 200

func (d *decoder) values() []domain.NamedValue {
	values := make([]domain.NamedValue, 0, max(1, len(d.before)))
	d.expect('{')
	for n := 0; d.more(n, '}'); n++ {
		if n == mostValues {
			d.invalid("values", "A reading has too many values.")
			break
		}
		name := d.name(n)
		d.expect(':')
		for _, earlier := range values {
			if earlier.Name == name {
				d.invalid("values", "%q is there twice.", domain.Clip(name))
			}
		}
		value := d.value(name)
		values = append(values, domain.NamedValue{Name: name, Value: value})
	}
	d.before = values
	return values
}

// name returns the name of the n-th value: the string of the reading before
// if it is the same.
func (d *decoder) name(n int) string {
	text := d.text()
	if n < len(d.before) && d.before[n].Name == string(text) {
		return d.before[n].Name
	}
	return string(text)
}

func (d *decoder) value(name string) domain.Value {
	switch c := d.peek(); {
	case c == '"':
		return domain.Text(string(d.text()))
	case c == '-' || c >= '0' && c <= '9':
		text := d.number()
		n, err := strconv.ParseFloat(string(text), 64)
		if errors.Is(err, strconv.ErrRange) {
			d.invalid("values", "The number under %q is beyond what a float64 can hold.", domain.Clip(name))
		}
		return domain.Number(n)
	case d.literal("true"):
		return domain.Bool(true)
	case d.literal("false"):
		return domain.Bool(false)
	case d.literal("null"):
		return domain.Value{}
	case c == '{' || c == '[':
		d.invalid("values", "The value under %q is neither number, text, true nor false.", domain.Clip(name))
	default:
		d.fail("expected a value")
	}
	return domain.Value{}
}

func (d *decoder) literal(word string) bool {
	if len(d.in)-d.at < len(word) || string(d.in[d.at:d.at+len(word)]) != word {
		return false
	}
	d.at += len(word)
	return true
}

// number returns the bytes of a number (RFC 8259 section 6).
func (d *decoder) number() []byte {
	d.peek()
	start := d.at
	if d.at < len(d.in) && d.in[d.at] == '-' {
		d.at++
	}
	whole := d.digits()
	ok := whole > 0 && (whole == 1 || d.in[d.at-whole] != '0')
	if ok && d.at < len(d.in) && d.in[d.at] == '.' {
		d.at++
		ok = d.digits() > 0
	}
	if ok && d.at < len(d.in) && (d.in[d.at] == 'e' || d.in[d.at] == 'E') {
		if d.at++; d.at < len(d.in) && (d.in[d.at] == '+' || d.in[d.at] == '-') {
			d.at++
		}
		ok = d.digits() > 0
	}
	if !ok {
		d.fail("expected a number")
		return nil
	}
	return d.in[start:d.at]
}

func (d *decoder) digits() int {
	start := d.at
	for d.at < len(d.in) && d.in[d.at] >= '0' && d.in[d.at] <= '9' {
		d.at++
	}
	return d.at - start
}

// text returns what stands between quotes. Without escapes it is a part of
// the body.
func (d *decoder) text() []byte {
	d.expect('"')
	start := d.at
	escaped := false
	for ; d.at < len(d.in); d.at++ {
		switch c := d.in[d.at]; {
		case c == '"':
			d.at++
			if escaped {
				return d.unescape(d.in[start-1 : d.at])
			}
			return d.in[start : d.at-1]
		case c == '\\':
			escaped = true
			d.at++
		case c < ' ':
			d.fail("a control character in a text")
			return nil
		}
	}
	if d.err == nil {
		d.fail("a text does not end")
	}
	return nil
}

func (d *decoder) unescape(quoted []byte) []byte {
	var text string
	if err := json.Unmarshal(quoted, &text); err != nil {
		d.fail("a wrong escape in a text")
	}
	return []byte(text)
}
