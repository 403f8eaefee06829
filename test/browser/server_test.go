package browser_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/app"
)

// server is the whole program on a port of its own with an empty store.
type server struct {
	url   string
	setup string // path of the setup link, with its code
}

// serve starts the program and stops it when the test ends.
func serve(t *testing.T, settings ...func(*app.Config)) server {
	t.Helper()
	address := freeAddress(t)
	ready, done := make(chan struct{}), make(chan error, 1)
	printed := &output{}
	config := app.Defaults()
	config.Listen, config.PublicURL, config.Data = address, "http://"+address, t.TempDir()
	config.Log, config.Out, config.LogLevel = io.Discard, printed, "error"
	for _, set := range settings {
		set(&config)
	}
	config.Ready = func(string) { close(ready) }
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		done <- app.Run(ctx, config)
		close(done)
	}()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("stop the server: %v", err)
		}
	})
	select {
	case <-ready:
	case err := <-done:
		t.Fatalf("start the server: %v", err)
	case <-time.After(30 * time.Second):
		t.Fatal("the server does not answer")
	}
	return server{url: config.PublicURL, setup: printed.setupPath()}
}

// freeAddress finds a port: the program must know its public URL beforehand.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// output keeps what the program prints.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

var setupLink = regexp.MustCompile(`/setup\?code=\S+`)

func (o *output) setupPath() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.TrimSpace(setupLink.FindString(o.text.String()))
}
