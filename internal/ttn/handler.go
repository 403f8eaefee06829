package ttn

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/web"
)

// handlerActs are those of the application manager.
func (d *Door) handlerActs() []act {
	const one, devices = "applications/{thing}", "applications/{thing}/devices"
	settings, remove, manage := needOf(domain.ApplicationSettings), needOf(domain.ApplicationDelete), needOf(domain.ApplicationDevices)
	acts := []act{
		{"POST applications", settings, "", d.registerApplication},
		{"GET " + one, settings, "", d.showManaged},
		{"POST " + one, settings, "", d.setManaged},
		{"PUT " + one, settings, "", d.setManaged},
		{"DELETE " + one, remove, "", d.unregisterApplication},
		{"GET " + devices, manage, "", d.listEndDevices},
		{"POST " + devices, manage, "", d.setEndDevice},
		{"PUT " + devices, manage, "", d.setEndDevice},
		{"GET " + devices + "/{device}", manage, "", d.showEndDevice},
		{"POST " + devices + "/{device}", manage, "", d.setEndDevice},
		{"PUT " + devices + "/{device}", manage, "", d.setEndDevice},
		{"DELETE " + devices + "/{device}", manage, "", d.deleteEndDevice},
	}
	for i := range acts {
		acts[i].handle = d.counted(acts[i].handle)
	}
	return acts
}

func needOf(right domain.Right) web.Need { return web.Scoped(domain.ScopeOf(right)) }

// subject is whose calls are counted together: those of one user, or those
// with the access keys of one application.
type subject struct {
	user  domain.UserID
	thing domain.ThingKey
}

// callsPerHour is what the network's documentation allows one subject. All of
// them may come at once.
const callsPerHour = 5000

var callBound = guard.Bound{Burst: callsPerHour, Every: time.Hour / callsPerHour, Code: "too_many_calls",
	Message: "The application manager takes 5000 calls an hour of one user. Wait a moment and go on slower."}

// counted refuses calls beyond the bound.
func (d *Door) counted(handle web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
		if err := d.calls.Admit(d.Now(), subject{c.User.ID, c.Acting}, callBound); err != nil {
			return err
		}
		return handle(w, r, c)
	}
}

// managed finds the application with the name for an act that needs the right.
// The application manager is stricter than the account server: a token must
// name the application, and what is missing is answered in the same words
// whether the application is there or not.
func (d *Door) managed(r *http.Request, c domain.Caller, name string, right domain.Right) (domain.Application, error) {
	if err := domain.CheckNetworkName("app_id", name); err != nil {
		return domain.Application{}, err
	}
	found, err := d.Applications.Finder.Application(r.Context(), c, name, right)
	switch {
	case domain.IsKind(err, domain.NotFound), domain.IsKind(err, domain.Forbidden), err == nil && !names(c, found.Thing(), right):
		return domain.Application{}, domain.Errorf(domain.Forbidden, "insufficient_scope",
			"This needs the right %s on the application %s, and a token that names it: restrict yours to apps:%s.", right.Name(), name, name)
	}
	return found, err
}

// names reports whether the credential is about the thing, and not about all
// of its user's. Keys that a person made are what he made them.
func names(c domain.Caller, thing domain.Thing, right domain.Right) bool {
	need := domain.ScopeOf(right).On(thing.ID)
	return c.Credential == domain.KeyCredential ||
		slices.ContainsFunc(c.Scopes, func(s domain.Scope) bool { return s.Thing == need.Thing && s.Covers(need) })
}

// registered is managed for an application that is registered here.
func (d *Door) registered(r *http.Request, c domain.Caller, right domain.Right) (domain.Application, error) {
	found, err := d.managed(r, c, r.PathValue("thing"), right)
	if err == nil && found.RegisteredAt.IsZero() {
		return domain.Application{}, domain.NotRegistered(found.Name)
	}
	return found, err
}

// bearerWins leaves no more than the token of a request that brings an access
// key as well.
func bearerWins(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if headers := r.Header["Authorization"]; len(headers) > 1 {
			r.Header["Authorization"] = slices.DeleteFunc(slices.Clone(headers), isKey)
			if len(r.Header["Authorization"]) != 1 {
				r.Header["Authorization"] = headers
			}
		}
		next.ServeHTTP(w, r)
	})
}

func isKey(header string) bool {
	scheme, _ := guard.SplitAuthorization(header)
	return strings.EqualFold(scheme, "key")
}

// succeeded answers an act of the application manager: two bytes, which
// programs compare.
func succeeded(w http.ResponseWriter) error {
	web.NotKept(w)
	return web.WriteBytes(w, http.StatusOK, "application/json", []byte("{}"))
}
