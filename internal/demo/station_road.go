package demo

import (
	"math"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

func roadStations() []station {
	return []station{
		bob.station(tick, carPark("parking-market-square", "Car park under Market Square", market, 412), parking(412, shopping), "parking", "centre"),
		bob.station(tick, carPark("parking-cathedral", "Car park Cathedral Green", cathedral, 186), parking(186, shopping), "parking", "centre"),
		bob.station(15*time.Minute, carPark("parking-east-beach", "Car park at East Beach", eastBeach, 520), beachParking(520), "parking", "coast"),
		bob.station(15*time.Minute, bicycles("bikes-alder-bridge", "Bicycle counter on Alder Bridge", alderBridge), counter(cycling, 74), "bicycles", "traffic"),
		bob.station(time.Hour, bicycles("bikes-station-road", "Bicycle counter in Station Road", stationRoad), counter(cycling, 210), "bicycles", "traffic"),
		bob.station(time.Hour, bicycles("bikes-harbour-walk", "Bicycle counter on the harbour walk", oldHarbour), counter(strolling, 96), "bicycles", "harbour"),
		bob.station(15*time.Minute, describe("bike-share-harbour", "Bike-sharing dock at the Old Harbour",
			"Free bicycles at the dock of 24.", oldHarbour, number("value", "Free bicycles", "")), sharing, "bicycles", "sharing"),
		bob.station(tick, describe("traffic-northgate", "Traffic loop at the Northgate roundabout",
			"Induction loops in both lanes into the city.", northgate, number("value", "Vehicles in 10 minutes", ""), number("speed", "Mean speed", "km/h")),
			loop, "traffic"),
		bob.station(tick, describe("bus-14", "Bus 14, vehicle 2031 (University Hill – Old Harbour)",
			"On the road from 5:30 to 0:30; position from its ticket machine.", stationRoad,
			number("lat", "latitude", "°"), number("lng", "longitude", "°"), number("speed", "Speed", "km/h"), number("passengers", "Passengers", "")),
			rides(busRoute, 55*time.Minute, traffic, 60), "bus", "moving", "traffic"),
		carla.station(tick, describe("ferry-saint-brannoc", "Ferry Saint Brannoc (Old Harbour – Gull Rock – East Beach)",
			"The small green one. Sails from 6 to 23 o'clock unless the wind forbids it.", oldHarbour,
			number("lat", "latitude", "°"), number("lng", "longitude", "°"), number("speed", "Speed", "km/h"), number("passengers", "Passengers", "")),
			rides(ferryRoute, 80*time.Minute, strolling, 90), "ferry", "moving", "harbour"),
		bob.station(15*time.Minute, describe("charger-station-road", "Charging point for cars, Station Road, bay 2",
			"22 kW, type 2.", stationRoad, number("value", "Power", "kW"), text("state", "State of the bay")),
			charger, "energy", "parking"),
	}
}

func carPark(name, longName string, at place, spaces float64) domain.Sensor {
	sensor := describe(name, longName, "Free spaces, counted at the barriers.", at, number("value", "Free spaces", ""), number("taken", "Taken", "%"))
	sensor.Metadata["spaces"] = domain.Number(spaces)
	return sensor
}

func bicycles(name, longName string, at place) domain.Sensor {
	return describe(name, longName, "Bicycles since the last reading, both directions. Rain keeps many at home.", at, number("value", "Bicycles", ""))
}

func parking(spaces float64, rhythm func(time.Time) float64) start {
	return func(w *world, r *random) measure {
		taken := 0.0
		return func(t time.Time, _ weather) []domain.NamedValue {
			want := clamp(rhythm(w.local(t))+0.02*r.normal(), 0.02, 1)
			taken += (want - taken) * 0.5
			full := math.Round(taken * spaces)
			return []domain.NamedValue{value("value", spaces-full, 0), value("taken", 100*full/spaces, 0)}
		}
	}
}

// beachParking fills on warm dry days.
func beachParking(spaces float64) start {
	return func(w *world, r *random) measure {
		return func(t time.Time, air weather) []domain.NamedValue {
			local := w.local(t)
			warm := clamp((air.air-8)/14, 0.05, 1) / (1 + 3*air.rain)
			days := 0.6
			if isWeekend(local) {
				days = 1
			}
			full := math.Round(spaces * clamp(0.02+warm*days*bump(clockHour(local), 14.5, 3)+0.01*r.normal(), 0, 1))
			return []domain.NamedValue{value("value", spaces-full, 0), value("taken", 100*full/spaces, 0)}
		}
	}
}

// strolling is the rhythm of the waterside: afternoons, weekends most.
func strolling(local time.Time) float64 {
	h := clockHour(local)
	if isWeekend(local) {
		return 0.01 + 0.95*bump(h, 15, 3.2)
	}
	return 0.01 + 0.3*bump(h, 8.2, 1) + 0.45*bump(h, 17.5, 2)
}

func counter(rhythm func(time.Time) float64, busiest float64) start {
	return func(w *world, r *random) measure {
		return func(t time.Time, air weather) []domain.NamedValue {
			mood := clamp(0.35+air.air/24, 0.3, 1.2) / (1 + 1.2*air.rain)
			return []domain.NamedValue{value("value", r.count(busiest*mood*rhythm(w.local(t))), 0)}
		}
	}
}

func sharing(w *world, r *random) measure {
	docked := 14.0
	return func(t time.Time, air weather) []domain.NamedValue {
		h := clockHour(w.local(t))
		docked += 1.6*bump(h, 8.5, 1.2) - 1.6*bump(h, 17.5, 1.6) + 0.08*(14-docked) + 0.9*r.normal()*(0.1+cycling(w.local(t)))/(1+air.rain)
		docked = clamp(docked, 0, 24)
		return []domain.NamedValue{value("value", docked, 0)}
	}
}

func loop(w *world, r *random) measure {
	return func(t time.Time, air weather) []domain.NamedValue {
		busy := traffic(w.local(t))
		speed := 52 - 24*busy*busy - 3*math.Min(2, air.rain) + 1.5*r.normal()
		return []domain.NamedValue{value("value", r.count(230*busy), 0), value("speed", speed, 1)}
	}
}

func charger(w *world, r *random) measure {
	left, power := 0, 0.0
	return func(t time.Time, _ weather) []domain.NamedValue {
		if left == 0 && r.float() < 0.12*working(w.local(t))+0.05*shopping(w.local(t)) {
			left, power = 3+int(9*r.float()), 7.2+13*r.float()
		}
		if left == 0 {
			return []domain.NamedValue{value("value", 0, 1), word("state", "free")}
		}
		left--
		return []domain.NamedValue{value("value", power*math.Min(1, 0.3+0.25*float64(left)), 1), word("state", "charging")}
	}
}

// The routes, there and back again.
var (
	busRoute   = []place{university, northgate, stationRoad, market, oldHarbour, market, stationRoad, northgate, university}
	ferryRoute = []place{oldHarbour, gullRock, eastBeach, gullRock, oldHarbour}
)

// rides moves along a route, one round each lap, and is silent at night.
func rides(route []place, lap time.Duration, rhythm func(time.Time) float64, seats float64) start {
	return func(w *world, r *random) measure {
		return func(t time.Time, air weather) []domain.NamedValue {
			local := w.local(t)
			if h := clockHour(local); h > 0.5 && h < 5.5 || air.wind > 14 {
				return nil
			}
			done := float64(t.Unix()%int64(lap.Seconds())) / lap.Seconds()
			lat, lng, length := along(route, done)
			speed := length / lap.Hours() * (0.75 + 0.5*r.float())
			return []domain.NamedValue{
				value("lat", lat+0.00005*r.normal(), 5), value("lng", lng+0.00005*r.normal(), 5),
				value("speed", speed, 1), value("passengers", math.Min(seats, r.count(seats*0.7*rhythm(local))), 0),
			}
		}
	}
}

// along returns where the part done of the route ends, and the length of the
// whole route in km.
func along(route []place, done float64) (lat, lng, length float64) {
	legs := make([]float64, len(route)-1)
	for i := range legs {
		legs[i] = math.Hypot((route[i+1].lat-route[i].lat)*111.2, (route[i+1].lng-route[i].lng)*71)
		length += legs[i]
	}
	left := done * length
	for i, leg := range legs {
		if left <= leg {
			f := left / leg
			return route[i].lat + f*(route[i+1].lat-route[i].lat), route[i].lng + f*(route[i+1].lng-route[i].lng), length
		}
		left -= leg
	}
	last := route[len(route)-1]
	return last.lat, last.lng, length
}
