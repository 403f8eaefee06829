package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/thingward/thingward/apiclient"
	"github.com/thingward/thingward/internal/domain"
)

type readingCommands struct {
	Push   readingPushCommand   `cmd:"" help:"Send one reading."`
	Import readingImportCommand `cmd:"" help:"Load a CSV file."`
	List   readingListCommand   `cmd:"" help:"List readings, newest first."`
	Export readingExportCommand `cmd:"" help:"Write readings as CSV, JSON, KML or GeoJSON."`
	Tail   readingTailCommand   `cmd:"" help:"Print readings as they arrive."`
}

type readingPushCommand struct {
	Sensor string   `arg:"" help:"Id, owner.name or name of the sensor."`
	Values []string `arg:"" name:"field=value" help:"Values under the names of their fields."`
	At     string   `placeholder:"TIME" help:"Time of the reading. Default: now."`
}

// Help explains the command.
func (readingPushCommand) Help() string {
	return `Numbers are sent as numbers and everything else as text. A number in quotes
is sent as text.

Examples:

    thingward readings push greenhouse value=21.5
    thingward readings push alice.greenhouse temperature=21.5 humidity=40 'state=door open'
    thingward readings push greenhouse value=21.5 --at 2026-11-21T10:00:00Z
    thingward readings push greenhouse 'code="007"'`
}

// Run sends the reading.
func (c *readingPushCommand) Run(ctx context.Context, t *terminal) error {
	reading := apiclient.NewReading{Values: map[string]any{}}
	for _, pair := range c.Values {
		name, text, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return usagef("%q is no value: write FIELD=VALUE, such as value=21.5.", clipCell(pair))
		}
		if _, twice := reading.Values[name]; twice {
			return usagef("%s is given twice.", name)
		}
		reading.Values[name] = pushedValue(text)
	}
	var err error
	if reading.At, err = readTime("--at", c.At); err != nil {
		return err
	}
	client, err := t.client()
	if err != nil {
		return err
	}
	stored, err := client.Append(ctx, c.Sensor, reading)
	if err != nil {
		return err
	}
	answer := map[string]any{"id": stored.ID, "at": stored.At}
	return t.answer(answer, func() { t.say("Stored the reading %d at %s.", stored.ID, shortTime(stored.At)) })
}

func pushedValue(text string) any {
	if number, ok := domain.ParseNumber(text); ok {
		return number
	}
	if len(text) >= 2 && text[0] == '"' && text[len(text)-1] == '"' {
		return text[1 : len(text)-1]
	}
	return text
}

// readTime reads a time that was given with a flag. Empty is no time.
func readTime(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, ok := domain.ParseTimestamp(text)
	if !ok {
		return time.Time{}, usagef("%s %q is no time. Examples: 2026-11-21T10:00:00Z, 2026-11-21, 1795255200000 (milliseconds).", flag, clipCell(text))
	}
	return at.Time(), nil
}

// rangeFlags select readings by time.
type rangeFlags struct {
	From string `placeholder:"TIME" help:"After this time; in UTC where it names no zone."`
	To   string `placeholder:"TIME" help:"Up to this time."`
}

func (f rangeFlags) read() (apiclient.Range, error) {
	from, err := readTime("--from", f.From)
	if err != nil {
		return apiclient.Range{}, err
	}
	to, err := readTime("--to", f.To)
	return apiclient.Range{From: from, To: to}, err
}

type readingListCommand struct {
	Sensor string `arg:"" help:"Id, owner.name or name of the sensor."`
	rangeFlags
	Limit  int  `default:"20" placeholder:"N" help:"At most so many; 0 for all. Default: 20."`
	Oldest bool `help:"Oldest first."`
}

// Help explains the command.
func (readingListCommand) Help() string {
	return `Examples:

    thingward readings list greenhouse
    thingward readings list greenhouse --from 2026-11-01 --to 2026-11-08 --limit 0 --oldest --json`
}

// Run lists the readings.
func (c *readingListCommand) Run(ctx context.Context, t *terminal) error {
	within, err := c.read()
	if err != nil {
		return err
	}
	client, err := t.client()
	if err != nil {
		return err
	}
	query := apiclient.ReadingQuery{Range: within, Oldest: c.Oldest}
	readings, err := apiclient.All(ctx, c.Limit, func(ctx context.Context, page apiclient.PageRequest) (apiclient.Page[apiclient.Reading], error) {
		return client.Readings(ctx, c.Sensor, query, page)
	})
	if err != nil {
		return err
	}
	return t.answer(readings, func() {
		rows := make([][]string, len(readings))
		for i, r := range readings {
			rows[i] = []string{r.At.UTC().Format("2006-01-02T15:04:05.000Z"), valuesText(r.Values)}
		}
		t.rows([]string{"TIME", "VALUES"}, rows)
	})
}

func valuesText(values map[string]any) string {
	words := make([]string, 0, len(values))
	for _, name := range sortedNames(values) {
		words = append(words, name+"="+valueText(values[name]))
	}
	return strings.Join(words, " ")
}

// valueText writes a value as exports do: a million is 1000000.
func valueText(value any) string {
	if number, ok := value.(float64); ok {
		return domain.Number(number).String()
	}
	return fmt.Sprint(value)
}
