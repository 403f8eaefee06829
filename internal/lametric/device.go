package lametric

import (
	"encoding/json"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/resourceserver/device"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/web"
)

// deviceJSON has all ten fields always: a program that misses one in one
// device drops the whole list.
type deviceJSON struct {
	ID           domain.DeviceID    `json:"id"`
	Name         string             `json:"name"`
	State        domain.DeviceState `json:"state"`
	SerialNumber string             `json:"serial_number"`
	APIKey       string             `json:"api_key"`
	IPv4         string             `json:"ipv4_internal"`
	MAC          string             `json:"mac"`
	SSID         string             `json:"wifi_ssid"`
	CreatedAt    string             `json:"created_at"`
	UpdatedAt    string             `json:"updated_at"`
}

func asJSON(d domain.Device, key secret.Secret, zone *time.Location) deviceJSON {
	return deviceJSON{ID: d.ID, Name: d.Name, State: d.State, SerialNumber: d.SerialNumber, APIKey: key.Reveal(), IPv4: d.IPv4, MAC: d.MAC, SSID: d.SSID,
		CreatedAt: withOffset(d.CreatedAt, zone), UpdatedAt: withOffset(d.UpdatedAt, zone)}
}

// withOffset prints a time with a numeric offset, never "Z".
func withOffset(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("2006-01-02T15:04:05-07:00")
}

// listDevices answers an array of all of them: the contract has no pages.
func (d *Door) listDevices(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	ctx, zone := r.Context(), c.User.Location()
	all := []deviceJSON{}
	for page := (domain.Page{Limit: domain.MaxPageLimit}); ; {
		listed, err := d.Devices.List(ctx, c, page)
		if err != nil {
			return err
		}
		keys, err := d.Devices.LANKeys(ctx, c, listed.Items)
		if err != nil {
			return err
		}
		for _, device := range listed.Items {
			all = append(all, asJSON(device, keys[device.ID], zone))
		}
		if page.Cursor = listed.Next; page.Cursor == "" {
			break
		}
	}
	web.NotKept(w)
	return writeJSON(w, all)
}

func (d *Door) showDevice(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	found, err := d.Devices.Find(r.Context(), c, r.PathValue("device"))
	if err != nil {
		return err
	}
	key, err := d.Devices.LANKey(r.Context(), c, found)
	if err != nil {
		return err
	}
	web.NotKept(w)
	return writeJSON(w, asJSON(found, key, c.User.Location()))
}

// renamed tells a writer no more than he wrote: he may not be one who reads.
type renamed struct {
	Success struct {
		ID   domain.DeviceID `json:"id"`
		Name string          `json:"name"`
	} `json:"success"`
}

func (d *Door) renameDevice(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	// Who may not change the device learns nothing of the body's faults.
	if _, err := d.Devices.Finder.Device(r.Context(), c, r.PathValue("device"), domain.DeviceWrite); err != nil {
		return err
	}
	name, err := readName(w, r)
	if err != nil {
		return err
	}
	changed, err := d.Devices.Edit(r.Context(), c, r.PathValue("device"), device.Edit{Name: &name})
	if err != nil {
		return err
	}
	var answer renamed
	answer.Success.ID, answer.Success.Name = changed.ID, changed.Name
	web.NotKept(w)
	return writeJSON(w, answer)
}

// readName reads {"name":"…"}. Other attributes count for nothing, as clients
// send back what they got.
func readName(w http.ResponseWriter, r *http.Request) (string, error) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/json" && !strings.HasSuffix(media, "+json") {
		return "", domain.Errorf(domain.UnsupportedMedia, "media_type", "Send the body as Content-Type: application/json.")
	}
	body, err := web.ReadBody(w, r, web.SmallBody)
	if err != nil {
		return "", err
	}
	if err := web.CheckJSON(body); err != nil {
		return "", err
	}
	var in map[string]json.RawMessage
	if err := json.Unmarshal(body, &in); err != nil || in == nil {
		return "", domain.Errorf(domain.Invalid, "invalid_json", "The body is no JSON object.")
	}
	var name *string
	if err := json.Unmarshal(in["name"], &name); err != nil || name == nil {
		return "", domain.InvalidField("name", "name is missing, or no text.")
	}
	return *name, nil
}
