package store

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/thingward/thingward/internal/domain"
)

func drawValue(t *rapid.T) domain.Value {
	switch rapid.IntRange(0, 5).Draw(t, "kind") {
	case 0:
		return domain.Text(rapid.StringN(0, 20, 40).Draw(t, "text"))
	case 1:
		return domain.Bool(rapid.Bool().Draw(t, "bool"))
	case 2:
		n := rapid.Float64().Draw(t, "float")
		if math.IsNaN(n) || math.IsInf(n, 0) {
			n = math.Copysign(0, -1)
		}
		return domain.Number(n)
	default:
		n := rapid.Int64Range(-1e15, 1e15).Draw(t, "n")
		return domain.Number(float64(n) / powersOfTen[rapid.IntRange(0, 9).Draw(t, "decimals")])
	}
}

func drawValues(t *rapid.T) []domain.NamedValue {
	names := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"value", "lat", "lng", "message", "ü", "a b"}), 1, 5, rapid.ID[string]).Draw(t, "names")
	values := make([]domain.NamedValue, len(names))
	for i, name := range names {
		values[i] = domain.NamedValue{Name: name, Value: drawValue(t)}
	}
	return values
}

// sameBits tells -0 from 0, which == does not.
var sameBits = cmp.Comparer(func(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) })

func TestNamedValuesReadBackTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := drawValues(t)
		got, err := decodeNamed(appendNamed(nil, want), &nameTable{})
		if diff := cmp.Diff(want, got, sameBits); err != nil || diff != "" {
			t.Fatalf("got error %v, difference (-want +got):\n%s", err, diff)
		}
	})
}

func drawChunk(t *rapid.T) []domain.Reading {
	readings := make([]domain.Reading, rapid.IntRange(1, maxChunk).Draw(t, "n"))
	var at domain.Millis = domain.Millis(rapid.Int64Range(int64(domain.MinMillis), int64(domain.MaxMillis)).Draw(t, "start"))
	shape := rapid.SampledFrom([]string{"alike", "different"}).Draw(t, "shape")
	values := drawValues(t)
	for i := range readings {
		if shape == "different" && rapid.IntRange(0, 3).Draw(t, "change") == 0 {
			values = drawValues(t)
		}
		at += domain.Millis(rapid.SampledFrom([]int64{0, 1, 60_000, 60_001}).Draw(t, "step"))
		id := domain.ReadingID(rapid.Int64Range(1, 1<<40).Draw(t, "id"))
		readings[i] = domain.Reading{ID: id, Sensor: 7, At: at, Values: values}
	}
	return readings
}

// byName sorts values, whose order a chunk does not keep.
func byName(readings []domain.Reading) []domain.Reading {
	sorted := slices.Clone(readings)
	for i := range sorted {
		sorted[i].Values = slices.Clone(sorted[i].Values)
		slices.SortFunc(sorted[i].Values, func(a, b domain.NamedValue) int { return strings.Compare(a.Name, b.Name) })
	}
	return sorted
}

func TestChunksReadBackTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := drawChunk(t)
		opened, err := openChunk(encodeChunk(want), nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := opened.readings(7, &nameTable{})
		if diff := cmp.Diff(byName(want), byName(got), sameBits); err != nil || diff != "" {
			t.Fatalf("got error %v, difference (-want +got):\n%s", err, diff)
		}
		for _, name := range []string{"value", "nobody"} {
			var values []domain.Value
			err = opened.column(name, func(place int, v domain.Value) {
				if want, _ := want[place].Value(name); want != v {
					t.Fatalf("%s at %d: got %v, want %v", name, place, v, want)
				}
				values = append(values, v)
			})
			n := 0
			for _, r := range want {
				if _, ok := r.Value(name); ok {
					n++
				}
			}
			if err != nil || len(values) != n {
				t.Fatalf("column %s: got %d values, error %v, want %d", name, len(values), err, n)
			}
		}
	})
}

func TestMinuteReadingsArePackedTightly(t *testing.T) {
	t.Parallel()
	readings := make([]domain.Reading, maxChunk)
	for i := range readings {
		n := math.Round(200+50*math.Sin(float64(i)/40)) / 10
		readings[i] = domain.Reading{ID: domain.ReadingID(1000 + i), At: domain.Millis(1e12 + 60_000*i), Values: []domain.NamedValue{{Name: "value", Value: domain.Number(n)}}}
	}
	if got, want := len(encodeChunk(readings)), 4*maxChunk; got > want {
		t.Errorf("got %d bytes, want at most %d", got, want)
	}
}

func TestChunksAreCut(t *testing.T) {
	t.Parallel()
	long := []domain.NamedValue{{Name: "message", Value: domain.Text(strings.Repeat("x", 16<<10))}}
	for name, c := range map[string]struct {
		n, want int
		step    domain.Millis
		values  []domain.NamedValue
	}{
		"many":      {n: 2*maxChunk + 1, want: 3, step: 1},
		"wide":      {n: 67, want: 3, step: 24 * 3600 * 1000},
		"same time": {n: maxChunk, want: 1},
		"long text": {n: 16, want: 3, values: long},
		"none":      {},
	} {
		readings := make([]domain.Reading, c.n)
		for i := range readings {
			readings[i] = domain.Reading{ID: domain.ReadingID(i + 1), At: domain.Millis(i) * c.step, Values: c.values}
		}
		runs := cutChunks(readings)
		if got := slices.Concat(runs...); len(runs) != c.want || len(got) != c.n {
			t.Errorf("%s: got %d chunks of %d readings, want %d of %d", name, len(runs), len(got), c.want, c.n)
		}
	}
}

// Damaged bytes give an error and never more memory than a chunk can need.
func FuzzChunk(f *testing.F) {
	values := []domain.NamedValue{{Name: "value", Value: domain.Number(21.5)}, {Name: "message", Value: domain.Text("hi")}, {Name: "on", Value: domain.Bool(true)}}
	f.Add(encodeChunk([]domain.Reading{{ID: 1, At: 1e12, Values: values}}))
	f.Add(encodeChunk([]domain.Reading{{ID: 3, At: 1e12, Values: values}, {ID: 4, At: 2e12, Values: values[:1]}, {ID: 5, At: 2e12, Values: []domain.NamedValue{{Name: "value", Value: domain.Text("x")}}}}))
	f.Add([]byte{chunkVersion, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, packed []byte) {
		opened, err := openChunk(packed, nil)
		if err != nil {
			return
		}
		readings, err := opened.readings(1, &nameTable{})
		if err == nil && (len(readings) == 0 || len(readings) > maxChunk) {
			t.Fatalf("got %d readings", len(readings))
		}
		_ = opened.column("value", func(place int, _ domain.Value) { _ = opened.times[place] })
	})
}

// What is decoded encodes to something that decodes the same.
func FuzzNamed(f *testing.F) {
	f.Add(appendNamed(nil, []domain.NamedValue{{Name: "value", Value: domain.Number(-0.1)}, {Name: "message", Value: domain.Text("hi")}}))
	f.Add([]byte{namedVersion, 0xff})
	f.Fuzz(func(t *testing.T, named []byte) {
		values, err := decodeNamed(named, &nameTable{})
		if err != nil {
			return
		}
		encoded := appendNamed(nil, values)
		again, err := decodeNamed(encoded, &nameTable{})
		if err != nil || !bytes.Equal(encoded, appendNamed(nil, again)) {
			t.Fatalf("%x decodes to %v, which encodes to %x and decodes to %v (%v)", named, values, encoded, again, err)
		}
	})
}
