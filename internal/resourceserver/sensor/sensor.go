// Package sensor is the use cases of sensors: create, find, list, change and
// delete them, their fields, tags and subscriptions, and their part of the
// native API. Readings are the reading slice's.
package sensor

import (
	"context"
	"errors"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
)

// Store is what the use cases need of the store.
type Store interface {
	Sensors
	Lists
	Subscriptions
	States
}

// Sensors keeps sensors. An edit, and whether something is allowed, may be
// asked more than once, each time of the sensor as it stands in the
// transaction, with what the caller is given on it there.
type Sensors interface {
	CreateSensors(ctx context.Context, by domain.Caller, sensors []domain.Sensor) ([]domain.Sensor, error)
	UpdateSensor(ctx context.Context, by domain.Caller, id domain.SensorID, edit func(*domain.Sensor) error) (domain.Sensor, error)
	DeleteSensor(ctx context.Context, by domain.Caller, id domain.SensorID, allowed func(domain.Sensor) error) error
}

// Lists finds sensors and their tags.
type Lists interface {
	Sensors(ctx context.Context, f domain.SensorFilter) ([]domain.Sensor, error)
	CountSensors(ctx context.Context, f domain.SensorFilter) (int, error)
	Tags(ctx context.Context, f domain.SensorFilter) ([]domain.Tag, error)
	CountTags(ctx context.Context, f domain.SensorFilter) (int, error)
}

// Subscriptions keeps who subscribed to what.
type Subscriptions interface {
	Subscribe(ctx context.Context, user domain.UserID, id domain.SensorID, allowed func(domain.Sensor) error) error
	Unsubscribe(ctx context.Context, user domain.UserID, id domain.SensorID) error
	Subscribers(ctx context.Context, ids ...domain.SensorID) (map[domain.SensorID][]string, error)
}

// States tells what the readings of sensors left behind on them.
type States interface {
	SensorStates(ctx context.Context, ids ...domain.SensorID) (map[domain.SensorID]domain.SensorState, error)
}

// Service is the use cases of sensors.
type Service struct {
	Store  Store
	Finder *guard.Finder
	Now    func() time.Time
}

// maxBatch is how many sensors one request may create (WoTKit V1).
const maxBatch = 100

// Create creates a sensor of the caller. Visibility and fields have the
// defaults of WoTKit V1; a name that he has given already is
// a Conflict.
func (s *Service) Create(ctx context.Context, c domain.Caller, sensor domain.Sensor) (domain.Sensor, error) {
	made, err := s.CreateAll(ctx, c, []domain.Sensor{sensor})
	if err != nil {
		return domain.Sensor{}, err
	}
	return made[0], nil
}

// CreateAll creates up to 100 sensors of the caller, or none where one of them
// is not valid or its name is taken. It needs sensors.write for all things: a
// credential that is narrowed to single ones makes no new ones.
func (s *Service) CreateAll(ctx context.Context, c domain.Caller, sensors []domain.Sensor) ([]domain.Sensor, error) {
	if err := guard.RequireForAll(c, domain.ScopeSensorsWrite); err != nil {
		return nil, err
	}
	if len(sensors) > maxBatch {
		return nil, domain.Errorf(domain.Invalid, "too_many_sensors", "At most %d sensors can be created at once.", maxBatch)
	}
	prepared := make([]domain.Sensor, len(sensors))
	for i, sensor := range sensors {
		one, err := prepare(c, sensor)
		if err != nil && len(sensors) > 1 {
			return nil, about(i, err)
		}
		if err != nil {
			return nil, err
		}
		prepared[i] = one
	}
	if len(prepared) == 0 {
		return prepared, nil
	}
	return s.Store.CreateSensors(ctx, c, prepared)
}

