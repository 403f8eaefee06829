package domain_test

import (
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

func TestParseTimestamp(t *testing.T) {
	t.Parallel()
	at := func(h, m, s, ms int) domain.Millis {
		return domain.MillisOf(time.Date(2015, 2, 20, h, m, s, ms*1_000_000, time.UTC))
	}
	for text, want := range map[string]domain.Millis{
		"0":                              0,
		"-1":                             -1,
		"1424393704000":                  1424393704000,
		" 1424393704000 ":                1424393704000,
		"1424393704000.987":              1424393704000,
		"-1.9":                           -1,
		"1.424393704e12":                 1424393704000,
		"2015-02-20":                     at(0, 0, 0, 0),
		"2015-2-20":                      at(0, 0, 0, 0),
		"2015-02-20T0:55:04.000z":        at(0, 55, 4, 0),
		"2015-02-20T00:55:04Z":           at(0, 55, 4, 0),
		"2015-02-20t00:55:04":            at(0, 55, 4, 0),
		"2015-02-20 00:55:04":            at(0, 55, 4, 0),
		"2015-02-20T00:55":               at(0, 55, 0, 0),
		"2015-02-20T7":                   at(7, 0, 0, 0),
		"2015-02-20T00:55:04.":           at(0, 55, 4, 0),
		"2015-02-20T00:55:04.5Z":         at(0, 55, 4, 500),
		"2015-02-20T00:55:04,25Z":        at(0, 55, 4, 250),
		"2015-02-20T00:55:04.123456789Z": at(0, 55, 4, 123),
		"2015-02-20T02:55:04+02:00":      at(0, 55, 4, 0),
		"2015-02-20T02:55:04 +0200":      at(0, 55, 4, 0),
		"2015-02-19T16:55:04-08":         at(0, 55, 4, 0),
		"2015-02-20T23:59:60Z":           at(24, 0, 0, 0),
		"9999-12-31T23:59:59.999Z":       domain.MaxMillis,
		"0001-01-01T00:00:00Z":           domain.MinMillis,
	} {
		if got, ok := domain.ParseTimestamp(text); !ok || got != want {
			t.Errorf("ParseTimestamp(%q) = %d, %v, want %d", text, got, ok, want)
		}
	}
}

func TestParseTimestampRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", " ", "now", "x2015-02-20", "2015-13-01", "2015-02-30", "2015-02-20T", "2015-02-20T24:00",
		"2015-02-20T10:60", "2015-02-20T10:00:61", "2015-02-20T10:00:00.1234567890Z", "2015-02-20T10:00:00+24:00",
		"2015-02-20T10:00:00+1", "2015-02-20T10:00:00Zz", "0000-01-01", "10000-01-01", "NaN", "Inf", "0x10",
		"1e300", "253402300800000", "9223372036854775808", "0001-01-01T00:00:00+01:00", "2015-02-20T10:00:00 UTC",
	} {
		if got, ok := domain.ParseTimestamp(text); ok {
			t.Errorf("ParseTimestamp(%q) = %d, want refusal", text, got)
		}
	}
}

func TestParseTimestampInZone(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", -8*3600)
	want := domain.MillisOf(time.Date(2010, 1, 1, 9, 0, 0, 0, time.UTC))
	for _, text := range []string{"2010-01-01T01:00:00", "2010-01-01T09:00:00Z"} {
		if got, ok := domain.ParseTimestampIn(text, zone); !ok || got != want {
			t.Errorf("ParseTimestampIn(%q) = %d, %v, want %d", text, got, ok, want)
		}
	}
}

// Whatever is read lies in the range of readings, and its RFC 3339 form reads
// back the same.
func FuzzParseTimestamp(f *testing.F) {
	for _, seed := range []string{"", "0", "1424393704000.5", "2015-02-20T0:55:04.000z", "2015-02-20 10:00 +0200", "-62135596800000", "9999-12-31T23:59:59.999999999Z"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := domain.ParseTimestamp(text)
		if !ok {
			return
		}
		if got < domain.MinMillis || got > domain.MaxMillis {
			t.Fatalf("ParseTimestamp(%q) = %d is out of range", text, got)
		}
		printed := got.Time().Format("2006-01-02T15:04:05.000Z07:00")
		if again, ok := domain.ParseTimestamp(printed); !ok || again != got {
			t.Fatalf("ParseTimestamp(%q) = %d, %v, want %d from %q", printed, again, ok, got, text)
		}
	})
}
