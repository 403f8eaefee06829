package acceptance

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// person is somebody with an account, signed in with a browser.
type person struct {
	*browser
	name     string
	password string
}

const passwordOf = "a long enough password of "

// signUp makes an account with the portal's form; that signs the person in.
func (s *server) signUp(t testing.TB, name string) person {
	t.Helper()
	p := person{s.browser(t), name, passwordOf + name}
	s.keep(p.password, "the account password of "+name)
	p.open("/sign-up").submit(map[string]string{
		"username": name, "email": name + "@example.org", "new-password": p.password,
	}).want(http.StatusSeeOther)
	p.keepCookie()
	return p
}

// signIn signs in on another browser.
func (s *server) signIn(t testing.TB, name, password string) person {
	t.Helper()
	p := person{s.browser(t), name, password}
	p.open("/login").submit(map[string]string{"username": name, "current-password": password}).want(http.StatusSeeOther)
	p.keepCookie()
	return p
}

var setupCode = regexp.MustCompile(`/setup\S*`)

// administrator opens the setup link that the server printed.
func (s *server) administrator(t testing.TB, name string) person {
	t.Helper()
	p := person{s.browser(t), name, passwordOf + name}
	s.keep(p.password, "the account password of "+name)
	link := setupCode.FindString(s.out.String())
	if link == "" {
		t.Fatalf("no setup link was printed: %s", s.out)
	}
	_, code, _ := strings.Cut(link, "=")
	s.keep(code, "the setup code")
	p.open(link).submit(map[string]string{
		"one-time-code": code, "username": name, "email": name + "@example.org", "new-password": p.password,
	}).want(http.StatusSeeOther)
	p.keepCookie()
	return p
}

func (p person) keepCookie() {
	p.t.Helper()
	request, _ := http.NewRequest("GET", p.s.URL+"/", nil)
	for _, cookie := range p.http.Jar.Cookies(request.URL) {
		p.s.keep(cookie.Value, "the session cookie of "+p.name)
	}
}

// key is a key as the native API shows it.
type key struct {
	ID       string
	Password string
	Scopes   []string
}

// keyOptions are what a key may be made with beside its scopes.
type keyOptions struct {
	ExpiresAt        *time.Time `json:"expires_at,omitempty"`
	AllowedAddresses []string   `json:"allowed_addresses,omitempty"`
}

// makeKey makes a key with the scopes.
func (p person) makeKey(options keyOptions, scopes ...string) key {
	p.t.Helper()
	var k key
	p.post("/api/v1/keys", struct {
		Name   string   `json:"name"`
		Scopes []string `json:"scopes"`
		keyOptions
	}{"made by a story", scopes, options}).want(http.StatusCreated).decode(&k)
	if k.ID == "" || k.Password == "" {
		p.t.Fatalf("got no id and password: %+v", k)
	}
	return k
}

// withKey makes a key and returns a client that has nothing else.
func (p person) withKey(scopes ...string) client {
	p.t.Helper()
	return p.s.use(p.t, p.makeKey(keyOptions{}, scopes...))
}

// use is a client with a key.
func (s *server) use(t testing.TB, k key) client { return s.basic(t, k.ID, k.Password) }

// sensor is a sensor as the native API shows it.
type sensor struct {
	ID       int
	FullName string `json:"full_name"`
}

const (
	private = "private"
	public  = "public"
)

// makeSensor makes a sensor with one number and one text field.
func (c client) makeSensor(name, visibility string) sensor {
	c.t.Helper()
	var made sensor
	c.post("/api/v1/sensors", map[string]any{
		"name": name, "long_name": "Sensor " + name, "description": "made by a story", "visibility": visibility,
		"fields": []map[string]any{
			{"name": "value", "long_name": "Value", "type": "number", "units": "°C"},
			{"name": "note", "long_name": "Note", "type": "string"},
		},
	}).want(http.StatusCreated).decode(&made)
	return made
}

// reading is a reading as the native API shows it.
type reading struct {
	ID     int64
	At     time.Time
	Values map[string]any
}

// readings returns what is stored, newest first.
func (c client) readings(sensorRef string) []reading {
	c.t.Helper()
	var page struct{ Items []reading }
	c.get("/api/v1/sensors/" + sensorRef + "/readings?limit=1000").want(http.StatusOK).decode(&page)
	return page.Items
}
