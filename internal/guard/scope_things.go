package guard

import (
	"context"
	"slices"
	"strconv"

	"github.com/thingward/thingward/internal/domain"
)

// ThingNames looks up what things are called now.
type ThingNames interface {
	SensorsByIDs(ctx context.Context, ids []domain.SensorID) ([]domain.Sensor, error)
	DevicesByIDs(ctx context.Context, ids []domain.DeviceID) ([]domain.Device, error)
}

// StoredScopes replaces the names of things in scopes by their ids. A thing
// that the caller may not see does not exist for him.
func (f *Finder) StoredScopes(ctx context.Context, c domain.Caller, scopes domain.ScopeSet) (domain.ScopeSet, error) {
	return scopes.MapThings(func(scope domain.Scope) (string, error) {
		id, err := f.thingOf(ctx, c, scope)
		if domain.IsKind(err, domain.NotFound) {
			return "", domain.Errorf(domain.Invalid, "invalid_scope", "The scope %s names a thing that does not exist, or is not yours to see. Sensors of others are named owner.name.", scope)
		}
		return domain.ThingRef(id), err
	})
}

func (f *Finder) thingOf(ctx context.Context, c domain.Caller, scope domain.Scope) (int64, error) {
	switch scope.ThingNoun() {
	case domain.NounSensor:
		sensor, err := f.Sensor(ctx, c, scope.Thing, domain.SensorRead)
		return int64(sensor.ID), err
	case domain.NounDevice:
		device, err := f.Device(ctx, c, scope.Thing, domain.DeviceRead)
		return int64(device.ID), err
	}
	return 0, NotThere(domain.Noun(scope.Noun))
}

// NamedScopes says the things in stored scopes by the names that they have
// now: sensors by full name, devices by number. What is gone keeps its id.
func (f *Finder) NamedScopes(ctx context.Context, scopes domain.ScopeSet) (domain.ScopeSet, error) {
	if !slices.ContainsFunc(scopes, func(s domain.Scope) bool { return s.Thing != "" }) {
		return scopes, nil
	}
	ids := scopes.ThingIDs(domain.NounSensor)
	if len(ids) > 0 {
		names, err := f.sensorNames(ctx, ids)
		if err != nil {
			return nil, err
		}
		scopes = scopes.Named(domain.NounSensor, names)
	}
	if ids = scopes.ThingIDs(domain.NounDevice); len(ids) > 0 {
		numbers := map[int64]string{}
		for _, id := range ids {
			numbers[id] = strconv.FormatInt(id, 10)
		}
		scopes = scopes.Named(domain.NounDevice, numbers)
	}
	return scopes, nil
}

// ThingNames returns the names of the things that were used, for lists of
// what a credential did: sensors by full name, devices by name. Things that
// are gone are missing.
func (f *Finder) ThingNames(ctx context.Context, uses []domain.CredentialUse) (map[domain.Thing]string, error) {
	ids := map[domain.Noun][]int64{}
	for _, use := range uses {
		ids[use.Thing.Noun] = append(ids[use.Thing.Noun], use.Thing.ID)
	}
	names := map[domain.Thing]string{}
	sensors, err := f.sensorNames(ctx, ids[domain.NounSensor])
	if err != nil {
		return nil, err
	}
	for id, name := range sensors {
		names[domain.Thing{Noun: domain.NounSensor, ID: id}] = name
	}
	devices := make([]domain.DeviceID, len(ids[domain.NounDevice]))
	for i, id := range ids[domain.NounDevice] {
		devices[i] = domain.DeviceID(id)
	}
	found, err := f.Names.DevicesByIDs(ctx, devices)
	for _, device := range found {
		names[domain.Thing{Noun: domain.NounDevice, ID: int64(device.ID)}] = device.Name
	}
	return names, err
}

// DayUses says what a credential did in the words of people, in the order given.
func (f *Finder) DayUses(ctx context.Context, counted []domain.CredentialUse) ([]domain.DayUse, error) {
	names, err := f.ThingNames(ctx, counted)
	if err != nil {
		return nil, err
	}
	uses := make([]domain.DayUse, len(counted))
	for i, use := range counted {
		uses[i] = use.InWords(names[use.Thing])
	}
	return uses, nil
}

func (f *Finder) sensorNames(ctx context.Context, ids []int64) (map[int64]string, error) {
	wanted := make([]domain.SensorID, len(ids))
	for i, id := range ids {
		wanted[i] = domain.SensorID(id)
	}
	sensors, err := f.Names.SensorsByIDs(ctx, wanted)
	names := map[int64]string{}
	for _, sensor := range sensors {
		names[int64(sensor.ID)] = sensor.FullName()
	}
	return names, err
}
