// Package acceptance tells the stories of Thingward: the whole program over
// real HTTP, on SQLite always and on PostgreSQL where there is one. Every
// answer of the native API is held against openapi.yaml, and the log of every
// server is searched for the secrets that its story used.
package acceptance

import (
	"bytes"
	"context"
	"encoding/base64"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/app"
	"github.com/thingward/thingward/internal/store/storetest"
)

// server is a running Thingward.
type server struct {
	URL     string
	Metrics string
	config  app.Config
	log     *shared // what it logs
	out     *shared // what it tells its operator
	stop    func() error
	mu      sync.Mutex
	secrets map[string]string // secret → what it is
}

// eachStore tells a story on a fresh server per database.
func eachStore(t *testing.T, story func(t *testing.T, s *server), changes ...func(*app.Config)) {
	t.Helper()
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		story(t, start(t, changes...))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		database := storetest.PostgresURL(t)
		story(t, start(t, append([]func(*app.Config){func(c *app.Config) { c.Database = database }}, changes...)...))
	})
}

// start runs a server on a port of the kernel's choice until the test ends.
func start(t *testing.T, changes ...func(*app.Config)) *server {
	t.Helper()
	config := app.Defaults()
	config.Listen, config.Data, config.LogLevel = "127.0.0.1:0", t.TempDir(), "debug"
	for _, change := range changes {
		change(&config)
	}
	return run(t, config)
}

// metricsOn gives a server a second port for its metrics.
func metricsOn(t *testing.T) func(*app.Config) {
	t.Helper()
	return func(c *app.Config) { c.MetricsListen = freeAddress(t) }
}

// freeAddress finds a port for one server: of two that start at once each
// asks for its own.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// run starts the program with the configuration.
func run(t *testing.T, config app.Config) *server {
	t.Helper()
	s := &server{config: config, log: &shared{}, out: &shared{}, secrets: map[string]string{}, Metrics: "http://" + config.MetricsListen}
	ready, ended := make(chan string, 1), make(chan error, 1)
	config.Log, config.Out, config.WebLog = s.log, s.out, true
	config.Ready = func(address string) { ready <- address }
	ctx, cancel := context.WithCancel(context.Background())
	go func() { ended <- app.Run(ctx, config) }()
	s.stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	t.Cleanup(func() { s.finish(t) })
	select {
	case address := <-ready:
		s.URL = "http://" + address
	case err := <-ended:
		ended <- err
		t.Fatalf("the server did not start: %v\n%s", err, s.log)
	case <-time.After(30 * time.Second):
		t.Fatalf("the server is not ready after 30 s\n%s", s.log)
	}
	return s
}

// finish stops the server and looks for secrets in what it wrote.
func (s *server) finish(t *testing.T) {
	if err := s.stop(); err != nil {
		t.Errorf("the server stopped with %v", err)
	}
	for secret, what := range s.secrets {
		for _, form := range []string{secret, base64.StdEncoding.EncodeToString([]byte(secret)), url.QueryEscape(secret)} {
			if strings.Contains(s.log.String(), form) {
				t.Errorf("the log contains %s", what)
			}
		}
	}
	if t.Failed() {
		lines := strings.Split(strings.TrimSpace(s.log.String()), "\n")
		t.Logf("the end of the server's log:\n%s", strings.Join(lines[max(0, len(lines)-15):], "\n"))
	}
}

// keep registers a secret that must not turn up in the log.
func (s *server) keep(secret, what string) {
	if len(secret) < 8 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.secrets[secret] = what
}

// shared is text that several write.
type shared struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write adds text.
func (s *shared) Write(text []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(text)
}

// String returns all text so far.
func (s *shared) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}
