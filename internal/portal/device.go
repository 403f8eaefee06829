package portal

import (
	"context"
	"net/http"
	"strconv"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/resourceserver/device"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/web"
)

const devicePageSize = 50

// DeviceActs is what people do with single devices.
type DeviceActs interface {
	Find(ctx context.Context, c domain.Caller, ref string) (domain.Device, error)
	Create(ctx context.Context, c domain.Caller, wanted device.New) (domain.Device, secret.Secret, error)
	Edit(ctx context.Context, c domain.Caller, ref string, edit device.Edit) (domain.Device, error)
	Delete(ctx context.Context, c domain.Caller, ref string) error
	LANKey(ctx context.Context, c domain.Caller, d domain.Device) (secret.Secret, error)
	RotateLANKey(ctx context.Context, c domain.Caller, ref string) (domain.Device, secret.Secret, error)
	Kept() bool
}

func (p *Portal) deviceRoutes() []web.Route {
	person := web.Person()
	return []web.Route{
		{Pattern: "GET /devices", Need: person, Handle: p.devices},
		{Pattern: "GET /devices/new", Need: person, Handle: p.newDeviceForm},
		{Pattern: "POST /devices/new", Need: person, Handle: p.newDevice},
		{Pattern: "GET /devices/{device}", Need: person, Handle: p.device},
		{Pattern: "GET /devices/{device}/edit", Need: person, Handle: p.editDeviceForm},
		{Pattern: "POST /devices/{device}/edit", Need: person, Handle: p.editDevice},
		{Pattern: "POST /devices/{device}/lan-key", Need: person, Handle: p.viewLANKey},
		{Pattern: "GET /devices/{device}/rotate-lan-key", Need: person, Handle: p.rotateLANKeyForm},
		{Pattern: "POST /devices/{device}/rotate-lan-key", Need: person, Handle: p.rotateLANKey},
		{Pattern: "GET /devices/{device}/delete", Need: person, Handle: p.deleteDeviceForm},
		{Pattern: "POST /devices/{device}/delete", Need: person, Handle: p.deleteDevice},
	}
}

type devicesPage struct {
	layout
	Devices []shownDevice
	Pager   pager
}

func (devicesPage) template() string { return "devices" }

type devicePage struct {
	layout
	Device shownDevice
	Kept   bool
	May    deviceMay
}

// deviceMay says what the viewer may do with a device.
type deviceMay struct{ Write, Delete bool }

func (devicePage) template() string { return "device" }

// lanKeyPage shows the LAN key of a device.
type lanKeyPage struct {
	layout
	Device  shownDevice
	Heading string
	Advice  string
	Key     string
}

func (lanKeyPage) template() string { return "device_lan_key" }

// shownDevice is a device as pages show it.
type shownDevice struct {
	ID                              int64
	Href, Name, Serial, Model       string
	Address, MAC, Wifi, Owner, Curl string
	SharedBy                        string // its owner, where the viewer works on it for him
	Added, Changed                  moment
	State                           state
}

// deviceTones are the badges of the states.
var deviceTones = map[domain.DeviceState]string{domain.DeviceNew: "warn", domain.DeviceConfigured: "ok", domain.DeviceBanned: "bad"}

func deviceHref(id domain.DeviceID) string { return "/devices/" + strconv.FormatInt(int64(id), 10) }

func (p *Portal) shownDeviceOf(c domain.Caller, d domain.Device) shownDevice {
	now, zone := p.Now(), c.User.Location()
	shown := shownDevice{ID: int64(d.ID), Href: deviceHref(d.ID), Name: d.Name, Serial: d.SerialNumber, Model: d.Model, Address: d.IPv4, MAC: d.MAC, Wifi: d.SSID,
		Owner: d.OwnerName, Added: momentOf(d.CreatedAt, now, zone), Changed: momentOf(d.UpdatedAt, now, zone), State: state{string(d.State), deviceTones[d.State]}}
	if d.Given != 0 && !c.Is(domain.UserID(d.Owner)) {
		shown.SharedBy = d.OwnerName
	}
	if d.IPv4 == domain.NeverSeen {
		shown.Address = ""
	} else {
		// No secret stands in it: who copies it is asked for the LAN key.
		shown.Curl = "curl --insecure -u dev https://" + d.IPv4 + ":4343/api/v2/device"
	}
	return shown
}

