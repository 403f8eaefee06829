package pushapp

import (
	"bytes"
	"encoding/json"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// Limits of what an app shows.
const (
	maxFrames = 100
	maxText   = 1000 // characters of a frame
	maxChart  = 1000 // bars
)

// readFrames checks {"frames":[…]} and returns the frames as JSON. What is
// not known of a frame is kept: clocks may know it.
func readFrames(body []byte) (string, error) {
	if err := web.CheckJSON(body); err != nil {
		return "", err
	}
	var whole map[string]json.RawMessage
	if err := json.Unmarshal(body, &whole); err != nil {
		return "", &domain.Error{Kind: domain.Invalid, Code: "invalid_json", Message: "The body is no JSON object with frames.", Err: err}
	}
	var frames []map[string]json.RawMessage
	if err := json.Unmarshal(whole["frames"], &frames); err != nil || len(frames) == 0 || len(frames) > maxFrames {
		return "", domain.InvalidField("frames", "frames is an array of 1 to %d frames.", maxFrames)
	}
	for i, frame := range frames {
		if fault := checkFrame(frame); fault != "" {
			return "", domain.InvalidField("frames", "Frame %d: %s", i, fault)
		}
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, whole["frames"]); err != nil {
		return "", err // impossible: it was read just now
	}
	return compact.String(), nil
}

// checkFrame says what is wrong with a frame; nothing where it is fine.
func checkFrame(frame map[string]json.RawMessage) string {
	shows := false
	for _, part := range []struct {
		name  string
		check func(json.RawMessage) bool
		fault string
	}{
		{"text", isText, "text is a text of at most 1,000 characters."},
		{"icon", isIcon, `icon is a code such as "i620", its number, or null.`},
		{"goalData", isGoal, "goalData has the numbers start, current and end, and a unit."},
		{"chartData", isChart, "chartData is an array of whole numbers."},
	} {
		value, there := frame[part.name]
		if !there {
			continue
		}
		if !part.check(value) {
			return part.fault
		}
		shows = shows || part.name != "icon" || !isNull(value)
	}
	if index, there := frame["index"]; there && !isNumber(index) {
		return "index is a whole number from 0."
	}
	if !shows {
		return "it shows nothing: it needs a text, an icon, goalData or chartData."
	}
	return ""
}

func isNull(value json.RawMessage) bool { return string(value) == "null" }

func isText(value json.RawMessage) bool {
	var text *string
	return json.Unmarshal(value, &text) == nil && text != nil && len([]rune(*text)) <= maxText
}

// isNumber accepts whole numbers from 0.
func isNumber(value json.RawMessage) bool {
	var n *uint32
	return json.Unmarshal(value, &n) == nil && n != nil
}

func isIcon(value json.RawMessage) bool {
	var text string
	return isNull(value) || isNumber(value) || json.Unmarshal(value, &text) == nil
}

func isGoal(value json.RawMessage) bool {
	var goal *struct {
		Start, Current, End *float64
		Unit                string
	}
	return json.Unmarshal(value, &goal) == nil && goal != nil && goal.Start != nil && goal.Current != nil && goal.End != nil
}

func isChart(value json.RawMessage) bool {
	var bars []int64
	return json.Unmarshal(value, &bars) == nil && bars != nil && len(bars) <= maxChart
}
