// Package demo fills an empty store with an invented city: people, stations,
// thirty days of readings that look alive, and keys. Chance is seeded, so that
// the same seed and time give the same readings; passwords are not.
package demo

import "time"

const days = 30

// span returns the time that readings cover: days up to now.
func span(now time.Time) (from, to time.Time) {
	to = now.UTC().Truncate(tick)
	return to.Add(-days * 24 * time.Hour), to
}
