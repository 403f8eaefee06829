package acceptance

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// networkLoad is what people and programs do with applications, end devices,
// access keys, collaborators, restricted tokens and devices that wait, beside
// each other. It keeps book of what it was answered and of what it asked
// without an answer, as tokenLoad does.
type networkLoad struct {
	owner person
	login ttnTokens // of ttnctl, restricted and never refreshed

	mu       sync.Mutex
	answers  int
	children []string             // restricted tokens
	chains   []*ttnTokens         // each with its last refresh token
	keys     map[string]heldThing // access keys by name, with their text
	devices  map[string]heldThing // end devices by name
	friends  map[string]heldThing // applications by whether they are shared
	people   []string             // addresses of those who signed up
	waiting  []*heldDevice
}

// heldThing is what is known of a thing: it is there, or not; unsure while a
// change of it was sent and not answered.
type heldThing struct {
	there, unsure bool
	text          string
}

// heldDevice is a device that waits, and the page on which a person is asked.
type heldDevice struct {
	app          oauthApp
	code         waitingDevice
	ask          *question
	said, polled heldThing // there: answered; unsure: sent
	tokens       oauthTokens
}

// try sends JSON, or a form, and returns an error where there is no answer.
func (c client) try(method, path string, body any) (answered, error) {
	var text, kind string
	switch body := body.(type) {
	case url.Values:
		text, kind = body.Encode(), "application/x-www-form-urlencoded"
	case string:
		text, kind = body, "application/json"
	}
	request, err := http.NewRequest(method, c.s.URL+path, strings.NewReader(text))
	if err != nil {
		return answered{}, err
	}
	request.Header = c.header.Clone()
	request.Header.Set("Content-Type", kind)
	response, err := c.http.Do(request)
	if err != nil {
		return answered{}, err
	}
	defer response.Body.Close()
	all, err := io.ReadAll(response.Body)
	return answered{response.StatusCode, response.Header, all}, err
}

// must is try for requests that have one right answer.
func (c client) must(status int, method, path string, body any) (answered, error) {
	a, err := c.try(method, path, body)
	if err == nil && a.status != status {
		err = unexpected{fmt.Sprintf("%s %s: got %d, want %d: %.200s", method, path, a.status, status, a.body)}
	}
	return a, err
}

func (l *networkLoad) note(change func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change()
	l.answers++
}

func (l *networkLoad) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.answers
}

// change sends what makes a thing be there, or not, and notes the answer.
func (l *networkLoad) change(held map[string]heldThing, name string, there bool, send func() (string, error)) error {
	l.mu.Lock()
	before := held[name]
	before.unsure = true
	held[name] = before
	l.mu.Unlock()
	text, err := send()
	if err != nil {
		return err
	}
	l.note(func() { held[name] = heldThing{there: there, text: text} })
	return nil
}

// keyMaker makes access keys and deletes every other one.
func (l *networkLoad) keyMaker() error {
	path := "/api/v1/applications/crash/access-keys"
	for i := 0; ; i++ {
		name := "key-" + itoa(i)
		err := l.change(l.keys, name, true, func() (string, error) {
			a, err := l.owner.must(http.StatusCreated, "POST", path, fmt.Sprintf(`{"name":%q,"rights":["messages:up:r"]}`, name))
			var made accessKey
			if err == nil {
				err = json.Unmarshal(a.body, &made)
			}
			return made.Key, err
		})
		if i%20 != 0 && err == nil {
			text := l.keys[name].text
			err = l.change(l.keys, name, false, func() (string, error) {
				_, err := l.owner.must(http.StatusNoContent, "DELETE", path+"/"+name, nil)
				return text, err
			})
		}
		if err != nil {
			return err
		}
	}
}

// sharer shares applications with bob, and takes that back from every other.
func (l *networkLoad) sharer() error {
	for i := 0; ; i++ {
		name := "shared-" + itoa(i%4)
		path, there := "/api/v1/applications/"+name+"/collaborators/bob", i/4%2 == 0
		err := l.change(l.friends, name, there, func() (string, error) {
			if there {
				_, err := l.owner.must(http.StatusOK, "PUT", path, `{"rights":["devices"]}`)
				return "", err
			}
			_, err := l.owner.must(http.StatusNoContent, "DELETE", path, nil)
			return "", err
		})
		if err != nil {
			return err
		}
	}
}

