package reading

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// Query selects readings of a sensor. First or Newest take from the range;
// then the order is applied, and Offset and Limit page that.
type Query struct {
	Range      domain.Range
	First      int // the oldest so many of the range; 0: no bound
	Newest     int // the newest so many of the range; 0: no bound
	Offset     int
	Limit      int  // 0: no limit
	Descending bool // newest first; else oldest first
}

// most is how many readings the answer can need at most; 0: no bound.
func (q Query) most() int {
	if q.Limit > 0 {
		return q.Offset + q.Limit
	}
	return 0
}

func (q Query) direction() domain.Direction {
	if q.Descending {
		return domain.NewestFirst
	}
	return domain.OldestFirst
}

// counted returns the bound on the count and the end from which it counts.
func (q Query) counted() (n int, from domain.Direction) {
	if q.First > 0 {
		return q.First, domain.OldestFirst
	}
	return q.Newest, domain.NewestFirst
}

// collected is up to how many readings are held in memory to turn their order
// round. For more, the place where they end is looked up first.
const collected = 4096

// Query returns the readings that the query selects, with their values in the
// present types of the fields where that is possible. They are read page by
// page while they are taken.
func (s *Service) Query(ctx context.Context, c domain.Caller, ref string, q Query) (domain.Sensor, iter.Seq2[domain.Reading, error], error) {
	sensor, err := s.Finder.Sensor(ctx, c, ref, domain.ReadingsRead)
	if err != nil {
		return domain.Sensor{}, nil, err
	}
	found, err := s.find(ctx, sensor.ID, q)
	if err != nil {
		return domain.Sensor{}, nil, err
	}
	return sensor, retyped(sensor.Fields, paged(found, q.Offset, q.Limit)), nil
}

// find returns what the query selects, in its order, before Offset and Limit.
func (s *Service) find(ctx context.Context, sensor domain.SensorID, q Query) (iter.Seq2[domain.Reading, error], error) {
	n, from := q.counted()
	switch {
	case n <= 0:
		return s.Store.Readings(ctx, sensor, q.Range, q.most(), q.direction()), nil
	case from == q.direction():
		if most := q.most(); most > 0 {
			n = min(n, most)
		}
		return s.Store.Readings(ctx, sensor, q.Range, n, from), nil
	case n <= collected:
		page, err := s.Store.ReadingsPage(ctx, sensor, q.Range, n, from)
		slices.Reverse(page)
		return overSlice(page), err
	}
	rest, err := s.narrow(ctx, sensor, q.Range, n, from)
	return s.Store.Readings(ctx, sensor, rest, n, q.direction()), err
}

// narrow cuts a range to its first n readings in a direction.
func (s *Service) narrow(ctx context.Context, sensor domain.SensorID, r domain.Range, n int, from domain.Direction) (domain.Range, error) {
	if from == domain.NewestFirst {
		return s.Store.NewestOf(ctx, sensor, r, n)
	}
	for reading, err := range s.Store.Readings(ctx, sensor, r, n, from) {
		if err != nil {
			return r, err
		}
		if n--; n == 0 {
			r.To = reading.Position()
		}
	}
	return r, nil
}

func overSlice[T any](list []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, item := range list {
			if !yield(item, nil) {
				return
			}
		}
	}
}

// paged leaves out the first offset items and ends after limit (0: never).
func paged[T any](all iter.Seq2[T, error], offset, limit int) iter.Seq2[T, error] {
	if offset == 0 && limit == 0 {
		return all
	}
	return func(yield func(T, error) bool) {
		n := 0
		for item, err := range all {
			if n++; err == nil && n <= offset {
				continue
			}
			if !yield(item, err) || err != nil || limit > 0 && n >= offset+limit {
				return
			}
		}
	}
}

func retyped(fields []domain.Field, readings iter.Seq2[domain.Reading, error]) iter.Seq2[domain.Reading, error] {
	return func(yield func(domain.Reading, error) bool) {
		for r, err := range readings {
			retype(fields, r.Values)
			if !yield(r, err) {
				return
			}
		}
	}
}

// retype converts values to what the fields are now: a field that was added
// later, or changed its type, gives old data its type where possible
// (WoTKit V1, Sensor Fields).
func retype(fields []domain.Field, values []domain.NamedValue) {
	for i, v := range values {
		at := slices.IndexFunc(fields, func(f domain.Field) bool { return f.Name == v.Name })
		if at < 0 || v.Value.Kind == domain.NumberValue && fields[at].Type == domain.NumberField {
			continue
		}
		if value, ok := v.Value.As(fields[at].Type); ok {
			values[i].Value = value
		}
	}
}

// One returns the reading with the id.
func (s *Service) One(ctx context.Context, c domain.Caller, ref string, id domain.ReadingID) (domain.Sensor, domain.Reading, error) {
	sensor, err := s.Finder.Sensor(ctx, c, ref, domain.ReadingsRead)
	if err != nil {
		return domain.Sensor{}, domain.Reading{}, err
	}
	found, err := s.Store.ReadingByID(ctx, sensor.ID, id)
	if err != nil {
		return domain.Sensor{}, domain.Reading{}, err
	}
	retype(sensor.Fields, found.Values)
	return sensor, found, nil
}

// Summaries returns, for each interval of the length step in which the field
// has numbers, their count, sum, least and greatest. A field that the sensor
// does not have, and no reading in the range either, is NotFound
// (field_not_found): a misspelt name is no field without data.
func (s *Service) Summaries(ctx context.Context, c domain.Caller, ref, field string, r domain.Range, step time.Duration) ([]domain.Summary, error) {
	sensor, err := s.Finder.Sensor(ctx, c, ref, domain.ReadingsRead)
	if err != nil {
		return nil, err
	}
	summaries, err := s.Store.SummarizeReadings(ctx, sensor.ID, field, r, step)
	if err != nil || len(summaries) > 0 {
		return summaries, err
	}
	names := make([]string, len(sensor.Fields))
	for i, known := range sensor.Fields {
		names[i] = known.Name
	}
	if !slices.Contains(names, field) {
		return nil, domain.Errorf(domain.NotFound, "field_not_found", "The sensor has no field %q. It has: %s.", domain.Clip(field), strings.Join(names, ", "))
	}
	return summaries, nil
}
