package apiclient

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Error is an answer of the server that says no.
type Error struct {
	Status     int               // HTTP status
	Code       string            // stable name, for programs; empty where the answer is not the API's own
	Detail     string            // one sentence, for people
	Fields     map[string]string // input field → what is wrong with it
	Request    string            // id under which the server logged the request
	RetryAfter time.Duration     // zero: the server names no time
}

// Error returns the detail, or the status where there is none.
func (e *Error) Error() string {
	if e.Detail != "" {
		return e.Detail
	}
	return "The server answered " + strconv.Itoa(e.Status) + " " + http.StatusText(e.Status) + "."
}

// StatusOf returns the HTTP status of the Error inside err, else 0.
func StatusOf(err error) int {
	var e *Error
	if errors.As(err, &e) {
		return e.Status
	}
	return 0
}

// CodeOf returns the code of the Error inside err, else "".
func CodeOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// problem is application/problem+json (RFC 9457) with the API's own members,
// or the error of an OAuth endpoint (RFC 6749 §5.2).
type problem struct {
	Code        string            `json:"code"`
	Detail      string            `json:"detail"`
	Fields      map[string]string `json:"fields"`
	Request     string            `json:"request"`
	OAuth       any               `json:"error"`
	Description string            `json:"error_description"`
}

func readError(answer *http.Response) *Error {
	defer drain(answer.Body)
	fault := &Error{Status: answer.StatusCode, Request: answer.Header.Get("X-Request-Id")}
	if seconds, err := strconv.Atoi(answer.Header.Get("Retry-After")); err == nil && seconds > 0 {
		fault.RetryAfter = time.Duration(seconds) * time.Second
	}
	if !strings.Contains(answer.Header.Get("Content-Type"), "json") {
		return fault
	}
	var p problem
	if err := json.NewDecoder(io.LimitReader(answer.Body, 1<<20)).Decode(&p); err == nil {
		fault.Code, fault.Detail, fault.Fields = p.Code, p.Detail, p.Fields
		if code, ok := p.OAuth.(string); ok && p.Code == "" {
			fault.Code, fault.Detail = code, p.Description
		}
		if p.Request != "" {
			fault.Request = p.Request
		}
	}
	return fault
}
