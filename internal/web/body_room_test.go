package web

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

func TestLargeBodiesShareABoundedRoom(t *testing.T) {
	t.Parallel()
	var got error
	var most int64
	edge := &Edge{Now: time.Now, NewID: func() uint64 { return 1 }, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	edge.Next = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, got = ReadBody(w, r, LargeBody)
		most = edge.bodies.taken.Load()
		if r.URL.Path == "/panic" {
			panic(http.ErrAbortHandler)
		}
	})
	send := func(path string, size int) error {
		defer func() { _ = recover() }()
		edge.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, path, bytes.NewReader(make([]byte, size))))
		return got
	}
	if err := send("/", 1<<20); err != nil || most != 1<<20-SmallBody {
		t.Errorf("alone: got %v with %d bytes taken", err, most)
	}
	_ = send("/panic", 1<<20)
	if left := edge.bodies.taken.Load(); left != 0 {
		t.Fatalf("%d bytes are still taken", left)
	}
	edge.bodies.taken.Store(largeBodies - 1000) // by others
	if err := send("/", 1<<20); domain.CodeOf(err) != "overloaded" || !domain.IsKind(err, domain.Unavailable) {
		t.Errorf("without room: got %v, want overloaded", err)
	}
	if err := send("/", SmallBody); err != nil {
		t.Errorf("a small body needs no room, got %v", err)
	}
	if left := edge.bodies.taken.Load(); left != largeBodies-1000 {
		t.Errorf("%d bytes are taken", left)
	}
}
