package sensor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

// world is a service on a store with two users.
type world struct {
	*Service
	store      *store.Store
	alice, bob domain.Caller
}

func newWorld(t testing.TB) world {
	t.Helper()
	s := storetest.Open(t)
	return world{
		Service: &Service{Store: s, Finder: guard.NewFinder(s, nil), Now: time.Now},
		store:   s,
		alice:   storetest.Person(storetest.User(t, s, "alice")),
		bob:     storetest.Person(storetest.User(t, s, "bobby")),
	}
}

func (w world) create(t testing.TB, c domain.Caller, name string, visibility domain.Visibility) domain.Sensor {
	t.Helper()
	made, err := w.Create(context.Background(), c, domain.Sensor{Name: name, LongName: "Long " + name, Visibility: visibility})
	if err != nil {
		t.Fatalf("create %s: %v", name, err)
	}
	return made
}

func wantCode(t testing.TB, err error, kind domain.ErrorKind, code string) {
	t.Helper()
	if !domain.IsKind(err, kind) || domain.CodeOf(err) != code {
		t.Errorf("got %v (%s), want %s", err, domain.CodeOf(err), code)
	}
}

func TestCreateFillsInDefaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made, err := w.Create(context.Background(), w.alice, domain.Sensor{Name: "greenhouse", LongName: "Greenhouse",
		Tags: []string{" wind ", "Wind", ""}, ID: 99, Owner: 99, Publisher: "mallory"})
	if err != nil {
		t.Fatal(err)
	}
	if made.Visibility != domain.Private || made.OwnerName != "alice" || made.Publisher != "alice" || made.Owner != w.alice.User.ID.Owner() || made.ID == 99 {
		t.Errorf("got %+v", made)
	}
	if diff := cmp.Diff(domain.DefaultFields(), made.Fields); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"wind"}, made.Tags); diff != "" {
		t.Error(diff)
	}
}

func TestCreateRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := domain.Sensor{Name: "greenhouse", LongName: "Greenhouse"}
	foreign, bad := good, good
	foreign.OwnerName, bad.Name = "bobby", "x"
	userless := w.alice
	userless.User = domain.User{}
	tests := []struct {
		name   string
		caller domain.Caller
		sensor domain.Sensor
		kind   domain.ErrorKind
		code   string
	}{
		{"anonymous", domain.Caller{}, good, domain.Unauthenticated, "credential_missing"},
		{"no scope", storetest.Holding(t, w.alice, "sensors.read readings.*"), good, domain.Forbidden, "insufficient_scope"},
		{"narrowed to things", storetest.Holding(t, w.alice, "sensors.write:#1"), good, domain.Forbidden, "insufficient_scope"},
		{"nobody", userless, good, domain.Forbidden, "no_user"},
		{"for somebody else", w.alice, foreign, domain.NotFound, "owner_not_found"},
		{"not valid", w.alice, bad, domain.Invalid, "invalid_sensor"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := w.Create(context.Background(), test.caller, test.sensor)
			wantCode(t, err, test.kind, test.code)
		})
	}
}

func TestBatchIsCreatedAllOrNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	w.create(t, w.alice, "there", domain.Private)
	batch := func(names ...string) []domain.Sensor {
		var list []domain.Sensor
		for _, name := range names {
			list = append(list, domain.Sensor{Name: name, LongName: "Long " + name})
		}
		return list
	}
	_, err := w.CreateAll(ctx, w.alice, batch("first", "there"))
	wantCode(t, err, domain.Conflict, "sensor_name_taken")
	_, err = w.CreateAll(ctx, w.alice, batch("first", "NOT VALID"))
	wantCode(t, err, domain.Invalid, "invalid_sensor")
	var fault *domain.Error
	if errors.As(err, &fault); fault == nil || fault.Fields["name"] == "" || !strings.Contains(fault.Message, "Sensor 2") {
		t.Errorf("got %+v, want a fault of the name of the second sensor", fault)
	}
	many := make([]string, 101)
	for i := range many {
		many[i] = fmt.Sprintf("many-%d", i)
	}
	_, err = w.CreateAll(ctx, w.alice, batch(many...))
	wantCode(t, err, domain.Invalid, "too_many_sensors")
	if n, err := w.Count(ctx, w.alice, domain.SensorFilter{}); n != 1 || err != nil {
		t.Errorf("got %d sensors, %v, want 1", n, err)
	}
	if made, err := w.CreateAll(ctx, w.alice, batch(many[:100]...)); err != nil || len(made) != 100 {
		t.Errorf("got %d, %v, want 100", len(made), err)
	}
}

func TestUpdateChangesWhatItNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	made := w.create(t, w.alice, "greenhouse", domain.Public)
	longName, latitude := "New name", 12.5
	got, err := w.Update(ctx, w.alice, "greenhouse", Edit{LongName: &longName, Latitude: &latitude})
	if err != nil {
		t.Fatal(err)
	}
	want := made
	want.LongName, want.Latitude, want.UpdatedAt = longName, latitude, got.UpdatedAt
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	latitude = 91
	_, err = w.Update(ctx, w.alice, "greenhouse", Edit{Latitude: &latitude})
	wantCode(t, err, domain.Invalid, "invalid_sensor")
	_, err = w.Update(ctx, w.bob, "alice.greenhouse", Edit{LongName: &longName})
	wantCode(t, err, domain.Forbidden, "not_yours")
	wantCode(t, w.Delete(ctx, w.bob, "alice.greenhouse"), domain.Forbidden, "not_yours")
	wantCode(t, w.Delete(ctx, storetest.Holding(t, w.alice, "sensors.read"), "greenhouse"), domain.Forbidden, "insufficient_scope")
	if err := w.Delete(ctx, w.alice, "greenhouse"); err != nil {
		t.Fatal(err)
	}
	_, err = w.Find(ctx, w.alice, "greenhouse", domain.SensorRead)
	wantCode(t, err, domain.NotFound, "sensor_not_found")
}

func TestFields(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	w.create(t, w.alice, "greenhouse", domain.Private)
	fieldNames := func() string {
		sensor, err := w.Find(ctx, w.alice, "greenhouse", domain.SensorRead)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, field := range sensor.Fields {
			names = append(names, field.Name+"/"+field.LongName)
		}
		return strings.Join(names, " ")
	}
	put := func(name, longName string) error {
		return w.PutField(ctx, w.alice, "greenhouse", domain.Field{Name: name, LongName: longName, Type: domain.NumberField})
	}
	if err := errors.Join(put("lat", "North"), put("wind", "Wind")); err != nil {
		t.Fatal(err)
	}
	if got, want := fieldNames(), "value/Data lat/North lng/longitude message/Message wind/Wind"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	wantCode(t, put("bad", ""), domain.Invalid, "invalid_field")
	wantCode(t, put("timestamp", "Time"), domain.Invalid, "invalid_field")
	wantCode(t, w.DeleteField(ctx, w.alice, "greenhouse", "nothing"), domain.NotFound, "field_not_found")
	for _, name := range []string{"value", "lng", "message", "wind"} {
		if err := w.DeleteField(ctx, w.alice, "greenhouse", name); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := fieldNames(), "lat/North"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	err := w.DeleteField(ctx, w.alice, "greenhouse", "lat")
	wantCode(t, err, domain.Invalid, "last_field")
	if err == nil || !strings.Contains(err.Error(), "Cannot delete last field from sensor") {
		t.Errorf("got %v, want the words of the contract", err)
	}
	wantCode(t, w.DeleteField(ctx, w.bob, "alice.greenhouse", "lat"), domain.NotFound, "sensor_not_found")
}

func TestSubscriptions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	public := w.create(t, w.alice, "harbour", domain.Public)
	w.create(t, w.alice, "cellar", domain.Private)
	wantCode(t, w.Subscribe(ctx, domain.Caller{}, "alice.harbour"), domain.Unauthenticated, "credential_missing")
	wantCode(t, w.Subscribe(ctx, w.bob, "alice.cellar"), domain.NotFound, "sensor_not_found")
	wantCode(t, w.Subscribe(ctx, storetest.Holding(t, w.bob, "sensors.read"), "alice.harbour"), domain.Forbidden, "insufficient_scope")
	if err := errors.Join(w.Subscribe(ctx, w.bob, "alice.harbour"), w.Subscribe(ctx, w.alice, "cellar")); err != nil {
		t.Fatal(err)
	}
	wantCode(t, w.Subscribe(ctx, w.bob, "alice.harbour"), domain.Conflict, "already_subscribed")
	wantCode(t, w.Unsubscribe(ctx, w.alice, "harbour"), domain.Conflict, "not_subscribed")
	mine, err := w.List(ctx, w.bob, domain.SensorFilter{Relation: domain.Subscribed})
	if err != nil || len(mine) != 1 || mine[0].ID != public.ID {
		t.Errorf("got %v, %v, want the harbour", mine, err)
	}
	private := domain.Private
	if _, err := w.Update(ctx, w.alice, "harbour", Edit{Visibility: &private}); err != nil {
		t.Fatal(err)
	}
	if got, err := w.Subscribers(ctx, public.ID); len(got) != 0 || err != nil {
		t.Errorf("got %v, %v, want no subscribers", got, err)
	}
}

