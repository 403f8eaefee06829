package cli

import (
	"math"
	"strconv"
	"time"
)

// parseDuration reads "90d", "2w" and "1y" (365 days) besides what Go reads
// ("24h", "90m"). Only durations above zero are good.
func parseDuration(text string) (time.Duration, error) {
	if d, err := time.ParseDuration(text); err == nil && d > 0 {
		return d, nil
	}
	days := map[byte]float64{'d': 1, 'w': 7, 'y': 365}
	if len(text) > 1 {
		n, err := strconv.ParseFloat(text[:len(text)-1], 64)
		hours := n * 24 * days[text[len(text)-1]]
		if err == nil && hours > 0 && hours < math.MaxInt64/float64(time.Hour) {
			return time.Duration(hours * float64(time.Hour)), nil
		}
	}
	return 0, usagef("%q is no duration. Examples: 90d, 2w, 24h, 1y.", clipCell(text))
}
