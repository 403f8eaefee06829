package web

import (
	"errors"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

func TestWrongTypesAreNamedInTheWordsOfJSON(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"names":"x"}`:       "names must be an array, not a string.",
		`{"on":1}`:            "on must be a boolean, not a number.",
		`{"count":1.5}`:       "count must be a whole number within bounds, not a number.",
		`{"count":true}`:      "count must be a whole number within bounds, not a boolean.",
		`{"half":[]}`:         "half must be a number, not an array.",
		`[1]`:                 "The body must be an object, not an array.",
		`{"ends":"tomorrow"}`: `The time "tomorrow" is not like 2026-11-21T10:00:00Z.`,
	} {
		var into struct {
			Names []string   `json:"names"`
			On    bool       `json:"on"`
			Count *int       `json:"count"`
			Half  float64    `json:"half"`
			Ends  *time.Time `json:"ends"`
		}
		var got *domain.Error
		if err := UnmarshalStrict([]byte(body), &into); !errors.As(err, &got) || got.Message != want {
			t.Errorf("%s: got %v, want %q", body, err, want)
		}
	}
}
