package storetest

import (
	"testing"

	"github.com/thingward/thingward/internal/domain"
)

// Person is a user who is signed in with a browser.
func Person(user domain.User) domain.Caller {
	return domain.Caller{User: user, Credential: domain.SessionCredential, Scopes: domain.EveryScope()}
}

// Holding is the caller with a key that holds the scopes, which name things by
// "#" and id.
func Holding(t testing.TB, c domain.Caller, scopes string) domain.Caller {
	t.Helper()
	set, err := domain.ParseScopes(scopes)
	if err != nil {
		t.Fatalf("scopes %s: %v", scopes, err)
	}
	c.Credential, c.KeyID, c.Scopes = domain.KeyCredential, "0123456789abcdef", set
	return c
}
