package storetest_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

// newSensors makes sensors that belong to one new user.
func newSensors(t testing.TB, s *store.Store, n int) []domain.SensorID {
	t.Helper()
	user := storetest.User(t, s, fmt.Sprint("alice", n))
	sensors := make([]domain.Sensor, n)
	for i := range sensors {
		sensors[i] = domain.Sensor{Owner: user.ID.Owner(), OwnerName: user.Name, Name: fmt.Sprint("sensor", i), LongName: "A sensor",
			Visibility: domain.Private, Fields: domain.DefaultFields()}
	}
	made, err := s.CreateSensors(context.Background(), domain.Caller{User: user, Credential: domain.SessionCredential}, sensors)
	if err != nil {
		t.Fatalf("make sensors: %v", err)
	}
	ids := make([]domain.SensorID, n)
	for i := range made {
		ids[i] = made[i].ID
	}
	return ids
}

func at(ms int, value float64) domain.Reading {
	return domain.Reading{At: domain.Millis(ms), Values: []domain.NamedValue{{Name: "value", Value: domain.Number(value)}}}
}

func appendAll(t testing.TB, s *store.Store, sensor domain.SensorID, readings ...domain.Reading) []domain.ReadingID {
	t.Helper()
	done, err := s.AppendReadings(context.Background(), sensor, readings, domain.Once{})
	if err != nil {
		t.Fatal(err)
	}
	return done.IDs
}

func all(t testing.TB, s *store.Store, sensor domain.SensorID) []domain.Reading {
	t.Helper()
	readings := []domain.Reading{}
	for reading, err := range s.Readings(context.Background(), sensor, domain.Everything(), 0, domain.OldestFirst) {
		if err != nil {
			t.Fatal(err)
		}
		readings = append(readings, reading)
	}
	return readings
}

func TestTwentyAppendersLoseNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sensors := newSensors(t, s, 2)
		const each = 60
		var mu sync.Mutex
		want := map[domain.ReadingID]float64{}
		errs := atOnce(20, func(n int) error {
			for i := range each {
				value := float64(n*each + i)
				done, err := s.AppendReadings(context.Background(), sensors[n%2], []domain.Reading{at(i, value)}, domain.Once{})
				if err != nil {
					return err
				}
				mu.Lock()
				want[done.IDs[0]] = value
				mu.Unlock()
			}
			return nil
		})
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		got := map[domain.ReadingID]float64{}
		for _, r := range append(all(t, s, sensors[0]), all(t, s, sensors[1])...) {
			if _, twice := got[r.ID]; twice {
				t.Errorf("reading %d is there twice", r.ID)
			}
			got[r.ID] = r.Values[0].Value.Number
		}
		if diff := cmp.Diff(want, got); diff != "" || len(want) != 20*each {
			t.Errorf("stored %d ids, readings differ (-want +got):\n%s", len(want), diff)
		}
	})
}

func TestARepeatedRequestStoresOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sensor := newSensors(t, s, 1)[0]
		once := domain.Once{User: 1, Name: "upload 7", Digest: []byte("digest of it")}
		var mu sync.Mutex
		fresh := 0
		errs := atOnce(20, func(int) error {
			done, err := s.AppendReadings(context.Background(), sensor, []domain.Reading{at(1, 1), at(2, 2)}, once)
			if err == nil && !done.Repeated {
				mu.Lock()
				defer mu.Unlock()
				fresh++
			}
			return err
		})
		if err := errors.Join(errs...); err != nil || fresh != 1 {
			t.Fatalf("got %d first ones, error %v, want 1", fresh, err)
		}
		if got := len(all(t, s, sensor)); got != 2 {
			t.Errorf("got %d readings, want 2", got)
		}
		once.Digest = []byte("another")
		_, err := s.AppendReadings(context.Background(), sensor, []domain.Reading{at(3, 3)}, once)
		if domain.CodeOf(err) != "idempotency_key_reused" || !domain.IsKind(err, domain.Conflict) {
			t.Errorf("another request under the same name: got %v, want idempotency_key_reused", err)
		}
		once.User = 2
		if done, err := s.AppendReadings(context.Background(), sensor, []domain.Reading{at(3, 3)}, once); err != nil || done.Repeated {
			t.Errorf("the same name of another user: got %+v, error %v, want a first one", done, err)
		}
	})
}

