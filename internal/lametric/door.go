// Package lametric is the door for programs that were written for LaMetric's
// cloud: profile, devices, icons and pushing to apps, with the paths, bodies
// and errors of that contract. It decodes, calls a slice and answers; rules
// and data are elsewhere.
package lametric

import (
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/resourceserver/device"
	"github.com/thingward/thingward/internal/resourceserver/pushapp"
	"github.com/thingward/thingward/internal/web"
)

// Prefix is where the door is mounted on the main host. On a host name of its
// own it answers at the root.
const Prefix = "/lametric/"

// Door serves the API from the slices.
type Door struct {
	Devices *device.Service
	Apps    *pushapp.Service
	BaseURL string // of the door, without a slash at its end: the images of icons are below it
}

// act is one method of the contract. A caller without the scope is told its
// name in the contract's words.
type act struct {
	pattern string // below the prefix: "GET api/v2/icons"
	need    web.Need
	scope   string
	handle  web.Handler
}

func (d *Door) acts() []act {
	profile, read, write := web.Scoped(domain.ScopeProfile), web.Scoped(domain.ScopeDevicesRead), web.Scoped(domain.ScopeDevicesWrite)
	acts := []act{
		{"GET api/v2/users/me", profile, "basic", d.showUser},
		{"GET api/v2/me", profile, "basic", d.showUser}, // what libraries ask for
		{"GET api/v2/users/me/devices", read, "devices_read", d.listDevices},
		{"GET api/v2/users/me/devices/{device}", read, "devices_read", d.showDevice},
		{"PUT api/v2/users/me/devices/{device}", write, "devices_write", d.renameDevice},
		{"GET api/v2/icons", web.Unasked(), "", d.listIcons},
		{"GET content/icons/{file}", web.Unasked(), "", d.showIcon},
	}
	for _, version := range []string{"v1", "V1"} { // both are in use
		update := "POST api/" + version + "/dev/widget/update/{app}"
		acts = append(acts, act{update, web.Public(), "", d.push}, act{update + "/{version}", web.Public(), "", d.push})
	}
	return acts
}

// Web returns the routes of the door.
func (d *Door) Web() *web.Door {
	writer := errorWriter{scopes: map[string]string{}}
	door := &web.Door{Name: "lametric", Prefix: Prefix, WriteError: writer.write, Wrap: web.AnyOrigin}
	for _, a := range d.acts() {
		pattern := mounted(a.pattern)
		writer.scopes[pattern] = a.scope
		door.Routes = append(door.Routes, web.Route{Pattern: pattern, Need: a.need, Handle: a.handle})
	}
	return door
}
