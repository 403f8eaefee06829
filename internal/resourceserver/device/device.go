// Package device holds what people and programs do with devices: list them,
// add, change and delete them, and see and rotate the keys with which
// programs reach them on their own network.
package device

import (
	"context"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/web"
)

// Store is what the use cases need of the store.
type Store interface {
	Devices
	LANKeys
}

// Devices keeps devices. An edit, and whether something is allowed, may be
// asked more than once, each time of the device as it stands in the
// transaction, with what the caller is given on it there.
type Devices interface {
	CreateDevice(ctx context.Context, by domain.Caller, device domain.Device, seal func(domain.DeviceID, int64) []byte) (domain.Device, error)
	Devices(ctx context.Context, user domain.UserID, only []domain.DeviceID, page domain.Page) (domain.Listed[domain.Device], error)
	CountDevices(ctx context.Context, user domain.UserID) (int, error)
	UpdateDevice(ctx context.Context, by domain.Caller, id domain.DeviceID, edit func(*domain.Device) error) (domain.Device, error)
	DeleteDevice(ctx context.Context, by domain.Caller, id domain.DeviceID, allowed func(domain.Device) error) error
}

// LANKeys keeps the sealed LAN keys of devices.
type LANKeys interface {
	RotateLANKey(ctx context.Context, by domain.Caller, id domain.DeviceID, allowed func(domain.Device) error, seal func(domain.DeviceID, int64) []byte) (domain.Device, error)
	SealedLANKeys(ctx context.Context, ids []domain.DeviceID) ([]domain.SealedLANKey, error)
	NewestLANKeys(ctx context.Context, limit int) ([]domain.SealedLANKey, error)
	LANKeysShown(ctx context.Context, by domain.Caller, devices []domain.Device) error
}

// Service is the use cases of devices.
type Service struct {
	Store  Store
	Finder *guard.Finder
	Sealer *secret.Sealer // nil: LAN keys are shown once and never kept
	Now    func() time.Time
	shown  guard.ShownToday[domain.Device]
}

// New is what a person says of a device to be added.
type New struct {
	Name, SerialNumber, Model string
	State                     domain.DeviceState // empty: new
	IPv4                      string             // empty: never seen
	MAC, SSID                 string
	LANKey                    secret.Secret // empty: one is made
}

// Create adds a device of the caller and returns its LAN key. It needs
// devices.write for all things: a credential that is narrowed to single ones
// makes no new ones. A serial number that is registered is a Conflict.
func (s *Service) Create(ctx context.Context, c domain.Caller, in New) (domain.Device, secret.Secret, error) {
	if err := guard.RequireForAll(c, domain.ScopeDevicesWrite); err != nil {
		return domain.Device{}, secret.Secret{}, err
	}
	device := domain.Device{Owner: c.User.ID.Owner(), OwnerName: c.User.Name, Name: in.Name, State: in.State, SerialNumber: in.SerialNumber,
		Model: in.Model, IPv4: in.IPv4, MAC: in.MAC, SSID: in.SSID}.Tidy()
	if device.State == "" {
		device.State = domain.DeviceNew
	}
	if err := device.Check(); err != nil {
		return domain.Device{}, secret.Secret{}, err
	}
	key := in.LANKey
	if key.Empty() {
		key = secret.GenerateLANKey()
	}
	if err := domain.CheckLANKey(key.Reveal()); err != nil {
		return domain.Device{}, secret.Secret{}, err
	}
	made, err := s.Store.CreateDevice(ctx, c, device, s.seal(key))
	if err != nil {
		return domain.Device{}, secret.Secret{}, err
	}
	return made, key, nil
}

// Find returns the device with the number, where the caller may see it.
func (s *Service) Find(ctx context.Context, c domain.Caller, ref string) (domain.Device, error) {
	return s.Finder.Device(ctx, c, ref, domain.DeviceRead)
}

// List returns the devices that the caller's user owns or works on as a
// collaborator, by growing id. A credential that is
// narrowed to single things lists those, and says nothing of the others; a
// client without a user has none.
func (s *Service) List(ctx context.Context, c domain.Caller, page domain.Page) (domain.Listed[domain.Device], error) {
	if err := web.Scoped(domain.ScopeDevicesRead).Check(c); err != nil {
		return domain.Listed[domain.Device]{}, err
	}
	if c.User.ID == 0 {
		return domain.Listed[domain.Device]{Items: []domain.Device{}}, nil
	}
	listed, err := s.Store.Devices(ctx, c.User.ID, guard.ReadableOnly[domain.DeviceID](c, domain.ScopeDevicesRead), page)
	if err != nil {
		return domain.Listed[domain.Device]{}, err
	}
	for _, device := range listed.Items {
		s.Finder.Uses.Count(c, device.Thing(), domain.DeviceRead)
	}
	return listed, nil
}

// Count counts what List has for the caller's user, whatever the credential may
// do with them: how many there are is part of his profile (LaMetric).
func (s *Service) Count(ctx context.Context, c domain.Caller) (int, error) {
	if err := web.Scoped(domain.ScopeProfile).Check(c); err != nil {
		return 0, err
	}
	if c.User.ID == 0 {
		return 0, nil
	}
	return s.Store.CountDevices(ctx, c.User.ID)
}

// Edit changes the attributes of a device that are not nil. Its serial number
// cannot change: programs know the device by it.
type Edit struct {
	Name, Model, IPv4, MAC, SSID *string
	State                        *domain.DeviceState
}

func (e Edit) apply(to *domain.Device) {
	for _, text := range []struct{ to, from *string }{{&to.Name, e.Name}, {&to.Model, e.Model}, {&to.IPv4, e.IPv4}, {&to.MAC, e.MAC}, {&to.SSID, e.SSID}} {
		if text.from != nil {
			*text.to = *text.from
		}
	}
	if e.State != nil {
		to.State = *e.State
	}
}

// Edit changes a device.
func (s *Service) Edit(ctx context.Context, c domain.Caller, ref string, e Edit) (domain.Device, error) {
	device, err := s.Finder.Device(ctx, c, ref, domain.DeviceWrite)
	if err != nil {
		return domain.Device{}, err
	}
	return s.Store.UpdateDevice(ctx, c, device.ID, func(now *domain.Device) error {
		if err := guard.Require(c, domain.DeviceWrite, now.Thing()); err != nil {
			return err
		}
		e.apply(now)
		*now = now.Tidy()
		return now.Check()
	})
}

// Delete deletes a device with its LAN key.
func (s *Service) Delete(ctx context.Context, c domain.Caller, ref string) error {
	device, err := s.Finder.Device(ctx, c, ref, domain.DeviceDelete)
	if err != nil {
		return err
	}
	return s.Store.DeleteDevice(ctx, c, device.ID, func(now domain.Device) error {
		return guard.Require(c, domain.DeviceDelete, now.Thing())
	})
}
