package portal

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// endDeviceFormPage is the form of a new end device, and of one to be changed.
type endDeviceFormPage struct {
	layout
	Form        *form
	Heading     string
	Application shownApplication
	Name, Href  string // of the end device; empty: it is new
}

func (endDeviceFormPage) template() string { return "end_device_edit" }

func (p *Portal) newEndDeviceForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return p.showEndDeviceForm(w, r, c, nil, "")
}

// showEndDeviceForm shows the form of an end device; of a new one where there
// is no name. Without a form it is one that nobody filled in yet.
func (p *Portal) showEndDeviceForm(w http.ResponseWriter, r *http.Request, c domain.Caller, f *form, name string) error {
	a, err := p.Applications.Find(r.Context(), c, r.PathValue("application"))
	if err != nil {
		return err
	}
	if f == nil {
		f = filledForm(map[string]string{"app_eui": strings.Join(a.EUIs[:min(1, len(a.EUIs))], "")})
	}
	shown := endDeviceFormPage{Form: f, Heading: "Add an end device", Application: p.shownApplicationOf(c, a)}
	if name != "" {
		shown.Heading, shown.Name, shown.Href = "Edit "+name, name, endDeviceHref(a.Name, name)
	}
	shown.layout = p.layoutFor(r, c, "applications", shown.Heading)
	return show(w, f.Status(), shown)
}

func (p *Portal) newEndDevice(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return p.saveEndDevice(w, r, c, domain.EndDevice{}, "")
}

func (p *Portal) editEndDeviceForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	d, err := p.Applications.EndDevice(r.Context(), c, r.PathValue("application"), r.PathValue("device"))
	if err != nil {
		return err
	}
	f := filledForm(map[string]string{"description": d.Description, "app_eui": d.AppEUI, "dev_eui": d.DevEUI, "dev_addr": d.DevAddr, "activation_constraints": d.Constraints})
	if d.Latitude != 0 || d.Longitude != 0 {
		f.Values.Set("latitude", strconv.FormatFloat(d.Latitude, 'f', -1, 64))
		f.Values.Set("longitude", strconv.FormatFloat(d.Longitude, 'f', -1, 64))
		f.Values.Set("altitude", strconv.FormatInt(int64(d.Altitude), 10))
	}
	return p.showEndDeviceForm(w, r, c, f, d.Name)
}

func (p *Portal) editEndDevice(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	d, err := p.Applications.EndDevice(r.Context(), c, r.PathValue("application"), r.PathValue("device"))
	if err != nil {
		return err
	}
	return p.saveEndDevice(w, r, c, d, d.Name)
}

// saveEndDevice puts what the form says over what the end device was; name is
// empty for a new one.
func (p *Portal) saveEndDevice(w http.ResponseWriter, r *http.Request, c domain.Caller, d domain.EndDevice, name string) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	set := p.Applications.SetEndDevice
	if name == "" {
		d.Name, set = f.text("dev_id"), p.Applications.CreateEndDevice
	}
	err = fillEndDevice(&d, f)
	if err == nil {
		d, err = set(r.Context(), c, r.PathValue("application"), d)
	}
	if err != nil {
		if !f.refuse(err) {
			return err
		}
		return p.showEndDeviceForm(w, r, c, f, name)
	}
	return seeOther(w, r, endDeviceHref(r.PathValue("application"), d.Name)+"?notice=end-device-saved")
}

// fillEndDevice reads the inputs of the form. A key that is left empty stays
// what it was.
func fillEndDevice(d *domain.EndDevice, f *form) error {
	d.Description, d.AppEUI, d.DevEUI = f.text("description"), f.text("app_eui"), f.text("dev_eui")
	d.DevAddr, d.Constraints = f.text("dev_addr"), f.text("activation_constraints")
	for input, key := range map[string]*secret.Secret{"app_key": &d.Keys.App, "app_s_key": &d.Keys.AppSession, "nwk_s_key": &d.Keys.NetworkSession} {
		if text := f.text(input); text != "" {
			*key = secret.New(text)
		}
	}
	location, err := locationOf(f)
	if location == nil {
		location = &domain.Location{}
	}
	d.Latitude, d.Longitude, d.Altitude = location.Latitude, location.Longitude, location.Altitude
	return err
}

// locationOf reads the inputs latitude, longitude and altitude; nil where all
// are empty.
func locationOf(f *form) (*domain.Location, error) {
	inputs := []string{"latitude", "longitude", "altitude"}
	if !slices.ContainsFunc(inputs, func(input string) bool { return f.text(input) != "" }) {
		return nil, nil
	}
	var numbers [3]float64
	for i, input := range inputs {
		text := f.text(input)
		if input == "altitude" && text == "" {
			continue
		}
		number, err := strconv.ParseFloat(text, 64)
		if err != nil || input == "altitude" && number != float64(int32(number)) {
			return nil, domain.InvalidField(input, "Write a number: degrees such as 52.3731, or whole metres.")
		}
		numbers[i] = number
	}
	return &domain.Location{Latitude: numbers[0], Longitude: numbers[1], Altitude: int32(numbers[2])}, nil
}
