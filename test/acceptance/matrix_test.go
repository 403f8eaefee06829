package acceptance

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// act is something that one may want to do with a thing.
type act struct {
	name                      string
	right                     string // which the user must have; empty: any will do
	scopes                    string // all of which the credential must hold
	public                    bool   // everybody may where the thing is public
	method, path, body, media string // {s} is the thing
}

// kind is a kind of things, with what can be done with one at which door. The
// last act at a door may end the thing.
type kind struct {
	noun         string
	rights       map[string]string // what a collaborator can be given → the scope that carries it
	see          string            // the scope that sees it
	visibilities []string
	acts         map[string][]act
	make         func(p person, name, visibility string) (ref string)
}

// kinds are what the matrix asks about: whoever adds a kind of things adds it
// here.
func kinds() []kind { return []kind{sensors, devices, applications, gateways, components} }

var sensors = kind{
	noun: "sensor", see: "sensors.read", visibilities: []string{private, public},
	rights: map[string]string{"read": "sensors.read", "write": "sensors.write", "delete": "sensors.write", "share": "sensors.write",
		"readings.read": "readings.read", "readings.write": "readings.write"},
	acts: map[string][]act{
		"native": {
			{"see", "", "sensors.read", true, "GET", "/api/v1/sensors/{s}", "", ""},
			{"change", "write", "sensors.write", false, "PATCH", "/api/v1/sensors/{s}", `{"description":"changed"}`, asJSON},
			{"read data", "readings.read", "readings.read", true, "GET", "/api/v1/sensors/{s}/readings", "", ""},
			{"send data", "readings.write", "readings.write", false, "POST", "/api/v1/sensors/{s}/readings", `{"values":{"value":1}}`, asJSON},
			{"see its people", "", "sensors.read", false, "GET", "/api/v1/sensors/{s}/collaborators", "", ""},
			{"share", "share", "sensors.read sensors.write", false, "PUT", "/api/v1/sensors/{s}/collaborators/dave", `{"rights":["share"]}`, asJSON},
			{"delete", "delete", "sensors.write", false, "DELETE", "/api/v1/sensors/{s}", "", ""},
		},
		"wotkit": {
			{"see", "", "sensors.read", true, "GET", "/wotkit/api/sensors/{s}", "", ""},
			{"change", "write", "sensors.write", false, "PUT", "/wotkit/api/sensors/{s}", `{"description":"changed"}`, asJSON},
			{"read data", "readings.read", "readings.read", true, "GET", "/wotkit/api/sensors/{s}/data", "", ""},
			{"send data", "readings.write", "readings.write", false, "POST", "/wotkit/api/sensors/{s}/data", "value=1", asForm},
			{"delete", "delete", "sensors.write", false, "DELETE", "/wotkit/api/sensors/{s}", "", ""},
		},
	},
	make: func(p person, name, visibility string) string { return p.makeSensor(name, visibility).FullName },
}

var devices = kind{
	noun: "device", see: "devices.read", visibilities: []string{private},
	rights: map[string]string{"read": "devices.read", "write": "devices.write", "delete": "devices.write", "share": "devices.write"},
	acts: map[string][]act{
		"native": {
			{"see", "", "devices.read", false, "GET", "/api/v1/devices/{s}", "", ""},
			{"change", "write", "devices.write", false, "PATCH", "/api/v1/devices/{s}", `{"name":"changed"}`, asJSON},
			{"make a LAN key", "write", "devices.read devices.write", false, "POST", "/api/v1/devices/{s}/rotate-lan-key", "", ""},
			{"see its people", "", "devices.read", false, "GET", "/api/v1/devices/{s}/collaborators", "", ""},
			{"share", "share", "devices.read devices.write", false, "PUT", "/api/v1/devices/{s}/collaborators/dave", `{"rights":["share"]}`, asJSON},
			{"delete", "delete", "devices.write", false, "DELETE", "/api/v1/devices/{s}", "", ""},
		},
		"lametric": {
			{"see", "", "devices.read", false, "GET", "/lametric/api/v2/users/me/devices/{s}", "", ""},
			{"change", "write", "devices.write", false, "PUT", "/lametric/api/v2/users/me/devices/{s}", `{"name":"changed"}`, asJSON},
		},
	},
	make: func(p person, name, _ string) string { return itoa(p.makeDevice(name, "SA"+name).ID) },
}

