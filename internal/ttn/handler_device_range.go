package ttn

import (
	"math"
	"net/http"

	"github.com/thingward/thingward/internal/domain"
)

// endDeviceRange reads end devices of an application piece by piece.
type endDeviceRange struct {
	door   *Door
	r      *http.Request
	caller domain.Caller
	app    string
	limit  int // 0: all behind the offset
	offset int
	done   int    // how many came
	cursor string // behind the last piece
	total  int    // of the application
}

// selected is how many lie in the range.
func (e *endDeviceRange) selected() int { return min(max(0, e.total-e.offset), e.atMost()) }

func (e *endDeviceRange) atMost() int {
	if e.limit == 0 {
		return math.MaxInt32
	}
	return e.limit
}

// next returns the next piece, and whether there are more behind it. From the
// beginning it goes on from cursor to cursor, because skipping costs what is
// skipped.
func (e *endDeviceRange) next() (devices []domain.EndDevice, more bool, err error) {
	some := min(e.atMost()-e.done, piece)
	if e.offset == 0 {
		listed, err := e.door.Applications.EndDevices(e.r.Context(), e.caller, e.app, domain.Page{Limit: some, Cursor: e.cursor})
		if err != nil {
			return nil, false, err
		}
		devices, more, e.cursor, e.total = listed.Items, listed.Next != "", listed.Next, listed.Total
	} else {
		devices, e.total, err = e.door.Applications.EndDevicesAt(e.r.Context(), e.caller, e.app, some, e.offset+e.done)
		if err != nil {
			return nil, false, err
		}
		more = len(devices) == some && e.offset+e.done+some < e.total
	}
	e.done += len(devices)
	return devices, more && e.done < e.atMost(), nil
}
