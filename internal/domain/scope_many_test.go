package domain

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// onMany is what a person allows who chooses each of n sensors for every
// scope about sensors.
func onMany(n int64) ScopeSet {
	var set ScopeSet
	for _, head := range []Scope{ScopeSensorsRead, ScopeSensorsWrite, ScopeReadingsRead, ScopeReadingsWrite, {Noun: "actuators", Verb: "read"}, {Noun: "actuators", Verb: "write"}} {
		for id := int64(1); id <= n; id++ {
			set = append(set, head.On(id))
		}
	}
	return set
}

// TestManyScopesCostLittle: what a token may do is asked at every use of it,
// so nobody may make that slow for everybody by choosing a thousand things.
func TestManyScopesCostLittle(t *testing.T) {
	t.Parallel()
	granted := onMany(1000)
	token := granted[1:]
	narrowed := slices.Concat(granted[:100], granted[101:])
	begun := time.Now()
	for range 20 {
		if !token.Within(granted) || narrowed.Within(token) {
			t.Fatal("within is wrong")
		}
		if n := len(token.Intersect(narrowed)); n != len(granted)-2 {
			t.Fatalf("in both: got %d", n)
		}
		if n := len(granted.ThingIDs(NounSensor)); n != 1000 {
			t.Fatalf("things: got %d", n)
		}
		if parsed, err := ParseScopes(granted.String()); err != nil || len(parsed) != len(granted) {
			t.Fatalf("parsed: got %d, %v", len(parsed), err)
		}
	}
	if took := time.Since(begun); took > 5*time.Second { // it is under one; walking each list for each scope takes twelve
		t.Errorf("20 rounds took %s", took)
	}
}

// TestLongSetsAreLikeShortOnes: the index finds what walking finds.
func TestLongSetsAreLikeShortOnes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyScopes().Draw(t, "a"), anyScopes().Draw(t, "b")
		if got, want := a.withinMany(b), a.Within(b); got != want {
			t.Fatalf("(%s) within (%s): got %v, want %v", a, b, got, want)
		}
		got, want := a.intersectMany(b), a.Intersect(b)
		if !got.Within(want) || !want.Within(got) {
			t.Fatalf("(%s) ∩ (%s): got %s, want %s", a, b, got, want)
		}
	})
}

func TestListsWithoutDoubles(t *testing.T) {
	t.Parallel()
	var list unique[string]
	for round := range 2 {
		for i := range 3 * many {
			list.add(fmt.Sprint(i))
		}
		if len(list.list) != 3*many || list.list[0] != "0" || list.list[3*many-1] != fmt.Sprint(3*many-1) {
			t.Errorf("round %d: got %v", round, list.list)
		}
	}
}
