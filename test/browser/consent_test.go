package browser_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// callback is the website of an app: it shows what it was sent.
func callback(t *testing.T) string {
	t.Helper()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><html lang="en"><title>App</title><link rel="icon" href="data:,"><main><p>%s</p><p>referrer %q</p></main></html>`,
			html.EscapeString(r.URL.RawQuery), r.Referer())
	}))
	t.Cleanup(site.Close)
	return site.URL + "/back"
}

// program is somebody who is signed in without a browser, to make what a story
// needs by the native API.
type program struct {
	t      *testing.T
	http   *http.Client
	server string
}

func signedIn(t *testing.T, server, name string) program {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	p := program{t, &http.Client{Jar: jar}, server}
	answer, err := p.http.PostForm(server+"/login", url.Values{"name": {name}, "password": {password}})
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return p
}

// makes creates something through the native API.
func (p program) makes(path string, body map[string]any) {
	p.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		p.t.Fatal(err)
	}
	answer, err := p.http.Post(p.server+path, "application/json", bytes.NewReader(text))
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	if said, _ := io.ReadAll(answer.Body); answer.StatusCode != http.StatusCreated {
		p.t.Fatalf("POST %s: got %d: %s", path, answer.StatusCode, said)
	}
}

// register registers an app with the fields.
func (p program) register(name, back string, fields map[string]any) {
	p.t.Helper()
	body := map[string]any{"kind": "standard", "name": name, "description": "Waters the plants when they are dry.", "redirect_uris": []string{back},
		"website": "https://greenhouse.example/", "privacy_url": "https://greenhouse.example/privacy"}
	maps.Copy(body, fields)
	p.makes("/api/v1/clients", body)
}

func request(endpoint, id, back string, pairs ...string) string {
	query := url.Values{"client_id": {id}, "redirect_uri": {back}, "response_type": {"code"}, "state": {"s=1&t"}}
	for i := 0; i+1 < len(pairs); i += 2 {
		query.Set(pairs[i], pairs[i+1])
	}
	return endpoint + "?" + query.Encode()
}

func (b *tab) signOut() {
	b.t.Helper()
	b.visit("/")
	b.do(chromedp.Click(chromedp.CSS("details.menu > summary")))
	b.press(`form[action="/logout"] button`)
}

// TestAPersonIsAskedWhatAnAppMay goes from the app through sign-in and the
// question back to the app: with the mouse, by keyboard, and without scripts.
func TestAPersonIsAskedWhatAnAppMay(t *testing.T) {
	t.Parallel()
	back := callback(t)
	b := open(t, serve(t).url)
	b.signUp("alice")
	alice := signedIn(t, b.server, "alice")
	for name, long := range map[string]string{"greenhouse": "Greenhouse", "rain-gauge": "Rain gauge", "water-tank": "Water tank"} {
		alice.makes("/api/v1/sensors", map[string]any{"name": name, "long_name": long, "description": "a sensor"})
	}
	alice.makes("/api/v1/devices", map[string]any{"name": "Kitchen clock", "serial_number": "SA170400099900W00BT1"})
	alice.register("Greenhouse app", back, map[string]any{"client_id": "greenhouse-app", "scopes": []string{"profile", "sensors.read", "readings.*", "devices.read", "offline_access"}})
	alice.register("Dial", back, map[string]any{"client_id": "dial", "kind": "lametric", "scopes": []string{"basic", "devices_read", "devices_write"}})
	alice.register("Hub", back, map[string]any{"client_id": "hub", "kind": "wotkit"})
	b.signOut()

	asked := request("/oauth/authorize", "greenhouse-app", back, "scope", "profile sensors.read readings.read readings.write:alice.greenhouse offline_access")
	b.visit(asked)
	b.sees("to continue to Greenhouse app")
	b.inspect("consent-sign-in")
	b.fill("#name", "alice")
	b.fill("#password", password)
	b.pressButton("Sign in")
	b.sees("Greenhouse app asks to act for you")
	b.inspect("consent")
	b.do(chromedp.Click(chromedp.CSS(`input[name=sensors][value=chosen]`)), chromedp.Click(chromedp.CSS(`input[name=sensor][value="alice.greenhouse"]`)),
		chromedp.Click(chromedp.CSS(`input[name=scope][value=profile]`)))
	b.inspect("consent-chosen")
	b.pressButton("Allow")
	b.arrives("code=two_", "state=s%3D1%26t", `referrer ""`)

	b.visit(asked) // the same again
	b.arrives("code=two_")
	b.visit(request("/oauth/authorize", "greenhouse-app", back, "scope", "profile sensors.read devices.read"))
	b.sees("You are connected to this app already")
	b.sees("Anyone with a local key controls the device")
	b.inspect("consent-more")
	b.pressButton("Deny")
	b.arrives("error=access_denied")

	b.visit(request("/oauth/authorize", "greenhouse-app", back, "prompt", "consent"))
	b.sees("It asks for nothing of yours")
	b.inspect("consent-nothing")
	b.visit(request("/lametric/api/v2/oauth2/authorize", "dial", back, "scope", "basic devices_read devices_write"))
	b.inspect("consent-lametric")
	b.tabTo(`button[value=deny]`)
	b.key(kb.Enter)
	b.arrives("error=access_denied")
	b.visit(request("/wotkit/api/oauth/authorize", "hub", back))
	b.inspect("consent-wotkit")
	b.tabTo(`button[value=allow]`)
	b.key(kb.Enter)
	b.arrives("code=two_")

	b.visit(request("/oauth/authorize", "greenhouse-app", "https://evil.example/"))
	b.inspect("consent-not-proven")
	b.clean()

	b.withoutScripts()
	b.visit(request("/wotkit/api/v1/oauth/authorize", "hub", back, "prompt", "consent"))
	b.press(`input[name=next] + button`) // not you?
	b.sees("to continue to Hub")
	b.fill("#name", "alice")
	b.fill("#password", password)
	b.pressButton("Sign in")
	b.do(chromedp.Click(chromedp.CSS(`input[name=sensors][value=chosen]`)), chromedp.Click(chromedp.CSS(`input[name=sensor][value="alice.rain-gauge"]`)))
	b.pressButton("Allow")
	b.arrives("code=two_")
}

// arrives fails the test unless the tab shows the app, which was sent the texts.
func (b *tab) arrives(texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		b.sees(text)
	}
	if here := ask(b, chromedp.Location()); strings.HasPrefix(here, b.server) {
		b.t.Errorf("still at %s", here)
	}
}
