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
	room       *bodyRoom // of the edge
	held       int64     // bytes taken of it
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

// Line is what the log keeps of an answered request. It names the pattern of
// the route instead of the path, and no query: either may carry a secret of
// an old contract.
type Line struct {
	At         time.Time // of the answer
	Request    string    // its id
	Method     string
	Route      string
	Door       string
	Status     int
	Took       time.Duration
	Bytes      int64
	User       string
	Credential string
	Code       string // of the error
	Address    netip.Addr
}

// Edge is the outermost handler: it gives each request an id and its address,
// recovers from panics, sets the headers of every answer, and hands out one
// log line when the answer is out.
type Edge struct {
	Next    http.Handler
	Log     *slog.Logger // for what went wrong
	Lines   func(Line)   // takes the line of each request; may be nil
	Now     func() time.Time
	NewID   func() uint64
	Proxies TrustedProxies
	HTTPS   bool // browsers shall come back by https only (RFC 6797)
	Observe Observer
	bodies  bodyRoom
}

// visit is what the edge keeps of one request, in one piece of memory. It is
// the context of the request as well.
type visit struct {
	context.Context
	note   note
	answer answer
	began  time.Time
}

// Value returns the note to whoever knows its key (context.Context).
func (v *visit) Value(key any) any {
	if key == (noteKey{}) {
		return &v.note
	}
	return v.Context.Value(key)
}

// ServeHTTP serves a request.
func (e *Edge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v := &visit{Context: r.Context(), began: e.Now(), answer: answer{ResponseWriter: w}}
	v.note.id = strconv.FormatUint(e.NewID(), 36)
	v.note.address = e.Proxies.ClientAddress(r)
	v.note.room = &e.bodies
	r = r.WithContext(v)
	header := w.Header()
	header["X-Request-Id"] = []string{v.note.id}
	header["X-Content-Type-Options"] = nosniff
	if e.HTTPS {
		header["Strict-Transport-Security"] = hsts
	}
	defer e.finish(v, r)
	e.Next.ServeHTTP(&v.answer, r)
}

var (
	nosniff = []string{"nosniff"}
	hsts    = []string{"max-age=31536000"}
)

// finish runs when the handler is done, or has panicked.
func (e *Edge) finish(v *visit, r *http.Request) {
	cause := recover()
	if v.note.held > 0 {
		e.bodies.taken.Add(-v.note.held)
	}
	switch {
	case cause == http.ErrAbortHandler:
		v.note.code = "aborted"
	case cause != nil:
		v.note.code = "panic"
		e.Log.Error("request panicked", "request", v.note.id, "route", v.note.route, "cause", cause, "stack", stack())
		if v.answer.status == 0 {
			http.Error(&v.answer, "Internal error. The request id is "+v.note.id+".", http.StatusInternalServerError)
		}
	}
	if v.answer.status == 0 {
		v.answer.status = http.StatusOK
	}
	e.tell(v, r)
	if cause == http.ErrAbortHandler {
		panic(cause) // the server cuts the connection
	}
}

func (e *Edge) tell(v *visit, r *http.Request) {
	now, n := e.Now(), &v.note
	took := now.Sub(v.began)
	if e.Observe != nil {
		e.Observe.Request(n.door, n.route, v.answer.status, took)
	}
	if e.Lines != nil {
		e.Lines(Line{At: now, Request: n.id, Method: r.Method, Route: n.route, Door: n.door, Status: v.answer.status, Took: took,
			Bytes: v.answer.bytes, User: n.user, Credential: n.credential, Code: n.code, Address: n.address})
	}
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
