package web

import (
	"net/http"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// ReadOverlap reads the body of a rotation: how long the old secret works on.
// An empty request is one with nothing but defaults.
func ReadOverlap(w http.ResponseWriter, r *http.Request) (time.Duration, error) {
	var in struct {
		Seconds int64 `json:"overlap_seconds"`
	}
	if r.ContentLength != 0 || r.Header.Get("Content-Type") != "" {
		if err := DecodeJSON(w, r, SmallBody, &in); err != nil {
			return 0, err
		}
	}
	// A number that no time has room for is too long, and not turned around.
	overlap := time.Duration(max(-1, min(in.Seconds, int64(domain.MaxOverlap/time.Second)+1))) * time.Second
	return overlap, domain.CheckOverlap(overlap)
}
