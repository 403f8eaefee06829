package demo

import (
	"math"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// homeStations are what the first owner has at home and in the garden.
func homeStations() []station {
	return []station{
		alice.station(tick, describe("greenhouse", "Greenhouse in the garden, Fern Lane",
			"Tomatoes on the left, chillies on the right. The vent opens by itself above 26 °C.", fernLane,
			number("value", "Temperature", "°C"), number("humidity", "Relative humidity", "%"), number("soil_moisture", "Soil moisture", "%"), text("vent", "Vent")),
			greenhouse, "garden", "home").hidden(),
		alice.station(30*time.Minute, describe("soil-fern-lane", "Soil moisture of the vegetable bed, Fern Lane Allotments",
			"Watered by hand on dry evenings.", fernLane, number("value", "Soil moisture", "%"), number("temperature", "Soil temperature", "°C")),
			vegetableBed, "garden", "soil", "home").hidden(),
		alice.station(tick, describe("solar-home-roof", "Solar panels on the roof at home",
			"3.2 kW, facing south-west.", fernLane, number("value", "Power", "W"), number("today", "Energy since midnight", "kWh")),
			solar(3200), "energy", "solar", "home").hidden(),
		alice.station(15*time.Minute, describe("meter-home", "Electricity meter at home",
			"Read by an optical head on the meter.", fernLane, number("value", "Power", "W"), number("counter", "Meter reading", "kWh")),
			meter(18234.6, func(local time.Time, _ weather) float64 { return household(local) }), "energy", "meter", "home").hidden(),
	}
}

func buildingStations() []station {
	return []station{
		carla.station(tick, describe("solar-university-library", "Solar plant on the University Library",
			"64 modules, 24 kW.", university, number("value", "Power", "W"), number("today", "Energy since midnight", "kWh")),
			solar(24000), "energy", "solar", "university"),
		carla.station(15*time.Minute, describe("meter-university-library", "Electricity meter of the University Library",
			"Lifts, light and the server room that nobody talks about.", university, number("value", "Power", "W"), number("counter", "Meter reading", "kWh")),
			meter(901442.1, library), "energy", "meter", "university"),
		carla.station(tick, indoorAir("co2-reading-room", "Indoor air of the reading room, University Library"), room(620, 0.8), "indoor", "university"),
		carla.station(tick, indoorAir("co2-lecture-hall-a", "Indoor air of Lecture Hall A"), room(1150, 1), "indoor", "university").hidden(),
		carla.station(tick, describe("cold-store-3", "Cold store 3 of the fish market",
			"Warms up when the door is left open. Above -15 °C somebody is called.", gullRock,
			number("value", "Temperature", "°C"), text("door", "Door"), number("power", "Power of the compressor", "W")),
			coldStore, "food", "harbour").hidden(),
	}
}

func greenhouse(_ *world, r *random) measure {
	wet := 34.0
	return func(_ time.Time, air weather) []domain.NamedValue {
		inside, vent := air.air+1.5+24*air.heat+0.2*r.normal(), "closed"
		if inside > 26 {
			inside, vent = 26+(inside-26)*0.45, "open"
		}
		if wet -= 0.03 + 0.16*air.heat; wet < 22 {
			wet = 38 + 2*r.float() // somebody came with the can
		}
		return []domain.NamedValue{
			value("value", inside, 1), value("humidity", clamp(humidity(inside, air.dew+5), 30, 99), 0), value("soil_moisture", wet, 1), word("vent", vent),
		}
	}
}

func vegetableBed(_ *world, r *random) measure {
	watered := 0.0
	return func(_ time.Time, air weather) []domain.NamedValue {
		if watered *= 0.985; air.soil+watered < 18 {
			watered = 10
		}
		return []domain.NamedValue{
			value("value", air.soil+watered+0.2*r.normal(), 1), value("temperature", air.air*0.6+4+5*air.heat+0.1*r.normal(), 1),
		}
	}
}

// solar is exactly 0 while the sun is below the horizon.
func solar(peak float64) start {
	return func(w *world, r *random) measure {
		day, energy := 0, 0.0
		return func(at time.Time, air weather) []domain.NamedValue {
			if d := w.local(at).YearDay(); d != day {
				day, energy = d, 0
			}
			power := peak * math.Pow(math.Max(0, air.sun), 1.15) * (1 - 0.78*air.cloud*air.cloud)
			power = clamp(power*(1-0.25*air.cloud*r.float()), 0, peak)
			energy += power * tick.Hours() / 1000
			return []domain.NamedValue{value("value", power, 0), value("today", energy, 2)}
		}
	}
}

// meter counts the kWh of a load in kW. It never runs backwards.
func meter(counted float64, load func(local time.Time, air weather) float64) start {
	return func(w *world, r *random) measure {
		var last time.Time
		return func(at time.Time, air weather) []domain.NamedValue {
			power := math.Max(0.05, load(w.local(at), air)*(1+0.22*r.normal()))
			if !last.IsZero() {
				counted += power * at.Sub(last).Hours()
			}
			last = at
			return []domain.NamedValue{value("value", 1000*power, 0), value("counter", counted, 2)}
		}
	}
}

func library(local time.Time, air weather) float64 {
	dark := clamp(0.3-air.sun, 0, 0.4)
	return 9 + 31*working(local) + 14*dark*working(local) + math.Max(0, 14-air.air)*0.5
}

func indoorAir(name, longName string) domain.Sensor {
	return describe(name, longName, "Open a window above 1000 ppm.", university,
		number("value", "Carbon dioxide", "ppm"), number("temperature", "Temperature", "°C"), number("humidity", "Relative humidity", "%"))
}

// room fills with breath while people are in, and airs out when they leave.
func room(people, size float64) start {
	return func(w *world, r *random) measure {
		breath := 0.0
		return func(at time.Time, air weather) []domain.NamedValue {
			breath += (people*working(w.local(at)) - breath) * 0.2 / size
			inside := 20.4 + 1.6*breath/people + 2.5*air.heat + 0.05*r.normal()
			return []domain.NamedValue{
				value("value", 418+breath*(1+0.03*r.normal()), 0), value("temperature", inside, 1), value("humidity", clamp(humidity(inside, air.dew)+4, 20, 80), 0),
			}
		}
	}
}

func coldStore(w *world, r *random) measure {
	warmth := 0.0
	return func(at time.Time, _ weather) []domain.NamedValue {
		door := "closed"
		if r.float() < 0.08*bump(clockHour(w.local(at)), 6, 2.5) {
			door = "open"
			warmth += 3
		}
		warmth *= 0.82
		return []domain.NamedValue{value("value", -20.5+warmth+0.2*r.normal(), 1), word("door", door), value("power", 380+190*warmth+15*r.normal(), 0)}
	}
}
