package demo

import (
	"math"
	"time"
)

// Havenmouth, a coastal city that does not exist.
const (
	cityLatitude  = 50.31
	cityLongitude = -3.92
	cityZone      = "Europe/London"
)

// tick is the step of the weather, and the shortest interval of a station.
const tick = 10 * time.Minute

// spinUp is how long before the first reading the weather starts, so that the
// ground and the river have their memory of the rain.
const spinUp = 12 * 24 * time.Hour

// weather is what the air over the city is like at one time.
type weather struct {
	sun      float64 // sine of the elevation
	cloud    float64 // 0 clear … 1 overcast
	rain     float64 // mm/h
	air      float64 // °C at sea level
	dew      float64 // °C
	pressure float64 // hPa at sea level
	wind     float64 // m/s
	from     float64 // degrees, where the wind comes from
	heat     float64 // what the sun has warmed, lagging behind it
	flood    float64 // rain of the last hours that runs off, mm
	seep     float64 // rain of the last days that seeps out, mm
	soil     float64 // volumetric water content, %
	sea      float64 // °C
}

// world is the weather of all the time that the demo covers. Every station
// reads from it, which is why they agree with each other.
type world struct {
	seed  uint64
	start time.Time // of steps[0]
	zone  *time.Location
	steps []weather
}

// newWorld makes the weather from spinUp before from until to.
func newWorld(seed uint64, from, to time.Time) *world {
	zone, err := time.LoadLocation(cityZone)
	if err != nil {
		zone = time.UTC // a machine without time zones: rush hour is an hour off in summer
	}
	w := &world{seed: seed, start: from.Add(-spinUp).Truncate(tick), zone: zone}
	sky := newSky(seed)
	now := weather{soil: 26, seep: 10}
	for t := w.start; !t.After(to.Add(tick)); t = t.Add(tick) {
		now = sky.next(now, t)
		w.steps = append(w.steps, now)
	}
	return w
}

// at returns the weather of the tick that the time lies in.
func (w *world) at(t time.Time) weather {
	i := int(t.Sub(w.start) / tick)
	return w.steps[max(0, min(i, len(w.steps)-1))]
}

// local returns the time as the clocks of the city show it.
func (w *world) local(t time.Time) time.Time { return t.In(w.zone) }

// sky holds the slow curves that fronts are made of.
type sky struct {
	highs, troughs, airMass, spell drift
	patches, showers, gusts, veer  drift
}

func newSky(seed uint64) sky {
	const day = 24 * time.Hour
	return sky{
		highs:   newDrift(seed, "highs", 5*day),
		troughs: newDrift(seed, "troughs", 40*time.Hour),
		airMass: newDrift(seed, "air mass", 4*day),
		spell:   newDrift(seed, "spell", 30*time.Hour),
		patches: newDrift(seed, "patches", 9*time.Hour),
		showers: newDrift(seed, "showers", 80*time.Minute),
		gusts:   newDrift(seed, "gusts", 7*time.Hour),
		veer:    newDrift(seed, "veer", 60*time.Hour),
	}
}

// next returns the weather one tick after last.
func (s sky) next(last weather, t time.Time) weather {
	now := weather{sun: sunHeight(t)}
	high := clamp(0.8*s.highs.at(t)+0.45*s.troughs.at(t), -1, 1)
	hour := float64(t.Hour()) + float64(t.Minute())/60
	now.pressure = 1014 + 21*high + 0.6*math.Cos(4*math.Pi*(hour-10)/24)
	now.cloud = clamp(0.45-0.7*high+0.45*s.patches.at(t), 0, 1)
	now.rain = math.Max(0, now.cloud-0.68) / 0.32 * 2.4 * math.Max(0, 0.3+s.showers.at(t))
	now.wind = 2.2 + 3.5*math.Abs(s.gusts.at(t)) + 5*math.Max(0, -high) + 3*last.heat
	now.from = math.Mod(235+70*s.veer.at(t)-60*high+360, 360)
	sunshine := math.Max(0, now.sun) * (1 - 0.7*now.cloud*now.cloud)
	now.heat = last.heat + (sunshine-last.heat)*tick.Hours()/3.5
	mass := 9.2 + 5*season(t) + 2.6*s.airMass.at(t) + 1.2*s.spell.at(t)
	now.air = mass + 14*now.heat - 0.5*now.rain
	now.dew = math.Min(now.air-0.2, mass-2.6*(1-now.cloud)+1.1*s.spell.at(t)+4*now.heat)
	now.sea = 12.6 + 3.6*math.Cos(2*math.Pi*(float64(t.YearDay())-240)/365.25) + 0.5*s.airMass.at(t) + 0.7*now.heat
	return s.water(last, now)
}

// water lets the rain run off, seep and dry.
func (s sky) water(last, now weather) weather {
	hours, rained := tick.Hours(), now.rain*tick.Hours()
	now.flood = last.flood + rained - last.flood*hours/7
	now.seep = last.seep + 0.4*rained - last.seep*hours/90
	now.soil = last.soil + 0.55*rained - (last.soil-11)*hours*(0.0012+0.012*now.heat)
	now.soil = clamp(now.soil, 9, 44)
	return now
}

// humidity returns the relative humidity in percent (Magnus formula).
func humidity(air, dew float64) float64 {
	vapour := func(c float64) float64 { return math.Exp(17.62 * c / (243.12 + c)) }
	return clamp(100*vapour(dew)/vapour(air), 15, 100)
}

// end returns the time of the last reading.
func (w *world) end() time.Time { return w.start.Add(time.Duration(len(w.steps)-2) * tick) }
