package cli

import (
	"context"

	"github.com/thingward/thingward/apiclient"
)

type deviceCreateCommand struct {
	Name       string `arg:"" help:"What to call it."`
	Serial     string `required:"" placeholder:"NUMBER" help:"Serial number: 4 to 60 letters, digits and hyphens."`
	Model      string `placeholder:"TEXT" help:"Model."`
	State      string `placeholder:"STATE" help:"new, configured or banned."`
	Address    string `placeholder:"IPV4" help:"Address on its own network."`
	MAC        string `name:"mac" placeholder:"MAC" help:"MAC address."`
	Wifi       string `placeholder:"SSID" help:"Name of its wifi."`
	LANKeyFile string `name:"lan-key-file" placeholder:"FILE" help:"File that holds the LAN key the device has already; - for standard input. Without it a key is made."`
}

// Help explains the command.
func (deviceCreateCommand) Help() string {
	return `Prints the LAN key, which the device itself has to be given where it is new.

Examples:

    thingward devices create kitchen --serial SA150600000100W00BP9 --model "LM 37X8"
    thingward devices create hall --serial SA150600000101W00BP9 --address 192.168.0.17 --mac 58:63:56:10:D6:30 --lan-key-file key.txt`
}

// Run registers the device.
func (c deviceCreateCommand) Run(ctx context.Context, t *terminal) error {
	device := apiclient.NewDevice{Name: c.Name, SerialNumber: c.Serial, State: c.State, Model: c.Model, IPv4: c.Address, MAC: c.MAC, SSID: c.Wifi}
	if c.LANKeyFile != "" {
		key, err := t.readSecret(c.LANKeyFile)
		if err != nil {
			return err
		}
		device.LANKey = string(key)
	}
	client, err := t.client()
	if err != nil {
		return err
	}
	made, err := client.CreateDevice(ctx, device)
	if err != nil {
		return err
	}
	return t.answerDevice(made, made.LANKey)
}

type deviceEditCommand struct {
	Device  string  `arg:"" help:"Number or name."`
	Name    *string `placeholder:"NAME" help:"What to call it."`
	Model   *string `placeholder:"TEXT" help:"Model."`
	State   *string `placeholder:"STATE" help:"new, configured or banned."`
	Address *string `placeholder:"IPV4" help:"Address on its own network."`
	MAC     *string `name:"mac" placeholder:"MAC" help:"MAC address."`
	Wifi    *string `placeholder:"SSID" help:"Name of its wifi."`
}

// Help explains the command.
func (deviceEditCommand) Help() string {
	return `What is not named stays as it is. The serial number never changes.

Examples:

    thingward devices edit kitchen --name "kitchen clock" --address 192.168.0.18`
}

// Run changes the device.
func (c deviceEditCommand) Run(ctx context.Context, t *terminal) error {
	edit := apiclient.DeviceEdit{Name: c.Name, State: c.State, Model: c.Model, IPv4: c.Address, MAC: c.MAC, SSID: c.Wifi}
	if edit == (apiclient.DeviceEdit{}) {
		return usagef("Say what to change: --name, --model, --state, --address, --mac or --wifi.")
	}
	client, err := t.client()
	if err != nil {
		return err
	}
	number, err := deviceNumber(ctx, client, c.Device)
	if err != nil {
		return err
	}
	changed, err := client.EditDevice(ctx, number, edit)
	if err != nil {
		return err
	}
	changed.LANKey = apiclient.Password{}
	return t.answer(changed, func() { t.say("Changed the device %s.", oneLine(changed.Name)) })
}

type deviceDeleteCommand struct {
	Device string `arg:"" help:"Number or name."`
	Yes    bool   `short:"y" help:"Do not ask."`
}

// Help explains the command.
func (deviceDeleteCommand) Help() string {
	return `Asks on a terminal; elsewhere --yes must be given.

Examples:

    thingward devices delete kitchen
    thingward devices delete 4 --yes`
}

// Run deletes the device.
func (c deviceDeleteCommand) Run(ctx context.Context, t *terminal) error {
	if !c.Yes {
		if err := t.confirm("Delete the device " + oneLine(c.Device) + " and its LAN key?"); err != nil {
			return err
		}
	}
	client, err := t.client()
	if err != nil {
		return err
	}
	number, err := deviceNumber(ctx, client, c.Device)
	if err != nil {
		return err
	}
	if err := client.DeleteDevice(ctx, number); err != nil {
		return err
	}
	return t.answer(map[string]int64{"deleted": number}, func() { t.say("Deleted %s.", oneLine(c.Device)) })
}

type deviceRotateLANKeyCommand struct {
	Device string `arg:"" help:"Number or name."`
}

// Help explains the command.
func (deviceRotateLANKeyCommand) Help() string {
	return `The device itself has to be given the new key; until then it takes the old one.

Examples:

    thingward devices rotate-lan-key kitchen`
}

// Run makes another LAN key.
func (c deviceRotateLANKeyCommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	number, err := deviceNumber(ctx, client, c.Device)
	if err != nil {
		return err
	}
	changed, err := client.RotateLANKey(ctx, number)
	if err != nil {
		return err
	}
	return t.answerDevice(changed, changed.LANKey)
}
