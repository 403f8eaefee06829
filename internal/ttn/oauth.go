package ttn

import "github.com/thingward/thingward/internal/web"

// oauthDoor is the token endpoint.
func (d *Door) oauthDoor() *web.Door {
	return &web.Door{Name: "ttn", WriteError: web.WriteOAuthError, Wrap: web.AnyOrigin}
}
