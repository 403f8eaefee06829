package domain

import (
	"math"
	"strings"
)

// ParseArea reads "N,W:S,E" in degrees, as in "56.89,-114.55:17.43,-106.219"
// (WoTKit V1, Sensors). The corners are the north-western and the
// south-eastern one; west > east crosses the date line.
func ParseArea(text string) (Area, error) {
	northWest, southEast, ok := strings.Cut(text, ":")
	north, west, okNorthWest := parsePoint(northWest)
	south, east, okSouthEast := parsePoint(southEast)
	if !ok || !okNorthWest || !okSouthEast {
		return Area{}, InvalidField("location", "A location is N,W:S,E in degrees, as in 56.89,-114.55:17.43,-106.219.")
	}
	area := Area{North: north, West: west, South: south, East: east}
	return area, area.Check()
}

func parsePoint(text string) (latitude, longitude float64, ok bool) {
	first, second, comma := strings.Cut(text, ",")
	latitude, okLatitude := ParseNumber(first)
	longitude, okLongitude := ParseNumber(second)
	return latitude, longitude, comma && okLatitude && okLongitude
}

// Check refuses areas that are not on the map.
func (a Area) Check() error {
	for _, latitude := range []float64{a.North, a.South} {
		if !(math.Abs(latitude) <= 90) {
			return InvalidField("location", "The latitude %g is out of bound: it lies between -90 and 90 degrees.", latitude)
		}
	}
	for _, longitude := range []float64{a.West, a.East} {
		if !(math.Abs(longitude) <= 180) {
			return InvalidField("location", "The longitude %g is out of bound: it lies between -180 and 180 degrees.", longitude)
		}
	}
	if a.North < a.South {
		return InvalidField("location", "The northern latitude %g is smaller than the southern one, %g.", a.North, a.South)
	}
	return nil
}

// Contains reports whether the point lies in the area or on its edge.
func (a Area) Contains(latitude, longitude float64) bool {
	if latitude > a.North || latitude < a.South {
		return false
	}
	if a.West > a.East {
		return longitude >= a.West || longitude <= a.East
	}
	return longitude >= a.West && longitude <= a.East
}