// For every caller, what is listed is what May allows: one answer, not two.
func TestListedIsWhatMayAllows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	var all []domain.Sensor
	for i := range 12 {
		owner, visibility := w.alice, domain.Private
		if i%2 == 0 {
			owner = w.bob
		}
		if i%3 == 0 {
			visibility = domain.Public
		}
		all = append(all, w.create(t, owner, fmt.Sprintf("sensor-%d", i), visibility))
	}
	carol := storetest.User(t, w.store, "carol")
	people := []domain.User{w.alice.User, w.bob.User, carol, {ID: 4711, Name: "stranger"}, {}}
	for i, user := range []string{"carol", "bobby", "carol", "carol", "alice", "carol", "alice", "bobby", "alice"} {
		rights := domain.SetOf(domain.RightsOn(domain.NounSensor)[i%6])
		if _, err := w.store.SetCollaborator(ctx, w.alice, all[i].Thing().Key(), user, rights, func(domain.Sharing) error { return nil }); err != nil && domain.CodeOf(err) != "owner_keeps_rights" {
			t.Fatal(err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		c := drawCaller(t, people, all)
		right := rapid.SampledFrom([]domain.Right{domain.SensorRead, domain.ReadingsRead}).Draw(t, "right")
		listed, err := w.store.Sensors(ctx, domain.SensorFilter{}.For(c, right))
		if err != nil {
			t.Fatal(err)
		}
		for _, sensor := range all {
			if sensor.Given, err = w.Finder.Given(ctx, c, sensor.Thing()); err != nil {
				t.Fatal(err)
			}
			want := guard.May(c, right, sensor.Thing())
			at := slices.IndexFunc(listed, func(l domain.Sensor) bool { return l.ID == sensor.ID })
			if got := at >= 0; got != want {
				t.Fatalf("%s of %s (%s) for %+v: listed %t, may %t", right, sensor.FullName(), sensor.Visibility, c, got, want)
			}
			for _, other := range domain.RightsOn(domain.NounSensor) {
				if at >= 0 && guard.May(c, other, listed[at].Thing()) != guard.May(c, other, sensor.Thing()) {
					t.Fatalf("%s of %s for %+v: the one that is listed says other than the one that is found", other, sensor.FullName(), c)
				}
			}
		}
	})
}

// drawCaller draws a caller with any credential and any scopes.
func drawCaller(t *rapid.T, users []domain.User, sensors []domain.Sensor) domain.Caller {
	c := domain.Caller{User: rapid.SampledFrom(users).Draw(t, "user")}
	c.Credential = rapid.SampledFrom([]domain.CredentialKind{domain.NoCredential, domain.KeyCredential, domain.SessionCredential}).Draw(t, "credential")
	c.User.Admin = rapid.Bool().Draw(t, "admin")
	c.User.Suspended = rapid.IntRange(0, 5).Draw(t, "suspended") == 0
	for range rapid.IntRange(0, 4).Draw(t, "scopes") {
		scope := domain.Scope{
			Noun: rapid.SampledFrom([]string{"sensors", "readings", "admin", "applications"}).Draw(t, "noun"),
			Verb: rapid.SampledFrom([]string{"read", "write", "*"}).Draw(t, "verb"),
		}
		if scope.Noun == "admin" {
			scope.Verb = ""
		} else if rapid.Bool().Draw(t, "narrowed") {
			scope.Thing = domain.ThingRef(int64(rapid.SampledFrom(sensors).Draw(t, "thing").ID))
		}
		c.Scopes = append(c.Scopes, scope)
	}
	return c
}
