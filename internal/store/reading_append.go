package store

import (
	"cmp"
	"context"
	"crypto/subtle"
	"fmt"
	"slices"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// chunkFrom is how many readings of one request are worth a chunk at once.
const chunkFrom = 64

// AppendReadings stores readings of one sensor, all or none. A sensor that
// was deleted meanwhile is NotFound. With once, the same request stores its
// readings once, and another under the same name is a Conflict.
func (s *Store) AppendReadings(ctx context.Context, sensor domain.SensorID, readings []domain.Reading, once domain.Once) (domain.Appended, error) {
	if len(readings) == 0 {
		return domain.Appended{}, nil
	}
	batch := newReadingBatch(sensor, readings)
	var done domain.Appended
	err := s.write(ctx, func(tx *Tx) (err error) {
		done = domain.Appended{}
		if done.Repeated, err = tx.claim(once); err != nil || done.Repeated {
			return err
		}
		done.IDs, err = tx.appendBatch(batch)
		return err
	})
	if err != nil {
		return domain.Appended{}, fmt.Errorf("append readings: %w", err)
	}
	s.observe.ReadingsStored(len(done.IDs))
	return done, nil
}

// AppendToSensors stores readings of several sensors, all or none. Each
// reading names its sensor. It returns the ids in the order of the readings.
func (s *Store) AppendToSensors(ctx context.Context, readings []domain.Reading) ([]domain.ReadingID, error) {
	places := map[domain.SensorID][]int{}
	for i, r := range readings {
		places[r.Sensor] = append(places[r.Sensor], i)
	}
	batches := make([]readingBatch, 0, len(places))
	for sensor, of := range places {
		own := make([]domain.Reading, len(of))
		for i, place := range of {
			own[i] = readings[place]
		}
		batches = append(batches, newReadingBatch(sensor, own))
	}
	// Sensors are locked in the order of their ids, so that no two wait for each other.
	slices.SortFunc(batches, func(a, b readingBatch) int { return int(a.sensor - b.sensor) })
	ids := make([]domain.ReadingID, len(readings))
	err := s.write(ctx, func(tx *Tx) error {
		for _, batch := range batches {
			own, err := tx.appendBatch(batch)
			if err != nil {
				return err
			}
			for i, place := range places[batch.sensor] {
				ids[place] = own[i]
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("append to sensors: %w", err)
	}
	s.observe.ReadingsStored(len(readings))
	return ids, nil
}

// readingBatch is readings of one sensor, prepared before the transaction, in
// which everybody waits.
type readingBatch struct {
	sensor   domain.SensorID
	readings []domain.Reading
	named    [][]byte // of a small batch: what the rows hold
	order    []int    // of a large one: the places in the order of time
}

func newReadingBatch(sensor domain.SensorID, readings []domain.Reading) readingBatch {
	b := readingBatch{sensor: sensor, readings: readings}
	if len(readings) < chunkFrom {
		b.named = make([][]byte, len(readings))
		for i, r := range readings {
			b.named[i] = appendNamed(nil, r.Values)
		}
		return b
	}
	b.order = make([]int, len(readings))
	for i := range b.order {
		b.order[i] = i
	}
	// Ids are given in the order of the batch, so that a stable sort by time is one by (time, id).
	slices.SortStableFunc(b.order, func(i, j int) int { return cmp.Compare(readings[i].At, readings[j].At) })
	return b
}

func (tx *Tx) appendBatch(b readingBatch) ([]domain.ReadingID, error) {
	if len(b.readings) == 0 {
		return nil, nil
	}
	w, err := tx.sensorState(b.sensor)
	if err != nil {
		return nil, err
	}
	ids, err := tx.s.dialect.reserveReadingIDs(tx, len(b.readings))
	if err != nil {
		return nil, err
	}
	for i, named := range b.named {
		tx.states.rows = append(tx.states.rows, looseRow{b.sensor, b.readings[i].At, ids[i], named})
		w.loose++
	}
	if b.order != nil {
		sorted := make([]domain.Reading, len(b.readings))
		for i, place := range b.order {
			sorted[i] = b.readings[place]
			sorted[i].ID = ids[place]
		}
		if err := tx.insertChunks(w, sorted); err != nil {
			return nil, err
		}
	}
	for _, r := range b.readings {
		w.see(r)
	}
	return ids, nil
}

// insertChunks packs readings that are in the order of (time, id).
func (tx *Tx) insertChunks(w *sensorWrite, readings []domain.Reading) error {
	for _, run := range cutChunks(readings) {
		first, last := run[0], run[len(run)-1]
		low, high := first.ID, first.ID
		for _, r := range run {
			low, high = min(low, r.ID), max(high, r.ID)
		}
		_, err := tx.exec(`INSERT INTO reading_chunks (sensor_id, first_at, first_id, last_at, min_id, max_id, count, packed)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			int64(w.id), int64(first.At), int64(first.ID), int64(last.At), int64(low), int64(high), int64(len(run)), encodeChunk(run))
		if err != nil {
			return fmt.Errorf("insert chunk: %w", err)
		}
		w.timeSpan = max(w.timeSpan, int64(last.At-first.At))
		w.idSpan = max(w.idSpan, int64(high-low))
		w.known, w.changed = true, true
	}
	return nil
}

// claim makes a request happen once. It reports whether it happened before.
func (tx *Tx) claim(once domain.Once) (repeated bool, err error) {
	if once.Name == "" {
		return false, nil
	}
	now := millis(tx.s.now())
	fresh, err := tx.execOne(`INSERT INTO idempotency_keys (user_id, name, digest, used_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (user_id, name) DO NOTHING`, once.User, once.Name, once.Digest, now)
	if err != nil || fresh {
		return false, err
	}
	var digest []byte
	err = tx.queryRow(`UPDATE idempotency_keys SET used_at = $3 WHERE user_id = $1 AND name = $2 RETURNING digest`,
		once.User, once.Name, now).Scan(&digest)
	switch {
	case isNoRows(err): // it was swept away this moment
		return tx.claim(once)
	case err != nil:
		return false, fmt.Errorf("idempotency key: %w", err)
	case subtle.ConstantTimeCompare(digest, once.Digest) != 1:
		return false, domain.Errorf(domain.Conflict, "idempotency_key_reused", "This Idempotency-Key was used for another request. Use a new one for each.")
	}
	return true, nil
}

// onceKept is how long the name of a request is remembered after its last use.
const onceKept = 90 * 24 * time.Hour

// sweepOnce forgets names of requests that were not used for long.
func (s *Store) sweepOnce(ctx context.Context) error {
	before := millis(s.now().Add(-onceKept))
	rows, err := s.query(ctx, `SELECT name FROM idempotency_keys WHERE used_at < $1 ORDER BY used_at LIMIT 1`, before)
	old, err := collect(rows, err, func(r row) (name string, err error) { return name, r.Scan(&name) })
	if err != nil || len(old) == 0 {
		return err
	}
	return s.write(ctx, func(tx *Tx) error {
		_, err := tx.exec(`DELETE FROM idempotency_keys WHERE used_at < $1`, before)
		return err
	})
}
