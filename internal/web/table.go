package web

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/thingward/thingward/internal/domain"
)

// Door is a group of routes that answer errors in one shape.
type Door struct {
	Name    string // label in logs and metrics
	Prefix  string // "/api/v1/": unknown paths below it are answered by this door
	Routes  []Route
	Accepts Accepts
	// WriteError answers an error in the shape of the door. err may be any
	// error; only a *domain.Error may be shown.
	WriteError func(w http.ResponseWriter, r *http.Request, err error)
	// Wrap, where set, goes around every answer of the door (headers, CORS).
	Wrap func(http.Handler) http.Handler
}

// Accepts says which credentials count at a door besides keys.
type Accepts struct {
	Sessions  bool // portal sessions; cross-origin writes with one are refused
	Passwords bool // user name and password by Basic
	// QueryTokens: access tokens in the query, as WoTKit has them. A credential
	// in the header beside one is refused.
	QueryTokens bool
	AccessKeys  bool // access keys of applications and gateways, by Authorization: Key
}

// Identify finds out who is behind a request. It returns the anonymous caller
// where there is no credential, and Unauthenticated where it is not valid.
type Identify func(r *http.Request, accepts Accepts) (domain.Caller, error)

// Table dispatches requests to the routes of all doors. http.ServeMux finds
// the path; the method is looked up here, so that a wrong method is answered
// in the shape of the door and no path is ever redirected to add a slash.
type Table struct {
	mux      *http.ServeMux
	bare     map[string]*Door // the doors of programs, by their prefix without its slash
	identify Identify
	log      *slog.Logger
}

// NewTable joins the doors.
func NewTable(identify Identify, log *slog.Logger, doors ...*Door) *Table {
	t := &Table{mux: http.NewServeMux(), bare: map[string]*Door{}, identify: identify, log: log}
	for _, door := range doors {
		t.add(door)
	}
	return t
}

func (t *Table) add(door *Door) {
	byPath := map[string]map[string]Route{}
	for _, route := range door.Routes {
		method, path, ok := strings.Cut(route.Pattern, " ")
		if !ok {
			panic("route without a method: " + route.Pattern)
		}
		path = strings.TrimSuffix(path, "/")
		if byPath[path] == nil {
			byPath[path] = map[string]Route{}
		}
		byPath[path][method] = route
	}
	for path, methods := range byPath {
		handler := door.wrap(t.dispatch(door, path, methods))
		t.mux.Handle(path+"/{$}", handler)
		if path != "" {
			t.mux.Handle(path, handler)
		}
	}
	if _, taken := byPath[strings.TrimSuffix(door.Prefix, "/")+"/{rest...}"]; !taken && door.Prefix != "" {
		t.mux.Handle(door.Prefix, door.wrap(t.unknown(door)))
	}
	if bare := strings.TrimSuffix(door.Prefix, "/"); bare != "" && byPath[bare] == nil {
		t.bare[bare] = door
	}
}

func (d *Door) wrap(h http.Handler) http.Handler {
	if d.Wrap == nil {
		return h
	}
	return d.Wrap(h)
}

// dispatch serves one path: it finds the method, then the caller, checks the
// need and calls the handler.
func (t *Table) dispatch(door *Door, path string, methods map[string]Route) http.Handler {
	allow := allowed(methods)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		note := noteOf(r)
		note.door, note.route = door.Name, path
		route, ok := methods[r.Method]
		if !ok && r.Method == http.MethodHead {
			route, ok = methods[http.MethodGet]
		}
		if !ok {
			w.Header().Set("Allow", allow)
			if r.Method == http.MethodOptions {
				w.WriteHeader(http.StatusNoContent)
				return
			}
			door.fail(w, r, t.log, domain.Errorf(domain.MethodNotAllowed, "method_not_allowed", "%s is not possible here. Possible: %s.", r.Method, allow))
			return
		}
		if err := t.serve(w, r, door, route); err != nil {
			door.fail(w, r, t.log, err)
		}
	})
}

func (t *Table) serve(w http.ResponseWriter, r *http.Request, door *Door, route Route) error {
	if route.Need.LooksAtNoCredential() {
		return route.Handle(w, r, domain.Caller{Address: Address(r), Program: domain.Clip(r.UserAgent())})
	}
	caller, err := t.identify(r, door.Accepts)
	if err != nil {
		return err
	}
	note := noteOf(r)
	note.user, note.credential = caller.User.Name, caller.CredentialID()
	if caller.Credential == domain.SessionCredential || caller.InQuery {
		NotKept(w) // no cache between can tell whose cookie or token it was
	}
	if err := route.Need.Check(caller); err != nil {
		return err
	}
	return route.Handle(w, r, caller)
}

var noStore = []string{"no-store"}

func (t *Table) unknown(door *Door) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		noteOf(r).door = door.Name
		door.fail(w, r, t.log, domain.Errorf(domain.NotFound, "path_not_found", "There is nothing at %s.", domain.Clip(r.URL.Path)))
	})
}

// fail logs what the caller must not see and lets the door answer.
func (d *Door) fail(w http.ResponseWriter, r *http.Request, log *slog.Logger, err error) {
	note := noteOf(r)
	note.code = domain.CodeOf(err)
	if domain.KindOf(err) == domain.Internal && r.Context().Err() == nil {
		log.LogAttrs(context.WithoutCancel(r.Context()), slog.LevelError, "request failed",
			slog.String("request", note.id), slog.String("route", r.Method+" "+note.route), slog.String("error", err.Error()))
	}
	d.WriteError(w, r, err)
}

// ServeHTTP dispatches a request.
func (t *Table) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	asked := r.URL.Path
	if r.URL.RawPath != "" {
		asked = r.URL.RawPath // as http.ServeMux looks at it: an escaped slash is a part of a name
	}
	if door := t.crooked(asked); door != nil {
		door.wrap(t.unknown(door)).ServeHTTP(w, r)
		return
	}
	t.mux.ServeHTTP(w, r)
}

// crooked returns the door of programs below whose prefix the path lies with
// doubled slashes or dots, or to which only its last slash is missing.
// http.ServeMux would redirect it, and some programs send their credentials
// along, or take every redirect for a failure.
func (t *Table) crooked(asked string) *Door {
	if !strings.Contains(asked, "//") && !strings.Contains(asked, "/.") && t.bare[asked] == nil {
		return nil
	}
	if door := t.bare[asked]; door != nil || path.Clean(asked) == strings.TrimSuffix(asked, "/") {
		return door
	}
	var found *Door
	for prefix, door := range t.bare {
		if strings.HasPrefix(asked, prefix+"/") && (found == nil || len(prefix) > len(found.Prefix)) {
			found = door
		}
	}
	return found
}

func allowed(methods map[string]Route) string {
	names := slices.Collect(maps.Keys(methods))
	if _, ok := methods[http.MethodGet]; ok {
		names = append(names, http.MethodHead)
	}
	names = append(names, http.MethodOptions)
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}
