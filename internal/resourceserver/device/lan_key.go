package device

import (
	"context"
	"fmt"
	"strings"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
)

// masked stands where a LAN key was shown once and is not kept: programs want
// 64 digits there (LaMetric).
var masked = secret.New(strings.Repeat("0", 64))

// Kept reports whether LAN keys can be seen again after they were made.
func (s *Service) Kept() bool { return s.Sealer != nil }

func sealRow(id domain.DeviceID, number int64) string { return fmt.Sprintf("device:%d:%d", id, number) }

// seal seals a LAN key where keys are kept.
func (s *Service) seal(key secret.Secret) func(domain.DeviceID, int64) []byte {
	return func(id domain.DeviceID, number int64) []byte {
		if s.Sealer == nil {
			return nil
		}
		return s.Sealer.Seal(key, sealRow(id, number))
	}
}

// LANKey returns the LAN key of a device that the caller may see; 64 zeros
// where it was not kept. That he was shown it is audited once a day.
func (s *Service) LANKey(ctx context.Context, c domain.Caller, device domain.Device) (secret.Secret, error) {
	keys, err := s.LANKeys(ctx, c, []domain.Device{device})
	return keys[device.ID], err
}

// LANKeys is LANKey for several devices. It has an entry for each of them.
func (s *Service) LANKeys(ctx context.Context, c domain.Caller, devices []domain.Device) (map[domain.DeviceID]secret.Secret, error) {
	keys := make(map[domain.DeviceID]secret.Secret, len(devices))
	ids := make([]domain.DeviceID, len(devices))
	for i, device := range devices {
		if err := guard.Require(c, domain.DeviceRead, device.Thing()); err != nil {
			return nil, err
		}
		ids[i], keys[device.ID] = device.ID, masked
	}
	if s.Sealer == nil || len(devices) == 0 {
		return keys, nil
	}
	sealed, err := s.Store.SealedLANKeys(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, k := range sealed {
		if len(k.Sealed) == 0 {
			continue
		}
		if keys[k.Device], err = s.open(k); err != nil {
			return nil, err
		}
	}
	return keys, s.shown.Record(s.Now(), c, devices, func(fresh []domain.Device) error { return s.Store.LANKeysShown(ctx, c, fresh) })
}

func (s *Service) open(k domain.SealedLANKey) (secret.Secret, error) {
	key, err := s.Sealer.Open(k.Sealed, sealRow(k.Device, k.Number))
	if err != nil {
		return secret.Secret{}, fmt.Errorf("the LAN key of device %d does not open: %w", k.Device, err)
	}
	return key, nil
}

// RotateLANKey makes another LAN key for a device. What holds the old one no
// longer agrees with what is kept here; the device itself must be given the
// new one. Whoever does this sees the new key, so he must be allowed to.
func (s *Service) RotateLANKey(ctx context.Context, c domain.Caller, ref string) (domain.Device, secret.Secret, error) {
	device, err := s.Finder.Device(ctx, c, ref, domain.DeviceWrite)
	if err != nil {
		return domain.Device{}, secret.Secret{}, err
	}
	key := secret.GenerateLANKey()
	rotated, err := s.Store.RotateLANKey(ctx, c, device.ID, func(now domain.Device) error {
		if err := guard.Require(c, domain.DeviceWrite, now.Thing()); err != nil {
			return err
		}
		return guard.Require(c, domain.DeviceRead, now.Thing())
	}, s.seal(key))
	if err != nil {
		return domain.Device{}, secret.Secret{}, err
	}
	return rotated, key, nil
}

const examined = 20

// ExamineSealed opens the newest sealed LAN keys and returns how many opened.
// An error says that one did not: the server key is not the one that made it.
func (s *Service) ExamineSealed(ctx context.Context) (int, error) {
	keys, err := s.Store.NewestLANKeys(ctx, examined)
	if err != nil {
		return 0, err
	}
	for _, k := range keys {
		if _, err := s.open(k); err != nil {
			return 0, err
		}
	}
	return len(keys), nil
}
