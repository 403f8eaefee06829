package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/thingward/thingward/apiclient"
)

type readingTailCommand struct {
	Sensor string        `arg:"" help:"Id, owner.name or name of the sensor."`
	Last   int           `default:"10" placeholder:"N" help:"Begin with so many that are there already. Default: 10."`
	Every  time.Duration `default:"2s" placeholder:"TIME" help:"How often to look. Default: 2s."`
}

// Help explains the command.
func (readingTailCommand) Help() string {
	return `Prints readings as they arrive, oldest first, until it is stopped with Ctrl-C. With
--json each reading is one line. Readings of more than a minute before the newest one
are not shown: they were sent late.

Examples:

    thingward readings tail greenhouse
    thingward readings tail alice.greenhouse --last 0 --json | jq .values.value`
}

// tailWindow is how late a reading may come and still be shown.
const tailWindow = time.Minute

// Run follows the sensor.
func (c *readingTailCommand) Run(ctx context.Context, t *terminal) error {
	if c.Every < 100*time.Millisecond || c.Last < 0 || c.Last > 1000 {
		return usagef("--every is at least 100ms, and --last from 0 to 1000.")
	}
	client, err := t.client()
	if err != nil {
		return err
	}
	tail := &readingTail{terminal: t, client: client, sensor: c.Sensor, printed: map[int64]time.Time{}}
	if err := tail.begin(ctx, c.Last); err != nil {
		return err
	}
	faults := 0
	for {
		if err := pause(ctx, c.Every<<min(faults, 4)); err != nil {
			return nil // stopped
		}
		err := tail.look(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err == nil:
			faults = 0
		case over(err):
			return err
		default:
			if faults++; faults == 1 {
				t.note("thingward: %s Trying again.", sentence(t.explain(err)))
			}
		}
	}
}

// over reports whether asking again cannot help.
func over(err error) bool {
	status := apiclient.StatusOf(err)
	return status >= 400 && status < 500 && status != http.StatusTooManyRequests && status != http.StatusRequestTimeout
}

func pause(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// readingTail remembers what was printed within the window.
type readingTail struct {
	*terminal
	client  *apiclient.Client
	sensor  string
	newest  time.Time
	printed map[int64]time.Time
}

// begin prints the last readings that are there, and takes those before them
// for printed.
func (r *readingTail) begin(ctx context.Context, last int) error {
	page, err := r.client.Readings(ctx, r.sensor, apiclient.ReadingQuery{}, apiclient.PageRequest{Limit: max(last, 1)})
	if err != nil || len(page.Items) == 0 {
		return err
	}
	window := apiclient.ReadingQuery{Range: apiclient.Range{From: page.Items[0].At.Add(-tailWindow), To: page.Items[0].At}}
	for reading, err := range r.client.AllReadings(ctx, r.sensor, window) {
		if err != nil {
			return err
		}
		r.skip([]apiclient.Reading{reading})
	}
	if last == 0 {
		return nil
	}
	slices.Reverse(page.Items)
	return r.print(page.Items)
}

// skip takes the readings for printed.
func (r *readingTail) skip(readings []apiclient.Reading) {
	for _, reading := range readings {
		r.printed[reading.ID] = reading.At
		if reading.At.After(r.newest) {
			r.newest = reading.At
		}
	}
	maps.DeleteFunc(r.printed, func(_ int64, at time.Time) bool { return at.Before(r.newest.Add(-tailWindow)) })
}

// look prints what was stored since the last look.
func (r *readingTail) look(ctx context.Context) error {
	query := apiclient.ReadingQuery{Oldest: true}
	if !r.newest.IsZero() {
		query.Range.From = r.newest.Add(-tailWindow)
	}
	var fresh []apiclient.Reading
	for reading, err := range r.client.AllReadings(ctx, r.sensor, query) {
		if err != nil {
			return err
		}
		if _, before := r.printed[reading.ID]; !before {
			fresh = append(fresh, reading)
		}
	}
	return r.print(fresh)
}

func (r *readingTail) print(readings []apiclient.Reading) error {
	for _, reading := range readings {
		if r.JSON {
			line, err := json.Marshal(reading)
			if err != nil {
				return err
			}
			fmt.Fprintln(r.Stdout, string(line))
			continue
		}
		r.say("%s  %s", reading.At.UTC().Format("2006-01-02T15:04:05.000Z"), valuesText(reading.Values))
	}
	r.skip(readings)
	return nil
}
