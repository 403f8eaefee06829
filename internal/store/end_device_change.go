package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/thingward/thingward/internal/domain"
)

// home is an application that an end device is put into or taken from.
type home struct {
	domain.Application
	registration, place int64 // place: where the next end device stands
}

// lockedHome keeps others from changing an application, and which end devices
// it has, until the transaction ends. allowed must let it through; one that is
// not registered is NotFound.
func (tx *Tx) lockedHome(by domain.Caller, id domain.ApplicationID, allowed domain.MayApplication) (home, error) {
	h := home{Application: domain.Application{ID: id}}
	var registered int64
	err := tx.queryRow(`UPDATE applications SET next_place = next_place WHERE id = $1 AND deleted_at = 0 RETURNING name, owner_id, registered_at, registration, next_place`, id).
		Scan(&h.Name, &h.Owner, &registered, &h.registration, &h.place)
	if err != nil {
		return home{}, applicationKind.missing(err)
	}
	if h.Given, err = tx.given(h.Thing().Key(), by.User.ID); err != nil {
		return home{}, err
	}
	if err := allowed(h.Application); err != nil {
		return home{}, err
	}
	if registered == 0 {
		return home{}, domain.NotRegistered(h.Name)
	}
	return h, nil
}

// CreateEndDevice stores a new end device of an application that allowed lets
// through. A name that it has already is a Conflict (end_device_exists), and
// so is a pair of AppEUI and DevEUI (end_device_euis_taken).
func (s *Store) CreateEndDevice(ctx context.Context, by domain.Caller, d domain.EndDevice, seal domain.SealEndDevice, allowed domain.MayApplication) (domain.EndDevice, error) {
	return s.putEndDevice(ctx, by, d, seal, allowed, func(tx *Tx, h home, there domain.EndDevice) (domain.EndDevice, error) {
		if there.ID != 0 {
			return domain.EndDevice{}, domain.Errorf(domain.Conflict, "end_device_exists", "The application %s has an end device %s already.", h.Name, d.Name)
		}
		return tx.insertEndDevice(by, h, d)
	})
}

// SetEndDevice stores a new end device of an application that allowed lets
// through, or puts it in the place of the one with its name. A pair of AppEUI
// and DevEUI that another one has is a Conflict (end_device_euis_taken).
func (s *Store) SetEndDevice(ctx context.Context, by domain.Caller, d domain.EndDevice, seal domain.SealEndDevice, allowed domain.MayApplication) (domain.EndDevice, error) {
	return s.putEndDevice(ctx, by, d, seal, allowed, func(tx *Tx, h home, there domain.EndDevice) (domain.EndDevice, error) {
		if there.ID == 0 {
			return tx.insertEndDevice(by, h, d)
		}
		return tx.replaceEndDevice(by, h, there, d)
	})
}

