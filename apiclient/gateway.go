package apiclient

import (
	"context"
	"net/http"
	"time"
)

// Gateway is a thing that relays between end devices and the network.
type Gateway struct {
	ID              string            `json:"id"`
	Owner           string            `json:"owner,omitempty"`
	FrequencyPlan   string            `json:"frequency_plan"`
	Antenna         *Antenna          `json:"antenna,omitempty"`
	Attributes      map[string]string `json:"attributes,omitempty"`
	Router          string            `json:"router,omitempty"`
	FallbackRouters []string          `json:"fallback_routers,omitempty"`
	LocationPublic  bool              `json:"location_public"`
	StatusPublic    bool              `json:"status_public"`
	OwnerPublic     bool              `json:"owner_public"`
	AutoUpdate      bool              `json:"auto_update"`
	BetaUpdates     bool              `json:"beta_updates"`
	ActivatedAt     *time.Time        `json:"activated_at,omitempty"`
	CreatedAt       time.Time         `json:"created_at,omitzero"`
	UpdatedAt       *time.Time        `json:"updated_at,omitempty"`
	DeletedAt       *time.Time        `json:"deleted_at,omitempty"`
	Key             Password          `json:"key,omitzero"` // in the answer that made the gateway
}

// Antenna is where a gateway stands.
type Antenna struct {
	Latitude  float64 `json:"latitude"` // degrees
	Longitude float64 `json:"longitude"`
	Altitude  *int32  `json:"altitude,omitempty"` // metres
	Rounded   bool    `json:"rounded,omitempty"`  // the caller may not know it better
}

// GatewayEdit changes a gateway, or says what a new one is like. Nil leaves an
// attribute as it is.
type GatewayEdit struct {
	ID              *string           `json:"id,omitempty"` // of a new one
	Owner           *string           `json:"owner,omitempty"`
	FrequencyPlan   *string           `json:"frequency_plan,omitempty"`
	Antenna         *Antenna          `json:"antenna,omitempty"`
	Attributes      map[string]string `json:"attributes,omitempty"` // an empty one is taken away
	Router          *string           `json:"router,omitempty"`
	FallbackRouters *[]string         `json:"fallback_routers,omitempty"`
	LocationPublic  *bool             `json:"location_public,omitempty"`
	StatusPublic    *bool             `json:"status_public,omitempty"`
	OwnerPublic     *bool             `json:"owner_public,omitempty"`
	AutoUpdate      *bool             `json:"auto_update,omitempty"`
	BetaUpdates     *bool             `json:"beta_updates,omitempty"`
}

// FrequencyPlan is a set of radio channels that a region allows.
type FrequencyPlan struct {
	ID            string `json:"id"`
	Name          string `json:"name"`
	Description   string `json:"description"`
	BaseFrequency int    `json:"base_freq"` // MHz
}

// Component is a part of the network: a handler, router or broker.
type Component struct {
	Kind      string     `json:"kind"`
	ID        string     `json:"id"`
	Owner     string     `json:"owner"`
	CreatedAt time.Time  `json:"created_at,omitzero"`
	DeletedAt *time.Time `json:"deleted_at,omitempty"`
}

// Gateways lists the gateways on which the caller has a right. It needs
// gateways.read.
func (c *Client) Gateways(ctx context.Context, page PageRequest) (Page[Gateway], error) {
	var gateways Page[Gateway]
	return gateways, c.do(ctx, call{method: http.MethodGet, path: "/gateways", query: page.query()}, &gateways)
}

// DeletedGateways lists the gateways that can be restored.
func (c *Client) DeletedGateways(ctx context.Context, page PageRequest) (Page[Gateway], error) {
	var gateways Page[Gateway]
	return gateways, c.do(ctx, call{method: http.MethodGet, path: "/gateways", query: onlyDeleted(page)}, &gateways)
}

// Gateway returns one gateway, as far as the caller may see it.
func (c *Client) Gateway(ctx context.Context, id string) (Gateway, error) {
	var gateway Gateway
	return gateway, c.do(ctx, call{method: http.MethodGet, path: path("gateways", id)}, &gateway)
}

