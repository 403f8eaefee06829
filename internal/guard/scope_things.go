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
	// NetworkNames returns the names of applications, gateways or components,
	// deleted ones too.
	NetworkNames(ctx context.Context, noun domain.Noun, ids []int64) (map[int64]string, error)
}

// StoredScopes replaces the names of things in scopes by their ids. A thing
// that the caller may not see does not exist for him.
func (f *Finder) StoredScopes(ctx context.Context, c domain.Caller, scopes domain.ScopeSet) (domain.ScopeSet, error) {
	return scopes.MapThings(func(scope domain.Scope) (string, error) {
		noun := scope.ThingNoun()
		thing, err := f.Thing(ctx, c, noun, scope.Thing, domain.SeeRight(noun))
		if domain.IsKind(err, domain.NotFound) {
			return "", domain.Errorf(domain.Invalid, "invalid_scope", "The scope %s names a thing that does not exist, or is not yours to see. Sensors of others are named owner.name.", scope)
		}
		return domain.ThingRef(thing.ID), err
	})
}

// NamedScopes says the things in stored scopes by the names that they have
// now: sensors by full name, devices by number, all others by what programs
// call their id. What is gone keeps its id.
func (f *Finder) NamedScopes(ctx context.Context, scopes domain.ScopeSet) (domain.ScopeSet, error) {
	if !slices.ContainsFunc(scopes, func(s domain.Scope) bool { return s.Thing != "" }) {
		return scopes, nil
	}
	for _, noun := range domain.Nouns() {
		ids := scopes.ThingIDs(noun)
		if len(ids) == 0 {
			continue
		}
		names, err := f.scopeNames(ctx, noun, ids)
		if err != nil {
			return nil, err
		}
		scopes = scopes.Named(noun, names)
	}
	return scopes, nil
}

// fewThings is up to how many things are looked up one by one, mostly from
// memory, when a token is answered; more are asked for at once.
const fewThings = 10

func (f *Finder) scopeNames(ctx context.Context, noun domain.Noun, ids []int64) (map[int64]string, error) {
	if noun == domain.NounDevice {
		numbers := map[int64]string{}
		for _, id := range ids {
			numbers[id] = strconv.FormatInt(id, 10)
		}
		return numbers, nil
	}
	names := map[int64]string{}
	if len(ids) <= fewThings {
		var missing []int64
		for _, id := range ids {
			name, err := f.nameOf(ctx, noun, id)
			switch {
			case err == nil:
				names[id] = name
			case domain.IsKind(err, domain.NotFound):
				missing = append(missing, id)
			default:
				return nil, err
			}
		}
		if ids = missing; len(ids) == 0 {
			return names, nil
		}
	}
	found, err := f.namesOf(ctx, noun, ids)
	for id, name := range found {
		names[id] = name
	}
	return names, err
}

// nameOf returns what a thing is called in scopes. Deleted ones are NotFound.
func (f *Finder) nameOf(ctx context.Context, noun domain.Noun, id int64) (string, error) {
	switch noun {
	case domain.NounSensor:
		sensor, err := f.Sensors.SensorByID(ctx, domain.SensorID(id))
		return sensor.FullName(), err
	case domain.NounApplication:
		application, err := f.Network.Application(ctx, domain.ThingRef(id))
		return application.Name, err
	case domain.NounGateway:
		gateway, err := f.Network.Gateway(ctx, domain.ThingRef(id))
		return gateway.Name, err
	}
	component, err := f.Network.Component(ctx, domain.ThingRef(id))
	return component.Name, err
}

// ThingNames returns the names of the things that were used, for lists of
// what a credential did: sensors by full name, devices by name, all others by
// what programs call their id. Things that are gone are missing.
func (f *Finder) ThingNames(ctx context.Context, uses []domain.CredentialUse) (map[domain.ThingKey]string, error) {
	ids := map[domain.Noun][]int64{}
	for _, use := range uses {
		ids[use.Thing.Noun] = append(ids[use.Thing.Noun], use.Thing.ID)
	}
	names := map[domain.ThingKey]string{}
	for noun, some := range ids {
		found, err := f.namesOf(ctx, noun, some)
		if err != nil {
			return nil, err
		}
		for id, name := range found {
			names[domain.ThingKey{Noun: noun, ID: id}] = name
		}
	}
	return names, nil
}

func (f *Finder) namesOf(ctx context.Context, noun domain.Noun, ids []int64) (map[int64]string, error) {
	switch noun {
	case domain.NounSensor:
		return f.sensorNames(ctx, ids)
	case domain.NounDevice:
		return f.deviceNames(ctx, ids)
	}
	return f.Names.NetworkNames(ctx, noun, ids)
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

func (f *Finder) deviceNames(ctx context.Context, ids []int64) (map[int64]string, error) {
	wanted := make([]domain.DeviceID, len(ids))
	for i, id := range ids {
		wanted[i] = domain.DeviceID(id)
	}
	devices, err := f.Names.DevicesByIDs(ctx, wanted)
	names := map[int64]string{}
	for _, device := range devices {
		names[int64(device.ID)] = device.Name
	}
	return names, err
}
