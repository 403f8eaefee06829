package wotkit

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// errorBody is the error object of both versions.
type errorBody struct {
	Error errorContent `json:"error"`
}

type errorContent struct {
	Status           int               `json:"status"`
	Code             int               `json:"code"`
	Message          string            `json:"message"`
	DeveloperMessage []string          `json:"developerMessage"`
	MoreInfo         map[string]string `json:"moreInfo"`
}

// Messages that the vendor's suites look for.
const (
	notLocated       = "Could not locate this resource."
	validationErrors = "Object has validation errors"
	invalidObject    = "The supplied object is invalid"
	invalidField     = "Invalid Field Content"
	cannotPerform    = "Cannot perform action"
)

// worded gives an error another message; what is wrong in detail stays that
// of the error inside.
type worded struct {
	message string
	err     error
}

func (e *worded) Error() string { return e.message }
func (e *worded) Unwrap() error { return e.err }

// invalidAs gives the message to errors about the request's content; others
// stay what they are.
func invalidAs(message string, err error) error {
	if domain.IsKind(err, domain.Invalid) {
		return &worded{message, err}
	}
	return err
}

// cutShort is an error after the answer has begun: all that is left is to
// break the connection, so that nobody takes the part for the whole.
type cutShort struct{ err error }

func (e *cutShort) Error() string { return "answer cut short: " + e.err.Error() }
func (e *cutShort) Unwrap() error { return e.err }

// WriteError answers an error as the error object of WoTKit.
func WriteError(w http.ResponseWriter, r *http.Request, err error) {
	var cut *cutShort
	if errors.As(err, &cut) {
		panic(http.ErrAbortHandler) // net/http's only way to say so; web.Edge lets it pass
	}
	content := describe(r, err)
	web.SetErrorHeaders(w, err, content.Status)
	body, _ := json.Marshal(errorBody{content})
	_ = web.WriteBytes(w, content.Status, jsonType, body)
}

const jsonType = "application/json;charset=UTF-8"

// describe says an error in the contract's words.
func describe(r *http.Request, err error) errorContent {
	content := errorContent{Status: statusOf(err), MoreInfo: map[string]string{}}
	var shown *domain.Error
	switch {
	case content.Status == http.StatusInternalServerError || !errors.As(err, &shown):
		content.Message = "Internal error"
		content.DeveloperMessage = []string{"It is logged under the request id " + web.RequestID(r) + "."}
		return content
	case content.Status == http.StatusNotFound:
		content.Message = notLocated
		content.DeveloperMessage = []string{notLocatedDetail(r, shown)}
		return content
	}
	if content.Status == http.StatusUnauthorized && shown.Code != "key_expired" && shown.Code != "invalid_token" {
		// The same words for unknown keys, unknown users and wrong passwords.
		content.Message = "The credential is not valid."
		content.DeveloperMessage = []string{"Check the key id and the key password, or the user name and the password."}
		return content
	}
	content.Message, content.DeveloperMessage = shown.Message, details(shown)
	maps.Copy(content.MoreInfo, shown.Fields)
	var other *worded
	if errors.As(err, &other) {
		content.Message = other.message
	}
	return content
}

// details lists what is wrong, field by field, or the message where no field
// is named.
func details(e *domain.Error) []string {
	if len(e.Fields) == 0 {
		return []string{e.Message}
	}
	list := make([]string, 0, len(e.Fields))
	for _, field := range slices.Sorted(maps.Keys(e.Fields)) {
		list = append(list, field+": "+e.Fields[field])
	}
	return list
}

// notLocatedDetail says what was looked for. It is the same text for what is
// not there and for what the caller may not see.
func notLocatedDetail(r *http.Request, e *domain.Error) string {
	for _, name := range []string{"sensor", "owner"} {
		if asked := r.PathValue(name); asked != "" && e.Code != "reading_not_found" {
			return fmt.Sprintf("No thing with that id or name: %s", domain.Clip(asked))
		}
	}
	return e.Message
}

// statusOf returns the status of an error on this door: a
// missing credential is 403, and what is not the caller's is not there.
func statusOf(err error) int {
	code := domain.CodeOf(err)
	switch {
	case domain.IsKind(err, domain.Unauthenticated) && code == "credential_missing":
		return http.StatusForbidden
	case domain.IsKind(err, domain.Forbidden) && code == "not_yours":
		return http.StatusNotFound
	}
	return web.StatusOf(err)
}
