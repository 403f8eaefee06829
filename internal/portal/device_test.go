package portal

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/resourceserver/device"
	"github.com/thingward/thingward/internal/secret"
)

type fakeDevices struct{ *world }

// lanKeyOf stands for the LAN key of a device.
func lanKeyOf(d domain.Device) secret.Secret {
	return secret.New(strings.Repeat("a", 60) + "000" + strconv.FormatInt(d.KeyNumber, 10))
}

func (w fakeDevices) List(_ context.Context, c domain.Caller, page domain.Page) (domain.Listed[domain.Device], error) {
	var own []domain.Device
	for _, d := range w.devices {
		if d.Owner == c.User.ID.Owner() {
			own = append(own, d)
		}
	}
	return listed(own, page), nil
}

func (w fakeDevices) own(c domain.Caller, ref string) (*domain.Device, error) {
	for i, d := range w.devices {
		if strconv.FormatInt(int64(d.ID), 10) == ref && d.Owner == c.User.ID.Owner() {
			return &w.devices[i], nil
		}
	}
	return nil, guard.NotThere(domain.NounDevice)
}

func (w fakeDevices) Find(_ context.Context, c domain.Caller, ref string) (domain.Device, error) {
	found, err := w.own(c, ref)
	if err != nil {
		return domain.Device{}, err
	}
	return *found, nil
}

func (w fakeDevices) Create(_ context.Context, c domain.Caller, in device.New) (domain.Device, secret.Secret, error) {
	made := domain.Device{ID: domain.DeviceID(w.next()), Owner: c.User.ID.Owner(), OwnerName: c.User.Name, Name: in.Name, State: in.State, SerialNumber: in.SerialNumber,
		Model: in.Model, IPv4: in.IPv4, MAC: in.MAC, SSID: in.SSID, KeyNumber: 1, CreatedAt: w.now, UpdatedAt: w.now}.Tidy()
	if err := made.Check(); err != nil {
		return domain.Device{}, secret.Secret{}, err
	}
	w.world.devices = append(w.devices, made)
	return made, lanKeyOf(made), nil
}

func (w fakeDevices) Edit(_ context.Context, c domain.Caller, ref string, edit device.Edit) (domain.Device, error) {
	found, err := w.own(c, ref)
	if err != nil {
		return domain.Device{}, err
	}
	changed := *found
	changed.Name, changed.Model, changed.IPv4, changed.MAC, changed.SSID, changed.State = *edit.Name, *edit.Model, *edit.IPv4, *edit.MAC, *edit.SSID, *edit.State
	if changed = changed.Tidy(); changed.Check() != nil {
		return domain.Device{}, changed.Check()
	}
	*found = changed
	return changed, nil
}

func (w fakeDevices) Delete(_ context.Context, c domain.Caller, ref string) error {
	if _, err := w.own(c, ref); err != nil {
		return err
	}
	var left []domain.Device
	for _, d := range w.devices {
		if strconv.FormatInt(int64(d.ID), 10) != ref {
			left = append(left, d)
		}
	}
	w.world.devices = left
	return nil
}

func (w fakeDevices) LANKey(_ context.Context, c domain.Caller, d domain.Device) (secret.Secret, error) {
	w.note(c, "device.view", "device "+strconv.FormatInt(int64(d.ID), 10))
	return lanKeyOf(d), nil
}

func (w fakeDevices) RotateLANKey(_ context.Context, c domain.Caller, ref string) (domain.Device, secret.Secret, error) {
	found, err := w.own(c, ref)
	if err != nil {
		return domain.Device{}, secret.Secret{}, err
	}
	found.KeyNumber++
	return *found, lanKeyOf(*found), nil
}

func (w fakeDevices) Kept() bool { return !w.unkept }

// deviceStory gives a story alice's browser.
func deviceStory(t *testing.T) (*world, *visitor) {
	t.Helper()
	w := newWorld()
	w.addUser("alice", "correct horse battery", false)
	w.addUser("bobby", "correct horse battery", false)
	v := visit(t, w, w.portal())
	v.signIn("alice")
	return w, v
}

func wantPage(t *testing.T, got answer, status int, parts ...string) {
	t.Helper()
	if got.StatusCode != status {
		t.Fatalf("got %d, want %d: %.300s", got.StatusCode, status, got.body)
	}
	for _, part := range parts {
		if !strings.Contains(got.body, part) {
			t.Errorf("the page lacks %q", part)
		}
	}
}

