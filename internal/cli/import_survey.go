package cli

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// mostSensors is how many sensors one file may speak of. More are nearly
// always the wrong column.
const mostSensors = 1000

// csvSurvey is what one look at the whole file tells.
type csvSurvey struct {
	Digest  [sha256.Size]byte // of the file
	Mapping csvMapping
	Rows    int
	Sensors []string // distinct values of the sensor column, in order of appearance
}

// surveyFile reads the whole file once, to learn the types of its columns,
// its sensors, its length and its digest.
func surveyFile(name string, o importOptions) (csvSurvey, error) {
	file, err := os.Open(name)
	if err != nil {
		return csvSurvey{}, err
	}
	defer file.Close()
	digest := sha256.New()
	content := io.TeeReader(file, digest)
	survey, err := surveyTable(content, o)
	if err != nil {
		return csvSurvey{}, fmt.Errorf("%s: %w", name, err)
	}
	if _, err := io.Copy(io.Discard, content); err != nil {
		return csvSurvey{}, err
	}
	digest.Sum(survey.Digest[:0])
	return survey, nil
}

func surveyTable(content io.Reader, o importOptions) (csvSurvey, error) {
	table, err := openTable(content, o.Delimiter)
	if err != nil {
		return csvSurvey{}, err
	}
	var survey csvSurvey
	if survey.Mapping, err = mapColumns(table, o); err != nil {
		return csvSurvey{}, err
	}
	seen := map[string]bool{}
	for {
		row, err := table.next()
		if errors.Is(err, io.EOF) {
			return survey, nil
		}
		if err != nil {
			return csvSurvey{}, err
		}
		survey.Rows++
		if row.Fault == "" {
			survey.Mapping.learn(row.Cells)
			survey.noteSensor(row.Cells, seen)
		}
		if len(survey.Sensors) > mostSensors {
			return csvSurvey{}, fmt.Errorf("the column %q has more than %d different values: is it the one that names the sensors?", o.SensorColumn, mostSensors)
		}
	}
}

func (s *csvSurvey) noteSensor(cells []string, seen map[string]bool) {
	if s.Mapping.Sensor < 0 {
		return
	}
	value := strings.TrimSpace(cells[s.Mapping.Sensor])
	if value != "" && !seen[value] {
		value = strings.Clone(value)
		seen[value] = true
		s.Sensors = append(s.Sensors, value)
	}
}

// sensorTarget is a sensor that rows of the file go to.
type sensorTarget struct {
	Value string // of the sensor column; "" where there is none
	Ref   string // of the sensor: id, "owner.name" or "name"
}

// sensorTargets names the sensors of a file. Without a sensor column it is
// the sensor that was given. With one, what was given is a prefix: "weather"
// makes weather_seattle of Seattle, "alice.weather" makes
// alice.weather_seattle, and "alice." makes alice.seattle.
func sensorTargets(given string, survey csvSurvey) ([]sensorTarget, error) {
	if survey.Mapping.Sensor < 0 {
		return []sensorTarget{{Ref: given}}, nil
	}
	owner, prefix := "", given
	if i := strings.LastIndexByte(given, '.'); i >= 0 {
		owner, prefix = given[:i+1], given[i+1:]
	}
	targets := make([]sensorTarget, 0, len(survey.Sensors))
	for _, value := range survey.Sensors {
		slug := sensorSlug(slugOf(prefix), value)
		if slug == "" {
			return nil, fmt.Errorf("no sensor can be named after %q: it has no letter or digit", clipCell(value))
		}
		ref := owner + slug
		if i := slices.IndexFunc(targets, func(t sensorTarget) bool { return t.Ref == ref }); i >= 0 {
			return nil, fmt.Errorf("%q and %q would both become the sensor %s: make one of them different", targets[i].Value, value, ref)
		}
		targets = append(targets, sensorTarget{Value: value, Ref: ref})
	}
	return targets, nil
}
