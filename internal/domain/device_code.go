package domain

import (
	"net/netip"
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
	Address   netip.Addr // where the device asked from; the zero Addr: not known
}

// Over reports whether the code has expired.
func (c DeviceCode) Over(now time.Time) bool { return !now.Before(c.ExpiresAt) }

// Waiting reports whether the device still waits for an answer.
func (c DeviceCode) Waiting(now time.Time) bool {
	return c.State == DeviceCodeWaiting && !c.Over(now)
}

// DeviceYes is a person's yes to a device: what it may have on the grant.
type DeviceYes struct {
	Hash     secret.Hash // of the device code
	Scopes   ScopeSet
	Audience string
}

// DevicePoll is a device that asks whether the person has answered.
type DevicePoll struct {
	Hash   secret.Hash // of the device code
	Client ClientID    // who asks
	At     time.Time
}

// Lives and paces of device codes. A poll that comes early by no more than
// the grace is on time: clients count from when they sent, and networks are
// not even.
const (
	DeviceCodeLife  = 10 * time.Minute
	DeviceCodePace  = 5 * time.Second
	DevicePaceStep  = 5 * time.Second // by which a pace grows that was not kept (RFC 8628 §3.5)
	DevicePaceGrace = time.Second
)

// MaxDeviceCodes is how many devices of one client wait at once in one
// network.
const MaxDeviceCodes = 50
