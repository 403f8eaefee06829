package archtest

import (
	"go/ast"
	"path"
	"slices"
	"strings"
)

// Words for groups of folders in the map.
const (
	slicesOfBothServers = "slices" // the folders below authserver and resourceserver
	belowCommands       = "below"  // everything but cli
)

// arrow says what a folder of the tree may import of ours.
type arrow struct {
	from string
	to   []string
}

// arrows is the map. The first entry that matches a folder counts; a folder
// without an entry may not exist.
var arrows = []arrow{
	{"cmd/thingward", []string{"internal/cli"}},
	{"internal/secret", nil},
	{"internal/domain", []string{"internal/secret"}},
	{"internal/web", []string{"internal/domain"}},
	{"internal/grant", []string{"internal/domain", "internal/secret"}},
	{"internal/guard", []string{"internal/domain", "internal/secret", "internal/web", "internal/grant"}},
	{"internal/authserver", []string{"internal/domain", "internal/secret", "internal/web", "internal/grant", "internal/guard"}},
	{"internal/resourceserver", []string{"internal/domain", "internal/secret", "internal/web", "internal/guard"}},
	{"internal/wotkit/datatable", []string{"internal/domain"}},
	{"internal/wotkit", []string{"internal/domain", "internal/web", "internal/guard", slicesOfBothServers, "internal/wotkit/datatable"}},
	{"internal/lametric", []string{"internal/domain", "internal/secret", "internal/web", "internal/guard", slicesOfBothServers}},
	// Tokens of The Things Network have a shape of their own, which its door makes.
	{"internal/ttn", []string{"internal/domain", "internal/secret", "internal/web", "internal/grant", "internal/guard", slicesOfBothServers}},
	// The portal takes passwords from forms and shows made ones once, so it
	// handles secret.Secret, as every value of that kind must be.
	{"internal/portal", []string{"internal/domain", "internal/secret", "internal/web", "internal/guard", slicesOfBothServers}},
	{"internal/demo", []string{"internal/domain", "internal/secret", slicesOfBothServers}}, // a door without a protocol: it fills a store through the use cases
	{"internal/store/storetest", []string{"internal/domain", "internal/secret", "internal/store"}},
	{"internal/store", []string{"internal/domain", "internal/secret"}},
	{"internal/notify", []string{"internal/domain", "internal/secret"}},
	{"internal/app", []string{belowCommands}},
	{"internal/cli", []string{"internal/app", "internal/domain", "apiclient"}},
	{"internal/archtest", nil},
	{"apiclient", nil},
	{"test", []string{belowCommands, "internal/cli", "apiclient"}},
}

// Arrows finds imports that the map does not have. Tests beside the code may
// reach for whatever lies below app, so that they can stand on the real store.
func Arrows(h *House) []Finding {
	var found []Finding
	h.imports(func(f file, spec *ast.ImportSpec, name string) {
		to, ours := strings.CutPrefix(name, module)
		if !ours || to == f.dir {
			return
		}
		from, known := arrowFrom(f.dir)
		switch {
		case !known:
			found = append(found, h.finding(f, spec, "the map has no folder %s", f.dir))
		case f.test && !within(to, "internal/cli") && (!within(to, "internal/app") || within(f.dir, "internal/cli")):
		case !from.allows(f.dir, to):
			found = append(found, h.finding(f, spec, "%s may not import %s", f.dir, to))
		}
	})
	return sorted(found)
}

func arrowFrom(dir string) (arrow, bool) {
	i := slices.IndexFunc(arrows, func(a arrow) bool { return within(dir, a.from) })
	if i < 0 {
		return arrow{}, false
	}
	return arrows[i], true
}

func (a arrow) allows(from, to string) bool {
	for _, allowed := range a.to {
		switch allowed {
		case slicesOfBothServers:
			if isSlice(to) {
				return true
			}
		case belowCommands:
			if !within(to, "internal/cli") && !within(to, "cmd") && !within(to, "internal/archtest") && !within(to, "internal/store/storetest") {
				return true
			}
		case to:
			return true
		}
	}
	return false
}

// isSlice reports whether the folder is one family of use cases.
func isSlice(dir string) bool {
	above := path.Dir(dir)
	return above == "internal/authserver" || above == "internal/resourceserver"
}