var applications = kind{
	noun: "application", see: "applications.read", visibilities: []string{private},
	rights: map[string]string{"settings": "applications.write", "delete": "applications.write", "collaborators": "applications.write", "devices": "applications.devices"},
	acts: map[string][]act{
		"native": {
			{"see", "", "applications.read", false, "GET", "/api/v1/applications/{s}", "", ""},
			{"change", "settings", "applications.write", false, "PATCH", "/api/v1/applications/{s}", `{"description":"changed"}`, asJSON},
			{"see its end devices", "devices", "applications.devices", false, "GET", "/api/v1/applications/{s}/end-devices", "", ""},
			{"see its people", "", "applications.read", false, "GET", "/api/v1/applications/{s}/collaborators", "", ""},
			{"share", "collaborators", "applications.read applications.write", false, "PUT", "/api/v1/applications/{s}/collaborators/dave", `{"rights":["collaborators"]}`, asJSON},
			{"delete", "delete", "applications.write", false, "DELETE", "/api/v1/applications/{s}", "", ""},
		},
		"access key": {
			{"see", "", "", false, "GET", "/ttn/api/v2/applications/{s}", "", ""},
			{"see what it may do", "", "", false, "GET", "/ttn/api/v2/applications/{s}/rights", "", ""},
			{"change", "settings", "", false, "PATCH", "/ttn/api/v2/applications/{s}", `{"name":"changed"}`, asJSON},
			{"delete", "delete", "", false, "DELETE", "/ttn/api/v2/applications/{s}", "", ""},
		},
	},
	make: func(p person, name, _ string) string {
		made := p.makeApplication(name)
		p.put("/api/v1/applications/"+made.ID+"/registration", nil)
		return made.ID
	},
}

var gateways = kind{
	noun: "gateway", see: "gateways.read", visibilities: []string{private, public},
	rights: map[string]string{"gateway:settings": "gateways.write", "gateway:delete": "gateways.write", "gateway:collaborators": "gateways.write", "gateway:location": "gateways.read"},
	acts: map[string][]act{"native": {
		{"see", "", "gateways.read", true, "GET", "/api/v1/gateways/{s}", "", ""},
		{"change", "gateway:settings", "gateways.write", false, "PATCH", "/api/v1/gateways/{s}", `{"auto_update":true}`, asJSON},
		{"see its people", "", "gateways.read", false, "GET", "/api/v1/gateways/{s}/collaborators", "", ""},
		{"share", "gateway:collaborators", "gateways.read gateways.write", false, "PUT", "/api/v1/gateways/{s}/collaborators/dave", `{"rights":["gateway:collaborators"]}`, asJSON},
		{"delete", "gateway:delete", "gateways.write", false, "DELETE", "/api/v1/gateways/{s}", "", ""},
	}},
	make: func(p person, name, visibility string) string {
		made := p.makeGateway(name)
		if visibility == public {
			p.patch("/api/v1/gateways/"+made.ID, map[string]any{"location_public": true}).want(http.StatusOK)
		}
		return made.ID
	},
}

var components = kind{
	noun: "component", see: "components.read", visibilities: []string{private},
	rights: map[string]string{"component:settings": "components.write", "component:delete": "components.write", "component:collaborators": "components.write"},
	acts: map[string][]act{"native": {
		{"see", "", "components.read", false, "GET", "/api/v1/components/{s}", "", ""},
		{"see its people", "", "components.read", false, "GET", "/api/v1/components/{s}/collaborators", "", ""},
		{"share", "component:collaborators", "components.read components.write", false, "PUT", "/api/v1/components/{s}/collaborators/dave", `{"rights":["component:collaborators"]}`, asJSON},
		{"delete", "component:delete", "components.write", false, "DELETE", "/api/v1/components/{s}", "", ""},
	}},
	make: func(p person, name, _ string) string {
		p.post("/api/v1/components", map[string]any{"kind": "handler", "id": name}).want(http.StatusCreated)
		return name
	},
}

// allScopes are what a credential for all that can be done with the kind holds.
func (k kind) allScopes() []string {
	scopes := []string{k.see}
	for _, scope := range k.rights {
		scopes = append(scopes, scope)
	}
	slices.Sort(scopes)
	return slices.Compact(scopes)
}

