package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/store"
)

// wantListed compares the names of what a filter selects, and its count.
func wantListed(t testing.TB, s *store.Store, f domain.SensorFilter, want ...string) {
	t.Helper()
	sensors, err := s.Sensors(context.Background(), f)
	if err != nil {
		t.Errorf("list %+v: %v", f, err)
		return
	}
	got := names(sensors)
	if diff := cmp.Diff(append([]string{}, want...), got); diff != "" {
		t.Errorf("list %+v: %s", f, diff)
	}
	paged := f.Offset != 0 || f.Limit != 0 || f.After != 0
	if n, err := s.CountSensors(context.Background(), f); err != nil || !paged && n != len(want) {
		t.Errorf("count %+v: got %d, %v, want %d", f, n, err, len(want))
	}
}

func names(sensors []domain.Sensor) []string {
	list := make([]string, len(sensors))
	for i, sensor := range sensors {
		list[i] = sensor.Name
	}
	return list
}

// town is a small world: alice's three sensors and one of bobby's.
type town struct {
	alice, bob                     domain.User
	harbour, cellar, summit, field domain.Sensor
}

func build(t testing.TB, s *store.Store) town {
	t.Helper()
	w := town{alice: User(t, s, "alice"), bob: User(t, s, "bobby")}
	make := func(owner domain.User, name, description string, visibility domain.Visibility, at domain.Area, tags []string, metadata map[string]domain.Value) domain.Sensor {
		sensor := sensorOf(owner, name)
		sensor.Description, sensor.Visibility, sensor.Tags, sensor.Metadata = description, visibility, tags, metadata
		sensor.Latitude, sensor.Longitude = at.North, at.West
		return createSensor(t, s, owner, sensor)
	}
	w.harbour = make(w.alice, "harbour", "100% of the Wind_speed", domain.Public, domain.Area{North: 10, West: 179}, []string{"Wind", "sea"},
		map[string]domain.Value{"floor": domain.Number(9), "Room": domain.Text("4A")})
	w.cellar = make(w.alice, "cellar", "dark", domain.Private, domain.Area{North: -20, West: 0}, []string{"wind"},
		map[string]domain.Value{"floor": domain.Number(999)})
	w.summit = make(w.alice, "summit", `back\slash GRÜN`, domain.Public, domain.Area{North: 60, West: -179}, nil, nil)
	w.field = make(w.bob, "field", "green", domain.Private, domain.Area{North: 0, West: 20}, []string{"SEA", "old town"}, nil)
	return w
}

func TestFilterByWhoAsks(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		w := build(t, s)
		alice, none := w.alice.ID, []domain.SensorID{}
		wantListed(t, s, domain.SensorFilter{}, "harbour", "summit")
		wantListed(t, s, domain.SensorFilter{VisibleTo: alice}, "harbour", "cellar", "summit")
		wantListed(t, s, domain.SensorFilter{VisibleTo: w.bob.ID}, "harbour", "summit", "field")
		wantListed(t, s, domain.SensorFilter{VisibleTo: alice, OnlyThings: none}, "harbour", "summit")
		wantListed(t, s, domain.SensorFilter{VisibleTo: alice, OnlyThings: []domain.SensorID{w.cellar.ID, w.field.ID}}, "harbour", "cellar", "summit")
		wantListed(t, s, domain.SensorFilter{Everyones: true}, "harbour", "cellar", "summit", "field")
		wantListed(t, s, domain.SensorFilter{Everyones: true, OnlyThings: []domain.SensorID{w.field.ID}}, "harbour", "summit", "field")
		wantListed(t, s, domain.SensorFilter{Everyones: true, OnlyThings: none}, "harbour", "summit")
		wantListed(t, s, domain.SensorFilter{VisibleTo: alice, Relation: domain.Contributed}, "harbour", "cellar", "summit")
		wantListed(t, s, domain.SensorFilter{Relation: domain.Contributed})
		for _, id := range []domain.SensorID{w.harbour.ID, w.cellar.ID} {
			if err := s.Subscribe(context.Background(), alice, id, anySensor); err != nil {
				t.Fatal(err)
			}
		}
		wantListed(t, s, domain.SensorFilter{VisibleTo: alice, Relation: domain.Subscribed}, "harbour", "cellar")
		wantListed(t, s, domain.SensorFilter{VisibleTo: w.bob.ID, Relation: domain.Subscribed})
	})
}

