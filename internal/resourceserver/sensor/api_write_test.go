package sensor

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/thingward/thingward/internal/domain"
)

// Whatever a sensor holds, what is written is JSON and reads back the same.
func FuzzAppendSensor(f *testing.F) {
	for _, seed := range []string{"plain", `"quoted" \ back`, "a\nb\x00\x1f\x7f", "Süd 🌡 \u2028", "bad \xff utf-8", "</script>"} {
		f.Add(seed, 1e-9)
	}
	f.Fuzz(func(t *testing.T, text string, number float64) {
		if number-number != 0 {
			return // not finite: refused long before
		}
		sensor := domain.Sensor{LongName: text, Description: text, Latitude: number, Tags: []string{text, text},
			Metadata: map[string]domain.Value{text: domain.Text(text), text + "2": domain.Number(number)},
			Fields:   []domain.Field{{Name: "value", LongName: text, Type: domain.StringField, Units: text}}}
		state := domain.SensorState{Last: map[string]domain.LastValue{"value": {Value: domain.Text(text)}}}
		var got struct {
			LongName string `json:"long_name"`
			Latitude float64
			Tags     []string
			Metadata map[string]any
			Fields   []struct{ Units, Value string }
		}
		body := appendSensor(nil, sensor, state)
		if err := json.Unmarshal(body, &got); err != nil {
			t.Fatalf("%v in %s", err, body)
		}
		want := string([]rune(text)) // invalid bytes become U+FFFD
		if got.LongName != want || got.Latitude != number || got.Tags[1] != want || got.Fields[0].Value != want || got.Fields[0].Units != want ||
			len(got.Metadata) != 2 || got.Metadata[want] != want {
			t.Errorf("%q came back as %+v", text, got)
		}
	})
}

func FuzzReadCursor(f *testing.F) {
	f.Add(cursor(sensorCursor, 17))
	f.Add(cursor(tagCursor, 0))
	f.Add("%%%")
	f.Fuzz(func(t *testing.T, text string) {
		n, err := readCursor(sensorCursor, text)
		if err == nil && n < 0 {
			t.Errorf("%q reads as %d", text, n)
		}
		if again, err := readCursor(sensorCursor, cursor(sensorCursor, max(n, 0))); err != nil || again != n {
			t.Errorf("%q: %d reads as %d, %v", text, n, again, err)
		}
		if _, err := readCursor(tagCursor, cursor(sensorCursor, max(n, 0))); err == nil {
			t.Error("a cursor of one list was taken by another")
		}
	})
}

func TestCursorsAreOpaque(t *testing.T) {
	t.Parallel()
	if text := cursor(sensorCursor, 17); strings.Contains(text, "17") {
		t.Errorf("got %s", text)
	}
}
