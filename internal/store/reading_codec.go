package store

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/thingward/thingward/internal/domain"
)

// errDamaged says that stored bytes are not what we once wrote.
var errDamaged = errors.New("stored readings are damaged")

// The first byte of a value tells what follows. Numbers that are short
// decimals (21.5) are stored as a whole number from storedDecimal on, by their
// count of decimals.
const (
	storedFloat byte = iota + 1 // 8 bytes, little endian
	storedText                  // length, bytes
	storedFalse
	storedTrue
	storedDecimal // zigzag varint, to be divided by 10^0; the next byte by 10^1 …
)

const (
	namedVersion = 1
	mostDecimals = 9
)

var powersOfTen = [mostDecimals + 1]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9}

// scaled returns n × 10^decimals if dividing that again gives exactly n.
func scaled(n float64, decimals int) (int64, bool) {
	m := math.RoundToEven(n * powersOfTen[decimals])
	if !(math.Abs(m) < 1<<53) {
		return 0, false
	}
	return int64(m), m/powersOfTen[decimals] == n && (m != 0 || !math.Signbit(n))
}

// appendNamed encodes the values of one reading.
func appendNamed(to []byte, values []domain.NamedValue) []byte {
	to = append(to, namedVersion)
	to = binary.AppendUvarint(to, uint64(len(values)))
	for _, v := range values {
		to = appendText(to, v.Name)
		to = appendValue(to, v.Value)
	}
	return to
}

func appendText(to []byte, text string) []byte {
	return append(binary.AppendUvarint(to, uint64(len(text))), text...)
}

func appendValue(to []byte, v domain.Value) []byte {
	switch {
	case v.Kind == domain.TextValue:
		return appendText(append(to, storedText), v.Text)
	case v.Kind == domain.BoolValue && v.Number != 0:
		return append(to, storedTrue)
	case v.Kind == domain.BoolValue:
		return append(to, storedFalse)
	}
	for decimals := range 5 {
		if n, ok := scaled(v.Number, decimals); ok {
			return binary.AppendVarint(append(to, storedDecimal+byte(decimals)), n)
		}
	}
	return binary.LittleEndian.AppendUint64(append(to, storedFloat), math.Float64bits(v.Number))
}

// decodeNamed is the inverse of appendNamed.
func decodeNamed(named []byte, names *nameTable) ([]domain.NamedValue, error) {
	r := byteReader{rest: named}
	if r.byte() != namedVersion {
		return nil, errDamaged
	}
	n := r.uvarint()
	if n > uint64(len(r.rest)) {
		return nil, errDamaged
	}
	values := make([]domain.NamedValue, n)
	for i := range values {
		values[i].Name = names.text(r.bytes())
		values[i].Value = r.value()
	}
	if r.bad || len(r.rest) != 0 {
		return nil, errDamaged
	}
	return values, nil
}

// byteReader reads stored bytes from front to back. Once something is missing
// it is bad and returns zeros.
type byteReader struct {
	rest []byte
	bad  bool
}

func (r *byteReader) fail() {
	r.bad = true
	r.rest = nil
}

func (r *byteReader) byte() byte {
	if len(r.rest) == 0 {
		r.fail()
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

func (r *byteReader) uvarint() uint64 {
	if len(r.rest) > 0 && r.rest[0] < 0x80 {
		n := uint64(r.rest[0])
		r.rest = r.rest[1:]
		return n
	}
	n, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.fail()
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

func (r *byteReader) varint() int64 {
	n := r.uvarint()
	return int64(n>>1) ^ -int64(n&1)
}

// take returns the next n bytes, which stay part of what is read.
func (r *byteReader) take(n uint64) []byte {
	if n > uint64(len(r.rest)) {
		r.fail()
		return nil
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

// bytes returns the bytes behind their length.
func (r *byteReader) bytes() []byte { return r.take(r.uvarint()) }

func (r *byteReader) float() float64 {
	b := r.take(8)
	if r.bad {
		return 0
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(b))
}

func (r *byteReader) value() domain.Value {
	switch kind := r.byte(); {
	case r.bad:
	case kind == storedFloat:
		return domain.Number(r.float())
	case kind == storedText:
		return domain.Text(string(r.bytes()))
	case kind == storedFalse:
		return domain.Bool(false)
	case kind == storedTrue:
		return domain.Bool(true)
	case kind >= storedDecimal && kind <= storedDecimal+mostDecimals:
		return domain.Number(float64(r.varint()) / powersOfTen[kind-storedDecimal])
	default:
		r.fail()
	}
	return domain.Value{}
}

// nameTable makes one string of each name that a query meets, instead of one
// per value.
type nameTable struct{ known map[string]string }

func (t *nameTable) text(name []byte) string {
	if text, ok := t.known[string(name)]; ok {
		return text
	}
	if t.known == nil {
		t.known = map[string]string{}
	}
	text := string(name)
	t.known[text] = text
	return text
}
