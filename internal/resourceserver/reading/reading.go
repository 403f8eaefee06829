// Package reading is the use cases of readings: send, replace, delete, query,
// summarize and export them. Every act asks guard for the sensor first; the
// engine that keeps readings is the store's.
package reading

import (
	"context"
	"encoding/binary"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
)

// Store keeps readings. Each method is one transaction; Readings and what
// builds on it reads page by page.
type Store interface {
	Writer
	Reader
	Sensors(ctx context.Context, f domain.SensorFilter) ([]domain.Sensor, error)
}

// Writer changes readings.
type Writer interface {
	AppendReadings(ctx context.Context, sensor domain.SensorID, readings []domain.Reading, once domain.Once) (domain.Appended, error)
	AppendToSensors(ctx context.Context, readings []domain.Reading) ([]domain.ReadingID, error)
	ReplaceReadings(ctx context.Context, sensor domain.SensorID, ranges []domain.Range, readings []domain.Reading) error
	DeleteReadings(ctx context.Context, sensor domain.SensorID, r domain.Range) (int64, error)
	DeleteReading(ctx context.Context, sensor domain.SensorID, id domain.ReadingID) error
}

// Reader reads readings.
type Reader interface {
	Readings(ctx context.Context, sensor domain.SensorID, r domain.Range, limit int, d domain.Direction) iter.Seq2[domain.Reading, error]
	ReadingsPage(ctx context.Context, sensor domain.SensorID, r domain.Range, limit int, d domain.Direction) ([]domain.Reading, error)
	NewestOf(ctx context.Context, sensor domain.SensorID, r domain.Range, n int) (domain.Range, error)
	ReadingByID(ctx context.Context, sensor domain.SensorID, id domain.ReadingID) (domain.Reading, error)
	SummarizeReadings(ctx context.Context, sensor domain.SensorID, field string, r domain.Range, step time.Duration) ([]domain.Summary, error)
}

// Service is the use cases of readings. A door that receives a reading without
// a time fills in the current one itself before it calls.
type Service struct {
	Store  Store
	Finder *guard.Finder
	Now    func() time.Time
}

// Once makes a request that is sent again store its readings once: a name
// that the sender chose and a digest of the request. The zero Once promises
// nothing.
type Once struct {
	Name   string
	Digest []byte
}

// SensorReading is a reading with the name of the sensor that it belongs to.
type SensorReading struct {
	Ref     string
	Reading domain.Reading
}

// Append stores readings of one sensor, all or none, and returns their ids.
// An invalid reading refuses all and is named by its place. A request that
// was stored before under the same Once returns no ids and no error.
func (s *Service) Append(ctx context.Context, c domain.Caller, ref string, readings []domain.Reading, once Once) ([]domain.ReadingID, error) {
	sensor, conformed, err := s.prepare(ctx, c, ref, readings)
	if err != nil || len(conformed) == 0 {
		return nil, err
	}
	done, err := s.Store.AppendReadings(ctx, sensor.ID, conformed, once.of(c, sensor.ID))
	if err != nil {
		return nil, fmt.Errorf("append readings: %w", err)
	}
	return done.IDs, nil
}

// of says whose the name is. The digest covers the sensor too, so that the
// same body for another sensor is another request.
func (o Once) of(c domain.Caller, sensor domain.SensorID) domain.Once {
	if o.Name == "" {
		return domain.Once{}
	}
	return domain.Once{User: c.User.ID, Name: o.Name, Digest: binary.BigEndian.AppendUint64(slices.Clone(o.Digest), uint64(sensor))}
}

// prepare finds the sensor that the caller may write to and conforms the
// readings to its fields.
func (s *Service) prepare(ctx context.Context, c domain.Caller, ref string, readings []domain.Reading) (domain.Sensor, []domain.Reading, error) {
	sensor, err := s.Finder.Sensor(ctx, c, ref, domain.ReadingsWrite)
	if err != nil {
		return domain.Sensor{}, nil, err
	}
	if len(readings) > domain.MaxBatch {
		return domain.Sensor{}, nil, tooMany()
	}
	conformed := make([]domain.Reading, len(readings))
	now := s.Now()
	for i, r := range readings {
		if conformed[i], err = r.Conform(sensor.Fields, now); err != nil {
			return domain.Sensor{}, nil, atPlace(err, i, len(readings))
		}
	}
	return sensor, conformed, nil
}

