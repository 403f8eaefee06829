package authorize

import (
	"context"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store/storetest"
)

func withDevices(c *domain.Client) {
	c.Public, c.GrantTypes = true, []domain.GrantType{domain.DeviceGrant, domain.RefreshGrant}
}

// begins sends a device authorization request of the client from the address.
func (w *world) begins(client domain.ClientID, from string, pairs ...string) (DeviceAnswer, error) {
	w.Gate = &guard.ClientGate{Clients: w.store, Now: w.clock.Now}
	form := url.Values{"client_id": {string(client)}}
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		form.Add(name, value)
	}
	return w.BeginDevice(context.Background(), guard.ClientForm{Values: form, From: netip.MustParseAddr(from)})
}

// waiting is a device of the client that waits.
func (w *world) waiting(client domain.ClientID, pairs ...string) DeviceAnswer {
	w.t.Helper()
	answer, err := w.begins(client, "192.0.2.1", pairs...)
	if err != nil {
		w.t.Fatalf("device of %s: %v", client, err)
	}
	return answer
}

func (w *world) state(client domain.ClientID, device DeviceAnswer) domain.DeviceCode {
	w.t.Helper()
	code, _, err := w.store.PollDevice(context.Background(), domain.DevicePoll{Hash: device.DeviceCode.Hash(), Client: client, At: w.clock.Now()})
	if err != nil {
		w.t.Fatal(err)
	}
	return code
}

func TestADeviceIsAnsweredLikeAnyClient(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	greenhouse := w.sensor(w.alice, "greenhouse")
	w.client("display", domain.StandardClient, withDevices)
	device := w.waiting("display", "scope=sensors.read readings.read offline_access", "resource="+issuer)
	if !secret.WellFormed(secret.DeviceCode, device.DeviceCode.Reveal()) || device.Life != 10*time.Minute || device.Pace != 5*time.Second {
		t.Errorf("got %+v", device)
	}
	typed := strings.ToLower(strings.ReplaceAll(device.UserCode.Reveal(), "-", " "))
	r, err := w.EnterUserCode(context.Background(), caller(w.alice), typed)
	if err != nil || r.Client.ID != "display" || r.UserCode != device.UserCode.Reveal() || r.Device == nil || r.Device.Address != netip.MustParseAddr("192.0.2.1") {
		t.Fatalf("got %+v, %v", r, err)
	}
	q, err := w.Ask(context.Background(), caller(w.alice), r)
	if err != nil || len(q.Lines) != 3 || q.Answered {
		t.Fatalf("got %+v, %v", q, err)
	}
	until := w.clock.Now().Add(time.Hour)
	to, err := w.Allow(context.Background(), caller(w.alice), r, Decision{Names: []string{"readings.read"}, Things: only(domain.NounSensor, "alice.greenhouse"), ExpiresAt: until, Label: "Hall"})
	if err != nil || to.To != DeviceAllowed {
		t.Fatalf("got %+v, %v", to, err)
	}
	g, code := w.grants("display")[0], w.state("display", device)
	want := domain.ScopeReadingsRead.On(int64(greenhouse)).String()
	if code.State != domain.DeviceCodeAllowed || code.Grant != g.ID || code.Scopes.String() != want || g.Scopes.String() != want || g.Name != "Hall" || !g.ExpiresAt.Equal(until) {
		t.Errorf("got the code %+v and the grant %+v", code, g)
	}
	events, err := w.store.AuditOf(context.Background(), w.alice.ID, domain.Page{Limit: 1})
	if err != nil || events.Items[0].Act != "grant.allow" || events.Items[0].Thing != "client display" {
		t.Errorf("got the audit %+v, %v", events.Items, err)
	}
}

// TestADeviceIsAskedAboutEachTime: what was allowed to one device says nothing
// of the next one, which may be a stranger's (RFC 8628 §5.4).
func TestADeviceIsAskedAboutEachTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.client("box", domain.StandardClient, func(c *domain.Client) { c.GrantTypes = append(c.GrantTypes, domain.DeviceGrant) })
	check, err := w.store.ClientCheck(context.Background(), "box")
	if err != nil || check.Client.Public {
		t.Fatal(check.Client.Public, err)
	}
	w.allow(w.begin(domain.StandardClient, query("client_id=box", "response_type=code", "scope=profile")), Decision{Names: []string{"profile"}})
	code := domain.DeviceCode{Hash: secret.Generate(secret.DeviceCode).Hash(), Client: "box", Query: "scope=profile", IssuedAt: w.clock.Now(), ExpiresAt: w.clock.Now().Add(time.Minute)}
	shown := secret.NewUserCode()
	code.UserHash = shown.Hash()
	if kept, err := w.store.KeepDeviceCode(context.Background(), code); err != nil || !kept {
		t.Fatal(kept, err)
	}
	r, err := w.DeviceRequest(context.Background(), caller(w.alice), shown.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	if q, err := w.Ask(context.Background(), caller(w.alice), r); err != nil || q.Answered || len(q.Present) != 1 {
		t.Errorf("got %+v, %v; want to be asked", q, err)
	}
}

func TestADeviceIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.client("display", domain.StandardClient, withDevices)
	for _, first := range []string{"allow", "deny"} {
		device := w.waiting("display", "scope=profile")
		r, err := w.DeviceRequest(context.Background(), caller(w.alice), device.UserCode.Reveal())
		if err != nil {
			t.Fatal(err)
		}
		answer := func(what string) (Redirect, error) {
			if what == "allow" {
				return w.Allow(context.Background(), caller(w.alice), r, Decision{Names: []string{"profile"}})
			}
			return w.Deny(context.Background(), caller(w.alice), r)
		}
		if _, err := answer(first); err != nil {
			t.Fatal(err)
		}
		grants := len(w.grants("display"))
		for _, again := range []string{"allow", "deny"} {
			if _, err := answer(again); domain.CodeOf(err) != "device_over" {
				t.Errorf("%s after %s: got %v", again, first, err)
			}
		}
		if got := len(w.grants("display")); got != grants {
			t.Errorf("got %d grants after the second answer, want %d", got, grants)
		}
		if _, err := w.DeviceRequest(context.Background(), caller(w.alice), device.UserCode.Reveal()); !domain.IsKind(err, domain.Invalid) {
			t.Errorf("the code of a device that was answered: got %v", err)
		}
	}
	device := w.waiting("display", "scope=profile")
	r, _ := w.DeviceRequest(context.Background(), caller(w.alice), device.UserCode.Reveal())
	to, err := w.Allow(context.Background(), caller(w.alice), r, Decision{})
	if err != nil || to.To != DeviceDenied || w.state("display", device).State != domain.DeviceCodeDenied {
		t.Errorf("a yes to nothing: got %+v, %v, want a no", to, err)
	}
}

// TestCodesThatLeadNowhereLookAlike: wrong, expired, answered, and those of
// apps that are not for this person.
func TestCodesThatLeadNowhereLookAlike(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bob, carol := storetest.User(t, w.store, "bob"), storetest.User(t, w.store, "carol")
	w.client("display", domain.StandardClient, withDevices)
	w.client("new", domain.StandardClient, func(c *domain.Client) {
		withDevices(c)
		c.State, c.Testers = domain.ClientRequested, []domain.Tester{{ID: bob.ID, Name: "bob"}}
	})
	expired, requested := w.waiting("display", "scope=profile"), DeviceAnswer{}
	w.client("unlearned", domain.StandardClient, withDevices)
	w.clock.Advance(domain.DeviceCodeLife)
	requested = w.waiting("new", "scope=profile")
	suspended, unlearned := w.waiting("display", "scope=profile"), w.waiting("unlearned", "scope=profile")
	noDevices := func(c domain.Client) (domain.Client, error) {
		c.GrantTypes = []domain.GrantType{domain.CodeGrant}
		return c, nil
	}
	if err := w.store.EditClient(context.Background(), "unlearned", noDevices, domain.AuditEvent{}); err != nil {
		t.Fatal(err)
	}
	if err := w.store.SetClientState(context.Background(), "display", domain.ClientStateChange{From: []domain.ClientState{domain.ClientApproved}, To: domain.ClientSuspended}, domain.AuditEvent{}); err != nil {
		t.Fatal(err)
	}
	for name, code := range map[string]string{"nothing": "", "no code": "hello", "wrong": "BCDF-GHJK", "expired": expired.UserCode.Reveal(),
		"not open to her": requested.UserCode.Reveal(), "suspended": suspended.UserCode.Reveal(), "of an app that may no more": unlearned.UserCode.Reveal(), "a device code": requested.DeviceCode.Reveal()} {
		_, err := w.EnterUserCode(context.Background(), caller(carol), code)
		if err == nil || err.Error() != wrongUserCode().Error() {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for _, who := range []domain.User{w.alice, bob} {
		if _, err := w.EnterUserCode(context.Background(), caller(who), requested.UserCode.Reveal()); err != nil {
			t.Errorf("%s: got %v", who.Name, err)
		}
	}
	withKey := caller(w.alice)
	withKey.Credential = domain.KeyCredential
	if _, err := w.EnterUserCode(context.Background(), withKey, requested.UserCode.Reveal()); domain.CodeOf(err) != "person_only" {
		t.Errorf("a key: got %v", err)
	}
}

// TestGuessingIsBounded for a person wherever he is, and for a network
// whoever is there; and it keeps nobody else out.
func TestGuessingIsBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	try := func(who domain.User, from string) error {
		c := caller(who)
		c.Address = netip.MustParseAddr(from)
		_, err := w.EnterUserCode(context.Background(), c, "BCDF-GHJK")
		return err
	}
	for i := range 10 {
		if err := try(w.alice, netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}).String()); !domain.IsKind(err, domain.Invalid) {
			t.Fatalf("try %d: got %v", i, err)
		}
	}
	if err := try(w.alice, "192.0.2.99"); !domain.IsKind(err, domain.TooMany) {
		t.Errorf("the eleventh: got %v", err)
	}
	bob := storetest.User(t, w.store, "bob")
	if err := try(bob, "192.0.2.1"); !domain.IsKind(err, domain.Invalid) {
		t.Errorf("bob: got %v", err)
	}
	w.clock.Advance(time.Minute)
	if err := try(w.alice, "192.0.2.1"); !domain.IsKind(err, domain.Invalid) {
		t.Errorf("a minute later: got %v", err)
	}
	var last error
	for i := range 60 {
		last = try(domain.User{ID: domain.UserID(1000 + i), Name: "x"}, "2001:db8::1")
	}
	if !domain.IsKind(last, domain.TooMany) {
		t.Errorf("sixty people in one network: got %v", last)
	}
}

