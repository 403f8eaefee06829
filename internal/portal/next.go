package portal

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/thingward/thingward/internal/authserver/authorize"
)

// safeNext returns where to go after a form: a path on this server, or "/"
// for everything else. Browsers take "//host", "/\host" and control characters
// for the way to another server, so none of them passes. The way back to an
// authorization request may be long.
func safeNext(next string) string {
	most := 2000
	if path, _, _ := strings.Cut(next, "?"); isAuthorizePath(path) {
		most = authorize.MaxQuery + len(path) + 1
	}
	if !strings.HasPrefix(next, "/") || len(next) > most || strings.ContainsFunc(next, outsidePath) {
		return "/"
	}
	parsed, err := url.Parse(next)
	if err != nil || parsed.Scheme != "" || parsed.Host != "" || parsed.User != nil || !strings.HasPrefix(parsed.Path, "/") ||
		strings.HasPrefix(next, "//") || strings.HasPrefix(parsed.Path, "//") {
		return "/"
	}
	switch strings.TrimSuffix(parsed.Path, "/") {
	case "/login", "/logout", "/sign-up", "/setup", "/confirm-password", "/oauth/consent":
		return "/" // would only lead back to a form
	}
	return next
}

func outsidePath(c rune) bool { return c <= ' ' || c == 0x7f || c == '\\' }

// whereOneWas returns the page that a request came from: its own address, or
// for a form that of the page with the form.
func (p *Portal) whereOneWas(r *http.Request) string {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return safeNext(r.URL.RequestURI())
	}
	referrer, err := url.Parse(r.Referer())
	if err != nil || referrer.Host == "" {
		return "/"
	}
	if referrer.Host != r.Host && originOf(r.Referer()) != originOf(p.PublicURL) {
		return "/"
	}
	return safeNext(referrer.RequestURI())
}

func originOf(address string) string {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" {
		return ""
	}
	return parsed.Scheme + "://" + parsed.Host
}
