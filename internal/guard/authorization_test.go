package guard

import (
	"encoding/base64"
	"strings"
	"testing"
)

func TestParseBasic(t *testing.T) {
	t.Parallel()
	encode := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	tests := []struct {
		encoded, name, password string
		ok                      bool
	}{
		{encode("alice:secret"), "alice", "secret", true},
		{strings.TrimRight(encode("alice:secret!"), "="), "alice", "secret!", true},
		{encode("alice:with:colon"), "alice", "with:colon", true},
		{encode("alice:"), "alice", "", true},
		{encode("käthe:größe"), "käthe", "größe", true},
		{encode(":secret"), "", "", false},
		{encode("alice"), "", "", false},
		{encode("al\nice:x"), "", "", false},
		{encode("alice:\x00"), "", "", false},
		{encode("alice:\xff"), "", "", false},
		{"%%%", "", "", false},
		{"", "", "", false},
	}
	for _, test := range tests {
		name, password, ok := ParseBasic(test.encoded)
		if name != test.name || password.Reveal() != test.password || ok != test.ok {
			t.Errorf("ParseBasic(%q): got %q, %q, %v; want %q, %q, %v", test.encoded, name, password.Reveal(), ok, test.name, test.password, test.ok)
		}
	}
}

func FuzzAuthorization(f *testing.F) {
	f.Add("Basic YWxpY2U6c2VjcmV0")
	f.Add("bearer twk_abc")
	f.Add("Basic")
	f.Add(strings.Repeat("A", 5000))
	f.Fuzz(func(t *testing.T, header string) {
		scheme, rest := SplitAuthorization(header)
		if scheme != strings.ToLower(scheme) || strings.Contains(scheme, " ") {
			t.Errorf("scheme %q", scheme)
		}
		name, password, ok := ParseBasic(rest)
		if !ok {
			return
		}
		again, samePassword, ok := ParseBasic(base64.StdEncoding.EncodeToString([]byte(name + ":" + password.Reveal())))
		if !ok || again != name || samePassword.Reveal() != password.Reveal() {
			t.Errorf("%q does not read back", header)
		}
	})
}
