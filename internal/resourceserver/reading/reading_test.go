package reading

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

// world is a service on a store with two users; alice has a private sensor.
type world struct {
	*Service
	store      *store.Store
	clock      *storetest.Clock
	alice, bob domain.Caller
	sensor     domain.Sensor
}

func newWorld(t testing.TB) world {
	t.Helper()
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock.Now)
	w := world{
		Service: &Service{Store: s, Finder: guard.NewFinder(s, nil), Now: clock.Now},
		store:   s, clock: clock,
		alice: storetest.Person(storetest.User(t, s, "alice")),
		bob:   storetest.Person(storetest.User(t, s, "bobby")),
	}
	w.sensor = w.makeSensor(t, "greenhouse", domain.Private)
	return w
}

func (w world) makeSensor(t testing.TB, name string, visibility domain.Visibility) domain.Sensor {
	t.Helper()
	user := w.alice.User
	made, err := w.store.CreateSensors(context.Background(), w.alice, []domain.Sensor{{Owner: user.ID.Owner(), OwnerName: user.Name, Name: name,
		LongName: "The <" + name + ">", Latitude: 50, Longitude: -3, Visibility: visibility, Fields: domain.DefaultFields()}})
	if err != nil {
		t.Fatal(err)
	}
	return made[0]
}

func at(ms int, value float64) domain.Reading {
	return domain.Reading{At: domain.Millis(ms), Values: []domain.NamedValue{{Name: "value", Value: domain.Number(value)}}}
}

func (w world) append(t testing.TB, ref string, readings ...domain.Reading) []domain.ReadingID {
	t.Helper()
	ids, err := w.Append(context.Background(), w.alice, ref, readings, Once{})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// times returns the times of what a query found.
func times(t testing.TB, readings iter.Seq2[domain.Reading, error], err error) []int {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	list := []int{}
	for r, err := range readings {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, int(r.At))
	}
	return list
}

func TestOnlyWhoMayReachesReadings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	ref := w.sensor.FullName()
	ids := w.append(t, ref, at(1, 1))
	looker := storetest.Holding(t, w.alice, "readings.read")
	for name, act := range map[string]func(c domain.Caller) error{
		"append": func(c domain.Caller) error {
			_, err := w.Append(ctx, c, ref, []domain.Reading{at(2, 2)}, Once{})
			return err
		},
		"many":    func(c domain.Caller) error { return w.AppendMany(ctx, c, []SensorReading{{ref, at(2, 2)}}) },
		"replace": func(c domain.Caller) error { return w.Replace(ctx, c, ref, []domain.Reading{at(2, 2)}) },
		"at":      func(c domain.Caller) error { return w.ReplaceAt(ctx, c, ref, []domain.Reading{at(2, 2)}) },
		"delete":  func(c domain.Caller) error { return w.DeleteAt(ctx, c, ref, 1) },
		"one":     func(c domain.Caller) error { return w.DeleteOne(ctx, c, ref, ids[0]) },
	} {
		for who, c := range map[string]domain.Caller{"a stranger": w.bob, "nobody": {}} {
			if err := act(c); !domain.IsKind(err, domain.NotFound) {
				t.Errorf("%s by %s: got %v, want NotFound", name, who, err)
			}
		}
		if err := act(looker); domain.CodeOf(err) != "insufficient_scope" {
			t.Errorf("%s with a key that only reads: got %v, want insufficient_scope", name, err)
		}
	}
	for name, act := range map[string]func(c domain.Caller) error{
		"query": func(c domain.Caller) error {
			_, _, err := w.Query(ctx, c, ref, Query{Range: domain.Everything()})
			return err
		},
		"show": func(c domain.Caller) error { _, _, err := w.One(ctx, c, ref, ids[0]); return err },
		"summary": func(c domain.Caller) error {
			_, err := w.Summaries(ctx, c, ref, "value", domain.Everything(), time.Hour)
			return err
		},
	} {
		if err := act(w.bob); !domain.IsKind(err, domain.NotFound) {
			t.Errorf("%s by a stranger: got %v, want NotFound", name, err)
		}
		if err := act(looker); err != nil {
			t.Errorf("%s with a key that reads: %v", name, err)
		}
	}
	_, found, err := w.Query(ctx, w.alice, ref, Query{Range: domain.Everything()})
	if got := times(t, found, err); !slices.Equal(got, []int{1}) {
		t.Errorf("got %v afterwards, want what was there before", got)
	}
}

func TestAnInvalidReadingRefusesAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	ref := w.sensor.FullName()
	bad := at(3, 3)
	bad.Values[0].Value = domain.Text("100string")
	future := at(int(domain.MillisOf(w.clock.Now().Add(time.Minute))), 1)
	for name, c := range map[string]struct {
		readings []domain.Reading
		field    string
	}{
		"text in a number field": {[]domain.Reading{at(1, 1), at(2, 2), bad}, "[2].value"},
		"alone":                  {[]domain.Reading{bad}, "value"},
		"future":                 {[]domain.Reading{future, at(1, 1)}, "[0].timestamp"},
	} {
		for act, err := range map[string]error{
			"append":  func() error { _, err := w.Append(ctx, w.alice, ref, c.readings, Once{}); return err }(),
			"replace": w.Replace(ctx, w.alice, ref, c.readings),
		} {
			var fault *domain.Error
			if !domain.IsKind(err, domain.Invalid) {
				t.Errorf("%s, %s: got %v, want Invalid", name, act, err)
			} else if fault = err.(*domain.Error); fault.Fields[c.field] == "" {
				t.Errorf("%s, %s: got fields %v, want one for %s", name, act, fault.Fields, c.field)
			}
		}
	}
	_, found, err := w.Query(ctx, w.alice, ref, Query{Range: domain.Everything()})
	if got := times(t, found, err); len(got) != 0 {
		t.Errorf("got %v stored, want nothing", got)
	}
}

func TestReplace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	for name, c := range map[string]struct {
		act  func(ref string) error
		want []int
	}{
		"one, where it is":     {func(ref string) error { return w.Replace(ctx, w.alice, ref, []domain.Reading{at(20, 0)}) }, []int{10, 20, 30, 40}},
		"one, between":         {func(ref string) error { return w.Replace(ctx, w.alice, ref, []domain.Reading{at(25, 0)}) }, []int{10, 20, 20, 25, 30, 40}},
		"several":              {func(ref string) error { return w.Replace(ctx, w.alice, ref, []domain.Reading{at(35, 0), at(15, 0)}) }, []int{10, 15, 35, 40}},
		"several, equal times": {func(ref string) error { return w.ReplaceAt(ctx, w.alice, ref, []domain.Reading{at(35, 0), at(20, 0)}) }, []int{10, 20, 30, 35, 40}},
		"none":                 {func(ref string) error { return w.Replace(ctx, w.alice, ref, nil) }, []int{10, 20, 20, 30, 40}},
		"delete at":            {func(ref string) error { return w.DeleteAt(ctx, w.alice, ref, 20) }, []int{10, 30, 40}},
		"delete where is none": {func(ref string) error { return w.DeleteAt(ctx, w.alice, ref, 21) }, []int{10, 20, 20, 30, 40}},
	} {
		ref := w.makeSensor(t, "sensor_"+strings.Map(func(r rune) rune { return max('a', r) }, strings.ReplaceAll(name, " ", "")), domain.Private).FullName()
		w.append(t, ref, at(10, 1), at(20, 1), at(20, 1), at(30, 1), at(40, 1))
		if err := c.act(ref); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		_, found, err := w.Query(ctx, w.alice, ref, Query{Range: domain.Everything()})
		if diff := cmp.Diff(c.want, times(t, found, err)); diff != "" {
			t.Errorf("%s: times differ (-want +got):\n%s", name, diff)
		}
	}
}

