package browser_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// waitingDevice is a device without a browser that asks to be let in.
type waitingDevice struct {
	DeviceCode string `json:"device_code"`
	UserCode   string `json:"user_code"`
	Page       string `json:"verification_uri"`
	Complete   string `json:"verification_uri_complete"`
}

func (b *tab) deviceAsks(client, scope string) waitingDevice {
	b.t.Helper()
	answer, err := http.PostForm(b.server+"/oauth/device_authorization", url.Values{"client_id": {client}, "scope": {scope}})
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	var waiting waitingDevice
	if err := json.NewDecoder(answer.Body).Decode(&waiting); err != nil || waiting.UserCode == "" {
		b.t.Fatalf("the device got %d, %v", answer.StatusCode, err)
	}
	return waiting
}

// polls asks for the device, once, and wants tokens or an error.
func (b *tab) polls(client string, device waitingDevice, want string) {
	b.t.Helper()
	answer, err := http.PostForm(b.server+"/oauth/token", url.Values{"client_id": {client}, "device_code": {device.DeviceCode},
		"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}})
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	var got struct {
		Token string `json:"access_token"`
		Error string
	}
	if err := json.NewDecoder(answer.Body).Decode(&got); err != nil || got.Error != want || (got.Token == "") != (want != "") {
		b.t.Errorf("the device got %d, %q, %v; want %q", answer.StatusCode, got.Error, err, want)
	}
}

// TestAPersonLetsADeviceIn types the code of a display that has no browser:
// with the mouse, by keyboard, without scripts, and from a link.
func TestAPersonLetsADeviceIn(t *testing.T) {
	t.Parallel()
	b := open(t, serve(t).url)
	b.signUp("alice")
	alice := signedIn(t, b.server, "alice")
	for name, long := range map[string]string{"greenhouse": "Greenhouse", "rain-gauge": "Rain gauge"} {
		alice.makes("/api/v1/sensors", map[string]any{"name": name, "long_name": long, "description": "a sensor"})
	}
	alice.register("Hall display", "https://display.example/", map[string]any{"client_id": "hall-display", "public": true, "redirect_uris": []string{},
		"grant_types": []string{"urn:ietf:params:oauth:grant-type:device_code", "refresh_token"}, "scopes": []string{"profile", "sensors.read", "readings.read", "offline_access"}})
	b.signOut()

	const scope = "profile sensors.read readings.read offline_access"
	device := b.deviceAsks("hall-display", scope)
	b.visit("/device")
	b.fill("#name", "alice")
	b.fill("#password", password)
	b.pressButton("Sign in")
	b.sees("Enter the code that your device or program shows")
	b.inspect("device-code")
	b.fill("#user_code", "WDJB-MJHT")
	b.pressButton("Go on")
	b.sees("No device waits with this code for you")
	b.inspect("device-code-refused")
	b.fill("#user_code", " "+device.UserCode[:4]+device.UserCode[5:]+" ")
	b.pressButton("Go on")
	b.sees("Did you start this yourself?")
	b.sees(device.UserCode)
	b.sees("the network that you are in")
	b.inspect("device-consent")
	b.polls("hall-display", device, "authorization_pending")
	b.do(chromedp.Click(chromedp.CSS(`input[name=sensors][value=chosen]`)))
	b.pressButton("Allow")
	b.sees("Choose at least one")
	b.do(chromedp.Click(chromedp.CSS(`input[name=sensor][value="alice.greenhouse"]`)))
	b.pressButton("Allow")
	b.sees("You can go back to your device")
	b.inspect("device-allowed")
	b.polls("hall-display", device, "")

	device = b.deviceAsks("hall-display", scope)
	b.visit("/device?user_code=" + device.UserCode)
	b.sees("The code was filled in by a link")
	b.inspect("device-code-filled")
	b.polls("hall-display", device, "authorization_pending")
	b.tabTo(`main form button`)
	b.key(kb.Enter)
	b.tabTo(`button[value=deny]`)
	b.key(kb.Enter)
	b.sees("The device gets nothing")
	b.inspect("device-denied")
	b.polls("hall-display", device, "access_denied")
	b.clean()

	b.withoutScripts()
	device = b.deviceAsks("hall-display", scope)
	b.visit("/device")
	b.fill("#user_code", device.UserCode)
	b.pressButton("Go on")
	b.press(`input[name=next] + button`) // not you?
	b.fill("#name", "alice")
	b.fill("#password", password)
	b.pressButton("Sign in")
	b.pressButton("Go on")
	b.pressButton("Allow")
	b.sees("You can go back to your device")
	b.polls("hall-display", device, "")
}
