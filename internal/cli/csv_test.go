package cli

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/thingward/thingward/internal/domain"
)

func TestTableReadsWhatSpreadsheetsWrite(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, content string
		want          []string // cells joined by |, or "line N: fault"
	}{
		{"plain", "a,b\n1,2\n3,4\n", []string{"1|2", "3|4"}},
		{"no line break at the end", "a,b\n1,2", []string{"1|2"}},
		{"carriage returns", "a,b\r\n1,2\r\n", []string{"1|2"}},
		{"byte order mark", "\uFEFFa,b\n1,2\n", []string{"1|2"}},
		{"commas and line breaks in quotes", "a,b\n\"x, y\",\"two\nlines\"\n", []string{"x, y|two\nlines"}},
		{"doubled quotes", "a,b\n\"say \"\"hi\"\"\",2\n", []string{`say "hi"|2`}},
		{"blank lines", "a,b\n\n1,2\n\n", []string{"1|2"}},
		{"too few columns", "a,b\n1\n3,4\n", []string{"line 2: the row has 1 columns, the first line names 2", "3|4"}},
		{"quote inside", "a,b\nx\"y,2\n3,4\n", []string{`line 2: there is a " inside a cell that is not in quotes`, "3|4"}},
		{"quote without end", "a,b\n1,2\n\"x,2\n", []string{"1|2", `line 3: a quoted cell does not end, or goes on behind its closing "`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, readAllRows(t, tt.content)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func readAllRows(t *testing.T, content string) []string {
	t.Helper()
	table, err := openTable(strings.NewReader(content), ',')
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for {
		row, err := table.next()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		if row.Fault != "" {
			rows = append(rows, "line "+string(rune('0'+row.Line))+": "+row.Fault)
			continue
		}
		rows = append(rows, strings.Join(row.Cells, "|"))
	}
}

func TestTableRefusesUselessHeaders(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{"": "empty", "a,a\n1,2\n": "twice", "\xff,b\n": "UTF-8"} {
		if _, err := openTable(strings.NewReader(content), ','); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("openTable(%q): got %v, want %q", content, err, want)
		}
	}
}

func FuzzTable(f *testing.F) {
	for _, seed := range []string{"a,b\n1,2\n", "\uFEFFa\n\"x\ny\"\n", "a,b\n\"x,2\n", "a\r\n1\r\n\r\n", "a,b\n1\n1,2,3\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		table, err := openTable(strings.NewReader(content), ',')
		if err != nil {
			return
		}
		end := int64(0)
		for {
			row, err := table.next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if row.Fault == "" && len(row.Cells) != len(table.header) {
				t.Fatalf("got %d cells under %d names", len(row.Cells), len(table.header))
			}
			if row.From < end || row.To <= row.From || row.To > int64(len(content)) || row.Line < 1 {
				t.Fatalf("row stands at %d-%d on line %d, after %d of %d", row.From, row.To, row.Line, end, len(content))
			}
			end = row.To
		}
	})
}

func TestTimes(t *testing.T) {
	t.Parallel()
	angeles, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		text   string
		reader timeReader
		want   string // empty: refused
	}{
		{"2026-11-21T10:00:00Z", timeReader{Zone: angeles, Unit: anyUnit}, "2026-11-21T10:00:00Z"},
		{"2026-11-21T10:00:00+02:00", timeReader{Zone: angeles, Unit: anyUnit}, "2026-11-21T08:00:00Z"},
		{"2026-11-21T10:00:00", timeReader{Zone: time.UTC, Unit: anyUnit}, "2026-11-21T10:00:00Z"},
		{"2026-11-21 10:00", timeReader{Zone: angeles, Unit: anyUnit}, "2026-11-21T18:00:00Z"},
		{"2012-01-01", timeReader{Zone: angeles, Unit: anyUnit}, "2012-01-01T08:00:00Z"},
		{"1517966773840", timeReader{Zone: angeles, Unit: anyUnit}, "2018-02-07T01:26:13.84Z"},
		{"1517966773", timeReader{Zone: angeles, Unit: anyUnit}, "2018-02-07T01:26:13Z"},
		{"1517966773.84", timeReader{Zone: angeles, Unit: anyUnit}, "2018-02-07T01:26:13.84Z"},
		{"86400000", timeReader{Zone: angeles, Unit: millisUnit}, "1970-01-02T00:00:00Z"},
		{"-86400", timeReader{Zone: angeles, Unit: secondUnit}, "1969-12-31T00:00:00Z"},
		{"2010-03-14T02:30:00", timeReader{Zone: angeles, Unit: anyUnit, Change: earlierHour}, "2010-03-14T10:30:00Z"},
		{"2010-03-14T02:30:00", timeReader{Zone: angeles, Unit: anyUnit, Change: refuseHour}, ""},
		{"2010-03-14T03:00:00", timeReader{Zone: angeles, Unit: anyUnit, Change: refuseHour}, "2010-03-14T10:00:00Z"},
		{"2010-03-14T01:59:59", timeReader{Zone: angeles, Unit: anyUnit, Change: refuseHour}, "2010-03-14T09:59:59Z"},
		{"2010-11-07T01:30:00", timeReader{Zone: angeles, Unit: anyUnit, Change: earlierHour}, "2010-11-07T08:30:00Z"},
		{"2010-11-07T01:30:00", timeReader{Zone: angeles, Unit: anyUnit, Change: laterHour}, "2010-11-07T09:30:00Z"},
		{"2010-11-07T01:30:00", timeReader{Zone: angeles, Unit: anyUnit, Change: refuseHour}, ""},
		{"2010-11-07T02:00:00", timeReader{Zone: angeles, Unit: anyUnit, Change: refuseHour}, "2010-11-07T10:00:00Z"},
		{"2010-11-07T00:59:59", timeReader{Zone: angeles, Unit: anyUnit, Change: refuseHour}, "2010-11-07T07:59:59Z"},
		{"", timeReader{Zone: time.UTC, Unit: anyUnit}, ""},
		{"yesterday", timeReader{Zone: time.UTC, Unit: anyUnit}, ""},
		{"1e300", timeReader{Zone: time.UTC, Unit: anyUnit}, ""},
		{"2010-02-30", timeReader{Zone: time.UTC, Unit: anyUnit}, ""},
	} {
		got, err := tt.reader.read(tt.text)
		if (err == nil) != (tt.want != "") || err == nil && got.Time().Format(time.RFC3339Nano) != tt.want {
			t.Errorf("read(%q) in %s, %s: got %v, %v, want %s", tt.text, tt.reader.Zone, tt.reader.Change, got.Time(), err, tt.want)
		}
	}
}

