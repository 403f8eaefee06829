package gateway

import (
	"context"
	"fmt"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
)

// newKey makes the key of a gateway, and what the store keeps of it.
func (s *Service) newKey() (secret.Secret, domain.NewAccessKey) {
	key := secret.GenerateAccessKey(s.Issuer)
	seal := func(id domain.AccessKeyID) []byte {
		if s.Sealer == nil {
			return nil
		}
		return s.Sealer.Seal(key, domain.AccessKeyRow(id))
	}
	return key, domain.NewAccessKey{Name: domain.GatewayKeyName, Rights: domain.GatewayKeyRights(), Hash: key.Hash(), Seal: seal}
}

// mayKnowKey lets see and rotate the key who may change the gateway and knows
// what the key knows; messages are for the key alone.
func mayKnowKey(c domain.Caller, thing domain.Thing) error {
	for _, right := range []domain.Right{domain.GatewaySettings, domain.GatewayLocation, domain.GatewayStatus} {
		if err := guard.Require(c, right, thing); err != nil {
			return err
		}
	}
	return nil
}

// Key returns the key with which the gateway itself calls. It needs the rights
// gateway:settings, gateway:location and gateway:status. One that was shown
// once and not kept is a Conflict (not_viewable). That somebody was shown it
// is audited once a day.
func (s *Service) Key(ctx context.Context, c domain.Caller, ref string) (secret.Secret, error) {
	gateway, err := s.Finder.Gateway(ctx, c, ref, domain.GatewaySettings)
	if err != nil {
		return secret.Secret{}, err
	}
	if err := mayKnowKey(c, gateway.Thing()); err != nil {
		return secret.Secret{}, err
	}
	keys, err := s.Keys(ctx, c, []domain.Gateway{gateway})
	if err != nil {
		return secret.Secret{}, err
	}
	key, kept := keys[gateway.ID]
	if !kept {
		return secret.Secret{}, domain.Errorf(domain.Conflict, "not_viewable", "The key of this gateway was shown once and not kept. Rotate it to get a new one.")
	}
	return key, nil
}

// Keys returns the keys of those of the gateways whose keys are kept and the
// caller may see; the gateways are as they were looked up for him.
func (s *Service) Keys(ctx context.Context, c domain.Caller, gateways []domain.Gateway) (map[domain.GatewayID]secret.Secret, error) {
	keys, seen := map[domain.GatewayID]secret.Secret{}, []domain.Gateway{}
	ids := []domain.GatewayID{}
	for _, gateway := range gateways {
		if mayKnowKey(c, gateway.Thing()) == nil {
			ids, seen = append(ids, gateway.ID), append(seen, gateway)
		}
	}
	if s.Sealer == nil || len(ids) == 0 {
		return keys, nil
	}
	sealed, err := s.Store.SealedGatewayKeys(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, k := range sealed {
		if len(k.Sealed) == 0 {
			continue
		}
		if keys[domain.GatewayID(k.Thing.ID)], err = s.open(k); err != nil {
			return nil, err
		}
	}
	return keys, s.shown.Record(s.Now(), c, seen, func(fresh []domain.Gateway) error { return s.Store.GatewayKeysShown(ctx, c, fresh) })
}

func (s *Service) open(k domain.SealedAccessKey) (secret.Secret, error) {
	key, err := s.Sealer.Open(k.Sealed, domain.AccessKeyRow(k.ID))
	if err != nil {
		return secret.Secret{}, fmt.Errorf("the key of gateway %d does not open: %w", k.Thing.ID, err)
	}
	return key, nil
}

// RotateKey makes another key for a gateway and returns it. The one before,
// and every token that was got for it, is dead.
func (s *Service) RotateKey(ctx context.Context, c domain.Caller, ref string) (secret.Secret, error) {
	gateway, err := s.Finder.Gateway(ctx, c, ref, domain.GatewaySettings)
	if err != nil {
		return secret.Secret{}, err
	}
	key, stored := s.newKey()
	err = s.Store.RotateGatewayKey(ctx, c, gateway.ID, func(now domain.Gateway) error { return mayKnowKey(c, now.Thing()) }, stored)
	if err != nil {
		return secret.Secret{}, err
	}
	return key, nil
}
