package collaborator

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

// world is a service on a store where alice has a private sensor.
type world struct {
	*Service
	store                   *store.Store
	clock                   *storetest.Clock
	alice, bob, carol, dave domain.Caller
	house                   domain.Thing
}

const house = "alice.greenhouse"

func newWorld(t testing.TB) world {
	t.Helper()
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock.Now)
	w := world{Service: &Service{Store: s, Finder: guard.NewFinder(s, nil), Now: clock.Now}, store: s, clock: clock,
		alice: storetest.Person(storetest.User(t, s, "alice")), bob: storetest.Person(storetest.User(t, s, "bobby")),
		carol: storetest.Person(storetest.User(t, s, "carol")), dave: storetest.Person(storetest.User(t, s, "dave"))}
	made, err := s.CreateSensors(context.Background(), w.alice, []domain.Sensor{{Owner: w.alice.User.ID.Owner(), OwnerName: "alice", Name: "greenhouse",
		LongName: "Greenhouse", Visibility: domain.Private, Fields: domain.DefaultFields()}})
	if err != nil {
		t.Fatal(err)
	}
	w.house = made[0].Thing()
	return w
}

func (w world) set(c domain.Caller, user string, rights ...domain.Right) error {
	_, err := w.Set(context.Background(), c, domain.NounSensor, house, user, domain.SetOf(rights...))
	return err
}

func (w world) remove(c domain.Caller, user string) error {
	return w.Remove(context.Background(), c, domain.NounSensor, house, user)
}

func wantCode(t testing.TB, what string, err error, code string) {
	t.Helper()
	got := ""
	if err != nil {
		got = domain.CodeOf(err)
	}
	if got != code {
		t.Errorf("%s: got %v (%s), want %q", what, err, got, code)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestNobodyGivesOrTakesARightThatHeLacks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	must(t, w.set(w.alice, "bobby", domain.SensorShare, domain.ReadingsRead))
	must(t, w.set(w.alice, "carol", domain.ReadingsRead, domain.ReadingsWrite))
	for _, step := range []struct {
		what string
		err  error
		code string
	}{
		{"a reader shares", w.set(w.carol, "dave", domain.ReadingsRead), "right_missing"},
		{"a stranger shares", w.set(w.dave, "dave", domain.ReadingsRead), "sensor_not_found"},
		{"nobody shares", w.set(domain.Caller{}, "dave", domain.ReadingsRead), "sensor_not_found"},
		{"he gives himself more", w.set(w.bob, "bobby", domain.SensorShare, domain.SensorDelete), "right_missing"},
		{"he gives what he lacks", w.set(w.bob, "dave", domain.ReadingsWrite), "right_missing"},
		{"he narrows somebody who has more", w.set(w.bob, "carol", domain.ReadingsRead), "right_missing"},
		{"he widens somebody who has more", w.set(w.bob, "carol", domain.ReadingsRead, domain.ReadingsWrite, domain.SensorShare), "right_missing"},
		{"he removes somebody who has more", w.remove(w.bob, "carol"), "right_missing"},
		{"he narrows the owner", w.set(w.bob, "alice", domain.SensorRead), "owner_keeps_rights"},
		{"he removes the owner", w.remove(w.bob, "alice"), "owner_stays"},
		{"he gives what he has", w.set(w.bob, "dave", domain.ReadingsRead, domain.SensorShare), ""},
		{"he takes back what he has", w.set(w.bob, "dave", domain.SensorRead), ""},
		{"he removes who has less", w.remove(w.bob, "dave"), ""},
		{"whoever is there leaves", w.remove(w.carol, "carol"), ""},
		{"twice", w.remove(w.carol, "carol"), "sensor_not_found"},
		{"the owner leaves", w.remove(w.alice, "alice"), "owner_stays"},
		{"nothing is given", w.set(w.alice, "dave"), "invalid_rights"},
		{"rights of another kind", w.set(w.alice, "dave", domain.DeviceRead), "invalid_rights"},
		{"an unknown user", w.set(w.alice, "nobody", domain.SensorRead), "user_not_found"},
		{"an address", w.set(w.alice, "bobby@example.org", domain.SensorRead), "user_not_found"},
	} {
		wantCode(t, step.what, step.err, step.code)
	}
}

func TestACredentialSharesNoMoreThanItMayDoItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all := "sensors.*:" + domain.ThingRef(w.house.ID) + " readings.*:" + domain.ThingRef(w.house.ID)
	must(t, w.set(w.alice, "carol", domain.ReadingsRead))
	for _, test := range []struct {
		scopes, what string
		err          func(c domain.Caller) error
		code         string
	}{
		{all, "a token for the thing", func(c domain.Caller) error { return w.set(c, "bobby", domain.ReadingsWrite) }, ""},
		{all, "and takes it back", func(c domain.Caller) error { return w.remove(c, "bobby") }, ""},
		{"sensors.*", "no scope for what is given", func(c domain.Caller) error { return w.set(c, "bobby", domain.ReadingsWrite) }, "insufficient_scope"},
		{"sensors.write", "not even for seeing it", func(c domain.Caller) error { return w.set(c, "bobby", domain.SensorWrite) }, "insufficient_scope"},
		{"sensors.read readings.*", "no scope for sharing", func(c domain.Caller) error { return w.set(c, "bobby", domain.ReadingsRead) }, "insufficient_scope"},
		{"sensors.*:#99 readings.*:#99", "another thing", func(c domain.Caller) error { return w.set(c, "bobby", domain.ReadingsRead) }, "sensor_not_found"},
		{"sensors.*", "keeps what somebody has", func(c domain.Caller) error { return w.set(c, "carol", domain.ReadingsRead, domain.SensorWrite) }, ""},
		{"sensors.write", "takes what it cannot use itself", func(c domain.Caller) error { return w.remove(c, "carol") }, ""},
	} {
		wantCode(t, test.what, test.err(storetest.Holding(t, w.alice, test.scopes)), test.code)
	}
	must(t, w.set(w.alice, "carol", domain.ReadingsRead))
	wantCode(t, "leaving without the scope", w.remove(storetest.Holding(t, w.carol, "sensors.read readings.read"), "carol"), "insufficient_scope")
	wantCode(t, "leaving", w.remove(storetest.Holding(t, w.carol, all), "carol"), "")
}

