package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/thingward/thingward/internal/domain"
)

// DeleteReadings deletes a range of the readings of a sensor and returns how
// many there were. The state of the sensor stays as it is.
func (s *Store) DeleteReadings(ctx context.Context, sensor domain.SensorID, r domain.Range) (deleted int64, err error) {
	err = s.write(ctx, func(tx *Tx) error {
		w, err := tx.settled(sensor)
		if err != nil {
			return err
		}
		deleted, err = tx.deleteRange(w, withinReach(r))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("delete readings: %w", err)
	}
	return deleted, nil
}

// ReplaceReadings deletes what lies in any of the ranges and stores the
// readings instead, at one moment for everybody who reads.
func (s *Store) ReplaceReadings(ctx context.Context, sensor domain.SensorID, ranges []domain.Range, readings []domain.Reading) error {
	batch := newReadingBatch(sensor, readings)
	groups := groupRanges(ranges)
	err := s.write(ctx, func(tx *Tx) error {
		w, err := tx.settled(sensor)
		if err != nil {
			return err
		}
		for _, group := range groups {
			if err := tx.deleteGroup(w, group); err != nil {
				return err
			}
		}
		_, err = tx.appendBatch(batch)
		return err
	})
	if err != nil {
		return fmt.Errorf("replace readings: %w", err)
	}
	s.observe.ReadingsStored(len(readings))
	return nil
}

// DeleteReading deletes one reading of a sensor; NotFound where there is none.
func (s *Store) DeleteReading(ctx context.Context, sensor domain.SensorID, id domain.ReadingID) error {
	err := s.write(ctx, func(tx *Tx) error {
		w, err := tx.settled(sensor)
		if err != nil {
			return err
		}
		loose, err := tx.execOne(`DELETE FROM readings WHERE sensor_id = $1 AND id = $2`, int64(sensor), int64(id))
		if err != nil {
			return err
		}
		if loose {
			w.loose--
			w.changed = true
			return nil
		}
		rows, err := tx.query(chunksByID, int64(sensor), int64(id), int64(id)+w.idSpan)
		deleted, err := tx.thinOut(w, rows, err, func(r domain.Reading) bool { return r.ID == id })
		if err == nil && deleted == 0 {
			return noReading(id)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("delete reading: %w", err)
	}
	return nil
}

// dropReadings deletes everything that the readings of a sensor left, in the
// transaction that deletes the sensor.
func (tx *Tx) dropReadings(id domain.SensorID) error {
	w, err := tx.settled(id)
	if err != nil {
		return err
	}
	w.gone = true
	for _, text := range []string{
		`DELETE FROM readings WHERE sensor_id = $1`,
		`DELETE FROM reading_chunks WHERE sensor_id = $1`,
		`DELETE FROM sensor_states WHERE sensor_id = $1`,
	} {
		if _, err := tx.exec(text, int64(id)); err != nil {
			return fmt.Errorf("drop readings: %w", err)
		}
	}
	return nil
}

// settled returns the state of a sensor after everything that the transaction
// gathered so far is written, so that SQL sees all readings.
func (tx *Tx) settled(sensor domain.SensorID) (*sensorWrite, error) {
	if err := tx.flushStates(); err != nil {
		return nil, err
	}
	return tx.sensorState(sensor)
}

// deleteRange deletes rows and whole chunks by statement, and rewrites the
// chunks that lie across the ends of the range.
func (tx *Tx) deleteRange(w *sensorWrite, r domain.Range) (int64, error) {
	if r.From.Compare(r.To) >= 0 {
		return 0, nil
	}
	result, err := tx.exec(`DELETE FROM readings WHERE sensor_id = $1 AND (at, id) > ($2, $3) AND (at, id) <= ($4, $5)`,
		int64(w.id), int64(r.From.At), int64(r.From.ID), int64(r.To.At), int64(r.To.ID))
	if err != nil {
		return 0, fmt.Errorf("delete rows: %w", err)
	}
	deleted, err := result.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("delete rows: %w", err)
	}
	w.loose -= deleted
	w.changed = w.changed || deleted > 0
	rows, err := tx.query(`DELETE FROM reading_chunks WHERE sensor_id = $1 AND first_at > $2 AND first_at < $3 AND last_at < $3 RETURNING count`,
		int64(w.id), int64(r.From.At), int64(r.To.At))
	counts, err := collect(rows, err, func(r row) (n int64, err error) { return n, r.Scan(&n) })
	if err != nil {
		return 0, fmt.Errorf("delete chunks: %w", err)
	}
	for _, n := range counts {
		deleted += n
	}
	thinned, err := tx.thinOutRange(w, r, func(reading domain.Reading) bool { return r.Contains(reading.Position()) })
	return deleted + thinned, err
}

// thinOutRange rewrites the chunks that touch a range.
func (tx *Tx) thinOutRange(w *sensorWrite, r domain.Range, drop func(domain.Reading) bool) (int64, error) {
	rows, err := tx.query(`SELECT first_at, first_id, last_at, packed FROM reading_chunks
		WHERE sensor_id = $1 AND first_at >= $2 AND first_at <= $3 AND last_at >= $4 ORDER BY first_at, first_id`,
		int64(w.id), int64(r.From.At)-w.timeSpan, int64(r.To.At), int64(r.From.At))
	return tx.thinOut(w, rows, err, drop)
}

// thinOut takes readings out of chunks and returns how many they were.
func (tx *Tx) thinOut(w *sensorWrite, rows *sql.Rows, err error, drop func(domain.Reading) bool) (int64, error) {
	chunks, err := collect(rows, err, scanChunk)
	if err != nil {
		return 0, fmt.Errorf("chunks: %w", err)
	}
	var deleted int64
	for _, stored := range chunks {
		readings, err := stored.readings(w.id, &nameTable{})
		if err != nil {
			return 0, err
		}
		left := slices.DeleteFunc(slices.Clone(readings), drop)
		if len(left) == len(readings) {
			continue
		}
		deleted += int64(len(readings) - len(left))
		_, err = tx.exec(`DELETE FROM reading_chunks WHERE sensor_id = $1 AND first_at = $2 AND first_id = $3`,
			int64(w.id), int64(stored.first.At), int64(stored.first.ID))
		if err != nil {
			return 0, fmt.Errorf("delete chunk: %w", err)
		}
		if err := tx.insertChunks(w, left); err != nil {
			return 0, err
		}
	}
	return deleted, nil
}

// groupRanges sorts ranges, joins those that overlap, and groups those that
// lie so near to each other that they are looked for together.
func groupRanges(ranges []domain.Range) [][]domain.Range {
	sorted := make([]domain.Range, 0, len(ranges))
	for _, r := range ranges {
		if r = withinReach(r); r.From.Compare(r.To) < 0 {
			sorted = append(sorted, r)
		}
	}
	slices.SortFunc(sorted, func(a, b domain.Range) int { return a.From.Compare(b.From) })
	groups := [][]domain.Range{}
	for _, r := range sorted {
		n := len(groups)
		if n == 0 || r.To.At-groups[n-1][0].From.At > maxChunkSpan {
			groups = append(groups, []domain.Range{r})
			continue
		}
		group := groups[n-1]
		if last := &group[len(group)-1]; r.From.Compare(last.To) <= 0 {
			if r.To.Compare(last.To) > 0 {
				last.To = r.To
			}
			continue
		}
		groups[n-1] = append(group, r)
	}
	return groups
}

// deleteGroup deletes several ranges in one go: it looks at everything from
// the first to the last of them once.
func (tx *Tx) deleteGroup(w *sensorWrite, group []domain.Range) error {
	if len(group) == 1 {
		_, err := tx.deleteRange(w, group[0])
		return err
	}
	hull := domain.Range{From: group[0].From, To: group[len(group)-1].To}
	drop := func(r domain.Reading) bool {
		_, found := slices.BinarySearchFunc(group, r.Position(), func(g domain.Range, p domain.Position) int {
			switch {
			case g.Contains(p):
				return 0
			case p.Compare(g.From) <= 0:
				return 1
			}
			return -1
		})
		return found
	}
	if err := tx.dropRows(w, hull, drop); err != nil {
		return err
	}
	_, err := tx.thinOutRange(w, hull, drop)
	return err
}

// dropRows deletes loose rows one by one.
func (tx *Tx) dropRows(w *sensorWrite, hull domain.Range, drop func(domain.Reading) bool) error {
	rows, err := tx.query(`SELECT at, id FROM readings WHERE sensor_id = $1 AND (at, id) > ($2, $3) AND (at, id) <= ($4, $5)`,
		int64(w.id), int64(hull.From.At), int64(hull.From.ID), int64(hull.To.At), int64(hull.To.ID))
	loose, err := collect(rows, err, func(r row) (p domain.Reading, err error) { return p, r.Scan(&p.At, &p.ID) })
	if err != nil {
		return fmt.Errorf("rows: %w", err)
	}
	for _, r := range loose {
		if !drop(r) {
			continue
		}
		if _, err := tx.exec(`DELETE FROM readings WHERE sensor_id = $1 AND at = $2 AND id = $3`, int64(w.id), int64(r.At), int64(r.ID)); err != nil {
			return fmt.Errorf("delete row: %w", err)
		}
		w.loose--
		w.changed = true
	}
	return nil
}
