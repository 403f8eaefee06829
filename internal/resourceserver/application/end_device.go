package application

import (
	"context"

	"github.com/thingward/thingward/internal/domain"
)

// EndDevices keeps the end devices of applications. Those of an application
// that is not registered are NotFound (application_not_registered).
type EndDevices interface {
	EndDevice(ctx context.Context, id domain.ApplicationID, name string) (domain.SealedEndDevice, error)
	EndDevices(ctx context.Context, id domain.ApplicationID, page domain.Page) (domain.Listed[domain.SealedEndDevice], error)
	EndDevicesAt(ctx context.Context, id domain.ApplicationID, limit, offset int) ([]domain.SealedEndDevice, int, error)
	CreateEndDevice(ctx context.Context, by domain.Caller, d domain.EndDevice, seal domain.SealEndDevice, allowed domain.MayApplication) (domain.EndDevice, error)
	SetEndDevice(ctx context.Context, by domain.Caller, d domain.EndDevice, seal domain.SealEndDevice, allowed domain.MayApplication) (domain.EndDevice, error)
	DeleteEndDevice(ctx context.Context, by domain.Caller, id domain.ApplicationID, name string, allowed domain.MayApplication) error
}

// EndDevices returns the end devices of an application in the order in which
// they were added, with their network keys. The total is exact.
func (s *Service) EndDevices(ctx context.Context, c domain.Caller, ref string, page domain.Page) (domain.Listed[domain.EndDevice], error) {
	none := domain.Listed[domain.EndDevice]{}
	a, err := s.registered(ctx, c, ref)
	if err != nil {
		return none, err
	}
	sealed, err := s.Store.EndDevices(ctx, a.ID, page)
	if err != nil {
		return none, err
	}
	devices, err := s.opened(ctx, c, a, sealed.Items)
	return domain.Listed[domain.EndDevice]{Items: devices, Next: sealed.Next, Total: sealed.Total}, err
}

// KeylessEndDevices is EndDevices without the network keys: none is opened, and
// nobody is noted to have seen one.
func (s *Service) KeylessEndDevices(ctx context.Context, c domain.Caller, ref string, page domain.Page) (domain.Listed[domain.EndDevice], error) {
	a, err := s.registered(ctx, c, ref)
	if err != nil {
		return domain.Listed[domain.EndDevice]{}, err
	}
	sealed, err := s.Store.EndDevices(ctx, a.ID, page)
	listed := domain.Listed[domain.EndDevice]{Items: make([]domain.EndDevice, len(sealed.Items)), Next: sealed.Next, Total: sealed.Total}
	for i, d := range sealed.Items {
		listed.Items[i] = d.EndDevice
	}
	return listed, err
}

// EndDevicesAt is EndDevices by limit and offset, with the exact number of all
// of them; the limit 0 stands for all behind the offset.
func (s *Service) EndDevicesAt(ctx context.Context, c domain.Caller, ref string, limit, offset int) ([]domain.EndDevice, int, error) {
	a, err := s.registered(ctx, c, ref)
	if err != nil {
		return nil, 0, err
	}
	for _, bound := range []struct {
		name string
		n    int
	}{{"limit", limit}, {"offset", offset}} {
		if bound.n < 0 {
			return nil, 0, domain.InvalidField(bound.name, "%s is a whole number from 0.", bound.name)
		}
	}
	sealed, total, err := s.Store.EndDevicesAt(ctx, a.ID, limit, offset)
	if err != nil {
		return nil, 0, err
	}
	devices, err := s.opened(ctx, c, a, sealed)
	return devices, total, err
}

// EndDevice returns the end device of an application with the name.
func (s *Service) EndDevice(ctx context.Context, c domain.Caller, ref, name string) (domain.EndDevice, error) {
	a, err := s.registered(ctx, c, ref)
	if err != nil {
		return domain.EndDevice{}, err
	}
	sealed, err := s.Store.EndDevice(ctx, a.ID, name)
	if err != nil {
		return domain.EndDevice{}, err
	}
	devices, err := s.opened(ctx, c, a, []domain.SealedEndDevice{sealed})
	if err != nil {
		return domain.EndDevice{}, err
	}
	return devices[0], nil
}

// CreateEndDevice adds an end device. A name or a pair of app_eui and dev_eui
// that the application has already is a Conflict.
func (s *Service) CreateEndDevice(ctx context.Context, c domain.Caller, ref string, d domain.EndDevice) (domain.EndDevice, error) {
	return s.putEndDevice(ctx, c, ref, d, s.Store.CreateEndDevice)
}

// SetEndDevice adds an end device, or puts it in the place of all that is
// known of the one with its name. A pair of app_eui and dev_eui that another
// one has is a Conflict (end_device_euis_taken).
func (s *Service) SetEndDevice(ctx context.Context, c domain.Caller, ref string, d domain.EndDevice) (domain.EndDevice, error) {
	return s.putEndDevice(ctx, c, ref, d, s.Store.SetEndDevice)
}

func (s *Service) putEndDevice(ctx context.Context, c domain.Caller, ref string, d domain.EndDevice,
	set func(context.Context, domain.Caller, domain.EndDevice, domain.SealEndDevice, domain.MayApplication) (domain.EndDevice, error)) (domain.EndDevice, error) {
	a, err := s.registered(ctx, c, ref)
	if err != nil {
		return domain.EndDevice{}, err
	}
	if d, err = d.Normal(); err != nil {
		return domain.EndDevice{}, err
	}
	d.Application = a.ID
	keys := d.Keys.Joined()
	seal := func(id domain.EndDeviceID) []byte {
		if keys.Empty() {
			return nil
		}
		return s.Vault.Seal(keys, domain.EndDeviceRow(id))
	}
	return set(ctx, c, d, seal, requiring(c, domain.ApplicationDevices))
}

// DeleteEndDevice removes an end device.
func (s *Service) DeleteEndDevice(ctx context.Context, c domain.Caller, ref, name string) error {
	a, err := s.registered(ctx, c, ref)
	if err != nil {
		return err
	}
	return s.Store.DeleteEndDevice(ctx, c, a.ID, name, requiring(c, domain.ApplicationDevices))
}

// registered finds an application whose end devices the caller manages.
func (s *Service) registered(ctx context.Context, c domain.Caller, ref string) (domain.Application, error) {
	a, err := s.Finder.Application(ctx, c, ref, domain.ApplicationDevices)
	if err != nil {
		return domain.Application{}, err
	}
	if a.RegisteredAt.IsZero() {
		return domain.Application{}, domain.NotRegistered(a.Name)
	}
	return a, nil
}

// opened opens the network keys of end devices and records that they are shown.
func (s *Service) opened(ctx context.Context, c domain.Caller, a domain.Application, sealed []domain.SealedEndDevice) ([]domain.EndDevice, error) {
	devices := make([]domain.EndDevice, len(sealed))
	var seen []domain.Application
	for i, d := range sealed {
		devices[i] = d.EndDevice
		if len(d.Sealed) == 0 {
			continue
		}
		keys, err := s.openKeys(d)
		if err != nil {
			return nil, err
		}
		devices[i].Keys = keys
		seen = []domain.Application{a}
	}
	return devices, s.devicesShown.Record(s.Now(), c, seen, func(fresh []domain.Application) error {
		return s.Store.ApplicationsViewed(ctx, c, "end_device.view", fresh)
	})
}
