package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/store"
)

// callerOf is a user who is there himself.
func callerOf(user domain.User) domain.Caller {
	return domain.Caller{User: user, Credential: domain.SessionCredential, Scopes: domain.EveryScope()}
}

// sensorOf is a private sensor with all attributes set.
func sensorOf(owner domain.User, name string) domain.Sensor {
	return domain.Sensor{
		Owner: owner.ID.Owner(), OwnerName: owner.Name, Name: name, LongName: "Long " + name, Description: "Where it stands",
		ImageURL: "https://example.org/a.png", Latitude: 49.25, Longitude: -123.1, Visibility: domain.Private,
		Tags:     []string{"Wind", "old town"},
		Metadata: map[string]domain.Value{"room": domain.Text("4a"), "floor": domain.Number(9), "odd:key;*\\": domain.Text("v")},
		Fields: []domain.Field{{Name: "value", LongName: "Data", Type: domain.NumberField, Units: "°C", Required: true},
			{Name: "message", LongName: "Message", Type: domain.StringField}},
	}
}

func createSensor(t testing.TB, s *store.Store, owner domain.User, sensor domain.Sensor) domain.Sensor {
	t.Helper()
	made, err := s.CreateSensors(context.Background(), callerOf(owner), []domain.Sensor{sensor})
	if err != nil {
		t.Fatalf("create sensor %s: %v", sensor.Name, err)
	}
	return made[0]
}

func wantCode(t testing.TB, err error, kind domain.ErrorKind, code string) {
	t.Helper()
	if !domain.IsKind(err, kind) || domain.CodeOf(err) != code {
		t.Errorf("got error %v (%s), want %s", err, domain.CodeOf(err), code)
	}
}

func TestSensorComesBackWhole(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, alice := context.Background(), User(t, s, "alice")
		made := createSensor(t, s, alice, sensorOf(alice, "greenhouse"))
		want := sensorOf(alice, "greenhouse")
		want.ID, want.Publisher, want.CreatedAt, want.UpdatedAt = made.ID, "alice", made.CreatedAt, made.UpdatedAt
		if diff := cmp.Diff(want, made); diff != "" || made.ID == 0 || made.CreatedAt.IsZero() {
			t.Errorf("created sensor differs: %s", diff)
		}
		for range 2 { // from the database, then from memory
			byID, err := s.SensorByID(ctx, made.ID)
			if diff := cmp.Diff(made, byID); diff != "" || err != nil {
				t.Errorf("SensorByID: %v %s", err, diff)
			}
			byName, err := s.SensorByName(ctx, "alice", "greenhouse")
			if diff := cmp.Diff(made, byName); diff != "" || err != nil {
				t.Errorf("SensorByName: %v %s", err, diff)
			}
		}
	})
}

func TestUnknownSensorIsNotFound(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, alice := context.Background(), User(t, s, "alice")
		_, err := s.SensorByID(ctx, 4711)
		wantCode(t, err, domain.NotFound, "sensor_not_found")
		for _, name := range []string{"nothing", "", "nul\x00", "bad\xff"} {
			_, err = s.SensorByName(ctx, "alice", name)
			wantCode(t, err, domain.NotFound, "sensor_not_found")
		}
		_, err = s.UpdateSensor(ctx, callerOf(alice), 4711, func(*domain.Sensor) error { return nil })
		wantCode(t, err, domain.NotFound, "sensor_not_found")
		wantCode(t, s.DeleteSensor(ctx, callerOf(alice), 4711, anySensor), domain.NotFound, "sensor_not_found")
	})
}

func TestSensorsAreCreatedAllOrNone(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, alice := context.Background(), User(t, s, "alice")
		createSensor(t, s, alice, sensorOf(alice, "there"))
		_, err := s.CreateSensors(ctx, callerOf(alice), []domain.Sensor{sensorOf(alice, "first"), sensorOf(alice, "there")})
		wantCode(t, err, domain.Conflict, "sensor_name_taken")
		if err == nil || !strings.Contains(err.Error(), "already exists") {
			t.Errorf("got %v, want the words of the contract", err)
		}
		_, err = s.CreateSensors(ctx, callerOf(alice), []domain.Sensor{sensorOf(alice, "twin"), sensorOf(alice, "twin")})
		wantCode(t, err, domain.Conflict, "sensor_name_taken")
		if n, err := s.CountSensors(ctx, domain.SensorFilter{Everyones: true}); n != 1 || err != nil {
			t.Errorf("got %d sensors, %v, want 1", n, err)
		}
	})
}

