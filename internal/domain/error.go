// Package domain is the vocabulary of Thingward: one noun, one file. It holds
// types and pure rules (names, scopes, rights, validation) and does no I/O.
package domain

import (
	"errors"
	"fmt"
)

// ErrorKind says what sort of fault an Error is. Doors turn it into a status.
type ErrorKind int

// The kinds of errors that a caller may see. The zero kind is Internal, so
// that a forgotten kind shows nothing.
const (
	Internal         ErrorKind = iota
	Invalid                    // 400: the request is wrong
	Unauthenticated            // 401: no credential, or not a valid one
	Forbidden                  // 403: a valid credential that may not do this
	NotFound                   // 404: not there, or not visible to the caller
	MethodNotAllowed           // 405
	Conflict                   // 409: clashes with what is there
	TooLarge                   // 413
	UnsupportedMedia           // 415
	TooMany                    // 429: slow down
	Unavailable                // 503: try again later
)

// Error is a fault that the caller may see: what happened and what to do.
// Every other error is logged and shown as nothing.
type Error struct {
	Kind    ErrorKind
	Code    string            // stable snake_case name, for programs
	Message string            // one sentence, for people
	Fields  map[string]string // input field → what is wrong with it
	RetryIn int               // seconds, for TooMany and Unavailable
	Err     error             // the cause, for the log only
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error with a formatted message.
func Errorf(kind ErrorKind, code, format string, args ...any) *Error {
	return &Error{Kind: kind, Code: code, Message: fmt.Sprintf(format, args...)}
}

// InvalidField makes an Invalid error about one input field.
func InvalidField(field, format string, args ...any) *Error {
	message := fmt.Sprintf(format, args...)
	return &Error{Kind: Invalid, Code: "invalid_" + field, Message: message, Fields: map[string]string{field: message}}
}

// KindOf returns the kind of the Error inside err, else Internal.
func KindOf(err error) ErrorKind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// IsKind reports whether err carries an Error of the kind.
func IsKind(err error, kind ErrorKind) bool { return err != nil && KindOf(err) == kind }

// CodeOf returns the code of the Error inside err, else "internal".
func CodeOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return "internal"
}
