package browser_test

import "testing"

func TestADeviceFromItsSerialNumberToItsEnd(t *testing.T) {
	t.Parallel()
	b := open(t, serve(t).url)
	b.signUp("erin")
	b.visit("/devices")
	b.sees("No devices yet")
	b.inspect("devices-empty")
	b.visit("/devices/new")
	b.inspect("device-new")
	b.fill("#name", "Kitchen clock")
	b.fill("#serial_number", "SA170400099900W00BT1")
	b.fill("#ipv4_internal", "999")
	b.pressButton("Add the device")
	b.sees("Please correct what is marked below.")
	b.inspect("device-new-refused")
	b.fill("#ipv4_internal", "192.168.0.17")
	b.pressButton("Add the device")
	b.sees("The device is added.")
	b.inspect("device")
	b.visit("/devices/1/edit")
	b.inspect("device-edit")
	b.visit("/devices/1")
	b.pressButton("Show the LAN key")
	first := b.text("#lan-key")
	if len(first) != 64 {
		t.Errorf("got a LAN key of %d characters, want 64", len(first))
	}
	b.inspect("device-lan-key")
	b.visit("/devices/1/rotate-lan-key")
	b.inspect("device-rotate")
	b.pressButton("Make a new LAN key")
	if b.text("#lan-key") == first {
		t.Error("the LAN key is the old one")
	}
	b.visit("/devices")
	b.sees("SA170400099900W00BT1")
	b.inspect("devices")
	b.visit("/devices/1/delete")
	b.inspect("device-delete")
	b.pressButton("Delete the device")
	b.sees("No devices yet")
}