func (p *Portal) devices(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	page := pageOf(r, devicePageSize)
	listed, err := p.Devices.List(r.Context(), c, page)
	if err != nil {
		return err
	}
	shown := devicesPage{layout: p.layoutFor(r, c, "devices", "Devices"), Pager: pagerOf("/devices", page, listed.Next)}
	for _, d := range listed.Items {
		shown.Devices = append(shown.Devices, p.shownDeviceOf(c, d))
	}
	return show(w, http.StatusOK, shown)
}

func (p *Portal) findDevice(r *http.Request, c domain.Caller) (domain.Device, error) {
	return p.Devices.Find(r.Context(), c, r.PathValue("device"))
}

func (p *Portal) device(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	d, err := p.findDevice(r, c)
	if err != nil {
		return err
	}
	return show(w, http.StatusOK, devicePage{layout: p.layoutFor(r, c, "devices", d.Name), Device: p.shownDeviceOf(c, d), Kept: p.Devices.Kept(),
		May: deviceMay{guard.May(c, domain.DeviceWrite, d.Thing()), guard.May(c, domain.DeviceDelete, d.Thing())}})
}

func (p *Portal) viewLANKey(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	d, err := p.findDevice(r, c)
	if err != nil {
		return err
	}
	if !p.Devices.Kept() {
		return domain.Errorf(domain.Conflict, "not_viewable", "The LAN key of this device was shown once and not kept. Make a new one to see it.")
	}
	key, err := p.Devices.LANKey(r.Context(), c, d)
	if err != nil {
		return err
	}
	return p.showLANKey(w, r, c, d, key, "LAN key", "Whoever has this key and is on the same network can do everything with the device. Give it to programs that you trust.")
}

func (p *Portal) showLANKey(w http.ResponseWriter, r *http.Request, c domain.Caller, d domain.Device, key secret.Secret, heading, advice string) error {
	shown := lanKeyPage{layout: p.layoutFor(r, c, "devices", heading), Device: p.shownDeviceOf(c, d), Heading: heading, Advice: advice, Key: key.Reveal()}
	if !p.Devices.Kept() {
		shown.Advice += " This is the only time that it is shown: keep it in a safe place."
	}
	return show(w, http.StatusOK, shown)
}

func (p *Portal) rotateLANKeyForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	d, err := p.findDevice(r, c)
	if err != nil {
		return err
	}
	href := deviceHref(d.ID)
	return show(w, http.StatusOK, confirmPage{layout: p.layoutFor(r, c, "devices", "New LAN key"), Form: filledForm(nil),
		Question: "Make a new LAN key for " + d.Name + "?", Action: href + "/rotate-lan-key", Yes: "Make a new LAN key", Back: href,
		Consequence: "Programs that list your devices get the new key from then on. The device itself must be given it too: until then it goes by the old one."})
}

func (p *Portal) rotateLANKey(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	d, key, err := p.Devices.RotateLANKey(r.Context(), c, r.PathValue("device"))
	if err != nil {
		return err
	}
	return p.showLANKey(w, r, c, d, key, "New LAN key", "Give this key to the device. Programs that hold the old one must get this one.")
}

func (p *Portal) deleteDeviceForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	d, err := p.findDevice(r, c)
	if err != nil {
		return err
	}
	href := deviceHref(d.ID)
	return show(w, http.StatusOK, confirmPage{layout: p.layoutFor(r, c, "devices", "Delete "+d.Name), Form: filledForm(nil),
		Question: "Delete " + d.Name + "?", Consequence: "Apps no longer find the device here, and its LAN key is forgotten. The device itself goes on. This cannot be taken back.",
		Action: href + "/delete", Yes: "Delete the device", Back: href, Danger: true})
}

func (p *Portal) deleteDevice(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	if err := p.Devices.Delete(r.Context(), c, r.PathValue("device")); err != nil {
		return err
	}
	return seeOther(w, r, "/devices?notice=device-deleted")
}
