package acceptance

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// act is something that one may want to do with a sensor.
type act struct {
	name                      string
	right                     string // the scope that carries it
	method, path, body, media string
}

// acts are the same five acts at both doors. {s} is the sensor.
var acts = map[string][]act{
	"native": {
		{"see", "sensors.read", "GET", "/api/v1/sensors/{s}", "", ""},
		{"change", "sensors.write", "PATCH", "/api/v1/sensors/{s}", `{"description":"changed"}`, asJSON},
		{"read data", "readings.read", "GET", "/api/v1/sensors/{s}/readings", "", ""},
		{"send data", "readings.write", "POST", "/api/v1/sensors/{s}/readings", `{"values":{"value":1}}`, asJSON},
		{"delete", "sensors.write", "DELETE", "/api/v1/sensors/{s}", "", ""},
	},
	"wotkit": {
		{"see", "sensors.read", "GET", "/wotkit/api/sensors/{s}", "", ""},
		{"change", "sensors.write", "PUT", "/wotkit/api/sensors/{s}", `{"description":"changed"}`, asJSON},
		{"read data", "readings.read", "GET", "/wotkit/api/sensors/{s}/data", "", ""},
		{"send data", "readings.write", "POST", "/wotkit/api/sensors/{s}/data", "value=1", asForm},
		{"delete", "sensors.write", "DELETE", "/wotkit/api/sensors/{s}", "", ""},
	},
}

// who is somebody with a credential.
type who struct {
	name   string
	client func(t *testing.T) client
	// may is what the rule says, worked out apart from guard: everybody sees
	// public things; beyond that the owner, and the administrator who acts as
	// one, within the scopes of the credential.
	entitled bool   // owner or acting administrator
	scope    string // "" all scopes, else the only one
	session  bool
}

// TestTheDecisionIsTheSameAtEveryDoor asks {owner, stranger, administrator,
// anonymous} × {session, key, narrowed key} × five acts × two visibilities ×
// both doors, and compares with the rule.
func TestTheDecisionIsTheSameAtEveryDoor(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		admin := s.administrator(t, "root-admin")
		alice, bob := s.signUp(t, "alice"), s.signUp(t, "bob")
		number, asked := 0, 0
		for _, somebody := range everybody(s, admin, alice, bob) {
			for door, list := range acts {
				if somebody.session && door == "wotkit" {
					continue // that door knows no sessions
				}
				for _, a := range list {
					for _, visibility := range []string{private, public} {
						number++
						asked++
						name := fmt.Sprintf("thing%d", number)
						alice.makeSensor(name, visibility)
						ask(t, somebody, a, "alice."+name, visibility)
					}
				}
			}
		}
		if asked < 150 {
			t.Errorf("only %d questions were asked", asked)
		}
	})
}

func everybody(s *server, admin, alice, bob person) []who {
	const full = "sensors.* readings.*"
	list := []who{
		{name: "anonymous", client: func(t *testing.T) client { return s.anonymous(t) }},
		{name: "the owner's session", client: alice.in, entitled: true, session: true},
		{name: "a stranger's session", client: bob.in, session: true},
		{name: "the administrator's session", client: admin.in, entitled: true, session: true},
	}
	keyOf := func(name string, p person, entitled bool, only, scopes string) {
		c := p.withKey(strings.Fields(scopes)...)
		list = append(list, who{name: name, client: func(t *testing.T) client { return c.in(t) }, entitled: entitled, scope: only})
	}
	keyOf("the owner's key", alice, true, "", full)
	keyOf("a stranger's key", bob, false, "", full)
	keyOf("the administrator's key with admin", admin, true, "", full+" admin")
	keyOf("the administrator's key without admin", admin, false, "", full)
	for _, scope := range []string{"sensors.read", "readings.read", "readings.write", "sensors.write"} {
		keyOf("the owner's key for "+scope, alice, true, scope, scope)
	}
	return list
}

// in returns the person's client for a subtest.
func (p person) in(t *testing.T) client { return p.client.in(t) }

func ask(t *testing.T, w who, a act, sensorRef, visibility string) {
	t.Helper()
	reading := a.right == "sensors.read" || a.right == "readings.read"
	may := w.entitled && (w.scope == "" || w.scope == a.right) || reading && visibility == public
	got := w.client(t).send(a.method, strings.ReplaceAll(a.path, "{s}", sensorRef), a.media, a.body)
	if allowed := got.status < 300; allowed != may {
		t.Errorf("%s: %s a %s sensor (%s): got %d, want allowed: %t: %.200s", w.name, a.name, visibility, got.about, got.status, may, got.body)
	}
	if !may && got.status >= 500 {
		t.Errorf("%s: %s: got %d", w.name, got.about, got.status)
	}
	outsider := !w.entitled && w.name != "anonymous"
	if !may && outsider && visibility == private && got.status != http.StatusNotFound {
		t.Errorf("%s: %s a private sensor (%s): got %d, want 404: its existence is not told", w.name, a.name, got.about, got.status)
	}
}
