package portal

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// TestTheCodeToCopyIsShownWithoutSigningIn, once it is one, and nothing tells
// anybody else of it.
func TestTheCodeToCopyIsShownWithoutSigningIn(t *testing.T) {
	t.Parallel()
	w := newWorld()
	v := visit(t, w, w.portal())
	code := secret.Generate(secret.Code).Reveal()
	shown := v.get(domain.CopyCodePage + "?code=" + code + "&iss=x")
	holds(t, "with a code", shown.body, ">"+code+"<", "ttnctl user login "+code)
	if shown.StatusCode != http.StatusOK || shown.Header.Get("Referrer-Policy") != "no-referrer" || shown.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("got %d, %v", shown.StatusCode, shown.Header)
	}
	lacks(t, "without a state", shown.body, "State")
	holds(t, "with a state", v.get(domain.CopyCodePage+"?code="+code+"&state="+url.QueryEscape("<b>x")).body, "&lt;b&gt;x")
}

// TestNobodyWritesOnThatPage what he likes by sending somebody a link.
func TestNobodyWritesOnThatPage(t *testing.T) {
	t.Parallel()
	w := newWorld()
	v := visit(t, w, w.portal())
	for query, want := range map[string]string{
		"":                                   "no code in the address",
		"?code=":                             "no code in the address",
		"?code=call+me":                      "no code of this server",
		"?code=" + strings.Repeat("x", 9000): "no code of this server",
		"?error=access_denied&error_description=call+me": "You said no",
		"?error=call+me": "was not right",
	} {
		shown := v.get(domain.CopyCodePage + query)
		if shown.StatusCode != http.StatusBadRequest {
			t.Errorf("%.40s: got %d", query, shown.StatusCode)
		}
		holds(t, query, shown.body, want)
		lacks(t, query, shown.body, "call me")
	}
}
