package cli

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/thingward/thingward/apiclient"
)

type endDeviceCommands struct {
	List   endDeviceListCommand   `cmd:"" help:"List the end devices of an application."`
	Show   endDeviceShowCommand   `cmd:"" help:"Show one end device."`
	Add    endDeviceAddCommand    `cmd:"" help:"Add an end device."`
	Edit   endDeviceEditCommand   `cmd:"" help:"Change an end device."`
	Delete endDeviceDeleteCommand `cmd:"" help:"Delete an end device."`
}

type endDeviceListCommand struct {
	Application string `arg:"" help:"Id of the application."`
	Most        int    `placeholder:"N" help:"No more than so many."`
}

// Help explains the command.
func (endDeviceListCommand) Help() string {
	return `Network keys are not listed; thingward applications end-devices show --keys shows them.

Examples:

    thingward applications end-devices list apitest
    thingward applications end-devices list apitest --most 20 --json`
}

// Run lists the end devices.
func (c endDeviceListCommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	devices, err := apiclient.All(ctx, c.Most, client.EndDevices(c.Application))
	if err != nil {
		return err
	}
	shown := make([]shownEndDevice, len(devices))
	for i, d := range devices {
		shown[i].EndDevice = d
	}
	return t.answer(shown, func() {
		rows := make([][]string, len(devices))
		for i, d := range devices {
			rows[i] = []string{d.ID, d.DevEUI, d.AppEUI, orDash(d.DevAddr), orDash(shortTimeOf(d.LastSeenAt)), orDash(d.Description)}
		}
		t.rows([]string{"ID", "DEVICE EUI", "APPLICATION EUI", "ADDRESS", "LAST SEEN", "DESCRIPTION"}, rows)
	})
}

// shownEndDevice is an end device, with its network keys in clear where that
// was asked for.
type shownEndDevice struct {
	apiclient.EndDevice
	AppKey            string `json:"app_key,omitempty"`
	AppSessionKey     string `json:"app_s_key,omitempty"`
	NetworkSessionKey string `json:"nwk_s_key,omitempty"`
}

func (t *terminal) answerEndDevice(d shownEndDevice) error {
	return t.answer(d, func() {
		place := ""
		if d.Latitude != 0 || d.Longitude != 0 {
			place = fmt.Sprintf("%g, %g, %d m", d.Latitude, d.Longitude, d.Altitude)
		}
		t.details("id", d.ID, "description", d.Description, "device EUI", d.DevEUI, "application EUI", d.AppEUI, "address", d.DevAddr, "activation", d.ActivationConstraints,
			"frames", fmt.Sprintf("%d up, %d down", d.FCntUp, d.FCntDown), "place", place, "last seen", shortTimeOf(d.LastSeenAt),
			"app key", d.AppKey, "app session key", d.AppSessionKey, "network session key", d.NetworkSessionKey)
	})
}

type endDeviceShowCommand struct {
	Application string `arg:"" help:"Id of the application."`
	Device      string `arg:"" help:"Id of the end device."`
	Keys        bool   `help:"Show the network keys too."`
}

// Help explains the command.
func (endDeviceShowCommand) Help() string {
	return `Examples:

    thingward applications end-devices show apitest probe-1
    thingward applications end-devices show apitest probe-1 --keys`
}

// Run shows the end device.
func (c endDeviceShowCommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	device, err := client.EndDevice(ctx, c.Application, c.Device)
	if err != nil {
		return err
	}
	shown := shownEndDevice{EndDevice: device}
	if c.Keys {
		shown.AppKey, shown.AppSessionKey, shown.NetworkSessionKey = device.AppKey.Reveal(), device.AppSessionKey.Reveal(), device.NetworkSessionKey.Reveal()
	}
	return t.answerEndDevice(shown)
}

// endDeviceFlags say what an end device is like.
type endDeviceFlags struct {
	DevEUI      *string           `name:"dev-eui" placeholder:"EUI" help:"Device EUI: 16 hexadecimal digits."`
	AppEUI      *string           `name:"app-eui" placeholder:"EUI" help:"Application EUI: 16 hexadecimal digits. A new end device gets the first of its application."`
	AppKeyFile  string            `name:"app-key-file" placeholder:"FILE" help:"File with the app key, 32 hexadecimal digits; - for standard input."`
	Description *string           `aliases:"desc" placeholder:"TEXT" help:"What it is."`
	DevAddr     *string           `name:"dev-addr" placeholder:"ADDRESS" help:"Address of an end device that does not join: 8 hexadecimal digits."`
	NwkSKeyFile string            `name:"nwk-s-key-file" placeholder:"FILE" help:"File with its network session key."`
	AppSKeyFile string            `name:"app-s-key-file" placeholder:"FILE" help:"File with its app session key."`
	Latitude    *float64          `placeholder:"DEGREES" help:"Where it stands."`
	Longitude   *float64          `placeholder:"DEGREES" help:"Where it stands."`
	Altitude    *int32            `placeholder:"METRES" help:"Where it stands."`
	Constraints *string           `placeholder:"WORD,..." help:"How it may be activated: otaa, abp, world, local, private, testing."`
	Attribute   map[string]string `placeholder:"NAME=VALUE;..." help:"Attributes; an empty value takes one away."`
}

