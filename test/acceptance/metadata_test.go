package acceptance

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// RFC 8414 §3: what the document names is there, and any page may read it.
func TestTheMetadataNamesEndpointsThatAnswer(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		page := s.anonymous(t).with("Origin", "https://elsewhere.example")
		got := page.get("/.well-known/oauth-authorization-server").want(http.StatusOK)
		if got.header.Get("Access-Control-Allow-Origin") != "*" || got.header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("got the headers %v", got.header)
		}
		var document map[string]any
		got.decode(&document)
		if document["issuer"] != strings.TrimSuffix(s.config.PublicURL, "/") {
			t.Errorf("got the issuer %v, want %s", document["issuer"], s.config.PublicURL)
		}
		named := 0
		for field, value := range document {
			address, isText := value.(string)
			if !isText || !strings.HasSuffix(field, "_endpoint") {
				continue
			}
			named++
			endpoint, err := url.Parse(address)
			if err != nil {
				t.Fatal(err)
			}
			if a := page.get(endpoint.Path); a.status == http.StatusNotFound || a.status >= 500 {
				t.Errorf("%s: GET %s answers %d", field, endpoint.Path, a.status)
			}
		}
		if named < 4 {
			t.Errorf("only %d endpoints are named", named)
		}
		page.get("/.well-known/oauth-protected-resource").want(http.StatusOK)
		page.post("/.well-known/oauth-protected-resource", "{}").want(http.StatusMethodNotAllowed)
	})
}