// AppendMany stores readings of several sensors, all or none.
func (s *Service) AppendMany(ctx context.Context, c domain.Caller, readings []SensorReading) error {
	if len(readings) > domain.MaxBatch {
		return tooMany()
	}
	sensors := map[string]domain.Sensor{}
	conformed := make([]domain.Reading, len(readings))
	now := s.Now()
	for i, r := range readings {
		sensor, known := sensors[r.Ref]
		if !known {
			var err error
			if sensor, err = s.Finder.Sensor(ctx, c, r.Ref, domain.ReadingsWrite); err != nil {
				return atPlace(err, i, len(readings))
			}
			sensors[r.Ref] = sensor
		}
		var err error
		if conformed[i], err = r.Reading.Conform(sensor.Fields, now); err != nil {
			return atPlace(err, i, len(readings))
		}
		conformed[i].Sensor = sensor.ID
	}
	if len(conformed) == 0 {
		return nil
	}
	if _, err := s.Store.AppendToSensors(ctx, conformed); err != nil {
		return fmt.Errorf("append readings: %w", err)
	}
	return nil
}

// Replace puts readings in the place of others: one reading replaces what is
// at its time; several replace everything between the earliest and the latest
// of them (WoTKit V1, Sensor Data).
func (s *Service) Replace(ctx context.Context, c domain.Caller, ref string, readings []domain.Reading) error {
	return s.replace(ctx, c, ref, readings, spanOf)
}

// ReplaceAt puts readings in the place of those at the very same times
// (WoTKit V2, Sensor Data).
func (s *Service) ReplaceAt(ctx context.Context, c domain.Caller, ref string, readings []domain.Reading) error {
	return s.replace(ctx, c, ref, readings, instantsOf)
}

func (s *Service) replace(ctx context.Context, c domain.Caller, ref string, readings []domain.Reading, places func([]domain.Reading) []domain.Range) error {
	sensor, conformed, err := s.prepare(ctx, c, ref, readings)
	if err != nil || len(conformed) == 0 {
		return err
	}
	if err := s.Store.ReplaceReadings(ctx, sensor.ID, places(conformed), conformed); err != nil {
		return fmt.Errorf("replace readings: %w", err)
	}
	return nil
}

func spanOf(readings []domain.Reading) []domain.Range {
	first, last := readings[0].At, readings[0].At
	for _, r := range readings {
		first, last = min(first, r.At), max(last, r.At)
	}
	return []domain.Range{{From: first.BeforeAll(), To: last.AfterAll()}}
}

func instantsOf(readings []domain.Reading) []domain.Range {
	ranges := make([]domain.Range, len(readings))
	for i, r := range readings {
		ranges[i] = domain.Range{From: r.At.BeforeAll(), To: r.At.AfterAll()}
	}
	return ranges
}

// DeleteAt deletes all readings at one time. That there are none is no fault.
func (s *Service) DeleteAt(ctx context.Context, c domain.Caller, ref string, at domain.Millis) error {
	_, err := s.DeleteRange(ctx, c, ref, domain.Range{From: at.BeforeAll(), To: at.AfterAll()})
	return err
}

// DeleteRange deletes the readings in a range and returns how many there were.
func (s *Service) DeleteRange(ctx context.Context, c domain.Caller, ref string, r domain.Range) (int64, error) {
	sensor, err := s.Finder.Sensor(ctx, c, ref, domain.ReadingsWrite)
	if err != nil {
		return 0, err
	}
	return s.Store.DeleteReadings(ctx, sensor.ID, r)
}

// DeleteOne deletes the reading with the id; NotFound where there is none.
func (s *Service) DeleteOne(ctx context.Context, c domain.Caller, ref string, id domain.ReadingID) error {
	sensor, err := s.Finder.Sensor(ctx, c, ref, domain.ReadingsWrite)
	if err != nil {
		return err
	}
	return s.Store.DeleteReading(ctx, sensor.ID, id)
}
