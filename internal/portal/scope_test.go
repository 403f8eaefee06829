package portal

import (
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
