package domain

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestParseScope(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{
		"sensors.read": true, "sensors.*": true, "profile": true, "profile.write": true, "admin": true,
		"readings.write:alice.greenhouse": true, "readings.*:#17": true, "applications.messages:my-app": true,
		"": false, "sensors": false, "sensors.": false, "sensors.fly": false, "*": false, "*.read": false, ".read": false,
		"profile.*": false, "profile.": false, "profile.read": false, "profile:alice": false, "admin:x": false, "admin.*": false,
		"sensors.read:": false, "sensors.read:a b": false, "sensors.read:a:b": false, "sensors.read:a,b": false, "sensors.read:ä": false,
		"alerts.read:7": false, "Sensors.read": false, "sensors.read.x": false,
	}
	for text, want := range tests {
		scope, err := ParseScope(text)
		if got := err == nil; got != want {
			t.Errorf("ParseScope(%q): got %v, want accepted %v", text, err, want)
		}
		if err == nil && scope.String() != text {
			t.Errorf("ParseScope(%q) prints as %q", text, scope)
		}
	}
}

func TestParseScopesKeepsOrderAndDropsDoubles(t *testing.T) {
	t.Parallel()
	got, err := ParseScopes("readings.read, sensors.read readings.read\nprofile")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("readings.read sensors.read profile", got.String()); diff != "" {
		t.Error(diff)
	}
}

func TestCovers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		held, need string
		want       bool
	}{
		{"sensors.read", "sensors.read", true},
		{"sensors.read", "sensors.read:#1", true},
		{"sensors.read:#1", "sensors.read", false},
		{"sensors.read:#1", "sensors.read:#2", false},
		{"sensors.*", "sensors.write:#2", true},
		{"sensors.*:#2", "sensors.write:#2", true},
		{"sensors.*:#2", "sensors.write:#3", false},
		{"sensors.*", "readings.read", false},
		{"sensors.read", "sensors.*", false},
		{"profile", "profile.write", false},
		{"admin", "sensors.read", false},
	}
	for _, test := range tests {
		held, need := mustScope(t, test.held), mustScope(t, test.need)
		if got := held.Covers(need); got != test.want {
			t.Errorf("%s covers %s: got %v, want %v", held, need, got, test.want)
		}
	}
}

func mustScope(t *testing.T, text string) Scope {
	t.Helper()
	scope, err := ParseScope(text)
	if err != nil {
		t.Fatal(err)
	}
	return scope
}

// anyScope draws scopes over few things, so that they often meet.
func anyScope() *rapid.Generator[Scope] {
	return rapid.Custom(func(t *rapid.T) Scope {
		rule := rapid.SampledFrom(scopeRules).Draw(t, "rule")
		scope := rule.Scope
		if scope.Verb != "" && scope.Noun != "profile" && rapid.Bool().Draw(t, "every verb") {
			scope.Verb = "*"
		}
		if rule.Things && rapid.Bool().Draw(t, "narrowed") {
			scope = scope.On(rapid.Int64Range(1, 3).Draw(t, "thing"))
		}
		return scope
	})
}

func anyScopes() *rapid.Generator[ScopeSet] {
	return rapid.Map(rapid.SliceOfN(anyScope(), 0, 6), func(list []Scope) ScopeSet { return list })
}

// anyNeed draws what a route can ask for: one verb on one thing.
func anyNeed() *rapid.Generator[Scope] {
	return rapid.Custom(func(t *rapid.T) Scope {
		scope := rapid.SampledFrom(scopeRules).Draw(t, "rule").Scope
		return scope.On(rapid.Int64Range(1, 3).Draw(t, "thing"))
	})
}

func TestPrintedScopesParseToThemselves(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		scope := anyScope().Draw(t, "scope")
		got, err := ParseScope(scope.String())
		if err != nil || got != scope {
			t.Fatalf("%q parses to %v, %v", scope, got, err)
		}
	})
}

func TestIntersectionAllowsWhatBothAllow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b, need := anyScopes().Draw(t, "a"), anyScopes().Draw(t, "b"), anyNeed().Draw(t, "need")
		got := a.Intersect(b).Covers(need)
		want := a.Covers(need) && b.Covers(need)
		if got != want {
			t.Fatalf("(%s) ∩ (%s) = (%s) covers %s: got %v, want %v", a, b, a.Intersect(b), need, got, want)
		}
	})
}

func TestWithinMeansNeverMore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b, need := anyScopes().Draw(t, "a"), anyScopes().Draw(t, "b"), anyNeed().Draw(t, "need")
		if a.Within(b) && a.Covers(need) && !b.Covers(need) {
			t.Fatalf("(%s) is within (%s), but covers %s", a, b, need)
		}
		if !a.Intersect(b).Within(b) {
			t.Fatalf("(%s) ∩ (%s) is not within its second part", a, b)
		}
	})
}

func FuzzParseScope(f *testing.F) {
	for _, rule := range scopeRules {
		f.Add(rule.Scope.String())
		f.Add(rule.Scope.On(7).String())
	}
	f.Add("readings.write:alice.greenhouse")
	f.Fuzz(func(t *testing.T, text string) {
		scope, err := ParseScope(text)
		if err != nil {
			return
		}
		if scope.String() != text {
			t.Errorf("%q prints as %q", text, scope)
		}
		if !scope.Covers(scope) {
			t.Errorf("%q does not cover itself", text)
		}
	})
}