// fill puts what the flags say over what is there.
func (f endDeviceFlags) fill(t *terminal, d *apiclient.EndDevice) error {
	setIf(&d.DevEUI, f.DevEUI)
	setIf(&d.AppEUI, f.AppEUI)
	setIf(&d.Description, f.Description)
	setIf(&d.DevAddr, f.DevAddr)
	setIf(&d.Latitude, f.Latitude)
	setIf(&d.Longitude, f.Longitude)
	setIf(&d.Altitude, f.Altitude)
	setIf(&d.ActivationConstraints, f.Constraints)
	for name, value := range f.Attribute {
		if d.Attributes == nil {
			d.Attributes = map[string]string{}
		}
		if d.Attributes[name] = value; value == "" {
			delete(d.Attributes, name)
		}
	}
	for _, key := range []struct {
		file string
		to   *apiclient.Password
	}{{f.AppKeyFile, &d.AppKey}, {f.NwkSKeyFile, &d.NetworkSessionKey}, {f.AppSKeyFile, &d.AppSessionKey}} {
		if key.file == "" {
			continue
		}
		text, err := t.readSecret(key.file)
		if err != nil {
			return err
		}
		*key.to = apiclient.NewPassword(strings.TrimSpace(string(text)))
	}
	return nil
}

func setIf[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

type endDeviceAddCommand struct {
	Application string `arg:"" help:"Id of the application."`
	Device      string `arg:"" help:"Id: 2 to 36 lower-case letters and digits, with single - or _ between them."`
	endDeviceFlags
}

// Help explains the command.
func (endDeviceAddCommand) Help() string {
	return `The EUI and the app key stand on the end device or in its papers.

Examples:

    thingward applications end-devices add apitest probe-1 --dev-eui 0004A30B001B7AD2 --app-key-file key.txt
    thingward applications end-devices add apitest probe-2 --dev-eui 0004A30B001B7AD3 --dev-addr 26011CA3 --nwk-s-key-file n.txt --app-s-key-file a.txt --constraints abp`
}

// Run adds the end device.
func (c endDeviceAddCommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	device := apiclient.EndDevice{ID: c.Device}
	if err := c.fill(t, &device); err != nil {
		return err
	}
	if device.AppEUI == "" {
		application, err := client.Application(ctx, c.Application)
		if err != nil {
			return err
		}
		if len(application.EUIs) > 0 {
			device.AppEUI = application.EUIs[0]
		}
	}
	made, err := client.CreateEndDevice(ctx, c.Application, device)
	if err != nil {
		return err
	}
	return t.answer(shownEndDevice{EndDevice: made}, func() { t.say("Added the end device %s to %s.", made.ID, oneLine(c.Application)) })
}

type endDeviceEditCommand struct {
	Application string `arg:"" help:"Id of the application."`
	Device      string `arg:"" help:"Id of the end device."`
	endDeviceFlags
}

// Help explains the command.
func (endDeviceEditCommand) Help() string {
	return `What is not named stays as it is. Its id never changes.

Examples:

    thingward applications end-devices edit apitest probe-1 --description "East field" --latitude 52.1 --longitude 4.9
    thingward applications end-devices edit apitest probe-1 --attribute depth=40cm`
}

// Run changes the end device.
func (c endDeviceEditCommand) Run(ctx context.Context, t *terminal) error {
	if reflect.ValueOf(c.endDeviceFlags).IsZero() {
		return usagef("Say what to change: --dev-eui, --app-eui, --app-key-file, --description, --dev-addr, --nwk-s-key-file, --app-s-key-file, --latitude, --longitude, --altitude, --constraints or --attribute.")
	}
	client, err := t.client()
	if err != nil {
		return err
	}
	device, err := client.EndDevice(ctx, c.Application, c.Device)
	if err != nil {
		return err
	}
	if err := c.fill(t, &device); err != nil {
		return err
	}
	changed, err := client.SetEndDevice(ctx, c.Application, device)
	if err != nil {
		return err
	}
	return t.answer(shownEndDevice{EndDevice: changed}, func() { t.say("Changed the end device %s.", changed.ID) })
}

type endDeviceDeleteCommand struct {
	Application string `arg:"" help:"Id of the application."`
	Device      string `arg:"" help:"Id of the end device."`
	Yes         bool   `short:"y" help:"Do not ask."`
}

// Help explains the command.
func (endDeviceDeleteCommand) Help() string {
	return `Its network keys are forgotten.

Examples:

    thingward applications end-devices delete apitest probe-1`
}

// Run deletes the end device.
func (c endDeviceDeleteCommand) Run(ctx context.Context, t *terminal) error {
	if !c.Yes {
		if err := t.confirm("Delete the end device " + oneLine(c.Device) + " of " + oneLine(c.Application) + "?"); err != nil {
			return err
		}
	}
	client, err := t.client()
	if err != nil {
		return err
	}
	if err := client.DeleteEndDevice(ctx, c.Application, c.Device); err != nil {
		return err
	}
	return t.answer(map[string]string{"deleted": c.Device}, func() { t.say("Deleted %s.", oneLine(c.Device)) })
}
