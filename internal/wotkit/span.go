package wotkit

import (
	"math"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// span is what the range parameters of a query select.
type span struct {
	in         domain.Range
	first      int // the first n of the range; 0: all
	newest     int // the last n of the range; 0: all
	nothing    bool
	descending bool
}

// newestByDefault is how many records a query without any range gets.
const newestByDefault = 1000

// selection reads range parameters. Without start now stands for it, and the
// end of a range that ends now is open: nothing is stored further ahead than
// the tolerated skew, and what was just sent by a clock that runs ahead must
// be readable at once.
type selection struct {
	q       params
	start   float64 // Unix milliseconds, maybe with decimals
	started bool    // start was given
}

// parseSpan reads the seven range parameters of V1. Where
// several select, afterE, beforeE, before, after, end win in this order.
func parseSpan(q params, now time.Time) (span, error) {
	s, err := newSelection(q, now)
	if err != nil {
		return span{}, err
	}
	selected, err := s.span()
	if err != nil {
		return span{}, err
	}
	selected.descending, err = q.truth("reverse")
	return selected, err
}

// parseAggregateSpan is parseSpan for data of many sensors, where end may be earlier
// than start.
func parseAggregateSpan(q params, now time.Time) (span, error) {
	selected, err := parseSpan(q, now)
	if err != nil || !q.has("end") || q.has("afterE", "beforeE", "before", "after") {
		return selected, err
	}
	if selected.in.From.Compare(selected.in.To) > 0 {
		selected.in.From, selected.in.To = selected.in.To, selected.in.From
	}
	return selected, nil
}

func newSelection(q params, now time.Time) (selection, error) {
	s := selection{q: q, start: float64(now.UnixMilli()), started: q.has("start")}
	if !s.started {
		return s, nil
	}
	var err error
	s.start, err = timeParameter(q, "start")
	return s, err
}

// span applies the selector that wins.
func (s selection) span() (span, error) {
	switch q := s.q; {
	case q.has("afterE"):
		n, err := s.startedCount("afterE")
		return span{in: domain.Range{From: afterMillis(s.start), To: domain.LastPosition}, first: n, nothing: n == 0}, err
	case q.has("beforeE"):
		n, err := q.count("beforeE")
		return span{in: domain.Range{From: domain.FirstPosition, To: s.end()}, newest: n, nothing: n == 0}, err
	case q.has("before"):
		duration, err := durationParameter(q, "before")
		return span{in: domain.Range{From: afterMillis(s.start - duration), To: s.end()}}, err
	case q.has("after"):
		if !s.started {
			return span{}, startNeeded("after")
		}
		duration, err := durationParameter(q, "after")
		return span{in: domain.Range{From: afterMillis(s.start), To: afterMillis(s.start + duration)}}, err
	case q.has("end"):
		end, err := timeParameter(q, "end")
		return span{in: domain.Range{From: afterMillis(s.start), To: afterMillis(end)}}, err
	case s.started:
		return span{in: domain.Range{From: afterMillis(s.start), To: domain.LastPosition}}, nil
	}
	return span{in: domain.Everything(), newest: newestByDefault}, nil
}

// end returns start as the inclusive end of a range.
func (s selection) end() domain.Position {
	if s.started {
		return afterMillis(s.start)
	}
	return domain.LastPosition
}

func (s selection) startedCount(name string) (int, error) {
	if !s.started {
		return 0, startNeeded(name)
	}
	return s.q.count(name)
}

func startNeeded(name string) error {
	return domain.InvalidField("start", "%s needs start.", name)
}

// timeParameter reads a time in milliseconds or ISO 8601.
func timeParameter(q params, name string) (float64, error) {
	at, ok := domain.ParseTimestamp(q[name])
	if !ok {
		return 0, domain.InvalidField(name, "%s must be a time in milliseconds or ISO 8601.", name)
	}
	if exact, number := domain.ParseNumber(q[name]); number {
		return exact, nil // with its decimals
	}
	return float64(at), nil
}

func durationParameter(q params, name string) (float64, error) {
	duration, ok := domain.ParseNumber(q[name])
	if !ok || duration < 0 {
		return 0, domain.InvalidField(name, "%s must be a number of milliseconds, 0 or more.", name)
	}
	return duration, nil
}

// afterMillis returns the position behind all readings up to the time. Times
// of readings are whole milliseconds, so decimals are cut downwards.
func afterMillis(at float64) domain.Position {
	at = max(float64(domain.MinMillis)-1, min(float64(domain.MaxMillis), math.Floor(at)))
	return domain.Millis(at).AfterAll()
}
