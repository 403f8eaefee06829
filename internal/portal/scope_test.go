package portal

import (
	"slices"
	"testing"

	"github.com/thingward/thingward/internal/domain"
)

func TestChosenSensorsNarrowNothingButSensors(t *testing.T) {
	t.Parallel()
	got := narrowed(domain.ScopeSet{domain.ScopeReadingsRead, domain.ScopeDevicesRead, domain.ScopeProfile}, []string{"a.b", "a.c"})
	if want := "readings.read:a.b readings.read:a.c devices.read profile"; got.String() != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEveryRightHasWords(t *testing.T) {
	t.Parallel()
	for _, right := range domain.Rights() {
		if rightWords[right] == "" {
			t.Errorf("nothing says what a use of %s was", right)
		}
	}
}

func TestTheProfileOfTheThingsNetworkHasTheAddress(t *testing.T) {
	t.Parallel()
	profile := domain.ScopeSet{domain.ScopeProfile, domain.ScopeProfileWrite}
	want := "see your e-mail address"
	if got := clientWords(domain.TTNClient, profile); !slices.Contains(got, want) {
		t.Errorf("an app of The Things Network: got %q, want %q among it", got, want)
	}
	if got := clientWords(domain.StandardClient, profile); slices.Contains(got, want) {
		t.Errorf("a standard app: got %q, want no %q", got, want)
	}
	if got := clientWords(domain.TTNClient, domain.ScopeSet{{Noun: "applications", Verb: "*"}}); slices.Contains(got, want) {
		t.Errorf("without profile: got %q, want no %q", got, want)
	}
}
