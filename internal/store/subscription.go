package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/thingward/thingward/internal/domain"
)

// Subscribe subscribes a user to a sensor that allowed lets through as it
// stands in the transaction, so that nobody slips in while a sensor is being
// made private. Of any number of calls at once one succeeds; the others, and
// any later one, are Conflicts.
func (s *Store) Subscribe(ctx context.Context, user domain.UserID, id domain.SensorID, allowed func(domain.Sensor) error) error {
	return s.write(ctx, func(tx *Tx) error {
		sensor, err := tx.lockedSensor(id, user)
		if err != nil {
			return err
		}
		if err := allowed(sensor); err != nil {
			return err
		}
		const text = `INSERT INTO subscriptions (user_id, sensor_id, created_at) VALUES ($1, $2, $3) ON CONFLICT (user_id, sensor_id) DO NOTHING`
		added, err := tx.execOne(text, user, id, millis(tx.s.now()))
		if err != nil {
			return fmt.Errorf("subscribe: %w", err)
		}
		if !added {
			return domain.Errorf(domain.Conflict, "already_subscribed", "You have subscribed to this sensor already.")
		}
		return nil
	})
}

// Unsubscribe ends a subscription. Where there is none it is a Conflict.
func (s *Store) Unsubscribe(ctx context.Context, user domain.UserID, id domain.SensorID) error {
	return s.write(ctx, func(tx *Tx) error {
		ended, err := tx.execOne(`DELETE FROM subscriptions WHERE user_id = $1 AND sensor_id = $2`, user, id)
		if err != nil {
			return fmt.Errorf("unsubscribe: %w", err)
		}
		if !ended {
			return domain.Errorf(domain.Conflict, "not_subscribed", "You have not subscribed to this sensor.")
		}
		return nil
	})
}

// Subscribers returns the names of the users that subscribed to the sensors,
// earliest first.
func (s *Store) Subscribers(ctx context.Context, ids ...domain.SensorID) (map[domain.SensorID][]string, error) {
	subscribers := make(map[domain.SensorID][]string, len(ids))
	for some := range slices.Chunk(ids, idsAtOnce) {
		c := &condition{}
		c.add("b.sensor_id IN ("+marks(len(some))+")", anys(some)...)
		text := `SELECT b.sensor_id, o.name FROM subscriptions b JOIN owners o ON o.id = b.user_id` + c.where() +
			` ORDER BY b.sensor_id, b.created_at, b.user_id`
		rows, err := s.queryOnce(ctx, text, c.args...)
		_, err = collect(rows, err, func(r row) (struct{}, error) {
			var id domain.SensorID
			var name string
			err := r.Scan(&id, &name)
			subscribers[id] = append(subscribers[id], name)
			return struct{}{}, err
		})
		if err != nil {
			return nil, fmt.Errorf("subscribers: %w", err)
		}
	}
	return subscribers, nil
}
