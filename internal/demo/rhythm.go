package demo

import (
	"math"
	"time"
)

// The rhythms of people, by the clocks of the city. Each is about 0 when
// nobody is about and about 1 at the busiest.

// bump is 1 at the hour and falls to nothing some hours around it.
func bump(clock, hour, width float64) float64 {
	d := math.Abs(clock - hour)
	d = math.Min(d, 24-d) / width
	return math.Exp(-d * d)
}

func clockHour(local time.Time) float64 {
	return float64(local.Hour()) + float64(local.Minute())/60
}

func isWeekend(local time.Time) bool {
	return local.Weekday() == time.Saturday || local.Weekday() == time.Sunday
}

// traffic is the road traffic: two rush hours on working days, one long
// afternoon at weekends.
func traffic(local time.Time) float64 {
	h := clockHour(local)
	if isWeekend(local) {
		return 0.06 + 0.55*bump(h, 14, 4.5) + 0.1*bump(h, 23, 1.5)
	}
	return 0.06 + 0.75*bump(h, 8, 1.3) + 0.85*bump(h, 17.2, 1.7) + 0.42*bump(h, 12.7, 3.4)
}

// cycling is what counters of bicycles see in good weather.
func cycling(local time.Time) float64 {
	h := clockHour(local)
	if isWeekend(local) {
		return 0.01 + 0.45*bump(h, 15, 3.2)
	}
	return 0.01 + 0.95*bump(h, 8.1, 0.8) + 0.9*bump(h, 17.4, 1.2) + 0.2*bump(h, 13, 3)
}

// shopping is how full the car parks of the centre are.
func shopping(local time.Time) float64 {
	h := clockHour(local)
	switch local.Weekday() {
	case time.Saturday:
		return 0.05 + 0.9*bump(h, 14, 3.2)
	case time.Sunday:
		return 0.05 + 0.4*bump(h, 15, 3)
	}
	return 0.06 + 0.7*bump(h, 11.5, 2.8) + 0.45*bump(h, 16.5, 2.2)
}

// goingOut is the noise of evenings, longest before a day off.
func goingOut(local time.Time) float64 {
	h := clockHour(local)
	if local.Weekday() == time.Friday || local.Weekday() == time.Saturday {
		return bump(h, 22.5, 2.6)
	}
	return 0.35 * bump(h, 20.5, 2)
}

// working is how many people sit in offices and lecture rooms.
func working(local time.Time) float64 {
	h := clockHour(local)
	if isWeekend(local) {
		return 0.03 * bump(h, 13, 3)
	}
	return clamp(0.95*bump(h, 10.3, 2)+0.9*bump(h, 14.7, 2.2), 0, 1)
}

// household is the electric load of a home, in kW.
func household(local time.Time) float64 {
	h := clockHour(local)
	load := 0.16 + 0.55*bump(h, 7.2, 1) + 1.15*bump(h, 19, 2) + 0.2*bump(h, 13, 2)
	if isWeekend(local) {
		load += 0.5 * bump(h, 12, 2.6)
	}
	return load
}
