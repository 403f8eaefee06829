package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

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

// NotKept keeps an answer with a secret in it, or about somebody, out of caches.
func NotKept(w http.ResponseWriter) { w.Header()["Cache-Control"] = noStore }

// WriteBytes answers with a body of known length.
func WriteBytes(w http.ResponseWriter, status int, contentType string, body []byte) error {
	header := w.Header()
	values := [2]string{contentType, strconv.Itoa(len(body))}
	header["Content-Type"] = values[0:1:1]
	header["Content-Length"] = values[1:2:2]
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client is gone: nothing to do about it
	return nil
}

// Moment returns a time as JSON shows it: null, or left out, where there is none.
func Moment(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

// WriteDone answers an act that has nothing to show: 204, or whatever err is
// answered with.
func WriteDone(w http.ResponseWriter, err error) error {
	if err == nil {
		w.WriteHeader(http.StatusNoContent)
	}
	return err
}

var statuses = map[domain.ErrorKind]int{
	domain.Internal:         http.StatusInternalServerError,
	domain.Invalid:          http.StatusBadRequest,
	domain.Unauthenticated:  http.StatusUnauthorized,
	domain.Forbidden:        http.StatusForbidden,
	domain.NotFound:         http.StatusNotFound,
	domain.MethodNotAllowed: http.StatusMethodNotAllowed,
	domain.Conflict:         http.StatusConflict,
	domain.TooLarge:         http.StatusRequestEntityTooLarge,
	domain.UnsupportedMedia: http.StatusUnsupportedMediaType,
	domain.TooMany:          http.StatusTooManyRequests,
	domain.Unavailable:      http.StatusServiceUnavailable,
}

// StatusOf returns the usual HTTP status of an error.
func StatusOf(err error) int { return statuses[domain.KindOf(err)] }
