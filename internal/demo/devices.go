package demo

import (
	"context"
	"fmt"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/resourceserver/device"
	"github.com/thingward/thingward/internal/secret"
)

// Devices adds devices.
type Devices interface {
	Create(ctx context.Context, c domain.Caller, wanted device.New) (domain.Device, secret.Secret, error)
}

// clocks lists the devices of the first owner: LaMetric clocks in the rooms of
// the environment office, of all ages and states. Their numbers are built as
// the maker's are; none of them is one of his.
func clocks() []device.New {
	const office, archive = "havenmouth-environment", "havenmouth-archive"
	return []device.New{
		{Name: "Clock in the foyer", SerialNumber: "SA150600004100W00HM1", Model: "LM 37X8", State: domain.DeviceConfigured, IPv4: "192.168.20.31", MAC: "58:63:56:4D:A1:07", SSID: office},
		{Name: "Weather desk", SerialNumber: "SA170300011800W00HM2", Model: "LM 37X8", State: domain.DeviceConfigured, IPv4: "192.168.20.32", MAC: "58:63:56:4D:B2:19", SSID: office},
		{Name: "Tide watch", SerialNumber: "SA180900020600W00HM3", Model: "LM 37X8", State: domain.DeviceConfigured, IPv4: "192.168.20.47", MAC: "58:63:56:4D:C3:2A", SSID: office},
		{Name: "Reading room", SerialNumber: "SA230400033900W00HM4", Model: "sa8", State: domain.DeviceConfigured, IPv4: "10.7.3.12", MAC: "58:63:56:4D:D4:3B", SSID: archive},
		{Name: "New one, still in its box", SerialNumber: "SA240800047200W00HM5", Model: "sa8", State: domain.DeviceNew, MAC: "58:63:56:4D:E5:4C"},
	}
}

// addDevices adds the clocks; a Conflict says that an earlier run did.
func (f *filler) addDevices(ctx context.Context) error {
	for _, clock := range clocks() {
		_, _, err := f.Devices.Create(ctx, f.callers[alice], clock)
		if err != nil && !domain.IsKind(err, domain.Conflict) {
			return fmt.Errorf("device %q: %w", clock.Name, err)
		}
	}
	return nil
}
