package app

import "time"

// Now reads the clock. Everything else is handed a clock, so that tests can
// hand it theirs.
func Now() time.Time { return time.Now() }