func TestWhoSeesWhoWorksOnAThing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	must(t, w.set(w.alice, "bobby", domain.SensorShare))
	must(t, w.set(w.alice, "carol", domain.ReadingsRead))
	admin := w.dave
	admin.User.Admin = true
	seen := func(c domain.Caller) string {
		list, err := w.List(ctx, c, domain.NounSensor, house)
		if err != nil {
			return domain.CodeOf(err)
		}
		addresses := 0
		for _, one := range list {
			if one.Email != "" {
				addresses++
			}
		}
		return fmt.Sprintf("%d people, %d addresses", len(list), addresses)
	}
	check := func(what string, c domain.Caller, want string) {
		t.Helper()
		if got := seen(c); got != want {
			t.Errorf("%s: got %s, want %s", what, got, want)
		}
	}
	check("the owner", w.alice, "3 people, 1 addresses")
	check("who shares it", w.bob, "3 people, 1 addresses")
	check("his token that does not share", storetest.Holding(t, w.bob, "sensors.read"), "3 people, 0 addresses")
	check("another collaborator", w.carol, "3 people, 1 addresses")
	check("an administrator", admin, "3 people, 3 addresses")
	check("a stranger", w.dave, "sensor_not_found")
	_, err := w.store.UpdateSensor(ctx, w.alice, domain.SensorID(w.house.ID), func(s *domain.Sensor) error { s.Visibility = domain.Public; return nil })
	must(t, err)
	check("a stranger of a public one", w.dave, "not_yours")
	check("nobody of a public one", domain.Caller{}, "not_yours")
	check("a collaborator of a public one", w.carol, "3 people, 1 addresses")
	check("a token of his for other things", storetest.Holding(t, w.carol, "devices.read"), "not_yours")
	found, err := w.Find(ctx, w.carol, domain.NounSensor, house, "bobby")
	if err != nil || found.Name != "bobby" || found.Email != "" {
		t.Errorf("got %+v, %v", found, err)
	}
	_, err = w.Find(ctx, w.carol, domain.NounSensor, house, "dave")
	wantCode(t, "somebody who is not there", err, "collaborator_not_found")
	for what, view := range map[string]struct {
		c    domain.Caller
		want string
	}{"the owner": {w.alice, "read write delete share readings.read readings.write"}, "who shares it": {w.bob, "read share"}, "a reader": {w.carol, ""},
		"a token": {storetest.Holding(t, w.alice, "sensors.*"), "read write delete share"}} {
		got, err := w.View(ctx, view.c, domain.NounSensor, house)
		if err != nil || got.Givable.PrintRights() != view.want || got.Name != house {
			t.Errorf("%s may give %q of %s (%v), want %q", what, got.Givable.PrintRights(), got.Name, err, view.want)
		}
	}
}

