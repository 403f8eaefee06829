package storetest_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

func noSeal(domain.EndDeviceID) []byte { return nil }

// endDevice is an end device in normal form with a pair of EUIs of its own.
func endDevice(a domain.Application, name string, number int) domain.EndDevice {
	return domain.EndDevice{Application: a.ID, Name: name, AppEUI: "70B3D57EF0000000", DevEUI: fmt.Sprintf("%016X", number),
		Attributes: map[string]string{}, Constraints: domain.LocalActivation}
}

func register(t testing.TB, s *store.Store, by domain.User, a domain.Application) {
	t.Helper()
	if err := s.RegisterApplication(context.Background(), asSession(by), a.ID, fine); err != nil {
		t.Fatal(err)
	}
}

func putDevice(t testing.TB, s *store.Store, by domain.User, a domain.Application, name string, number int) domain.EndDevice {
	t.Helper()
	made, err := s.SetEndDevice(context.Background(), asSession(by), endDevice(a, name, number), noSeal, fine)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// sweepAll removes all that is left of former registrations.
func sweepAll(t *testing.T, s *store.Store) (commits int) {
	t.Helper()
	for {
		n, err := s.SweepEndDevices(context.Background(), s0)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return commits
		}
		commits++
	}
}

// rowsOf counts the rows of a backup by table.
func rowsOf(t *testing.T, backup io.Reader) map[string]int {
	t.Helper()
	unpacked, err := gzip.NewReader(backup)
	if err != nil {
		t.Fatal(err)
	}
	rows, table := map[string]int{}, ""
	lines := bufio.NewScanner(unpacked)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var head struct{ Table string }
		if strings.HasPrefix(lines.Text(), "[") {
			rows[table]++
		} else if err := json.Unmarshal(lines.Bytes(), &head); err != nil {
			t.Fatal(err)
		} else if head.Table != "" {
			table = head.Table
		}
	}
	return rows
}

func TestAnEndDeviceIsKeptAsItWasPut(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		a := makeApplication(t, s, alice, "apitest")
		register(t, s, alice, a)
		wanted := domain.EndDevice{Application: a.ID, Name: "one", AppEUI: "70B3D57EF0000000", DevEUI: "0000000000000001", DevAddr: "26011234", Description: "in the barn",
			Latitude: 52.375, Longitude: -4.5, Altitude: -3, Attributes: map[string]string{"room": "2", "é": "ü"}, Constraints: "otaa,abp", NoCounter: true, WideCounter: true,
			CounterUp: 4294967295, CounterDown: 7, LastSeen: 1532000000123456789}
		seal := func(id domain.EndDeviceID) []byte { return fmt.Appendf(nil, "keys of %d", id) }
		made, err := s.SetEndDevice(ctx, asSession(alice), wanted, seal, fine)
		if err != nil {
			t.Fatal(err)
		}
		wanted.ID, wanted.CreatedAt, wanted.ChangedAt = made.ID, made.CreatedAt, made.ChangedAt
		got, err := s.EndDevice(ctx, a.ID, "one")
		if diff := cmp.Diff(domain.SealedEndDevice{EndDevice: wanted, Sealed: seal(made.ID)}, got, noSecrets); diff != "" || err != nil {
			t.Errorf("(-want +got) %v\n%s", err, diff)
		}
		again := endDevice(a, "one", 2)
		if again, err = s.SetEndDevice(ctx, asSession(alice), again, noSeal, fine); err != nil || again.ID != made.ID || !again.CreatedAt.Equal(made.CreatedAt) {
			t.Fatalf("put again: got %+v (%v)", again, err)
		}
		got, err = s.EndDevice(ctx, a.ID, "one")
		if diff := cmp.Diff(domain.SealedEndDevice{EndDevice: again}, got, noSecrets); diff != "" || err != nil {
			t.Errorf("what was left out is still there (-want +got) %v\n%s", err, diff)
		}
	})
}

