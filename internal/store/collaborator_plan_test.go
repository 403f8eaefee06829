package store

import (
	"context"
	"strings"
	"testing"

	"github.com/thingward/thingward/internal/domain"
)

// planOf returns how SQLite finds what a query asks for, a step in a line.
func planOf(t *testing.T, s *Store, text string, args ...any) []string {
	t.Helper()
	rows, err := s.queryOnce(context.Background(), "EXPLAIN QUERY PLAN "+text, args...)
	steps, err := collect(rows, err, func(r row) (step string, err error) {
		var id, parent, rest int
		return step, r.Scan(&id, &parent, &rest, &step)
	})
	if err != nil {
		t.Fatal(err)
	}
	return steps
}

// Whoever has ten thousand things is asked about one as fast as whoever has
// ten: no look-up walks a table, or all that is somebody's.
func TestWhatIsSomebodysIsFoundByIndex(t *testing.T) {
	t.Parallel()
	s := openForTest(t)
	shared := func(relation domain.SensorRelation) (string, []any) {
		c := &condition{}
		c.selects(domain.SensorFilter{VisibleTo: 1, Given: domain.ReadingsRead, Relation: relation})
		c.add("s.id > ?", 0)
		return "SELECT s.id FROM " + sensorTables + c.where() + " ORDER BY s.id" + c.paged(domain.SensorFilter{Limit: 51}), c.args
	}
	sharedText, sharedArgs := shared(domain.Shared)
	workableText, workableArgs := shared(domain.Workable)
	for name, query := range map[string]struct {
		text string
		args []any
	}{
		"what is given on a thing": {rightsText, []any{"sensor", 1}},
		"a page of devices":        {devicesText, []any{1, 0, 51}},
		"shared sensors":           {sharedText, sharedArgs},
		"own and shared sensors":   {workableText, workableArgs},
	} {
		plan := planOf(t, s, query.text, query.args...)
		for _, step := range plan {
			if strings.Contains(step, "(rowid>?)") {
				t.Errorf("%s: all from the cursor on is walked\n\t%s", name, strings.Join(plan, "\n\t"))
			}
			if step == "MULTI-INDEX OR" {
				t.Errorf("%s: all that is somebody's is read, to be sorted\n\t%s", name, strings.Join(plan, "\n\t"))
			}
			// What was found by index already may be walked: it is no table.
			if walked, ok := strings.CutPrefix(step, "SCAN "); ok && walked != "p" && walked != "mine" && walked != "shared" && walked != "CONSTANT ROW" {
				t.Errorf("%s: %s\n\t%s", name, step, strings.Join(plan, "\n\t"))
			}
		}
	}
}
