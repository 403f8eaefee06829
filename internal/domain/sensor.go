package domain

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// SensorID identifies a sensor.
type SensorID int64

// Visibility says who besides its owner may see a thing.
type Visibility string

// The visibilities, as WoTKit writes them.
const (
	Public  Visibility = "PUBLIC"
	Private Visibility = "PRIVATE"
)

// Sensor is a source of readings.
type Sensor struct {
	ID          SensorID
	Owner       OwnerID
	OwnerName   string
	Publisher   string // name of the user who created it
	Name        string // unique per owner; see CheckSensorName
	LongName    string
	Description string
	ImageURL    string
	Latitude    float64 // degrees, -90 … 90
	Longitude   float64 // degrees, -180 … 180
	Visibility  Visibility
	Tags        []string
	Metadata    map[string]Value
	Fields      []Field // in the order of their index
	CreatedAt   time.Time
	UpdatedAt   time.Time // last change of the sensor itself
	Given       RightSet  // what the caller who looked it up was given on it; never stored
}

// FullName returns "owner.name".
func (s Sensor) FullName() string { return s.OwnerName + "." + s.Name }

// Thing returns what the decision needs to know of the sensor.
func (s Sensor) Thing() Thing {
	return Thing{Noun: NounSensor, ID: int64(s.ID), Owner: s.Owner, Public: s.Visibility == Public, Given: s.Given}
}

// Field returns the field with the name.
func (s Sensor) Field(name string) (Field, bool) {
	for _, field := range s.Fields {
		if field.Name == name {
			return field, true
		}
	}
	return Field{}, false
}

// SensorState is what the readings of a sensor leave behind on it.
type SensorState struct {
	LastUpdate time.Time            // time of the newest reading there ever was; zero: none yet
	Last       map[string]LastValue // field name → its newest value
}

// LastValue is the newest value of a field.
type LastValue struct {
	Value Value
	At    time.Time
}

// ActiveWithin is how recent the last update of an active sensor is
// (WoTKit V1, Sensors).
const ActiveWithin = 15 * time.Minute

var sensorName = regexp.MustCompile(`^[a-z_][a-z0-9_-]{3,49}$`)

// Limits of a sensor.
const (
	maxTags     = 50
	maxTagRunes = 50
	maxMetadata = 100
)

// CheckSensorName holds the rule of WoTKit V1 for names of sensors.
func CheckSensorName(name string) error {
	if !sensorName.MatchString(name) {
		return InvalidField("name", "A sensor name has 4 to 50 of a-z, 0-9, _ and -, and starts with a letter or _.")
	}
	return nil
}

// Check validates a whole sensor but its owner. All faults are reported at
// once, each under the name of its attribute.
func (s Sensor) Check() error {
	faults := faults{}
	faults.add("name", CheckSensorName(s.Name))
	faults.add("longName", checkLongName("longName", s.LongName))
	faults.add("description", CheckDescription(s.Description))
	if len(s.ImageURL) > 255 || !printable(s.ImageURL) {
		faults["imageUrl"] = "An image URL has at most 255 characters."
	}
	if math.IsNaN(s.Latitude) || math.Abs(s.Latitude) > 90 {
		faults["latitude"] = "A latitude lies between -90 and 90 degrees."
	}
	if math.IsNaN(s.Longitude) || math.Abs(s.Longitude) > 180 {
		faults["longitude"] = "A longitude lies between -180 and 180 degrees."
	}
	if s.Visibility != Public && s.Visibility != Private {
		faults["visibility"] = "The visibility is PUBLIC or PRIVATE."
	}
	faults.add("tags", checkTags(s.Tags))
	faults.add("metadata", checkMetadata(s.Metadata))
	faults.add("fields", CheckFields(s.Fields))
	return faults.err("invalid_sensor", "The sensor is not valid")
}

func checkLongName(field, text string) error {
	if n := utf8.RuneCountInString(text); n < 4 || n > 100 || !printable(text) {
		return InvalidField(field, "A long name has 4 to 100 characters, on one line.")
	}
	return nil
}

func checkTags(tags []string) error {
	if len(tags) > maxTags {
		return InvalidField("tags", "A sensor has at most %d tags.", maxTags)
	}
	for _, tag := range tags {
		if n := utf8.RuneCountInString(tag); n < 1 || n > maxTagRunes || !printable(tag) || strings.ContainsAny(tag, ",;") {
			return InvalidField("tags", "The tag %q is not valid: 1 to %d characters without , and ;.", Clip(tag), maxTagRunes)
		}
	}
	return nil
}

func checkMetadata(metadata map[string]Value) error {
	if len(metadata) > maxMetadata {
		return InvalidField("metadata", "A sensor has at most %d metadata entries.", maxMetadata)
	}
	for key, value := range metadata {
		text := value.String()
		switch {
		case key == "":
			return InvalidField("metadata", "A metadata key must not be empty.")
		case text == "":
			return InvalidField("metadata", "The metadata value of %q must not be empty.", Clip(key))
		case len(key) > 255 || len(text) > 1000 || !printable(key) || !storable(text):
			return InvalidField("metadata", "The metadata entry %q is too long or not text.", Clip(key))
		}
	}
	return nil
}

// CleanTags trims the tags and drops empty ones and doubles, which are told
// apart without regard to case.
func CleanTags(tags []string) []string {
	seen := map[string]bool{}
	clean := []string{}
	for _, tag := range tags {
		tag = strings.TrimSpace(tag)
		if folded := strings.ToLower(tag); tag != "" && !seen[folded] {
			seen[folded] = true
			clean = append(clean, tag)
		}
	}
	return clean
}

// faults collects what is wrong with the attributes of one input.
type faults map[string]string

func (f faults) add(field string, err error) {
	if err != nil {
		f[field] = err.Error()
	}
}

func (f faults) err(code, summary string) error {
	if len(f) == 0 {
		return nil
	}
	for _, field := range sortedKeys(f) {
		summary += fmt.Sprintf(" · %s: %s", field, f[field])
	}
	return &Error{Kind: Invalid, Code: code, Message: summary, Fields: f}
}
