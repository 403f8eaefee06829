package domain

import (
	"testing"
	"time"
)

func TestAppsLearnOnlyProvenAddresses(t *testing.T) {
	t.Parallel()
	typed := User{ID: 1, Email: "victim@example.org"}
	proven := typed
	proven.EmailProvenAt = time.Unix(1, 0)
	for _, test := range []struct {
		name string
		c    Caller
		want string
	}{
		{"an app, an address that was only typed", Caller{User: typed, Credential: TokenCredential, Client: "shop", Unnarrowed: true}, ""},
		{"an app, a proven address", Caller{User: proven, Credential: TokenCredential, Client: "shop", Unnarrowed: true}, typed.Email},
		{"our command line", Caller{User: typed, Credential: TokenCredential, Client: CommandLineID, Unnarrowed: true}, typed.Email},
		{"a restricted token of it", Caller{User: typed, Credential: TokenCredential, Client: CommandLineID}, ""},
		{"the person", Caller{User: typed, Credential: SessionCredential}, typed.Email},
	} {
		if got := test.c.ToldAddress(); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}
