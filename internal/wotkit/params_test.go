package wotkit

import (
	"net/http/httptest"
	"testing"
)

// Chart Tools sends tqx with raw semicolons, and some programs escape badly.
func TestAQueryKeepsSemicolonsAndBadEscapes(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"tqx=reqId:1;out:html&tq=x": "reqId:1;out:html",
		"a=1&tqx=reqId%3A1%3Bout":   "reqId:1;out",
		"tqx=%zz":                   "%zz",
		"tqx=&tqx=second&tqx=third": "second",
		"a=b":                       "",
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.URL.RawQuery = raw
		if got := queryOf(r)["tqx"]; got != want {
			t.Errorf("%q: got %q, want %q", raw, got, want)
		}
	}
}
