package portal

import (
	"fmt"
	"strings"

	"github.com/thingward/thingward/internal/domain"
)

// curl writes example commands for this server.
type curl struct{ base string }

func (p *Portal) curl() curl { return curl{base: p.PublicURL} }

// send sends one reading, by form.
func (u curl) send(id, password, sensor string, fields []domain.Field) string {
	return fmt.Sprintf("curl -u %s:%s -d %s \\\n  %s/wotkit/api/sensors/%s/data", id, password, exampleValue(fields), u.base, sensor)
}

// exampleValue names the first field that the sensor has.
func exampleValue(fields []domain.Field) string {
	switch {
	case len(fields) == 0:
		return "value=21.5"
	case fields[0].Type == domain.StringField:
		return shellQuoted(fields[0].Name + "=hello")
	}
	return shellQuoted(fields[0].Name + "=21.5")
}

// plainWords are characters that mean themselves in every shell.
const plainWords = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.="

// shellQuoted makes one word of a text for a shell: people copy the commands
// into theirs, and a field may have been named by a program.
func shellQuoted(text string) string {
	if strings.Trim(text, plainWords) == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// read reads the newest readings.
func (u curl) read(id, password, sensor string) string {
	return fmt.Sprintf("curl -u %s:%s \\\n  '%s/api/v1/sensors/%s/readings?limit=10'", id, password, u.base, sensor)
}

// readPublic reads a public sensor, which needs no key.
func (u curl) readPublic(sensor string) string {
	return fmt.Sprintf("curl '%s/api/v1/sensors/%s/readings?limit=10'", u.base, sensor)
}

// create creates a first sensor.
func (u curl) create(id, password string) string {
	return fmt.Sprintf("curl -u %s:%s -H 'Content-Type: application/json' \\\n"+
		"  -d '{\"name\":\"greenhouse\",\"long_name\":\"Greenhouse\",\"visibility\":\"private\"}' \\\n  %s/api/v1/sensors", id, password, u.base)
}

// whoAmI shows for whom the key acts.
func (u curl) whoAmI(id, password string) string {
	return fmt.Sprintf("curl -u %s:%s %s/api/v1/users/me", id, password, u.base)
}

// forKey chooses an example that a key with the scopes can carry out.
func (u curl) forKey(id, password, user string, scopes domain.ScopeSet) string {
	sensor := user + ".greenhouse"
	for _, scope := range scopes {
		if scope.Thing != "" {
			sensor = scope.Thing
			break
		}
	}
	switch {
	case scopes.CoversSome(domain.ScopeReadingsWrite):
		return u.send(id, password, sensor, nil)
	case scopes.CoversSome(domain.ScopeReadingsRead):
		return u.read(id, password, sensor)
	case scopes.CoversSome(domain.ScopeSensorsWrite):
		return u.create(id, password)
	}
	return u.whoAmI(id, password)
}