func TestSameNameOfTwoOwnersIsNoClash(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		alice, bob := User(t, s, "alice"), User(t, s, "bobby")
		createSensor(t, s, alice, sensorOf(alice, "greenhouse"))
		createSensor(t, s, bob, sensorOf(bob, "greenhouse"))
	})
}

func TestTwentyCreateTheSameNameAndOneWins(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		alice := User(t, s, "alice")
		var won atomic.Int32
		atOnce(20, func(int) {
			_, err := s.CreateSensors(context.Background(), callerOf(alice), []domain.Sensor{sensorOf(alice, "greenhouse")})
			if err == nil {
				won.Add(1)
				return
			}
			wantCode(t, err, domain.Conflict, "sensor_name_taken")
		})
		if won.Load() != 1 {
			t.Errorf("%d of 20 creations won, want 1", won.Load())
		}
	})
}

// atOnce runs f n times at once and waits.
func atOnce(n int, f func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { f(i) })
	}
	all.Wait()
}

func TestConcurrentEditsAllSurvive(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, alice := context.Background(), User(t, s, "alice")
		made := createSensor(t, s, alice, sensorOf(alice, "greenhouse"))
		atOnce(20, func(i int) {
			_, err := s.UpdateSensor(ctx, callerOf(alice), made.ID, func(sensor *domain.Sensor) error {
				name := fmt.Sprint("f", i)
				sensor.Fields = append(sensor.Fields, domain.Field{Name: name, LongName: name, Type: domain.NumberField})
				return nil
			})
			if err != nil {
				t.Errorf("edit %d: %v", i, err)
			}
		})
		after, err := s.SensorByID(ctx, made.ID)
		if err != nil || len(after.Fields) != len(made.Fields)+20 {
			t.Errorf("got %d fields, %v, want %d", len(after.Fields), err, len(made.Fields)+20)
		}
	})
}

func TestEditsReplaceWhatTheyName(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, alice := context.Background(), User(t, s, "alice")
		made := createSensor(t, s, alice, sensorOf(alice, "greenhouse"))
		updated, err := s.UpdateSensor(ctx, callerOf(alice), made.ID, func(sensor *domain.Sensor) error {
			sensor.ID, sensor.Name, sensor.Owner, sensor.OwnerName = 99, "other", 99, "other"
			sensor.LongName, sensor.Tags, sensor.Metadata = "Another name", nil, map[string]domain.Value{"room": domain.Text("5b")}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		want := made
		want.LongName, want.Tags, want.UpdatedAt = "Another name", []string{}, updated.UpdatedAt
		want.Metadata = map[string]domain.Value{"room": domain.Text("5b")}
		got, err := s.SensorByID(ctx, made.ID)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v %s", err, diff)
		}
		wantListed(t, s, domain.SensorFilter{Everyones: true, Tags: [][]string{{"wind"}}})
		wantListed(t, s, domain.SensorFilter{Everyones: true, Metadata: []domain.MetadataTerm{{Key: "floor", AnyValue: true}}})
		wantListed(t, s, domain.SensorFilter{Everyones: true, Text: "ANOTHER"}, "greenhouse")
	})
}

func TestRefusedEditChangesNothing(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, alice := context.Background(), User(t, s, "alice")
		made := createSensor(t, s, alice, sensorOf(alice, "greenhouse"))
		refused := errors.New("refused")
		_, err := s.UpdateSensor(ctx, callerOf(alice), made.ID, func(sensor *domain.Sensor) error {
			sensor.LongName = "Another name"
			return refused
		})
		if !errors.Is(err, refused) {
			t.Errorf("got %v, want the error of the edit", err)
		}
		if got, err := s.SensorByID(ctx, made.ID); err != nil || got.LongName != made.LongName {
			t.Errorf("got %q, %v", got.LongName, err)
		}
	})
}