func TestAFailedActUndoesOnlyItself(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sensor := newSensors(t, s, 1)[0]
		errs := atOnce(40, func(n int) error {
			switch n % 4 {
			case 0:
				_, err := s.AppendReadings(context.Background(), sensor+99, []domain.Reading{at(n, 0)}, domain.Once{})
				return err
			case 1: // the first half would be stored, were it not for the second
				_, err := s.AppendToSensors(context.Background(), []domain.Reading{
					{Sensor: sensor, At: domain.Millis(n), Values: at(n, 0).Values}, {Sensor: sensor + 99, At: domain.Millis(n), Values: at(n, 0).Values}})
				return err
			}
			_, err := s.AppendReadings(context.Background(), sensor, []domain.Reading{at(n, float64(n))}, domain.Once{})
			return err
		})
		want := []float64{}
		for n, err := range errs {
			switch fails := n%4 < 2; {
			case fails && !domain.IsKind(err, domain.NotFound):
				t.Errorf("act %d: got %v, want NotFound", n, err)
			case !fails && err != nil:
				t.Errorf("act %d: %v", n, err)
			case !fails:
				want = append(want, float64(n))
			}
		}
		got := []float64{}
		ids := map[domain.ReadingID]bool{}
		for _, r := range all(t, s, sensor) {
			got = append(got, r.Values[0].Value.Number)
			ids[r.ID] = true
		}
		if diff := cmp.Diff(want, got); diff != "" || len(ids) != len(want) {
			t.Errorf("%d ids, readings differ (-want +got):\n%s", len(ids), diff)
		}
	})
}

func TestReplacingHappensAtOneMoment(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		sensor := newSensors(t, s, 1)[0]
		version := func(v, n int) []domain.Reading {
			readings := make([]domain.Reading, n)
			for i := range readings {
				readings[i] = at(i, float64(v))
			}
			return readings
		}
		appendAll(t, s, sensor, version(0, 100)...)
		done := make(chan error, 1)
		go func() {
			var err error
			for v := 1; v <= 40 && err == nil; v++ {
				err = s.ReplaceReadings(ctx, sensor, []domain.Range{domain.Everything()}, version(v, 40+60*(v%2)))
			}
			done <- err
		}()
		for {
			page, err := s.ReadingsPage(ctx, sensor, domain.Everything(), 1000, domain.OldestFirst)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range page {
				if r.Values[0].Value != page[0].Values[0].Value {
					t.Fatalf("got readings of two versions: %v and %v", page[0], r)
				}
			}
			if len(page) != 40 && len(page) != 100 {
				t.Fatalf("got %d readings, want 40 or 100", len(page))
			}
			select {
			case err := <-done:
				if err != nil {
					t.Fatal(err)
				}
				return
			default:
			}
		}
	})
}

func TestReadingNeitherHidesNorDoublesWhatIsPacked(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sensor := newSensors(t, s, 1)[0]
		done := make(chan error, 1)
		go func() {
			var err error
			for i := 0; i < 2000 && err == nil; i += 50 {
				batch := make([]domain.Reading, 50)
				for j := range batch {
					batch[j] = at(i+j, float64(i+j))
				}
				_, err = s.AppendReadings(context.Background(), sensor, batch, domain.Once{})
			}
			done <- err
		}()
		for ended := false; !ended; {
			select {
			case err := <-done:
				if ended = true; err != nil {
					t.Fatal(err)
				}
			default:
			}
			readings := all(t, s, sensor)
			for i, r := range readings {
				if int(r.At) != i {
					t.Fatalf("reading %d of %d has time %d", i, len(readings), r.At)
				}
			}
			if ended && len(readings) != 2000 {
				t.Fatalf("got %d readings, want 2000", len(readings))
			}
		}
	})
}

