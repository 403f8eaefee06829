package web

import (
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
)

// TrustedProxies are the networks whose Forwarded (RFC 7239) and
// X-Forwarded-For headers are believed.
type TrustedProxies []netip.Prefix

// ClientAddress returns the address that the request came from: the peer's,
// or, walking back from it through trusted proxies, the first address that is
// not one of them.
func (p TrustedProxies) ClientAddress(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	address := peer.Addr().Unmap()
	if len(p) == 0 {
		return address
	}
	hops := forwardedFor(r.Header)
	for i := len(hops) - 1; i >= 0 && p.trusts(address); i-- {
		hop, ok := parseHop(hops[i])
		if !ok {
			break
		}
		address = hop
	}
	return address
}

// forwardedFor lists whom each proxy says it works for, the nearest one last.
// Forwarded counts where it is there: two stories cannot be told apart.
func forwardedFor(header http.Header) []string {
	elements := header.Values("Forwarded")
	if len(elements) == 0 {
		return strings.Split(strings.Join(header.Values("X-Forwarded-For"), ","), ",")
	}
	var hops []string
	for _, element := range strings.Split(strings.Join(elements, ","), ",") {
		hop := ""
		for _, pair := range strings.Split(element, ";") {
			if name, value, ok := strings.Cut(strings.TrimSpace(pair), "="); ok && strings.EqualFold(name, "for") {
				hop = strings.Trim(value, `"`)
			}
		}
		hops = append(hops, hop)
	}
	return hops
}

// parseHop reads an address, alone or with a port: "192.0.2.1",
// "192.0.2.1:4711", "2001:db8::1", "[2001:db8::1]:4711".
func parseHop(text string) (netip.Addr, bool) {
	text = strings.TrimSpace(text)
	if withPort, err := netip.ParseAddrPort(text); err == nil {
		return withPort.Addr().Unmap(), true
	}
	address, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"))
	return address.Unmap(), err == nil
}

func (p TrustedProxies) trusts(address netip.Addr) bool {
	for _, prefix := range p {
		if prefix.Contains(address) {
			return true
		}
	}
	return false
}

func stack() string { return string(debug.Stack()) }
