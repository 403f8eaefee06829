package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/thingward/thingward/internal/domain"
)

// devicesText walks the indexes of what is owned and of what is shared from the
// cursor, no further than a page.
const devicesText = `SELECT COALESCE(g.rights, ''), ` + deviceColumns + `
	JOIN (SELECT id FROM (SELECT id FROM devices WHERE owner_id = $1 AND id > $2 ORDER BY id LIMIT $3) AS mine
		UNION SELECT id FROM (SELECT thing_id AS id FROM collaborators WHERE user_id = $1 AND noun = 'device' AND thing_id > $2 ORDER BY thing_id LIMIT $3) AS shared) AS p ON p.id = d.id
	LEFT JOIN collaborators g ON g.noun = 'device' AND g.thing_id = d.id AND g.user_id = $1
	ORDER BY d.id LIMIT $3`

// Devices returns the devices that a user owns or works on, by growing id,
// with what he was given on each: all of them where only is nil, else those
// of the listed ones. The cursor is an id.
func (s *Store) Devices(ctx context.Context, user domain.UserID, only []domain.DeviceID, page domain.Page) (domain.Listed[domain.Device], error) {
	page = page.Clamped()
	after, err := afterCursor(page)
	if err != nil {
		return domain.Listed[domain.Device]{}, err
	}
	if only != nil {
		return s.devicesAmong(ctx, user, only, after, page)
	}
	rows, err := s.query(ctx, devicesText, user, after, page.Limit+1)
	devices, err := collect(rows, err, scanGivenDevice)
	if err != nil {
		return domain.Listed[domain.Device]{}, fmt.Errorf("devices of a user: %w", err)
	}
	total, err := s.CountDevices(ctx, user)
	return listed(devices, page, total, func(d domain.Device) int64 { return int64(d.ID) }), err
}

func scanGivenDevice(r row) (domain.Device, error) {
	var names string
	device, err := scanDevice(behind(r, &names))
	if err == nil {
		device.Given, err = parseRights(domain.NounDevice, names)
	}
	return device, err
}

// devicesAmong lists what a narrowed credential names: a handful.
func (s *Store) devicesAmong(ctx context.Context, user domain.UserID, only []domain.DeviceID, after int64, page domain.Page) (domain.Listed[domain.Device], error) {
	found, err := s.DevicesByIDs(ctx, only)
	if err != nil {
		return domain.Listed[domain.Device]{}, err
	}
	devices := make([]domain.Device, 0, len(found))
	for _, device := range found {
		if device.Given, err = s.GivenRights(ctx, device.Thing().Key(), user); err != nil {
			return domain.Listed[domain.Device]{}, err
		}
		if device.Owner == user.Owner() || device.Given != 0 {
			devices = append(devices, device)
		}
	}
	total := len(devices)
	devices = slices.DeleteFunc(devices, func(d domain.Device) bool { return int64(d.ID) <= after })
	return listed(devices, page, total, func(d domain.Device) int64 { return int64(d.ID) }), nil
}

// CountDevices counts the devices that a user owns or works on, up to
// domain.MaxCounted.
func (s *Store) CountDevices(ctx context.Context, user domain.UserID) (int, error) {
	return s.counted(ctx, `SELECT count(*) FROM (SELECT 1 FROM (SELECT id FROM devices WHERE owner_id = $2
		UNION ALL SELECT thing_id FROM collaborators WHERE user_id = $2 AND noun = 'device') AS either LIMIT $1) AS counted`, user)
}
