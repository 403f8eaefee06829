package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/thingward/thingward/internal/domain"
)

// sensorColumns are what scanSensor reads; sensorTables where they are.
const (
	sensorColumns = `s.id, s.owner_id, o.name, p.name, s.name, s.long_name, s.description, s.image_url, s.latitude, s.longitude,
		s.public, s.tags, s.metadata, s.fields, s.created_at, s.updated_at`
	sensorTables = `sensors s JOIN owners o ON o.id = s.owner_id JOIN owners p ON p.id = s.publisher_id`
)

func scanSensor(r row) (domain.Sensor, error) {
	var s domain.Sensor
	var public bool
	var tags, metadata, fields string
	var created, updated int64
	err := r.Scan(&s.ID, &s.Owner, &s.OwnerName, &s.Publisher, &s.Name, &s.LongName, &s.Description, &s.ImageURL,
		&s.Latitude, &s.Longitude, &public, &tags, &metadata, &fields, &created, &updated)
	if err != nil {
		return domain.Sensor{}, err
	}
	s.Visibility = domain.Private
	if public {
		s.Visibility = domain.Public
	}
	s.CreatedAt, s.UpdatedAt = fromMillis(created), fromMillis(updated)
	return s, decodeSensor(&s, tags, metadata, fields)
}

// SensorByID returns a sensor, from memory where it can. Its slices and its map
// are shared: they must not be changed. An unknown id is NotFound.
func (s *Store) SensorByID(ctx context.Context, id domain.SensorID) (domain.Sensor, error) {
	sensor, generation, ok := s.caches.sensors.get(id)
	if ok {
		return sensor, nil
	}
	sensor, err := scanSensor(s.queryRow(ctx, `SELECT `+sensorColumns+` FROM `+sensorTables+` WHERE s.id = $1`, id))
	if err != nil {
		return domain.Sensor{}, sensorMissing(err)
	}
	s.caches.sensors.fill(id, generation, sensor)
	return sensor, nil
}

// SensorByName is SensorByID for "owner.name".
func (s *Store) SensorByName(ctx context.Context, owner, name string) (domain.Sensor, error) {
	full := owner + "." + name
	id, generation, ok := s.caches.sensorNames.get(full)
	if ok {
		return s.SensorByID(ctx, id)
	}
	if strings.ContainsRune(full, 0) || strings.ToValidUTF8(full, "") != full {
		return domain.Sensor{}, sensorMissing(errNoRows) // PostgreSQL would refuse the text
	}
	const text = `SELECT s.id FROM owners o JOIN sensors s ON s.owner_id = o.id WHERE o.name = $1 AND s.name = $2`
	if err := s.queryRow(ctx, text, owner, name).Scan(&id); err != nil {
		return domain.Sensor{}, sensorMissing(err)
	}
	s.caches.sensorNames.fill(full, generation, id)
	return s.SensorByID(ctx, id)
}

func sensorMissing(err error) error {
	return notFound(err, "sensor_not_found", "There is no such sensor.")
}

