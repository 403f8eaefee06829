package storetest_test

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

// waiting keeps the code of a device of the client "garden" that asks at the
// address.
func waiting(t *testing.T, s *store.Store, now time.Time, address string) domain.DeviceCode {
	t.Helper()
	code := domain.DeviceCode{Hash: secret.Generate(secret.DeviceCode).Hash(), UserHash: secret.NewUserCode().Hash(), Client: "garden", Query: "client_id=garden",
		IssuedAt: now, ExpiresAt: now.Add(domain.DeviceCodeLife), Pace: domain.DeviceCodePace, State: domain.DeviceCodeWaiting, Address: netip.MustParseAddr(address)}
	if kept, err := s.KeepDeviceCode(context.Background(), code); err != nil || !kept {
		t.Fatalf("keep: %t, %v", kept, err)
	}
	return code
}

// yes allows a device to act for the user on a new grant.
func yes(user domain.User, code domain.DeviceCode, now time.Time) domain.Allowed {
	return domain.Allowed{Grant: domain.Grant{User: user.ID, Client: code.Client, Name: "Garden", Scopes: reading, Asked: reading, CreatedAt: now},
		Device: &domain.DeviceYes{Hash: code.Hash, Scopes: reading, Audience: "https://api.example"}}
}

func TestADeviceCodeIsKeptAsItIs(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		code := waiting(t, s, clock.Now(), "2001:db8::7")
		got, err := s.WaitingDevice(ctx, code.UserHash)
		if err != nil || got.Hash != code.Hash || got.Client != "garden" || got.Query != code.Query || got.Address != code.Address || !got.Waiting(clock.Now()) ||
			!got.IssuedAt.Equal(code.IssuedAt) || !got.ExpiresAt.Equal(code.ExpiresAt) || got.Pace != domain.DeviceCodePace || !got.PolledAt.IsZero() {
			t.Errorf("got %+v, %v", got, err)
		}
		if _, err := s.WaitingDevice(ctx, code.Hash); !domain.IsKind(err, domain.NotFound) {
			t.Errorf("the device code in the place of the user code: got %v", err)
		}
		clock.Advance(domain.DeviceCodeLife)
		if _, err := s.WaitingDevice(ctx, code.UserHash); !domain.IsKind(err, domain.NotFound) {
			t.Errorf("an expired one: got %v", err)
		}
	})
}

func TestNoTwoDevicesWaitWithTheSameUserCode(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		now := time.Now()
		first := waiting(t, s, now, "192.0.2.1")
		second := first
		second.Hash = secret.Generate(secret.DeviceCode).Hash()
		if kept, err := s.KeepDeviceCode(ctx, second); kept || err != nil {
			t.Fatalf("got %t, %v; want it not kept", kept, err)
		}
		if err := s.DenyDevice(ctx, first.Hash, domain.AuditEvent{Act: "grant.deny"}); err != nil {
			t.Fatal(err)
		}
		if kept, err := s.KeepDeviceCode(ctx, second); !kept || err != nil {
			t.Errorf("after the first was answered: got %t, %v", kept, err)
		}
	})
}

func TestDevicesOfOneNetworkLeaveRoomForOthers(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		for range domain.MaxDeviceCodes {
			waiting(t, s, clock.Now(), "2001:db8::1")
		}
		more := domain.DeviceCode{Hash: secret.Generate(secret.DeviceCode).Hash(), UserHash: secret.NewUserCode().Hash(), Client: "garden",
			IssuedAt: clock.Now(), ExpiresAt: clock.Now().Add(time.Minute), Address: netip.MustParseAddr("2001:db8::2")}
		if _, err := s.KeepDeviceCode(context.Background(), more); !domain.IsKind(err, domain.TooMany) {
			t.Errorf("one more of the same /64: got %v, want too many", err)
		}
		waiting(t, s, clock.Now(), "2001:db8:0:1::1")
		clock.Advance(domain.DeviceCodeLife)
		waiting(t, s, clock.Now(), "2001:db8::1")
	})
}

