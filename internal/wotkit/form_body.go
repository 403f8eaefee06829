package wotkit

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// maxRecordBody bounds the body with one record, in bytes: Node-RED sends up
// to 1 MB.
const maxRecordBody = 2 << 20

// maxPairs bounds the parts of a form.
const maxPairs = 1000

// mediaType returns the media type of the body in lower case, without
// parameters; clients write stray semicolons behind it.
func mediaType(r *http.Request) string {
	media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(media))
}

// readRecord reads one record, as JSON or as a form. Without a content type,
// and where a tool labels everything a form, the first character tells.
func readRecord(w http.ResponseWriter, r *http.Request) (rec record, form bool, err error) {
	body, err := web.ReadBody(w, r, maxRecordBody)
	if err != nil {
		return record{}, false, err
	}
	switch media := mediaType(r); {
	case media == "application/json" || strings.HasSuffix(media, "+json"):
		rec, err = decodeRecord(body)
		return rec, false, err
	case media == "multipart/form-data":
		rec, err = decodeMultipart(body, r.Header.Get("Content-Type"))
		return rec, true, err
	case media != "" && media != "application/x-www-form-urlencoded" && media != "text/plain":
		return record{}, false, domain.Errorf(domain.UnsupportedMedia, "media_type", "Send the data as JSON or as a form.")
	case looksLikeJSON(body):
		rec, err = decodeRecord(body)
		return rec, false, err
	}
	pairs, err := parseForm(strings.TrimSpace(string(body)))
	if err != nil {
		return record{}, true, err
	}
	rec, err = formRecord(pairs)
	return rec, true, err
}

// parseForm reads a form. What is stored must be what was meant, so escapes
// are taken more seriously than in a query.
func parseForm(text string) ([]pair, error) {
	pairs := parsePairs(text)
	for part := range strings.SplitSeq(text, "&") {
		if _, err := url.QueryUnescape(part); err != nil {
			return nil, domain.Errorf(domain.Invalid, "invalid_form", "The form is not properly encoded: %q.", domain.Clip(part))
		}
	}
	return pairs, nil
}

func looksLikeJSON(body []byte) bool {
	body = bytes.TrimLeft(body, " \t\r\n")
	return len(body) > 0 && (body[0] == '{' || body[0] == '[')
}

// decodeMultipart reads a form with parts, none of which may be a file.
func decodeMultipart(body []byte, contentType string) (record, error) {
	_, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || parameters["boundary"] == "" {
		return record{}, domain.Errorf(domain.Invalid, "invalid_form", "The form has no boundary.")
	}
	parts := multipart.NewReader(bytes.NewReader(body), parameters["boundary"])
	var pairs []pair
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return formRecord(pairs)
		}
		if err != nil || len(pairs) == maxPairs {
			return record{}, domain.Errorf(domain.Invalid, "invalid_form", "The form cannot be read.")
		}
		if part.FileName() != "" {
			return record{}, domain.InvalidField(part.FormName(), "Files are not taken here.")
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return record{}, domain.Errorf(domain.Invalid, "invalid_form", "The form cannot be read.")
		}
		pairs = append(pairs, pair{part.FormName(), string(value)})
	}
}

// formRecord makes a record of the pairs of a form. All values are text as
// yet: what they are depends on the fields of the sensor.
func formRecord(pairs []pair) (record, error) {
	var r record
	if len(pairs) > maxPairs {
		return record{}, domain.Errorf(domain.Invalid, "invalid_form", "The form has more than %d values.", maxPairs)
	}
	for _, p := range pairs {
		if !utf8.ValidString(p.name) || !utf8.ValidString(p.value) {
			return record{}, domain.Errorf(domain.Invalid, "invalid_utf8", "The form is not valid UTF-8.")
		}
		if p.name == "access_token" {
			continue
		}
		if err := r.setText(p.name, p.value); err != nil {
			return record{}, err
		}
	}
	return r, nil
}

// settle turns the numeric text of a form into numbers, except in fields of
// text. Where a number prints as it was written, it can become text again and
// the fields need not be asked for.
func settle(values []domain.NamedValue, fields func() ([]domain.Field, error)) error {
	for i, v := range values {
		n, numeric := domain.ParseNumber(v.Value.Text)
		if !numeric {
			continue
		}
		number := domain.Number(n)
		if number.String() != v.Value.Text {
			known, err := fields()
			if err != nil {
				return err
			}
			if isText(known, v.Name) {
				continue
			}
		}
		values[i].Value = number
	}
	return nil
}

func isText(fields []domain.Field, name string) bool {
	for _, field := range fields {
		if field.Name == name {
			return field.Type == domain.StringField
		}
	}
	return false
}