func TestTwentyEndDevicesOfOneNameAreOne(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		a := makeApplication(t, s, alice, "apitest")
		register(t, s, alice, a)
		var group sync.WaitGroup
		var made, exists, taken atomic.Int64
		for i := range 20 {
			group.Go(func() {
				if _, err := s.SetEndDevice(ctx, asSession(alice), endDevice(a, "upserted", 1000+i), noSeal, fine); err != nil {
					t.Error(err)
				}
			})
			group.Go(func() {
				switch _, err := s.CreateEndDevice(ctx, asSession(alice), endDevice(a, "created", 1), noSeal, fine); domain.CodeOf(err) {
				case "end_device_exists":
					exists.Add(1)
				default:
					if err != nil {
						t.Error(err)
					}
					made.Add(1)
				}
			})
			group.Go(func() {
				_, err := s.SetEndDevice(ctx, asSession(alice), endDevice(a, fmt.Sprintf("pair-%d", i), 2), noSeal, fine)
				if domain.CodeOf(err) == "end_device_euis_taken" && domain.IsKind(err, domain.Conflict) {
					taken.Add(1)
				} else if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if made.Load() != 1 || exists.Load() != 19 || taken.Load() != 19 {
			t.Errorf("got %d created, %d there already, %d pairs taken, want 1, 19 and 19", made.Load(), exists.Load(), taken.Load())
		}
		if _, total, err := s.EndDevicesAt(ctx, a.ID, 0, 0); total != 3 || err != nil {
			t.Errorf("got %d end devices (%v), want 3", total, err)
		}
		other := makeApplication(t, s, alice, "other")
		register(t, s, alice, other)
		putDevice(t, s, alice, other, "pair-0", 2) // the same pair in another application
	})
}

// TestEndDevicesAreCountedExactly lets many add and remove end devices at once
// and compares every page with what is there.
func TestEndDevicesAreCountedExactly(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		a := makeApplication(t, s, alice, "apitest")
		register(t, s, alice, a)
		by := asSession(alice)
		const workers, each = 8, 350 // more than two blocks
		var group sync.WaitGroup
		for w := range workers {
			group.Go(func() {
				random := rand.New(rand.NewPCG(7, uint64(w)))
				for i := range each {
					name := fmt.Sprintf("device-%d-%d", w, i)
					if _, err := s.SetEndDevice(ctx, by, endDevice(a, name, w*10_000+i), noSeal, fine); err != nil {
						t.Error(err)
					}
					if random.IntN(4) > 0 {
						continue
					}
					for range 2 { // twice at once: one of them removes it
						group.Go(func() {
							if err := s.DeleteEndDevice(ctx, by, a.ID, name, fine); err != nil && domain.CodeOf(err) != "end_device_not_found" {
								t.Error(err)
							}
						})
					}
				}
			})
		}
		group.Wait()
		all, total, err := s.EndDevicesAt(ctx, a.ID, 0, 0)
		if err != nil || total != len(all) || total >= workers*each || total < 1100 {
			t.Fatalf("got %d end devices of %d counted (%v)", len(all), total, err)
		}
		for _, offset := range []int{0, 1, 1000, 1023, 1024, 1025, 1100, total - 1, total, total + 5} {
			want := all[min(offset, total):min(offset+7, total)]
			got, n, err := s.EndDevicesAt(ctx, a.ID, 7, offset)
			if diff := cmp.Diff(endDeviceNames(want), endDeviceNames(got)); diff != "" || n != total || err != nil {
				t.Errorf("at %d, of %d (%v) (-want +got)\n%s", offset, n, err, diff)
			}
		}
		var walked []string
		page := domain.Page{Limit: 400}
		for {
			listed, err := s.EndDevices(ctx, a.ID, page)
			if err != nil || listed.Total != total {
				t.Fatalf("got a page of %d (%v)", listed.Total, err)
			}
			if walked, page.Cursor = append(walked, endDeviceNames(listed.Items)...), listed.Next; listed.Next == "" {
				break
			}
		}
		if !slices.Equal(walked, endDeviceNames(all)) {
			t.Error("pages by cursor and by offset are not the same")
		}
	})
}

func endDeviceNames(devices []domain.SealedEndDevice) []string {
	names := []string{}
	for _, d := range devices {
		names = append(names, d.Name)
	}
	return names
}

