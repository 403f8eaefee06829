package ttn

import (
	"math"
	"net/http"
	"net/url"
	"strconv"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// listEndDevices answers the end devices of an application: those of a page,
// where limit or offset is given, or all of them, in pieces.
func (d *Door) listEndDevices(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	found, err := d.registered(r, c, domain.ApplicationDevices)
	if err != nil {
		return err
	}
	limit, offset, err := readRange(r.URL.Query())
	if err != nil {
		return err
	}
	wanted := endDeviceRange{door: d, r: r, caller: c, app: found.Name, limit: limit, offset: offset}
	devices, more, err := wanted.next()
	if err != nil {
		return err
	}
	w.Header().Set("Grpc-Metadata-Total", strconv.Itoa(wanted.total))
	w.Header().Set("Grpc-Metadata-Selected", strconv.Itoa(wanted.selected()))
	if len(devices) == 0 {
		return succeeded(w) // as programs compare it
	}
	first := true
	return writeArray(w, `{"devices":[`, `]}`, func() ([]endDeviceJSON, bool, error) {
		if !first {
			if devices, more, err = wanted.next(); err != nil {
				return nil, false, err
			}
		}
		first = false
		return endDevicesAsJSON(found.Name, devices), more, nil
	})
}

// readRange reads limit and offset: whole numbers, of which a limit of 0
// stands for all.
func readRange(query url.Values) (limit, offset int, err error) {
	for name, into := range map[string]*int{"limit": &limit, "offset": &offset} {
		text := query.Get(name)
		if text == "" {
			continue
		}
		number, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return 0, 0, domain.InvalidField(name, "%s is a whole number from 0.", name)
		}
		*into = int(min(number, math.MaxInt32))
	}
	return limit, offset, nil
}

func (d *Door) showEndDevice(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	found, err := d.registered(r, c, domain.ApplicationDevices)
	if err != nil {
		return err
	}
	device, err := d.Applications.EndDevice(r.Context(), c, found.Name, r.PathValue("device"))
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, endDeviceAsJSON(found.Name, device))
}

func (d *Door) setEndDevice(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	found, err := d.registered(r, c, domain.ApplicationDevices)
	if err != nil {
		return err
	}
	body, err := web.ReadBody(w, r, web.SmallBody)
	if err != nil {
		return err
	}
	device, err := readEndDevice(body, found.Name, r.PathValue("device"))
	if err != nil {
		return err
	}
	if _, err := d.Applications.SetEndDevice(r.Context(), c, found.Name, device); err != nil {
		return err
	}
	return succeeded(w)
}

func (d *Door) deleteEndDevice(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	found, err := d.registered(r, c, domain.ApplicationDevices)
	if err != nil {
		return err
	}
	if err := d.Applications.DeleteEndDevice(r.Context(), c, found.Name, r.PathValue("device")); err != nil {
		return err
	}
	return succeeded(w)
}
