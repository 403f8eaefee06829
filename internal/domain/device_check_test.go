package domain_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/thingward/thingward/internal/domain"
)

func TestDeviceCheck(t *testing.T) {
	t.Parallel()
	good := domain.Device{Name: "Kitchen clock", SerialNumber: "SA140100002200W00BS9", State: domain.DeviceConfigured, Model: "LM 37X8",
		IPv4: "192.168.0.17", MAC: "58:63:56:10:D6:30", SSID: "homewifi"}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		change func(*domain.Device)
		code   string
	}{
		{"no name", func(d *domain.Device) { d.Name = "" }, "invalid_name"},
		{"the longest name", func(d *domain.Device) { d.Name = strings.Repeat("ä", 60) }, ""},
		{"a name too long", func(d *domain.Device) { d.Name = strings.Repeat("a", 61) }, "invalid_name"},
		{"a name of two lines", func(d *domain.Device) { d.Name = "a\nb" }, "invalid_name"},
		{"a name with the character 0", func(d *domain.Device) { d.Name = "a\x00b" }, "invalid_name"},
		{"a name that is not UTF-8", func(d *domain.Device) { d.Name = "a\xff" }, "invalid_name"},
		{"a short serial number", func(d *domain.Device) { d.SerialNumber = "SA1" }, "invalid_serial_number"},
		{"a serial number with a space", func(d *domain.Device) { d.SerialNumber = "SA 14" }, "invalid_serial_number"},
		{"a serial number too long", func(d *domain.Device) { d.SerialNumber = strings.Repeat("9", 61) }, "invalid_serial_number"},
		{"an unknown state", func(d *domain.Device) { d.State = "lost" }, "invalid_state"},
		{"no model", func(d *domain.Device) { d.Model = "" }, ""},
		{"a model of two lines", func(d *domain.Device) { d.Model = "a\r" }, "invalid_model"},
		{"no address", func(d *domain.Device) { d.IPv4 = "" }, "invalid_ipv4_internal"},
		{"never seen", func(d *domain.Device) { d.IPv4 = domain.NeverSeen }, ""},
		{"IPv6", func(d *domain.Device) { d.IPv4 = "fe80::1" }, "invalid_ipv4_internal"},
		{"leading zeros", func(d *domain.Device) { d.IPv4 = "192.168.000.017" }, "invalid_ipv4_internal"},
		{"no MAC", func(d *domain.Device) { d.MAC = "" }, ""},
		{"a MAC in lower case", func(d *domain.Device) { d.MAC = "58:63:56:10:d6:30" }, "invalid_mac"},
		{"a short MAC", func(d *domain.Device) { d.MAC = "58:63:56:10:D6" }, "invalid_mac"},
		{"no wifi", func(d *domain.Device) { d.SSID = "" }, ""},
		{"a wifi too long", func(d *domain.Device) { d.SSID = strings.Repeat("ä", 17) }, "invalid_wifi_ssid"},
		{"two faults", func(d *domain.Device) { d.Name, d.MAC = "", "x" }, "invalid_device"},
	}
	for _, test := range tests {
		device := good
		test.change(&device)
		got := ""
		if err := device.Check(); err != nil {
			got = domain.CodeOf(err)
			var fault *domain.Error
			if !errors.As(err, &fault) || len(fault.Fields) == 0 {
				t.Errorf("%s: the error names no attribute", test.name)
			}
		}
		if got != test.code {
			t.Errorf("%s: got %q, want %q", test.name, got, test.code)
		}
	}
}

func TestTidyDevicesPassTheCheck(t *testing.T) {
	t.Parallel()
	got := domain.Device{Name: " Clock ", SerialNumber: " SA14 ", MAC: " 58-63-56-10-d6-30 ", State: domain.DeviceNew}.Tidy()
	want := domain.Device{Name: "Clock", SerialNumber: "SA14", MAC: "58:63:56:10:D6:30", IPv4: domain.NeverSeen, State: domain.DeviceNew}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if err := got.Check(); err != nil {
		t.Error(err)
	}
}

func TestCheckLANKey(t *testing.T) {
	t.Parallel()
	for key, ok := range map[string]bool{
		strings.Repeat("0a", 32): true, strings.Repeat("0A", 32): false, strings.Repeat("0a", 31): false, strings.Repeat("0a", 32) + "\n": false, "": false,
	} {
		if err := domain.CheckLANKey(key); (err == nil) != ok {
			t.Errorf("%q: got %v", key, err)
		}
	}
}
