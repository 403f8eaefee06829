package storetest_test

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

// append16 lets sixteen callers append batches of n readings, b.N batches in all.
func append16(b *testing.B, sensors, n int) {
	s := storetest.Open(b)
	ids := newSensors(b, s, sensors)
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for worker := range 16 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			batch := make([]domain.Reading, n)
			for {
				i := next.Add(1)
				if i > int64(b.N) {
					return
				}
				for j := range batch {
					at := int(i)*n + j
					batch[j] = domain.Reading{At: domain.Millis(at), Values: []domain.NamedValue{{Name: "value", Value: domain.Number(math.Round(math.Sin(float64(at)/50)*100) / 10)}}}
				}
				if _, err := s.AppendReadings(context.Background(), ids[worker%len(ids)], batch, domain.Once{}); err != nil {
					b.Error(err)
					return
				}
			}
		}()
	}
	wg.Wait()
	b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "readings/s")
}

func BenchmarkAppendOne(b *testing.B)              { append16(b, 1, 1) }
func BenchmarkAppendOneToManySensors(b *testing.B) { append16(b, 16, 1) }
func BenchmarkAppendHundred(b *testing.B)          { append16(b, 16, 100) }
func BenchmarkAppendThirty(b *testing.B)           { append16(b, 16, 30) }

// minutes fills a sensor with n minute readings and returns the time after.
func minutes(b *testing.B, s *store.Store, id domain.SensorID, n int) domain.Millis {
	const minute = 60_000
	for i := 0; i < n; i += 10_000 {
		batch := make([]domain.Reading, min(10_000, n-i))
		for j := range batch {
			at := i + j
			batch[j] = domain.Reading{At: domain.Millis(at) * minute, Values: []domain.NamedValue{
				{Name: "value", Value: domain.Number(math.Round(math.Sin(float64(at)/50)*100) / 10)}, {Name: "wind", Value: domain.Number(float64(at%70) / 10)}}}
		}
		appendAll(b, s, id, batch...)
	}
	for i := range 400 { // the newest are loose
		appendAll(b, s, id, domain.Reading{At: domain.Millis(n+i) * minute, Values: []domain.NamedValue{{Name: "value", Value: domain.Number(1)}}})
	}
	return domain.Millis(n+400) * minute
}

func benchmarkRead(b *testing.B, read func(s *store.Store, id domain.SensorID, end domain.Millis) int) {
	s := storetest.Open(b)
	ids := newSensors(b, s, 20)
	var end domain.Millis
	for _, id := range ids {
		end = minutes(b, s, id, 50_000)
	}
	i := 0
	for b.Loop() {
		if n := read(s, ids[i%len(ids)], end); n == 0 {
			b.Fatal("got nothing")
		}
		i++
	}
}

func BenchmarkLastThousand(b *testing.B) {
	benchmarkRead(b, func(s *store.Store, id domain.SensorID, _ domain.Millis) int {
		page, err := s.ReadingsPage(context.Background(), id, domain.Everything(), 1000, domain.NewestFirst)
		if err != nil {
			b.Fatal(err)
		}
		return len(page)
	})
}

func BenchmarkHourlyMeansOfThirtyDays(b *testing.B) {
	benchmarkRead(b, func(s *store.Store, id domain.SensorID, end domain.Millis) int {
		from := end - 30*24*3600*1000
		sums, err := s.SummarizeReadings(context.Background(), id, "value", domain.Range{From: from.AfterAll(), To: end.AfterAll()}, time.Hour)
		if err != nil {
			b.Fatal(err)
		}
		return len(sums)
	})
}