// who is somebody with a credential. What he may do is worked out apart from
// guard: his rights on the thing, and the scopes that he came with.
type who struct {
	name    string
	client  func(t *testing.T, ref string) client // for one thing
	all     bool                                  // owner or acting administrator
	right   string                                // of a collaborator
	scopes  []string                              // of the credential
	session bool
	key     bool // an access key
}

// may is the rule (ARCHITECTURE.md, The one decision).
func (w who) may(a act, visibility string) bool {
	if a.public && visibility == public && !w.key {
		return true
	}
	for scope := range strings.FieldsSeq(a.scopes) {
		if !w.key && !slices.Contains(w.scopes, scope) {
			return false
		}
	}
	return w.all || w.right != "" && (a.right == "" || a.right == w.right)
}

// usesNothing reports whether he comes with a scope for none of his rights:
// then a private thing is not there for him.
func (w who) usesNothing(k kind) bool {
	if w.key || w.all && len(w.scopes) > 0 {
		return false
	}
	return w.right == "" || !slices.Contains(w.scopes, k.see) && !slices.Contains(w.scopes, k.rights[w.right])
}

// TestTheDecisionIsTheSameAtEveryDoor asks {owner, collaborator with each
// right, stranger, administrator, nobody} × {session, key, narrowed key, token,
// restricted token, access key} × acts × visibilities × doors, for every kind
// of things, and compares with the rule.
func TestTheDecisionIsTheSameAtEveryDoor(t *testing.T) {
	for _, k := range kinds() {
		t.Run(k.noun, func(t *testing.T) {
			eachStore(t, func(t *testing.T, s *server) {
				if asked := newMatrix(s, t, k).ask(t); asked < 60 {
					t.Errorf("only %d questions were asked", asked)
				}
			})
		})
	}
}

// matrix asks about things of one kind, which are all alice's.
type matrix struct {
	kind
	s                        *server
	admin, alice, carol, bob person
	app                      oauthApp
	elsewhere                string // a thing of carol's own
	made                     int
}

func newMatrix(s *server, t *testing.T, k kind) *matrix {
	m := &matrix{kind: k, s: s, admin: s.administrator(t, "root-admin"), alice: s.signUp(t, "alice"), carol: s.signUp(t, "carol"), bob: s.signUp(t, "bob")}
	s.signUp(t, "dave")
	m.app = m.bob.registerApp("things", appOptions{"scopes": append(k.allScopes(), "offline_access")})
	m.elsewhere = k.make(m.carol, "elsewhere", private)
	return m
}

func (m *matrix) ask(t *testing.T) (asked int) {
	for _, somebody := range m.everybody(t) {
		for door, acts := range m.acts {
			if somebody.session && door != "native" || somebody.key != (door == "access key") {
				continue // other doors know no sessions; and only one knows access keys
			}
			for _, visibility := range m.visibilities {
				asked += m.askAbout(t, somebody, acts, visibility)
			}
		}
	}
	return asked
}

// askAbout makes a thing of its own for all the acts of somebody.
func (m *matrix) askAbout(t *testing.T, w who, acts []act, visibility string) int {
	t.Helper()
	m.made++
	ref := m.make(m.alice, fmt.Sprintf("thing%d", m.made), visibility)
	if w.right != "" && !w.key {
		path := "/api/v1/" + m.noun + "s/" + ref + "/collaborators/carol"
		m.alice.put(path, map[string]any{"rights": []string{w.right}}).want(http.StatusOK)
	}
	c := w.client(t, ref)
	for _, a := range acts {
		may := w.may(a, visibility)
		got := c.send(a.method, strings.ReplaceAll(a.path, "{s}", ref), a.media, a.body)
		if allowed := got.status < 300; allowed != may {
			t.Errorf("%s: %s a %s %s (%s): got %d, want allowed: %t: %.200s", w.name, a.name, visibility, m.noun, got.about, got.status, may, got.body)
		}
		if got.status >= 500 {
			t.Errorf("%s: %s: got %d", w.name, got.about, got.status)
		}
		hidden := !may && visibility == private && w.name != "nobody" && w.usesNothing(m.kind) && slices.Contains(w.scopes, strings.Fields(a.scopes + " -")[0])
		if hidden && got.status != http.StatusNotFound {
			t.Errorf("%s: %s a private %s (%s): got %d, want 404: its existence is not told", w.name, a.name, m.noun, got.about, got.status)
		}
	}
	return len(acts)
}

