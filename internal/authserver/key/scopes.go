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

// named returns the key with the things in its scopes by name.
func (s *Service) named(ctx context.Context, key domain.Key) (domain.Key, error) {
	ids := key.Grant.Scopes.SensorIDs()
	if len(ids) == 0 {
		return key, nil
	}
	sensors, err := s.Reader.SensorsByIDs(ctx, ids)
	if err != nil {
		return domain.Key{}, err
	}
	key.Grant.Scopes = key.Grant.Scopes.Named(sensors)
	return key, nil
}