// TestOfTwentyAnswersToADeviceOneCounts lets people say yes and no at once:
// what the others said leaves no grant behind.
func TestOfTwentyAnswersToADeviceOneCounts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice, now := storetest.User(t, s, "alice"), time.Now()
		code := waiting(t, s, now, "192.0.2.1")
		var mu sync.Mutex
		var won []domain.GrantID
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				var made domain.Grant
				var err error
				if i%2 == 0 {
					made, err = s.Allow(ctx, yes(alice, code, now), domain.AuditEvent{Act: "grant.allow"})
				} else {
					err = s.DenyDevice(ctx, code.Hash, domain.AuditEvent{Act: "grant.deny"})
				}
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won = append(won, made.ID)
				} else if domain.CodeOf(err) != "device_over" {
					t.Errorf("got %v", err)
				}
			})
		}
		all.Wait()
		if len(won) != 1 {
			t.Fatalf("%d of 20 answers count, want 1", len(won))
		}
		got, _, err := s.PollDevice(ctx, domain.DevicePoll{Hash: code.Hash, Client: code.Client, At: now})
		want := map[bool]domain.DeviceCodeState{true: domain.DeviceCodeAllowed, false: domain.DeviceCodeDenied}[won[0] != 0]
		if err != nil || got.State != want || got.Grant != won[0] || won[0] != 0 && (got.Scopes.String() != "readings.read" || got.Audience != "https://api.example") {
			t.Errorf("got %+v, %v; want %s on the grant %d", got, err, want, won[0])
		}
		grants, err := s.LiveGrants(ctx, alice.ID, code.Client)
		if err != nil || won[0] == 0 && len(grants) != 0 || won[0] != 0 && len(grants) != 1 {
			t.Errorf("got the grants %v, %v; want that of the answer that counts", grants, err)
		}
	})
}

// TestWhoPollsTooOftenIsSlowedDown holds RFC 8628 §3.5: the pace grows with
// each poll that comes early, and stays.
func TestWhoPollsTooOftenIsSlowedDown(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		code := waiting(t, s, clock.Now(), "192.0.2.1")
		for i, step := range []struct {
			after time.Duration
			early bool
			pace  time.Duration
		}{
			{0, false, 5 * time.Second}, {4 * time.Second, false, 5 * time.Second}, {3 * time.Second, true, 10 * time.Second},
			{5 * time.Second, true, 15 * time.Second}, {15 * time.Second, false, 15 * time.Second}, {13 * time.Second, true, 20 * time.Second},
		} {
			clock.Advance(step.after)
			got, early, err := s.PollDevice(context.Background(), domain.DevicePoll{Hash: code.Hash, Client: code.Client, At: clock.Now()})
			if err != nil || early != step.early || got.Pace != step.pace || !got.PolledAt.Equal(clock.Now()) {
				t.Errorf("poll %d: got early %t and the pace %s, %v; want %t and %s", i, early, got.Pace, err, step.early, step.pace)
			}
		}
		for _, poll := range []domain.DevicePoll{{Hash: code.Hash, Client: "other", At: clock.Now()}, {Hash: code.UserHash, Client: code.Client, At: clock.Now()}} {
			if _, _, err := s.PollDevice(context.Background(), poll); !domain.IsKind(err, domain.NotFound) {
				t.Errorf("%+v: got %v", poll, err)
			}
		}
		for range 200 {
			_, _, _ = s.PollDevice(context.Background(), domain.DevicePoll{Hash: code.Hash, Client: code.Client, At: clock.Now()})
		}
		got, early, err := s.PollDevice(context.Background(), domain.DevicePoll{Hash: code.Hash, Client: code.Client, At: clock.Now()})
		if most := domain.DeviceCodeLife + domain.DevicePaceStep; err != nil || !early || got.Pace != most {
			t.Errorf("a flood: got %t and the pace %s, %v; want it to stop at %s", early, got.Pace, err, most)
		}
	})
}