func (m *matrix) everybody(t *testing.T) []who {
	all := m.allScopes()
	list := []who{{name: "nobody", client: func(t *testing.T, _ string) client { return m.s.anonymous(t) }}}
	list = append(list, m.credentials("the owner", m.alice, who{all: true})...)
	list = append(list, m.credentials("a stranger", m.bob, who{})...)
	list = append(list, who{name: "the administrator's session", client: m.sessionOf(m.admin), all: true, scopes: all, session: true},
		m.keyOf("the administrator's key with admin", m.admin, who{all: true}, append([]string{"admin"}, all...)...),
		m.keyOf("the administrator's key without admin", m.admin, who{}, all...),
		m.tokenOf("the administrator's token", m.admin, who{}))
	for _, scope := range all {
		list = append(list, m.keyOf("the owner's key for "+scope, m.alice, who{all: true}, scope))
	}
	for right := range m.rights {
		list = append(list, m.credentials("a collaborator with "+right, m.carol, who{right: right})...)
		if m.acts["access key"] != nil {
			list = append(list, m.accessKeyOf(right))
		}
	}
	return append(list, m.elsewhereToken(t))
}

// credentials are all kinds of them that hold all scopes.
func (m *matrix) credentials(name string, p person, is who) []who {
	session := is
	session.name, session.client, session.scopes, session.session = name+"'s session", m.sessionOf(p), m.allScopes(), true
	list := []who{session, m.keyOf(name+"'s key", p, is, m.allScopes()...), m.tokenOf(name+"'s token", p, is)}
	if is.all || is.right != "" {
		list = append(list, m.restrictedOf(name+"'s restricted token", p, is))
	}
	return list
}

func (m *matrix) sessionOf(p person) func(*testing.T, string) client {
	return func(t *testing.T, _ string) client { return p.client.in(t) }
}

func (m *matrix) keyOf(name string, p person, is who, scopes ...string) who {
	c := p.withKey(scopes...)
	is.name, is.scopes = name, scopes
	is.client = func(t *testing.T, _ string) client { return c.in(t) }
	return is
}

func (m *matrix) token(p person) string {
	return m.app.tokens(p, "scope", strings.Join(m.allScopes(), " ")+" offline_access").Access
}

func (m *matrix) tokenOf(name string, p person, is who) who {
	token := m.token(p)
	is.name, is.scopes = name, m.allScopes()
	is.client = func(t *testing.T, _ string) client { return m.s.bearer(t, token) }
	return is
}

// restrictedOf narrows a token to the thing, and to what its user can do with
// it.
func (m *matrix) restrictedOf(name string, p person, is who) who {
	token := m.token(p)
	is.name, is.scopes = name, m.allScopes()
	if is.right != "" {
		is.scopes = []string{m.see, m.kind.rights[is.right]}
	}
	is.client = func(t *testing.T, ref string) client { return m.s.bearer(t, m.restrict(t, token, is.scopes, ref)) }
	return is
}

// restrict exchanges a token for one that is narrowed to a thing (RFC 8693).
func (m *matrix) restrict(t *testing.T, token string, scopes []string, ref string) string {
	t.Helper()
	narrow := []string{}
	for _, scope := range scopes {
		narrow = append(narrow, scope+":"+ref)
	}
	app := m.app.in(t)
	return app.take(app.exchange("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange", "subject_token", token,
		"subject_token_type", "urn:ietf:params:oauth:token-type:access_token", "scope", strings.Join(slices.Compact(narrow), " "))).Access
}

// elsewhereToken is carol's, narrowed to another thing than that on which she
// works.
func (m *matrix) elsewhereToken(t *testing.T) who {
	token := m.restrict(t, m.token(m.carol), m.allScopes(), m.elsewhere)
	return who{name: "a collaborator's token for another thing", client: func(t *testing.T, ref string) client {
		path := "/api/v1/" + m.noun + "s/" + ref + "/collaborators/carol"
		m.alice.put(path, map[string]any{"rights": slices.Sorted(maps.Keys(m.rights))}).want(http.StatusOK)
		return m.s.bearer(t, token)
	}}
}

// accessKeyOf is an access key of the thing.
func (m *matrix) accessKeyOf(right string) who {
	return who{name: "an access key with " + right, right: right, key: true, client: func(t *testing.T, ref string) client {
		return m.s.withAccessKey(t, m.alice.makeAccessKey(ref, "made by a story", right).Key)
	}}
}
