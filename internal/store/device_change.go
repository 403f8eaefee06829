package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/thingward/thingward/internal/domain"
)

// SealKey seals the LAN key of a device under its number. It returns nil where
// the key shall not be kept.
type SealKey = func(id domain.DeviceID, number int64) []byte

// CreateDevice stores a new device, whose Owner and OwnerName must be set,
// with its first LAN key. A serial number that is registered is a Conflict.
func (s *Store) CreateDevice(ctx context.Context, by domain.Caller, device domain.Device, seal SealKey) (domain.Device, error) {
	err := s.write(ctx, func(tx *Tx) error {
		now := fromMillis(millis(tx.s.now()))
		device.CreatedAt, device.UpdatedAt, device.KeyNumber = now, now, 1
		const text = `INSERT INTO devices (owner_id, name, state, serial_number, model, ipv4, mac, ssid, key_number, created_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id`
		err := tx.queryRow(text, device.Owner, device.Name, string(device.State), device.SerialNumber, device.Model, device.IPv4, device.MAC, device.SSID,
			device.KeyNumber, millis(now), millis(now)).Scan(&device.ID)
		if isTaken(err) {
			return serialTaken()
		}
		if err != nil {
			return fmt.Errorf("insert device: %w", err)
		}
		if err := tx.setDeviceKey(device.ID, device.KeyNumber, seal); err != nil {
			return err
		}
		return tx.auditDevice(by, "device.create", device)
	})
	if err != nil {
		return domain.Device{}, err
	}
	return device, nil
}

func serialTaken() error {
	const message = "A device with this serial number is registered already."
	return &domain.Error{Kind: domain.Conflict, Code: "serial_number_taken", Message: message, Fields: map[string]string{"serial_number": message}}
}

func deviceMissing(err error) error {
	return notFound(err, "device_not_found", "There is no such device.")
}

func (tx *Tx) setDeviceKey(id domain.DeviceID, number int64, seal SealKey) error {
	if _, err := tx.exec(`UPDATE devices SET key_sealed = $1 WHERE id = $2`, seal(id, number), id); err != nil {
		return fmt.Errorf("keep LAN key: %w", err)
	}
	return nil
}

// auditDevice tells the owner, too, what somebody else did to his device.
func (tx *Tx) auditDevice(by domain.Caller, act string, device domain.Device) error {
	event := domain.NewAudit(by, tx.s.now(), act, "device "+formatID(device.ID))
	event.Subject = domain.UserID(device.Owner)
	return tx.audit(event)
}

// UpdateDevice lets edit change a device as it stands in the transaction. An
// error of edit undoes all. edit may be called again, with a fresh device, and
// must change nothing else; id, owner, serial number and LAN key stay; Given is
// what the caller's user is given on it in the transaction.
func (s *Store) UpdateDevice(ctx context.Context, by domain.Caller, id domain.DeviceID, edit func(*domain.Device) error) (domain.Device, error) {
	var updated domain.Device
	err := s.write(ctx, func(tx *Tx) error {
		before, err := tx.lockedDevice(id, by.User.ID)
		if err != nil {
			return err
		}
		updated = before
		if err := edit(&updated); err != nil {
			return err
		}
		updated.ID, updated.Owner, updated.OwnerName, updated.SerialNumber, updated.KeyNumber = before.ID, before.Owner, before.OwnerName, before.SerialNumber, before.KeyNumber
		updated.UpdatedAt = fromMillis(millis(tx.s.now()))
		const text = `UPDATE devices SET name = $1, state = $2, model = $3, ipv4 = $4, mac = $5, ssid = $6, updated_at = $7 WHERE id = $8`
		if _, err := tx.exec(text, updated.Name, string(updated.State), updated.Model, updated.IPv4, updated.MAC, updated.SSID, millis(updated.UpdatedAt), id); err != nil {
			return fmt.Errorf("update device: %w", err)
		}
		return tx.auditDevice(by, "device.edit", updated)
	})
	if err != nil {
		return domain.Device{}, err
	}
	return updated, nil
}