// newcomer signs people up, to whom a mail is written, as many as are let in at
// once.
func (l *networkLoad) newcomer() error {
	for i := range 24 {
		name := "newcomer-" + itoa(i)
		body := fmt.Sprintf(`{"username":%q,"email":"%s@example.org","password":"%s%s"}`, name, name, passwordOf, name)
		if _, err := l.owner.s.anonymous(l.owner.t).must(http.StatusCreated, "POST", "/ttn/api/v2/users", body); err != nil {
			return err
		}
		l.note(func() { l.people = append(l.people, name+"@example.org") })
	}
	return nil
}

// setter adds end devices, sets every third again and removes every fifth.
func (l *networkLoad) setter(worker int) func() error {
	return func() error {
		for i := 0; ; i++ {
			name := fmt.Sprintf("device-%d-%d", worker, i)
			body := fmt.Sprintf(`{"app_eui":"70B3D57EF0000000","dev_eui":"%02X%014X","app_key":"%032X"}`, worker, i, i+1)
			for _, does := range []struct{ every, status int }{{1, http.StatusOK}, {3, http.StatusOK}, {5, http.StatusNoContent}} {
				if i%does.every != 0 {
					continue
				}
				method := "PUT"
				if does.status == http.StatusNoContent {
					method = "DELETE"
				}
				err := l.change(l.devices, name, method == "PUT", func() (string, error) {
					a, err := l.owner.try(method, "/api/v1/applications/crash/end-devices/"+name, body)
					if err == nil && a.status/100 != 2 {
						err = unexpected{fmt.Sprintf("%s %s: got %d: %.200s", method, name, a.status, a.body)}
					}
					return "", err
				})
				if err != nil {
					return err
				}
			}
		}
	}
}

// restricter restricts the token of ttnctl, and between says yes to devices
// that wait and gets their tokens.
func (l *networkLoad) restricter(waiting []*heldDevice) func() error {
	program := l.owner.s.ttn(l.owner.t, l.login.Access)
	return func() error {
		for i := 0; ; i++ {
			a, err := program.must(http.StatusOK, "POST", "/ttn/users/restrict-token", `{"scope":["apps:crash"]}`)
			var got struct {
				Access string `json:"access_token"`
			}
			if err == nil {
				err = json.Unmarshal(a.body, &got)
			}
			if err == nil {
				l.note(func() { l.children = append(l.children, got.Access) })
			}
			if at := i / 12; err == nil && at < len(waiting) {
				switch i % 12 {
				case 0:
					err = l.sayYes(waiting[at])
				case 6:
					if at%2 == 0 {
						err = l.poll(waiting[at])
					}
				}
			}
			if err != nil {
				return err
			}
		}
	}
}

func (l *networkLoad) sayYes(d *heldDevice) error {
	d.said.unsure = true
	form := url.Values{"decision": {"allow"}}
	for name, values := range d.ask.Values {
		form[name] = values
	}
	_, err := d.ask.who.must(http.StatusSeeOther, "POST", d.ask.action, form)
	if err == nil {
		l.note(func() { d.said = heldThing{there: true} })
	}
	return err
}

func (l *networkLoad) poll(d *heldDevice) error {
	d.polled.unsure = true
	a, err := d.app.caller().must(http.StatusOK, "POST", "/oauth/token", url.Values{"client_id": {d.app.ID},
		"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}, "device_code": {d.code.DeviceCode}})
	if err == nil {
		err = json.Unmarshal(a.body, &d.tokens)
	}
	if err == nil {
		l.note(func() { d.polled = heldThing{there: true} })
	}
	return err
}

// refresher refreshes a signed token again and again.
func (l *networkLoad) refresher(chain *ttnTokens) func() error {
	program := l.owner.s.basic(l.owner.t, "ttnctl", "ttnctl")
	return func() error {
		for {
			a, err := program.must(http.StatusOK, "POST", "/ttn/users/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {chain.Refresh}})
			var got ttnTokens
			if err == nil {
				err = json.Unmarshal(a.body, &got)
			}
			if err != nil {
				return err
			}
			l.note(func() { *chain = got })
		}
	}
}

// work runs all of them until each has met an error.
func (l *networkLoad) work(t *testing.T) (wait func()) {
	acts := []func() error{l.keyMaker, l.sharer, l.newcomer, l.setter(0), l.setter(1), l.setter(2), l.restricter(l.waiting)}
	for _, chain := range l.chains {
		acts = append(acts, l.refresher(chain))
	}
	var group sync.WaitGroup
	for _, act := range acts {
		group.Go(func() {
			if wrong, ok := act().(unexpected); ok {
				t.Error(wrong)
			}
		})
	}
	return group.Wait
}
