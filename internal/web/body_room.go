package web

import (
	"errors"
	"io"
	"sync/atomic"

	"github.com/thingward/thingward/internal/domain"
)

// largeBodies is how many bytes of large bodies may be in memory at one time.
// Small ones need no leave: there are no more of them than connections.
const largeBodies = 4 * LargeBody

// bodyRoom counts the bytes of the large bodies of all requests under way, so
// that many of them, or a few hundred slow ones, cannot fill the memory.
type bodyRoom struct{ taken atomic.Int64 }

// take reports whether there is room for n more bytes, and takes it.
func (b *bodyRoom) take(n int64) bool {
	if b.taken.Add(n) <= largeBodies {
		return true
	}
	b.taken.Add(-n)
	return false
}

var errNoRoom = errors.New("too many large bodies at one time")

func noRoom() error {
	return &domain.Error{Kind: domain.Unavailable, Code: "overloaded", RetryIn: 2, Err: errNoRoom,
		Message: "Too many large requests are under way. Try again in a moment, or send fewer at a time."}
}

// roomyReader reads a body and takes room for what is more than small. The
// edge gives it back when the request is over.
type roomyReader struct {
	from io.Reader
	note *note
	free int64 // bytes that still need no room
}

// Read reads on, while there is room.
func (r *roomyReader) Read(into []byte) (int, error) {
	n, err := r.from.Read(into)
	if r.free -= int64(n); r.free >= 0 || r.note.room == nil {
		return n, err
	}
	if !r.note.room.take(-r.free) {
		return 0, errNoRoom
	}
	r.note.held -= r.free
	r.free = 0
	return n, err
}
