package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/thingward/thingward/apiclient"
)

type deviceCommands struct {
	List         deviceListCommand         `cmd:"" help:"List the devices that you own or work on."`
	Show         deviceShowCommand         `cmd:"" help:"Show one device."`
	Create       deviceCreateCommand       `cmd:"" help:"Register a device."`
	Edit         deviceEditCommand         `cmd:"" help:"Change a device."`
	Delete       deviceDeleteCommand       `cmd:"" help:"Delete a device."`
	RotateLANKey deviceRotateLANKeyCommand `cmd:"" name:"rotate-lan-key" help:"Make another LAN key for a device and print it."`
}

type deviceListCommand struct{}

// Help explains the command.
func (deviceListCommand) Help() string {
	return `LAN keys are not listed; thingward devices show --lan-key shows one.

Examples:

    thingward devices list
    thingward devices list --json`
}

// Run lists the devices.
func (deviceListCommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	devices, err := apiclient.All(ctx, 0, client.Devices)
	if err != nil {
		return err
	}
	for i := range devices {
		devices[i].LANKey = apiclient.Password{}
	}
	return t.answer(devices, func() {
		rows := make([][]string, len(devices))
		for i, d := range devices {
			rows[i] = []string{strconv.FormatInt(d.ID, 10), d.Name, orDash(d.Model), orDash(d.State), orDash(d.SerialNumber), orDash(d.IPv4)}
		}
		t.rows([]string{"ID", "NAME", "MODEL", "STATE", "SERIAL NUMBER", "ADDRESS"}, rows)
	})
}

// deviceNumber returns the number of the device that a person means by it or
// by its name.
func deviceNumber(ctx context.Context, client *apiclient.Client, wanted string) (int64, error) {
	if number, err := strconv.ParseInt(wanted, 10, 64); err == nil {
		return number, nil
	}
	devices, err := apiclient.All(ctx, 0, client.Devices)
	if err != nil {
		return 0, err
	}
	device, err := pick("device", wanted, devices, func(d apiclient.Device) (string, string) { return strconv.FormatInt(d.ID, 10), d.Name })
	return device.ID, err
}

// shownDevice is a device, with its LAN key in clear where that was asked for.
type shownDevice struct {
	apiclient.Device
	LANKey string `json:"lan_key,omitempty"`
}

func (t *terminal) answerDevice(d apiclient.Device, key apiclient.Password) error {
	return t.answer(shownDevice{d, key.Reveal()}, func() {
		t.details("id", strconv.FormatInt(d.ID, 10), "name", d.Name, "state", d.State, "model", d.Model, "serial number", d.SerialNumber,
			"LAN key", key.Reveal(), "address", d.IPv4, "MAC address", d.MAC, "wifi", d.SSID, "registered", shortTime(d.CreatedAt), "changed", shortTime(d.UpdatedAt))
	})
}

type deviceShowCommand struct {
	Device string `arg:"" help:"Number or name."`
	LANKey bool   `name:"lan-key" help:"Show the LAN key too."`
}

// Help explains the command.
func (deviceShowCommand) Help() string {
	return `With the LAN key, programs on the network of the device talk to it directly.

Examples:

    thingward devices show kitchen
    thingward devices show 4 --lan-key`
}

// Run shows the device.
func (c deviceShowCommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	number, err := deviceNumber(ctx, client, c.Device)
	if err != nil {
		return err
	}
	device, err := client.Device(ctx, number)
	if err != nil {
		return err
	}
	var key apiclient.Password
	if c.LANKey {
		key = device.LANKey
		if strings.Trim(key.Reveal(), "0") == "" {
			return fmt.Errorf("the LAN key of this device is not kept. Make another with: thingward devices rotate-lan-key %d", number)
		}
	}
	return t.answerDevice(device, key)
}
