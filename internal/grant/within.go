package grant

import (
	"net/netip"

	"github.com/thingward/thingward/internal/domain"
)

// RequireWithin refuses what reaches beyond the caller's own credential: more
// scopes, a longer life, or more addresses. It holds for keys to be made and
// for those to be managed, because who can give a key a new password or a
// later end can do whatever that key can. People who are signed in and
// operators have no such bounds.
func RequireWithin(c domain.Caller, key domain.Key) error {
	switch ends := c.EndsAt(); {
	case !key.Grant.Scopes.Within(c.Scopes):
		return domain.Errorf(domain.Forbidden, "insufficient_scope", "The key may do more than the credential that asks. Sign in, or use one that may do as much.")
	case !ends.IsZero() && (key.Grant.ExpiresAt.IsZero() || key.Grant.ExpiresAt.After(ends)):
		return domain.Errorf(domain.Forbidden, "beyond_credential", "The key would outlive the credential that asks, which ends at %s.", ends.UTC().Format("2006-01-02 15:04:05 UTC"))
	case !addressesWithin(key.Allowed, c.Allowed):
		return domain.Errorf(domain.Forbidden, "beyond_credential", "The key may be used from more addresses than the credential that asks.")
	}
	return nil
}

// addressesWithin reports whether each network lies in one of the bounds. No
// bounds, and no networks, mean every address.
func addressesWithin(networks, bounds []netip.Prefix) bool {
	if len(bounds) == 0 {
		return true
	}
	for _, network := range networks {
		if !inOne(network, bounds) {
			return false
		}
	}
	return len(networks) > 0
}

func inOne(network netip.Prefix, bounds []netip.Prefix) bool {
	for _, bound := range bounds {
		if bound.Bits() <= network.Bits() && bound.Contains(network.Addr()) {
			return true
		}
	}
	return false
}
