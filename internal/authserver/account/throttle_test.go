package account

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

var began = time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)

func retryIn(err error) time.Duration {
	var shown *domain.Error
	if err == nil || !errors.As(err, &shown) {
		return 0
	}
	return time.Duration(shown.RetryIn) * time.Second
}

func TestGuessingSlowsDown(t *testing.T) {
	t.Parallel()
	var throttle throttle
	now := began
	var waits []time.Duration
	for range 14 { // each failed try is followed by one as soon as it is let in
		err := throttle.admit(now, "alice", home)
		if err != nil {
			wait := retryIn(err)
			waits = append(waits, wait)
			if early := throttle.admit(now.Add(wait-time.Millisecond), "alice", home); early == nil {
				t.Errorf("let in %v too early", time.Millisecond)
			}
			now = now.Add(wait)
			if err := throttle.admit(now, "alice", home); err != nil {
				t.Fatalf("not let in after the time that was told: %v", err)
			}
		}
	}
	want := "[1s 2s 4s 8s 16s 32s 1m0s 1m0s]"
	if got := fmt.Sprint(waits); got != want {
		t.Errorf("got waits %s, want %s", got, want)
	}
}

func TestManyAtOnceCountAsMany(t *testing.T) {
	t.Parallel()
	w := newWorld(t, SignUpOpen)
	w.user(t, "alice")
	var admitted atomic.Int64
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			_, err := w.SignIn(context.Background(), "alice", secret.New("wrong password"), Origin{Address: home})
			if domain.CodeOf(err) == "wrong_credentials" {
				admitted.Add(1)
			}
		})
	}
	all.Wait()
	if got := admitted.Load(); got != pairFree+1 {
		t.Errorf("got %d tries, want %d", got, pairFree+1)
	}
	if got := w.hash.checked.Load(); got != pairFree+1 {
		t.Errorf("got %d slow hashes, want %d: who is held back costs none", got, pairFree+1)
	}
}

func TestOneAddressTriesManyNamesSlowly(t *testing.T) {
	t.Parallel()
	var throttle throttle
	admitted := 0
	for i := range 1000 { // within one second
		if throttle.admit(began, fmt.Sprint("user", i), home) == nil {
			admitted++
		}
	}
	if admitted != addressFree+1 {
		t.Errorf("got %d tries, want %d", admitted, addressFree+1)
	}
	if wait := retryIn(throttle.admit(began, "alice", home)); wait > addressMost {
		t.Errorf("got a wait of %v, want at most %v", wait, addressMost)
	}
}

func TestARightPasswordClearsTheSlate(t *testing.T) {
	t.Parallel()
	var throttle throttle
	for range 50 {
		if err := throttle.admit(began, "alice", home); err != nil {
			t.Fatalf("held back although every try was right: %v", err)
		}
		throttle.succeed(began, "alice", home)
	}
}

func TestFailuresAreForgiven(t *testing.T) {
	t.Parallel()
	var throttle throttle
	for range 20 {
		_ = throttle.admit(began, "alice", home)
	}
	if err := throttle.admit(began.Add(forgiveAfter), "alice", home); err != nil {
		t.Errorf("held back after an hour: %v", err)
	}
}

// However strangers at other addresses guess, the owner of a name is let in
// at once from where he signed in lately, and after a few seconds from
// anywhere.
func TestStrangersLockNobodyOut(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var throttle throttle
		now := began
		if err := throttle.admit(now, "alice", home); err != nil {
			t.Fatal(err)
		}
		throttle.succeed(now, "alice", home)
		attacker := rapid.Custom(func(t *rapid.T) netip.Addr {
			return netip.AddrFrom4([4]byte{10, 0, rapid.Byte().Draw(t, "c"), rapid.Byte().Draw(t, "d")})
		})
		guess := func(n int) {
			for range n {
				_ = throttle.admit(now, rapid.SampledFrom([]string{"alice", "bob", "?"}).Draw(t, "name"), attacker.Draw(t, "address"))
				now = now.Add(time.Duration(rapid.IntRange(0, 5000).Draw(t, "ms")) * time.Millisecond)
			}
		}
		guess(rapid.IntRange(0, 80).Draw(t, "guesses"))
		if err := throttle.admit(now, "alice", home); err != nil {
			t.Fatalf("the owner is held back at home: %v", err)
		}
		throttle.succeed(now, "alice", home)
		wait := retryIn(throttle.admit(now, "alice", away))
		if wait == 0 {
			return
		}
		if wait > nameDelay {
			t.Fatalf("the owner waits %v away from home, want at most %v", wait, nameDelay)
		}
		until := now.Add(wait)
		for now.Before(until) {
			guess(1)
		}
		if err := throttle.admit(now, "alice", away); err != nil {
			t.Fatalf("the owner is held back after he waited as told: %v", err)
		}
	})
}

