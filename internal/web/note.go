package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"strconv"
	"time"
)

// note is what one request leaves in the log and in the metrics. The edge
// makes it; whoever learns something on the way fills it in.
type note struct {
	id         string
	door       string
	route      string
	user       string
	credential string
	code       string
	address    netip.Addr
}

type noteKey struct{}

// noteOf returns the note of the request. Outside the edge (in tests) it
// returns one that nobody reads.
func noteOf(r *http.Request) *note {
	if n, ok := r.Context().Value(noteKey{}).(*note); ok {
		return n
	}
	return &note{}
}

// RequestID returns the id under which the request stands in the log.
func RequestID(r *http.Request) string { return noteOf(r).id }

// Address returns the address that the request came from, as far as trusted
// proxies tell. It is not valid where there is none.
func Address(r *http.Request) netip.Addr { return noteOf(r).address }

// Observer counts finished requests.
type Observer interface {
	Request(door, route string, status int, took time.Duration)
}

// Edge is the outermost handler: it gives each request an id and its address,
// recovers from panics, sets the headers of every answer, and writes one log
// line when the answer is out.
type Edge struct {
	Next    http.Handler
	Log     *slog.Logger
	Now     func() time.Time
	NewID   func() uint64
	Proxies TrustedProxies
	HTTPS   bool // browsers shall come back by https only (RFC 6797)
	Observe Observer
}

// ServeHTTP serves a request.
func (e *Edge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := e.Now()
	n := &note{id: strconv.FormatUint(e.NewID(), 36), address: e.Proxies.ClientAddress(r)}
	r = r.WithContext(context.WithValue(r.Context(), noteKey{}, n))
	answer := &answer{ResponseWriter: w}
	header := w.Header()
	header["X-Request-Id"] = []string{n.id}
	header["X-Content-Type-Options"] = nosniff
	if e.HTTPS {
		header["Strict-Transport-Security"] = hsts
	}
	defer e.finish(answer, r, n, began)
	e.Next.ServeHTTP(answer, r)
}

var (
	nosniff = []string{"nosniff"}
	hsts    = []string{"max-age=31536000"}
)

func (e *Edge) finish(a *answer, r *http.Request, n *note, began time.Time) {
	if cause := recover(); cause != nil {
		if cause == http.ErrAbortHandler {
			panic(cause)
		}
		n.code = "panic"
		e.Log.Error("request panicked", "request", n.id, "route", n.route, "cause", cause, "stack", stack())
		if a.status == 0 {
			http.Error(a, "Internal error. The request id is "+n.id+".", http.StatusInternalServerError)
		}
	}
	took := e.Now().Sub(began)
	if a.status == 0 {
		a.status = http.StatusOK
	}
	if e.Observe != nil {
		e.Observe.Request(n.door, n.route, a.status, took)
	}
	if !e.Log.Enabled(r.Context(), slog.LevelInfo) {
		return
	}
	// The path is the route's pattern and the query is left out: either may
	// carry a secret of an old contract.
	e.Log.LogAttrs(r.Context(), slog.LevelInfo, "request",
		slog.String("request", n.id), slog.String("method", r.Method), slog.String("route", n.route),
		slog.Int("status", a.status), slog.Duration("took", took), slog.Int64("bytes", a.bytes),
		slog.String("door", n.door), slog.String("user", n.user), slog.String("credential", n.credential),
		slog.String("code", n.code), slog.String("address", n.address.String()))
}

// answer counts what is written.
type answer struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (a *answer) WriteHeader(status int) {
	if a.status == 0 && status >= 200 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	n, err := a.ResponseWriter.Write(b)
	a.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
