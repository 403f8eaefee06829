package domain

import "time"

// DeviceID identifies a device.
type DeviceID int64

// DeviceState is what a device's maker calls its state. The set is closed:
// programs refuse others.
type DeviceState string

// The states of a device.
const (
	DeviceNew        DeviceState = "new"
	DeviceConfigured DeviceState = "configured"
	DeviceBanned     DeviceState = "banned"
)

// Device is a connected product that a user owns, such as a LaMetric clock.
type Device struct {
	ID           DeviceID
	Owner        OwnerID
	OwnerName    string
	Name         string
	State        DeviceState
	SerialNumber string // unique
	Model        string
	IPv4         string // on its own network; "0.0.0.0" where it was never seen
	MAC          string // upper case with colons; may be empty
	SSID         string // of its wifi; may be empty
	KeyNumber    int64  // counts its LAN keys; the present one is sealed under it
	CreatedAt    time.Time
	UpdatedAt    time.Time
	Given        RightSet // what the caller who looked it up was given on it; never stored
}

// Thing returns what the decision needs to know of the device.
func (d Device) Thing() Thing {
	return Thing{Noun: NounDevice, ID: int64(d.ID), Owner: d.Owner, Given: d.Given}
}

// SealedLANKey is the present LAN key of a device under the server key.
type SealedLANKey struct {
	Device DeviceID
	Number int64
	Sealed []byte // empty: it was shown once and not kept
}
