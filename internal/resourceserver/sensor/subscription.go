package sensor

import (
	"context"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
)

// Subscribe subscribes the caller's user to a sensor that he may see. Twice is
// a Conflict (already_subscribed).
func (s *Service) Subscribe(ctx context.Context, c domain.Caller, ref string) error {
	sensor, err := s.forSubscription(ctx, c, ref)
	if err != nil {
		return err
	}
	return s.Store.Subscribe(ctx, c.User.ID, sensor.ID, func(now domain.Sensor) error {
		return guard.Require(c, domain.SensorRead, now.Thing())
	})
}

// Unsubscribe ends the subscription of the caller's user. Without one it is a
// Conflict (not_subscribed).
func (s *Service) Unsubscribe(ctx context.Context, c domain.Caller, ref string) error {
	sensor, err := s.forSubscription(ctx, c, ref)
	if err != nil {
		return err
	}
	return s.Store.Unsubscribe(ctx, c.User.ID, sensor.ID)
}

// forSubscription finds a sensor that the caller may see. Subscriptions are
// the user's own, so changing them takes sensors.write for that sensor, whoever
// owns it (they go with sensors.*).
func (s *Service) forSubscription(ctx context.Context, c domain.Caller, ref string) (domain.Sensor, error) {
	sensor, err := s.Finder.Sensor(ctx, c, ref, domain.SensorRead)
	switch {
	case err != nil:
		return domain.Sensor{}, err
	case c.Anonymous() || c.User.ID == 0:
		return domain.Sensor{}, domain.Errorf(domain.Unauthenticated, "credential_missing", "Subscribing needs a credential of a user.")
	case !c.Holds(domain.ScopeSensorsWrite.On(int64(sensor.ID))):
		return domain.Sensor{}, domain.Errorf(domain.Forbidden, "insufficient_scope", "This needs a credential with the scope %s for this sensor.", domain.ScopeSensorsWrite)
	}
	return sensor, nil
}

// Subscribers returns the names of the users who subscribed to sensors that
// the caller was given, earliest first.
func (s *Service) Subscribers(ctx context.Context, ids ...domain.SensorID) (map[domain.SensorID][]string, error) {
	return s.Store.Subscribers(ctx, ids...)
}
