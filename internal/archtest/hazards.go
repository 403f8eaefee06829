package archtest

import (
	"go/ast"
	"strings"
)

// hazard is something that lives in few folders, so that a reviewer can read
// all of it.
type hazard struct {
	imports []string // import paths, and what lies below them
	in      []string
	tests   bool // whether tests may have it elsewhere
	why     string
}

var hazards = []hazard{
	{[]string{"database/sql", "github.com/pressly/goose", "github.com/jackc/pgx", "modernc.org/sqlite"},
		[]string{"internal/store"}, false, "all SQL is in internal/store"},
	{[]string{"html/template"},
		[]string{"internal/portal", "internal/notify"}, false, "all HTML is in internal/portal, and that of mails in internal/notify"},
	{[]string{"crypto/rand", "math/rand"},
		[]string{"internal/secret"}, true, "all randomness is in internal/secret"},
	{[]string{"unsafe", "plugin", "C"},
		nil, false, "one static binary of safe Go"},
	{[]string{"testing", "pgregory.net/rapid", "github.com/google/go-cmp", "go.uber.org/goleak"},
		[]string{"internal/store/storetest"}, true, "tests stay out of the program"},
}

// Hazards finds imports of dangerous packages outside their folder.
func Hazards(h *House) []Finding {
	var found []Finding
	h.imports(func(f file, spec *ast.ImportSpec, name string) {
		for _, hazard := range hazards {
			if !hazard.has(name) || withinAny(f.dir, hazard.in) || hazard.tests && f.test {
				continue
			}
			found = append(found, h.finding(f, spec, "%s is not for %s: %s", name, f.dir, hazard.why))
		}
	})
	return sorted(found)
}

func (z hazard) has(name string) bool {
	for _, path := range z.imports {
		if name == path || strings.HasPrefix(name, path+"/") {
			return true
		}
	}
	return false
}

// call is a function, or a type to convert to, that only some folders may use.
type call struct {
	pkg, name string
	in        []string
	why       string
}

// calls are looked for outside tests. The clock is a field everywhere below
// app; the environment is read where the configuration is.
var calls = []call{
	{"time", "Now", []string{"internal/app", "cmd"}, "time is injected: take a Now func() time.Time"},
	{"time", "Since", []string{"internal/app", "cmd"}, "time is injected: take a Now func() time.Time"},
	{"time", "Until", []string{"internal/app", "cmd"}, "time is injected: take a Now func() time.Time"},
	{"os", "Getenv", []string{"internal/app", "internal/cli", "cmd"}, "configuration is read in internal/app and internal/cli"},
	{"os", "LookupEnv", []string{"internal/app", "internal/cli", "cmd"}, "configuration is read in internal/app and internal/cli"},
	{"os", "Environ", []string{"internal/app", "internal/cli", "cmd"}, "configuration is read in internal/app and internal/cli"},
	{"os", "Exit", []string{"cmd"}, "only main ends the program"},
	{"log", "Fatal", nil, "only main ends the program"},
	{"log", "Fatalf", nil, "only main ends the program"},
	{"slog", "Default", nil, "the log is injected"},
	{"template", "HTML", nil, "no data becomes HTML unescaped"},
	{"template", "HTMLAttr", nil, "no data becomes HTML unescaped"},
	{"template", "JS", nil, "no data becomes a script"},
	{"template", "URL", nil, "no data becomes a URL unchecked"},
	{"template", "CSS", nil, "no data becomes a style sheet"},
}

// Calls finds uses of what only some folders may use.
func Calls(h *House) []Finding {
	var found []Finding
	for _, f := range h.files {
		if f.test {
			continue
		}
		ast.Inspect(f.tree, func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if c, bad := forbidden(f, selector); bad {
				found = append(found, h.finding(f, selector, "%s.%s is not for %s: %s", c.pkg, c.name, f.dir, c.why))
			}
			return true
		})
	}
	return sorted(found)
}

func forbidden(f file, selector *ast.SelectorExpr) (call, bool) {
	pkg, ok := selector.X.(*ast.Ident)
	if !ok {
		return call{}, false
	}
	for _, c := range calls {
		if pkg.Name == c.pkg && selector.Sel.Name == c.name && !withinAny(f.dir, c.in) {
			return c, true
		}
	}
	return call{}, false
}
