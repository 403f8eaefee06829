package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/thingward/thingward/internal/domain"
)

const deviceColumns = `d.id, d.owner_id, o.name, d.name, d.state, d.serial_number, d.model, d.ipv4, d.mac, d.ssid, d.key_number, d.created_at, d.updated_at
	FROM devices d JOIN owners o ON o.id = d.owner_id`

func scanDevice(r row) (domain.Device, error) {
	var d domain.Device
	var created, updated int64
	err := r.Scan(&d.ID, &d.Owner, &d.OwnerName, &d.Name, &d.State, &d.SerialNumber, &d.Model, &d.IPv4, &d.MAC, &d.SSID, &d.KeyNumber, &created, &updated)
	d.CreatedAt, d.UpdatedAt = fromMillis(created), fromMillis(updated)
	return d, err
}

// DeviceByID returns a device. Unknown ones are NotFound.
func (s *Store) DeviceByID(ctx context.Context, id domain.DeviceID) (domain.Device, error) {
	device, err := scanDevice(s.queryRow(ctx, `SELECT `+deviceColumns+` WHERE d.id = $1`, id))
	if err != nil {
		return domain.Device{}, deviceMissing(err)
	}
	return device, nil
}

// DevicesByIDs returns those of the devices that exist, in the order of their ids.
func (s *Store) DevicesByIDs(ctx context.Context, ids []domain.DeviceID) ([]domain.Device, error) {
	devices := []domain.Device{}
	ids = slices.Clone(ids)
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		device, err := s.DeviceByID(ctx, id)
		if domain.IsKind(err, domain.NotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("devices by number: %w", err)
		}
		devices = append(devices, device)
	}
	return devices, nil
}
