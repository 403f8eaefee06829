package cli

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// everyCommand returns the words of each command and group of commands.
func everyCommand(t *testing.T) [][]string {
	t.Helper()
	parser, err := newParser(&commands{}, &terminal{Stdout: &bytes.Buffer{}, Stderr: &bytes.Buffer{}}, &settings{}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	all := [][]string{{}}
	var walk func(node *kong.Node, words []string)
	walk = func(node *kong.Node, words []string) {
		for _, child := range node.Children {
			below := append(append([]string{}, words...), child.Name)
			all = append(all, below)
			walk(child, below)
		}
	}
	walk(parser.Model.Node, nil)
	return all
}

func TestHelpOfEveryCommandIsAsRecorded(t *testing.T) {
	t.Setenv("COLUMNS", "80") // the width that help is wrapped to
	for _, words := range everyCommand(t) {
		name := strings.Join(append([]string{"thingward"}, words...), "_")
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := runCLI(t, nil, "", append(words, "--help")...)
			if code != 0 || stderr != "" {
				t.Errorf("got code %d, stderr %q; want 0 and nothing", code, stderr)
			}
			golden := filepath.Join("testdata", "help", name+".txt")
			if *update {
				if err := os.WriteFile(golden, []byte(stdout), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), stdout); diff != "" {
				t.Errorf("the help changed (-want +got); go test -update records it:\n%s", diff)
			}
		})
	}
}

func TestEveryCommandShowsExamplesThatParse(t *testing.T) {
	t.Parallel()
	parser, err := newParser(&commands{}, &terminal{Stdout: &bytes.Buffer{}, Stderr: &bytes.Buffer{}}, &settings{}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	for _, leaf := range parser.Model.Leaves(false) {
		_, examples, _ := strings.Cut(leaf.Detail, "Examples:")
		if !strings.Contains(examples, "thingward "+strings.TrimSpace(strings.TrimPrefix(leaf.FullPath(), "thingward"))) {
			t.Errorf("the help of %q has no example of itself", leaf.FullPath())
		}
	}
}
