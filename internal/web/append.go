package web

import (
	"encoding/json"
	"strconv"

	"github.com/thingward/thingward/internal/domain"
)

// Answers that are given thousands of times a second are written by appending
// to a buffer instead of by reflection. These are their parts.

// AppendText appends a JSON string (RFC 8259 §7). What needs no escape, which
// is nearly everything, is copied.
func AppendText(to []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, _ := json.Marshal(text) // a text always has a JSON form
			return append(to, quoted...)
		}
	}
	return append(append(append(to, '"'), text...), '"')
}

// AppendValue appends a value as JSON; null where there is none.
func AppendValue(to []byte, v domain.Value) []byte {
	switch v.Kind {
	case domain.NumberValue:
		return v.AppendNumber(to)
	case domain.TextValue:
		return AppendText(to, v.Text)
	case domain.BoolValue:
		return strconv.AppendBool(to, v.Number != 0)
	}
	return append(to, "null"...)
}