// TestTwentyPollsAtOnceAreOneInTime counts who is told to slow down.
func TestTwentyPollsAtOnceAreOneInTime(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		code := waiting(t, s, clock.Now(), "192.0.2.1")
		var mu sync.Mutex
		var told []bool
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				_, early, err := s.PollDevice(context.Background(), domain.DevicePoll{Hash: code.Hash, Client: code.Client, At: clock.Now()})
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				told = append(told, early)
			})
		}
		all.Wait()
		told = slices.DeleteFunc(told, func(early bool) bool { return early })
		if len(told) != 1 {
			t.Errorf("%d of 20 were in time, want 1", len(told))
		}
	})
}

func TestOfTwentyPollsOneGetsTheTokens(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice, now := storetest.User(t, s, "alice"), time.Now()
		code := waiting(t, s, now, "192.0.2.1")
		chain, _, minted := mint(domain.Grant{ID: 1, Scopes: reading})
		if ok, err := s.RedeemDevice(ctx, code.Hash, chain, minted.Token); ok || err != nil {
			t.Fatalf("before the answer: got %t, %v", ok, err)
		}
		g, err := s.Allow(ctx, yes(alice, code, now), domain.AuditEvent{Act: "grant.allow"})
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var won []domain.ChainID
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				chain, _, minted := mint(g)
				ok, err := s.RedeemDevice(ctx, code.Hash, chain, minted.Token)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				if ok {
					won = append(won, chain.ID)
				}
			})
		}
		all.Wait()
		if len(won) != 1 {
			t.Fatalf("%d of 20 got tokens, want 1", len(won))
		}
		if chain, err := s.ChainNow(ctx, won[0]); err != nil || !chain.Alive(now) || chain.Grant != g.ID {
			t.Errorf("got %+v, %v", chain, err)
		}
		got, _, err := s.PollDevice(ctx, domain.DevicePoll{Hash: code.Hash, Client: code.Client, At: now})
		if err != nil || got.State != domain.DeviceCodeRedeemed {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}

func TestWhoIsAnsweredTooLateGetsNothing(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		early, late := waiting(t, s, clock.Now(), "192.0.2.1"), waiting(t, s, clock.Now(), "192.0.2.1")
		g, err := s.Allow(ctx, yes(alice, early, clock.Now()), domain.AuditEvent{Act: "grant.allow"})
		if err != nil {
			t.Fatal(err)
		}
		clock.Advance(domain.DeviceCodeLife)
		if _, err := s.Allow(ctx, yes(alice, late, clock.Now()), domain.AuditEvent{Act: "grant.allow"}); domain.CodeOf(err) != "device_over" {
			t.Errorf("a late yes: got %v", err)
		}
		if err := s.DenyDevice(ctx, late.Hash, domain.AuditEvent{Act: "grant.deny"}); domain.CodeOf(err) != "device_over" {
			t.Errorf("a late no: got %v", err)
		}
		chain, _, minted := mint(g)
		chain.StartedAt = clock.Now()
		if ok, err := s.RedeemDevice(ctx, early.Hash, chain, minted.Token); ok || err != nil {
			t.Errorf("a late poll: got %t, %v", ok, err)
		}
		poll := domain.DevicePoll{Hash: late.Hash, Client: late.Client, At: clock.Now()}
		if got, slowed, err := s.PollDevice(ctx, poll); err != nil || slowed || !got.Over(clock.Now()) {
			t.Errorf("got %+v, %t, %v; want to learn that it expired", got, slowed, err)
		}
		if swept, err := s.SweepDeviceCodes(ctx, clock.Now()); err != nil || swept != 0 {
			t.Errorf("swept %d at once, %v", swept, err)
		}
		clock.Advance(2 * time.Hour)
		if swept, err := s.SweepDeviceCodes(ctx, clock.Now()); err != nil || swept != 2 {
			t.Errorf("swept %d, %v; want 2", swept, err)
		}
		if _, _, err := s.PollDevice(ctx, poll); !domain.IsKind(err, domain.NotFound) {
			t.Errorf("got %v", err)
		}
	})
}
