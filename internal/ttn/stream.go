package ttn

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// piece is how many things of a list are in memory at one time: the contract
// has no pages, and somebody may have ten thousand.
const piece = 200

// cutShort is an error after the answer has begun: all that is left is to
// break the connection, so that nobody takes the part for the whole.
type cutShort struct{ err error }

func (e *cutShort) Error() string { return "answer cut short: " + e.err.Error() }
func (e *cutShort) Unwrap() error { return e.err }

// breakOff cuts the connection where the answer has begun before the error.
func breakOff(err error) {
	var cut *cutShort
	if errors.As(err, &cut) {
		panic(http.ErrAbortHandler) // net/http's only way to say so; web.Edge lets it pass
	}
}

// nextPiece returns some more things of a list, and whether there are others
// behind them.
type nextPiece[T any] func() (things []T, more bool, err error)

// paged is nextPiece over the pages of a slice.
func paged[T, J any](list func(domain.Page) (domain.Listed[T], error), asJSON func([]T) ([]J, error)) nextPiece[J] {
	page := domain.Page{Limit: piece}
	return func() ([]J, bool, error) {
		listed, err := list(page)
		if err != nil {
			return nil, false, err
		}
		page.Cursor = listed.Next
		things, err := asJSON(listed.Items)
		return things, listed.Next != "", err
	}
}

// writeArray answers with the things of all pieces between the two texts,
// which make JSON of them. A single piece is answered whole, with its length.
func writeArray[T any](w http.ResponseWriter, before, after string, next nextPiece[T]) error {
	things, more, err := next()
	if err != nil {
		return err
	}
	web.NotKept(w)
	body, err := appendThings([]byte(before), things, "")
	switch {
	case err != nil:
		return err
	case !more:
		return web.WriteBytes(w, http.StatusOK, "application/json", append(body, after...))
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	for begun := len(things) > 0; ; begun = begun || len(things) > 0 {
		if _, err := w.Write(body); err != nil {
			return nil // the client is gone
		}
		if !more {
			_, _ = w.Write([]byte(after))
			return nil
		}
		if things, more, err = next(); err != nil {
			return &cutShort{err}
		}
		comma := ""
		if begun {
			comma = ","
		}
		if body, err = appendThings(body[:0], things, comma); err != nil {
			return &cutShort{err}
		}
	}
}

// appendThings appends things with commas between them, and the text before
// the first.
func appendThings[T any](to []byte, things []T, comma string) ([]byte, error) {
	for _, thing := range things {
		one, err := json.Marshal(thing)
		if err != nil {
			return nil, fmt.Errorf("encode answer: %w", err)
		}
		to = append(append(to, comma...), one...)
		comma = ","
	}
	return to, nil
}
