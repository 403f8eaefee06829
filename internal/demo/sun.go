package demo

import (
	"math"
	"time"
)

// sunHeight returns the sine of the sun's elevation over the city: 1 overhead,
// 0 on the horizon, below 0 at night. Declination and hour angle to within a
// degree, which is enough for a solar panel that does not exist.
func sunHeight(t time.Time) float64 {
	t = t.UTC()
	day := float64(t.YearDay()) + float64(t.Hour())/24
	declination := -23.44 * math.Pi / 180 * math.Cos(2*math.Pi*(day+10)/365.25)
	hours := float64(t.Hour()) + float64(t.Minute())/60 + float64(t.Second())/3600 + cityLongitude/15
	angle := 2 * math.Pi * (hours - 12) / 24
	latitude := cityLatitude * math.Pi / 180
	return math.Sin(latitude)*math.Sin(declination) + math.Cos(latitude)*math.Cos(declination)*math.Cos(angle)
}

// season is 1 in the warmest days of the year (early August, the sea being
// slow) and -1 in the coldest.
func season(t time.Time) float64 {
	return math.Cos(2 * math.Pi * (float64(t.UTC().YearDay()) - 214) / 365.25)
}