// prepare fills in what the request left out and checks the whole.
func prepare(c domain.Caller, sensor domain.Sensor) (domain.Sensor, error) {
	if sensor.OwnerName != "" && sensor.OwnerName != c.User.Name {
		return domain.Sensor{}, domain.Errorf(domain.NotFound, "owner_not_found", "There is no owner of that name for whom you may create sensors.")
	}
	sensor.ID, sensor.Owner, sensor.OwnerName, sensor.Publisher = 0, c.User.ID.Owner(), c.User.Name, c.User.Name
	if sensor.Visibility == "" {
		sensor.Visibility = domain.Private
	}
	if len(sensor.Fields) == 0 {
		sensor.Fields = domain.DefaultFields()
	}
	sensor.Tags = domain.CleanTags(sensor.Tags)
	return sensor, sensor.Check()
}

// about says which sensor of a batch an error is about.
func about(i int, err error) error {
	var shown *domain.Error
	if !errors.As(err, &shown) {
		return err
	}
	named := *shown
	named.Message = domain.Errorf(named.Kind, named.Code, "Sensor %d of the batch: %s", i+1, named.Message).Message
	return &named
}

// Find returns the sensor that ref names ("17", "owner.name", "name") where
// the caller has the right on it.
func (s *Service) Find(ctx context.Context, c domain.Caller, ref string, right domain.Right) (domain.Sensor, error) {
	return s.Finder.Sensor(ctx, c, ref, right)
}

// List returns the sensors that the filter selects among those that the
// caller may see, by growing id.
func (s *Service) List(ctx context.Context, c domain.Caller, f domain.SensorFilter) ([]domain.Sensor, error) {
	if err := f.Check(); err != nil {
		return nil, err
	}
	return s.Store.Sensors(ctx, f.For(c, domain.SensorRead))
}

// Count counts what List would return without paging, up to domain.MaxCounted.
func (s *Service) Count(ctx context.Context, c domain.Caller, f domain.SensorFilter) (int, error) {
	if err := f.Check(); err != nil {
		return 0, err
	}
	return s.Store.CountSensors(ctx, f.For(c, domain.SensorRead))
}

// Tags returns the tags of the sensors that the filter selects, most used
// first. Its Offset and Limit page the tags.
func (s *Service) Tags(ctx context.Context, c domain.Caller, f domain.SensorFilter) ([]domain.Tag, error) {
	if err := f.Check(); err != nil {
		return nil, err
	}
	return s.Store.Tags(ctx, f.For(c, domain.SensorRead))
}

// CountTags counts what Tags would return without paging, up to
// domain.MaxCounted.
func (s *Service) CountTags(ctx context.Context, c domain.Caller, f domain.SensorFilter) (int, error) {
	if err := f.Check(); err != nil {
		return 0, err
	}
	return s.Store.CountTags(ctx, f.For(c, domain.SensorRead))
}

// StatesFor returns the states of sensors that the caller was given. The
// newest values are data: they are left out where he may see the sensor but
// not its readings.
func (s *Service) StatesFor(ctx context.Context, c domain.Caller, sensors ...domain.Sensor) (map[domain.SensorID]domain.SensorState, error) {
	ids := make([]domain.SensorID, len(sensors))
	for i, sensor := range sensors {
		ids[i] = sensor.ID
	}
	states, err := s.Store.SensorStates(ctx, ids...)
	if err != nil {
		return nil, err
	}
	for _, sensor := range sensors {
		if state, ok := states[sensor.ID]; ok && !guard.May(c, domain.ReadingsRead, sensor.Thing()) {
			states[sensor.ID] = domain.SensorState{LastUpdate: state.LastUpdate}
		}
	}
	return states, nil
}

// Delete deletes a sensor with its readings and subscriptions.
func (s *Service) Delete(ctx context.Context, c domain.Caller, ref string) error {
	sensor, err := s.Finder.Sensor(ctx, c, ref, domain.SensorDelete)
	if err != nil {
		return err
	}
	return s.Store.DeleteSensor(ctx, c, sensor.ID, func(now domain.Sensor) error {
		return guard.Require(c, domain.SensorDelete, now.Thing())
	})
}
