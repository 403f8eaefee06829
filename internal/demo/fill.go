// Package demo fills an empty store with an invented city: people, stations,
// thirty days of readings that look alive, keys, clocks, applications,
// gateways and apps. Chance is
// seeded, so that the same seed and time give the same readings; passwords are
// not.
package demo

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/thingward/thingward/internal/authserver/account"
	"github.com/thingward/thingward/internal/authserver/key"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/resourceserver/reading"
	"github.com/thingward/thingward/internal/secret"
)

// Accounts makes people.
type Accounts interface {
	Create(ctx context.Context, c domain.Caller, user account.NewUser) (domain.User, error)
	Users(ctx context.Context, c domain.Caller, page domain.Page) (domain.Listed[domain.User], error)
	ResetPassword(ctx context.Context, c domain.Caller, name string) (secret.Secret, error)
}

// Keys makes keys.
type Keys interface {
	Create(ctx context.Context, c domain.Caller, wanted key.NewKey) (domain.Key, secret.Secret, error)
	List(ctx context.Context, c domain.Caller, page domain.Page) (domain.Listed[domain.Key], error)
	Revoke(ctx context.Context, c domain.Caller, id domain.KeyID) error
}

// Sensors makes sensors and subscribes people to them.
type Sensors interface {
	CreateAll(ctx context.Context, c domain.Caller, sensors []domain.Sensor) ([]domain.Sensor, error)
	Subscribe(ctx context.Context, c domain.Caller, ref string) error
}

// Readings stores and reads readings.
type Readings interface {
	Append(ctx context.Context, c domain.Caller, ref string, readings []domain.Reading, once reading.Once) ([]domain.ReadingID, error)
	Query(ctx context.Context, c domain.Caller, ref string, q reading.Query) (domain.Sensor, iter.Seq2[domain.Reading, error], error)
}

// Facts keeps what is known about the store itself.
type Facts interface {
	Fact(ctx context.Context, name string) (string, error)
	SetFact(ctx context.Context, name, value string) error
}

// Services are what Fill works through: the same use cases as every door.
type Services struct {
	Accounts      Accounts
	Keys          Keys
	Sensors       Sensors
	Readings      Readings
	Devices       Devices
	Clients       Clients
	Consents      Consents
	Applications  Applications
	Gateways      Gateways
	Components    Components
	Collaborators Collaborators
	Uses          Uses
	Facts         Facts
}

// The fact that marks a store as a demo.
const (
	fact    = "demo"
	filling = "filling" // begun; Fill completes it
	ready   = "ready"
)

const days = 30

// span returns the time that readings cover: days up to now.
func span(now time.Time) (from, to time.Time) {
	to = now.UTC().Truncate(tick)
	return to.Add(-days * 24 * time.Hour), to
}

// Prepare makes the store a demo and the file at path its summary. A store
// that is a demo already is left as it is, and its summary read from path.
func Prepare(ctx context.Context, s Services, path string, now time.Time, seed uint64) (Summary, error) {
	state, err := s.Facts.Fact(ctx, fact)
	if err != nil {
		return Summary{}, err
	}
	if state == ready {
		return Read(path)
	}
	summary, err := Fill(ctx, s, now, seed)
	if err != nil {
		return Summary{}, err
	}
	if err := Write(path, summary); err != nil {
		return Summary{}, err
	}
	return summary, s.Facts.SetFact(ctx, fact, ready) // not before the passwords are safe
}

// Fill fills an empty store and returns who and what is in it now. A store
// that an earlier Fill left half done is completed, with new passwords. Any
// other store that is not empty is refused as Conflict "not_a_demo".
func Fill(ctx context.Context, s Services, now time.Time, seed uint64) (Summary, error) {
	if err := s.begin(ctx); err != nil {
		return Summary{}, err
	}
	f := filler{Services: s, now: now, seed: seed, callers: map[owner]domain.Caller{}}
	for _, act := range []func(context.Context) error{f.addPeople, f.addSensors, f.addSubscriptions, f.addReadings, f.addKeys, f.addDevices, f.addNetwork, f.addClients, f.addConnection} {
		if err := act(ctx); err != nil {
			return Summary{}, fmt.Errorf("fill the demo: %w", err)
		}
	}
	return f.summary, nil
}

