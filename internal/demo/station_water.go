package demo

import (
	"math"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

func waterStations() []station {
	return []station{
		alice.station(tick, describe("river-alder-bridge", "River gauge of the Alder at Alder Bridge",
			"Radar gauge under the second arch. Rises some hours after rain in the hills; warning level 2.40 m.", alderBridge,
			number("value", "Water level", "m"), number("flow", "Flow", "m³/s"), text("warning", "Flood warning")),
			river(0.62, 0.034, 0.011), "water", "river", "flood").with("warning_level", "2.40 m"),
		alice.station(15*time.Minute, describe("river-upper-weir", "River gauge of the Alder at the upper weir",
			"Twelve kilometres above the city: what is seen here arrives two hours later.", upperWeir,
			number("value", "Water level", "m"), number("flow", "Flow", "m³/s"), text("warning", "Flood warning")),
			river(0.41, 0.041, 0.008), "water", "river", "flood"),
		alice.station(tick, describe("tide-old-harbour", "Tide gauge and water temperature, Old Harbour",
			"Level above chart datum. Spring and neap tides are easy to see over a month.", oldHarbour,
			number("value", "Water level", "m"), number("temperature", "Water temperature", "°C")),
			tideGauge, "water", "tide", "coast", "harbour"),
		alice.station(time.Hour, describe("bathing-east-beach", "Bathing water at East Beach",
			"After heavy rain the outfalls run, and bathing is not advised.", eastBeach,
			number("value", "Water temperature", "°C"), number("turbidity", "Turbidity", "NTU"), text("advice", "Bathing")),
			bathing, "water", "coast", "health"),
		alice.station(time.Hour, describe("soil-westmoor-farm", "Soil moisture at Westmoor Farm, north field",
			"Three probes at 10, 30 and 60 cm.", westmoor, number("value", "Soil moisture at 10 cm", "%"),
			number("at_30_cm", "Soil moisture at 30 cm", "%"), number("at_60_cm", "Soil moisture at 60 cm", "%")),
			soil, "soil", "agriculture"),
		alice.station(30*time.Minute, describe("lake-buoy", "Buoy on the reservoir (battery empty)",
			"Silent for some days: the boat comes on the first Monday of the month.", quarryPark,
			number("value", "Water temperature", "°C"), number("battery", "Battery", "V")),
			silentBuoy, "water", "faulty"),
		carla.station(30*time.Minute, describe("lock-gate-north", "North gate of the tidal lock",
			"Opens around high water, when inside and outside are level.", alderBridge,
			text("state", "State of the gate"), number("outside", "Level outside", "m")),
			lockGate, "water", "harbour", "tide"),
		carla.station(30*time.Minute, describe("well-hillside", "Groundwater at the hillside well (long-range radio)",
			"At the edge of coverage: single readings get lost, and sometimes the link is away for a day.", hillside,
			number("value", "Depth to water", "m"), number("battery", "Battery", "V"), number("rssi", "Signal", "dBm")),
			patchyWell, "water", "lora", "gaps"),
	}
}

func river(low, runOff, seepage float64) start {
	return func(_ *world, r *random) measure {
		return func(_ time.Time, air weather) []domain.NamedValue {
			level := low + runOff*air.flood + seepage*air.seep + 0.004*r.normal()
			state := "none"
			if level > 2.4 {
				state = "flood"
			}
			return []domain.NamedValue{value("value", level, 3), value("flow", 18*math.Pow(level, 1.7), 1), word("warning", state)}
		}
	}
}

// tide is the level of the sea in m above chart datum: the two strongest
// tides of the moon and the sun, and the air pressing on the water.
func tide(at time.Time, air weather) float64 {
	hours := float64(at.Unix()) / 3600
	moon := 1.72 * math.Cos(2*math.Pi*hours/12.4206)
	sun := 0.61 * math.Cos(2*math.Pi*hours/12)
	return 2.95 + moon + sun - 0.01*(air.pressure-1013)
}

func tideGauge(_ *world, r *random) measure {
	return func(at time.Time, air weather) []domain.NamedValue {
		return []domain.NamedValue{value("value", tide(at, air)+0.02*r.normal(), 2), value("temperature", air.sea+0.05*r.normal(), 1)}
	}
}

func bathing(_ *world, r *random) measure {
	return func(_ time.Time, air weather) []domain.NamedValue {
		turbidity, advice := 2+0.9*air.flood+0.4*r.float(), "good"
		switch {
		case turbidity > 12:
			advice = "not advised"
		case turbidity > 6:
			advice = "fair"
		}
		return []domain.NamedValue{value("value", air.sea+0.6*air.heat+0.1*r.normal(), 1), value("turbidity", turbidity, 1), word("advice", advice)}
	}
}

func soil(_ *world, r *random) measure {
	mid, deep := 27.0, 29.0
	return func(_ time.Time, air weather) []domain.NamedValue {
		mid += (air.soil - mid) / 40
		deep += (mid - deep) / 160
		return []domain.NamedValue{
			value("value", air.soil+0.15*r.normal(), 1), value("at_30_cm", mid+0.1*r.normal(), 1), value("at_60_cm", deep+0.05*r.normal(), 1),
		}
	}
}

// silentFor is how long the buoy has been silent.
const silentFor = 6 * 24 * time.Hour

func silentBuoy(w *world, r *random) measure {
	silentAt, volts := w.end().Add(-silentFor), 3.62
	return func(at time.Time, air weather) []domain.NamedValue {
		if at.After(silentAt) {
			return nil
		}
		volts -= 0.0006
		return []domain.NamedValue{value("value", air.sea-1.4+1.2*air.heat+0.05*r.normal(), 1), value("battery", volts, 2)}
	}
}

func lockGate(_ *world, _ *random) measure {
	return func(at time.Time, air weather) []domain.NamedValue {
		level, state := tide(at, air), "closed"
		if level > 4.1 {
			state = "open"
		}
		return []domain.NamedValue{word("state", state), value("outside", level, 2)}
	}
}

// patchyWell loses one reading in nine, and now and then the link for hours.
func patchyWell(w *world, r *random) measure {
	link := newDrift(w.seed, "link of the well", 11*time.Hour)
	return func(at time.Time, air weather) []domain.NamedValue {
		strength := -109 + 8*link.at(at) + 2*r.normal()
		if lost := r.float() < 0.11; lost || link.at(at) < -0.72 {
			return nil
		}
		return []domain.NamedValue{value("value", 8.4-0.03*air.seep, 2), value("battery", 3.58-0.02*air.cloud, 2), value("rssi", strength, 0)}
	}
}