func TestWhatADeviceMayNotAsk(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.client("display", domain.StandardClient, withDevices)
	w.client("app", domain.StandardClient, nil)
	w.client("hub", domain.WotkitClient, nil)
	w.client("rejected", domain.StandardClient, func(c *domain.Client) {
		withDevices(c)
		c.State = domain.ClientRejected
	})
	w.client("narrow", domain.StandardClient, func(c *domain.Client) {
		withDevices(c)
		c.Scopes = domain.ScopeSet{domain.ScopeProfile}
	})
	for _, test := range []struct {
		client domain.ClientID
		pairs  []string
		want   string
	}{
		{"", nil, "invalid_client"}, {"nobody", nil, "invalid_client"}, {"display", []string{"client_secret=x"}, "invalid_client"},
		{"app", nil, "invalid_client"}, // it has a secret, and did not send it
		{"hub", nil, "invalid_client"}, {"rejected", nil, "unauthorized_client"}, {"display", []string{"scope=hello"}, "invalid_scope"},
		{"narrow", []string{"scope=email"}, "invalid_scope"}, {"display", []string{"scope=account"}, "invalid_scope"},
		{"display", []string{"scope=profile", "scope=email"}, "invalid_request"}, {"display", []string{"resource=https://unknown.example"}, "invalid_target"},
		{"display", []string{"resource=" + issuer, "resource=" + issuer}, "invalid_target"}, {"display", []string{"scope=" + strings.Repeat("x", MaxQuery)}, "invalid_request"},
	} {
		if _, err := w.begins(test.client, "192.0.2.1", test.pairs...); domain.CodeOf(err) != test.want {
			t.Errorf("%s with %.60s: got %v, want %s", test.client, test.pairs, err, test.want)
		}
	}
}

func TestDevicesOfOneNetworkAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.client("display", domain.StandardClient, withDevices)
	w.client("other", domain.StandardClient, withDevices)
	var last error
	began := 0
	for range 30 {
		if _, last = w.begins("display", "192.0.2.1", "scope=profile"); last == nil {
			began++
		}
	}
	if !domain.IsKind(last, domain.TooMany) || began != deviceBound.Burst {
		t.Errorf("%d began, then %v", began, last)
	}
	for range 100 { // who is patient fills his network's room, and no more
		w.clock.Advance(deviceBound.Every)
		if _, last = w.begins("display", "192.0.2.1", "scope=profile"); last == nil {
			began++
		}
	}
	if domain.CodeOf(last) != "too_many_devices" || began != domain.MaxDeviceCodes {
		t.Errorf("%d wait, then %v", began, last)
	}
	for _, free := range []struct{ client, from string }{{"display", "192.0.2.2"}, {"other", "192.0.2.1"}} {
		if _, err := w.begins(domain.ClientID(free.client), free.from, "scope=profile"); err != nil {
			t.Errorf("%s from %s: %v", free.client, free.from, err)
		}
	}
}
