// Package grant holds the rules of grants: what a user allowed one program
// until it is revoked, and the tokens that hang on it. Keys have grants, too,
// and no client holds those. Who may do what is guard's question.
package grant

import (
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// Issue drafts a grant that the caller gives for his own account. Nobody
// grants what he does not hold himself: the scopes must lie within those of
// the caller's credential, and "admin" is for administrators. Things in the
// scopes are in stored form. expires may be zero: never.
func Issue(c domain.Caller, name string, scopes domain.ScopeSet, expires, now time.Time) (domain.Grant, error) {
	if len(scopes) == 0 {
		return domain.Grant{}, domain.InvalidField("scopes", "Choose at least one scope: a credential without any could do nothing.")
	}
	if err := CheckExpiry(expires, now); err != nil {
		return domain.Grant{}, err
	}
	if scopes.Covers(domain.ScopeAdmin) && !c.ActsAsAdmin() {
		return domain.Grant{}, domain.Errorf(domain.Forbidden, "admin_only", "Only an administrator can grant the scope admin.")
	}
	if !scopes.Within(c.Scopes) {
		return domain.Grant{}, domain.Errorf(domain.Forbidden, "insufficient_scope", "A credential cannot grant more than it holds itself.")
	}
	return domain.Grant{User: c.User.ID, Name: name, Scopes: scopes, CreatedAt: now, ExpiresAt: expires}, nil
}

// CheckExpiry refuses an expiry that has passed. The zero time means never.
func CheckExpiry(expires, now time.Time) error {
	if !expires.IsZero() && !expires.After(now) {
		return domain.InvalidField("expires_at", "The expiry lies in the past.")
	}
	return nil
}
