package store

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"slices"

	"github.com/thingward/thingward/internal/domain"
)

// pageSize is how many readings an iterator takes from the database at a time.
const pageSize = 2048

// ReadingsPage returns the first readings of a range, at most limit, as they
// were at one moment.
func (s *Store) ReadingsPage(ctx context.Context, sensor domain.SensorID, r domain.Range, limit int, d domain.Direction) ([]domain.Reading, error) {
	readings := []domain.Reading{}
	err := s.snapshot(ctx, func(snap snapshot) error {
		m, err := snap.merge(sensor, r, limit, d, wholeReadings)
		if err != nil {
			return err
		}
		for len(readings) < limit {
			reading, ok, err := m.next()
			if err != nil || !ok {
				return err
			}
			readings = append(readings, reading)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("readings: %w", err)
	}
	return readings, nil
}

// Readings returns the readings of a range, at most limit unless that is 0.
// They are read page by page; between pages nothing is held open.
func (s *Store) Readings(ctx context.Context, sensor domain.SensorID, r domain.Range, limit int, d domain.Direction) iter.Seq2[domain.Reading, error] {
	return func(yield func(domain.Reading, error) bool) {
		for rest, left := r, limit; ; {
			size := pageSize
			if limit > 0 {
				size = min(size, left)
			}
			page, err := s.ReadingsPage(ctx, sensor, rest, size, d)
			if err != nil {
				yield(domain.Reading{}, err)
				return
			}
			for _, reading := range page {
				if !yield(reading, nil) {
					return
				}
			}
			if left -= len(page); len(page) < size || left == 0 {
				return
			}
			rest = rest.After(page[len(page)-1].Position(), d)
		}
	}
}

// NewestOf narrows a range to its n newest readings.
func (s *Store) NewestOf(ctx context.Context, sensor domain.SensorID, r domain.Range, n int) (domain.Range, error) {
	err := s.snapshot(ctx, func(snap snapshot) error {
		m, err := snap.merge(sensor, r, n+1, domain.NewestFirst, onlyPositions)
		if err != nil {
			return err
		}
		for range n {
			if _, ok, err := m.next(); err != nil || !ok {
				return err
			}
		}
		before, ok, err := m.next()
		if err == nil && ok {
			r.From = before.Position()
		}
		return err
	})
	if err != nil {
		return domain.Range{}, fmt.Errorf("newest readings: %w", err)
	}
	return r, nil
}

// ReadingByID returns one reading of a sensor.
func (s *Store) ReadingByID(ctx context.Context, sensor domain.SensorID, id domain.ReadingID) (found domain.Reading, err error) {
	err = s.snapshot(ctx, func(snap snapshot) error {
		rows, err := snap.query(rowByID, int64(sensor), int64(id))
		readings, err := collectReadings(rows, err, sensor)
		if err == nil && len(readings) == 0 {
			readings, err = snap.chunksWithID(sensor, id)
		}
		if err != nil {
			return err
		}
		i := slices.IndexFunc(readings, func(r domain.Reading) bool { return r.ID == id })
		if i < 0 {
			return noReading(id)
		}
		found = readings[i]
		return nil
	})
	if err != nil {
		return domain.Reading{}, fmt.Errorf("reading by id: %w", err)
	}
	return found, nil
}

func noReading(id domain.ReadingID) error {
	return domain.Errorf(domain.NotFound, "reading_not_found", "The sensor has no reading %d.", int64(id))
}

const (
	rowByID    = `SELECT at, id, named FROM readings WHERE sensor_id = $1 AND id = $2`
	spansOf    = `SELECT time_span, id_span FROM sensor_states WHERE sensor_id = $1`
	chunksByID = `SELECT first_at, first_id, last_at, packed FROM reading_chunks
	WHERE sensor_id = $1 AND max_id >= $2 AND max_id <= $3 AND min_id <= $2 ORDER BY max_id`
)

// snapshotTexts are the statements that a snapshot may run.
var snapshotTexts = []string{rowByID, spansOf, chunksByID, rowsAscending, rowsDescending, chunksAscending, chunksDescending}

func (snap snapshot) chunksWithID(sensor domain.SensorID, id domain.ReadingID) ([]domain.Reading, error) {
	_, idSpan, _, err := snap.spans(sensor)
	if err != nil {
		return nil, err
	}
	rows, err := snap.query(chunksByID, int64(sensor), int64(id), int64(id)+idSpan)
	chunks, err := collect(rows, err, scanChunk)
	if err != nil {
		return nil, err
	}
	all := []domain.Reading{}
	for _, stored := range chunks {
		readings, err := stored.readings(sensor, &nameTable{})
		if err != nil {
			return nil, err
		}
		all = append(all, readings...)
	}
	return all, nil
}

// snapshot reads the database as it was at one moment, so that packing or
// replacing in between neither hides nor doubles a reading.
type snapshot struct {
	watch watch
	s     *Store
	tx    *sql.Tx
}

// Its statements are prepared before it takes a connection: whoever holds one
// and waits for another to prepare on can wait for ever.
func (s *Store) snapshot(ctx context.Context, read func(snapshot) error) error {
	for _, text := range snapshotTexts {
		if _, err := s.prepared(text); err != nil {
			return err
		}
	}
	w := s.watch(ctx)
	defer w.end()
	tx, err := s.reads.BeginTx(w.ctx, &sql.TxOptions{Isolation: s.dialect.snapshot(), ReadOnly: true})
	if err != nil {
		return s.noticed(fmt.Errorf("begin to read: %w", w.explain(err)))
	}
	defer tx.Rollback()
	return s.noticed(w.explain(read(snapshot{w, s, tx})))
}

func (snap snapshot) query(text string, args ...any) (*sql.Rows, error) {
	stmt, err := snap.s.prepared(text)
	if err != nil {
		return nil, err
	}
	ctx := snap.watch.step()
	return snap.tx.StmtContext(ctx, stmt).QueryContext(ctx, args...)
}

// spans returns how wide chunks of the sensor are; not ok: it has no readings.
func (snap snapshot) spans(sensor domain.SensorID) (timeSpan domain.Millis, idSpan int64, ok bool, err error) {
	rows, err := snap.query(spansOf, int64(sensor))
	_, err = collect(rows, err, func(r row) (struct{}, error) {
		ok = true
		return struct{}{}, r.Scan(&timeSpan, &idSpan)
	})
	return timeSpan, idSpan, ok, err
}

// collectReadings reads rows of (at, id, named).
func collectReadings(rows *sql.Rows, err error, sensor domain.SensorID) ([]domain.Reading, error) {
	names := nameTable{}
	return collect(rows, err, func(r row) (domain.Reading, error) {
		var at, id int64
		var named sql.RawBytes
		if err := r.Scan(&at, &id, &named); err != nil {
			return domain.Reading{}, err
		}
		values, err := decodeNamed(named, &names)
		return domain.Reading{ID: domain.ReadingID(id), Sensor: sensor, At: domain.Millis(at), Values: values}, err
	})
}
