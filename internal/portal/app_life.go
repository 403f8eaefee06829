package portal

import (
	"strconv"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// lifeUnits are the units in which forms take and say lives, largest first.
var lifeUnits = []struct {
	letter, name string
	lasts        time.Duration
}{{"d", "day", day}, {"h", "hour", time.Hour}, {"m", "minute", time.Minute}, {"s", "second", time.Second}}

func counted(n int64, word string) string {
	if n != 1 {
		word += "s"
	}
	return strconv.FormatInt(n, 10) + " " + word
}

// lifeText prints a life as lifeOf reads it; none is empty.
func lifeText(d time.Duration) string {
	for _, unit := range lifeUnits {
		if d >= unit.lasts && d%unit.lasts == 0 {
			return strconv.FormatInt(int64(d/unit.lasts), 10) + unit.letter
		}
	}
	return ""
}

// lifeOf reads a number with its unit: "30m", "12 h", "60d". Empty is the
// usual life.
func lifeOf(f *form, name string) (time.Duration, error) {
	text := strings.ToLower(strings.ReplaceAll(f.text(name), " ", ""))
	if text == "" {
		return 0, nil
	}
	for _, unit := range lifeUnits {
		digits, found := strings.CutSuffix(text, unit.letter)
		n, err := strconv.ParseInt(digits, 10, 32)
		if found && err == nil && n > 0 && n <= int64(10*365*day/unit.lasts) {
			return time.Duration(n) * unit.lasts, nil
		}
	}
	return 0, domain.InvalidField(name, "Enter a number with s, m, h or d behind it, such as 30m, 12h or 60d, or nothing.")
}
