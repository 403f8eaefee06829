package application

import (
	"context"
	"fmt"

	"github.com/thingward/thingward/internal/domain"
)

// Sealed hands out what is sealed, newest first.
type Sealed interface {
	NewestAccessKeys(ctx context.Context, limit int) ([]domain.SealedAccessKey, error)
	NewestEndDevices(ctx context.Context, limit int) ([]domain.SealedEndDevice, error)
}

const examined = 20

// ExamineSealed opens the newest access keys, those of gateways too, and the
// newest network keys of end devices, and returns how many opened. An error
// says that one did not: the server key is not the one that made it.
func (s *Service) ExamineSealed(ctx context.Context) (int, error) {
	keys, err := s.Store.NewestAccessKeys(ctx, examined)
	if err != nil {
		return 0, err
	}
	for _, key := range keys {
		if _, err := s.Vault.Open(key.Sealed, domain.AccessKeyRow(key.ID)); err != nil {
			return 0, fmt.Errorf("access key %d of %s %d does not open: %w", key.ID, key.Thing.Noun, key.Thing.ID, err)
		}
	}
	devices, err := s.Store.NewestEndDevices(ctx, examined)
	if err != nil {
		return 0, err
	}
	for _, device := range devices {
		if _, err := s.openKeys(device); err != nil {
			return 0, err
		}
	}
	return len(keys) + len(devices), nil
}

// openKeys opens the network keys of an end device.
func (s *Service) openKeys(d domain.SealedEndDevice) (domain.EndDeviceKeys, error) {
	keys, err := s.Vault.Open(d.Sealed, domain.EndDeviceRow(d.ID))
	if err != nil {
		return domain.EndDeviceKeys{}, fmt.Errorf("the keys of end device %d do not open: %w", d.ID, err)
	}
	return domain.SplitEndDeviceKeys(keys), nil
}
