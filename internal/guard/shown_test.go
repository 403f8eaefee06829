package guard

import (
	"errors"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

func TestWhatSomebodyWasShownIsRecordedOnceADay(t *testing.T) {
	t.Parallel()
	var shown ShownToday[domain.Device]
	recorded := 0
	count := func(fresh []domain.Device) error { recorded += len(fresh); return nil }
	morning := time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)
	alice, key := domain.Caller{User: domain.User{ID: 1}, Grant: 1}, domain.Caller{User: domain.User{ID: 1}, Grant: 2}
	one, two := domain.Device{ID: 1}, domain.Device{ID: 2}
	for _, c := range []struct {
		name   string
		at     time.Time
		caller domain.Caller
		things []domain.Device
		want   int
	}{
		{"nothing", morning, alice, nil, 0},
		{"first", morning, alice, []domain.Device{one, one}, 1},
		{"again", morning.Add(time.Hour), alice, []domain.Device{one}, 0},
		{"with another", morning, alice, []domain.Device{one, two}, 1},
		{"by another credential", morning, key, []domain.Device{one}, 1},
		{"the day after", morning.Add(24 * time.Hour), alice, []domain.Device{two, one}, 2},
	} {
		recorded = 0
		if err := shown.Record(c.at, c.caller, c.things, count); err != nil || recorded != c.want {
			t.Errorf("%s: got %d recorded (%v), want %d", c.name, recorded, err, c.want)
		}
	}
}

func TestWhatCouldNotBeRecordedIsRecordedTheNextTime(t *testing.T) {
	t.Parallel()
	var shown ShownToday[domain.Device]
	full := errors.New("the disk is full")
	things := []domain.Device{{ID: 1}}
	if err := shown.Record(time.Time{}, domain.Caller{}, things, func([]domain.Device) error { return full }); !errors.Is(err, full) {
		t.Errorf("got %v, want %v", err, full)
	}
	again := 0
	if err := shown.Record(time.Time{}, domain.Caller{}, things, func(fresh []domain.Device) error { again = len(fresh); return nil }); err != nil || again != 1 {
		t.Errorf("got %d recorded (%v), want 1", again, err)
	}
}