func TestTheStateKeepsTheNewest(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		sensors := newSensors(t, s, 60)
		sensor := sensors[59]
		appendAll(t, s, sensor, at(2000, 2))
		late := at(1000, 1)
		late.Values = append(late.Values, domain.NamedValue{Name: "message", Value: domain.Text("late")})
		appendAll(t, s, sensor, late)
		appendAll(t, s, sensor, at(2000, 3)) // as new, but stored later
		appendAll(t, s, sensors[0], at(5, 5))
		if _, err := s.DeleteReadings(ctx, sensor, domain.Everything()); err != nil {
			t.Fatal(err)
		}
		got, err := s.SensorStates(ctx, sensors...)
		if err != nil {
			t.Fatal(err)
		}
		ms := func(n int64) time.Time { return time.UnixMilli(n).UTC() }
		want := map[domain.SensorID]domain.SensorState{
			sensor: {LastUpdate: ms(2000), Last: map[string]domain.LastValue{
				"value": {Value: domain.Number(3), At: ms(2000)}, "message": {Value: domain.Text("late"), At: ms(1000)}}},
			sensors[0]: {LastUpdate: ms(5), Last: map[string]domain.LastValue{"value": {Value: domain.Number(5), At: ms(5)}}},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("states differ (-want +got):\n%s", diff)
		}
	})
}

func TestADeletedSensorTakesNoReadings(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		sensors := newSensors(t, s, 1)
		appendAll(t, s, sensors[0], at(1, 1))
		by := domain.Caller{User: domain.User{ID: 1}, Credential: domain.SessionCredential}
		errs := atOnce(20, func(n int) error {
			if n == 10 {
				return s.DeleteSensor(ctx, by, sensors[0], func(domain.Sensor) error { return nil })
			}
			_, err := s.AppendReadings(ctx, sensors[0], []domain.Reading{at(n, 1)}, domain.Once{})
			return err
		})
		for n, err := range errs {
			if err != nil && !domain.IsKind(err, domain.NotFound) {
				t.Errorf("act %d: %v", n, err)
			}
		}
		if got := all(t, s, sensors[0]); len(got) != 0 {
			t.Errorf("got %d readings of a deleted sensor, want none", len(got))
		}
		if states, err := s.SensorStates(ctx, sensors[0]); err != nil || len(states) != 0 {
			t.Errorf("got states %v, error %v, want none", states, err)
		}
	})
}

func TestReadingsOutliveTheProcess(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/thingward.db"
	options := store.Options{SQLite: path, Log: slog.New(slog.DiscardHandler), Now: time.Now}
	s, err := store.Open(context.Background(), options)
	if err != nil {
		t.Fatal(err)
	}
	sensor := newSensors(t, s, 1)[0]
	for i := range 600 {
		appendAll(t, s, sensor, at(i, float64(i)))
	}
	want := all(t, s, sensor)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = storetest.OpenAgain(t, path)
	if diff := cmp.Diff(want, all(t, s, sensor)); diff != "" {
		t.Errorf("readings differ (-want +got):\n%s", diff)
	}
	ids := appendAll(t, s, sensor, at(1000, 1))
	if last := slices.MaxFunc(want, func(a, b domain.Reading) int { return int(a.ID - b.ID) }).ID; ids[0] <= last {
		t.Errorf("got id %d after %d, want a greater one", ids[0], last)
	}
}

func TestTooManyIntervalsAreRefused(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sensor := newSensors(t, s, 1)[0]
		batch := make([]domain.Reading, 100_100)
		for i := range batch {
			batch[i] = at(i, 1)
		}
		appendAll(t, s, sensor, batch...)
		_, err := s.SummarizeReadings(context.Background(), sensor, "value", domain.Everything(), time.Millisecond)
		if !domain.IsKind(err, domain.Invalid) || !strings.Contains(err.Error(), "intervals") {
			t.Errorf("got %v, want Invalid", err)
		}
	})
}

func TestManyFirstReadersDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sensor := newSensors(t, s, 1)[0]
		appendAll(t, s, sensor, at(1, 1))
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		errs := atOnce(50, func(n int) error {
			_, err := s.ReadingsPage(ctx, sensor, domain.Everything(), 10, domain.Direction(n%2))
			return err
		})
		if err := errors.Join(errs...); err != nil {
			t.Error(err)
		}
	})
}
