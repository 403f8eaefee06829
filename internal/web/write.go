package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/thingward/thingward/internal/domain"
)

// WriteJSON answers with a JSON document.
func WriteJSON(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	return WriteBytes(w, status, "application/json", body)
}

// WriteBytes answers with a body of known length.
func WriteBytes(w http.ResponseWriter, status int, contentType string, body []byte) error {
	header := w.Header()
	header["Content-Type"] = []string{contentType}
	header["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client is gone: nothing to do about it
	return nil
}

// WriteDone answers an act that has nothing to show: 204, or whatever err is
// answered with.
func WriteDone(w http.ResponseWriter, err error) error {
	if err == nil {
		w.WriteHeader(http.StatusNoContent)
	}
	return err
}

// StatusOf returns the usual HTTP status of an error.
func StatusOf(err error) int {
	switch domain.KindOf(err) {
	case domain.Invalid:
		return http.StatusBadRequest
	case domain.Unauthenticated:
		return http.StatusUnauthorized
	case domain.Forbidden:
		return http.StatusForbidden
	case domain.NotFound:
		return http.StatusNotFound
	case domain.MethodNotAllowed:
		return http.StatusMethodNotAllowed
	case domain.Conflict:
		return http.StatusConflict
	case domain.TooLarge:
		return http.StatusRequestEntityTooLarge
	case domain.UnsupportedMedia:
		return http.StatusUnsupportedMediaType
	case domain.TooMany:
		return http.StatusTooManyRequests
	case domain.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}
