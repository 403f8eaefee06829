package app

import (
	"time"
	_ "time/tzdata" // zones where the machine has none: the binary is all there is
)

// Now reads the clock. Everything else is handed a clock, so that tests can
// hand it theirs.
func Now() time.Time { return time.Now() }