func TestQuery(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ref := w.sensor.FullName()
	for i := range 10 {
		w.append(t, ref, at(i, 1))
	}
	within := domain.Range{From: domain.Millis(1).AfterAll(), To: domain.Millis(8).AfterAll()} // 2 … 8
	for name, c := range map[string]struct {
		q    Query
		want []int
	}{
		"range":                        {Query{}, []int{2, 3, 4, 5, 6, 7, 8}},
		"range, newest first":          {Query{Descending: true}, []int{8, 7, 6, 5, 4, 3, 2}},
		"newest":                       {Query{Newest: 3}, []int{6, 7, 8}},
		"newest, newest first":         {Query{Newest: 3, Descending: true}, []int{8, 7, 6}},
		"first":                        {Query{First: 3}, []int{2, 3, 4}},
		"first, newest first":          {Query{First: 3, Descending: true}, []int{4, 3, 2}},
		"page":                         {Query{Offset: 2, Limit: 3}, []int{4, 5, 6}},
		"page of the newest":           {Query{Newest: 5, Offset: 1, Limit: 2}, []int{5, 6}},
		"page of the newest, reversed": {Query{Newest: 5, Offset: 1, Limit: 2, Descending: true}, []int{7, 6}},
		"more than there are":          {Query{Newest: 99}, []int{2, 3, 4, 5, 6, 7, 8}},
		"very many":                    {Query{Newest: collected + 1}, []int{2, 3, 4, 5, 6, 7, 8}},
		"very many first, reversed":    {Query{First: collected + 1, Descending: true}, []int{8, 7, 6, 5, 4, 3, 2}},
		"behind the end":               {Query{Offset: 7, Limit: 5}, []int{}},
	} {
		c.q.Range = within
		_, found, err := w.Query(context.Background(), w.alice, ref, c.q)
		if diff := cmp.Diff(c.want, times(t, found, err)); diff != "" {
			t.Errorf("%s: times differ (-want +got):\n%s", name, diff)
		}
	}
}

func TestMerged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	public := w.makeSensor(t, "public_one", domain.Public)
	for i := range 10 {
		w.append(t, []string{w.sensor.FullName(), public.FullName()}[i%2], at(i, 1))
	}
	everything := Query{Range: domain.Everything()}
	for name, c := range map[string]struct {
		caller domain.Caller
		q      Query
		order  Order
		want   []int
	}{
		"by time":           {w.alice, everything, OrderByTime, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
		"by sensor":         {w.alice, everything, OrderBySensor, []int{0, 2, 4, 6, 8, 1, 3, 5, 7, 9}},
		"a stranger":        {w.bob, everything, OrderByTime, []int{1, 3, 5, 7, 9}},
		"nobody":            {domain.Caller{}, everything, OrderByTime, []int{1, 3, 5, 7, 9}},
		"another scope":     {storetest.Holding(t, w.alice, "sensors.read"), everything, OrderByTime, []int{1, 3, 5, 7, 9}},
		"newest first":      {w.alice, Query{Range: domain.Everything(), Descending: true, Limit: 4}, OrderByTime, []int{9, 8, 7, 6}},
		"newest":            {w.alice, Query{Range: domain.Everything(), Newest: 3}, OrderByTime, []int{7, 8, 9}},
		"newest, page":      {w.alice, Query{Range: domain.Everything(), Newest: 5, Offset: 1, Limit: 2}, OrderByTime, []int{6, 7}},
		"first":             {w.alice, Query{Range: domain.Everything(), First: 3}, OrderByTime, []int{0, 1, 2}},
		"newest, by sensor": {w.alice, Query{Range: domain.Everything(), Newest: 3}, OrderBySensor, []int{8, 7, 9}},
		"page":              {w.alice, Query{Range: domain.Everything(), Offset: 3, Limit: 3}, OrderByTime, []int{3, 4, 5}},
		"page, by sensor":   {w.alice, Query{Range: domain.Everything(), Offset: 4, Limit: 3}, OrderBySensor, []int{8, 1, 3}},
	} {
		found, err := w.Merged(context.Background(), c.caller, domain.SensorFilter{}, c.q, c.order)
		if err != nil {
			t.Fatal(err)
		}
		got := []int{}
		for one, err := range found {
			if err != nil || one.Sensor.ID != one.Reading.Sensor {
				t.Fatalf("%s: got %+v, error %v", name, one, err)
			}
			got = append(got, int(one.Reading.At))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: times differ (-want +got):\n%s", name, diff)
		}
	}
}