// CreateSensors stores new sensors, all or none, and returns them with their
// ids. Owner and OwnerName must be set; the publisher is the caller. A name
// that its owner has already is a Conflict. A zero CreatedAt becomes now.
func (s *Store) CreateSensors(ctx context.Context, by domain.Caller, sensors []domain.Sensor) ([]domain.Sensor, error) {
	var made []domain.Sensor
	err := s.write(ctx, func(tx *Tx) error {
		made = make([]domain.Sensor, 0, len(sensors))
		for _, sensor := range sensors {
			created, err := tx.createSensor(by, sensor)
			if err != nil {
				return err
			}
			made = append(made, created)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return made, nil
}

func (tx *Tx) createSensor(by domain.Caller, sensor domain.Sensor) (domain.Sensor, error) {
	now := tx.s.now()
	if sensor.CreatedAt.IsZero() {
		sensor.CreatedAt = now
	}
	sensor.CreatedAt, sensor.UpdatedAt = fromMillis(millis(sensor.CreatedAt)), fromMillis(millis(now))
	sensor.Publisher = by.User.Name
	sensor = whole(sensor)
	stored, err := encodeSensor(sensor)
	if err != nil {
		return domain.Sensor{}, err
	}
	const text = `INSERT INTO sensors (owner_id, publisher_id, name, long_name, description, image_url, latitude, longitude,
			public, tags, metadata, fields, search, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) RETURNING id`
	err = tx.queryRow(text, sensor.Owner, by.User.ID, sensor.Name, sensor.LongName, sensor.Description, sensor.ImageURL,
		sensor.Latitude, sensor.Longitude, sensor.Visibility == domain.Public, stored.tags, stored.metadata, stored.fields,
		searchText(sensor), millis(sensor.CreatedAt), millis(sensor.UpdatedAt)).Scan(&sensor.ID)
	if isTaken(err) {
		return domain.Sensor{}, nameTaken(sensor)
	}
	if err != nil {
		return domain.Sensor{}, fmt.Errorf("insert sensor: %w", err)
	}
	if err := tx.indexSensor(sensor); err != nil {
		return domain.Sensor{}, err
	}
	tx.note(topicSensor, formatID(sensor.ID))
	return sensor, tx.auditSensor(by, "sensor.create", sensor)
}

func nameTaken(sensor domain.Sensor) error {
	return domain.Errorf(domain.Conflict, "sensor_name_taken", "A sensor with the name %s already exists.", sensor.FullName())
}

// auditSensor tells the owner, too, what somebody else did to his sensor.
func (tx *Tx) auditSensor(by domain.Caller, act string, sensor domain.Sensor) error {
	event := domain.NewAudit(by, tx.s.now(), act, "sensor "+sensor.FullName())
	event.Subject = domain.UserID(sensor.Owner)
	return tx.audit(event)
}

// UpdateSensor lets edit change a sensor as it stands in the transaction, so
// that edits of several callers at once build upon each other. An error of edit
// undoes all. edit may be called again, with a fresh sensor, and must change
// nothing else; name, owner and id stay as they are; Given is what the caller's
// user is given on it in the transaction. Where a public sensor
// becomes private, everybody's subscription to it ends.
func (s *Store) UpdateSensor(ctx context.Context, by domain.Caller, id domain.SensorID, edit func(*domain.Sensor) error) (domain.Sensor, error) {
	var updated domain.Sensor
	err := s.write(ctx, func(tx *Tx) error {
		before, err := tx.lockedSensor(id, by.User.ID)
		if err != nil {
			return err
		}
		updated = before
		if err := edit(&updated); err != nil {
			return err
		}
		updated.ID, updated.Owner, updated.OwnerName, updated.Name = before.ID, before.Owner, before.OwnerName, before.Name
		updated.UpdatedAt = fromMillis(millis(tx.s.now()))
		updated = whole(updated)
		if err := tx.replaceSensor(updated); err != nil {
			return err
		}
		return tx.visibilityChanged(by, before, updated)
	})
	if err != nil {
		return domain.Sensor{}, err
	}
	return updated, nil
}

// lockedSensor reads a sensor and keeps others from changing it until the
// transaction ends: an update that changes nothing locks its row in
// PostgreSQL, and SQLite has one writer. Given is what the user has on it.
func (tx *Tx) lockedSensor(id domain.SensorID, user domain.UserID) (domain.Sensor, error) {
	there, err := tx.execOne(`UPDATE sensors SET updated_at = updated_at WHERE id = $1`, id)
	if err == nil && !there {
		err = errNoRows
	}
	if err != nil {
		return domain.Sensor{}, sensorMissing(err)
	}
	sensor, err := scanSensor(tx.queryRow(`SELECT `+sensorColumns+` FROM `+sensorTables+` WHERE s.id = $1`, id))
	if err != nil {
		return domain.Sensor{}, sensorMissing(err)
	}
	sensor.Given, err = tx.given(sensor.Thing().Key(), user)
	return sensor, err
}

func (tx *Tx) replaceSensor(sensor domain.Sensor) error {
	stored, err := encodeSensor(sensor)
	if err != nil {
		return err
	}
	const text = `UPDATE sensors SET long_name = $1, description = $2, image_url = $3, latitude = $4, longitude = $5, public = $6,
		tags = $7, metadata = $8, fields = $9, search = $10, updated_at = $11 WHERE id = $12`
	_, err = tx.exec(text, sensor.LongName, sensor.Description, sensor.ImageURL, sensor.Latitude, sensor.Longitude,
		sensor.Visibility == domain.Public, stored.tags, stored.metadata, stored.fields, searchText(sensor),
		millis(sensor.UpdatedAt), sensor.ID)
	if err != nil {
		return fmt.Errorf("update sensor: %w", err)
	}
	tx.note(topicSensor, formatID(sensor.ID))
	return tx.indexSensor(sensor)
}

// visibilityChanged ends the subscriptions to a sensor that was made private
// (WoTKit V1, Sensors), the owner's as well.
func (tx *Tx) visibilityChanged(by domain.Caller, before, after domain.Sensor) error {
	if before.Visibility == after.Visibility {
		return nil
	}
	if after.Visibility == domain.Private {
		if _, err := tx.exec(`DELETE FROM subscriptions WHERE sensor_id = $1`, after.ID); err != nil {
			return fmt.Errorf("end subscriptions: %w", err)
		}
	}
	return tx.auditSensor(by, "sensor.visibility "+strings.ToLower(string(after.Visibility)), after)
}

// DeleteSensor deletes a sensor that allowed lets through as it stands in the
// transaction, with its readings, tags, metadata, subscriptions and
// collaborators. An unknown id is NotFound.
func (s *Store) DeleteSensor(ctx context.Context, by domain.Caller, id domain.SensorID, allowed func(domain.Sensor) error) error {
	return s.write(ctx, func(tx *Tx) error {
		sensor, err := tx.lockedSensor(id, by.User.ID)
		if err != nil {
			return err
		}
		if err := allowed(sensor); err != nil {
			return err
		}
		if err := tx.dropCollaborators(sensor.Thing().Key()); err != nil {
			return err
		}
		if err := tx.dropReadings(id); err != nil {
			return err
		}
		// Tags, metadata and subscriptions go with their sensor (ON DELETE CASCADE).
		if _, err := tx.exec(`DELETE FROM sensors WHERE id = $1`, id); err != nil {
			return fmt.Errorf("delete sensor: %w", err)
		}
		tx.note(topicSensor, formatID(id))
		return tx.auditSensor(by, "sensor.delete", sensor)
	})
}
