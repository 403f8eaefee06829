package acceptance

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/thingward/thingward/internal/domain"
)

var userCodeForm = regexp.MustCompile(`^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$`)

// TestDevices holds RFC 8628. That a code expires, and that a pace which was
// not kept stays slower, is held beside the code, where there is a clock to
// move.
func TestDevices(t *testing.T) {
	holdRules(t, []rule{
		{"RFC 8628 §3.1 a public client says who it is, another one proves it", func(t *testing.T, w oauthWorld) {
			display, box := w.display("d1"), w.display("d1-box", appOptions{"public": false})
			display.device()
			box.device()
			box.exchangeless("client_id", box.ID).wantFault(401, "invalid_client")
			display.send("/oauth/device_authorization", "client_id", none).wantFault(401, "invalid_client")
			display.send("/oauth/device_authorization", "client_id", "nobody").wantFault(401, "invalid_client")
			display.send("/oauth/device_authorization", "client_secret", "guessed").wantFault(401, "invalid_client")
			w.web.wait().wantFault(400, "unauthorized_client")
		}},
		{"RFC 8628 §3.1 parameters: unknown ones are ignored, empty ones left out, doubled ones refused", func(t *testing.T, w oauthWorld) {
			display := w.display("d2")
			display.device("unknown", "x", "resource", "")
			display.caller().form("/oauth/device_authorization", "client_id=d2&scope=profile&scope=profile").wantFault(400, "invalid_request")
			display.caller().form("/oauth/device_authorization", "client_id=d2&client_id=d2").wantFault(400, "invalid_request")
			display.caller().get("/oauth/device_authorization?client_id=d2").want(http.StatusMethodNotAllowed)
			display.caller().post("/oauth/device_authorization", map[string]any{"client_id": "d2"}).wantFault(400, "invalid_request")
		}},
		{"RFC 8628 §3.1 a scope beyond the registration is invalid_scope, a resource that is not here invalid_target", func(t *testing.T, w oauthWorld) {
			display := w.display("d3")
			for _, scope := range []string{"email", "account", "admin", "nonsense", "devices.read"} {
				display.wait("scope", scope).wantFault(400, "invalid_scope")
			}
			display.wait("resource", "https://unknown.example").wantFault(400, "invalid_target")
		}},
		{"RFC 8628 §3.2 the answer is JSON, not cached, and has what it must", func(t *testing.T, w oauthWorld) {
			display := w.display("d4")
			got := display.wait().want(http.StatusOK)
			if got.header.Get("Content-Type") != "application/json" || got.header.Get("Cache-Control") != "no-store" || got.header.Get("Access-Control-Allow-Origin") != "*" {
				t.Errorf("got the headers %v", got.header)
			}
			var device waitingDevice
			got.decode(&device)
			w.s.keep(device.DeviceCode, "a device code")
			page := w.s.config.PublicURL + "/device"
			if device.VerificationURI != page || device.Complete != page+"?user_code="+device.UserCode || device.ExpiresIn != 600 || device.Interval != 5 {
				t.Errorf("got %+v", device)
			}
		}},
		{"RFC 8628 §3.2 codes are unique, §5.2 device codes long, §6.1 user codes of letters that are no words", func(t *testing.T, w oauthWorld) {
			display := w.display("d5")
			seen := map[string]bool{}
			for range 10 {
				device := display.device()
				if seen[device.DeviceCode] || seen[device.UserCode] || len(device.DeviceCode) < 43 || !userCodeForm.MatchString(device.UserCode) {
					t.Errorf("got %+v", device)
				}
				seen[device.DeviceCode], seen[device.UserCode] = true, true
			}
		}},
		{"RFC 8628 §3.3 a person signs in first, and comes back with the code", func(t *testing.T, w oauthWorld) {
			device := w.display("d6").device()
			got := w.s.anonymous(t).get("/device?user_code=" + device.UserCode).want(http.StatusSeeOther)
			if to := got.header.Get("Location"); !strings.HasPrefix(to, "/login?") || !strings.Contains(to, url.QueryEscape("/device?user_code="+device.UserCode)) {
				t.Errorf("got sent to %s", to)
			}
		}},
		{"RFC 8628 §3.3.1 a link with the code still asks, and shows the code", func(t *testing.T, w oauthWorld) {
			display := w.display("d7")
			device := display.device()
			for range 2 {
				if got := w.alice.get("/device?user_code=" + strings.ToLower(device.UserCode)).want(http.StatusOK); !got.contains(`value="`+device.UserCode+`"`) || !got.contains("filled in by a link") {
					t.Errorf("got %.600s", got.body)
				}
			}
			display.poll(device).wantFault(400, "authorization_pending")
			w.alice.askedAbout(device.UserCode).says(device.UserCode)
			if got := w.alice.get(`/device?user_code="><script>alert(1)</script>`).want(http.StatusOK); got.contains("<script>alert") || got.contains("filled in") {
				t.Errorf("got %.600s", got.body)
			}
		}},
		{"RFC 8628 §3.4 the request must have a device code, and a client", func(t *testing.T, w oauthWorld) {
			display, box := w.display("d8"), w.display("d8-box", appOptions{"public": false})
			display.poll(waitingDevice{DeviceCode: none}).wantFault(400, "invalid_request")
			device := box.device()
			bare := box
			bare.Secret = ""
			bare.poll(device).wantFault(401, "invalid_client")
			box.poll(device).wantFault(400, "authorization_pending")
			w.web.poll(device).wantFault(400, "unauthorized_client")
		}},
		{"RFC 8628 §3.5 pending, then tokens as RFC 6749 §5.1 has them", func(t *testing.T, w oauthWorld) {
			display, user := w.display("d9"), w.s.signUp(t, "d9-user")
			device := display.device()
			display.poll(device).wantFault(400, "authorization_pending")
			user.lets(device.UserCode, "allow")
			got := display.poll(device)
			if got.header.Get("Cache-Control") != "no-store" || got.header.Get("Pragma") != "no-cache" {
				t.Errorf("got the headers %v", got.header)
			}
			tokens := display.take(got)
			if tokens.Type != "Bearer" || tokens.Expires != 3600 || tokens.Refresh == "" || tokens.Scope != "readings.read offline_access" {
				t.Errorf("got %+v", tokens)
			}
			display.poll(device).wantFault(400, "invalid_grant")
		}},
		{"RFC 8628 §3.5 slow_down", func(t *testing.T, w oauthWorld) {
			display := w.display("d10")
			device := display.device()
			display.poll(device).wantFault(400, "authorization_pending")
			display.poll(device).wantFault(400, "slow_down")
			display.poll(device).wantFault(400, "slow_down")
		}},
		{"RFC 8628 §3.5 access_denied", func(t *testing.T, w oauthWorld) {
			display, user := w.display("d11"), w.s.signUp(t, "d11-user")
			device := display.device()
			user.lets(device.UserCode, "deny")
			display.poll(device).wantFault(400, "access_denied")
			display.poll(device).wantFault(400, "access_denied")
		}},
		{"RFC 8628 §3.5 a code that was never handed out, or is another client's, is invalid_grant", func(t *testing.T, w oauthWorld) {
			display, other := w.display("d12"), w.display("d12-other")
			device := display.device()
			other.poll(device).wantFault(400, "invalid_grant")
			for _, code := range []string{"x", device.UserCode, device.DeviceCode + "x", strings.Replace(device.DeviceCode, "twd_", "two_", 1)} {
				display.poll(waitingDevice{DeviceCode: code}).wantFault(400, "invalid_grant")
			}
			display.poll(device).wantFault(400, "authorization_pending")
		}},
		{"RFC 8628 §4 the metadata tells of it", func(t *testing.T, w oauthWorld) {
			var found struct {
				Endpoint   string   `json:"device_authorization_endpoint"`
				GrantTypes []string `json:"grant_types_supported"`
			}
			w.s.anonymous(t).get("/.well-known/oauth-authorization-server").want(http.StatusOK).decode(&found)
			if found.Endpoint != w.s.config.PublicURL+"/oauth/device_authorization" || !strings.Contains(strings.Join(found.GrantTypes, " "), string(domain.DeviceGrant)) {
				t.Errorf("got %+v", found)
			}
		}},
		{"RFC 8628 §5.4 the question says who asks, from where, and that one must have started it", func(t *testing.T, w oauthWorld) {
			user := w.s.signUp(t, "d14-user")
			device := w.display("d14").device()
			page := user.askedAbout(device.UserCode)
			page.says("App d14", "developer", "not checked", "127.0.0.1", device.UserCode, "Did you start this yourself?", "yours and at hand", "read the data of sensors")
		}},
		{"RFC 8628 §6.1 codes are read in capitals or not, with or without what stands between", func(t *testing.T, w oauthWorld) {
			user := w.s.signUp(t, "d15-user")
			device := w.display("d15").device()
			plain := strings.ReplaceAll(device.UserCode, "-", "")
			for _, typed := range []string{plain, strings.ToLower(plain), " " + strings.ToLower(device.UserCode) + " ", plain[:2] + " " + plain[2:6] + " - " + plain[6:]} {
				user.types(typed).want(http.StatusSeeOther)
			}
			user.types(plain[:7]).want(http.StatusBadRequest)
			user.types(plain + "B").want(http.StatusBadRequest)
		}},
	})
}

// exchangeless sends a device authorization request without the client's
// secret.
func (a oauthApp) exchangeless(pairs ...string) answer {
	a.t.Helper()
	a.Secret = ""
	return a.wait(pairs...)
}
