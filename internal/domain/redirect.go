package domain

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// MaxRedirectURI is the longest redirect URI, in bytes.
const MaxRedirectURI = 2000

// CheckRedirectURI accepts what may be registered for the client as a
// redirect URI: absolute and https; http on the loopback, and elsewhere by
// the client's switches; a private-use scheme with a dot in it for public
// clients (RFC 8252 §7.1). No fragment, user or wildcard, and no query pair
// that OAuth answers use. Clients of The Things Network may name http
// anywhere, which PlainRedirect bounds, and the page that shows the code.
func (c Client) CheckRedirectURI(text string) error {
	if c.Kind == TTNClient && text == CopyCodeURI {
		return nil
	}
	u, err := parseRedirect(text)
	if err != nil {
		return err
	}
	for name := range u.Query() {
		if answersUse(name) {
			return InvalidField("redirect_uris", "%s has a query pair %q, which the answer uses itself.", Clip(text), Clip(name))
		}
	}
	switch {
	case u.Scheme == "https" && u.Host != "":
		return nil
	case u.Scheme == "http" && u.Host != "":
		if c.Kind == TTNClient || c.allowsHTTP(u) {
			return nil
		}
		return InvalidField("redirect_uris", "%s uses plain http, on which anybody can read the code. Use https; http is for localhost.", Clip(text))
	case c.Public && strings.Contains(u.Scheme, ".") && u.Host == "" && strings.HasPrefix(u.Path, "/"):
		return nil
	}
	return InvalidField("redirect_uris", "%s must begin with https:// and a host.", Clip(text))
}

// allowsHTTP reports whether the client may be called back at an http URI
// whoever approved it: on the loopback, and elsewhere by its switches.
func (c Client) allowsHTTP(u *url.URL) bool {
	return IsLoopback(u.Hostname()) || c.Has(SwitchHTTPRedirect) || c.Has(SwitchLANRedirect) && isPrivateNetwork(u.Hostname())
}

// PlainRedirect reports whether a redirect URI of the client is on plain http,
// where others can read the code, and no switch allows it. It works only once
// an administrator has approved the client.
func (c Client) PlainRedirect(uri string) bool {
	u, err := parseRedirect(uri)
	return err == nil && u.Scheme == "http" && !c.allowsHTTP(u)
}

// InClear reports whether an answer to a redirect URI of the client goes over
// plain http, other than on the loopback or, by its switch, in a private
// network: because an administrator allowed it.
func (c Client) InClear(uri string) bool {
	c.Switches = slices.DeleteFunc(slices.Clone(c.Switches), func(s LegacySwitch) bool { return s == SwitchHTTPRedirect })
	return c.PlainRedirect(uri)
}

// InPrivateNetwork reports whether an answer to a redirect URI of the client
// goes over plain http into a private network, as its switch allows.
func (c Client) InPrivateNetwork(uri string) bool {
	u, err := parseRedirect(uri)
	return err == nil && u.Scheme == "http" && c.Has(SwitchLANRedirect) && !IsLoopback(u.Hostname()) && isPrivateNetwork(u.Hostname())
}

// AddsPlainRedirect reports whether next has a redirect URI on plain http that
// c has not, so that an administrator must see it. Each one counts by itself:
// SwitchHTTPRedirect is for those that are there.
func (c Client) AddsPlainRedirect(next Client) bool {
	return slices.ContainsFunc(next.RedirectURIs, func(uri string) bool {
		return next.InClear(uri) && !slices.Contains(c.RedirectURIs, uri)
	})
}

// parseRedirect reads a redirect URI that is plain enough to be compared.
func parseRedirect(text string) (*url.URL, error) {
	refused := func(why string) (*url.URL, error) {
		return nil, InvalidField("redirect_uris", "%s is no redirect URI: %s.", Clip(text), why)
	}
	if text == "" || len(text) > MaxRedirectURI {
		return refused("it has 1 to 2,000 characters")
	}
	for _, c := range []byte(text) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			return refused("it has characters that must be written as %XX")
		}
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme == "":
		return refused("it is not an absolute URI")
	case u.Opaque != "":
		return refused("it names no host and path")
	case strings.Contains(text, "#"):
		return refused("it has a fragment")
	case u.User != nil:
		return refused("it has a user in it")
	case strings.Contains(text, "*"):
		return refused("wildcards are not allowed")
	case u.Host != "" && (u.Hostname() == "" || strings.HasSuffix(u.Host, ":") || len(u.Port()) > 5):
		return refused("its host or port cannot be read")
	case strings.ContainsFunc(u.Host, func(c rune) bool { return c >= 0x7f || c == '%' }):
		return refused("its host has letters that browsers read as others; write it as browsers send it, in letters, digits, hyphens and dots (xn--…)")
	}
	if _, err := url.ParseQuery(u.RawQuery); err != nil {
		return refused("its query cannot be read")
	}
	return u, nil
}

