package web

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"unicode/utf8"

	"github.com/thingward/thingward/internal/domain"
)

// ReadFormBody reads an application/x-www-form-urlencoded body of at most
// SmallBody bytes. Nothing is taken from the query.
func ReadFormBody(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	if !isForm(r.Header.Get("Content-Type")) {
		return nil, domain.Errorf(domain.Invalid, "invalid_request", "Send the parameters as Content-Type: application/x-www-form-urlencoded.")
	}
	body, err := ReadBody(w, r, SmallBody)
	if err != nil {
		return nil, err
	}
	return ParseForm(string(body))
}

const formMedia = "application/x-www-form-urlencoded"

func isForm(contentType string) bool {
	if contentType == formMedia {
		return true
	}
	media, _, _ := mime.ParseMediaType(contentType)
	return media == formMedia
}

// ParseForm reads form-encoded parameters and refuses what is not UTF-8.
func ParseForm(text string) (url.Values, error) {
	values, err := url.ParseQuery(text)
	if err != nil {
		return nil, &domain.Error{Kind: domain.Invalid, Code: "invalid_request", Message: "The parameters are not form-encoded.", Err: err}
	}
	for name, list := range values {
		if !utf8.ValidString(name) || slices.ContainsFunc(list, notUTF8) {
			return nil, domain.Errorf(domain.Invalid, "invalid_request", "The parameters are not valid UTF-8.")
		}
	}
	return values, nil
}

func notUTF8(text string) bool { return !utf8.ValidString(text) }

// ReadMultipartBody reads the fields of a multipart/form-data body of at most
// SmallBody bytes and refuses files.
func ReadMultipartBody(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || params["boundary"] == "" {
		return nil, domain.Errorf(domain.Invalid, "invalid_request", "The multipart body names no boundary.")
	}
	body, err := ReadBody(w, r, SmallBody)
	if err != nil {
		return nil, err
	}
	values := url.Values{}
	parts := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) && bytes.Contains(body, []byte("--"+params["boundary"]+"--")) { // else it is cut short
			return values, nil
		}
		if err != nil {
			return nil, &domain.Error{Kind: domain.Invalid, Code: "invalid_request", Message: "The multipart body cannot be read.", Err: err}
		}
		text, err := io.ReadAll(part)
		if err != nil || part.FileName() != "" || part.FormName() == "" || !utf8.Valid(text) {
			return nil, &domain.Error{Kind: domain.Invalid, Code: "invalid_request", Message: "The multipart body has something else than fields of text.", Err: err}
		}
		values.Add(part.FormName(), string(text))
	}
}