// putEndDevice lets put store an end device: there is the one with its name,
// the zero one where there is none.
func (s *Store) putEndDevice(ctx context.Context, by domain.Caller, d domain.EndDevice, seal domain.SealEndDevice, allowed domain.MayApplication,
	put func(tx *Tx, h home, there domain.EndDevice) (domain.EndDevice, error)) (domain.EndDevice, error) {
	var stored domain.EndDevice
	err := s.write(ctx, func(tx *Tx) error {
		h, err := tx.lockedHome(by, d.Application, allowed)
		if err != nil {
			return err
		}
		var there domain.EndDevice
		var created int64
		err = tx.queryRow(`SELECT id, created_at FROM end_devices WHERE application_id = $1 AND registration = $2 AND name = $3`, h.ID, h.registration, d.Name).
			Scan(&there.ID, &created)
		if err != nil && !isNoRows(err) {
			return fmt.Errorf("look for end device: %w", err)
		}
		there.CreatedAt = fromMillis(created)
		if stored, err = put(tx, h, there); err != nil {
			return err
		}
		if sealed := seal(stored.ID); len(sealed) > 0 || there.ID != 0 {
			if _, err := tx.exec(`UPDATE end_devices SET keys_sealed = $1 WHERE id = $2`, sealed, stored.ID); err != nil {
				return fmt.Errorf("keep the keys of an end device: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		return domain.EndDevice{}, err
	}
	return stored, nil
}

// pairTaken says so where two end devices have the same AppEUI and DevEUI.
func pairTaken(err error) error {
	if isTaken(err) {
		return domain.Errorf(domain.Conflict, "end_device_euis_taken", "Another end device of the application has the same app_eui and dev_eui.")
	}
	return err
}

func (tx *Tx) insertEndDevice(by domain.Caller, h home, d domain.EndDevice) (domain.EndDevice, error) {
	d.CreatedAt = fromMillis(millis(tx.s.now()))
	d.ChangedAt = d.CreatedAt
	attributes, err := json.Marshal(d.Attributes)
	if err != nil {
		return domain.EndDevice{}, fmt.Errorf("encode attributes: %w", err)
	}
	err = tx.queryRow(`INSERT INTO end_devices (application_id, registration, place, name, app_eui, dev_eui, dev_addr, description, latitude, longitude, altitude,
		attributes, constraints_, no_counter, wide_counter, counter_up, counter_down, last_seen, created_at, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $19) RETURNING id`,
		h.ID, h.registration, h.place, d.Name, d.AppEUI, d.DevEUI, d.DevAddr, d.Description, d.Latitude, d.Longitude, d.Altitude,
		string(attributes), d.Constraints, d.NoCounter, d.WideCounter, int64(d.CounterUp), int64(d.CounterDown), d.LastSeen, millis(d.CreatedAt)).Scan(&d.ID)
	if err != nil {
		return domain.EndDevice{}, fmt.Errorf("insert end device: %w", pairTaken(err))
	}
	if err := tx.countEndDevice(h); err != nil {
		return domain.EndDevice{}, err
	}
	return d, tx.auditPart(by, "end_device.create", "end device", h.Application, d.Name)
}

// countEndDevice counts an end device that was put at the next place.
func (tx *Tx) countEndDevice(h home) error {
	if _, err := tx.exec(`UPDATE applications SET end_devices = end_devices + 1, next_place = $1 WHERE id = $2`, h.place+1, h.ID); err != nil {
		return fmt.Errorf("count end devices: %w", err)
	}
	_, err := tx.exec(`INSERT INTO end_device_blocks (application_id, registration, block, devices) VALUES ($1, $2, $3, 1)
		ON CONFLICT (application_id, registration, block) DO UPDATE SET devices = end_device_blocks.devices + 1`, h.ID, h.registration, h.place>>blockBits)
	if err != nil {
		return fmt.Errorf("count end devices: %w", err)
	}
	return nil
}

func (tx *Tx) replaceEndDevice(by domain.Caller, h home, there, d domain.EndDevice) (domain.EndDevice, error) {
	d.ID, d.CreatedAt, d.ChangedAt = there.ID, there.CreatedAt, fromMillis(millis(tx.s.now()))
	attributes, err := json.Marshal(d.Attributes)
	if err != nil {
		return domain.EndDevice{}, fmt.Errorf("encode attributes: %w", err)
	}
	_, err = tx.exec(`UPDATE end_devices SET app_eui = $1, dev_eui = $2, dev_addr = $3, description = $4, latitude = $5, longitude = $6, altitude = $7,
		attributes = $8, constraints_ = $9, no_counter = $10, wide_counter = $11, counter_up = $12, counter_down = $13, last_seen = $14, changed_at = $15 WHERE id = $16`,
		d.AppEUI, d.DevEUI, d.DevAddr, d.Description, d.Latitude, d.Longitude, d.Altitude,
		string(attributes), d.Constraints, d.NoCounter, d.WideCounter, int64(d.CounterUp), int64(d.CounterDown), d.LastSeen, millis(d.ChangedAt), d.ID)
	if err != nil {
		return domain.EndDevice{}, fmt.Errorf("update end device: %w", pairTaken(err))
	}
	return d, tx.auditPart(by, "end_device.edit", "end device", h.Application, d.Name)
}

// DeleteEndDevice removes an end device of an application that allowed lets
// through. An unknown one is NotFound.
func (s *Store) DeleteEndDevice(ctx context.Context, by domain.Caller, id domain.ApplicationID, name string, allowed domain.MayApplication) error {
	if !storable(name) {
		return endDeviceMissing(errNoRows)
	}
	return s.write(ctx, func(tx *Tx) error {
		h, err := tx.lockedHome(by, id, allowed)
		if err != nil {
			return err
		}
		var place int64
		err = tx.queryRow(`DELETE FROM end_devices WHERE application_id = $1 AND registration = $2 AND name = $3 RETURNING place`, id, h.registration, name).Scan(&place)
		if err != nil {
			return endDeviceMissing(err)
		}
		if _, err := tx.exec(`UPDATE applications SET end_devices = end_devices - 1 WHERE id = $1`, id); err != nil {
			return fmt.Errorf("count end devices: %w", err)
		}
		if err := tx.uncount(id, h.registration, place>>blockBits); err != nil {
			return err
		}
		return tx.auditPart(by, "end_device.delete", "end device", h.Application, name)
	})
}

// uncount takes an end device from the count of its block; an empty block goes.
func (tx *Tx) uncount(id domain.ApplicationID, registration, block int64) error {
	for _, text := range []string{
		`UPDATE end_device_blocks SET devices = devices - 1 WHERE application_id = $1 AND registration = $2 AND block = $3`,
		`DELETE FROM end_device_blocks WHERE application_id = $1 AND registration = $2 AND block = $3 AND devices = 0`,
	} {
		if _, err := tx.exec(text, id, registration, block); err != nil {
			return fmt.Errorf("count end devices: %w", err)
		}
	}
	return nil
}