// After an update has returned, nobody may read the old value again, however
// many readers fill the cache meanwhile.
func TestEveryReadAfterAnUpdateSeesIt(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, alice := context.Background(), User(t, s, "alice")
		made := createSensor(t, s, alice, sensorOf(alice, "greenhouse"))
		var done atomic.Bool
		var current atomic.Int64 // the value of the last update that returned
		var readers sync.WaitGroup
		for range 4 {
			readers.Go(func() {
				for !done.Load() {
					atLeast := current.Load()
					got, err := s.SensorByName(ctx, "alice", "greenhouse")
					if err != nil || got.Latitude < float64(atLeast) && got.Latitude != made.Latitude || atLeast > 0 && got.Latitude == made.Latitude {
						t.Errorf("read %v, %v after update %d had returned", got.Latitude, err, atLeast)
						return
					}
				}
			})
		}
		for i := range 60 {
			_, err := s.UpdateSensor(ctx, callerOf(alice), made.ID, func(sensor *domain.Sensor) error {
				sensor.Latitude = float64(i + 1)
				return nil
			})
			if err != nil {
				t.Error(err)
			}
			current.Store(int64(i + 1))
		}
		done.Store(true)
		readers.Wait()
	})
}

func TestDeletedSensorLeavesNothing(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, alice := context.Background(), User(t, s, "alice")
		made := createSensor(t, s, alice, sensorOf(alice, "greenhouse"))
		if err := s.Subscribe(ctx, alice.ID, made.ID, anySensor); err != nil {
			t.Fatal(err)
		}
		if _, err := s.SensorByName(ctx, "alice", "greenhouse"); err != nil { // fill the caches
			t.Fatal(err)
		}
		if err := s.DeleteSensor(ctx, callerOf(alice), made.ID, anySensor); err != nil {
			t.Fatal(err)
		}
		_, err := s.SensorByID(ctx, made.ID)
		wantCode(t, err, domain.NotFound, "sensor_not_found")
		_, err = s.SensorByName(ctx, "alice", "greenhouse")
		wantCode(t, err, domain.NotFound, "sensor_not_found")
		if tags, err := s.Tags(ctx, domain.SensorFilter{Everyones: true}); len(tags) != 0 || err != nil {
			t.Errorf("got tags %v, %v, want none", tags, err)
		}
		if subscribers, err := s.Subscribers(ctx, made.ID); len(subscribers) != 0 || err != nil {
			t.Errorf("got subscribers %v, %v, want none", subscribers, err)
		}
		again := createSensor(t, s, alice, sensorOf(alice, "greenhouse"))
		if again.ID == made.ID {
			t.Errorf("the id %d was used again", made.ID)
		}
		if got, err := s.SensorByName(ctx, "alice", "greenhouse"); err != nil || got.ID != again.ID {
			t.Errorf("got %d, %v, want the new sensor %d", got.ID, err, again.ID)
		}
	})
}

func TestWhatHappensToASensorIsAudited(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, alice, root := context.Background(), User(t, s, "alice"), Admin(t, s, "boss")
		made := createSensor(t, s, alice, sensorOf(alice, "greenhouse"))
		if _, err := s.UpdateSensor(ctx, callerOf(root), made.ID, setVisibility(domain.Public)); err != nil {
			t.Fatal(err)
		}
		if err := s.DeleteSensor(ctx, callerOf(root), made.ID, anySensor); err != nil {
			t.Fatal(err)
		}
		events, err := s.AuditOf(ctx, alice.ID, domain.Page{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, event := range events.Items {
			if strings.HasPrefix(event.Act, "sensor.") {
				got = append(got, event.ActorName+" "+event.Act+" "+event.Thing)
			}
		}
		want := []string{"boss sensor.delete sensor alice.greenhouse", "boss sensor.visibility public sensor alice.greenhouse",
			"alice sensor.create sensor alice.greenhouse"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestCreationTimeMayBeGiven(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		alice := User(t, s, "alice")
		sensor := sensorOf(alice, "greenhouse")
		sensor.CreatedAt = time.Date(2020, 1, 2, 3, 4, 5, 6_000_000, time.UTC)
		if made := createSensor(t, s, alice, sensor); !made.CreatedAt.Equal(sensor.CreatedAt) {
			t.Errorf("got %v, want %v", made.CreatedAt, sensor.CreatedAt)
		}
	})
}

func anySensor(domain.Sensor) error { return nil }

func setVisibility(visibility domain.Visibility) func(*domain.Sensor) error {
	return func(sensor *domain.Sensor) error {
		sensor.Visibility = visibility
		return nil
	}
}
