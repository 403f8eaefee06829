package app

import (
	"net"
	"net/http"
	"strings"
)

// ownHost is a door at the root of a host name of its own, for programs that
// have the host name built in: there, /api/… means /wotkit/api/….
type ownHost struct {
	name  string
	mount string   // of the door on the main host
	paths []string // that are the door's there; all others are what they are
}

func (s *server) ownHosts() []ownHost {
	return []ownHost{
		{s.config.WotkitHost, "/wotkit", []string{"/api/"}},
		{s.config.LametricHost, "/lametric", []string{"/api/", "/content/"}},
	}
}

// byHost leads requests for the host name of a door to where it is mounted.
func (s *server) byHost(next http.Handler) http.Handler {
	hosts := s.ownHosts()
	if s.config.WotkitHost == "" && s.config.LametricHost == "" {
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
	if h.name == "" || !strings.EqualFold(hostOnly(r.Host), h.name) {
		return false
	}
	for _, path := range h.paths {
		if strings.HasPrefix(r.URL.Path, path) {
			return true
		}
	}
	return false
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
