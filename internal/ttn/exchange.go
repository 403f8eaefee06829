package ttn

import "github.com/thingward/thingward/internal/web"

// exchangeDoor is where access keys are exchanged for tokens.
func (d *Door) exchangeDoor() *web.Door {
	return &web.Door{Name: "ttn", WriteError: web.WriteOAuthError, Wrap: web.AnyOrigin}
}
