package token

import (
	"context"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// DeviceCodes tells how the codes of devices stand. Each method is one
// transaction.
type DeviceCodes interface {
	PollDevice(ctx context.Context, poll domain.DevicePoll) (code domain.DeviceCode, early bool, err error)
	RedeemDevice(ctx context.Context, hash secret.Hash, chain domain.Chain, token domain.AccessToken) (bool, error)
}

// device answers a device that asks whether a person has allowed it what it
// wants (RFC 8628 §3.4, §3.5). As long as he has not answered, that is an
// error, and another one if the device asks too often.
func (e exchange) device(ctx context.Context) (Answer, error) {
	text := e.form.Get("device_code")
	if text == "" {
		return Answer{}, domain.Errorf(domain.Invalid, "invalid_request", "The parameter device_code is missing.")
	}
	if !secret.WellFormed(secret.DeviceCode, text) {
		return Answer{}, refusedDevice()
	}
	code, early, err := e.Store.PollDevice(ctx, domain.DevicePoll{Hash: secret.New(text).Hash(), Client: e.client.ID, At: e.now})
	if domain.IsKind(err, domain.NotFound) {
		return Answer{}, refusedDevice()
	}
	if err != nil {
		return Answer{}, err
	}
	if err := e.unlessAllowed(code, early); err != nil {
		return Answer{}, err
	}
	return e.redeemDevice(ctx, code)
}

// unlessAllowed says why there are no tokens for the device, or not yet.
func (e exchange) unlessAllowed(code domain.DeviceCode, early bool) error {
	switch {
	case code.State == domain.DeviceCodeRedeemed:
		return refusedDevice()
	case code.State == domain.DeviceCodeDenied:
		return domain.Errorf(domain.Invalid, "access_denied", "The user said no.")
	case code.Over(e.now):
		return domain.Errorf(domain.Invalid, "expired_token", "The device code has expired. Ask for another.")
	case code.State == domain.DeviceCodeAllowed:
		return e.checkResource(code.Audience)
	case early:
		return domain.Errorf(domain.Invalid, "slow_down", "The device asks too often. Wait %d seconds between requests from now on.", int(code.Pace.Seconds()))
	}
	return domain.Errorf(domain.Invalid, "authorization_pending", "The user has not answered yet.")
}

// redeemDevice issues what the person allowed. Of any number of polls at once,
// one gets it.
func (e exchange) redeemDevice(ctx context.Context, code domain.DeviceCode) (Answer, error) {
	b, err := e.begin(ctx, code.Grant, code.Scopes, code.Audience)
	if domain.CodeOf(err) == "invalid_grant" {
		return Answer{}, refusedDevice()
	}
	if err != nil {
		return Answer{}, err
	}
	redeemed, err := e.Store.RedeemDevice(ctx, code.Hash, b.chain, b.minted.Token)
	if err != nil {
		return Answer{}, err
	}
	if !redeemed {
		return Answer{}, refusedDevice()
	}
	return e.answer(ctx, b.minted.Text, b.minted.Token.ID, b.refresh, b.minted.Token.Scopes)
}

// refusedDevice is the one answer to device codes that do not hold, whatever
// the reason.
func refusedDevice() error {
	return domain.Errorf(domain.Invalid, "invalid_grant", "The device code is not valid: it is unknown, was used or revoked, or is not this client's. Ask for another.")
}
