package storetest_test

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

// readingModel is what the readings of a sensor are, done simply: a slice.
type readingModel struct {
	t      *rapid.T
	s      *store.Store
	sensor domain.SensorID
	want   []domain.Reading // in order
}

const day = 24 * 3600 * 1000

func (m *readingModel) drawAt() domain.Millis {
	return domain.Millis(rapid.SampledFrom([]int64{0, 40 * day, 41 * day}).Draw(m.t, "era") + rapid.Int64Range(-50, 3000).Draw(m.t, "at"))
}

func (m *readingModel) drawReadings() []domain.Reading {
	readings := make([]domain.Reading, rapid.SampledFrom([]int{1, 2, 63, 64, 300}).Draw(m.t, "n"))
	start := m.drawAt()
	spread := rapid.SampledFrom([]int64{0, 1, 7, day}).Draw(m.t, "spread")
	mixed := rapid.Bool().Draw(m.t, "out of order")
	for i := range readings {
		place := int64(i)
		if mixed {
			place = place * 7919 % int64(len(readings))
		}
		values := []domain.NamedValue{{Name: "value", Value: domain.Number(float64(place) / 4)}}
		if place%3 == 0 {
			values = append(values, domain.NamedValue{Name: "message", Value: domain.Text("hello")})
		}
		if place%50 == 0 {
			values[0].Value = domain.Text("12.5")
		}
		readings[i] = domain.Reading{Sensor: m.sensor, At: start + domain.Millis(place*spread), Values: values}
	}
	return readings
}

func (m *readingModel) drawPosition() domain.Position {
	if len(m.want) > 0 && rapid.Bool().Draw(m.t, "at a reading") {
		return m.want[rapid.IntRange(0, len(m.want)-1).Draw(m.t, "which")].Position()
	}
	switch at := m.drawAt(); rapid.IntRange(0, 3).Draw(m.t, "side") {
	case 0:
		return at.AfterAll()
	case 1:
		return at.BeforeAll()
	case 2:
		return domain.FirstPosition
	}
	return domain.LastPosition
}

func (m *readingModel) drawRange() domain.Range {
	return domain.Range{From: m.drawPosition(), To: m.drawPosition()}
}

func (m *readingModel) within(r domain.Range) []domain.Reading {
	found := []domain.Reading{}
	for _, reading := range m.want {
		if r.Contains(reading.Position()) {
			found = append(found, reading)
		}
	}
	return found
}

func (m *readingModel) drop(ranges ...domain.Range) {
	m.want = slices.DeleteFunc(m.want, func(reading domain.Reading) bool {
		return slices.ContainsFunc(ranges, func(r domain.Range) bool { return r.Contains(reading.Position()) })
	})
}

func (m *readingModel) add(readings []domain.Reading, ids []domain.ReadingID) {
	for i, reading := range readings {
		reading.ID = ids[i]
		m.want = append(m.want, reading)
	}
	slices.SortFunc(m.want, func(a, b domain.Reading) int { return a.Position().Compare(b.Position()) })
}

func (m *readingModel) check(err error) {
	if err != nil {
		m.t.Fatal(err)
	}
}

// same compares readings; the order of values within one does not count.
func (m *readingModel) same(what string, want, got []domain.Reading) {
	if slices.EqualFunc(want, got, sameReading) {
		return
	}
	byName := cmpopts.SortSlices(func(a, b domain.NamedValue) bool { return strings.Compare(a.Name, b.Name) < 0 })
	m.t.Fatalf("%s differ (-want +got):\n%s", what, cmp.Diff(want, got, byName, cmpopts.EquateEmpty()))
}

// sameReading is quicker than cmp, which matters with thousands of them.
func sameReading(a, b domain.Reading) bool {
	if a.ID != b.ID || a.Sensor != b.Sensor || a.At != b.At || len(a.Values) != len(b.Values) {
		return false
	}
	for _, v := range a.Values {
		if !slices.Contains(b.Values, v) {
			return false
		}
	}
	return true
}

func (m *readingModel) append(t *rapid.T) {
	readings := m.drawReadings()
	done, err := m.s.AppendReadings(context.Background(), m.sensor, readings, domain.Once{})
	m.check(err)
	m.add(readings, done.IDs)
}

func (m *readingModel) replace(t *rapid.T) {
	readings := m.drawReadings()
	ranges := []domain.Range{m.drawRange()}
	if rapid.Bool().Draw(t, "equal times") {
		ranges = ranges[:0]
		for _, r := range readings {
			ranges = append(ranges, domain.Range{From: r.At.BeforeAll(), To: r.At.AfterAll()})
		}
	}
	m.check(m.s.ReplaceReadings(context.Background(), m.sensor, ranges, readings))
	m.drop(ranges...)
	// The new ids are those that the model does not know.
	known := map[domain.ReadingID]bool{}
	for _, r := range m.want {
		known[r.ID] = true
	}
	ids := []domain.ReadingID{}
	for r, err := range m.s.Readings(context.Background(), m.sensor, domain.Everything(), 0, domain.OldestFirst) {
		m.check(err)
		if !known[r.ID] {
			ids = append(ids, r.ID)
		}
	}
	slices.Sort(ids)
	if len(ids) != len(readings) {
		t.Fatalf("got %d new readings, want %d", len(ids), len(readings))
	}
	m.add(readings, ids)
}

