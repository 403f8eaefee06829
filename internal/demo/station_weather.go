package demo

import (
	"math"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

func weatherStations() []station {
	return []station{
		alice.station(tick, describe("weather-lighthouse", "Weather mast at Lighthouse Point",
			"Wind from the open sea: the strongest of the city. Mast of 10 m, sensors calibrated each spring.", lighthouse, meteoFields()...),
			meteo(lighthouse, 1.45), "weather", "coast", "wind").with("model", "Davrel WS-600"),
		alice.station(tick, describe("weather-university-hill", "Weather station of the Institute of Geography, University Hill",
			"Reference station of the network, with a shielded thermometer 2 m above grass.", university, meteoFields()...),
			meteo(university, 0.95), "weather", "reference").with("model", "Davrel WS-900"),
		alice.station(tick, describe("weather-old-harbour", "Weather station on the customs house, Old Harbour",
			"Four storeys up, between sea and town.", oldHarbour, meteoFields()...),
			meteo(oldHarbour, 1.1), "weather", "coast", "harbour"),
		alice.station(15*time.Minute, describe("weather-westmoor-farm", "Weather station at Westmoor Farm (run by volunteers)",
			"Highest of the network and the coldest at night.", westmoor, meteoFields()...),
			meteo(westmoor, 1.05), "weather", "agriculture", "volunteers"),
		alice.station(tick, describe("weather-airfield", "Weather station beside the runway of Cleeve Airfield",
			"Feeds the traffic information of the airfield.", airfield, meteoFields()...),
			meteo(airfield, 1.2), "weather", "aviation"),
		alice.station(tick, describe("rain-quarry-park", "Tipping-bucket rain gauge in Quarry Park",
			"Counts 0.2 mm of rain a tip.", quarryPark, number("value", "Rain since the last reading", "mm"), number("today", "Rain since midnight", "mm")),
			rainGauge, "weather", "rain", "water"),
		alice.station(tick, describe("thermometer-station-road", "Thermometer on the news-stand, Station Road",
			"Shows the same temperature day and night: its converter has hung itself up. Left here to try alerts on.", stationRoad, number("value", "Air temperature", "°C")),
			stuckThermometer, "weather", "faulty").with("state", "stuck; replacement ordered"),
		carla.station(tick, describe("wind-quay-crane", "Anemometer on the container crane, Quay 4",
			"The crane stops at gusts of 20 m/s.", gullRock, number("value", "Wind, mean of 10 minutes", "m/s"), number("gust", "Strongest gust", "m/s"), text("crane", "May the crane work")),
			craneWind, "wind", "harbour", "safety"),
	}
}

func meteoFields() []domain.Field {
	return []domain.Field{
		number("temperature", "Air temperature", "°C"), number("humidity", "Relative humidity", "%"),
		number("pressure", "Air pressure at sea level", "hPa"), number("wind_speed", "Wind speed", "m/s"),
		number("wind_direction", "Wind direction", "°"), number("rain", "Rain", "mm/h"), text("sky", "Sky"),
	}
}

// airTemperature is the temperature at a place: colder with height, and the
// town keeps the warmth of the day.
func airTemperature(at place, air weather) float64 {
	town := math.Max(0, 1-math.Hypot((at.lat-market.lat)*111, (at.lng-market.lng)*71)/2.5)
	return air.air - 0.0065*at.height + 0.8*town*(1-math.Max(0, air.sun))
}

// meteo is a whole weather station. exposure is how much of the wind reaches it.
func meteo(at place, exposure float64) start {
	return func(_ *world, r *random) measure {
		offset := 0.2 * r.normal()
		return func(_ time.Time, air weather) []domain.NamedValue {
			temperature := airTemperature(at, air) + offset + 0.12*r.normal()
			return []domain.NamedValue{
				value("temperature", temperature, 1),
				value("humidity", clamp(humidity(temperature, air.dew)+0.4*r.normal(), 15, 100), 0),
				value("pressure", air.pressure+0.08*r.normal(), 1),
				value("wind_speed", math.Max(0, exposure*air.wind*(1+0.15*r.normal())), 1),
				value("wind_direction", math.Mod(air.from+12*r.normal()+360, 360), 0),
				value("rain", math.Max(0, air.rain*(1+0.2*r.normal())), 1),
				word("sky", skyWord(air)),
			}
		}
	}
}

func skyWord(air weather) string {
	switch {
	case air.rain >= 0.1 && air.air < 1:
		return "snow"
	case air.rain >= 1:
		return "rain"
	case air.rain >= 0.1:
		return "drizzle"
	case air.air-air.dew < 0.6 && air.wind < 4:
		return "fog"
	case air.cloud > 0.7:
		return "overcast"
	case air.cloud > 0.3:
		return "cloudy"
	}
	return "clear"
}

func rainGauge(w *world, _ *random) measure {
	day, today, pending := 0, 0.0, 0.0
	return func(at time.Time, air weather) []domain.NamedValue {
		if d := w.local(at).YearDay(); d != day {
			day, today = d, 0
		}
		pending += air.rain * tick.Hours()
		fallen := math.Floor(pending/0.2) * 0.2
		pending -= fallen
		today += fallen
		return []domain.NamedValue{value("value", fallen, 1), value("today", today, 1)}
	}
}

// stuckAfter is how long the stuck thermometer works.
const stuckAfter = 9 * 24 * time.Hour

func stuckThermometer(w *world, r *random) measure {
	stuckAt, last := w.start.Add(spinUp+stuckAfter), 0.0
	return func(at time.Time, air weather) []domain.NamedValue {
		if at.Before(stuckAt) {
			last = airTemperature(stationRoad, air) + 0.4 + 0.15*r.normal()
		}
		return []domain.NamedValue{value("value", last, 1)}
	}
}

func craneWind(_ *world, r *random) measure {
	return func(_ time.Time, air weather) []domain.NamedValue {
		mean := math.Max(0, 1.3*air.wind*(1+0.12*r.normal()))
		gust, state := mean*(1.35+0.2*r.float()), "yes"
		if gust >= 20 {
			state = "no"
		}
		return []domain.NamedValue{value("value", mean, 1), value("gust", gust, 1), word("crane", state)}
	}
}
