package domain

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// ParseTimestamp reads a time as sloppily as WoTKit's clients write it
// (V1 and V2 alike): milliseconds as a number, decimals cut; or ISO 8601
// with T, t or a space, one-digit hours, missing minutes or seconds, 0 to 9
// fraction digits, and Z, z, ±hh:mm, ±hhmm, ±hh or no zone, which is UTC. A
// date alone is its midnight.
func ParseTimestamp(text string) (Millis, bool) { return ParseTimestampIn(text, time.UTC) }

// ParseTimestampIn is ParseTimestamp where a missing zone means the given one.
func ParseTimestampIn(text string, zone *time.Location) (Millis, bool) {
	text = strings.TrimSpace(text)
	if ms, ok := parseMillisNumber(text); ok {
		return ms, true
	}
	p := timestampParser{rest: text}
	at, ok := p.parse(zone)
	if !ok || p.rest != "" {
		return 0, false
	}
	ms := at.UnixMilli()
	return Millis(ms), Millis(ms) >= MinMillis && Millis(ms) <= MaxMillis
}

func parseMillisNumber(text string) (Millis, bool) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return Millis(n), Millis(n) >= MinMillis && Millis(n) <= MaxMillis
	}
	n, ok := ParseNumber(text)
	if !ok || n < float64(MinMillis) || n > float64(MaxMillis) {
		return 0, false
	}
	return Millis(math.Trunc(n)), true
}

// timestampParser reads an ISO 8601 time from left to right.
type timestampParser struct{ rest string }

func (p *timestampParser) parse(zone *time.Location) (time.Time, bool) {
	year, yearOK := p.digits(4, 4)
	month, monthOK := p.after("-", 1, 2)
	day, dayOK := p.after("-", 1, 2)
	if !yearOK || !monthOK || !dayOK || year < 1 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return time.Time{}, false
	}
	hour, minute, second, nanos, ok := p.clock()
	if !ok {
		return time.Time{}, false
	}
	zone, ok = p.zone(zone)
	if !ok {
		return time.Time{}, false
	}
	return time.Date(year, time.Month(month), day, hour, minute, second, nanos, zone), true
}

// clock reads "Th:mm:ss.fffffffff", of which everything from any colon on, or
// all of it, may be missing.
func (p *timestampParser) clock() (hour, minute, second, nanos int, ok bool) {
	if p.rest == "" || !strings.ContainsRune("Tt ", rune(p.rest[0])) {
		return 0, 0, 0, 0, true
	}
	p.rest = strings.TrimLeft(p.rest[1:], " ")
	if hour, ok = p.digits(1, 2); !ok || hour > 23 {
		return 0, 0, 0, 0, false
	}
	if !strings.HasPrefix(p.rest, ":") {
		return hour, 0, 0, 0, true
	}
	if minute, ok = p.after(":", 1, 2); !ok || minute > 59 {
		return 0, 0, 0, 0, false
	}
	if !strings.HasPrefix(p.rest, ":") {
		return hour, minute, 0, 0, true
	}
	if second, ok = p.after(":", 1, 2); !ok || second > 60 { // a leap second is the next one
		return 0, 0, 0, 0, false
	}
	nanos, ok = p.fraction()
	return hour, minute, second, nanos, ok
}

func (p *timestampParser) fraction() (nanos int, ok bool) {
	if p.rest == "" || p.rest[0] != '.' && p.rest[0] != ',' {
		return 0, true
	}
	p.rest = p.rest[1:]
	before := len(p.rest)
	if nanos, ok = p.digits(0, 9); !ok {
		return 0, false
	}
	for range 9 - (before - len(p.rest)) {
		nanos *= 10
	}
	return nanos, true
}

func (p *timestampParser) zone(missing *time.Location) (*time.Location, bool) {
	p.rest = strings.TrimLeft(p.rest, " ")
	if p.rest == "" {
		return missing, true
	}
	sign := 1
	switch p.rest[0] {
	case 'Z', 'z':
		p.rest = p.rest[1:]
		return time.UTC, true
	case '-':
		sign = -1
	case '+':
	default:
		return nil, false
	}
	p.rest = p.rest[1:]
	hours, hoursOK := p.digits(2, 2)
	p.rest = strings.TrimPrefix(p.rest, ":")
	minutes := 0
	if p.rest != "" {
		var ok bool
		if minutes, ok = p.digits(2, 2); !ok {
			return nil, false
		}
	}
	if !hoursOK || hours > 23 || minutes > 59 {
		return nil, false
	}
	return time.FixedZone("", sign*(hours*3600+minutes*60)), true
}

// after reads a number behind a separator.
func (p *timestampParser) after(separator string, least, most int) (int, bool) {
	rest, ok := strings.CutPrefix(p.rest, separator)
	if !ok {
		return 0, false
	}
	p.rest = rest
	return p.digits(least, most)
}

// digits reads a number of least to most digits.
func (p *timestampParser) digits(least, most int) (n int, ok bool) {
	read := 0
	for read < len(p.rest) && read < most && p.rest[read] >= '0' && p.rest[read] <= '9' {
		n = n*10 + int(p.rest[read]-'0')
		read++
	}
	p.rest = p.rest[read:]
	return n, read >= least
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}
