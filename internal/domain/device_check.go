package domain

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of a device.
const (
	maxDeviceName = 60 // characters
	maxModel      = 60 // characters
	maxSSID       = 32 // bytes (IEEE 802.11)
)

// NeverSeen is the address of a device that was never seen on its network.
const NeverSeen = "0.0.0.0"

var (
	serialNumber = regexp.MustCompile(`^[A-Za-z0-9-]{4,60}$`)
	macAddress   = regexp.MustCompile(`^[0-9A-F]{2}(:[0-9A-F]{2}){5}$`)
	lanKey       = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// DeviceStates lists the states as pages show them.
func DeviceStates() []DeviceState { return []DeviceState{DeviceNew, DeviceConfigured, DeviceBanned} }

// Tidy returns the device in the one spelling in which it is kept. Without an
// address it was never seen.
func (d Device) Tidy() Device {
	d.Name, d.Model, d.SerialNumber = strings.TrimSpace(d.Name), strings.TrimSpace(d.Model), strings.TrimSpace(d.SerialNumber)
	d.MAC = strings.ReplaceAll(strings.ToUpper(strings.TrimSpace(d.MAC)), "-", ":")
	if d.IPv4 = strings.TrimSpace(d.IPv4); d.IPv4 == "" {
		d.IPv4 = NeverSeen
	}
	return d
}

// Check refuses a device that programs could not read: with one that is
// malformed in it, they drop a whole list. All faults come at once.
func (d Device) Check() error {
	faults := map[string]string{}
	for _, rule := range []struct {
		field string
		ok    bool
		fault string
	}{
		{"name", d.Name != "" && oneLine(d.Name, maxDeviceName), "A name has 1 to 60 characters on one line."},
		{"serial_number", serialNumber.MatchString(d.SerialNumber), "A serial number has 4 to 60 letters, digits and hyphens."},
		{"state", slices.Contains(DeviceStates(), d.State), "The state is new, configured or banned."},
		{"model", oneLine(d.Model, maxModel), "A model has at most 60 characters on one line."},
		{"ipv4_internal", isIPv4(d.IPv4), "The address is an IPv4 address such as 192.168.0.17, or 0.0.0.0 where it is not known."},
		{"mac", d.MAC == "" || macAddress.MatchString(d.MAC), "The MAC address has six pairs of hexadecimal digits with colons between: 58:63:56:10:D6:30."},
		{"wifi_ssid", len(d.SSID) <= maxSSID && oneLine(d.SSID, maxSSID), "The name of a wifi has at most 32 bytes."},
	} {
		if !rule.ok {
			faults[rule.field] = rule.fault
		}
	}
	switch len(faults) {
	case 0:
		return nil
	case 1:
		for field, fault := range faults {
			return &Error{Kind: Invalid, Code: "invalid_" + field, Message: fault, Fields: faults}
		}
	}
	return &Error{Kind: Invalid, Code: "invalid_device", Message: "Several attributes of the device are not valid.", Fields: faults}
}

// CheckLANKey accepts 64 lower-case hexadecimal digits.
func CheckLANKey(key string) error {
	if !lanKey.MatchString(key) {
		return InvalidField("lan_key", "A LAN key has 64 lower-case hexadecimal digits.")
	}
	return nil
}

func isIPv4(text string) bool {
	address, err := netip.ParseAddr(text)
	return err == nil && address.Is4() && address.String() == text
}

// oneLine reports whether text has at most so many characters, and none that
// breaks a line or is not seen.
func oneLine(text string, most int) bool {
	return utf8.ValidString(text) && utf8.RuneCountInString(text) <= most && !strings.ContainsFunc(text, func(c rune) bool {
		return unicode.IsControl(c) || c == '\u2028' || c == '\u2029'
	})
}
