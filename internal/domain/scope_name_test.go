package domain

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestScopeNamesOfTheContracts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		kind       ClientKind
		text, want string // want: the scopes, or "!" for refused
	}{
		{StandardClient, "", ""},
		{StandardClient, "sensors.read readings.*:alice.greenhouse sensors.read", "sensors.read readings.*:alice.greenhouse"},
		{StandardClient, "all", "!"},
		{StandardClient, "sensors.read,readings.read", "!"},
		{WotkitClient, "all", "sensors.* readings.* actuators.* alerts.* profile"},
		{WotkitClient, "all all", "sensors.* readings.* actuators.* alerts.* profile"},
		{WotkitClient, "sensors.read", "!"},
		{WotkitClient, "ALL", "!"},
		{WotkitClient, "all:1", "!"},
		{LametricClient, "basic devices_read", "profile email devices.read"},
		{LametricClient, "devices_read basic devices_read", "devices.read profile email"},
		{LametricClient, "basic+devices_read", "!"},
		{LametricClient, "basic  devices_write", "profile email devices.write"},
		{LametricClient, "basic\tdevices_read", "!"},
		{LametricClient, "basic:x", "!"},
		{LametricClient, "profile", "!"},
		{TTNClient, "apps:my-app gateways", "applications.*:my-app gateways.*"},
		{TTNClient, "profile", "profile profile.write"},
		{TTNClient, "profile:x", "!"},
		{TTNClient, "clients:x", "!"},
		{TTNClient, "apps:", "!"},
		{TTNClient, "apps:a:b", "!"},
		{TTNClient, `apps:"`, "!"},
		{LametricClient, strings.Repeat("basic ", 1000), "!"},
	}
	for _, test := range tests {
		names, err := test.kind.ParseScopeNames(test.text)
		got := UnionOf(names).String()
		if err != nil {
			got = "!"
		}
		if got != test.want {
			t.Errorf("%s %.60q: got %q, want %q", test.kind, test.text, got, test.want)
		}
		if err != nil && CodeOf(err) != "invalid_scope" {
			t.Errorf("%s %.60q: got the code %s, want invalid_scope", test.kind, test.text, CodeOf(err))
		}
	}
}

func TestWhatIsAskedForWithoutAScope(t *testing.T) {
	t.Parallel()
	ttn := Client{Kind: TTNClient, Scopes: ScopeSet{ScopeProfile, ScopeProfileWrite, {Noun: "gateways", Verb: "*"}}}
	for _, test := range []struct {
		client Client
		want   string
	}{{Client{Kind: StandardClient, Scopes: EveryScope()}, ""}, {Client{Kind: WotkitClient}, "all"}, {Client{Kind: LametricClient}, "basic"}, {ttn, "profile gateways"}} {
		if got := test.client.DefaultScope(); got != test.want {
			t.Errorf("%s: got %q, want %q", test.client.Kind, got, test.want)
		}
	}
}

func TestNoThirdPartyNameReachesTheAccount(t *testing.T) {
	t.Parallel()
	for _, kind := range ClientKinds() {
		for _, name := range kind.ScopeNames() {
			if name.Scopes.Covers(ScopeAccount) || name.Scopes.Covers(ScopeAdmin) {
				t.Errorf("%s: %q reaches the account", kind, name.Name)
			}
		}
	}
}

func anyKind() *rapid.Generator[ClientKind] { return rapid.SampledFrom(ClientKinds()) }

// Names of a kind, in its own order, print as they were read.
func TestScopeNamesPrintAsTheyAreRead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		kind := anyKind().Draw(t, "kind")
		var words []string
		for _, name := range kind.ScopeNames() {
			if rapid.Bool().Draw(t, name.Name) {
				words = append(words, name.Name)
			}
		}
		text := strings.Join(words, " ")
		names, err := kind.ParseScopeNames(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := kind.PrintScopes(UnionOf(names)); got != text {
			t.Fatalf("%s: %q prints as %q", kind, text, got)
		}
	})
}

// However a set was narrowed, no name is told of which a part is gone whole.
func TestANameIsToldOnlyIfSomethingOfAllItMeansIsLeft(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]ClientKind{WotkitClient, LametricClient, TTNClient}).Draw(t, "kind")
		var whole ScopeSet
		for _, name := range kind.ScopeNames() {
			whole = append(whole, name.Scopes...)
		}
		set := whole.Intersect(anyScopes().Draw(t, "narrowed by"))
		printed, err := kind.ParseScopeNames(kind.PrintScopes(set))
		if err != nil {
			t.Fatal(err)
		}
		for _, scope := range UnionOf(printed) {
			left := slices.ContainsFunc(set, func(s Scope) bool {
				return s.Covers(scope) || kind != TTNClient && Scope{s.Noun, s.Verb, ""}.Covers(scope)
			}) ||
				set.coversEveryVerb(scope)
			if !left {
				t.Fatalf("%s: of (%s) %q is told, but nothing of %s is left", kind, set, printed, scope)
			}
		}
	})
}

// The Things Network's names say which things are left.
func TestNarrowedNamesOfTheThingsNetwork(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"applications.*:a gateways.* applications.*:b": "apps:a apps:b gateways",
		"applications.* applications.*:a":              "apps",
		"applications.devices:a":                       "",
		"applications.read:a applications.write:a applications.devices:a applications.messages:a": "apps:a",
		"profile components.*:router1": "components:router1",
		"profile profile.write clients.read clients.write organizations.*:x gateways.*:g gateways.*:g.": "profile gateways:g gateways:g. clients",
	} {
		set, err := ParseScopes(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := TTNClient.PrintScopes(set); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

func FuzzParseScopeNames(f *testing.F) {
	for i, kind := range ClientKinds() {
		for _, name := range kind.ScopeNames() {
			f.Add(name.Name+" "+name.Name+":x", byte(i))
		}
	}
	f.Fuzz(func(t *testing.T, text string, k byte) {
		kind := ClientKinds()[int(k)%len(ClientKinds())]
		names, err := kind.ParseScopeNames(text)
		if err != nil {
			return
		}
		for _, name := range names {
			again, err := kind.ParseScopeNames(name.Name)
			if err != nil || len(again) != 1 || UnionOf(again).String() != name.Scopes.String() {
				t.Errorf("%s: %q of %q reads as %v, %v", kind, name.Name, text, again, err)
			}
		}
	})
}
