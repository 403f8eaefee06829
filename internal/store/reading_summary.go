package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// mostSummaries bounds the intervals of one answer.
const mostSummaries = 100_000

// SummarizeReadings returns, for each interval of the length step that has
// numbers under the name, how many there are, their sum, least and greatest.
// Intervals begin at multiples of step since 1970. Text that is a number
// counts as one. Of a chunk only the times and the one column are read.
func (s *Store) SummarizeReadings(ctx context.Context, sensor domain.SensorID, name string, r domain.Range, step time.Duration) ([]domain.Summary, error) {
	if step < time.Millisecond {
		return nil, domain.InvalidField("step", "The step is at least a millisecond.")
	}
	sums := summing{step: domain.Millis(step.Milliseconds())}
	err := s.snapshot(ctx, func(snap snapshot) error {
		m, err := snap.merge(sensor, r, allRows, domain.OldestFirst, wholeReadings)
		if err != nil {
			return err
		}
		for _, loose := range m.open {
			for _, reading := range loose {
				if value, ok := reading.Value(name); ok {
					sums.add(reading.At, value)
				}
			}
		}
		return sums.addChunks(m, name)
	})
	if err != nil {
		return nil, fmt.Errorf("summarize readings: %w", err)
	}
	return sums.sorted(), nil
}

// allRows is a limit that no sensor's loose rows reach.
const allRows = 1 << 40

// summing gathers summaries. Readings come nearly in order, so the interval
// of the last one is nearly always that of the next.
type summing struct {
	step    domain.Millis
	list    []*domain.Summary
	byStart map[domain.Millis]*domain.Summary
	current *domain.Summary
	times   []domain.Millis
}

func (s *summing) add(at domain.Millis, v domain.Value) {
	if v, ok := v.As(domain.NumberField); ok {
		s.addNumber(at, v.Number)
	}
}

func (s *summing) addNumber(at domain.Millis, n float64) {
	c := s.current
	if c == nil || at < c.Start || at-c.Start >= s.step {
		c = s.interval(at)
	}
	c.Count++
	c.Sum += n
	c.Min, c.Max = min(c.Min, n), max(c.Max, n)
	if c.Count == 1 {
		c.Min, c.Max = n, n
	}
}

func (s *summing) interval(at domain.Millis) *domain.Summary {
	start := at - at%s.step
	if start > at {
		start -= s.step // times before 1970
	}
	c := s.byStart[start]
	if c == nil {
		if s.byStart == nil {
			s.byStart = map[domain.Millis]*domain.Summary{}
		}
		c = &domain.Summary{Start: start}
		s.byStart[start] = c
		s.list = append(s.list, c)
	}
	s.current = c
	return c
}

func (s *summing) addChunks(m *merge, name string) error {
	for {
		_, there, err := m.edge()
		if err != nil || !there {
			return err
		}
		if err := s.addChunk(m, m.chunks[0], name); err != nil {
			return err
		}
		m.chunks = m.chunks[1:]
		if len(s.list) > mostSummaries {
			return domain.InvalidField("step", "This makes more than %d intervals. Ask for a longer step or a shorter time.", mostSummaries)
		}
	}
}

func (s *summing) addChunk(m *merge, stored storedChunk, name string) error {
	opened, err := openChunk(stored.packed, s.times)
	if err != nil {
		return err
	}
	s.times = opened.times
	if m.want.Contains(stored.first) && stored.lastAt < m.want.To.At {
		return opened.column(name, func(place int, v domain.Value) { s.add(opened.times[place], v) })
	}
	positions, err := opened.positions(m.sensor)
	if err != nil {
		return err
	}
	return opened.column(name, func(place int, v domain.Value) {
		if m.want.Contains(positions[place].Position()) {
			s.add(opened.times[place], v)
		}
	})
}

func (s *summing) sorted() []domain.Summary {
	slices.SortFunc(s.list, func(a, b *domain.Summary) int { return int(a.Start - b.Start) })
	summaries := make([]domain.Summary, len(s.list))
	for i, c := range s.list {
		summaries[i] = *c
	}
	return summaries
}
