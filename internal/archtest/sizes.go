package archtest

import (
	"go/ast"
	"go/token"
)

// How long things may get. Tests and tables of data are exempt.
const (
	functionLines    = 60
	fileLines        = 400
	interfaceMethods = 7
)

// Sizes finds functions, files and interfaces that are too long.
func Sizes(h *House) []Finding {
	var found []Finding
	for _, f := range h.files {
		if f.test {
			continue
		}
		if lines := f.lines - h.tableLines(f); lines > fileLines {
			found = append(found, h.finding(f, f.tree, "the file has %d lines, more than %d: split it", lines, fileLines))
		}
		ast.Inspect(f.tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if lines := h.linesOf(n); lines > functionLines {
					found = append(found, h.finding(f, n, "%s has %d lines, more than %d", n.Name.Name, lines, functionLines))
				}
			case *ast.InterfaceType:
				if methods := n.Methods.NumFields(); methods > interfaceMethods {
					found = append(found, h.finding(f, n, "an interface has %d methods, more than %d", methods, interfaceMethods))
				}
			}
			return true
		})
	}
	return sorted(found)
}

// tableLines counts the lines of package variables and constants: data.
func (h *House) tableLines(f file) int {
	lines := 0
	for _, decl := range f.tree.Decls {
		if general, ok := decl.(*ast.GenDecl); ok && (general.Tok == token.VAR || general.Tok == token.CONST) {
			lines += h.linesOf(general)
		}
	}
	return lines
}

func (h *House) linesOf(n ast.Node) int {
	return h.fset.Position(n.End()).Line - h.fset.Position(n.Pos()).Line + 1
}
