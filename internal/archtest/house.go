// Package archtest is the map of the house (ARCHITECTURE.md) as a test: which
// package may import which, where the hazards live, how long things may get
// and what must be documented. It reads source text only and imports nothing
// of ours. Change the map here first, with a reason, or not at all.
package archtest

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// module is the path under which our own packages are imported.
const module = "github.com/thingward/thingward/"

// House is the parsed source of a tree.
type House struct {
	fset  *token.FileSet
	files []file
}

// file is one Go file of the tree.
type file struct {
	path  string // from the root, with slashes
	dir   string
	test  bool // a test, or a program that only measures
	lines int
	tree  *ast.File
}

// Finding is one place where the tree does not follow the map.
type Finding struct {
	Path string
	Line int
	Text string
}

// String prints the finding as compilers do.
func (f Finding) String() string { return fmt.Sprintf("%s:%d: %s", f.Path, f.Line, f.Text) }

// Read parses every Go file below the root of fsys. Folders named testdata,
// hidden ones and those of other languages are left out.
func Read(fsys fs.FS) (*House, error) {
	house := &House{fset: token.NewFileSet()}
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && leftOut(name):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(name, ".go"):
			return nil
		}
		return house.add(fsys, name)
	})
	return house, err
}

func leftOut(name string) bool {
	base := path.Base(name)
	return base == "testdata" || base == "node_modules" || strings.HasPrefix(base, ".") && base != "."
}

func (h *House) add(fsys fs.FS, name string) error {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	tree, err := parser.ParseFile(h.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	dir := path.Dir(name)
	h.files = append(h.files, file{path: name, dir: dir, tree: tree, lines: strings.Count(string(text), "\n"),
		test: strings.HasSuffix(name, "_test.go") || within(dir, "test") || dir == "internal/store/storetest"})
	return nil
}

// within reports whether dir is the folder or lies below it.
func within(dir, folder string) bool { return dir == folder || strings.HasPrefix(dir, folder+"/") }

func withinAny(dir string, folders []string) bool {
	return slices.ContainsFunc(folders, func(folder string) bool { return within(dir, folder) })
}

// finding makes a Finding at a node.
func (h *House) finding(f file, at ast.Node, format string, args ...any) Finding {
	return Finding{Path: f.path, Line: h.fset.Position(at.Pos()).Line, Text: fmt.Sprintf(format, args...)}
}

// imports calls f for each import of each file.
func (h *House) imports(f func(file, *ast.ImportSpec, string)) {
	for _, source := range h.files {
		for _, spec := range source.tree.Imports {
			name, _ := strconv.Unquote(spec.Path.Value)
			f(source, spec, name)
		}
	}
}

// Rule looks through a tree for what the map does not allow.
type Rule struct {
	Name  string
	Check func(*House) []Finding
}

// Rules returns the whole map.
func Rules() []Rule {
	return []Rule{
		{"arrows", Arrows}, {"hazards", Hazards}, {"calls", Calls},
		{"sizes", Sizes}, {"names", Names}, {"comments", Comments},
	}
}

func sorted(findings []Finding) []Finding {
	slices.SortFunc(findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line))
	})
	return findings
}
