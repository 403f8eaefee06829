package domain

import (
	"time"

	"github.com/thingward/thingward/internal/secret"
)

// PushApp is an app on LaMetric clocks that is given what it shows: the frames
// that its maker pushed last.
type PushApp struct {
	Client   ClientID
	Package  string      // 32 hexadecimal digits
	Token    secret.Hash // of the push token
	Version  string      // as the last push named it; empty: it named none
	Frames   string      // JSON array; empty: nothing was pushed yet
	PushedAt time.Time
}
