package key

import (
	"context"

	"github.com/thingward/thingward/internal/domain"
)

// withThingIDs replaces the names of things in scopes by their ids. A thing
// that the caller may not see does not exist for him.
func (s *Service) withThingIDs(ctx context.Context, c domain.Caller, scopes domain.ScopeSet) (domain.ScopeSet, error) {
	return scopes.MapThings(func(scope domain.Scope) (string, error) {
		if scope.Noun != "sensors" && scope.Noun != "readings" && scope.Noun != "actuators" {
			return "", domain.Errorf(domain.Invalid, "invalid_scope", "The scope %s names a thing that does not exist.", scope)
		}
		sensor, err := s.Finder.Sensor(ctx, c, scope.Thing, domain.SensorRead)
		if domain.IsKind(err, domain.NotFound) {
			return "", domain.Errorf(domain.Invalid, "invalid_scope", "The scope %s names a sensor that does not exist, or is not yours to see. Those of others are named owner.name.", scope)
		}
		if err != nil {
			return "", err
		}
		return domain.ThingRef(int64(sensor.ID)), nil
	})
}

// named returns the key with the things in its scopes by name. Things that
// are gone keep their id, so that the scope is not mistaken for a wider one.
func (s *Service) named(ctx context.Context, key domain.Key) (domain.Key, error) {
	var ids []domain.SensorID
	for _, scope := range key.Grant.Scopes {
		if id, ok := domain.ThingID(scope.Thing); ok {
			ids = append(ids, domain.SensorID(id))
		}
	}
	if len(ids) == 0 {
		return key, nil
	}
	sensors, err := s.Reader.SensorsByIDs(ctx, ids)
	if err != nil {
		return domain.Key{}, err
	}
	names := map[string]string{}
	for _, sensor := range sensors {
		names[domain.ThingRef(int64(sensor.ID))] = sensor.FullName()
	}
	key.Grant.Scopes, err = key.Grant.Scopes.MapThings(func(scope domain.Scope) (string, error) {
		if name, ok := names[scope.Thing]; ok {
			return name, nil
		}
		return scope.Thing, nil
	})
	return key, err
}