func FuzzTimes(f *testing.F) {
	for _, seed := range []string{"2010-03-14T02:30:00", "1517966773840", "2010-11-07 01:30", "-1", "1e12", "2012", "٢٠١٠"} {
		f.Add(seed)
	}
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		reader := timeReader{Zone: zone, Unit: anyUnit, Change: earlierHour}
		got, err := reader.read(text)
		if err == nil && (got < domain.MinMillis-86400000 || got > domain.MaxMillis+86400000) {
			t.Errorf("read(%q): got %d, out of range", text, got)
		}
	})
}

func TestColumnsBecomeFields(t *testing.T) {
	t.Parallel()
	const content = "time,n,text,mixed,empty,code,gone,na\n1,1.5,a,1,,007,x,NA\n2,-2e3,b,x,,008,y,4\n3,,c,2,,009,z,5\n"
	survey, err := surveyTable(strings.NewReader(content), importOptions{TimeColumn: "time", Delimiter: ',', Skip: []string{"gone"},
		Rename: map[string]string{"n": "number"}, Missing: []string{"NA"}})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]domain.FieldType{}
	for _, field := range survey.Mapping.fields() {
		got[field.Name] = field.Type
	}
	want := map[string]domain.FieldType{"number": domain.NumberField, "text": domain.StringField, "mixed": domain.StringField,
		"empty": domain.StringField, "code": domain.StringField, "na": domain.NumberField}
	if diff := cmp.Diff(want, got); diff != "" || survey.Rows != 3 {
		t.Errorf("got %d rows and (-want +got):\n%s", survey.Rows, diff)
	}
}

func TestUnusableColumnsAreRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		header  string
		options importOptions
		want    string
	}{
		{"time,id,v", importOptions{TimeColumn: "time"}, "--skip 'id'"},
		{"time,v", importOptions{TimeColumn: "date"}, `no column "date"`},
		{"time,v", importOptions{TimeColumn: "time", SensorColumn: "place"}, `no column "place"`},
		{"time,v", importOptions{TimeColumn: "time", Skip: []string{"w"}}, `no column "w"`},
		{"time,a,b", importOptions{TimeColumn: "time", Rename: map[string]string{"a": "b"}}, "two columns"},
		{"time", importOptions{TimeColumn: "time"}, "no column with values"},
	} {
		tt.options.Delimiter = ','
		if _, err := surveyTable(strings.NewReader(tt.header+"\n"), tt.options); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s with %+v: got %v, want %q", tt.header, tt.options, err, tt.want)
		}
	}
}