func TestADeviceIsAddedChangedAndDeleted(t *testing.T) {
	t.Parallel()
	w, v := deviceStory(t)
	wantPage(t, v.get("/devices"), http.StatusOK, "No devices yet", `href="/devices/new"`)
	wantPage(t, v.get("/devices/new"), http.StatusOK, `name="serial_number"`, "Add the device")
	wantPage(t, v.post("/devices/new", "name", "", "serial_number", "?", "state", "lost", "mac", "58:63"), http.StatusBadRequest,
		"A name has 1 to 60 characters", "A serial number has", "The state is new, configured or banned", "The MAC address has", `value="58:63"`)
	if len(w.devices) != 0 {
		t.Fatalf("got %v", w.devices)
	}
	got := v.post("/devices/new", "name", "Kitchen <b>", "serial_number", "SA14", "state", "configured", "ipv4_internal", "192.0.2.17", "mac", "58-63-56-10-d6-30", "wifi_ssid", "home wifi")
	href := deviceHref(w.devices[0].ID)
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != href+"?notice=device-added" {
		t.Fatalf("got %d to %q", got.StatusCode, got.Header.Get("Location"))
	}
	wantPage(t, v.get(href+"?notice=device-added"), http.StatusOK, "The device is added.", "Kitchen &lt;b&gt;", "58:63:56:10:D6:30", "home wifi", "Show the LAN key", "https://192.0.2.17:4343")
	wantPage(t, v.get("/devices"), http.StatusOK, "Kitchen &lt;b&gt;", "SA14", "configured")
	edit := v.get(href + "/edit")
	wantPage(t, edit, http.StatusOK, `value="192.0.2.17"`, "SA14", `<option value="configured" selected>`)
	if strings.Contains(edit.body, `name="serial_number"`) {
		t.Error("the serial number can be changed")
	}
	wantPage(t, v.post(href+"/edit", "name", "Hall", "state", "configured", "ipv4_internal", "fe80::1"), http.StatusBadRequest, "The address is an IPv4 address", `value="Hall"`)
	if got := v.post(href+"/edit", "name", "Hall", "state", "banned"); got.Header.Get("Location") != href+"?notice=device-saved" {
		t.Errorf("got %d to %q", got.StatusCode, got.Header.Get("Location"))
	}
	wantPage(t, v.get(href), http.StatusOK, "<h1>Hall</h1>", "never seen", "banned")
	wantPage(t, v.get(href+"/delete"), http.StatusOK, "Delete Hall?")
	if got := v.post(href + "/delete"); got.Header.Get("Location") != "/devices?notice=device-deleted" || len(w.devices) != 0 {
		t.Errorf("got %d to %q with %d left", got.StatusCode, got.Header.Get("Location"), len(w.devices))
	}
	wantPage(t, v.get(href), http.StatusNotFound)
}

func TestTheLANKeyIsShownWhenItIsAskedFor(t *testing.T) {
	t.Parallel()
	w, v := deviceStory(t)
	v.post("/devices/new", "name", "Kitchen", "serial_number", "SA14", "state", "new")
	href, key := deviceHref(w.devices[0].ID), lanKeyOf(w.devices[0]).Reveal()
	for _, page := range []string{"/devices", href, href + "/edit", href + "/rotate-lan-key"} {
		if got := v.get(page); got.StatusCode != http.StatusOK || strings.Contains(got.body, key) {
			t.Errorf("%s: got %d, or the LAN key unasked", page, got.StatusCode)
		}
	}
	wantPage(t, v.post(href+"/lan-key"), http.StatusOK, key, "Whoever has this key")
	if got := v.get(href + "/lan-key"); got.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("got %d for an address that would stay in the history", got.StatusCode)
	}
	rotated := v.post(href + "/rotate-lan-key")
	wantPage(t, rotated, http.StatusOK, lanKeyOf(w.devices[0]).Reveal(), "Give this key to the device")
	if strings.Contains(rotated.body, key) {
		t.Error("the new page shows the old key")
	}
}

func TestAServerThatKeepsNoLANKeysShowsThemOnce(t *testing.T) {
	t.Parallel()
	w, v := deviceStory(t)
	w.unkept = true
	wantPage(t, v.post("/devices/new", "name", "Kitchen", "serial_number", "SA14", "state", "new"), http.StatusOK,
		lanKeyOf(domain.Device{KeyNumber: 1}).Reveal(), "This is the only time that it is shown")
	href := deviceHref(w.devices[0].ID)
	got := v.get(href)
	wantPage(t, got, http.StatusOK, "is not kept here", "New LAN key")
	if strings.Contains(got.body, "Show the LAN key") {
		t.Error("the page offers what is not kept")
	}
	wantPage(t, v.post(href+"/lan-key"), http.StatusConflict, "was shown once and not kept")
}

func TestSomebodyElsesDeviceIsNotThere(t *testing.T) {
	t.Parallel()
	w, v := deviceStory(t)
	v.post("/devices/new", "name", "Kitchen", "serial_number", "SA14", "state", "new")
	href := deviceHref(w.devices[0].ID)
	v.signIn("bobby")
	wantPage(t, v.get("/devices"), http.StatusOK, "No devices yet")
	for _, path := range []string{"", "/edit", "/rotate-lan-key", "/delete"} {
		wantPage(t, v.get(href+path), http.StatusNotFound)
	}
	for _, path := range []string{"/edit", "/lan-key", "/rotate-lan-key", "/delete"} {
		wantPage(t, v.post(href+path), http.StatusNotFound)
	}
	if len(w.devices) != 1 || w.devices[0].KeyNumber != 1 {
		t.Errorf("got %v", w.devices)
	}
}
