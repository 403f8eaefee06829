package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/http/pprof"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/crypto/acme/autocert"
)

// stopWithin is how long requests under way may take when we are told to stop:
// all is over within ten seconds.
const stopWithin = 9 * time.Second

// Run serves until ctx ends, then stops accepting, finishes the requests
// under way, commits and returns nil. Config.Ready is called with the address
// once it answers.
func Run(ctx context.Context, c Config) error {
	if err := c.Check(); err != nil {
		return err
	}
	collectLessOften()
	log, lines := newLog(c.Log, c.LogLevel)
	defer lines.close()
	lock, err := lockData(c)
	if err != nil {
		return err
	}
	defer lock.release()
	s, err := newServer(ctx, c, log)
	if err != nil {
		return err
	}
	if c.WebLog && log.Enabled(ctx, slog.LevelInfo) {
		s.lines = lines.request
	}
	err = s.serve(ctx)
	if closeErr := s.close(); closeErr != nil {
		err = errors.Join(err, fmt.Errorf("close the store: %w", closeErr))
	}
	return err
}

// collectLessOften lets the heap grow to eight times what lives before it is
// collected, up to a soft limit. Little lives here, so this costs some tens of
// megabytes under load and saves a tenth of the time per request. Whoever set
// GOGC or GOMEMLIMIT is not overruled.
func collectLessOften() {
	const usual, ours, softLimit = 100, 700, 256 << 20
	if before := debug.SetGCPercent(ours); before != usual {
		debug.SetGCPercent(before)
	}
	if before := debug.SetMemoryLimit(softLimit); before != math.MaxInt64 {
		debug.SetMemoryLimit(before)
	}
}

// serve runs the listeners and the background work until ctx ends or one of
// them fails.
func (s *server) serve(ctx context.Context) error {
	handler, err := s.handler()
	if err != nil {
		return err
	}
	listeners, err := s.listen(handler)
	if err != nil {
		return err
	}
	if err := s.prepare(ctx); ctx.Err() != nil { // told to stop so early
		return closeSockets(listeners)
	} else if err != nil {
		return errors.Join(err, closeSockets(listeners))
	}
	defer s.startBackground(ctx)()
	failed := make(chan error, len(listeners))
	for _, l := range listeners {
		go func() { failed <- l.serve() }()
	}
	s.log.Info("serving", "address", listeners[0].socket.Addr().String(), "url", s.config.baseURL(), "database", s.store.Kind(), "version", Version())
	if s.config.Ready != nil {
		s.config.Ready(listeners[0].socket.Addr().String())
	}
	select {
	case <-ctx.Done():
		s.log.Info("stopping")
	case err = <-failed:
	}
	return errors.Join(err, shutdown(ctx, listeners, s.log))
}

// listener is an HTTP server on its socket.
type listener struct {
	socket net.Listener
	http   *http.Server
}

func (l listener) serve() error {
	if err := l.http.Serve(l.socket); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve %s: %w", l.socket.Addr(), err)
	}
	return nil
}

// shutdown finishes the requests under way. One that does not end is cut off,
// which is no failure: any client could cause it.
func shutdown(ctx context.Context, listeners []listener, log *slog.Logger) error {
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	var errs []error
	for _, l := range listeners {
		err := l.http.Shutdown(patience)
		if errors.Is(err, context.DeadlineExceeded) {
			log.Warn("requests were cut off", "address", l.socket.Addr().String(), "after", stopWithin)
			err = l.http.Close()
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// listen opens the sockets: the main one first, then those that are asked for,
// then control.
func (s *server) listen(handler http.Handler) ([]listener, error) {
	main, err := s.publicListener("listen", s.config.Listen, handler)
	if err != nil {
		return nil, err
	}
	listeners := []listener{main}
	if s.config.TTNHandler != "" {
		manager, err := s.publicListener("ttn-handler-listen", s.config.TTNHandler, atRoot(handlerMount, handler))
		if err != nil {
			return nil, errors.Join(err, closeSockets(listeners))
		}
		listeners = append(listeners, manager)
		if s.config.managerInClear() {
			s.log.Warn("tokens travel in clear to the application manager: use TLS, or an address of this machine", "address", manager.socket.Addr().String())
		}
	}
	if s.config.MetricsListen != "" {
		socket, err := net.Listen("tcp", s.config.MetricsListen)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("--metrics-listen: %w", err), closeSockets(listeners))
		}
		listeners = append(listeners, listener{socket, newHTTPServer(s.metricsHandler(), s.log)})
	}
	control, err := listenControl(filepath.Join(s.config.Data, controlSocket))
	if err != nil {
		return nil, errors.Join(err, closeSockets(listeners))
	}
	return append(listeners, listener{control, newHTTPServer(s.controlHandler(), s.log)}), nil
}

func closeSockets(listeners []listener) error {
	var errs []error
	for _, l := range listeners {
		errs = append(errs, l.socket.Close())
	}
	return errors.Join(errs...)
}

// publicListener opens the socket of a flag for programs and people: with TLS
// where TLS ends here.
func (s *server) publicListener(flag, address string, handler http.Handler) (listener, error) {
	socket, err := net.Listen("tcp", address)
	if err != nil {
		return listener{}, fmt.Errorf("--%s: %w", flag, err)
	}
	socket = steadyListener{socket, writePatience}
	server := newHTTPServer(handler, s.log)
	settings, err := s.config.tlsSettings()
	if err != nil {
		return listener{}, errors.Join(err, socket.Close())
	}
	if settings != nil {
		socket = tls.NewListener(socket, settings)
	}
	return listener{socket, server}, nil
}

// newHTTPServer bounds what a slow or greedy client can hold.
func newHTTPServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		ReadTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
}

// tlsSettings returns nil where TLS ends elsewhere.
func (c Config) tlsSettings() (*tls.Config, error) {
	switch {
	case c.ACMEDomain != "":
		manager := &autocert.Manager{Prompt: autocert.AcceptTOS, HostPolicy: autocert.HostWhitelist(c.ACMEDomain),
			Cache: autocert.DirCache(filepath.Join(c.Data, "acme"))}
		settings := manager.TLSConfig()
		settings.MinVersion = tls.VersionTLS12
		return settings, nil
	case c.TLSCert != "":
		certificate, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
		if err != nil {
			return nil, fmt.Errorf("--tls-cert: %w", err)
		}
		return &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}, nil
	}
	return nil, nil
}

func (s *server) metricsHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}

// prepare fills a demo store, or prints the link that makes the first
// administrator of an empty one. The sockets are open by then: nothing is
// promised that a taken address would break.
func (s *server) prepare(ctx context.Context) error {
	if found := s.examineSealed(ctx); !found.OK && ctx.Err() == nil {
		s.log.Warn(found.Name, "fault", found.Detail)
	}
	if s.config.Demo {
		return s.fillDemo(ctx)
	}
	needed, err := s.accounts.SetupNeeded(ctx)
	if err != nil || !needed {
		return err
	}
	code, err := s.accounts.MakeSetupCode(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.config.Out, "\nThis store is empty. Make the first administrator (the link works once, for 24 hours):\n\n    %s/setup?code=%s\n\n",
		s.config.baseURL(), code.Reveal())
	return nil
}
