package ttn

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// TestAListThatBreaksOffIsNoList: what fails after the first piece is out
// cuts the connection, at both doors; before that it is an answer.
func TestAListThatBreaksOffIsNoList(t *testing.T) {
	t.Parallel()
	for _, door := range (&Door{}).Web() {
		for pieces, want := range map[int]bool{0: false, 1: true, 3: true} {
			handle := func(w http.ResponseWriter, _ *http.Request, _ domain.Caller) error {
				left := pieces
				return writeArray(w, "[", "]", func() ([]int, bool, error) {
					if left--; left < 0 {
						return nil, false, errors.New("the database is away")
					}
					return []int{7}, true, nil
				})
			}
			broken := &web.Door{Name: door.Name, WriteError: door.WriteError, Routes: []web.Route{{Pattern: "GET /list", Need: web.Unasked(), Handle: handle}}}
			table := web.NewTable(nil, slog.New(slog.DiscardHandler), broken)
			w := httptest.NewRecorder()
			aborted := func() (cause any) {
				defer func() { cause = recover() }()
				table.ServeHTTP(w, httptest.NewRequest("GET", "/list", nil))
				return nil
			}()
			if door.Prefix == "" {
				continue // it has no lists
			}
			if (aborted == http.ErrAbortHandler) != want || !want && w.Code != http.StatusInternalServerError {
				t.Errorf("%s after %d pieces: got %v and %d", door.Name, pieces, aborted, w.Code)
			}
		}
	}
}

func TestPiecesAreOneArray(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pieces [][]int
		want   string
	}{
		{[][]int{{}}, `[]`}, {[][]int{{1, 2}}, `[1,2]`}, {[][]int{{1}, {2, 3}, {4}}, `[1,2,3,4]`},
		{[][]int{{}, {1}, {}, {2}}, `[1,2]`}, {[][]int{{1}, {}, {}}, `[1]`}, {[][]int{{}, {}}, `[]`},
	} {
		at := -1
		w := httptest.NewRecorder()
		err := writeArray(w, "[", "]", func() ([]int, bool, error) {
			at++
			return c.pieces[at], at+1 < len(c.pieces), nil
		})
		if err != nil || w.Body.String() != c.want {
			t.Errorf("%v: got %s, %v; want %s", c.pieces, w.Body, err, c.want)
		}
	}
}
