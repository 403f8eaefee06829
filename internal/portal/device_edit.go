package portal

import (
	"net/http"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/resourceserver/device"
)

// deviceFormPage is the form of a new device, and of one to be changed.
type deviceFormPage struct {
	layout
	Form       *form
	Heading    string
	Name, Href string // of the device; empty: it is new
	Serial     string
	States     []stateChoice
	StateFault string
}

func (deviceFormPage) template() string { return "device_edit" }

type stateChoice struct {
	Value  domain.DeviceState
	Label  string
	Chosen bool
}

// stateLabels say what the states mean.
var stateLabels = map[domain.DeviceState]string{
	domain.DeviceNew:        "new: not set up yet",
	domain.DeviceConfigured: "configured: in use",
	domain.DeviceBanned:     "banned: not to be used",
}

func stateChoices(chosen string) []stateChoice {
	var choices []stateChoice
	for _, state := range domain.DeviceStates() {
		choices = append(choices, stateChoice{state, stateLabels[state], string(state) == chosen})
	}
	return choices
}

func (p *Portal) newDeviceForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return p.showDeviceForm(w, r, c, filledForm(map[string]string{"state": string(domain.DeviceConfigured)}), nil)
}

// showDeviceForm shows the form of a device; of a new one where there is none.
func (p *Portal) showDeviceForm(w http.ResponseWriter, r *http.Request, c domain.Caller, f *form, d *domain.Device) error {
	shown := deviceFormPage{Form: f, Heading: "Add a device", States: stateChoices(f.text("state")), StateFault: f.Faults["state"]}
	if d != nil {
		shown.Heading, shown.Name, shown.Href, shown.Serial = "Edit "+d.Name, d.Name, deviceHref(d.ID), d.SerialNumber
	}
	shown.layout = p.layoutFor(r, c, "devices", shown.Heading)
	return show(w, f.Status(), shown)
}

func (p *Portal) newDevice(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	made, key, err := p.Devices.Create(r.Context(), c, device.New{Name: f.text("name"), SerialNumber: f.text("serial_number"), Model: f.text("model"),
		State: domain.DeviceState(f.text("state")), IPv4: f.text("ipv4_internal"), MAC: f.text("mac"), SSID: f.Values.Get("wifi_ssid"), LANKey: f.secret("lan_key")})
	if err != nil {
		if !f.refuse(err) {
			return err
		}
		return p.showDeviceForm(w, r, c, f, nil)
	}
	if !p.Devices.Kept() && f.text("lan_key") == "" {
		return p.showLANKey(w, r, c, made, key, "LAN key", "The device is added. Give it this key, so that programs on its network can use it.")
	}
	return seeOther(w, r, deviceHref(made.ID)+"?notice=device-added")
}

func (p *Portal) editDeviceForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	d, err := p.findDevice(r, c)
	if err != nil {
		return err
	}
	f := filledForm(map[string]string{"name": d.Name, "model": d.Model, "state": string(d.State), "ipv4_internal": d.IPv4, "mac": d.MAC, "wifi_ssid": d.SSID})
	return p.showDeviceForm(w, r, c, f, &d)
}

func (p *Portal) editDevice(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	d, err := p.findDevice(r, c)
	if err != nil {
		return err
	}
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	name, model, address, mac, ssid, state := f.text("name"), f.text("model"), f.text("ipv4_internal"), f.text("mac"), f.Values.Get("wifi_ssid"), domain.DeviceState(f.text("state"))
	edit := device.Edit{Name: &name, Model: &model, IPv4: &address, MAC: &mac, SSID: &ssid, State: &state}
	if _, err := p.Devices.Edit(r.Context(), c, r.PathValue("device"), edit); err != nil {
		if !f.refuse(err) {
			return err
		}
		return p.showDeviceForm(w, r, c, f, &d)
	}
	return seeOther(w, r, deviceHref(d.ID)+"?notice=device-saved")
}
