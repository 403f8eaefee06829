package portal

import (
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

func TestFromNow(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	tests := []struct {
		before time.Duration
		want   string
	}{
		{0, "just now"}, {time.Minute, "a minute ago"}, {119 * time.Second, "a minute ago"}, {2 * time.Minute, "2 minutes ago"}, {3 * time.Minute, "3 minutes ago"}, {59 * time.Minute, "59 minutes ago"},
		{time.Hour, "an hour ago"}, {26 * time.Hour, "26 hours ago"}, {3 * day, "3 days ago"}, {90 * day, "3 months ago"},
		{800 * day, "2 years ago"}, {-30 * day, "in 30 days"}, {-365 * day, "in 12 months"},
	}
	for _, test := range tests {
		if got := fromNow(now.Add(-test.before), now); got != test.want {
			t.Errorf("%v before: got %q, want %q", test.before, got, test.want)
		}
	}
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("east", 3*3600)
	now := time.Date(2026, 11, 21, 22, 0, 0, 0, time.UTC) // 1 am of the 22nd there
	tests := []struct {
		choice, date string
		want         time.Time
		wrong        string
	}{
		{choice: "30d", want: now.Add(30 * day)},
		{choice: "never"},
		{choice: "date", date: "2026-11-22", want: time.Date(2026, 11, 22, 21, 0, 0, 0, time.UTC)},
		{choice: "date", date: "2026-11-21", wrong: "date"},
		{choice: "date", wrong: "date"},
		{choice: "soon", wrong: "expiry"},
		{wrong: "expiry"},
	}
	for _, test := range tests {
		got, err := expiryOf(filledForm(map[string]string{"expiry": test.choice, "date": test.date}), now, zone)
		if test.wrong != "" {
			if domain.CodeOf(err) != "invalid_"+test.wrong {
				t.Errorf("%q %q: got %v, want a fault of %s", test.choice, test.date, err, test.wrong)
			}
			continue
		}
		if err != nil || !got.Equal(test.want) {
			t.Errorf("%q %q: got %v, %v, want %v", test.choice, test.date, got, err, test.want)
		}
	}
}

func TestScopeWords(t *testing.T) {
	t.Parallel()
	scopes, err := domain.ParseScopes("readings.read:alice.a readings.read:alice.b profile sensors.*")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"read the data of sensors (only alice.a, alice.b)", "see your name and time zone", "do everything with sensors"}
	got := scopeWords(scopes)
	if len(got) != len(want) {
		t.Fatalf("got %q, want %q", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %q, want %q", got[i], want[i])
		}
	}
}

func TestProgramName(t *testing.T) {
	t.Parallel()
	for agent, want := range map[string]string{
		"Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0":                                                    "Firefox on Linux",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36":               "Chrome on Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/604.1": "Safari on iPhone",
		"curl/8.5.0": "curl/8.5.0", "": "Unknown program",
	} {
		if got := programName(agent); got != want {
			t.Errorf("%q: got %q, want %q", agent, got, want)
		}
	}
}
