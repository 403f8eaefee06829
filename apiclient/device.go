package apiclient

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

// Device is a connected product of a user, such as a LaMetric clock.
type Device struct {
	ID           int64     `json:"id"`
	Owner        string    `json:"owner"`
	Name         string    `json:"name"`
	State        string    `json:"state,omitempty"` // "new", "configured" or "banned"
	SerialNumber string    `json:"serial_number,omitempty"`
	Model        string    `json:"model,omitempty"`
	LANKey       Password  `json:"lan_key,omitzero"` // what programs on the device's own network prove themselves with
	IPv4         string    `json:"ipv4_internal,omitempty"`
	MAC          string    `json:"mac,omitempty"`
	SSID         string    `json:"wifi_ssid,omitempty"`
	CreatedAt    time.Time `json:"created_at,omitzero"`
	UpdatedAt    time.Time `json:"updated_at,omitzero"`
}

// NewDevice is a device to be registered.
type NewDevice struct {
	Name         string `json:"name"`
	SerialNumber string `json:"serial_number"`
	State        string `json:"state,omitempty"`
	Model        string `json:"model,omitempty"`
	IPv4         string `json:"ipv4_internal,omitempty"`
	MAC          string `json:"mac,omitempty"`
	SSID         string `json:"wifi_ssid,omitempty"`
	LANKey       string `json:"lan_key,omitempty"` // 64 hexadecimal digits; empty: one is made
}

// DeviceEdit changes a device. Nil leaves an attribute as it is.
type DeviceEdit struct {
	Name  *string `json:"name,omitempty"`
	State *string `json:"state,omitempty"`
	Model *string `json:"model,omitempty"`
	IPv4  *string `json:"ipv4_internal,omitempty"`
	MAC   *string `json:"mac,omitempty"`
	SSID  *string `json:"wifi_ssid,omitempty"`
}

func devicePath(id int64, more ...string) string {
	return path(append([]string{"devices", strconv.FormatInt(id, 10)}, more...)...)
}

// Devices lists the user's devices. It needs devices.read.
func (c *Client) Devices(ctx context.Context, page PageRequest) (Page[Device], error) {
	var devices Page[Device]
	return devices, c.do(ctx, call{method: http.MethodGet, path: "/devices", query: page.query()}, &devices)
}

// Device returns one device, with its LAN key.
func (c *Client) Device(ctx context.Context, id int64) (Device, error) {
	var device Device
	return device, c.do(ctx, call{method: http.MethodGet, path: devicePath(id)}, &device)
}

// CreateDevice registers a device.
func (c *Client) CreateDevice(ctx context.Context, device NewDevice) (Device, error) {
	var created Device
	return created, c.do(ctx, call{method: http.MethodPost, path: "/devices", body: device}, &created)
}

// EditDevice changes a device.
func (c *Client) EditDevice(ctx context.Context, id int64, edit DeviceEdit) (Device, error) {
	var device Device
	return device, c.do(ctx, call{method: http.MethodPatch, path: devicePath(id), body: edit}, &device)
}

// DeleteDevice deletes a device with its LAN key.
func (c *Client) DeleteDevice(ctx context.Context, id int64) error {
	return c.do(ctx, call{method: http.MethodDelete, path: devicePath(id)}, nil)
}

// RotateLANKey makes another LAN key for a device and returns the device with
// it. The device itself has to be told.
func (c *Client) RotateLANKey(ctx context.Context, id int64) (Device, error) {
	var device Device
	return device, c.do(ctx, call{method: http.MethodPost, path: devicePath(id, "rotate-lan-key")}, &device)
}