func TestFilterByAttributes(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		build(t, s)
		term := func(terms ...domain.MetadataTerm) domain.SensorFilter {
			return domain.SensorFilter{Metadata: terms}
		}
		tags := func(groups ...[]string) domain.SensorFilter { return domain.SensorFilter{Tags: groups} }
		tests := []struct {
			filter domain.SensorFilter
			want   []string
		}{
			{domain.SensorFilter{Owners: []string{"alice"}}, []string{"harbour", "cellar", "summit"}},
			{domain.SensorFilter{Owners: []string{"bobby", "nobody"}}, []string{"field"}},
			{domain.SensorFilter{Visibility: domain.Public}, []string{"harbour", "summit"}},
			{domain.SensorFilter{Visibility: domain.Private}, []string{"cellar", "field"}},
			{domain.SensorFilter{Visibility: "ORGANIZATION"}, nil},
			{domain.SensorFilter{Text: "wind_"}, []string{"harbour"}},
			{domain.SensorFilter{Text: "100%"}, []string{"harbour"}},
			{domain.SensorFilter{Text: `BACK\s`}, []string{"summit"}},
			{domain.SensorFilter{Text: "grün"}, []string{"summit"}},
			{domain.SensorFilter{Text: "long CELL"}, []string{"cellar"}},
			{domain.SensorFilter{Text: "_"}, []string{"harbour"}},
			{tags([]string{"WIND"}), []string{"harbour", "cellar"}},
			{tags([]string{"wind", "sea"}), []string{"harbour"}},
			{tags([]string{"wind", "sea"}, []string{"old town"}), []string{"harbour", "field"}},
			{tags([]string{"nothing"}), nil},
			{term(domain.MetadataTerm{Key: "floor", AnyValue: true}), []string{"harbour", "cellar"}},
			{term(domain.MetadataTerm{Key: "floor", Value: "9"}), []string{"harbour"}},
			{term(domain.MetadataTerm{Key: "floor", Value: "9", Prefix: true}), []string{"harbour", "cellar"}},
			{term(domain.MetadataTerm{Key: "floor", Prefix: true}), []string{"harbour", "cellar"}},
			{term(domain.MetadataTerm{Key: "floor"}), nil},
			{term(domain.MetadataTerm{Key: "Room", Value: "4a", Prefix: true}), nil},
			{term(domain.MetadataTerm{Key: "Room", Value: "4", Prefix: true}, domain.MetadataTerm{Key: "floor", Value: "9"}), []string{"harbour"}},
			{domain.SensorFilter{Area: &domain.Area{North: 20, West: -10, South: -30, East: 30}}, []string{"cellar", "field"}},
			{domain.SensorFilter{Area: &domain.Area{North: 80, West: 170, South: 0, East: -170}}, []string{"harbour", "summit"}},
			{domain.SensorFilter{Text: "e", Tags: [][]string{{"sea"}}, Visibility: domain.Private}, []string{"field"}},
		}
		for _, test := range tests {
			test.filter.Everyones = true
			wantListed(t, s, test.filter, test.want...)
		}
	})
}

func TestFilterByLastUpdate(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		w := build(t, s)
		now := time.Now()
		update := func(sensor domain.Sensor, at time.Time) {
			t.Helper()
			readings := []domain.Reading{{At: domain.MillisOf(at), Values: []domain.NamedValue{{Name: "value", Value: domain.Number(1)}}}}
			if _, err := s.AppendReadings(context.Background(), sensor.ID, readings, domain.Once{}); err != nil {
				t.Fatal(err)
			}
		}
		update(w.harbour, now.Add(-time.Minute))
		update(w.harbour, now.Add(-48*time.Hour))
		update(w.cellar, now.Add(-time.Hour))
		since := now.Add(-domain.ActiveWithin)
		wantListed(t, s, domain.SensorFilter{Everyones: true, ActiveSince: since}, "harbour")
		wantListed(t, s, domain.SensorFilter{Everyones: true, InactiveSince: since}, "cellar", "summit", "field")
		wantListed(t, s, domain.SensorFilter{ActiveSince: now.Add(-time.Minute).Truncate(time.Millisecond)}, "harbour")
		wantListed(t, s, domain.SensorFilter{ActiveSince: now})
	})
}

func TestSensorsArePaged(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		w := build(t, s)
		all := domain.SensorFilter{Everyones: true, Limit: 2}
		wantListed(t, s, all, "harbour", "cellar")
		all.Offset = 3
		wantListed(t, s, all, "field")
		all.Offset, all.After = 0, w.cellar.ID
		wantListed(t, s, all, "summit", "field")
		got, err := s.SensorsByIDs(context.Background(), []domain.SensorID{w.field.ID, 4711, w.harbour.ID, w.field.ID})
		if diff := cmp.Diff([]string{"harbour", "field"}, names(got)); diff != "" || err != nil {
			t.Errorf("SensorsByIDs: %v %s", err, diff)
		}
	})
}

func TestTagsAreCountedAmongVisibleSensors(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		w := build(t, s)
		wantTags := func(f domain.SensorFilter, total int, want ...string) {
			t.Helper()
			tags, err := s.Tags(context.Background(), f)
			if err != nil {
				t.Fatal(err)
			}
			got := []string{}
			for _, tag := range tags {
				got = append(got, fmt.Sprintf("%d %s", tag.Count, tag.Name))
			}
			if diff := cmp.Diff(append([]string{}, want...), got); diff != "" {
				t.Errorf("tags of %+v: %s", f, diff)
			}
			if n, err := s.CountTags(context.Background(), f); err != nil || n != total {
				t.Errorf("got %d tags, %v, want %d", n, err, total)
			}
		}
		wantTags(domain.SensorFilter{}, 2, "1 sea", "1 Wind")
		wantTags(domain.SensorFilter{Everyones: true}, 3, "2 SEA", "2 Wind", "1 old town")
		wantTags(domain.SensorFilter{Everyones: true, Limit: 1, Offset: 1}, 3, "2 Wind")
		wantTags(domain.SensorFilter{Owners: []string{"bobby"}}, 0)
		tags, err := s.Tags(context.Background(), domain.SensorFilter{VisibleTo: w.alice.ID})
		if err != nil || !tags[0].LastUsed.Equal(w.cellar.CreatedAt) {
			t.Errorf("got %+v, %v, want last used %v", tags, err, w.cellar.CreatedAt)
		}
	})
}
