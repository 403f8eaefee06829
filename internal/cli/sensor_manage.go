package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/thingward/thingward/apiclient"
)

type sensorCommands struct {
	List   sensorListCommand   `cmd:"" help:"List the sensors that you may see."`
	Show   sensorShowCommand   `cmd:"" help:"Show a sensor with its fields and their newest values."`
	Create sensorCreateCommand `cmd:"" help:"Make sensors of a JSON document."`
	Edit   sensorEditCommand   `cmd:"" help:"Change a sensor."`
	Delete sensorDeleteCommand `cmd:"" help:"Delete a sensor and all its readings."`
}

type sensorListCommand struct {
	Owner string `placeholder:"NAME" help:"Only sensors of this owner."`
	Tag   string `placeholder:"TAG" help:"Only sensors with this tag."`
	Text  string `placeholder:"TEXT" help:"Only sensors with this text in their name or description."`
	Limit int    `placeholder:"N" help:"At most so many."`
}

// Help explains the command.
func (sensorListCommand) Help() string {
	return `Examples:

    thingward sensors list
    thingward sensors list --owner alice --tag weather --json`
}

// Run lists the sensors.
func (c *sensorListCommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	filter := apiclient.SensorFilter{Owner: c.Owner, Tag: c.Tag, Text: c.Text}
	sensors, err := apiclient.All(ctx, c.Limit, func(ctx context.Context, page apiclient.PageRequest) (apiclient.Page[apiclient.Sensor], error) {
		return client.Sensors(ctx, filter, page)
	})
	if err != nil {
		return err
	}
	return t.answer(sensors, func() {
		rows := make([][]string, len(sensors))
		for i, s := range sensors {
			rows[i] = []string{strconv.FormatInt(s.ID, 10), s.FullName, s.LongName, s.Visibility, orDash(shortTimeOf(s.LastUpdate))}
		}
		t.rows([]string{"ID", "NAME", "LONG NAME", "VISIBILITY", "NEWEST READING"}, rows)
	})
}

type sensorShowCommand struct {
	Sensor string `arg:"" help:"Id, owner.name or name."`
}

// Help explains the command.
func (sensorShowCommand) Help() string {
	return `Examples:

    thingward sensors show greenhouse
    thingward sensors show alice.greenhouse --json`
}

// Run shows the sensor.
func (c *sensorShowCommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	sensor, err := client.Sensor(ctx, c.Sensor)
	if err != nil {
		return err
	}
	return t.answer(sensor, func() { t.describeSensor(sensor) })
}

func (t *terminal) describeSensor(s apiclient.Sensor) {
	t.details("sensor", s.FullName, "id", strconv.FormatInt(s.ID, 10), "long name", s.LongName, "description", s.Description,
		"visibility", s.Visibility, "position", fmt.Sprintf("%g, %g", s.Latitude, s.Longitude), "tags", strings.Join(s.Tags, ", "),
		"newest reading", shortTimeOf(s.LastUpdate))
	rows := make([][]string, len(s.Fields))
	for i, f := range s.Fields {
		newest := ""
		if f.Value != nil {
			newest = valueText(f.Value)
		}
		rows[i] = []string{f.Name, f.Type, orDash(f.Units), orDash(newest)}
	}
	t.say("")
	t.rows([]string{"FIELD", "TYPE", "UNITS", "NEWEST VALUE"}, rows)
}

// mostDocument is how long a JSON document may be, in bytes.
const mostDocument = 1 << 20

// readDocument reads a JSON document from a file, or from standard input.
func (t *terminal) readDocument(file string) (json.RawMessage, error) {
	document, err := t.readInput(file, mostDocument)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(document, new(json.RawMessage)); err != nil {
		if file == "-" {
			file = "standard input"
		}
		return nil, fmt.Errorf("%s is no valid JSON: %w", file, err)
	}
	return document, nil
}

type sensorCreateCommand struct {
	File string `short:"f" required:"" placeholder:"FILE" help:"JSON document; - for standard input."`
}

