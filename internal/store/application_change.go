package store

import (
	"context"
	"fmt"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// CreateApplication stores a new application, whose Owner must be a user, with
// its first access key, and assigns an EUI where it has none. A name that is
// taken, or was once, is a Conflict (application_id_taken).
func (s *Store) CreateApplication(ctx context.Context, by domain.Caller, a domain.Application, first domain.NewAccessKey) (domain.Application, error) {
	var made domain.Application
	err := s.write(ctx, func(tx *Tx) error {
		made = a
		made.CreatedAt = fromMillis(millis(tx.s.now()))
		made.ChangedAt = made.CreatedAt
		err := tx.queryRow(`INSERT INTO applications (name, owner_id, description, registered_at, registration, payload_format, join_key_id, end_devices, next_place,
			created_at, changed_at, deleted_at, purged_at) VALUES ($1, $2, $3, 0, 1, '', 0, 0, 1, $4, $4, 0, 0) RETURNING id`,
			a.Name, a.Owner, a.Description, millis(made.CreatedAt)).Scan(&made.ID)
		if isTaken(err) {
			return applicationKind.taken(a.Name)
		}
		if err != nil {
			return fmt.Errorf("insert application: %w", err)
		}
		if err := tx.addOwner(made.Thing().Key(), domain.UserID(a.Owner), made.CreatedAt); err != nil {
			return err
		}
		if made.EUIs, err = tx.firstEUIs(made.ID, a.EUIs); err != nil {
			return err
		}
		if _, err := tx.insertAccessKey(made.Thing().Key(), first, made.CreatedAt); err != nil {
			return err
		}
		return tx.auditNetwork(by, "create", made.Thing(), made.Name)
	})
	if err != nil {
		return domain.Application{}, err
	}
	return made, nil
}

// lockedApplication reads a living application with all that is known of it
// and what the caller is given on it, and keeps others from changing it until
// the transaction ends.
func (tx *Tx) lockedApplication(by domain.Caller, id domain.ApplicationID) (domain.Application, error) {
	if err := tx.lockNetwork(applicationKind, int64(id)); err != nil {
		return domain.Application{}, err
	}
	a, err := scanWholeApplication(tx.queryRow(wholeApplication, id))
	if err != nil {
		return domain.Application{}, fmt.Errorf("read application: %w", err)
	}
	rows, err := tx.query(selectEUIs, id)
	if err != nil {
		return domain.Application{}, fmt.Errorf("EUIs of an application: %w", err)
	}
	if a.EUIs, err = collect(rows, nil, scanEUI); err != nil {
		return domain.Application{}, fmt.Errorf("EUIs of an application: %w", err)
	}
	a.Given, err = tx.given(a.Thing().Key(), by.User.ID)
	return a, err
}

// changeApplication runs do on a living application that allowed lets through,
// tells caches that it changed and writes the act.
func (tx *Tx) changeApplication(by domain.Caller, id domain.ApplicationID, act string, allowed domain.MayApplication, do func(domain.Application) error) error {
	a, err := tx.lockedApplication(by, id)
	if err != nil {
		return err
	}
	if err := allowed(a); err != nil {
		return err
	}
	if err := do(a); err != nil {
		return err
	}
	noteNetwork(tx, topicApplication, a.ID, a.Name)
	return tx.auditNetwork(by, act, a.Thing(), a.Name)
}

// UpdateApplication lets edit change description, payload and join key of an
// application as it stands in the transaction. An error of edit undoes all.
// edit may be called again, with a fresh application, and must change nothing
// else.
func (s *Store) UpdateApplication(ctx context.Context, by domain.Caller, id domain.ApplicationID, edit func(*domain.Application) error) (domain.Application, error) {
	var updated domain.Application
	err := s.write(ctx, func(tx *Tx) error {
		before, err := tx.lockedApplication(by, id)
		if err != nil {
			return err
		}
		wanted := before
		if err := edit(&wanted); err != nil {
			return err
		}
		updated = before
		updated.Description, updated.Payload, updated.JoinKey = wanted.Description, wanted.Payload, wanted.JoinKey
		updated.ChangedAt = fromMillis(millis(tx.s.now()))
		if err := tx.replaceApplication(before, updated); err != nil {
			return err
		}
		noteNetwork(tx, topicApplication, id, updated.Name)
		return tx.auditNetwork(by, "edit", updated.Thing(), updated.Name)
	})
	if err != nil {
		return domain.Application{}, err
	}
	return updated, nil
}

func (tx *Tx) replaceApplication(before, after domain.Application) error {
	if after.JoinKey != before.JoinKey && after.JoinKey != 0 {
		var there bool
		err := tx.queryRow(`SELECT EXISTS (SELECT 1 FROM access_keys WHERE id = $1 AND noun = $2 AND thing_id = $3)`,
			after.JoinKey, string(domain.NounApplication), after.ID).Scan(&there)
		if err != nil {
			return fmt.Errorf("look for the join key: %w", err)
		}
		if !there {
			return accessKeyMissing(errNoRows)
		}
	}
	const text = `UPDATE applications SET description = $1, payload_format = $2, join_key_id = $3, changed_at = $4 WHERE id = $5`
	if _, err := tx.exec(text, after.Description, string(after.Payload.Format), after.JoinKey, millis(after.ChangedAt), after.ID); err != nil {
		return fmt.Errorf("update application: %w", err)
	}
	if after.Payload == before.Payload {
		return nil
	}
	return tx.setFunctions(after.ID, after.Payload)
}

// setFunctions puts the payload functions of an application in the place of
// those before.
func (tx *Tx) setFunctions(id domain.ApplicationID, p domain.Payload) error {
	if _, err := tx.exec(`DELETE FROM application_functions WHERE application_id = $1`, id); err != nil {
		return fmt.Errorf("drop payload functions: %w", err)
	}
	if !p.Functions() {
		return nil
	}
	_, err := tx.exec(`INSERT INTO application_functions (application_id, decoder, converter, validator, encoder) VALUES ($1, $2, $3, $4, $5)`,
		id, p.Decoder, p.Converter, p.Validator, p.Encoder)
	if err != nil {
		return fmt.Errorf("keep payload functions: %w", err)
	}
	return nil
}

// DeleteApplication deletes an application that allowed lets through: it and
// its access keys are gone when DeleteApplication returns, and come back with
// RestoreApplication.
func (s *Store) DeleteApplication(ctx context.Context, by domain.Caller, id domain.ApplicationID, allowed domain.MayApplication) error {
	return s.revoke(ctx, func(tx *Tx) error {
		return tx.changeApplication(by, id, "delete", allowed, func(a domain.Application) error {
			return tx.setDeleted(applicationKind, int64(a.ID), a.Name, tx.s.now())
		})
	})
}

// RestoreApplication brings a deleted application back that allowed lets
// through, within domain.RestoreWithin. Others are NotFound.
func (s *Store) RestoreApplication(ctx context.Context, by domain.Caller, name string, allowed domain.MayApplication) (domain.Application, error) {
	var restored domain.Application
	err := s.write(ctx, func(tx *Tx) error {
		id, err := tx.lockDeleted(applicationKind, name)
		if err != nil {
			return err
		}
		a, err := scanApplication(tx.queryRow(`SELECT `+applicationColumns+applicationTables+` WHERE t.id = $1`, id))
		if err != nil {
			return fmt.Errorf("read deleted application: %w", err)
		}
		if a.Given, err = tx.given(a.Thing().Key(), by.User.ID); err != nil {
			return err
		}
		if err := allowed(a); err != nil {
			return err
		}
		restored = a
		if err := tx.setDeleted(applicationKind, id, a.Name, time.Time{}); err != nil {
			return err
		}
		return tx.auditNetwork(by, "restore", a.Thing(), a.Name)
	})
	return restored, err
}

// SweepApplications purges applications whose time to be restored is over,
// but for their names, as many as fit into one short commit. It returns how
// many there were.
func (s *Store) SweepApplications(ctx context.Context, now time.Time) (int64, error) {
	return s.purgeNetwork(ctx, applicationKind, now, func(tx *Tx, id int64) error {
		for _, text := range []string{`DELETE FROM application_euis WHERE application_id = $1`, `DELETE FROM application_functions WHERE application_id = $1`} {
			if _, err := tx.exec(text, id); err != nil {
				return err
			}
		}
		return tx.endRegistration(domain.ApplicationID(id))
	})
}

// RegisterApplication registers an application at the application manager.
// Once more is a Conflict (application_registered).
func (s *Store) RegisterApplication(ctx context.Context, by domain.Caller, id domain.ApplicationID, allowed domain.MayApplication) error {
	return s.write(ctx, func(tx *Tx) error {
		return tx.changeApplication(by, id, "register", allowed, func(a domain.Application) error {
			if !a.RegisteredAt.IsZero() {
				return domain.Errorf(domain.Conflict, "application_registered", "The application %s is registered already.", a.Name)
			}
			if _, err := tx.exec(`UPDATE applications SET registered_at = $1 WHERE id = $2`, millis(tx.s.now()), id); err != nil {
				return fmt.Errorf("register application: %w", err)
			}
			return nil
		})
	})
}

// UnregisterApplication takes an application from the application manager,
// with its payload and join key. Its end devices are gone at once; their rows
// follow in short commits (SweepEndDevices).
func (s *Store) UnregisterApplication(ctx context.Context, by domain.Caller, id domain.ApplicationID, allowed domain.MayApplication) error {
	return s.write(ctx, func(tx *Tx) error {
		return tx.changeApplication(by, id, "unregister", allowed, func(a domain.Application) error {
			if a.RegisteredAt.IsZero() {
				return domain.NotRegistered(a.Name)
			}
			if err := tx.setFunctions(id, domain.Payload{}); err != nil {
				return err
			}
			return tx.endRegistration(id)
		})
	})
}
