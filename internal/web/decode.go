package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/thingward/thingward/internal/domain"
)

// Limits of request bodies in bytes.
const (
	SmallBody = 64 << 10 // forms and single objects
	LargeBody = 16 << 20 // batches of readings
	tinyBody  = 4 << 10  // room that a client is given before it has sent anything
	maxDepth  = 8        // of JSON
)

// ReadBody reads a body of at most limit bytes, where the server has room.
func ReadBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if n := r.ContentLength; n > 0 && n <= min(limit, tinyBody) { // net/http reads no further
		body := make([]byte, n)
		if _, err := io.ReadFull(r.Body, body); err != nil {
			return nil, unreadable(err)
		}
		return body, nil
	}
	body, err := io.ReadAll(&roomyReader{from: http.MaxBytesReader(w, r.Body, limit), note: noteOf(r), free: SmallBody})
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, domain.Errorf(domain.TooLarge, "body_too_large", "The body has more than %d bytes. Send less at a time.", limit)
	case errors.Is(err, errNoRoom):
		return nil, noRoom()
	case err != nil:
		return nil, unreadable(err)
	}
	return body, nil
}

func unreadable(err error) error {
	return &domain.Error{Kind: domain.Invalid, Code: "body_unreadable", Message: "The body could not be read.", Err: err}
}

// DecodeJSON reads a JSON body into a struct that is private to the door.
// Unknown attributes, other media types, doubled documents, invalid UTF-8 and
// deep nesting are refused.
func DecodeJSON(w http.ResponseWriter, r *http.Request, limit int64, into any) error {
	if err := wantJSON(r); err != nil {
		return err
	}
	body, err := ReadBody(w, r, limit)
	if err != nil {
		return err
	}
	return UnmarshalStrict(body, into)
}

func wantJSON(r *http.Request) error {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/json" && !strings.HasSuffix(media, "+json") {
		return domain.Errorf(domain.UnsupportedMedia, "media_type", "Send the body as Content-Type: application/json.")
	}
	return nil
}

// UnmarshalStrict is DecodeJSON for a body that was read already.
func UnmarshalStrict(body []byte, into any) error {
	if err := CheckJSON(body); err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return jsonError(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return domain.Errorf(domain.Invalid, "invalid_json", "There is something behind the JSON document.")
	}
	return nil
}

// CheckJSON refuses invalid UTF-8 and nesting deeper than eight levels before
// a decoder spends memory on it.
func CheckJSON(body []byte) error {
	if !utf8.Valid(body) {
		return domain.Errorf(domain.Invalid, "invalid_utf8", "The body is not valid UTF-8.")
	}
	depth, inText := 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case inText && c == '\\':
			i++
		case c == '"':
			inText = !inText
		case inText:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return domain.Errorf(domain.Invalid, "json_too_deep", "The JSON is nested deeper than %d levels.", maxDepth)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

// wrongTypeError says in the words of JSON what must stand where.
func wrongTypeError(wrong *json.UnmarshalTypeError) error {
	value, _, _ := strings.Cut(wrong.Value, " ") // "number 1.5"
	if value == "bool" {
		value = "boolean"
	}
	if wrong.Field == "" {
		return domain.Errorf(domain.Invalid, "invalid_json", "The body must be %s, not %s.", jsonWord(wrong.Type), withArticle(value))
	}
	return domain.InvalidField(wrong.Field, "%s must be %s, not %s.", wrong.Field, jsonWord(wrong.Type), withArticle(value))
}

func jsonWord(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return jsonWord(t.Elem())
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "a boolean"
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.Struct, reflect.Map:
		return "an object"
	}
	if t.Kind() >= reflect.Int && t.Kind() <= reflect.Uint64 {
		return "a whole number within bounds"
	}
	return "a number"
}

func withArticle(word string) string {
	if word != "" && strings.Contains("ao", word[:1]) {
		return "an " + word
	}
	return "a " + word
}

func jsonError(err error) error {
	var wrongTime *time.ParseError
	var wrongType *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &wrongType):
		return wrongTypeError(wrongType)
	case errors.As(err, &wrongTime):
		return domain.Errorf(domain.Invalid, "invalid_time", "The time %q is not like 2026-11-21T10:00:00Z.", wrongTime.Value)
	case errors.As(err, &syntax):
		return domain.Errorf(domain.Invalid, "invalid_json", "The body is no valid JSON, at byte %d: %s.", syntax.Offset, syntax)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return domain.Errorf(domain.Invalid, "invalid_json", "The JSON ends too early.")
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return domain.Errorf(domain.Invalid, "unknown_field", "There is no attribute %s here.", name)
	}
	return &domain.Error{Kind: domain.Invalid, Code: "invalid_json", Message: "The body is no valid JSON for this.", Err: err}
}
