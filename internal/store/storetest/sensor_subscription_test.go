package storetest

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/store"
)

func TestTwentySubscribeAtOnceAndOneSucceeds(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, alice := context.Background(), User(t, s, "alice")
		made := createSensor(t, s, alice, sensorOf(alice, "greenhouse"))
		var subscribed, ended atomic.Int32
		atOnce(20, func(int) {
			if err := s.Subscribe(ctx, alice.ID, made.ID, anySensor); err == nil {
				subscribed.Add(1)
			} else {
				wantCode(t, err, domain.Conflict, "already_subscribed")
			}
		})
		atOnce(20, func(int) {
			if err := s.Unsubscribe(ctx, alice.ID, made.ID); err == nil {
				ended.Add(1)
			} else {
				wantCode(t, err, domain.Conflict, "not_subscribed")
			}
		})
		if subscribed.Load() != 1 || ended.Load() != 1 {
			t.Errorf("got %d and %d, want 1 and 1", subscribed.Load(), ended.Load())
		}
	})
}

func TestSubscribeAsksAboutTheSensorAsItStands(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, alice := context.Background(), User(t, s, "alice")
		made := createSensor(t, s, alice, sensorOf(alice, "greenhouse"))
		refused := domain.Errorf(domain.NotFound, "refused", "No.")
		err := s.Subscribe(ctx, alice.ID, made.ID, func(sensor domain.Sensor) error {
			if sensor.ID != made.ID || sensor.Visibility != domain.Private {
				t.Errorf("got %+v", sensor)
			}
			return refused
		})
		wantCode(t, err, domain.NotFound, "refused")
		wantCode(t, s.Subscribe(ctx, alice.ID, 4711, anySensor), domain.NotFound, "sensor_not_found")
		wantListed(t, s, domain.SensorFilter{VisibleTo: alice.ID, Relation: domain.Subscribed})
	})
}

func TestTighteningEndsAllSubscriptions(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, alice, bob := context.Background(), User(t, s, "alice"), User(t, s, "bobby")
		sensor := sensorOf(alice, "greenhouse")
		sensor.Visibility = domain.Public
		made := createSensor(t, s, alice, sensor)
		other := createSensor(t, s, alice, sensorOf(alice, "cellar"))
		subscribe := func(user domain.User, id domain.SensorID) {
			t.Helper()
			if err := s.Subscribe(ctx, user.ID, id, anySensor); err != nil {
				t.Fatal(err)
			}
		}
		subscribe(alice, made.ID)
		subscribe(bob, made.ID)
		subscribe(alice, other.ID)
		wantSubscribers := func(want map[domain.SensorID][]string) {
			t.Helper()
			got, err := s.Subscribers(ctx, made.ID, other.ID)
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%v %s", err, diff)
			}
		}
		both := map[domain.SensorID][]string{made.ID: {"alice", "bobby"}, other.ID: {"alice"}}
		wantSubscribers(both)
		set := func(visibility domain.Visibility) {
			t.Helper()
			if _, err := s.UpdateSensor(ctx, callerOf(alice), made.ID, setVisibility(visibility)); err != nil {
				t.Fatal(err)
			}
		}
		set(domain.Public) // nothing changes
		wantSubscribers(both)
		set(domain.Private)
		wantSubscribers(map[domain.SensorID][]string{other.ID: {"alice"}})
		subscribe(alice, made.ID)
		set(domain.Public) // loosening ends none
		wantSubscribers(map[domain.SensorID][]string{made.ID: {"alice"}, other.ID: {"alice"}})
	})
}
