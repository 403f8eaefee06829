package device

import (
	"net/http"
	"strconv"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/web"
)

// Routes are the devices of the native API. Nothing of a device is public.
func (s *Service) Routes() []web.Route {
	read, write := web.Scoped(domain.ScopeDevicesRead), web.Scoped(domain.ScopeDevicesWrite)
	return []web.Route{
		{Pattern: "GET /api/v1/devices", Need: read, Handle: s.list},
		{Pattern: "POST /api/v1/devices", Need: write, Handle: s.create},
		{Pattern: "GET /api/v1/devices/{device}", Need: read, Handle: s.show},
		{Pattern: "PATCH /api/v1/devices/{device}", Need: write, Handle: s.change},
		{Pattern: "DELETE /api/v1/devices/{device}", Need: write, Handle: s.remove},
		{Pattern: "POST /api/v1/devices/{device}/rotate-lan-key", Need: write, Handle: s.rotate},
	}
}

// named is what a credential is told that may change a device but not see it.
type named struct {
	ID    domain.DeviceID `json:"id"`
	Owner string          `json:"owner"`
	Name  string          `json:"name"`
}

type deviceJSON struct {
	named
	State        domain.DeviceState `json:"state"`
	SerialNumber string             `json:"serial_number"`
	Model        string             `json:"model"`
	LANKey       string             `json:"lan_key"`
	IPv4         string             `json:"ipv4_internal"`
	MAC          string             `json:"mac"`
	SSID         string             `json:"wifi_ssid"`
	CreatedAt    time.Time          `json:"created_at"`
	UpdatedAt    time.Time          `json:"updated_at"`
}

func namedOf(d domain.Device) named { return named{d.ID, d.OwnerName, d.Name} }

func asJSON(d domain.Device, key secret.Secret) deviceJSON {
	return deviceJSON{named: namedOf(d), State: d.State, SerialNumber: d.SerialNumber, Model: d.Model, LANKey: key.Reveal(),
		IPv4: d.IPv4, MAC: d.MAC, SSID: d.SSID, CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt}
}

func (s *Service) list(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	page, err := web.ReadPage(r)
	if err != nil {
		return err
	}
	listed, err := s.List(r.Context(), c, page)
	if err != nil {
		return err
	}
	keys, err := s.LANKeys(r.Context(), c, listed.Items)
	if err != nil {
		return err
	}
	web.NotKept(w)
	return web.WriteList(w, r, listed, func(d domain.Device) deviceJSON { return asJSON(d, keys[d.ID]) })
}

// deviceBody is a device as requests write it. What is missing or null is
// left as it is.
type deviceBody struct {
	Name         *string             `json:"name"`
	State        *domain.DeviceState `json:"state"`
	SerialNumber *string             `json:"serial_number"`
	Model        *string             `json:"model"`
	LANKey       *string             `json:"lan_key"`
	IPv4         *string             `json:"ipv4_internal"`
	MAC          *string             `json:"mac"`
	SSID         *string             `json:"wifi_ssid"`
}

func textOf(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

func (s *Service) create(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	var in deviceBody
	if err := web.DecodeJSON(w, r, web.SmallBody, &in); err != nil {
		return err
	}
	wanted := New{Name: textOf(in.Name), SerialNumber: textOf(in.SerialNumber), Model: textOf(in.Model), IPv4: textOf(in.IPv4),
		MAC: textOf(in.MAC), SSID: textOf(in.SSID), LANKey: secret.New(textOf(in.LANKey))}
	if in.State != nil {
		wanted.State = *in.State
	}
	made, key, err := s.Create(r.Context(), c, wanted)
	if err != nil {
		return err
	}
	web.NotKept(w)
	w.Header().Set("Location", "/api/v1/devices/"+strconv.FormatInt(int64(made.ID), 10))
	return web.WriteJSON(w, http.StatusCreated, asJSON(made, key))
}

func (s *Service) show(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	device, err := s.Find(r.Context(), c, r.PathValue("device"))
	if err != nil {
		return err
	}
	return s.answer(w, r, c, device)
}

// answer writes a device: whole for who may see it.
func (s *Service) answer(w http.ResponseWriter, r *http.Request, c domain.Caller, device domain.Device) error {
	if !guard.May(c, domain.DeviceRead, device.Thing()) {
		return web.WriteJSON(w, http.StatusOK, namedOf(device))
	}
	key, err := s.LANKey(r.Context(), c, device)
	if err != nil {
		return err
	}
	web.NotKept(w)
	return web.WriteJSON(w, http.StatusOK, asJSON(device, key))
}

func (s *Service) change(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	// Who may not change the device learns nothing of the body's faults.
	device, err := s.Finder.Device(r.Context(), c, r.PathValue("device"), domain.DeviceWrite)
	if err != nil {
		return err
	}
	var in deviceBody
	if err := web.DecodeJSON(w, r, web.SmallBody, &in); err != nil {
		return err
	}
	switch {
	case in.SerialNumber != nil && *in.SerialNumber != device.SerialNumber:
		return domain.InvalidField("serial_number", "The serial number of a device cannot change.")
	case in.LANKey != nil:
		return domain.InvalidField("lan_key", "A LAN key is not set here. Make a new one with rotate-lan-key.")
	}
	edit := Edit{Name: in.Name, Model: in.Model, IPv4: in.IPv4, MAC: in.MAC, SSID: in.SSID, State: in.State}
	changed, err := s.Edit(r.Context(), c, r.PathValue("device"), edit)
	if err != nil {
		return err
	}
	return s.answer(w, r, c, changed)
}

func (s *Service) remove(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return web.WriteDone(w, s.Delete(r.Context(), c, r.PathValue("device")))
}

func (s *Service) rotate(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	device, key, err := s.RotateLANKey(r.Context(), c, r.PathValue("device"))
	if err != nil {
		return err
	}
	web.NotKept(w)
	return web.WriteJSON(w, http.StatusOK, asJSON(device, key))
}