// letters stands in for the mails: it notes what is written to whom.
type letters []string

func (l *letters) Compose(kind domain.MailKind, to domain.MailTo, about map[string]string) (domain.NewMail, error) {
	*l = append(*l, fmt.Sprintf("%s to %d, %s: %s shares the %s at %s (%s)", kind, to.User, about["name"], about["by"], about["thing"], about["path"], about["rights"]))
	return domain.NewMail{To: to, Kind: kind, MessageID: fmt.Sprint("letter-", len(*l)), Subject: "Shared", Sealed: []byte("sealed")}, nil
}

func TestWhoIsNewIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var sent letters
	w.Notifier = &sent
	must(t, w.set(w.alice, "bobby", domain.ReadingsRead))
	must(t, w.set(w.alice, "bobby", domain.ReadingsWrite))
	wantCode(t, "an unknown user", w.set(w.alice, "nobody", domain.SensorRead), "user_not_found")
	must(t, w.set(w.alice, "alice", domain.RightsOn(domain.NounSensor)...))
	want := letters{fmt.Sprintf("collaborator_added to %d, bobby: alice shares the sensor alice.greenhouse at /sensors/alice.greenhouse (read, readings.read)", w.bob.User.ID)}
	if diff := cmp.Diff(want, sent); diff != "" {
		t.Errorf("letters (-want +got)\n%s", diff)
	}
	for range 30 { // in and out does not fill his letter box
		must(t, w.remove(w.alice, "bobby"))
		must(t, w.set(w.alice, "bobby", domain.ReadingsRead))
	}
	if len(sent) > 10 {
		t.Errorf("got %d letters to one person, want 10 at most", len(sent))
	}
}

func TestAddingIsBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range addingBound.Burst {
		wantCode(t, "a guess", w.set(w.alice, fmt.Sprintf("guess%d", i), domain.SensorRead), "user_not_found")
	}
	wantCode(t, "one more", w.set(w.alice, "bobby", domain.SensorRead), "too_many_added")
	wantCode(t, "somebody else", w.set(w.bob, "carol", domain.SensorRead), "sensor_not_found")
	w.clock.Advance(time.Minute)
	wantCode(t, "after a while", w.set(w.alice, "bobby", domain.SensorRead), "")
}

// Whatever is tried in whatever order, rights only ever come from somebody who
// had them, and the owner keeps his.
func TestRightsOnlyComeFromWhoHasThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	callers := []domain.Caller{w.alice, w.bob, w.carol, w.dave}
	has := func(t *rapid.T, c domain.Caller) domain.RightSet {
		if c.User.ID == w.alice.User.ID {
			return domain.AllRights(domain.NounSensor)
		}
		given, err := w.store.GivenRights(ctx, w.house.Key(), c.User.ID)
		if err != nil {
			t.Fatal(err)
		}
		return given
	}
	rapid.Check(t, func(t *rapid.T) {
		w.clock.Advance(time.Hour)
		by, to := rapid.SampledFrom(callers).Draw(t, "by"), rapid.SampledFrom(callers).Draw(t, "to")
		rights := domain.SetOf(rapid.SliceOfN(rapid.SampledFrom(domain.RightsOn(domain.NounSensor)), 1, 5).Draw(t, "rights")...)
		mine, before := has(t, by), has(t, to)
		self, owner := by.User.ID == to.User.ID, to.User.ID == w.alice.User.ID
		var err error
		removed := rapid.IntRange(0, 3).Draw(t, "remove") == 0
		if removed {
			err, rights = w.remove(by, to.User.Name), 0
		} else {
			_, err = w.Set(ctx, by, domain.NounSensor, house, to.User.Name, rights)
		}
		may := mine.Has(domain.SensorShare) && before.Within(mine) && (rights&^before).Within(mine) && (!removed || before != 0) || removed && self && before != 0
		if owner {
			may = !removed && mine.Has(domain.SensorShare) && rights == domain.AllRights(domain.NounSensor)
		}
		if (err == nil) != may {
			t.Fatalf("%s (%s) sets %s (%s) to %q: got %v, want allowed: %t", by.User.Name, mine.PrintRights(), to.User.Name, before.PrintRights(), rights.PrintRights(), err, may)
		}
		want := before
		if err == nil && !owner {
			want = rights
		}
		if after := has(t, to); after != want {
			t.Fatalf("%s has %q, want %q", to.User.Name, after.PrintRights(), want.PrintRights())
		}
	})
}
