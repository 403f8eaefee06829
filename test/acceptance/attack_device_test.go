package acceptance

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// TestAUserCodeIsGuessed: Mallory has an account and tries codes until one is
// some device's, to let it act for him. He has a handful of tries, and then
// one now and then; Alice types hers meanwhile (RFC 8628 §5.1).
func TestAUserCodeIsGuessed(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		w := newOAuthWorld(t, s)
		mallory := s.signUp(t, "mallory")
		display := w.display("display")
		device := display.device()
		tries := 0
		for ; tries < 100; tries++ {
			got := mallory.types("BCDF-GHJK")
			if got.status == http.StatusTooManyRequests {
				if got.header.Get("Retry-After") == "" {
					t.Error("he is not told when to come again")
				}
				break
			}
			if got.want(http.StatusBadRequest); !got.contains("No device waits with this code for you") {
				t.Fatalf("got %.300s", got.body)
			}
		}
		if tries > 12 {
			t.Errorf("he had %d tries", tries)
		}
		mallory.types(device.UserCode).want(http.StatusTooManyRequests) // even if he guessed right now
		display.poll(device).wantFault(400, "authorization_pending")
		w.alice.lets(device.UserCode, "allow")
		display.take(display.poll(device))
	})
}

// TestADeviceCodeIsPolledTooFast: a program that does not wait is told to slow
// down, again and again, and nobody waits for it but its own person.
func TestADeviceCodeIsPolledTooFast(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		w := newOAuthWorld(t, s)
		display := w.display("display")
		hasty, patient := display.device(), display.device()
		display.poll(hasty).wantFault(400, "authorization_pending")
		for range 40 {
			display.poll(hasty).wantFault(400, "slow_down")
		}
		display.poll(patient).wantFault(400, "authorization_pending")
		w.alice.lets(hasty.UserCode, "allow")
		display.take(display.poll(hasty))
	})
}

// TestADeviceCodeIsOfNoUseToAnother app: neither does it get what Alice
// allowed, nor does it spoil that.
func TestADeviceCodeIsOfNoUseToAnother(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		w := newOAuthWorld(t, s)
		evil := s.signUp(t, "mallory").registerApp("evil", deviceOptions)
		display := w.display("display")
		device := display.device()
		evil.poll(device).wantFault(400, "invalid_grant")
		w.alice.lets(device.UserCode, "allow")
		evil.poll(device).wantFault(400, "invalid_grant")
		evil.poll(device, "client_id", "web").wantFault(401, "invalid_client")
		display.take(display.poll(device))
	})
}

// TestADeniedDevicePollsOn, and Mallory posts Alice's form once more with a
// yes: what was answered is answered.
func TestADeniedDevicePollsOn(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		w := newOAuthWorld(t, s)
		display := w.display("display")
		device := display.device()
		asked := w.alice.askedAbout(device.UserCode)
		asked.post("deny").want(http.StatusSeeOther).wantLocation("/device/denied")
		for range 3 {
			display.poll(device).wantFault(400, "access_denied")
		}
		if got := asked.post("allow"); got.status != http.StatusBadRequest && got.status != http.StatusConflict || got.header.Get("Location") != "" {
			t.Errorf("the form once more: got %d", got.status)
		}
		w.alice.types(device.UserCode).want(http.StatusBadRequest)
		display.poll(device).wantFault(400, "access_denied")
		if got := w.alice.get("/api/v1/connections").want(http.StatusOK); got.contains("display") {
			t.Errorf("Alice is connected to the app: %s", got.body)
		}
	})
}

// TestADeviceCodeIsRedeemedTwentyTimesAtOnce over HTTP: one gets tokens.
func TestADeviceCodeIsRedeemedTwentyTimesAtOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		w := newOAuthWorld(t, s)
		display := w.display("display")
		device := display.device()
		w.alice.lets(device.UserCode, "allow")
		var mu sync.Mutex
		var won []answer
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				got := display.poll(device)
				mu.Lock()
				defer mu.Unlock()
				if got.status == http.StatusOK {
					won = append(won, got)
				} else if got.status != http.StatusBadRequest {
					t.Errorf("got %d %s", got.status, got.body)
				}
			})
		}
		group.Wait()
		if len(won) != 1 {
			t.Fatalf("%d of 20 got tokens, want 1", len(won))
		}
		tokens := display.take(won[0])
		s.bearer(t, tokens.Access).get("/api/v1/sensors/alice.greenhouse/readings").want(http.StatusOK)
		display.poll(device).wantFault(400, "invalid_grant")
	})
}

