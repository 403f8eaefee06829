package app

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"testing"
	"time"
)

func TestAClientThatReadsNothingIsGivenUp(t *testing.T) {
	t.Parallel()
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		block := make([]byte, 1<<20)
		for {
			if _, err := w.Write(block); err != nil {
				ended <- err
				return
			}
		}
	})}
	t.Cleanup(func() { _ = server.Close() })
	go func() { _ = server.Serve(steadyListener{socket, 50 * time.Millisecond}) }()
	client, err := net.Dial("tcp", socket.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	if _, err := io.WriteString(client, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v, want a deadline", err)
	}
}

func TestASlowReaderGetsTheWholeAnswer(t *testing.T) {
	t.Parallel()
	near, far := net.Pipe() // holds nothing back: every write waits for its reader
	t.Cleanup(func() { _ = far.Close() })
	const size = 8 * steadyPiece
	go func() {
		_, _ = (&steadyConn{Conn: near, patience: time.Minute}).Write(make([]byte, size))
		_ = near.Close()
	}()
	got, err := io.ReadAll(far)
	if err != nil || len(got) != size {
		t.Errorf("got %d bytes, %v; want %d", len(got), err, size)
	}
}