// answerNames are the query pairs of authorization responses (RFC 6749, 9207).
var answerNames = []string{"code", "state", "error", "error_description", "error_uri", "error_reason", "iss", "access_token",
	"token_type", "expires_in", "scope", "refresh_token", "id_token", "response"}

func answersUse(name string) bool { return slices.Contains(answerNames, strings.ToLower(name)) }

// MatchRedirect returns where an authorization response goes: the URI that
// the request gave, if it is a registered one; the only registered one where
// it gave none (RFC 6749 §3.1.2.3). Registered and given are compared as
// text; a public client may use any port of the loopback (RFC 8252 §7.3), and
// extra query pairs are for clients that have the switch.
func (c Client) MatchRedirect(given string) (string, error) {
	matched, err := c.matchRegistered(given)
	if err == nil && c.State == ClientRequested && c.PlainRedirect(matched) {
		return "", Errorf(Invalid, "redirect_uri_not_approved", "The redirect URI %s uses plain http. It works once an administrator has approved the app.", Clip(matched))
	}
	return matched, err
}

func (c Client) matchRegistered(given string) (string, error) {
	if given == "" {
		if len(c.RedirectURIs) == 1 {
			return c.RedirectURIs[0], nil
		}
		return "", Errorf(Invalid, "invalid_redirect_uri", "The request must say which of the app's redirect URIs to use.")
	}
	for _, registered := range c.RedirectURIs {
		if registered == given || c.matchesLoosely(registered, given) {
			return given, nil
		}
	}
	return "", Errorf(Invalid, "invalid_redirect_uri", "The redirect URI %s is not registered for this app. Whoever made the app must register it exactly as the app sends it.", Clip(given))
}

// matchesLoosely compares what is compared as more than text.
func (c Client) matchesLoosely(registered, given string) bool {
	if !c.Public && !c.Has(SwitchExtraQuery) {
		return false
	}
	r, err := parseRedirect(registered)
	if err != nil {
		return false
	}
	g, err := parseRedirect(given)
	if err != nil || r.Scheme != g.Scheme || r.EscapedPath() != g.EscapedPath() {
		return false
	}
	anyPort := c.Public && r.Scheme == "http" && IsLoopback(r.Hostname())
	switch {
	case !anyPort && !c.Has(SwitchExtraQuery):
		return false
	case !strings.EqualFold(r.Hostname(), g.Hostname()), !anyPort && r.Port() != g.Port():
		return false
	}
	return c.sameQuery(r, g)
}

// sameQuery reports whether every registered pair is there. More are fine
// with the switch, but none that the answer would be mistaken for.
func (c Client) sameQuery(r, g *url.URL) bool {
	if !c.Has(SwitchExtraQuery) {
		return r.RawQuery == g.RawQuery && r.ForceQuery == g.ForceQuery
	}
	want, got := r.Query(), g.Query()
	for name, values := range want {
		if !slices.Equal(values, got[name]) {
			return false
		}
	}
	for name := range got {
		if answersUse(name) {
			return false
		}
	}
	return true
}

// IsLoopback reports whether a host name is that of this very machine.
func IsLoopback(host string) bool {
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || isLoopbackIP(host)
}

func isLoopbackIP(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// isPrivateNetwork reports whether a host is one of a home or office network.
func isPrivateNetwork(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsPrivate() || ip.IsLinkLocalUnicast()
	}
	return strings.HasSuffix(host, ".local") || strings.HasSuffix(host, ".lan") || strings.HasSuffix(host, ".home.arpa") || isBareName(host)
}

// isBareName reports whether a host is one label that is a name: browsers take
// numbers such as 134744072 and 0x8080808 for addresses.
func isBareName(host string) bool {
	return host != "" && !strings.ContainsAny(host, ".:%") && (host[0] < '0' || host[0] > '9')
}
