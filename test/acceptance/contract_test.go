package acceptance

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// contract is openapi.yaml as the program serves it, read once.
var contract struct {
	once   sync.Once
	router routers.Router
	err    error
}

// readContract reads the description from the first server that answers.
func (s *server) readContract() (routers.Router, error) {
	contract.once.Do(func() {
		contract.router, contract.err = s.contractRouter()
	})
	return contract.router, contract.err
}

func (s *server) contractRouter() (routers.Router, error) {
	response, err := http.Get(s.URL + "/api/v1/openapi.yaml")
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	document, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, err
	}
	if err := document.Validate(context.Background()); err != nil {
		return nil, err
	}
	document.Servers = nil // the test server has a port of its own
	for _, plain := range []string{"text/csv", "application/vnd.google-earth.kml+xml", "application/geo+json", "application/yaml", "text/plain", "text/html"} {
		openapi3filter.RegisterBodyDecoder(plain, openapi3filter.FileBodyDecoder)
	}
	return gorillamux.NewRouter(document)
}

// checkContract holds an answer of the native API against openapi.yaml. Paths
// and methods that are not described must answer with a problem document.
func (s *server) checkContract(t testing.TB, request *http.Request, a answer) {
	t.Helper()
	if !strings.HasPrefix(request.URL.Path, "/api/v1") {
		return
	}
	router, err := s.readContract()
	if err != nil {
		t.Fatalf("openapi.yaml: %v", err)
	}
	if a.status >= 400 && a.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%s: got %d as %q, want application/problem+json", a.about, a.status, a.header.Get("Content-Type"))
	}
	described := request.Clone(context.Background())
	described.URL.Path = strings.TrimSuffix(described.URL.Path, "/") // both spellings are one route
	described.URL.RawPath = ""
	route, parameters, err := router.FindRoute(described)
	if err != nil {
		if !errors.Is(err, routers.ErrPathNotFound) && !errors.Is(err, routers.ErrMethodNotAllowed) {
			t.Errorf("%s: %v", a.about, err)
		}
		if a.status < 400 && request.Method != http.MethodOptions && request.Method != http.MethodHead {
			t.Errorf("%s answers %d but is not in openapi.yaml", a.about, a.status)
		}
		return
	}
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: described, PathParams: parameters, Route: route},
		Status:                 a.status, Header: a.header, Body: io.NopCloser(bytes.NewReader(a.body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	}
	if err := openapi3filter.ValidateResponse(context.Background(), input); err != nil {
		t.Errorf("%s: the answer is not what openapi.yaml says: %v\n%.600s", a.about, err, a.body)
	}
}
