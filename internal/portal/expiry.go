package portal

import (
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// expiryChoice is when a key ends.
type expiryChoice struct {
	Value, Label string
	Chosen       bool
}

const day = 24 * time.Hour

var expiries = []expiryChoice{
	{Value: "30d", Label: "in 30 days"},
	{Value: "90d", Label: "in 90 days"},
	{Value: "365d", Label: "in one year"},
	{Value: "never", Label: "never"},
	{Value: "date", Label: "on a date"},
}

var expiryDays = map[string]time.Duration{"1h": time.Hour, "1d": day, "30d": 30 * day, "90d": 90 * day, "365d": 365 * day}

func expiryChoices(chosen string) []expiryChoice {
	choices := make([]expiryChoice, len(expiries))
	for i, choice := range expiries {
		choice.Chosen = choice.Value == chosen
		choices[i] = choice
	}
	return choices
}

// expiryOf reads when a key ends; the zero time is never. A date means the end
// of that day in the zone of the person.
func expiryOf(f *form, now time.Time, zone *time.Location) (time.Time, error) {
	choice := f.text("expiry")
	if choice != "date" && f.text("date") != "" { // without scripts, both inputs are there
		return time.Time{}, domain.InvalidField("date", "There is a last day here, but another end is chosen above. Choose “a date” there, or empty this.")
	}
	if after, ok := expiryDays[choice]; ok {
		return now.Add(after), nil
	}
	if choice == "never" {
		return time.Time{}, nil
	}
	if choice != "date" {
		return time.Time{}, domain.InvalidField("expiry", "Choose when the key ends.")
	}
	date, err := time.ParseInLocation(time.DateOnly, f.text("date"), zone)
	if err != nil {
		return time.Time{}, domain.InvalidField("date", "Choose the last day of the key, or another end.")
	}
	end := date.AddDate(0, 0, 1)
	if !end.After(now) {
		return time.Time{}, domain.InvalidField("date", "That day is over already.")
	}
	return end, nil
}