// Help explains the command.
func (sensorCreateCommand) Help() string {
	return `Without "fields" the sensor gets value, lat, lng and message. The document may
be an array: then all of them are made, or none.

Examples:

    thingward sensors create -f sensor.json
    echo '{"name":"greenhouse","long_name":"Greenhouse","latitude":49.2,"longitude":-123.1,"visibility":"private",
      "fields":[{"name":"temperature","long_name":"Temperature","type":"number","units":"°C"}]}' | thingward sensors create -f -`
}

// Run makes the sensor.
func (c *sensorCreateCommand) Run(ctx context.Context, t *terminal) error {
	document, err := t.readDocument(c.File)
	if err != nil {
		return err
	}
	client, err := t.client()
	if err != nil {
		return err
	}
	sensors, err := client.CreateSensorsJSON(ctx, document)
	if err != nil {
		return err
	}
	var answer any = sensors
	if len(sensors) == 1 {
		answer = sensors[0]
	}
	return t.answer(answer, func() {
		for _, sensor := range sensors {
			t.say("Made the sensor %s with the id %d.", oneLine(sensor.FullName), sensor.ID)
		}
	})
}

type sensorEditCommand struct {
	Sensor      string    `arg:"" help:"Id, owner.name or name."`
	File        string    `short:"f" placeholder:"FILE" help:"JSON document with what is to change; - for standard input."`
	LongName    *string   `placeholder:"TEXT" help:"Name for people."`
	Description *string   `placeholder:"TEXT" help:"Description."`
	Visibility  *string   `placeholder:"WHO" help:"public or private."`
	Latitude    *float64  `placeholder:"DEGREES" help:"Latitude."`
	Longitude   *float64  `placeholder:"DEGREES" help:"Longitude."`
	Tags        *[]string `placeholder:"TAG,…" help:"Tags, in the place of those it has."`
}

// Help explains the command.
func (sensorEditCommand) Help() string {
	return `What is not named stays as it is.

Examples:

    thingward sensors edit greenhouse --long-name "Greenhouse, north wall" --tags garden,indoor
    thingward sensors edit greenhouse --visibility public
    thingward sensors edit greenhouse --latitude=49.26 --longitude=-123.25
    thingward sensors edit greenhouse -f change.json`
}

// Run changes the sensor.
func (c *sensorEditCommand) Run(ctx context.Context, t *terminal) error {
	edit := apiclient.SensorEdit{LongName: c.LongName, Description: c.Description, Visibility: c.Visibility,
		Latitude: c.Latitude, Longitude: c.Longitude, Tags: c.Tags}
	if (edit == apiclient.SensorEdit{}) == (c.File == "") {
		return usagef("Say what to change, by flags or by -f FILE.")
	}
	client, err := t.client()
	if err != nil {
		return err
	}
	var sensor apiclient.Sensor
	if c.File == "" {
		sensor, err = client.EditSensor(ctx, c.Sensor, edit)
	} else {
		var document json.RawMessage
		if document, err = t.readDocument(c.File); err != nil {
			return err
		}
		sensor, err = client.EditSensorJSON(ctx, c.Sensor, document)
	}
	if err != nil {
		return err
	}
	return t.answer(sensor, func() { t.say("Changed the sensor %s.", oneLine(sensor.FullName)) })
}

type sensorDeleteCommand struct {
	Sensor string `arg:"" help:"Id, owner.name or name."`
	Yes    bool   `short:"y" help:"Do not ask."`
}

// Help explains the command.
func (sensorDeleteCommand) Help() string {
	return `Asks on a terminal; elsewhere --yes must be given.

Examples:

    thingward sensors delete greenhouse
    thingward sensors delete alice.greenhouse --yes`
}

// Run deletes the sensor.
func (c *sensorDeleteCommand) Run(ctx context.Context, t *terminal) error {
	if !c.Yes {
		if err := t.confirm("Delete the sensor " + c.Sensor + " and all its readings?"); err != nil {
			return err
		}
	}
	client, err := t.client()
	if err != nil {
		return err
	}
	if err := client.DeleteSensor(ctx, c.Sensor); err != nil {
		return err
	}
	return t.answer(map[string]string{"deleted": c.Sensor}, func() { t.say("Deleted %s.", oneLine(c.Sensor)) })
}
