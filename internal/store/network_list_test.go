package store

import (
	"context"
	"strings"
	"testing"

	"github.com/thingward/thingward/internal/domain"
)

// TestAListOfOnesThingsWalksThroughNobodyElses holds how SQLite finds what a
// user works on: with the things of a million others in the store, a page may
// cost no more than a page.
func TestAListOfOnesThingsWalksThroughNobodyElses(t *testing.T) {
	t.Parallel()
	s := openForTest(t)
	texts := map[string][]any{}
	for _, which := range []domain.Which{domain.Living, domain.WithDeleted, domain.OnlyDeleted} {
		c := gatewayWalk.condition(1, s.walked(which))
		c.add("c.thing_id > ?", 0)
		text, args := gatewayWalk.text(c, 51)
		texts[text] = args
	}
	for text, args := range texts {
		rows, err := s.queryOnce(context.Background(), "EXPLAIN QUERY PLAN "+text, args...)
		plan, err := collect(rows, err, func(r row) (detail string, err error) {
			var number any
			return detail, r.Scan(&number, &number, &number, &detail)
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(plan) == 0 || !strings.Contains(plan[0], "collaborators_by_user (user_id=? AND noun=? AND thing_id>?)") {
			t.Errorf("%s is found by\n%s", text, strings.Join(plan, "\n"))
		}
		if all := strings.Join(plan, "\n"); strings.Contains(all, "SCAN") || strings.Contains(all, "TEMP B-TREE") {
			t.Errorf("%s is found by\n%s", text, all)
		}
	}
	if _, err := s.Gateways(context.Background(), domain.NetworkFilter[domain.GatewayID]{User: 1}, domain.Page{}); err != nil {
		t.Error(err)
	}
}
