package store

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// A sensor with packFrom loose rows is packed: its oldest rows become chunks
// of 256, and at least packKeep rows stay loose, among them the newest, where
// late readings arrive.
const (
	packFrom   = 512
	packKeep   = 256
	packAtOnce = 4 * maxChunk // rows in one act, so that other acts wait shortly
	sweepEvery = time.Hour
)

// packer packs loose readings into chunks in the background.
type packer struct {
	mu     sync.Mutex
	marked map[domain.SensorID]struct{}
	wake   chan struct{}
	ended  chan struct{}
}

// mark asks for a sensor to be packed.
func (p *packer) mark(id domain.SensorID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.marked == nil {
		p.marked = map[domain.SensorID]struct{}{}
	}
	p.marked[id] = struct{}{}
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

func (p *packer) take() map[domain.SensorID]struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	taken := p.marked
	p.marked = nil
	return taken
}

// close waits for the background work, whose context has ended.
func (p *packer) close() { <-p.ended }

func (s *Store) startPacker(ctx context.Context) {
	s.packer.wake = make(chan struct{}, 1)
	s.packer.ended = make(chan struct{})
	go func() {
		defer close(s.packer.ended)
		s.housekeep(ctx, s.markLoose, s.sweepOnce)
		ticker := time.NewTicker(sweepEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				s.housekeep(ctx, s.sweepOnce)
			case <-s.packer.wake:
				s.packMarked(ctx)
			}
		}
	}()
}

func (s *Store) housekeep(ctx context.Context, works ...func(context.Context) error) {
	for _, work := range works {
		if err := work(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("readings: background work", "error", err)
		}
	}
}

// markLoose marks the sensors that were left unpacked when the store closed.
func (s *Store) markLoose(ctx context.Context) error {
	rows, err := s.query(ctx, `SELECT sensor_id FROM sensor_states WHERE loose >= $1`, packFrom)
	_, err = collect(rows, err, func(r row) (id domain.SensorID, err error) {
		if err = r.Scan(&id); err == nil {
			s.packer.mark(id)
		}
		return id, err
	})
	return err
}

func (s *Store) packMarked(ctx context.Context) {
	for id := range s.packer.take() {
		if ctx.Err() != nil {
			return
		}
		if err := s.PackReadings(ctx, id); err != nil && ctx.Err() == nil {
			s.log.Error("readings: pack", "sensor", int64(id), "error", err)
		}
	}
}

// PackReadings packs the oldest loose readings of a sensor if there are many.
// The store does so by itself; tests do it when they like.
func (s *Store) PackReadings(ctx context.Context, id domain.SensorID) error {
	for more := true; more; {
		err := s.write(ctx, func(tx *Tx) (err error) {
			more, err = tx.packSensor(id)
			if domain.IsKind(err, domain.NotFound) {
				more, err = false, nil
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("pack readings: %w", err)
		}
	}
	return nil
}

// packSensor moves a part of the loose rows into chunks and reports whether
// there is more to do.
func (tx *Tx) packSensor(id domain.SensorID) (more bool, err error) {
	if err := tx.flushStates(); err != nil {
		return false, err
	}
	w, err := tx.sensorState(id)
	if err != nil || w.loose < packFrom {
		return false, err
	}
	count := min(int(w.loose)-packKeep, packAtOnce) / maxChunk * maxChunk
	rows, err := tx.query(`SELECT at, id, named FROM readings WHERE sensor_id = $1 ORDER BY at, id LIMIT $2`, int64(id), count)
	readings, err := collectReadings(rows, err, id)
	if err != nil || len(readings) == 0 {
		return false, err
	}
	if err := tx.insertChunks(w, readings); err != nil {
		return false, err
	}
	until := readings[len(readings)-1].Position()
	result, err := tx.exec(`DELETE FROM readings WHERE sensor_id = $1 AND (at, id) <= ($2, $3)`, int64(id), int64(until.At), int64(until.ID))
	if err != nil {
		return false, fmt.Errorf("delete packed rows: %w", err)
	}
	deleted, err := result.RowsAffected()
	if err == nil && deleted != int64(len(readings)) {
		err = fmt.Errorf("packed %d rows but deleted %d", len(readings), deleted)
	}
	w.loose -= deleted
	w.changed = true
	return w.loose >= packFrom, err
}
