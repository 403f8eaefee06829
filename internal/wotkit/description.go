package wotkit

import (
	"net/http"
	"strings"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// mounted returns the pattern of an act below a mount.
func mounted(pattern, below string) string {
	method, path, _ := strings.Cut(pattern, " ")
	return method + " " + below + path
}

// The Swagger 2.0 description of the API, as far as programs need it.
type (
	swagger struct {
		Swagger  string                                 `json:"swagger"`
		Info     swaggerInfo                            `json:"info"`
		BasePath string                                 `json:"basePath"`
		Security map[string]map[string]string           `json:"securityDefinitions"`
		Paths    map[string]map[string]swaggerOperation `json:"paths"`
	}
	swaggerInfo struct {
		Title   string `json:"title"`
		Version string `json:"version"`
	}
	swaggerOperation struct {
		Summary    string                     `json:"summary"`
		Parameters []swaggerParameter         `json:"parameters"`
		Security   []map[string][]string      `json:"security,omitempty"`
		Responses  map[string]swaggerResponse `json:"responses"`
	}
	swaggerParameter struct {
		Name     string `json:"name"`
		In       string `json:"in"`
		Required bool   `json:"required"`
		Type     string `json:"type"`
	}
	swaggerResponse struct {
		Description string `json:"description"`
	}
)

// describing is GET /api-docs?path=v1, made from the acts themselves.
func (d *Door) describing(v1, v2 []act) act {
	descriptions := map[string]swagger{"v1": describeActs("v1", v1), "v2": describeActs("v2", v2)}
	return act{"GET api-docs", web.Public(), func(w http.ResponseWriter, r *http.Request, _ domain.Caller) error {
		path := queryOf(r)["path"]
		if path == "" {
			path = "v1"
		}
		description, ok := descriptions[path]
		if !ok {
			return domain.Errorf(domain.NotFound, "path_not_found", "There is no API %s.", domain.Clip(path))
		}
		return writeJSON(w, description)
	}, "This description"}
}

func describeActs(version string, acts []act) swagger {
	s := swagger{
		Swagger: "2.0", Info: swaggerInfo{"Thingward for WoTKit programs", version},
		BasePath: Prefix + version, Security: map[string]map[string]string{"basic": {"type": "basic"}, "token": {"type": "apiKey", "name": "access_token", "in": "query"}},
		Paths: map[string]map[string]swaggerOperation{},
	}
	for _, a := range acts {
		method, path, _ := strings.Cut(a.pattern, " ")
		path = "/" + path
		if s.Paths[path] == nil {
			s.Paths[path] = map[string]swaggerOperation{}
		}
		s.Paths[path][strings.ToLower(method)] = describeAct(a, path)
	}
	return s
}

func describeAct(a act, path string) swaggerOperation {
	operation := swaggerOperation{Summary: a.summary, Parameters: []swaggerParameter{},
		Responses: map[string]swaggerResponse{"default": {"Done, or an error object."}}}
	for segment := range strings.SplitSeq(path, "/") {
		if name, ok := strings.CutPrefix(segment, "{"); ok {
			operation.Parameters = append(operation.Parameters, swaggerParameter{strings.TrimSuffix(name, "}"), "path", true, "string"})
		}
	}
	switch {
	case a.need.Anybody():
	case a.need.ByClient():
		operation.Security = []map[string][]string{{"basic": {}}}
	default:
		operation.Security = []map[string][]string{{"basic": {}}, {"token": {}}}
	}
	return operation
}