func TestSensorsAreNamedAfterTheirValues(t *testing.T) {
	t.Parallel()
	survey := csvSurvey{Sensors: []string{"Seattle", "New York", "Zürich-HB", "LA", "42"}}
	for given, want := range map[string][]string{
		"weather":       {"weather_seattle", "weather_new_york", "weather_zuerich-hb", "weather_la", "weather_42"},
		"alice.weather": {"alice.weather_seattle", "alice.weather_new_york", "alice.weather_zuerich-hb", "alice.weather_la", "alice.weather_42"},
		"alice.":        {"alice.seattle", "alice.new_york", "alice.zuerich-hb", "alice.sensor_la", "alice.sensor_42"},
	} {
		targets, err := sensorTargets(given, survey)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, target := range targets {
			got = append(got, target.Ref)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", given, diff)
		}
	}
	if _, err := sensorTargets("weather", csvSurvey{Sensors: []string{"New York", "new-york", "New  York"}}); err == nil {
		t.Error("two values became one sensor")
	}
	if _, err := sensorTargets("weather", csvSurvey{Sensors: []string{"???"}}); err == nil {
		t.Error("a value without letters became a sensor")
	}
}

func FuzzSensorSlug(f *testing.F) {
	for _, seed := range []string{"New York", "LA", "42", "-x-", "日本", strings.Repeat("a b", 40), "_", "ÄÖÜ"} {
		f.Add("weather", seed)
		f.Add("", seed)
	}
	f.Fuzz(func(t *testing.T, prefix, text string) {
		slug := sensorSlug(slugOf(prefix), text)
		if slug != "" && domain.CheckSensorName(slug) != nil {
			t.Errorf("sensorSlug(%q, %q) = %q, which is no sensor name", prefix, text, slug)
		}
	})
}

func TestDurations(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{"90d": 90 * 24 * time.Hour, "2w": 14 * 24 * time.Hour, "1y": 365 * 24 * time.Hour,
		"24h": 24 * time.Hour, "1h30m": 90 * time.Minute, "0.5d": 12 * time.Hour} {
		if got, err := parseDuration(text); err != nil || got != want {
			t.Errorf("parseDuration(%q): got %s, %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "d", "0d", "-1d", "90", "1e9y", "NaNd", "Infd", "90 days", "0h"} {
		if got, err := parseDuration(text); err == nil {
			t.Errorf("parseDuration(%q): got %s, want an error", text, got)
		}
	}
}

func TestScopesAreNarrowedToThings(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		flags keyFlags
		want  string
	}{
		{keyFlags{}, "sensors.* readings.*"},
		{keyFlags{Scope: []string{"readings.write,sensors.read"}}, "readings.write sensors.read"},
		{keyFlags{Scope: []string{"readings.write"}, Thing: []string{"a.one1", "a.two2"}}, "readings.write:a.one1 readings.write:a.two2"},
		{keyFlags{Scope: []string{"readings.write:a.one1 sensors.read"}, Thing: []string{"a.two2"}}, "readings.write:a.one1 sensors.read:a.two2"},
	} {
		if got, err := tt.flags.scopes(ownScopes); err != nil || got.String() != tt.want {
			t.Errorf("%+v: got %q, %v, want %q", tt.flags, got, err, tt.want)
		}
	}
	if _, err := (keyFlags{Scope: []string{"profile"}, Thing: []string{"x"}}).scopes(ownScopes); exitCode(err) != exitUsage {
		t.Errorf("profile narrowed to a thing: got %v, want wrong usage", err)
	}
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 10, 0, 0, 500, time.UTC)
	for text, want := range map[string]string{"90d": "2027-02-19T10:00:00Z", "2027-01-31": "2027-01-31T00:00:00Z", "": "0001-01-01T00:00:00Z"} {
		if got, err := parseExpiry(text, now); err != nil || got.Format(time.RFC3339) != want {
			t.Errorf("parseExpiry(%q): got %s, %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"2020-01-01", "90", "1795255200000", "tomorrow"} {
		if got, err := parseExpiry(text, now); err == nil {
			t.Errorf("parseExpiry(%q): got %s, want an error", text, got)
		}
	}
}

func TestForeignTextCannotSteerTheTerminal(t *testing.T) {
	t.Parallel()
	if got, want := oneLine("a\x1b[31mb\nc\u009bd"), "a [31mb c d"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestValuesAreWrittenInFull(t *testing.T) {
	t.Parallel()
	if got, want := valuesText(map[string]any{"b": 12500000.0, "a": "x", "c": true}), "a=x b=12500000 c=true"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSentences(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"no such thing": "no such thing.", "Done.": "Done.", "  why? ": "why?", "": ""} {
		if got := sentence(text); got != want {
			t.Errorf("sentence(%q): got %q, want %q", text, got, want)
		}
	}
}
