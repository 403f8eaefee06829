package portal

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

const endDevicePageSize = 50

// EndDevices is what pages do with the end devices of applications.
type EndDevices interface {
	KeylessEndDevices(ctx context.Context, c domain.Caller, ref string, page domain.Page) (domain.Listed[domain.EndDevice], error)
	EndDevice(ctx context.Context, c domain.Caller, ref, name string) (domain.EndDevice, error)
	CreateEndDevice(ctx context.Context, c domain.Caller, ref string, d domain.EndDevice) (domain.EndDevice, error)
	SetEndDevice(ctx context.Context, c domain.Caller, ref string, d domain.EndDevice) (domain.EndDevice, error)
	DeleteEndDevice(ctx context.Context, c domain.Caller, ref, name string) error
}

type endDevicesPage struct {
	layout
	Application  shownApplication
	Unregistered bool // the application manager does not know the application yet
	Devices      []shownEndDevice
	Total        int
	Pager        pager
}

func (endDevicesPage) template() string { return "end_devices" }

type endDevicePage struct {
	layout
	Application shownApplication
	Device      shownEndDevice
	Keys        *domain.EndDeviceKeys // nil: they are not on the page
}

func (endDevicePage) template() string { return "end_device" }

// shownEndDevice is an end device as pages show it.
type shownEndDevice struct {
	Name, Href, Description, AppEUI, DevEUI, DevAddr string
	Place                                            string // empty: not known
	Attributes                                       []attribute
	Constraints, Counters                            string
	LastSeen, Created, Changed                       moment
	HasKeys                                          bool
}

type attribute struct{ Name, Value string }

// attributesOf lists attributes by name.
func attributesOf(attributes map[string]string) []attribute {
	list := make([]attribute, 0, len(attributes))
	for name, value := range attributes {
		list = append(list, attribute{name, value})
	}
	slices.SortFunc(list, func(a, b attribute) int { return strings.Compare(a.Name, b.Name) })
	return list
}

func endDeviceHref(application, name string) string {
	return applicationHref(application) + "/end-devices/" + url.PathEscape(name)
}

func (p *Portal) shownEndDeviceOf(c domain.Caller, application string, d domain.EndDevice) shownEndDevice {
	now, zone := p.Now(), c.User.Location()
	shown := shownEndDevice{Name: d.Name, Href: endDeviceHref(application, d.Name), Description: d.Description, AppEUI: d.AppEUI, DevEUI: d.DevEUI, DevAddr: d.DevAddr,
		Attributes: attributesOf(d.Attributes), Constraints: d.Constraints, Created: momentOf(d.CreatedAt, now, zone), Changed: momentOf(d.ChangedAt, now, zone),
		Counters: strconv.FormatUint(uint64(d.CounterUp), 10) + " up, " + strconv.FormatUint(uint64(d.CounterDown), 10) + " down",
		HasKeys:  !d.Keys.App.Empty() || !d.Keys.AppSession.Empty() || !d.Keys.NetworkSession.Empty()}
	if d.LastSeen > 0 {
		shown.LastSeen = momentOf(time.Unix(0, d.LastSeen), now, zone)
	}
	if d.Latitude != 0 || d.Longitude != 0 {
		shown.Place = whereOf(domain.Location{Latitude: d.Latitude, Longitude: d.Longitude, Altitude: d.Altitude})
	}
	return shown
}

// whereOf says where something stands, in degrees and metres.
func whereOf(l domain.Location) string {
	text := strconv.FormatFloat(l.Latitude, 'f', -1, 64) + ", " + strconv.FormatFloat(l.Longitude, 'f', -1, 64)
	if l.Altitude != 0 {
		text += ", " + strconv.FormatInt(int64(l.Altitude), 10) + " m"
	}
	return text
}

func (p *Portal) endDevices(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	a, err := p.Applications.Find(r.Context(), c, r.PathValue("application"))
	if err != nil {
		return err
	}
	shown := endDevicesPage{layout: p.layoutFor(r, c, "applications", "End devices of "+a.Name), Application: p.shownApplicationOf(c, a), Unregistered: a.RegisteredAt.IsZero()}
	if shown.Unregistered {
		return show(w, http.StatusOK, shown)
	}
	page := pageOf(r, endDevicePageSize)
	listed, err := p.Applications.KeylessEndDevices(r.Context(), c, a.Name, page)
	if err != nil {
		return err
	}
	shown.Total, shown.Pager = listed.Total, pagerOf(shown.Application.Href+"/end-devices", page, listed.Next)
	for _, d := range listed.Items {
		shown.Devices = append(shown.Devices, p.shownEndDeviceOf(c, a.Name, d))
	}
	return show(w, http.StatusOK, shown)
}

func (p *Portal) endDevice(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	shown, _, err := p.endDevicePageOf(r, c)
	if err != nil {
		return err
	}
	return show(w, http.StatusOK, shown)
}

func (p *Portal) endDevicePageOf(r *http.Request, c domain.Caller) (endDevicePage, domain.EndDevice, error) {
	a, err := p.Applications.Find(r.Context(), c, r.PathValue("application"))
	if err != nil {
		return endDevicePage{}, domain.EndDevice{}, err
	}
	d, err := p.Applications.EndDevice(r.Context(), c, a.Name, r.PathValue("device"))
	if err != nil {
		return endDevicePage{}, domain.EndDevice{}, err
	}
	return endDevicePage{layout: p.layoutFor(r, c, "applications", d.Name), Application: p.shownApplicationOf(c, a), Device: p.shownEndDeviceOf(c, a.Name, d)}, d, nil
}

// endDeviceKeys shows the network keys in the answer to a form, so that no
// address leads to them.
func (p *Portal) endDeviceKeys(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	shown, d, err := p.endDevicePageOf(r, c)
	if err != nil {
		return err
	}
	shown.Keys = &d.Keys
	return show(w, http.StatusOK, shown)
}

func (p *Portal) deleteEndDeviceForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	shown, d, err := p.endDevicePageOf(r, c)
	if err != nil {
		return err
	}
	return show(w, http.StatusOK, confirmPage{layout: p.layoutFor(r, c, "applications", "Delete "+d.Name), Form: filledForm(nil),
		Question: "Delete the end device " + d.Name + "?", Consequence: "It can no longer join, and its network keys are forgotten. This cannot be taken back.",
		Action: shown.Device.Href + "/delete", Yes: "Delete the end device", Back: shown.Device.Href, Danger: true})
}

func (p *Portal) deleteEndDevice(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	application := r.PathValue("application")
	if err := p.Applications.DeleteEndDevice(r.Context(), c, application, r.PathValue("device")); err != nil {
		return err
	}
	return seeOther(w, r, applicationHref(application)+"/end-devices?notice=end-device-deleted")
}
