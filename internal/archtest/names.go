package archtest

import (
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strings"
)

// emptyNames say nothing about what is inside.
var emptyNames = []string{"util", "utils", "common", "helper", "helpers", "types", "misc", "shared", "base", "lib", "manager", "models"}

// Names finds packages and files whose name says nothing.
func Names(h *House) []Finding {
	var found []Finding
	for _, f := range h.files {
		stem := strings.TrimSuffix(strings.TrimSuffix(path.Base(f.path), ".go"), "_test")
		if slices.Contains(emptyNames, strings.TrimSuffix(f.tree.Name.Name, "_test")) {
			found = append(found, h.finding(f, f.tree.Name, "package %s: a package is named for what it holds", f.tree.Name.Name))
		}
		if slices.Contains(emptyNames, stem) {
			found = append(found, h.finding(f, f.tree, "file %s.go: a file is named for its noun", stem))
		}
	}
	return sorted(found)
}

// Comments finds packages and exported names that nothing is said about.
func Comments(h *House) []Finding {
	var found []Finding
	documented := map[string]bool{}
	for _, f := range h.files {
		if f.tree.Doc != nil {
			documented[f.dir] = true
		}
	}
	for _, f := range h.files {
		if f.test {
			continue
		}
		if !documented[f.dir] {
			found = append(found, h.finding(f, f.tree, "package %s has no comment", f.tree.Name.Name))
			documented[f.dir] = true
		}
		for _, decl := range f.tree.Decls {
			found = append(found, h.undocumented(f, decl)...)
		}
	}
	return sorted(found)
}

func (h *House) undocumented(f file, decl ast.Decl) []Finding {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		if decl.Doc == nil && decl.Name.IsExported() && onExported(decl) {
			return []Finding{h.finding(f, decl, "%s has no comment", decl.Name.Name)}
		}
	case *ast.GenDecl:
		return h.undocumentedSpecs(f, decl)
	}
	return nil
}

// onExported reports whether a method's type can be seen from outside, or
// there is no receiver.
func onExported(decl *ast.FuncDecl) bool {
	if decl.Recv == nil {
		return true
	}
	receiver := decl.Recv.List[0].Type
	for {
		switch r := receiver.(type) {
		case *ast.StarExpr:
			receiver = r.X
		case *ast.IndexExpr:
			receiver = r.X
		case *ast.IndexListExpr:
			receiver = r.X
		case *ast.Ident:
			return r.IsExported()
		default:
			return false
		}
	}
}

// undocumentedSpecs accepts one comment above a group of constants or
// variables; a type needs its own.
func (h *House) undocumentedSpecs(f file, decl *ast.GenDecl) []Finding {
	var found []Finding
	for _, spec := range decl.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			own := spec.Doc != nil || spec.Comment != nil || decl.Doc != nil && decl.Lparen == token.NoPos
			if spec.Name.IsExported() && !own {
				found = append(found, h.finding(f, spec, "type %s has no comment", spec.Name.Name))
			}
		case *ast.ValueSpec:
			if decl.Doc == nil && spec.Doc == nil && spec.Comment == nil && spec.Names[0].IsExported() {
				found = append(found, h.finding(f, spec, "%s has no comment", spec.Names[0].Name))
			}
		}
	}
	return found
}
