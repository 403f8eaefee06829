package domain

import (
	"math"
	"strconv"
	"strings"
)

// ValueKind tells what a Value holds.
type ValueKind uint8

// The kinds of values. The zero kind is no value at all.
const (
	NoValue ValueKind = iota
	NumberValue
	TextValue
	BoolValue
)

// Value is one value of a reading or of metadata: a finite float64, a text, or
// a truth value. Comparable with ==.
type Value struct {
	Kind   ValueKind
	Number float64 // of NumberValue; 1 or 0 of BoolValue
	Text   string  // of TextValue
}

// Number makes a number.
func Number(n float64) Value { return Value{Kind: NumberValue, Number: n} }

// Text makes a text.
func Text(text string) Value { return Value{Kind: TextValue, Text: text} }

// Bool makes a truth value.
func Bool(b bool) Value {
	if b {
		return Value{Kind: BoolValue, Number: 1}
	}
	return Value{Kind: BoolValue}
}

// String returns the value as people read it: numbers in the shortest form
// that reads back the same.
func (v Value) String() string {
	switch v.Kind {
	case NumberValue:
		return string(v.AppendNumber(nil))
	case BoolValue:
		return strconv.FormatBool(v.Number != 0)
	default:
		return v.Text
	}
}

// AppendNumber appends the number in the shortest form that reads back the
// same, which is valid JSON.
func (v Value) AppendNumber(to []byte) []byte {
	if abs := math.Abs(v.Number); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		return strconv.AppendFloat(to, v.Number, 'e', -1, 64)
	}
	return strconv.AppendFloat(to, v.Number, 'f', -1, 64)
}

// ParseNumber reads a finite decimal number. It refuses what only Go takes
// for a number: "0x1p4", "1_000", "inf", "nan".
func ParseNumber(text string) (float64, bool) {
	text = strings.TrimSpace(text)
	if text == "" || strings.Trim(text, "0123456789+-.eE") != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
		return 0, false
	}
	return n, true
}

// As returns the value as the type of a field wants it. Numeric text becomes
// a number and any value can become text; other text in a NUMBER field fails.
func (v Value) As(fieldType FieldType) (Value, bool) {
	switch {
	case fieldType == StringField && v.Kind != NoValue:
		return Text(v.String()), true
	case fieldType == NumberField && v.Kind == NumberValue:
		return v, true
	case fieldType == NumberField && v.Kind == TextValue:
		n, ok := ParseNumber(v.Text)
		return Number(n), ok
	}
	return Value{}, false
}
