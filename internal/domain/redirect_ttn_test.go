package domain_test

import (
	"testing"

	"github.com/thingward/thingward/internal/domain"
)

// TestPlainHTTPOfTheThingsNetwork may be registered anywhere, and works once
// somebody approved it.
func TestPlainHTTPOfTheThingsNetwork(t *testing.T) {
	t.Parallel()
	ttn := domain.Client{Kind: domain.TTNClient}
	for uri, want := range map[string]struct{ registered, plain bool }{
		"http://mywebsite/callback":        {true, true},
		"http://mywebsite.example:80/cb":   {true, true},
		"http://192.168.0.2/cb":            {true, true},
		"http://localhost:3000/cb":         {true, false},
		"https://mywebsite.example/cb":     {true, false},
		domain.CopyCodeURI:                 {true, false},
		domain.CopyCodeURI + "/":           {false, false},
		"/oauth/callback/other":            {false, false},
		"javascript:alert(1)":              {false, false},
		"http://user@mywebsite.example/cb": {false, false},
		"http://mywebsite.example/cb#x":    {false, false},
	} {
		if err := ttn.CheckRedirectURI(uri); (err == nil) != want.registered {
			t.Errorf("%s: got %v, want registered: %t", uri, err, want.registered)
		}
		waiting := ttn
		waiting.RedirectURIs, waiting.State = []string{uri}, domain.ClientRequested
		if _, err := waiting.MatchRedirect(uri); want.registered && (err != nil) != want.plain {
			t.Errorf("%s before the approval: got %v, want refused: %t", uri, err, want.plain)
		}
		waiting.State = domain.ClientApproved
		if got, err := waiting.MatchRedirect(uri); err != nil || got != uri {
			t.Errorf("%s after it: got %s, %v", uri, got, err)
		}
		if got := (domain.Client{}).AddsPlainRedirect(waiting); got != want.plain && want.registered {
			t.Errorf("%s: adds a plain redirect: got %t", uri, got)
		}
	}
	if err := confidential.CheckRedirectURI(domain.CopyCodeURI); err == nil {
		t.Error("a standard client has the page of another kind")
	}
}

// TestSwitchesDoNotApproveWhatIsNew: one that an administrator set is for the
// URIs that he saw.
func TestSwitchesDoNotApproveWhatIsNew(t *testing.T) {
	t.Parallel()
	before := withHTTP
	before.RedirectURIs = []string{"http://a.example/"}
	after := before
	if before.AddsPlainRedirect(after) || after.PlainRedirect("http://a.example/") {
		t.Error("what is there has to wait")
	}
	after.RedirectURIs = []string{"http://a.example/", "http://b.example/"}
	if !before.AddsPlainRedirect(after) {
		t.Error("what is new need not wait")
	}
}
