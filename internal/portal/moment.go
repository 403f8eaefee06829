package portal

import (
	"fmt"
	"time"
)

// moment is a time as pages show it. The zero moment stands for never.
type moment struct {
	ISO   string // for machines
	Exact string // in the time zone of the reader
	Ago   string // from now, in words
}

func momentOf(t, now time.Time, zone *time.Location) moment {
	if t.IsZero() {
		return moment{}
	}
	local := t.In(zone)
	return moment{ISO: t.UTC().Format(time.RFC3339), Exact: local.Format("2 Jan 2006, 15:04 MST"), Ago: fromNow(t, now)}
}

// fromNow says how far a time lies from now, to one unit.
func fromNow(t, now time.Time) string {
	distance := now.Sub(t)
	if distance < 0 {
		return "in " + longTime(-distance+time.Second/2)
	}
	if distance < 45*time.Second {
		return "just now"
	}
	return longTime(distance) + " ago"
}

func longTime(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return "a minute"
	case d < time.Hour:
		return fmt.Sprintf("%d minutes", d/time.Minute)
	case d < 2*time.Hour:
		return "an hour"
	case d < 2*day:
		return fmt.Sprintf("%d hours", d/time.Hour)
	case d < 60*day:
		return fmt.Sprintf("%d days", d/day)
	case d < 2*365*day:
		return fmt.Sprintf("%d months", d/(30*day))
	}
	return fmt.Sprintf("%d years", d/(365*day))
}
