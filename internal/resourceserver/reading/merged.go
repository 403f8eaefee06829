package reading

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/thingward/thingward/internal/domain"
)

// SensorAndReading is a reading with its sensor.
type SensorAndReading struct {
	Sensor  *domain.Sensor // shared by its readings: thousands of them are gathered
	Reading domain.Reading
}

// Order is the order of readings of many sensors.
type Order int

// The orders (WoTKit V1, Aggregate Sensor Data). OrderBySensor is by sensor id, and by
// time within a sensor.
const (
	OrderByTime Order = iota
	OrderBySensor
)

// mostMerged bounds how many readings are held in memory to order them anew.
const mostMerged = 100_000

// Merged returns the readings of all sensors that the filter selects and whose
// data the caller may read. First and Newest count over all of them together.
func (s *Service) Merged(ctx context.Context, c domain.Caller, f domain.SensorFilter, q Query, order Order) (iter.Seq2[SensorAndReading, error], error) {
	n, from := q.counted()
	if n > mostMerged {
		return nil, domain.Errorf(domain.Invalid, "too_many_readings", "At most %d readings can be counted over several sensors.", mostMerged)
	}
	sensors, err := s.Store.Sensors(ctx, f.For(c, domain.ReadingsRead))
	if err != nil {
		return nil, err
	}
	for _, sensor := range sensors {
		s.Finder.Uses.Count(c, sensor.Thing(), domain.ReadingsRead)
	}
	switch {
	case n <= 0 && order == OrderBySensor:
		return paged(s.bySensor(ctx, sensors, q), q.Offset, q.Limit), nil
	case n <= 0:
		return paged(s.byTime(ctx, sensors, q.Range, q.direction()), q.Offset, q.Limit), nil
	}
	counted := paged(s.byTime(ctx, sensors, q.Range, from), 0, n)
	if order == OrderByTime && from == q.direction() {
		return paged(counted, q.Offset, q.Limit), nil
	}
	page, err := gather(ctx, counted, func(all []SensorAndReading) []SensorAndReading {
		if from != q.direction() {
			slices.Reverse(all)
		}
		if order == OrderBySensor {
			slices.SortStableFunc(all, func(a, b SensorAndReading) int { return cmp.Compare(a.Sensor.ID, b.Sensor.ID) })
		}
		return cut(all, q.Offset, q.Limit)
	})
	return overSlice(page), err
}

// gathering bounds how many requests hold so many readings in memory at once,
// because anybody may ask for it.
var gathering = make(chan struct{}, 2)

// gather takes all that is found into memory, waiting for its turn, and
// returns what choose makes of it. Nothing else is kept: the answer may take
// long, as its reader likes.
func gather(ctx context.Context, found iter.Seq2[SensorAndReading, error], choose func([]SensorAndReading) []SensorAndReading) ([]SensorAndReading, error) {
	select {
	case gathering <- struct{}{}:
		defer func() { <-gathering }()
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to order readings: %w", ctx.Err())
	}
	all := []SensorAndReading{}
	for item, err := range found {
		if err != nil {
			return nil, err
		}
		all = append(all, item)
	}
	return choose(all), nil
}

// cut returns a copy of one page (limit 0: of all behind offset).
func cut[T any](all []T, offset, limit int) []T {
	end := len(all)
	if limit > 0 {
		end = min(end, offset+limit)
	}
	return slices.Clone(all[min(offset, end):end])
}

// bySensor goes through one sensor after the other.
func (s *Service) bySensor(ctx context.Context, sensors []domain.Sensor, q Query) iter.Seq2[SensorAndReading, error] {
	return func(yield func(SensorAndReading, error) bool) {
		for _, sensor := range sensors {
			for r, err := range retyped(sensor.Fields, s.Store.Readings(ctx, sensor.ID, q.Range, q.most(), q.direction())) {
				if !yield(SensorAndReading{&sensor, r}, err) {
					return
				}
			}
		}
	}
}
