package cli

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// clockChange says what becomes of local times that a change of the clock
// makes doubtful.
type clockChange string

// An hour that the clock goes through twice is taken for the first or the
// second time; an hour that it skips is moved on by the length of the gap,
// which is what clocks do. Refuse refuses the rows of both.
const (
	earlierHour clockChange = "earlier"
	laterHour   clockChange = "later"
	refuseHour  clockChange = "refuse"
)

// timeUnit says what numbers in a time column count.
type timeUnit string

// With anyUnit, numbers of at least 100,000,000,000 are milliseconds (from
// 1973 on) and smaller ones seconds (up to the year 5138).
const (
	anyUnit     timeUnit = "auto"
	secondUnit  timeUnit = "s"
	millisUnit  timeUnit = "ms"
	leastMillis          = 100_000_000_000
)

// timeReader reads the times of a CSV file.
type timeReader struct {
	Zone   *time.Location // of times that name none
	Unit   timeUnit
	Change clockChange

	Repeated, Skipped int // how many local times a change of the clock made doubtful
}

// read understands Unix times and what domain.ParseTimestamp understands.
func (r *timeReader) read(text string) (domain.Millis, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0, fmt.Errorf("the time is missing")
	}
	if number, ok := domain.ParseNumber(text); ok && !looksLikeYear(text) {
		return r.unixTime(number)
	}
	wall, ok := domain.ParseTimestampIn(text, time.UTC)
	if !ok {
		return 0, fmt.Errorf("%q is no time. Examples: 2026-11-21T10:00:00Z, 2026-11-21 10:00, 1795255200", clipCell(text))
	}
	shifted, _ := domain.ParseTimestampIn(text, time.FixedZone("", 3600))
	if shifted == wall {
		return wall, nil // the text names its zone
	}
	return r.local(wall.Time(), text)
}

// looksLikeYear keeps "2012" from being twelve past half past midnight in 1970.
func looksLikeYear(text string) bool { return len(text) == 4 && strings.Trim(text, "0123456789") == "" }

func (r *timeReader) unixTime(number float64) (domain.Millis, error) {
	if r.Unit == secondUnit || r.Unit == anyUnit && math.Abs(number) < leastMillis {
		number = math.Round(number * 1000)
	}
	if number < float64(domain.MinMillis) || number > float64(domain.MaxMillis) {
		return 0, fmt.Errorf("the time %g is out of range", number)
	}
	return domain.Millis(number), nil
}

// local finds the time at which clocks in the zone show the wall time.
func (r *timeReader) local(wall time.Time, text string) (domain.Millis, error) {
	before, after := r.offsetAt(wall.Add(-24*time.Hour)), r.offsetAt(wall.Add(24*time.Hour))
	first, second := wall.Add(-before), wall.Add(-after)
	firstShown, secondShown := r.offsetAt(first) == before, r.offsetAt(second) == after
	switch {
	case firstShown && secondShown && !first.Equal(second):
		r.Repeated++
		if r.Change == laterHour {
			first = second
		}
		return r.doubtful(first, "%q is there twice in %s, because the clock went back", text)
	case firstShown:
		return domain.MillisOf(first), nil
	case secondShown:
		return domain.MillisOf(second), nil
	}
	r.Skipped++
	return r.doubtful(first, "%q is not there in %s, because the clock went forward", text)
}

func (r *timeReader) doubtful(chosen time.Time, format, text string) (domain.Millis, error) {
	if r.Change == refuseHour {
		return 0, fmt.Errorf(format, text, r.Zone)
	}
	return domain.MillisOf(chosen), nil
}

func (r *timeReader) offsetAt(t time.Time) time.Duration {
	_, seconds := t.In(r.Zone).Zone()
	return time.Duration(seconds) * time.Second
}

// clipCell keeps the text of a cell short in messages.
func clipCell(text string) string {
	const most = 40
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