// A name that many addresses guess at costs each new address a wait.
func TestManyAddressesGuessSlowly(t *testing.T) {
	t.Parallel()
	var throttle throttle
	admitted := 0
	for i := range 200 {
		if throttle.admit(began, "alice", netip.AddrFrom4([4]byte{10, 0, 0, byte(i)})) == nil {
			admitted++
		}
	}
	if admitted != nameFree {
		t.Errorf("got %d tries at once, want %d", admitted, nameFree)
	}
}

// An address that has waited gets one try at such a name, not its free ones.
func TestABesiegedNameCostsAWaitForEachTry(t *testing.T) {
	t.Parallel()
	var throttle throttle
	for i := range nameFree {
		_ = throttle.admit(began, "alice", netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}))
	}
	if wait := retryIn(throttle.admit(began, "alice", away)); wait != nameDelay {
		t.Fatalf("first try: got a wait of %v, want %v", wait, nameDelay)
	}
	now := began.Add(nameDelay)
	if err := throttle.admit(now, "alice", away); err != nil {
		t.Fatalf("after the wait: %v", err)
	}
	if wait := retryIn(throttle.admit(now, "alice", away)); wait != nameDelay {
		t.Errorf("second try: got a wait of %v, want %v", wait, nameDelay)
	}
}

// Many people may share one address with somebody who guesses names.
func TestWhoSignedInLatelyIsNotHeldBackByHisNeighbours(t *testing.T) {
	t.Parallel()
	var throttle throttle
	if err := throttle.admit(began, "alice", home); err != nil {
		t.Fatal(err)
	}
	throttle.succeed(began, "alice", home)
	for i := range 100 {
		_ = throttle.admit(began, fmt.Sprint("user", i), home)
	}
	if throttle.admit(began, "bob", home) == nil {
		t.Error("a newcomer at the address is let in, want him held back")
	}
	if err := throttle.admit(began, "alice", home); err != nil {
		t.Errorf("who signed in from there before is held back: %v", err)
	}
}

func TestOneIPv6NetworkIsOneAddress(t *testing.T) {
	t.Parallel()
	var throttle throttle
	admitted := 0
	for i := range 100 {
		if throttle.admit(began, "alice", netip.MustParseAddr(fmt.Sprintf("2001:db8::%x", i+1))) == nil {
			admitted++
		}
	}
	if admitted != pairFree+1 {
		t.Errorf("got %d tries, want %d", admitted, pairFree+1)
	}
}

func TestTheThrottleIsBounded(t *testing.T) {
	t.Parallel()
	var throttle throttle
	for i := range triesLimit + 5000 {
		address := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		_ = throttle.admit(began, fmt.Sprint("user", i), address)
	}
	for name, got := range map[string]int{"pairs": len(throttle.pairs), "addresses": len(throttle.addresses), "names": len(throttle.names)} {
		if got > triesLimit {
			t.Errorf("got %d %s, want at most %d", got, name, triesLimit)
		}
	}
}

func FuzzNetworkOf(f *testing.F) {
	for _, text := range []string{"", "192.0.2.1", "::1", "fe80::1%eth0", "::ffff:192.0.2.1", "2001:db8::1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		address, _ := netip.ParseAddr(text)
		network := domain.NetworkOf(address)
		if address.IsValid() && !network.Contains(address.Unmap().WithZone("")) {
			t.Errorf("got %v for %v, want a network that contains it", network, address)
		}
	})
}
