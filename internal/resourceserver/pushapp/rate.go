package pushapp

import (
	"time"

	"github.com/thingward/thingward/internal/guard"
)

// pushBound is how often an app is pushed to. Only valid tokens are counted:
// nobody can hold another's app back.
var pushBound = guard.Bound{Burst: 30, Every: time.Second, Code: "too_many_pushes", Message: "This app is pushed to more than once a second. Slow down."}
