package app

import (
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/ttn"
)

// ownHost is a door at the root of a host name of its own, for programs that
// have the host name built in: there, /api/… means /wotkit/api/….
type ownHost struct {
	name  string
	mount string   // of the door on the main host
	paths []string // that are the door's there, with all below them; all others are what they are
}

func (s *server) ownHosts() []ownHost {
	return []ownHost{
		{s.config.WotkitHost, "/wotkit", []string{"/api"}},
		{s.config.LametricHost, "/lametric", []string{"/api", "/content"}},
		{s.config.TTNHost, "/ttn", []string{"/api/v2", "/users", "/key", domain.CopyCodeURI}},
		{s.config.TTNHost, handlerMount, []string{"/applications"}},
	}
}

// handlerMount is where the application manager of The Things Network is
// mounted on the main host.
var handlerMount = strings.TrimSuffix(ttn.HandlerPrefix, "/")

// atRoot serves what is mounted, and nothing else, at the root of a listener
// of its own. Everything else about its requests is as on the main one.
func atRoot(mount string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/") { // OPTIONS *
			http.Error(w, http.StatusText(http.StatusBadRequest), http.StatusBadRequest)
			return
		}
		next.ServeHTTP(w, moved(r, mount))
	})
}

// byHost leads requests for the host name of a door to where it is mounted.
func (s *server) byHost(next http.Handler) http.Handler {
	hosts := s.ownHosts()
	hosts = slices.DeleteFunc(hosts, func(h ownHost) bool { return h.name == "" })
	if len(hosts) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, host := range hosts {
			if host.has(r) {
				r = moved(r, host.mount)
				break
			}
		}
		next.ServeHTTP(w, r)
	})
}

func (h ownHost) has(r *http.Request) bool {
	if !strings.EqualFold(hostOnly(r.Host), h.name) {
		return false
	}
	return slices.ContainsFunc(h.paths, func(path string) bool {
		below, ok := strings.CutPrefix(r.URL.Path, path)
		return ok && (below == "" || below[0] == '/')
	})
}

func moved(r *http.Request, mount string) *http.Request {
	to := r.Clone(r.Context())
	to.URL.Path = mount + r.URL.Path
	if r.URL.RawPath != "" {
		to.URL.RawPath = mount + r.URL.RawPath
	}
	return to
}

func hostOnly(hostPort string) string {
	if host, _, err := net.SplitHostPort(hostPort); err == nil {
		return host
	}
	return hostPort
}