// lockedDevice reads a device and keeps others from changing it until the
// transaction ends: the update locks its row in PostgreSQL. Given is what the
// user has on it.
func (tx *Tx) lockedDevice(id domain.DeviceID, user domain.UserID) (domain.Device, error) {
	there, err := tx.execOne(`UPDATE devices SET updated_at = updated_at WHERE id = $1`, id)
	if err == nil && !there {
		err = errNoRows
	}
	if err != nil {
		return domain.Device{}, deviceMissing(err)
	}
	device, err := scanDevice(tx.queryRow(`SELECT `+deviceColumns+` WHERE d.id = $1`, id))
	if err != nil {
		return domain.Device{}, deviceMissing(err)
	}
	device.Given, err = tx.given(device.Thing().Key(), user)
	return device, err
}

// DeleteDevice deletes a device that allowed lets through as it stands in the
// transaction, with its collaborators. Its serial number is free again.
func (s *Store) DeleteDevice(ctx context.Context, by domain.Caller, id domain.DeviceID, allowed func(domain.Device) error) error {
	return s.write(ctx, func(tx *Tx) error {
		device, err := tx.lockedDevice(id, by.User.ID)
		if err != nil {
			return err
		}
		if err := allowed(device); err != nil {
			return err
		}
		if err := tx.dropCollaborators(device.Thing().Key()); err != nil {
			return err
		}
		if _, err := tx.exec(`DELETE FROM devices WHERE id = $1`, id); err != nil {
			return fmt.Errorf("delete device: %w", err)
		}
		return tx.auditDevice(by, "device.delete", device)
	})
}

// RotateLANKey puts another LAN key in the place of the present one of a
// device that allowed lets through. Of several at once each has its turn; the
// last one's key counts.
func (s *Store) RotateLANKey(ctx context.Context, by domain.Caller, id domain.DeviceID, allowed func(domain.Device) error, seal SealKey) (domain.Device, error) {
	var device domain.Device
	err := s.write(ctx, func(tx *Tx) (err error) {
		if device, err = tx.lockedDevice(id, by.User.ID); err != nil {
			return err
		}
		if err := allowed(device); err != nil {
			return err
		}
		device.KeyNumber++
		device.UpdatedAt = fromMillis(millis(tx.s.now()))
		if _, err := tx.exec(`UPDATE devices SET key_number = $1, updated_at = $2 WHERE id = $3`, device.KeyNumber, millis(device.UpdatedAt), id); err != nil {
			return fmt.Errorf("count LAN key: %w", err)
		}
		if err := tx.setDeviceKey(id, device.KeyNumber, seal); err != nil {
			return err
		}
		return tx.auditDevice(by, "device.rotate", device)
	})
	if err != nil {
		return domain.Device{}, err
	}
	return device, nil
}

// SealedLANKeys returns the sealed LAN keys of those of the devices that exist.
func (s *Store) SealedLANKeys(ctx context.Context, ids []domain.DeviceID) ([]domain.SealedLANKey, error) {
	keys := []domain.SealedLANKey{}
	for some := range slices.Chunk(ids, idsAtOnce) {
		c := &condition{}
		c.add("id IN ("+marks(len(some))+")", anys(some)...)
		rows, err := s.queryOnce(ctx, `SELECT id, key_number, key_sealed FROM devices`+c.where()+` ORDER BY id`, c.args...)
		list, err := collect(rows, err, scanSealedLANKey)
		if err != nil {
			return nil, fmt.Errorf("LAN keys: %w", err)
		}
		keys = append(keys, list...)
	}
	return keys, nil
}

// NewestLANKeys returns sealed LAN keys of the newest devices that have one,
// to see whether they open.
func (s *Store) NewestLANKeys(ctx context.Context, limit int) ([]domain.SealedLANKey, error) {
	rows, err := s.query(ctx, `SELECT id, key_number, key_sealed FROM devices WHERE key_sealed IS NOT NULL ORDER BY id DESC LIMIT $1`, limit)
	keys, err := collect(rows, err, scanSealedLANKey)
	if err != nil {
		return nil, fmt.Errorf("newest LAN keys: %w", err)
	}
	return keys, nil
}

func scanSealedLANKey(r row) (k domain.SealedLANKey, err error) {
	return k, r.Scan(&k.Device, &k.Number, &k.Sealed)
}

// LANKeysShown records that a caller was shown the LAN keys of the devices.
func (s *Store) LANKeysShown(ctx context.Context, by domain.Caller, devices []domain.Device) error {
	return s.write(ctx, func(tx *Tx) error {
		for _, device := range devices {
			if err := tx.auditDevice(by, "device.view", device); err != nil {
				return err
			}
		}
		return nil
	})
}
