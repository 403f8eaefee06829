package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// csvFile writes a CSV file with a row for each second.
func csvFile(t *testing.T, rows int, change func(line int, row string) string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("time,value,note\n")
	for i := range rows {
		row := fmt.Sprintf("%d,%d.5,n%d", 1_700_000_000+i, i, i)
		if change != nil {
			row = change(i+2, row)
		}
		b.WriteString(row + "\n")
	}
	name := filepath.Join(t.TempDir(), "data.csv")
	if err := os.WriteFile(name, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// importer runs imports of one user with one state folder.
type importer struct {
	t      *testing.T
	server *storeServer
	home   string
}

func newImporter(t *testing.T) *importer {
	return &importer{t: t, server: newStoreServer(t), home: t.TempDir()}
}

func (i *importer) run(args ...string) (int, importReport, string) {
	i.t.Helper()
	return i.runWith(i.t.Context(), args...)
}

func (i *importer) runWith(ctx context.Context, args ...string) (int, importReport, string) {
	i.t.Helper()
	var out, fault bytes.Buffer
	args = append([]string{"readings", "import", "--json"}, args...)
	code := Main(ctx, args, []string{"THINGWARD_SERVER=" + i.server.URL, "XDG_STATE_HOME=" + i.home}, strings.NewReader(""), &out, &fault)
	var report importReport
	if out.Len() > 0 {
		if err := json.Unmarshal(out.Bytes(), &report); err != nil {
			i.t.Fatalf("the answer is no JSON: %v\n%s", err, out.String())
		}
	}
	return code, report, fault.String()
}

// wantEachOnce fails unless the sensor has n readings with different times.
func (i *importer) wantEachOnce(sensor string, n int) {
	i.t.Helper()
	times := map[int64]bool{}
	stored := i.server.stored(sensor)
	for _, reading := range stored {
		times[reading.At] = true
	}
	if len(stored) != n || len(times) != n {
		i.t.Errorf("%s: got %d readings at %d times, want %d of each", sensor, len(stored), len(times), n)
	}
}

func (i *importer) wantNoProgressFile() {
	i.t.Helper()
	if left, _ := filepath.Glob(filepath.Join(i.home, "thingward", "imports", "*")); len(left) > 0 {
		i.t.Errorf("progress files are left: %v", left)
	}
}

func TestImportStoresEveryRowOnceHoweverOftenItRuns(t *testing.T) {
	t.Parallel()
	i := newImporter(t)
	file := csvFile(t, 2500, nil)
	code, report, stderr := i.run("greenhouse", file, "--time-column", "time", "--create")
	if code != exitOK || report.Stored != 2500 || !report.Complete {
		t.Fatalf("got code %d, %+v, %s", code, report, stderr)
	}
	if got, want := i.server.fieldTypes("greenhouse"), "value:number note:string"; got != want {
		t.Errorf("got fields %q, want %q", got, want)
	}
	code, report, _ = i.run("greenhouse", file, "--time-column", "time")
	if code != exitOK || report.Stored != 0 || report.Before != 2500 {
		t.Errorf("second run: got code %d, %+v; want all of it there before", code, report)
	}
	i.wantEachOnce("greenhouse", 2500)
	i.wantNoProgressFile()
	if _, report, _ = i.run("greenhouse", file, "--time-column", "time", "--label", "again"); report.Stored != 2500 {
		t.Errorf("under another label: got %d stored, want 2500", report.Stored)
	}
}

func TestImportSurvivesLossOfTheServerAtAnyPoint(t *testing.T) {
	t.Parallel()
	for try := 1; try <= 3; try++ {
		for _, late := range []string{"before it stored", "after it stored"} {
			t.Run(fmt.Sprintf("%s batch %d", late, try), func(t *testing.T) {
				t.Parallel()
				i := newImporter(t)
				file := csvFile(t, 2500, nil)
				i.server.dieAt(try, late == "after it stored")
				code, report, stderr := i.run("greenhouse", file, "--time-column", "time", "--create")
				if code != exitFailed || report.Complete || !strings.Contains(stderr, "same command") {
					t.Fatalf("got code %d, %+v, %q; want a failure that says how to go on", code, report, stderr)
				}
				i.server.revive()
				if code, report, stderr = i.run("greenhouse", file, "--time-column", "time"); code != exitOK || !report.Complete {
					t.Fatalf("got code %d, %+v, %q", code, report, stderr)
				}
				if got, want := i.server.sent(), 4-try; got != want {
					t.Errorf("the second run sent %d batches, want %d", got, want)
				}
				i.wantEachOnce("greenhouse", 2500)
				i.wantNoProgressFile()
			})
		}
	}
}

func TestImportNeedsNoProgressFileToStoreNothingTwice(t *testing.T) {
	t.Parallel()
	i := newImporter(t)
	file := csvFile(t, 2500, nil)
	i.server.dieAt(2, true)
	if code, _, _ := i.run("greenhouse", file, "--time-column", "time", "--create"); code != exitFailed {
		t.Fatalf("got code %d, want a failure", code)
	}
	i.server.revive()
	i.home = t.TempDir()
	if code, report, stderr := i.run("greenhouse", file, "--time-column", "time"); code != exitOK || report.Before != 2000 || report.Stored != 500 {
		t.Errorf("got code %d, %+v, %s", code, report, stderr)
	}
	i.wantEachOnce("greenhouse", 2500)
}

func TestImportStopsWhenItIsInterrupted(t *testing.T) {
	t.Parallel()
	i := newImporter(t)
	file := csvFile(t, 2500, nil)
	ctx, interrupt := context.WithCancel(t.Context())
	i.server.after = func(_ http.ResponseWriter, n int) bool {
		if n == 2 {
			interrupt()
		}
		return false
	}
	code, report, stderr := i.runWith(ctx, "greenhouse", file, "--time-column", "time", "--create")
	if code != exitFailed || report.Complete || !strings.Contains(stderr, "Interrupted") || !strings.Contains(stderr, "same command") {
		t.Fatalf("got code %d, %+v, %q", code, report, stderr)
	}
	i.server.revive()
	if code, _, stderr := i.run("greenhouse", file, "--time-column", "time"); code != exitOK {
		t.Fatalf("got code %d, %q", code, stderr)
	}
	i.wantEachOnce("greenhouse", 2500)
}

func TestImportReportsRefusedRowsByLineAndReason(t *testing.T) {
	t.Parallel()
	i := newImporter(t)
	i.server.sensors["greenhouse"] = map[string]any{"id": 7, "full_name": "alice.greenhouse", "created_at": "2026-01-01T00:00:00Z",
		"fields": []map[string]any{{"name": "value", "type": "number", "required": true}, {"name": "note", "type": "string"}}}
	bad := map[int]string{3: "1700000000,cold,n", 5: "yesterday,1,n", 7: "1700000000,,n", 9: "1700000000,1", 1500: "1700000000,1,a\"b", 1501: "4102444800,1,n"}
	file := csvFile(t, 2000, func(line int, row string) string {
		if wrong, ok := bad[line]; ok {
			return wrong
		}
		return row
	})
	refused := filepath.Join(t.TempDir(), "refused.csv")
	code, report, stderr := i.run("greenhouse", file, "--time-column", "time", "--refused", refused)
	if code != exitFailed || report.Stored != 1994 || !strings.Contains(stderr, "6 of 2000 rows were refused") {
		t.Errorf("got code %d, %d stored, %q", code, report.Stored, stderr)
	}
	reasons := map[int]string{3: "no number", 5: "is no time", 7: "required field value", 9: "2 columns", 1500: "not in quotes", 1501: "future"}
	if len(report.Refused) != len(bad) {
		t.Errorf("got %d refused rows, want %d: %+v", len(report.Refused), len(bad), report.Refused)
	}
	for _, row := range report.Refused {
		if want, ok := reasons[row.Line]; !ok || !strings.Contains(row.Reason, want) {
			t.Errorf("line %d: got %q, want %q", row.Line, row.Reason, want)
		}
	}
	got, err := os.ReadFile(refused)
	if err != nil {
		t.Fatal(err)
	}
	want := "time,value,note\n" + strings.Join([]string{bad[3], bad[5], bad[7], bad[9], bad[1500], bad[1501]}, "\n") + "\n"
	if string(got) != want {
		t.Errorf("refused file: got %q, want %q", got, want)
	}
	i.wantEachOnce("greenhouse", 1994)
	i.wantNoProgressFile()
}

func TestImportFindsTheRowsThatTheServerRefuses(t *testing.T) {
	t.Parallel()
	for _, vague := range []string{"named", "unnamed"} {
		t.Run(vague, func(t *testing.T) {
			t.Parallel()
			i := newImporter(t)
			i.server.vague = vague == "unnamed"
			i.server.refuse = func(r wireReading) string {
				if note := r.Values["note"]; note == "n0" || note == "n500" || note == "n501" || note == "n999" || note == "n1999" {
					return "This note is not welcome."
				}
				return ""
			}
			file := csvFile(t, 2500, nil)
			code, report, stderr := i.run("greenhouse", file, "--time-column", "time", "--create")
			if code != exitFailed || report.Stored != 2495 {
				t.Errorf("got code %d, %d stored, %s", code, report.Stored, stderr)
			}
			lines := []int{}
			for _, row := range report.Refused {
				lines = append(lines, row.Line)
				if row.Reason != "This note is not welcome." {
					t.Errorf("line %d: got %q", row.Line, row.Reason)
				}
			}
			if got, want := fmt.Sprint(lines), "[2 502 503 1001 2001]"; got != want {
				t.Errorf("got lines %s, want %s", got, want)
			}
			if code, report, _ := i.run("greenhouse", file, "--time-column", "time"); code != exitFailed || report.Stored != 0 {
				t.Errorf("second run: got code %d, %d stored; want a failure and none", code, report.Stored)
			}
			i.wantEachOnce("greenhouse", 2495)
		})
	}
}

func TestImportStoresNothingTwiceWhenRowsBecomeGood(t *testing.T) {
	t.Parallel()
	i := newImporter(t)
	i.server.refuse = func(r wireReading) string {
		if r.Values["note"] == "n7" {
			return "Not yet."
		}
		return ""
	}
	file := csvFile(t, 1200, nil)
	if code, report, _ := i.run("greenhouse", file, "--time-column", "time", "--create"); code != exitFailed || report.Stored != 1199 {
		t.Fatalf("got code %d, %+v", code, report)
	}
	i.server.revive()
	if code, report, _ := i.run("greenhouse", file, "--time-column", "time"); code != exitFailed || report.Stored != 0 || report.Unsure != 1000 {
		t.Errorf("got code %d, %+v; want a failure and nothing stored", code, report)
	}
	i.wantEachOnce("greenhouse", 1199)
}

func TestImportStopsAtRefusalsThatNoRowCanHelp(t *testing.T) {
	t.Parallel()
	for status, code := range map[int]string{http.StatusForbidden: "insufficient_scope", http.StatusNotFound: "sensor_not_found", http.StatusInternalServerError: "internal"} {
		i := newImporter(t)
		i.server.before = func(w http.ResponseWriter, _ int) bool {
			problem(w, status, code, "This needs something else.", nil)
			return true
		}
		got, report, stderr := i.run("greenhouse", csvFile(t, 1200, nil), "--time-column", "time", "--create")
		if got != exitFailed || i.server.sent() != 1 || report.Complete || !strings.Contains(stderr, "This needs something else.") {
			t.Errorf("%d: got code %d after %d requests, %q", status, got, i.server.sent(), stderr)
		}
	}
}

func TestImportWaitsWhenItIsPutOff(t *testing.T) {
	t.Parallel()
	i := newImporter(t)
	i.server.before = func(w http.ResponseWriter, n int) bool {
		if n == 1 {
			w.Header().Set("Retry-After", "1")
			problem(w, http.StatusServiceUnavailable, "busy", "Try again.", nil)
		}
		return n == 1
	}
	if code, report, stderr := i.run("greenhouse", csvFile(t, 10, nil), "--time-column", "time", "--create"); code != exitOK || report.Stored != 10 {
		t.Errorf("got code %d, %+v, %s", code, report, stderr)
	}
}

func TestImportWorksWithAKeyThatMayOnlyWriteReadings(t *testing.T) {
	t.Parallel()
	i := newImporter(t)
	i.server.hidden = true
	file := csvFile(t, 1200, nil)
	for run := range 2 {
		if code, report, stderr := i.run("greenhouse", file, "--time-column", "time"); code != exitOK || report.Stored != 1200*(1-run) {
			t.Errorf("run %d: got code %d, %+v, %s", run, code, report, stderr)
		}
	}
}

func TestImportWithoutCreateNeedsTheSensor(t *testing.T) {
	t.Parallel()
	i := newImporter(t)
	if code, _, stderr := i.run("greenhouse", csvFile(t, 1, nil), "--time-column", "time"); code != exitFailed || !strings.Contains(stderr, "--create") {
		t.Errorf("got code %d, %q", code, stderr)
	}
}

// sharedData returns a file of the real data that lies beside the project.
func sharedData(t *testing.T, name string) string {
	t.Helper()
	folder := os.Getenv("THINGWARD_TEST_DATA")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "shared", "data")
	}
	file := filepath.Join(folder, name)
	if _, err := os.Stat(file); err != nil {
		t.Skipf("no real data here: put %s into %s or set THINGWARD_TEST_DATA", name, folder)
	}
	return file
}

