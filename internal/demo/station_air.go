package demo

import (
	"math"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

func airStations() []station {
	return []station{
		alice.station(15*time.Minute, airQuality("air-market-square", "Air quality on Market Square", market),
			dust(market, 0.7), "air quality", "health", "centre"),
		alice.station(15*time.Minute, airQuality("air-northgate", "Air quality at the Northgate roundabout", northgate),
			dust(northgate, 1.25), "air quality", "health", "traffic"),
		alice.station(30*time.Minute, airQuality("air-east-beach", "Air quality at East Beach (background)", eastBeach),
			dust(eastBeach, 0.15), "air quality", "health", "coast", "reference"),
		bob.station(tick, loudness("noise-market-square", "Noise level on Market Square", market), noise(0.5, 9, 0), "noise", "centre"),
		bob.station(15*time.Minute, loudness("noise-station-road", "Noise level beside the tram stop, Station Road", stationRoad),
			noise(1, 3, 0), "noise", "traffic"),
		bob.station(15*time.Minute, loudness("noise-old-harbour", "Noise level among the taverns of the Old Harbour", oldHarbour),
			noise(0.2, 14, 0.5), "noise", "night life", "harbour"),
	}
}

func airQuality(name, longName string, at place) domain.Sensor {
	return describe(name, longName, "Fine dust by light scattering, gases by electrochemical cells. Values of 15 minutes, not validated.", at,
		number("pm2_5", "Fine dust PM2.5", "µg/m³"), number("pm10", "Fine dust PM10", "µg/m³"),
		number("no2", "Nitrogen dioxide", "µg/m³"), number("o3", "Ozone", "µg/m³"))
}

// dust gathers where cars are many and the wind is low, and rain washes it
// out. Ozone comes with the sun and is eaten by exhaust.
func dust(at place, roads float64) start {
	return func(w *world, r *random) measure {
		background := newDrift(w.seed, "dust from afar", 70*time.Hour)
		return func(t time.Time, air weather) []domain.NamedValue {
			still := 3 / (1 + air.wind)
			exhaust := roads * traffic(w.local(t)) * still
			wash := 1 / (1 + 0.8*air.rain)
			fine := (5 + 3.5*background.at(t) + 9*exhaust + 4*still*(1-air.heat)) * wash * (1 + 0.06*r.normal())
			no2 := (7 + 46*exhaust) * (1 + 0.05*r.normal())
			o3 := 38 + 95*air.heat - 0.45*no2 + 4*r.normal()
			return []domain.NamedValue{
				value("pm2_5", math.Max(0.5, fine), 1), value("pm10", math.Max(1, fine*1.45+1.5*air.wind*0.3), 1),
				value("no2", math.Max(1, no2), 1), value("o3", math.Max(2, o3), 1),
			}
		}
	}
}

func loudness(name, longName string, at place) domain.Sensor {
	return describe(name, longName, "No sound is recorded: levels only.", at,
		number("value", "Mean level (LAeq)", "dB(A)"), number("max", "Highest level (LAFmax)", "dB(A)"))
}

// noise adds up roads, people in the evening and the wind, as decibels do.
func noise(roads, people, surf float64) start {
	return func(w *world, r *random) measure {
		return func(t time.Time, air weather) []domain.NamedValue {
			local := w.local(t)
			dry := 1 / (1 + 2*air.rain)
			energy := 0.06 + 3*roads*traffic(local) + 0.4*people*goingOut(local)*dry + 0.06*surf*air.wind + 0.25*air.rain
			level := 50 + 8*math.Log10(energy) + 0.9*r.normal()
			return []domain.NamedValue{value("value", level, 1), value("max", level+9+4*r.float(), 1)}
		}
	}
}
