package acceptance

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/thingward/thingward/internal/app"
)

var update = flag.Bool("update", false, "write the golden files; read the diff")

// TestEveryRouteNeedsWhatTheListSays holds the need of every route against a
// list, so that a route that becomes public, or asks for another scope, shows
// as a line in a review.
func TestEveryRouteNeedsWhatTheListSays(t *testing.T) {
	t.Parallel()
	var lines []string
	for _, door := range app.Doors(app.Defaults()) {
		for _, route := range door.Routes {
			method, path, _ := strings.Cut(route.Pattern, " ")
			lines = append(lines, fmt.Sprintf("%-7s %-6s %-60s %s", door.Name, method, path, route.Need))
		}
	}
	slices.Sort(lines)
	golden(t, "routes.txt", strings.Join(lines, "\n")+"\n")
}

// golden compares text with a file of test/golden.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("..", "golden", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v: make it with go test ./test/acceptance -run %s -update", err, t.Name())
	}
	wanted := strings.Split(string(want), "\n")
	for _, line := range strings.Split(got, "\n") {
		if i := slices.Index(wanted, line); i >= 0 {
			wanted = slices.Delete(wanted, i, i+1)
			continue
		}
		t.Errorf("%s: got a line that is not there: %s", name, line)
	}
	for _, line := range wanted {
		t.Errorf("%s: want a line that is gone: %s", name, line)
	}
}