// TestAYesToADeviceIsForged: Mallory's device waits, and he wants Alice's
// browser to let it in: by a link, by a form of another site, by a form of his
// own session (RFC 8628 §5.4).
func TestAYesToADeviceIsForged(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		w := newOAuthWorld(t, s)
		mallory := s.signUp(t, "mallory")
		display := w.display("display")
		device := display.device()
		page := "/device?user_code=" + device.UserCode
		entered := mallory.types(device.UserCode).want(http.StatusSeeOther).header.Get("Location")
		his := mallory.questionIn(mallory.get(mallory.local(entered)).want(http.StatusOK))
		s.keep(his.Values.Get("token"), "the token of a form")

		// Links lead no further than to the form with the code.
		for _, link := range []string{entered, "/device/consent?user_code=" + device.UserCode, "/device/consent?user_code=" + device.UserCode + "&entered=0"} {
			w.alice.get(w.alice.local(link)).want(http.StatusSeeOther).wantLocation(page)
		}
		// His form in her browser, and what he can make of it.
		form := url.Values{"decision": {"allow"}, "scope": his.Values["scope"], "user_code": {device.UserCode}, "token": his.Values["token"]}
		if got := w.alice.client.form("/oauth/consent", form.Encode()).want(http.StatusForbidden); !got.contains("signed in here anew") {
			t.Errorf("got %.300s", got.body)
		}
		proof, err := url.Parse(entered)
		if err != nil {
			t.Fatal(err)
		}
		for _, token := range []string{"", "0", proof.Query().Get("entered")} {
			form.Set("token", token)
			w.alice.client.form("/oauth/consent", form.Encode()).want(http.StatusForbidden)
		}
		form.Set("token", his.Values.Get("token"))
		if got := s.anonymous(t).form("/oauth/consent", form.Encode()).want(http.StatusSeeOther); !strings.HasPrefix(got.header.Get("Location"), "/login?") {
			t.Errorf("nobody: got sent to %s", got.header.Get("Location"))
		}
		// Her own form, sent by another site.
		own := w.alice.askedAbout(device.UserCode)
		sent := url.Values{"decision": {"allow"}}
		for name, values := range own.Values {
			sent[name] = values
		}
		for _, path := range []string{"/oauth/consent", "/device"} {
			w.alice.client.with("Origin", "https://evil.example").with("Sec-Fetch-Site", "cross-site").form(path, sent.Encode()).want(http.StatusForbidden)
		}
		// A form about one device is none about another.
		another := display.device()
		sent.Set("user_code", another.UserCode)
		w.alice.client.form("/oauth/consent", sent.Encode()).want(http.StatusForbidden)
		for _, d := range []waitingDevice{device, another} {
			display.poll(d).wantFault(400, "authorization_pending")
		}
		policy := w.alice.get(page).want(http.StatusOK).header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "frame-ancestors 'none'") || !strings.Contains(policy, "form-action 'self'") {
			t.Errorf("got the policy %q", policy)
		}
	})
}

// TestWhatADeviceWasAllowedEndsBeforeItComes: the connection was ended, or the
// app suspended, between the yes and the poll.
func TestWhatADeviceWasAllowedEndsBeforeItComes(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		boss := s.administrator(t, "boss")
		w := newOAuthWorld(t, s)
		display := w.display("display")
		device := display.device()
		w.alice.lets(device.UserCode, "allow")
		w.alice.delete("/api/v1/connections").want(http.StatusOK)
		display.poll(device).wantFault(400, "invalid_grant")

		device = display.device()
		asked := w.alice.askedAbout(device.UserCode)
		boss.post("/api/v1/clients/display/suspend", map[string]any{"reason": "It does what it should not."}).want(http.StatusNoContent)
		asked.post("allow").want(http.StatusBadRequest)
		display.poll(device).wantFault(400, "unauthorized_client")
		display.wait().wantFault(400, "unauthorized_client")
	})
}
