package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/thingward/thingward/apiclient"
	"github.com/thingward/thingward/internal/domain"
)

type readingImportCommand struct {
	Sensor       string            `arg:"" help:"Id, owner.name or name of the sensor; with --sensor-column the beginning of the names."`
	File         string            `arg:"" help:"CSV file with the names of the columns in its first line."`
	TimeColumn   string            `required:"" placeholder:"COLUMN" help:"Column that holds the time."`
	TimeZone     string            `default:"UTC" placeholder:"ZONE" help:"Zone of times that name none, such as Europe/Berlin. Default: UTC."`
	TimeUnit     timeUnit          `default:"auto" enum:"auto,s,ms" placeholder:"UNIT" help:"What times that are numbers count: s, ms, or auto: by their size. Default: auto."`
	ClockChange  clockChange       `default:"earlier" enum:"earlier,later,refuse" placeholder:"WHICH" help:"Which of the two times a local time means that the clock shows twice: earlier or later; or refuse. Default: earlier."`
	SensorColumn string            `placeholder:"COLUMN" help:"Column that says which sensor a row is of."`
	Create       bool              `help:"Make the sensors that are not there, with the fields that the file shows."`
	Public       bool              `help:"Make them public."`
	Map          map[string]string `placeholder:"COLUMN=FIELD" help:"Store the column under this field name. May be repeated."`
	Skip         []string          `placeholder:"COLUMN" help:"Leave the column out. May be repeated."`
	Missing      []string          `placeholder:"TEXT" help:"What a cell without a value says, such as NA, besides an empty cell. May be repeated."`
	Delimiter    string            `default:"," placeholder:"CHAR" help:"What stands between the cells; tab for tabulators. Default: a comma."`
	Label        string            `placeholder:"TEXT" help:"Names this import. A file that was imported before is stored once more under another label."`
	Refused      string            `placeholder:"FILE" help:"Write the rows that were refused to this file, as they are."`
}

// Help explains the command.
func (readingImportCommand) Help() string {
	return `The file is sent in batches of 1000 rows. Numbers become NUMBER fields and
everything else STRING fields; empty cells are left out. Rows need no order.
An import that was interrupted, even by kill -9, goes on where it stopped when
the same command is given again, and no row is stored twice, however often
the same file is imported. Rows that cannot be stored are reported by line and
reason; then the exit code is 1.

Times may be written as 2026-11-21T10:00:00Z, with another zone, without one
(see --time-zone), as a date alone, or as seconds or milliseconds since 1970.
A local time that the clock skips in spring is moved on by an hour; one that it
shows twice in autumn means the first (see --clock-change).

With --sensor-column there is one sensor for each value of that column. Its
name is SENSOR, _ and the value in small letters: SENSOR weather and the value
New York give weather_new_york; alice.weather gives alice.weather_new_york; and
alice. gives alice.new_york.

Examples:

    thingward readings import greenhouse data.csv --time-column time
    thingward readings import seattle hourly.csv --time-column date --time-zone America/Los_Angeles --create
    thingward readings import weather weather.csv --time-column date --sensor-column location --create
    thingward readings import quakes earthquakes.csv --time-column time_ms --create --refused refused.csv`
}

// Run imports the file.
func (c *readingImportCommand) Run(ctx context.Context, t *terminal) error {
	options, zone, err := c.options()
	if err != nil {
		return err
	}
	client, err := t.client()
	if err != nil {
		return err
	}
	survey, err := surveyFile(c.File, options)
	if err != nil {
		return err
	}
	targets, err := sensorTargets(c.Sensor, survey)
	if err != nil {
		return err
	}
	run := &importRun{Server: client, File: c.File, Options: options, Survey: survey, Now: t.Now,
		Times: &timeReader{Zone: zone, Unit: c.TimeUnit, Change: c.ClockChange}}
	created, err := c.prepare(ctx, t, client, run, targets)
	if err != nil {
		return err
	}
	if run.Journal, err = t.openImport(run); err != nil {
		return err
	}
	return c.finish(t, run, created, c.send(ctx, t, run))
}

