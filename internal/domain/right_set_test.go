package domain

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func anyRightsOn(t *rapid.T) (Noun, RightSet) {
	noun := rapid.SampledFrom(Nouns()).Draw(t, "noun")
	return noun, SetOf(rapid.SliceOf(rapid.SampledFrom(RightsOn(noun))).Draw(t, "rights")...)
}

func TestRightsAreReadAsTheyArePrinted(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		noun, set := anyRightsOn(t)
		if noun != NounSensor && noun != NounDevice && len(set.List()) == 0 {
			set = 0 // nobody is given seeing alone there, so it has no name
		}
		again, err := ParseRights(noun, strings.Fields(set.PrintRights())...)
		if err != nil || again != set {
			t.Fatalf("%q: got %q (%v)", set.PrintRights(), again.PrintRights(), err)
		}
	})
}

func TestRightSetsAreSets(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		noun, a := anyRightsOn(t)
		b := SetOf(rapid.SliceOf(rapid.SampledFrom(RightsOn(noun))).Draw(t, "others")...)
		within := true
		for _, right := range Rights() {
			within = within && (!a.Has(right) || b.Has(right))
			if got, want := (a | b).Has(right), a.Has(right) || b.Has(right); got != want {
				t.Fatalf("%s in the union: got %t, want %t", right, got, want)
			}
			if got, want := (a &^ b).Has(right), a.Has(right) && !b.Has(right); got != want {
				t.Fatalf("%s in the rest: got %t, want %t", right, got, want)
			}
			if got := OnlyOf(right).Each(); !slices.Equal(got, []Right{right}) {
				t.Fatalf("only %s: got %v", right, got)
			}
		}
		if got := a.Within(b); got != within {
			t.Fatalf("within: got %t, want %t", got, within)
		}
		if a != 0 && !a.Has(SeeRight(noun)) {
			t.Fatalf("who has %q cannot see the %s", a.PrintRights(), noun)
		}
		if !a.Within(AllRights(noun)) {
			t.Fatalf("%q is not among all rights", a.PrintRights())
		}
	})
}

func TestRightsOfOneKindAreNoneOfAnother(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		noun Noun
		name string
		want Right
	}{
		{NounSensor, "read", SensorRead}, {NounSensor, "readings.write", ReadingsWrite}, {NounDevice, "read", DeviceRead},
		{NounApplication, "settings", ApplicationSettings}, {NounApplication, "messages:up:r", MessagesUpRead},
		{NounGateway, "gateway:location", GatewayLocation}, {NounComponent, "component:delete", ComponentDelete},
		{NounDevice, "readings.read", ""}, {NounApplication, "see", ""}, {NounGateway, "settings", ""}, {NounGateway, "see", ""},
		{NounSensor, "sensor/read", ""}, {NounSensor, "", ""}, {NounSensor, "READ", ""}, {NounSensor, " read", ""}, {"thing", "read", ""},
	} {
		got, err := RightNamed(test.noun, test.name)
		if got != test.want || (err != nil) != (test.want == "") || err != nil && CodeOf(err) != "unknown_right" {
			t.Errorf("%s on a %s: got %q, %v, want %q", test.name, test.noun, got, err, test.want)
		}
	}
	if _, err := ParseRights(NounSensor, "read", "settings"); CodeOf(err) != "unknown_right" {
		t.Errorf("got %v, want unknown_right", err)
	}
}

func TestWhoMakesAThingCanDoWhatItTakesToKeepIt(t *testing.T) {
	t.Parallel()
	if got, want := CreatorRights(NounApplication).PrintRights(), "settings delete collaborators devices"; got != want {
		t.Errorf("of an application: got %q, want %q", got, want)
	}
	for _, noun := range Nouns() {
		rights := CreatorRights(noun)
		if !rights.Has(ShareRight(noun)) || !rights.Has(SeeRight(noun)) || !rights.Within(AllRights(noun)) {
			t.Errorf("of a %s: got %q", noun, rights.PrintRights())
		}
		if !rights.Keeps(noun) || !AllRights(noun).Keeps(noun) || (rights &^ OnlyOf(ShareRight(noun))).Keeps(noun) {
			t.Errorf("%s: who can take it over is told wrong", noun)
		}
	}
}

func TestEveryRightHasAScopeOfItsKind(t *testing.T) {
	t.Parallel()
	for _, right := range Rights() {
		scope := ScopeOf(right)
		if scope.ThingNoun() != right.Noun() {
			t.Errorf("%s is carried by %s, which is about a %s", right, scope, scope.ThingNoun())
		}
	}
	if AllRights(NounSensor)&AllRights(NounDevice) != 0 {
		t.Error("rights on different things share a place")
	}
}