// CreateGateway registers a gateway and returns it with its key.
func (c *Client) CreateGateway(ctx context.Context, gateway GatewayEdit) (Gateway, error) {
	var made Gateway
	return made, c.do(ctx, call{method: http.MethodPost, path: "/gateways", body: gateway}, &made)
}

// EditGateway changes a gateway.
func (c *Client) EditGateway(ctx context.Context, id string, edit GatewayEdit) (Gateway, error) {
	var changed Gateway
	return changed, c.do(ctx, call{method: http.MethodPatch, path: path("gateways", id), body: edit}, &changed)
}

// DeleteGateway deletes a gateway. For 30 days it can be restored.
func (c *Client) DeleteGateway(ctx context.Context, id string) error {
	return c.do(ctx, call{method: http.MethodDelete, path: path("gateways", id)}, nil)
}

// RestoreGateway brings a deleted gateway back.
func (c *Client) RestoreGateway(ctx context.Context, id string) (Gateway, error) {
	var restored Gateway
	return restored, c.do(ctx, call{method: http.MethodPost, path: path("gateways", id, "restore")}, &restored)
}

// GatewayKey returns the key with which a gateway proves itself.
func (c *Client) GatewayKey(ctx context.Context, id string) (Password, error) {
	return c.gatewayKey(ctx, call{method: http.MethodGet, path: path("gateways", id, "key")})
}

// RotateGatewayKey makes another key for a gateway. The old one is dead at
// once.
func (c *Client) RotateGatewayKey(ctx context.Context, id string) (Password, error) {
	return c.gatewayKey(ctx, call{method: http.MethodPost, path: path("gateways", id, "rotate-key")})
}

func (c *Client) gatewayKey(ctx context.Context, call call) (Password, error) {
	var answer struct {
		Key Password `json:"key"`
	}
	err := c.do(ctx, call, &answer)
	return answer.Key, err
}

// FrequencyPlans lists the frequency plans. It needs no credential.
func (c *Client) FrequencyPlans(ctx context.Context) ([]FrequencyPlan, error) {
	var plans Page[FrequencyPlan]
	err := c.do(ctx, call{method: http.MethodGet, path: "/frequency-plans"}, &plans)
	return plans.Items, err
}

// Components lists the components on which the caller has a right. It needs
// components.read.
func (c *Client) Components(ctx context.Context, page PageRequest) (Page[Component], error) {
	var components Page[Component]
	return components, c.do(ctx, call{method: http.MethodGet, path: "/components", query: page.query()}, &components)
}

// DeletedComponents lists the components that can be restored.
func (c *Client) DeletedComponents(ctx context.Context, page PageRequest) (Page[Component], error) {
	var components Page[Component]
	return components, c.do(ctx, call{method: http.MethodGet, path: "/components", query: onlyDeleted(page)}, &components)
}

// Component returns one component.
func (c *Client) Component(ctx context.Context, id string) (Component, error) {
	var component Component
	return component, c.do(ctx, call{method: http.MethodGet, path: path("components", id)}, &component)
}

// CreateComponent makes a component: a "handler", "router" or "broker".
func (c *Client) CreateComponent(ctx context.Context, kind, id string) (Component, error) {
	var made Component
	return made, c.do(ctx, call{method: http.MethodPost, path: "/components", body: map[string]string{"kind": kind, "id": id}}, &made)
}

// DeleteComponent deletes a component. For 30 days it can be restored.
func (c *Client) DeleteComponent(ctx context.Context, id string) error {
	return c.do(ctx, call{method: http.MethodDelete, path: path("components", id)}, nil)
}

// RestoreComponent brings a deleted component back.
func (c *Client) RestoreComponent(ctx context.Context, id string) (Component, error) {
	var restored Component
	return restored, c.do(ctx, call{method: http.MethodPost, path: path("components", id, "restore")}, &restored)
}
