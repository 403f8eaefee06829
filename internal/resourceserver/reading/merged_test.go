package reading

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

func TestOnlyAFewGatherAtOnceAndNobodyKeepsWhatHeGathered(t *testing.T) {
	t.Parallel()
	var under, most atomic.Int32
	one := func(yield func(SensorAndReading, error) bool) {
		most.Store(max(most.Load(), under.Add(1)))
		defer under.Add(-1)
		for range 1000 {
			if !yield(SensorAndReading{}, nil) {
				return
			}
		}
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			page, err := gather(context.Background(), one, func(found []SensorAndReading) []SensorAndReading { return cut(found, 10, 5) })
			if err != nil || len(page) != 5 || cap(page) > 8 {
				t.Errorf("got %d of room for %d, %v; want 5", len(page), cap(page), err)
			}
		})
	}
	all.Wait()
	if got := int(most.Load()); got > cap(gathering) {
		t.Errorf("%d gathered at once, want at most %d", got, cap(gathering))
	}
	over, cancel := context.WithCancel(context.Background())
	cancel()
	for range cap(gathering) {
		gathering <- struct{}{}
	}
	defer func() {
		for range cap(gathering) {
			<-gathering
		}
	}()
	if _, err := gather(over, one, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the end of the context", err)
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	all := []int{0, 1, 2, 3, 4}
	for _, c := range []struct {
		offset, limit int
		want          []int
	}{{0, 0, all}, {2, 0, []int{2, 3, 4}}, {1, 2, []int{1, 2}}, {4, 9, []int{4}}, {5, 1, nil}, {9, 9, nil}, {9, 0, nil}} {
		if got := cut(all, c.offset, c.limit); !slices.Equal(got, c.want) {
			t.Errorf("%d, %d: got %v, want %v", c.offset, c.limit, got, c.want)
		}
	}
}
