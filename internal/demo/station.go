package demo

import (
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// station is a sensor with what makes its readings.
type station struct {
	owner  owner
	every  time.Duration
	sensor domain.Sensor
	start  start
}

// start gets a station going. What it returns is asked once per interval, in
// the order of time, and so may remember what it measured before.
type start func(w *world, r *random) measure

// measure returns the values at a time; nothing where the station is silent.
type measure func(at time.Time, air weather) []domain.NamedValue

// place is where a station stands.
type place struct {
	name     string
	lat, lng float64
	height   float64 // m above the sea
}

// The places of Havenmouth.
var (
	lighthouse  = place{"Lighthouse Point", 50.2968, -3.9347, 22}
	oldHarbour  = place{"Old Harbour", 50.3089, -3.9212, 3}
	market      = place{"Market Square", 50.3131, -3.9168, 14}
	cathedral   = place{"Cathedral Green", 50.3146, -3.9203, 17}
	university  = place{"University Hill", 50.3272, -3.8994, 96}
	alderBridge = place{"Alder Bridge", 50.3217, -3.9271, 6}
	upperWeir   = place{"Upper Alder Weir", 50.3524, -3.9383, 41}
	northgate   = place{"Northgate Roundabout", 50.3294, -3.9152, 38}
	stationRoad = place{"Station Road", 50.3174, -3.9118, 19}
	quarryPark  = place{"Quarry Park", 50.3233, -3.9419, 57}
	westmoor    = place{"Westmoor Farm", 50.3421, -3.9684, 118}
	airfield    = place{"Cleeve Airfield", 50.3388, -3.8735, 74}
	eastBeach   = place{"East Beach", 50.3063, -3.8989, 2}
	fernLane    = place{"Fern Lane Allotments", 50.3192, -3.9433, 33}
	gullRock    = place{"Gull Rock Pier", 50.2991, -3.9058, 4}
	hillside    = place{"Hillside Well", 50.3475, -3.9102, 132}
)

// describe makes the sensor of a station: a public one, until hidden.
func describe(name, longName, description string, at place, fields ...domain.Field) domain.Sensor {
	return domain.Sensor{
		Name: name, LongName: longName, Description: description, Visibility: domain.Public,
		Latitude: at.lat, Longitude: at.lng, Fields: fields,
		Metadata: map[string]domain.Value{"place": domain.Text(at.name), "elevation": domain.Number(at.height)},
	}
}

// station completes a sensor to a station of the owner.
func (o owner) station(every time.Duration, sensor domain.Sensor, begin start, tags ...string) station {
	sensor.OwnerName, sensor.Tags = string(o), tags
	return station{owner: o, every: every, sensor: sensor, start: begin}
}

// hidden makes a station private.
func (s station) hidden() station {
	s.sensor.Visibility = domain.Private
	return s
}

// with adds a metadata entry.
func (s station) with(name, value string) station {
	s.sensor.Metadata[name] = domain.Text(value)
	return s
}

func number(name, longName, units string) domain.Field {
	return domain.Field{Name: name, LongName: longName, Type: domain.NumberField, Units: units}
}

func text(name, longName string) domain.Field {
	return domain.Field{Name: name, LongName: longName, Type: domain.StringField}
}

func value(name string, n float64, decimals int) domain.NamedValue {
	return domain.NamedValue{Name: name, Value: domain.Number(round(n, decimals))}
}

func word(name, word string) domain.NamedValue {
	return domain.NamedValue{Name: name, Value: domain.Text(word)}
}

// stations lists all stations. The first one is a private sensor of the first
// owner, which a single key can write to.
func stations() []station {
	var all []station
	for _, chapter := range [][]station{homeStations(), weatherStations(), waterStations(), airStations(), roadStations(), buildingStations()} {
		all = append(all, chapter...)
	}
	return all
}

// readings returns what the station measured after from, up to to.
func (s station) readings(w *world, from, to time.Time) []domain.Reading {
	r := newRandom(w.seed, s.sensor.OwnerName+"."+s.sensor.Name)
	measure := s.start(w, r)
	list := make([]domain.Reading, 0, int(to.Sub(from)/s.every)+1)
	for at := from.Truncate(s.every).Add(s.every); !at.After(to); at = at.Add(s.every) {
		if values := measure(at, w.at(at)); len(values) > 0 {
			list = append(list, domain.Reading{At: domain.MillisOf(at), Values: values})
		}
	}
	return list
}
