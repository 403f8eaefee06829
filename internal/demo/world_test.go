package demo

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

var testNow = time.Date(2026, 6, 21, 12, 34, 56, 0, time.UTC)

func testWorld(seed uint64) (*world, time.Time, time.Time) {
	from, to := span(testNow)
	return newWorld(seed, from, to), from, to
}

func find(t *testing.T, name string) station {
	t.Helper()
	for _, s := range stations() {
		if s.sensor.OwnerName+"."+s.sensor.Name == name {
			return s
		}
	}
	t.Fatalf("there is no station %s", name)
	return station{}
}

func series(t *testing.T, seed uint64, name, field string) (at []time.Time, values []float64) {
	t.Helper()
	w, from, to := testWorld(seed)
	for _, r := range find(t, name).readings(w, from, to) {
		if v, ok := r.Value(field); ok {
			at, values = append(at, r.At.Time()), append(values, v.Number)
		}
	}
	if len(values) == 0 {
		t.Fatalf("%s has no values of %s", name, field)
	}
	return at, values
}

func correlation(a, b []float64) float64 {
	n := float64(len(a))
	var sa, sb, saa, sbb, sab float64
	for i := range a {
		sa, sb = sa+a[i], sb+b[i]
		saa, sbb, sab = saa+a[i]*a[i], sbb+b[i]*b[i], sab+a[i]*b[i]
	}
	return (n*sab - sa*sb) / math.Sqrt((n*saa-sa*sa)*(n*sbb-sb*sb))
}

func TestTheSameSeedGivesTheSameReadings(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"alice.greenhouse", "carla.well-hillside", "bob.bus-14"} {
		w, from, to := testWorld(7)
		again, _, _ := testWorld(7)
		other, _, _ := testWorld(8)
		first := find(t, name).readings(w, from, to)
		same := func(a, b domain.Reading) bool { return a.At == b.At && slices.Equal(a.Values, b.Values) }
		if !slices.EqualFunc(first, find(t, name).readings(again, from, to), same) {
			t.Errorf("%s: the same seed gave other readings", name)
		}
		if slices.EqualFunc(first, find(t, name).readings(other, from, to), same) {
			t.Errorf("%s: another seed gave the same readings", name)
		}
	}
}

func TestEveryStationIsValidAndItsReadingsConform(t *testing.T) {
	t.Parallel()
	w, from, to := testWorld(1)
	names, total, private := map[string]bool{}, 0, 0
	for _, s := range stations() {
		if err := s.sensor.Check(); err != nil {
			t.Errorf("%s: %v", s.sensor.FullName(), err)
		}
		if names[s.sensor.FullName()] {
			t.Errorf("%s is there twice", s.sensor.FullName())
		}
		names[s.sensor.FullName()] = true
		if s.sensor.Visibility == domain.Private {
			private++
		}
		readings := s.readings(w, from, to)
		total += len(readings)
		for _, r := range readings {
			if _, err := r.Conform(s.sensor.Fields, testNow); err != nil {
				t.Errorf("%s: %v", s.sensor.FullName(), err)
				break
			}
		}
	}
	if len(names) < 38 || private < 3 || private > len(names)/2 {
		t.Errorf("got %d stations, %d of them private; want about 40, some private", len(names), private)
	}
	if total < 100_000 || total > 200_000 {
		t.Errorf("got %d readings, want about 150,000", total)
	}
	t.Logf("%d stations, %d readings", len(names), total)
}

func TestDaysAreWarmestInTheAfternoon(t *testing.T) {
	t.Parallel()
	for seed := range uint64(5) {
		at, values := series(t, seed, "alice.weather-university-hill", "temperature")
		var sum, count [24]float64
		for i, v := range values {
			sum[at[i].Hour()] += v
			count[at[i].Hour()]++
		}
		warmest, coldest := 0, 0
		for h := range sum {
			if sum[h]/count[h] > sum[warmest]/count[warmest] {
				warmest = h
			}
			if sum[h]/count[h] < sum[coldest]/count[coldest] {
				coldest = h
			}
		}
		if warmest < 13 || warmest > 17 || coldest < 2 || coldest > 7 {
			t.Errorf("seed %d: warmest at %d, coldest at %d o'clock; want the afternoon and the early morning", seed, warmest, coldest)
		}
		if span := sum[warmest]/count[warmest] - sum[coldest]/count[coldest]; span < 3 || span > 15 {
			t.Errorf("seed %d: days and nights differ by %.1f °C", seed, span)
		}
	}
}

func TestSummersAreWarmerThanWinters(t *testing.T) {
	t.Parallel()
	mean := func(month time.Month) float64 {
		from := time.Date(2026, month, 1, 0, 0, 0, 0, time.UTC)
		w, sum := newWorld(3, from, from.Add(30*24*time.Hour)), 0.0
		for _, air := range w.steps {
			sum += air.air
		}
		return sum / float64(len(w.steps))
	}
	if july, january := mean(time.July), mean(time.January); july < january+7 || january < -2 || july > 24 {
		t.Errorf("got %.1f °C in July and %.1f °C in January", july, january)
	}
}

