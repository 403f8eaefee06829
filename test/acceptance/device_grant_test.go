package acceptance

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/thingward/thingward/internal/domain"
)

// deviceOptions are those of an app for what has no browser.
var deviceOptions = appOptions{"public": true, "redirect_uris": []string{}, "grant_types": []string{string(domain.DeviceGrant), "refresh_token"}}

// display registers an app for what has no browser.
func (w oauthWorld) display(id string, options ...appOptions) oauthApp {
	w.developer.t.Helper()
	return w.developer.registerApp(id, append([]appOptions{deviceOptions}, options...)...)
}

// waitingDevice is what a device is told that begins to wait (RFC 8628 §3.2).
type waitingDevice struct {
	DeviceCode      string  `json:"device_code"`
	UserCode        string  `json:"user_code"`
	VerificationURI string  `json:"verification_uri"`
	Complete        string  `json:"verification_uri_complete"`
	ExpiresIn       float64 `json:"expires_in"`
	Interval        float64
}

// wait sends a device authorization request; the usual one, with other
// parameters where the story has them.
func (a oauthApp) wait(pairs ...string) answer {
	a.t.Helper()
	return a.send("/oauth/device_authorization", append([]string{"scope", "readings.read offline_access"}, pairs...)...)
}

// device is a device of the app that waits.
func (a oauthApp) device(pairs ...string) waitingDevice {
	a.t.Helper()
	var device waitingDevice
	a.wait(pairs...).want(http.StatusOK).decode(&device)
	if device.DeviceCode == "" || device.UserCode == "" {
		a.t.Fatalf("got %+v", device)
	}
	a.s.keep(device.DeviceCode, "a device code")
	a.s.keep(device.UserCode, "a user code")
	return device
}

// poll asks for the tokens of a device.
func (a oauthApp) poll(device waitingDevice, pairs ...string) answer {
	a.t.Helper()
	return a.exchange(append([]string{"grant_type", string(domain.DeviceGrant), "device_code", device.DeviceCode}, pairs...)...)
}

// types enters a user code on the page and returns what comes back as it is.
func (p person) types(code string) answer {
	p.t.Helper()
	return p.open("/device").submit(map[string]string{"user_code": code})
}

// askedAbout enters a user code and wants to be asked about the device.
func (p person) askedAbout(code string) *question {
	p.t.Helper()
	entered := p.types(code).want(http.StatusSeeOther)
	return p.questionIn(p.get(p.local(entered.header.Get("Location"))).want(http.StatusOK))
}

// lets allows or denies a device, and wants to be told so.
func (p person) lets(code, decision string) {
	p.t.Helper()
	p.askedAbout(code).post(decision).want(http.StatusSeeOther).wantLocation(map[string]string{"allow": "/device/allowed", "deny": "/device/denied"}[decision])
}

func (a answer) wantLocation(want string) answer {
	a.t.Helper()
	if got := a.header.Get("Location"); got != want {
		a.t.Fatalf("%s: got sent to %q, want %q", a.about, got, want)
	}
	return a
}

// TestADisplayIsLetIn is the whole way, narrowed to one sensor and for a time.
func TestADisplayIsLetIn(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		w := newOAuthWorld(t, s)
		w.alice.makeSensor("cellar", private)
		display := w.display("display")
		device := display.device()
		display.poll(device).wantFault(400, "authorization_pending")
		link, err := url.Parse(device.Complete)
		if err != nil {
			t.Fatal(err)
		}
		w.alice.open(link.RequestURI()).page = nil
		asked := w.alice.askedAbout(device.UserCode).says("App display asks to act for you", "developer", device.UserCode, "127.0.0.1", "Did you start this yourself?")
		asked.choose("sensors", "chosen").choose("sensor", "alice.greenhouse").choose("expiry", "1d").choose("label", "Hall")
		asked.post("allow").want(http.StatusSeeOther).wantLocation("/device/allowed")
		w.alice.get("/device/allowed").want(http.StatusOK)
		tokens := display.take(display.poll(device))
		c := s.bearer(t, tokens.Access)
		c.get("/api/v1/sensors/alice.greenhouse/readings").want(http.StatusOK)
		c.get("/api/v1/sensors/alice.cellar/readings").want(http.StatusNotFound)
		if tokens.Scope != "readings.read:alice.greenhouse offline_access" && tokens.Scope != "offline_access readings.read:alice.greenhouse" {
			t.Errorf("got the scope %q", tokens.Scope)
		}
		next := display.take(display.refresh(tokens.Refresh))
		s.bearer(t, next.Access).get("/api/v1/sensors/alice.greenhouse/readings").want(http.StatusOK)
		connections := w.alice.connections()
		found := false
		for _, c := range connections {
			found = found || c.Name == "Hall"
		}
		if !found {
			t.Errorf("got the connections %+v, want one called Hall", connections)
		}
		if got := w.alice.get("/settings/audit").want(http.StatusOK); !got.contains("display") {
			t.Error("the audit does not name the app")
		}
	})
}

// TestADeviceOfARequestedAppIsForItsTesters: nobody else is asked.
func TestADeviceOfARequestedAppIsForItsTesters(t *testing.T) {
	t.Parallel()
	s := start(t, askFirst)
	w := newOAuthWorld(t, s)
	bob := s.signUp(t, "bob")
	display := w.display("display", appOptions{"testers": []string{"bob"}})
	device := display.device()
	if got := w.alice.types(device.UserCode).want(http.StatusBadRequest); !got.contains("No device waits with this code for you") {
		t.Errorf("a stranger reads %.300s", got.body)
	}
	bob.askedAbout(device.UserCode).says("waits for the approval of an administrator")
	bob.lets(device.UserCode, "allow")
	display.take(display.poll(device))
}