func TestEndDevicesAreGoneWithTheRegistration(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		a := makeApplication(t, s, alice, "apitest")
		by := asSession(alice)
		if _, err := s.SetEndDevice(ctx, by, endDevice(a, "early", 1), noSeal, fine); domain.CodeOf(err) != "application_not_registered" {
			t.Errorf("before it is registered: got %v", err)
		}
		register(t, s, alice, a)
		if err := s.RegisterApplication(ctx, by, a.ID, fine); domain.CodeOf(err) != "application_registered" || !domain.IsKind(err, domain.Conflict) {
			t.Errorf("registered twice: got %v", err)
		}
		const n = 450 // three commits
		for i := range n {
			putDevice(t, s, alice, a, fmt.Sprintf("device-%d", i), i)
		}
		edit := func(now *domain.Application) error {
			now.Payload = domain.Payload{Format: domain.PayloadCustom, Decoder: "d"}
			return nil
		}
		if _, err := s.UpdateApplication(ctx, by, a.ID, edit); err != nil {
			t.Fatal(err)
		}
		if err := s.UnregisterApplication(ctx, by, a.ID, fine); err != nil {
			t.Fatal(err)
		}
		gone := func(when string) {
			t.Helper()
			_, err := s.EndDevice(ctx, a.ID, "device-7")
			list, total, listErr := s.EndDevicesAt(ctx, a.ID, 0, 0)
			if domain.CodeOf(err) != "end_device_not_found" || len(list) != 0 || total != 0 || listErr != nil {
				t.Errorf("%s: got %v and %d of %d (%v)", when, err, len(list), total, listErr)
			}
		}
		gone("at once")
		if err := s.UnregisterApplication(ctx, by, a.ID, fine); domain.CodeOf(err) != "application_not_registered" {
			t.Errorf("unregistered twice: got %v", err)
		}
		register(t, s, alice, a)
		gone("registered again")
		whole, err := s.WholeApplication(ctx, a.ID)
		if err != nil || whole.Payload != (domain.Payload{}) || whole.EndDevices != 0 {
			t.Errorf("got %+v (%v), want a new start", whole, err)
		}
		putDevice(t, s, alice, a, "device-7", 7) // same name and EUIs while the old rows are still there
		if commits := sweepAll(t, s); commits != 3 {
			t.Errorf("got %d commits, want 3", commits)
		}
		if list, total, err := s.EndDevicesAt(ctx, a.ID, 0, 0); len(list) != 1 || total != 1 || err != nil {
			t.Errorf("after the sweep: got %d of %d (%v), want the new one", len(list), total, err)
		}
	})
}

// TestARegistrationEndsWhileEndDevicesCome has end devices added and the
// application unregistered and registered again, all at once: what is counted
// is there in the end.
func TestARegistrationEndsWhileEndDevicesCome(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		a := makeApplication(t, s, alice, "apitest")
		by := asSession(alice)
		register(t, s, alice, a)
		var group sync.WaitGroup
		for w := range 6 {
			group.Go(func() {
				for i := range 40 {
					_, err := s.SetEndDevice(ctx, by, endDevice(a, fmt.Sprintf("device-%d-%d", w, i), w*100+i), noSeal, fine)
					if err != nil && domain.CodeOf(err) != "application_not_registered" {
						t.Error(err)
					}
				}
			})
		}
		for range 10 {
			group.Go(func() {
				for _, err := range []error{s.UnregisterApplication(ctx, by, a.ID, fine), s.RegisterApplication(ctx, by, a.ID, fine)} {
					if code := domain.CodeOf(err); err != nil && code != "application_not_registered" && code != "application_registered" {
						t.Error(err)
					}
				}
			})
			group.Go(func() {
				if _, err := s.SweepEndDevices(ctx, s0); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		sweepAll(t, s)
		all, total, err := s.EndDevicesAt(ctx, a.ID, 0, 0)
		if err != nil || len(all) != total {
			t.Errorf("got %d end devices of %d counted (%v)", len(all), total, err)
		}
	})
}

// noSecrets leaves the network keys out of comparisons: the store has them
// sealed.
var noSecrets = cmp.Comparer(func(a, b domain.EndDeviceKeys) bool { return a == b })

// s0 is a time that does not matter.
var s0 time.Time