func TestImportLoadsRealFilesAsTheyAre(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		file   string
		args   []string
		stored map[string]int
		fields map[string]string
	}{
		{"seattle-weather-hourly-normals.csv", []string{"seattle", "--time-column", "date", "--time-zone", "America/Los_Angeles"},
			map[string]int{"seattle": 8759}, map[string]string{"seattle": "pressure:number temperature:number wind:number"}},
		{"weather.csv", []string{"weather", "--time-column", "date", "--sensor-column", "location"},
			map[string]int{"weather_seattle": 1461, "weather_new_york": 1461},
			map[string]string{"weather_new_york": "precipitation:number temp_max:number temp_min:number wind:number weather:string"}},
		{"earthquakes.csv", []string{"quakes", "--time-column", "time_ms"},
			map[string]int{"quakes": 1707}, map[string]string{"quakes": "lat:number lng:number depth_km:number magnitude:number place:string"}},
	} {
		t.Run(tt.file, func(t *testing.T) {
			t.Parallel()
			i := newImporter(t)
			file := sharedData(t, tt.file)
			code, report, stderr := i.run(append(tt.args, file, "--create")...)
			if code != exitOK || len(report.Refused) != 0 {
				t.Fatalf("got code %d, %d refused: %s", code, len(report.Refused), stderr)
			}
			for sensor, want := range tt.stored {
				if got := len(i.server.stored(sensor)); got != want {
					t.Errorf("%s: got %d readings, want %d", sensor, got, want)
				}
			}
			for sensor, want := range tt.fields {
				if got := i.server.fieldTypes(sensor); got != want {
					t.Errorf("%s: got %q, want %q", sensor, got, want)
				}
			}
			if code, report, _ := i.run(append(tt.args, file)...); code != exitOK || report.Stored != 0 {
				t.Errorf("second run: got code %d, %d stored", code, report.Stored)
			}
		})
	}
}