func TestValuesHaveThePresentTypes(t *testing.T) {
	t.Parallel()
	fields := []domain.Field{{Name: "value", Type: domain.NumberField}, {Name: "message", Type: domain.StringField}}
	values := []domain.NamedValue{{Name: "value", Value: domain.Text("21.5")}, {Name: "message", Value: domain.Number(7)}, {Name: "other", Value: domain.Number(1)}}
	retype(fields, values)
	want := []domain.NamedValue{{Name: "value", Value: domain.Number(21.5)}, {Name: "message", Value: domain.Text("7")}, {Name: "other", Value: domain.Number(1)}}
	if diff := cmp.Diff(want, values); diff != "" {
		t.Errorf("values differ (-want +got):\n%s", diff)
	}
	values = []domain.NamedValue{{Name: "value", Value: domain.Text("broken")}}
	if retype(fields, values); values[0].Value != domain.Text("broken") {
		t.Errorf("got %v, want what cannot be converted as it is", values)
	}
}

func export(t *testing.T, as Format, readings ...domain.Reading) string {
	t.Helper()
	sensor := domain.Sensor{OwnerName: "alice", Name: "car", LongName: "The <car>", Latitude: 50, Longitude: -3,
		Fields: []domain.Field{{Name: "value", Type: domain.NumberField}, {Name: "message", Type: domain.StringField}}}
	var out bytes.Buffer
	if err := Export(&out, as, sensor, time.UTC, overSlice(readings)); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestExport(t *testing.T) {
	t.Parallel()
	moving := domain.Reading{ID: 7, At: 1000, Values: []domain.NamedValue{{Name: "value", Value: domain.Number(-1.5)}, {Name: "message", Value: domain.Text("=1+1, \"</value>\"")},
		{Name: "lat", Value: domain.Number(49.25)}, {Name: "lng", Value: domain.Number(8)}}}
	nowhere := domain.Reading{ID: 8, At: 2000, Values: []domain.NamedValue{{Name: "lat", Value: domain.Number(666)}, {Name: "lng", Value: domain.Number(8)}}}

	rows, err := csv.NewReader(strings.NewReader(export(t, CSV, moving, nowhere))).ReadAll()
	wantRows := [][]string{{"timestamp", "value", "message"}, {"1970-01-01T00:00:01.000Z", "-1.5", "'=1+1, \"</value>\""}, {"1970-01-01T00:00:02.000Z", "", ""}}
	if diff := cmp.Diff(wantRows, rows); err != nil || diff != "" {
		t.Errorf("CSV: error %v, rows differ (-want +got):\n%s", err, diff)
	}
	for as, want := range map[Format][]string{
		JSON:    {`"id":7,"at":"1970-01-01T00:00:01.000Z","values":{"value":-1.5,`},
		GeoJSON: {`"coordinates":[8,49.25]`, `"coordinates":[-3,50]`, `"sensor":"alice.car"`},
		KML:     {"<coordinates>8,49.25</coordinates>", "<coordinates>-3,50</coordinates>", "<when>1970-01-01T00:00:01.000Z</when>", "<name>The &lt;car&gt;</name>"},
	} {
		got := export(t, as, moving, nowhere)
		for _, part := range want {
			if !strings.Contains(got, part) {
				t.Errorf("%s: got %s, want %s in it", as, got, part)
			}
		}
		if as == KML {
			d := xml.NewDecoder(strings.NewReader(got))
			for err = nil; err == nil; _, err = d.Token() {
			}
			if err != io.EOF {
				t.Errorf("KML is no XML: %v", err)
			}
		} else if !json.Valid([]byte(got)) || !json.Valid([]byte(export(t, as))) {
			t.Errorf("%s is no JSON: %s", as, got)
		}
	}
}
