package domain

import (
	"time"

	"github.com/thingward/thingward/internal/secret"
)

// DeviceCodeState is how far a device has come that waits for a person's yes.
type DeviceCodeState string

// The states of a device code (RFC 8628 §3.5).
const (
	DeviceCodeWaiting  DeviceCodeState = "waiting"
	DeviceCodeAllowed  DeviceCodeState = "allowed"
	DeviceCodeDenied   DeviceCodeState = "denied"
	DeviceCodeRedeemed DeviceCodeState = "redeemed"
)

// DeviceCode is what the store keeps of the request of a device that has no
// browser (RFC 8628).
type DeviceCode struct {
	Hash      secret.Hash // of the device code
	UserHash  secret.Hash // of the user code
	Client    ClientID
	Query     string // the parameters of the request, form-encoded
	IssuedAt  time.Time
	ExpiresAt time.Time
	Pace      time.Duration // between polls
	PolledAt  time.Time     // zero: never
	State     DeviceCodeState
	Grant     GrantID // zero: none yet
	Scopes    ScopeSet
	Audience  string
	Address   string // where the device asked from
}

// Lives and pace of device codes.
const (
	DeviceCodeLife = 10 * time.Minute
	DeviceCodePace = 5 * time.Second
)
