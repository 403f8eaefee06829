package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/thingward/thingward/apiclient"
)

type readingExportCommand struct {
	Sensor string `arg:"" help:"Id, owner.name or name of the sensor."`
	rangeFlags
	Format string `default:"csv" enum:"csv,json,kml,geojson" placeholder:"FORMAT" help:"csv, json, kml or geojson. Default: csv."`
	Output string `short:"o" placeholder:"FILE" help:"File to write. Default: standard output."`
}

// Help explains the command.
func (readingExportCommand) Help() string {
	return `Readings come oldest first, as a stream of any length. --json is the same as
--format json.

Examples:

    thingward readings export greenhouse > greenhouse.csv
    thingward readings export greenhouse --format geojson --from 2026-11-01 -o greenhouse.geojson`
}

// Run writes the readings.
func (c *readingExportCommand) Run(ctx context.Context, t *terminal) error {
	within, err := c.read()
	if err != nil {
		return err
	}
	client, err := t.client()
	if err != nil {
		return err
	}
	write := func(to io.Writer) error { return c.stream(ctx, client, within, to) }
	if t.JSON || c.Format == "json" {
		write = func(to io.Writer) error { return c.writeJSON(ctx, client, within, to) }
	}
	if c.Output != "" {
		return writeFile(c.Output, write)
	}
	return write(t.Stdout)
}

func (c *readingExportCommand) stream(ctx context.Context, client *apiclient.Client, within apiclient.Range, to io.Writer) error {
	stream, err := client.Export(ctx, c.Sensor, within, apiclient.Format(c.Format))
	if err != nil {
		return err
	}
	defer stream.Close()
	if _, err = io.Copy(to, stream); err != nil {
		return fmt.Errorf("the export broke off: %w", err)
	}
	return nil
}

// writeJSON writes an array with a reading on each line.
func (c *readingExportCommand) writeJSON(ctx context.Context, client *apiclient.Client, within apiclient.Range, to io.Writer) error {
	out := bufio.NewWriter(to)
	before := "[\n"
	for reading, err := range client.AllReadings(ctx, c.Sensor, apiclient.ReadingQuery{Range: within, Oldest: true}) {
		if err != nil {
			return err
		}
		line, err := json.Marshal(reading)
		if err != nil {
			return err
		}
		_, _ = out.WriteString(before) // Flush returns the first error
		_, _ = out.Write(line)
		before = ",\n"
	}
	if before == "[\n" {
		_, _ = out.WriteString("[")
	}
	_, _ = out.WriteString("\n]\n")
	return out.Flush()
}

// writeFile writes a file whole or not at all.
func writeFile(name string, write func(io.Writer) error) error {
	partial, err := os.CreateTemp(filepath.Dir(name), ".thingward-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, errors.Unwrap(err))
	}
	defer os.Remove(partial.Name())
	if err := write(partial); err != nil {
		_ = partial.Close()
		return err
	}
	if err := partial.Close(); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return os.Rename(partial.Name(), name)
}