func TestStationsAgreeAboutTheWeather(t *testing.T) {
	t.Parallel()
	for _, field := range []string{"temperature", "pressure", "humidity"} {
		_, a := series(t, 1, "alice.weather-university-hill", field)
		_, b := series(t, 1, "alice.weather-lighthouse", field)
		if got := correlation(a, b); got < 0.8 {
			t.Errorf("%s of two stations correlates by %.2f, want more than 0.8", field, got)
		}
	}
}

func TestTheSunDoesNotShineAtNight(t *testing.T) {
	t.Parallel()
	at, values := series(t, 1, "alice.solar-home-roof", "value")
	highest := 0.0
	for i, v := range values {
		if sunHeight(at[i]) <= 0 && v != 0 {
			t.Fatalf("%v W at %v", v, at[i])
		}
		if h := at[i].Hour(); (h >= 22 || h < 3) && v != 0 {
			t.Fatalf("%v W at %v", v, at[i])
		}
		highest = max(highest, v)
	}
	if highest < 1500 || highest > 3200 {
		t.Errorf("at most %v W of 3200", highest)
	}
}

func TestTheRiverRisesAfterRain(t *testing.T) {
	t.Parallel()
	_, rain := series(t, 1, "alice.weather-university-hill", "rain")
	_, level := series(t, 1, "alice.river-alder-bridge", "value")
	const lag = 24 // ticks: four hours
	var fallen []float64
	for i := lag; i < len(rain); i++ {
		sum := 0.0
		for _, mm := range rain[i-lag : i] {
			sum += mm
		}
		fallen = append(fallen, sum)
	}
	if got := correlation(fallen, level[lag:]); got < 0.5 {
		t.Errorf("level and rain of the last hours correlate by %.2f", got)
	}
	if slices.Max(level)-slices.Min(level) < 0.15 {
		t.Errorf("the river rose by %.2f m only", slices.Max(level)-slices.Min(level))
	}
}

func TestFaultyStationsAreFaulty(t *testing.T) {
	t.Parallel()
	at, values := series(t, 1, "alice.thermometer-station-road", "value")
	lastDays := values[len(values)-20*144:]
	if slices.Min(lastDays) != slices.Max(lastDays) {
		t.Errorf("the stuck thermometer moves between %v and %v", slices.Min(lastDays), slices.Max(lastDays))
	}
	if slices.Min(values) == slices.Max(values) {
		t.Error("the stuck thermometer never worked")
	}
	_ = at
	at, _ = series(t, 1, "carla.well-hillside", "value")
	longest := time.Duration(0)
	for i := range at[1:] {
		longest = max(longest, at[i+1].Sub(at[i]))
	}
	if longest < 3*time.Hour || len(at) < 800 {
		t.Errorf("the longest gap is %v among %d readings", longest, len(at))
	}
	at, _ = series(t, 1, "alice.lake-buoy", "value")
	if silent := testNow.Sub(at[len(at)-1]); silent < 5*24*time.Hour {
		t.Errorf("the buoy was heard %v ago", silent)
	}
	_, lng := series(t, 1, "carla.ferry-saint-brannoc", "lng")
	if slices.Max(lng)-slices.Min(lng) < 0.015 {
		t.Error("the ferry stays where it is")
	}
}

func TestPeopleKeepTheirHours(t *testing.T) {
	t.Parallel()
	w, _, _ := testWorld(1)
	at, values := series(t, 1, "bob.bikes-station-road", "value")
	var rush, night, nRush, nNight float64
	for i, v := range values {
		local := w.local(at[i])
		switch h := local.Hour(); {
		case !isWeekend(local) && (h == 8 || h == 17):
			rush, nRush = rush+v, nRush+1
		case h >= 1 && h <= 4:
			night, nNight = night+v, nNight+1
		}
	}
	if rush/nRush < 10*night/nNight {
		t.Errorf("got %.1f bicycles in rush hours and %.1f at night", rush/nRush, night/nNight)
	}
	_, counted := series(t, 1, "alice.meter-home", "counter")
	if !slices.IsSorted(counted) || counted[len(counted)-1]-counted[0] < 150 {
		t.Errorf("the meter ran from %v to %v", counted[0], counted[len(counted)-1])
	}
}

func TestPasswordsAreEasyToTypeAndLongEnough(t *testing.T) {
	t.Parallel()
	first, second := easyPassword().Reveal(), easyPassword().Reveal()
	if err := domain.CheckPassword(first, "alice"); err != nil || first == second {
		t.Errorf("got %q and %q: %v", first, second, err)
	}
}

func BenchmarkReadings(b *testing.B) {
	for b.Loop() {
		from, to := span(testNow)
		w := newWorld(1, from, to)
		for _, s := range stations() {
			s.readings(w, from, to)
		}
	}
}
