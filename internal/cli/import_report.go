package cli

import (
	"fmt"
	"slices"
)

// importReport is the answer of the command.
type importReport struct {
	File     string         `json:"file"`
	Rows     int            `json:"rows"`
	Stored   int            `json:"stored"`
	Before   int            `json:"stored_before"`
	Unsure   int            `json:"stored_before_in_part"`
	Refused  []refusal      `json:"refused"`
	Complete bool           `json:"complete"`
	Created  []string       `json:"created"`
	Sensors  []sensorReport `json:"sensors"`
	Repeated int            `json:"local_times_shown_twice"`
	Skipped  int            `json:"local_times_skipped"`
}

type sensorReport struct {
	Sensor  string `json:"sensor"`
	Stored  int    `json:"stored"`
	Before  int    `json:"stored_before"`
	Unsure  int    `json:"stored_before_in_part"`
	Refused int    `json:"refused"`
}

// finish reports what became of the rows and turns refused rows into a
// failure.
func (c *readingImportCommand) finish(t *terminal, run *importRun, created []string, failed error) error {
	slices.SortStableFunc(run.Refused, func(a, b refusal) int { return a.Line - b.Line })
	report := importReport{File: c.File, Rows: run.Survey.Rows, Complete: failed == nil, Created: created, Refused: run.Refused,
		Repeated: run.Times.Repeated, Skipped: run.Times.Skipped, Sensors: []sensorReport{}}
	if report.Refused == nil {
		report.Refused = []refusal{}
	}
	for _, b := range run.buckets {
		report.Stored, report.Before, report.Unsure = report.Stored+b.Stored, report.Before+b.Before, report.Unsure+b.Unsure
		report.Sensors = append(report.Sensors, sensorReport{Sensor: b.target.Ref, Stored: b.Stored, Before: b.Before, Unsure: b.Unsure, Refused: b.Refused})
	}
	if c.Refused != "" {
		if err := copyRefused(c.File, c.Refused, run.Refused); err != nil {
			run.Journal.close()
			return err
		}
	}
	if err := t.answer(report, func() { report.print(t) }); err != nil {
		return err
	}
	if failed != nil {
		run.Journal.close()
		return fmt.Errorf("stopped after %d of %d rows: %s Give the same command again to go on; nothing is stored twice", run.rows, run.Survey.Rows, t.explain(failed))
	}
	run.Journal.remove()
	switch {
	case report.Unsure > 0:
		return fmt.Errorf("an earlier import stored %d of these rows but for those that were refused then, and they were not sent again: "+
			"correct the rows that were refused in a file of their own and import that", report.Unsure)
	case len(run.Refused) > 0:
		return fmt.Errorf("%d of %d rows were refused%s", len(run.Refused), run.Survey.Rows, c.refusedHint())
	}
	return nil
}

func (c *readingImportCommand) refusedHint() string {
	if c.Refused == "" {
		return ": correct them and import them again; --refused FILE keeps them"
	}
	return ": they are in " + c.Refused + "; correct them there and import that file"
}

// mostRefusals is how many refused rows are listed for people.
const mostRefusals = 20

func (r importReport) print(t *terminal) {
	for i, row := range r.Refused {
		if i == mostRefusals {
			t.note("… and %d more (--json lists all, --refused FILE keeps them)", len(r.Refused)-i)
			break
		}
		t.note("line %d: %s", row.Line, oneLine(row.Reason))
	}
	if r.Repeated > 0 {
		t.note("Local times that the clock shows twice: %d (see --clock-change).", r.Repeated)
	}
	if r.Skipped > 0 {
		t.note("Local times that the clock skips, moved on by an hour: %d (see --clock-change).", r.Skipped)
	}
	for _, s := range r.Sensors {
		line := fmt.Sprintf("%s: %d readings stored", s.Sensor, s.Stored)
		if s.Before > 0 {
			line += fmt.Sprintf(", %d had been stored before", s.Before)
		}
		if s.Unsure > 0 {
			line += fmt.Sprintf(", %d were there in part", s.Unsure)
		}
		if s.Refused > 0 {
			line += fmt.Sprintf(", %d refused", s.Refused)
		}
		t.say("%s", line)
	}
}
