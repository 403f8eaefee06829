package reading

import (
	"container/heap"
	"context"
	"iter"

	"github.com/thingward/thingward/internal/domain"
)

// byTime merges the readings of sensors. Each sensor is read in pages that
// start small, as of many sensors few readings each are needed.
func (s *Service) byTime(ctx context.Context, sensors []domain.Sensor, r domain.Range, d domain.Direction) iter.Seq2[SensorAndReading, error] {
	return func(yield func(SensorAndReading, error) bool) {
		h := flows{d: d}
		for _, sensor := range sensors {
			f := &flow{sensor: sensor, rest: r, size: 4}
			if err := f.fill(ctx, s.Store, d); err != nil {
				yield(SensorAndReading{}, err)
				return
			}
			if len(f.page) > 0 {
				h.list = append(h.list, f)
			}
		}
		heap.Init(&h)
		for len(h.list) > 0 {
			f := h.list[0]
			if !yield(SensorAndReading{&f.sensor, f.page[0]}, nil) {
				return
			}
			if err := f.advance(ctx, s.Store, d); err != nil {
				yield(SensorAndReading{}, err)
				return
			}
			if len(f.page) == 0 {
				heap.Pop(&h)
			} else {
				heap.Fix(&h, 0)
			}
		}
	}
}

// flow is what is still to come of one sensor.
type flow struct {
	sensor domain.Sensor
	rest   domain.Range
	size   int // of the next page
	page   []domain.Reading
	ended  bool
}

const largestPage = 1024

func (f *flow) fill(ctx context.Context, store Reader, d domain.Direction) error {
	page, err := store.ReadingsPage(ctx, f.sensor.ID, f.rest, f.size, d)
	if err != nil {
		return err
	}
	for _, r := range page {
		retype(f.sensor.Fields, r.Values)
	}
	f.page = page
	if f.ended = len(page) < f.size; !f.ended {
		f.rest = f.rest.After(page[len(page)-1].Position(), d)
	}
	f.size = min(4*f.size, largestPage)
	return nil
}

func (f *flow) advance(ctx context.Context, store Reader, d domain.Direction) error {
	if f.page = f.page[1:]; len(f.page) > 0 || f.ended {
		return nil
	}
	return f.fill(ctx, store, d)
}

// flows is a heap with the flow of the next reading on top. Readings of one
// time come in the order of their ids.
type flows struct {
	list []*flow
	d    domain.Direction
}

func (h flows) Len() int      { return len(h.list) }
func (h flows) Swap(i, j int) { h.list[i], h.list[j] = h.list[j], h.list[i] }

func (h flows) Less(i, j int) bool {
	order := h.list[i].page[0].Position().Compare(h.list[j].page[0].Position())
	if h.d == domain.NewestFirst {
		return order > 0
	}
	return order < 0
}

// Push is part of heap.Interface.
func (h *flows) Push(x any) { h.list = append(h.list, x.(*flow)) }

// Pop is part of heap.Interface.
func (h *flows) Pop() any {
	last := h.list[len(h.list)-1]
	h.list = h.list[:len(h.list)-1]
	return last
}
