package portal

import (
	"net/url"
	"strings"
	"testing"
)

func TestSafeNext(t *testing.T) {
	t.Parallel()
	tests := []struct{ next, want string }{
		{"/keys", "/keys"},
		{"/keys/0123?x=1&y=%2F", "/keys/0123?x=1&y=%2F"},
		{"/oauth/authorize?redirect_uri=https%3A%2F%2Fapp.example%2F", "/oauth/authorize?redirect_uri=https%3A%2F%2Fapp.example%2F"},
		{"", "/"},
		{"keys", "/"},
		{"https://evil.example/", "/"},
		{"//evil.example/", "/"},
		{"///evil.example/", "/"},
		{`/\evil.example/`, "/"},
		{"/\t/evil.example/", "/"},
		{"/%2F/evil.example", "/"}, // decodes to a path that starts with two slashes
		{"/ok\nLocation: x", "/"},
		{"javascript:alert(1)", "/"},
		{"/login?next=/login", "/"},
		{"/logout", "/"},
		{"/logout/", "/"},
		{"/" + strings.Repeat("a", 3000), "/"},
	}
	for _, test := range tests {
		if got := safeNext(test.next); got != test.want {
			t.Errorf("safeNext(%q): got %q, want %q", test.next, got, test.want)
		}
	}
}

// FuzzSafeNext: wherever a browser resolves the target, it stays on our host.
func FuzzSafeNext(f *testing.F) {
	for _, seed := range []string{"/", "/keys?a=b", "//x", `/\x`, "/%5cx", "/..//x", "/;//x", "/\x00", "/?//x", "/#//x", "http:/x"} {
		f.Add(seed)
	}
	base, _ := url.Parse("https://things.example/login")
	f.Fuzz(func(t *testing.T, next string) {
		got := safeNext(next)
		resolved, err := base.Parse(got)
		if err != nil || resolved.Host != "things.example" || resolved.Scheme != "https" {
			t.Errorf("safeNext(%q): got %q, which leads to %v", next, got, resolved)
		}
		if strings.HasPrefix(got, "//") || strings.HasPrefix(got, `/\`) || strings.ContainsAny(got, "\t\r\n") {
			t.Errorf("safeNext(%q): got %q, which browsers take for another host", next, got)
		}
	})
}
