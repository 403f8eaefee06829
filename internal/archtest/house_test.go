package archtest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

func TestTheHouseFollowsItsMap(t *testing.T) {
	t.Parallel()
	house, err := Read(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	if len(house.files) < 30 {
		t.Fatalf("only %d files were read: this test would check nothing", len(house.files))
	}
	for _, rule := range Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			t.Parallel()
			for _, finding := range rule.Check(house) {
				t.Error(finding)
			}
		})
	}
}

// TestEveryRuleCanFail runs the rules on small fake trees. The comment of
// each archive says what must be found there: "rule: path:line: part of the
// text" per line, everything and nothing else.
func TestEveryRuleCanFail(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	proved := map[string]bool{}
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range wanted(archive) {
			rule, _, _ := strings.Cut(line, ": ")
			proved[rule] = true
		}
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			compare(t, archive)
		})
	}
	for _, rule := range Rules() {
		if !proved[rule.Name] {
			t.Errorf("no archive in testdata proves that the rule %q can fail", rule.Name)
		}
	}
}

func wanted(archive *txtar.Archive) []string {
	lines := strings.Split(strings.TrimSpace(string(archive.Comment)), "\n")
	return slices.DeleteFunc(lines, func(line string) bool { return line == "" || strings.HasPrefix(line, "#") })
}

func compare(t *testing.T, archive *txtar.Archive) {
	t.Helper()
	tree, err := txtar.FS(archive)
	if err != nil {
		t.Fatal(err)
	}
	house, err := Read(tree)
	if err != nil {
		t.Fatal(err)
	}
	want := wanted(archive)
	for _, rule := range Rules() {
		for _, finding := range rule.Check(house) {
			got := rule.Name + ": " + finding.String()
			i := slices.IndexFunc(want, func(line string) bool { return strings.HasPrefix(got, line) })
			if i < 0 {
				t.Errorf("got %q, which is not wanted", got)
				continue
			}
			want = slices.Delete(want, i, i+1)
		}
	}
	for _, line := range want {
		t.Errorf("want %q, got nothing", line)
	}
}

func TestTestsAndTablesAreExemptFromSizes(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("\tprintln()\n", functionLines)
	tree, err := txtar.FS(&txtar.Archive{Files: []txtar.File{
		{Name: "internal/domain/a_test.go", Data: []byte("package domain\n\nfunc long() {\n" + long + "}\n")},
		{Name: "internal/domain/b.go", Data: []byte("package domain\n\nvar table = []int{\n" + strings.Repeat("\t1,\n", fileLines) + "}\n")},
		{Name: "internal/domain/c.go", Data: []byte("package domain\n\nfunc long() {\n" + long + "}\n")},
		{Name: "internal/domain/d.go", Data: []byte("package domain\n" + strings.Repeat("\n", fileLines) + "func short() {}\n")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	house, err := Read(tree)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for _, finding := range Sizes(house) {
		got = append(got, finding.Path)
	}
	if want := []string{"internal/domain/c.go", "internal/domain/d.go"}; !slices.Equal(got, want) {
		t.Errorf("got findings in %v, want %v", got, want)
	}
}