func (c *readingImportCommand) options() (importOptions, *time.Location, error) {
	if err := domain.CheckTimeZone(c.TimeZone); err != nil {
		return importOptions{}, nil, usagef("--time-zone: %s", err)
	}
	zone, err := time.LoadLocation(c.TimeZone)
	if err != nil {
		return importOptions{}, nil, usagef("--time-zone: %s", err)
	}
	delimiter, size := utf8.DecodeRuneInString(c.Delimiter)
	if c.Delimiter == "tab" || c.Delimiter == `\t` {
		delimiter, size = '\t', len(c.Delimiter)
	}
	if size == 0 || size != len(c.Delimiter) || strings.ContainsRune("\"\r\n\uFFFD", delimiter) {
		return importOptions{}, nil, usagef("--delimiter is one character, or tab.")
	}
	return importOptions{TimeColumn: c.TimeColumn, SensorColumn: c.SensorColumn, Rename: c.Map, Skip: c.Skip, Missing: c.Missing,
		Delimiter: delimiter, Zone: c.TimeZone, Unit: c.TimeUnit, Change: c.ClockChange, Label: c.Label}, zone, nil
}

// prepare finds or makes the sensors. It returns the full names of those that
// it made.
func (c *readingImportCommand) prepare(ctx context.Context, t *terminal, client *apiclient.Client, run *importRun, targets []sensorTarget) ([]string, error) {
	created := []string{}
	for _, target := range targets {
		sensor, err := client.Sensor(ctx, target.Ref)
		if apiclient.StatusOf(err) == http.StatusNotFound && apiclient.CodeOf(err) != "" {
			if !c.Create {
				return nil, fmt.Errorf("there is no sensor %s that this key can see: --create makes it", target.Ref)
			}
			if sensor, err = client.CreateSensor(ctx, c.newSensor(target, run.Survey.Mapping)); err == nil {
				created = append(created, sensor.FullName)
			}
		}
		if apiclient.StatusOf(err) == http.StatusForbidden && !c.Create {
			sensor, err = apiclient.Sensor{}, nil // the key may write readings and not see the sensor: the server checks alone
		}
		if err != nil {
			return nil, err
		}
		run.add(&importBucket{target: target, fields: fieldsOf(sensor), identity: identityOf(run.Survey, run.Options, target, sensor)})
	}
	for _, name := range created {
		if !t.JSON {
			t.note("Made the sensor %s.", name)
		}
	}
	return created, nil
}

func (c *readingImportCommand) newSensor(target sensorTarget, mapping csvMapping) apiclient.NewSensor {
	owner, name := domain.SplitSensorName(target.Ref)
	sensor := apiclient.NewSensor{Owner: owner, Name: name, LongName: name, Visibility: "private",
		Description: "Imported from " + filepath.Base(c.File) + "."}
	if target.Value != "" && utf8.RuneCountInString(target.Value) >= leastSensorName {
		sensor.LongName = clipCell(target.Value)
	}
	if c.Public {
		sensor.Visibility = "public"
	}
	for _, field := range mapping.fields() {
		sensor.Fields = append(sensor.Fields, apiclient.Field{Name: field.Name, LongName: field.LongName, Type: strings.ToLower(string(field.Type))})
	}
	return sensor
}

// fieldsOf returns the fields as the rules of readings need them.
func fieldsOf(sensor apiclient.Sensor) []domain.Field {
	var fields []domain.Field
	for _, field := range sensor.Fields {
		fields = append(fields, domain.Field{Name: field.Name, LongName: field.LongName, Required: field.Required,
			Type: domain.FieldType(strings.ToUpper(field.Type))})
	}
	return fields
}

// openImport opens the progress file of the import. Its name depends on the
// server and the key as well as on what is imported.
func (t *terminal) openImport(run *importRun) (*importJournal, error) {
	folder, err := t.stateFolder()
	if err != nil {
		return nil, err
	}
	identities := []string{t.Server, t.KeyID}
	for _, bucket := range run.buckets {
		identities = append(identities, bucket.identity)
	}
	text, _ := json.Marshal(identities)
	digest := sha256.Sum256(text)
	return openJournal(filepath.Join(folder, "imports"), hex.EncodeToString(digest[:16]))
}

func (c *readingImportCommand) send(ctx context.Context, t *terminal, run *importRun) error {
	progress := t.progress(run.Survey.Rows, filepath.Base(c.File))
	if n := len(run.Journal.done); n > 0 {
		t.note("Going on after %d batches that an earlier run has sent.", n)
	}
	run.Progress = progress.set
	err := run.run(ctx)
	progress.end()
	return err
}
