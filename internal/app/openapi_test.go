package app_test

import (
	"context"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/thingward/thingward/internal/authserver/account"
	"github.com/thingward/thingward/internal/authserver/client"
	"github.com/thingward/thingward/internal/authserver/consent"
	"github.com/thingward/thingward/internal/authserver/key"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/resourceserver/application"
	"github.com/thingward/thingward/internal/resourceserver/collaborator"
	"github.com/thingward/thingward/internal/resourceserver/component"
	"github.com/thingward/thingward/internal/resourceserver/device"
	"github.com/thingward/thingward/internal/resourceserver/gateway"
	"github.com/thingward/thingward/internal/resourceserver/pushapp"
	"github.com/thingward/thingward/internal/resourceserver/reading"
	"github.com/thingward/thingward/internal/resourceserver/sensor"
	"github.com/thingward/thingward/internal/web"
)

// nativeRoutes are the routes of the slices. The document itself is served by
// app and stands for no slice.
func nativeRoutes() []web.Route {
	return slices.Concat((&account.Service{}).Routes(), (&key.Service{}).Routes(), (&client.Service{}).Routes(), (&consent.Service{}).Routes(), (&sensor.Service{}).Routes(), (&reading.Service{}).Routes(), (&device.Service{}).Routes(), (&pushapp.Service{}).Routes(),
		(&application.Service{}).Routes(), (&gateway.Service{}).Routes(), (&component.Service{}).Routes(), (&collaborator.Service{}).Routes())
}

func loadOpenAPI(t *testing.T) *openapi3.T {
	t.Helper()
	body, err := os.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	document, err := openapi3.NewLoader().LoadFromData(body)
	if err != nil {
		t.Fatalf("load openapi.yaml: %v", err)
	}
	return document
}

func operations(document *openapi3.T) map[string]*openapi3.Operation {
	found := map[string]*openapi3.Operation{}
	for path, item := range document.Paths.Map() {
		for method, operation := range item.Operations() {
			found[method+" "+path] = operation
		}
	}
	delete(found, "GET /api/v1/openapi.yaml")
	return found
}

func TestTheDocumentIsValidOpenAPI(t *testing.T) {
	t.Parallel()
	if err := loadOpenAPI(t).Validate(context.Background()); err != nil {
		t.Error(err)
	}
}

// The document and the program name the same operations, in both directions.
func TestTheDocumentNamesEveryRoute(t *testing.T) {
	t.Parallel()
	wildcard := regexp.MustCompile(`\{(\w+)(\.\.\.)?\}`)
	var routes, documented []string
	for _, route := range nativeRoutes() {
		routes = append(routes, wildcard.ReplaceAllString(route.Pattern, "{$1}"))
	}
	for name := range operations(loadOpenAPI(t)) {
		documented = append(documented, name)
	}
	slices.Sort(routes)
	slices.Sort(documented)
	if len(routes) == 0 {
		t.Fatal("there are no routes to compare with")
	}
	if diff := cmp.Diff(routes, documented); diff != "" {
		t.Errorf("operations (-routes +openapi.yaml):\n%s", diff)
	}
}

// What a route needs is what the document says: nothing for public ones, and
// otherwise the scope in words.
func TestTheDocumentSaysWhatEachRouteNeeds(t *testing.T) {
	t.Parallel()
	documented := operations(loadOpenAPI(t))
	for _, route := range nativeRoutes() {
		operation := documented[route.Pattern]
		if operation == nil {
			continue // TestTheDocumentNamesEveryRoute says so
		}
		if got := allowsAnybody(operation); got != route.Need.Anybody() {
			t.Errorf("%s: the document lets anybody in: %v; the route: %v", route.Pattern, got, route.Need.Anybody())
		}
		scope := route.Need.Scope()
		if scope != (domain.Scope{}) && !strings.Contains(operation.Description, "`"+scope.String()+"`") {
			t.Errorf("%s: the description does not name the scope %s", route.Pattern, scope)
		}
	}
}

func allowsAnybody(operation *openapi3.Operation) bool {
	return operation.Security != nil && slices.ContainsFunc(*operation.Security, func(r openapi3.SecurityRequirement) bool { return len(r) == 0 })
}

// Without this an answer with an attribute that nobody documented would pass.
func TestObjectsInAnswersAreClosed(t *testing.T) {
	t.Parallel()
	seen := map[*openapi3.Schema]bool{}
	for name, operation := range operations(loadOpenAPI(t)) {
		for status, response := range operation.Responses.Map() {
			for _, media := range response.Value.Content {
				checkClosed(t, name+" "+status, media.Schema, seen)
			}
		}
	}
	if len(seen) == 0 {
		t.Error("there are no schemas to look at")
	}
}

func checkClosed(t *testing.T, where string, ref *openapi3.SchemaRef, seen map[*openapi3.Schema]bool) {
	t.Helper()
	if ref == nil || seen[ref.Value] {
		return
	}
	schema := ref.Value
	seen[schema] = true
	open := schema.AdditionalProperties.Has == nil && schema.AdditionalProperties.Schema == nil
	if schema.Type.Is("object") && open {
		t.Errorf("%s: an object allows attributes that are not documented", where)
	}
	for name, property := range schema.Properties {
		checkClosed(t, where+"."+name, property, seen)
	}
	checkClosed(t, where+"[]", schema.Items, seen)
	for _, choice := range schema.OneOf {
		checkClosed(t, where, choice, seen)
	}
}