func (s Services) begin(ctx context.Context) error {
	state, err := s.Facts.Fact(ctx, fact)
	switch {
	case err != nil:
		return err
	case state == filling:
		return nil
	case state == ready:
		return domain.Errorf(domain.Conflict, "demo_exists", "The store holds a demo already.")
	}
	users, err := s.Accounts.Users(ctx, operatorCaller(), domain.Page{Limit: 1})
	if err != nil {
		return err
	}
	if len(users.Items) > 0 {
		return domain.Errorf(domain.Conflict, "not_a_demo",
			"The store holds people and their things already, and a demo would mix with them. Start without --demo, or give another --data folder.")
	}
	return s.Facts.SetFact(ctx, fact, filling)
}

// operatorCaller is whoever started the program on the data folder.
func operatorCaller() domain.Caller {
	return domain.Caller{Credential: domain.OperatorCredential, User: domain.User{Admin: true}, Scopes: domain.EveryScope()}
}

// filler is one run of Fill.
type filler struct {
	Services
	now     time.Time
	seed    uint64
	callers map[owner]domain.Caller // for whom things are made
	summary Summary
}

// addPeople makes the people. Somebody whom an earlier run made gets a new
// password, because the one he had was not written down.
func (f *filler) addPeople(ctx context.Context) error {
	known, err := f.Accounts.Users(ctx, operatorCaller(), domain.Page{Limit: domain.MaxPageLimit})
	if err != nil {
		return err
	}
	for _, person := range people() {
		made := slices.IndexFunc(known.Items, func(u domain.User) bool { return u.Name == string(person.name) })
		password, user := easyPassword(), domain.User{}
		if made >= 0 {
			user = known.Items[made]
			password, err = f.Accounts.ResetPassword(ctx, operatorCaller(), user.Name)
		} else {
			user, err = f.Accounts.Create(ctx, operatorCaller(), person.account(password))
		}
		if err != nil {
			return err
		}
		f.callers[person.name] = domain.Caller{Credential: domain.OperatorCredential, User: user, Scopes: domain.EveryScope()}
		f.summary.Users = append(f.summary.Users, User{Name: user.Name, Password: password, Admin: user.Admin})
	}
	return nil
}

// addSensors makes the sensors of each person in one act, so that a Conflict
// says that an earlier run made all of them.
func (f *filler) addSensors(ctx context.Context) error {
	owned := map[owner][]domain.Sensor{}
	for _, station := range stations() {
		owned[station.owner] = append(owned[station.owner], station.sensor)
		f.summary.Sensors = append(f.summary.Sensors, station.sensor.FullName())
	}
	for _, person := range people() {
		_, err := f.Sensors.CreateAll(ctx, f.callers[person.name], owned[person.name])
		if err != nil && !domain.IsKind(err, domain.Conflict) {
			return fmt.Errorf("sensors of %s: %w", person.name, err)
		}
	}
	return nil
}

func (f *filler) addSubscriptions(ctx context.Context) error {
	for _, person := range people() {
		for _, ref := range person.subscribes {
			err := f.Sensors.Subscribe(ctx, f.callers[person.name], ref)
			if err != nil && !domain.IsKind(err, domain.Conflict) { // Conflict: an earlier run did it
				return fmt.Errorf("subscribe %s to %s: %w", person.name, ref, err)
			}
		}
	}
	return nil
}

// addReadings appends the readings of each station in one batch, under a name
// that stores it once: what an earlier run stored is not stored again.
func (f *filler) addReadings(ctx context.Context) error {
	from, to := span(f.now)
	w := newWorld(f.seed, from, to)
	for _, station := range stations() {
		readings := station.readings(w, from, to)
		name := "demo " + station.sensor.FullName()
		once := reading.Once{Name: name, Digest: []byte(name)}
		if _, err := f.Readings.Append(ctx, f.callers[station.owner], station.sensor.FullName(), readings, once); err != nil {
			return fmt.Errorf("readings of %s: %w", station.sensor.FullName(), err)
		}
		f.summary.Readings += len(readings)
	}
	return nil
}