func (m *readingModel) deleteRange(t *rapid.T) {
	r := m.drawRange()
	want := len(m.within(r))
	got, err := m.s.DeleteReadings(context.Background(), m.sensor, r)
	m.check(err)
	if int(got) != want {
		t.Fatalf("deleted %d readings, want %d", got, want)
	}
	m.drop(r)
}

func (m *readingModel) deleteOne(t *rapid.T) {
	if len(m.want) == 0 {
		t.Skip("nothing there")
	}
	reading := m.want[rapid.IntRange(0, len(m.want)-1).Draw(t, "which")]
	m.check(m.s.DeleteReading(context.Background(), m.sensor, reading.ID))
	m.want = slices.DeleteFunc(m.want, func(r domain.Reading) bool { return r.ID == reading.ID })
	if err := m.s.DeleteReading(context.Background(), m.sensor, reading.ID); !domain.IsKind(err, domain.NotFound) {
		t.Fatalf("delete again: got %v, want NotFound", err)
	}
}

func (m *readingModel) byID(t *rapid.T) {
	if len(m.want) == 0 {
		t.Skip("nothing there")
	}
	want := m.want[rapid.IntRange(0, len(m.want)-1).Draw(t, "which")]
	got, err := m.s.ReadingByID(context.Background(), m.sensor, want.ID)
	m.check(err)
	m.same("readings by id", []domain.Reading{want}, []domain.Reading{got})
	if _, err := m.s.ReadingByID(context.Background(), m.sensor, 1<<40); !domain.IsKind(err, domain.NotFound) {
		t.Fatalf("unknown id: got %v, want NotFound", err)
	}
}

func (m *readingModel) query(t *rapid.T) {
	r := m.drawRange()
	want := m.within(r)
	limit := rapid.SampledFrom([]int{1, 10, 257, 5000}).Draw(t, "limit")
	got, err := m.s.ReadingsPage(context.Background(), m.sensor, r, limit, domain.OldestFirst)
	m.check(err)
	m.same("oldest first", want[:min(limit, len(want))], got)
	newest, err := m.s.NewestOf(context.Background(), m.sensor, r, limit)
	m.check(err)
	m.same("newest", want[max(0, len(want)-limit):], m.within(newest))
	got, err = m.s.ReadingsPage(context.Background(), m.sensor, r, limit, domain.NewestFirst)
	m.check(err)
	slices.Reverse(want)
	m.same("newest first", want[:min(limit, len(want))], got)
}

func (m *readingModel) summarize(t *rapid.T) {
	r := m.drawRange()
	step := time.Duration(rapid.SampledFrom([]int64{97, 1000, day}).Draw(t, "step")) * time.Millisecond
	got, err := m.s.SummarizeReadings(context.Background(), m.sensor, "value", r, step)
	m.check(err)
	want := []domain.Summary{}
	for _, reading := range m.within(r) {
		value, _ := reading.Value("value")
		number, _ := value.As(domain.NumberField)
		start := domain.Millis(math.Floor(float64(reading.At)/float64(step.Milliseconds()))) * domain.Millis(step.Milliseconds())
		if len(want) == 0 || want[len(want)-1].Start != start {
			want = append(want, domain.Summary{Start: start, Min: math.Inf(1), Max: math.Inf(-1)})
		}
		s := &want[len(want)-1]
		s.Count++
		s.Sum += number.Number
		s.Min, s.Max = min(s.Min, number.Number), max(s.Max, number.Number)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(1e-12, 1e-12), cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("summaries differ (-want +got):\n%s", diff)
	}
}

func (m *readingModel) everything(*rapid.T) {
	got := []domain.Reading{}
	for reading, err := range m.s.Readings(context.Background(), m.sensor, domain.Everything(), 0, domain.OldestFirst) {
		m.check(err)
		got = append(got, reading)
	}
	m.same("readings", m.want, got)
}

// Whatever is appended, replaced, deleted and packed, in whatever order, every
// question has the answer that a slice would give.
func TestReadingsAreWhatASliceWouldHold(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		sensors := newSensors(t, s, 100)
		next := 0
		rapid.Check(t, func(t *rapid.T) {
			m := &readingModel{t: t, s: s, sensor: sensors[next%len(sensors)]}
			next++
			_, err := s.DeleteReadings(context.Background(), m.sensor, domain.Everything())
			m.check(err)
			t.Repeat(map[string]func(*rapid.T){
				"append":  m.append,
				"append ": m.append, // twice as often, so that there is something to pack
				"replace": m.replace,
				"delete":  m.deleteRange,
				"drop":    m.deleteOne,
				"pack": func(*rapid.T) {
					m.check(s.PackReadings(context.Background(), m.sensor))
				},
				"by id":     m.byID,
				"query":     m.query,
				"summarize": m.summarize,
				"":          m.everything,
			})
		})
	})
}
