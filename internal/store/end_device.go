package store

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/thingward/thingward/internal/domain"
)

// End devices belong to a registration of their application, which grows when
// it ends. So those of a former one are gone with one update, while their rows
// are removed in short commits. Each has a place in the order in which they
// were added, and blocks of places are counted, so that a page far behind the
// first is found by adding up the blocks before it.

// blockBits: a block has 1,024 places.
const blockBits = 10

const (
	endDeviceColumns = `d.place, d.keys_sealed, d.id, d.application_id, d.name, d.app_eui, d.dev_eui, d.dev_addr, d.description, d.latitude, d.longitude, d.altitude,
	d.attributes, d.constraints_, d.no_counter, d.wide_counter, d.counter_up, d.counter_down, d.last_seen, d.created_at, d.changed_at`
	selectEndDevice = `SELECT ` + endDeviceColumns + ` FROM applications t JOIN end_devices d ON d.application_id = t.id AND d.registration = t.registration
	WHERE t.id = $1 AND t.deleted_at = 0 AND d.name = $2`
)

// placedDevice is an end device and where it stands.
type placedDevice struct {
	domain.SealedEndDevice
	place int64
}

func scanEndDevice(r row) (placedDevice, error) {
	var d placedDevice
	var attributes string
	var created, changed int64
	err := r.Scan(&d.place, &d.Sealed, &d.ID, &d.Application, &d.Name, &d.AppEUI, &d.DevEUI, &d.DevAddr, &d.Description, &d.Latitude, &d.Longitude, &d.Altitude,
		&attributes, &d.Constraints, &d.NoCounter, &d.WideCounter, &d.CounterUp, &d.CounterDown, &d.LastSeen, &created, &changed)
	if err != nil {
		return d, err
	}
	d.CreatedAt, d.ChangedAt = fromMillis(created), fromMillis(changed)
	if err := json.Unmarshal([]byte(attributes), &d.Attributes); err != nil {
		return d, fmt.Errorf("attributes of end device %d: %w", d.ID, err)
	}
	return d, nil
}

func endDeviceMissing(err error) error {
	return notFound(err, "end_device_not_found", "The application has no such end device.")
}

// EndDevice returns the end device of an application with the name. Unknown
// ones are NotFound.
func (s *Store) EndDevice(ctx context.Context, id domain.ApplicationID, name string) (domain.SealedEndDevice, error) {
	if !storable(name) {
		return domain.SealedEndDevice{}, endDeviceMissing(errNoRows)
	}
	d, err := scanEndDevice(s.queryRow(ctx, selectEndDevice, id, name))
	return d.SealedEndDevice, endDeviceMissing(err)
}

// endDevicesThere returns the present registration of an application and how
// many end devices it has.
func (s *Store) endDevicesThere(ctx context.Context, id domain.ApplicationID) (registration, total int64, err error) {
	err = s.queryRow(ctx, `SELECT t.registration, t.end_devices FROM applications t WHERE t.id = $1 AND t.deleted_at = 0`, id).Scan(&registration, &total)
	return registration, total, applicationKind.missing(err)
}

// endDevicesFrom returns up to limit end devices of a registration from a place
// on, without the first skip of them. There is no join in it: PostgreSQL would
// sort all of them behind one.
func (s *Store) endDevicesFrom(ctx context.Context, id domain.ApplicationID, registration, place, limit, skip int64) ([]placedDevice, error) {
	rows, err := s.query(ctx, `SELECT `+endDeviceColumns+` FROM end_devices d WHERE d.application_id = $1 AND d.registration = $2 AND d.place >= $3
		ORDER BY d.place LIMIT $4 OFFSET $5`, id, registration, place, limit, skip)
	devices, err := collect(rows, err, scanEndDevice)
	if err != nil {
		return nil, fmt.Errorf("end devices: %w", err)
	}
	return devices, nil
}

// EndDevices returns end devices of an application in the order in which they
// were added. The cursor is a place, the total exact.
func (s *Store) EndDevices(ctx context.Context, id domain.ApplicationID, page domain.Page) (domain.Listed[domain.SealedEndDevice], error) {
	page = page.Clamped()
	none := domain.Listed[domain.SealedEndDevice]{}
	after, err := afterCursor(page)
	if err != nil {
		return none, err
	}
	registration, total, err := s.endDevicesThere(ctx, id)
	if err != nil {
		return none, err
	}
	devices, err := s.endDevicesFrom(ctx, id, registration, after+1, int64(page.Limit)+1, 0)
	if err != nil {
		return none, err
	}
	next := ""
	if len(devices) > page.Limit {
		devices = devices[:page.Limit]
		next = strconv.FormatInt(devices[page.Limit-1].place, 10)
	}
	return domain.Listed[domain.SealedEndDevice]{Items: withoutPlaces(devices), Next: next, Total: int(total)}, nil
}

// EndDevicesAt returns end devices of an application behind so many others,
// and how many it has in all. The limit 0 stands for all the others.
func (s *Store) EndDevicesAt(ctx context.Context, id domain.ApplicationID, limit, offset int) ([]domain.SealedEndDevice, int, error) {
	registration, total, err := s.endDevicesThere(ctx, id)
	if err != nil || int64(offset) >= total {
		return []domain.SealedEndDevice{}, int(total), err
	}
	block, skip, err := s.blockAt(ctx, id, registration, int64(offset))
	if err != nil {
		return nil, 0, err
	}
	if limit == 0 {
		limit = math.MaxInt64
	}
	devices, err := s.endDevicesFrom(ctx, id, registration, block<<blockBits, int64(limit), skip)
	return withoutPlaces(devices), int(total), err
}

func withoutPlaces(devices []placedDevice) []domain.SealedEndDevice {
	list := make([]domain.SealedEndDevice, len(devices))
	for i, d := range devices {
		list[i] = d.SealedEndDevice
	}
	return list
}

// NewestEndDevices returns the newest end devices that have network keys, to
// see whether these open.
func (s *Store) NewestEndDevices(ctx context.Context, limit int) ([]domain.SealedEndDevice, error) {
	rows, err := s.query(ctx, `SELECT `+endDeviceColumns+` FROM end_devices d WHERE d.keys_sealed IS NOT NULL ORDER BY d.id DESC LIMIT $1`, limit)
	devices, err := collect(rows, err, scanEndDevice)
	if err != nil {
		return nil, fmt.Errorf("newest end devices: %w", err)
	}
	return withoutPlaces(devices), nil
}

// blockAt returns the block in which the end device behind offset others
// stands, and how many of these stand in it too.
func (s *Store) blockAt(ctx context.Context, id domain.ApplicationID, registration, offset int64) (block, skip int64, err error) {
	if offset < 1<<blockBits {
		return 0, offset, nil
	}
	rows, err := s.query(ctx, `SELECT block, devices FROM end_device_blocks WHERE application_id = $1 AND registration = $2 ORDER BY block`, id, registration)
	if err != nil {
		return 0, 0, fmt.Errorf("blocks of end devices: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var devices int64
		if err := rows.Scan(&block, &devices); err != nil {
			return 0, 0, fmt.Errorf("blocks of end devices: %w", err)
		}
		if offset < devices {
			return block, offset, nil
		}
		offset -= devices
	}
	return block + 1, offset, rows.Err()
}
