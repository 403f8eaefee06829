package store

import (
	"context"
	"fmt"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// CreateComponent stores a new component, whose Owner and OwnerName must be
// set. A name that is or was taken by any component is a Conflict (component_id_taken).
func (s *Store) CreateComponent(ctx context.Context, by domain.Caller, component domain.Component) (domain.Component, error) {
	err := s.write(ctx, func(tx *Tx) error {
		now := fromMillis(millis(tx.s.now()))
		component.CreatedAt, component.ChangedAt = now, now
		const text = `INSERT INTO components (kind, name, owner_id, created_at, changed_at, deleted_at, purged_at) VALUES ($1, $2, $3, $4, $5, 0, 0) RETURNING id`
		err := tx.queryRow(text, string(component.Kind), component.Name, component.Owner, millis(now), millis(now)).Scan(&component.ID)
		if isTaken(err) {
			return componentKind.taken(component.Name)
		}
		if err != nil {
			return fmt.Errorf("insert component: %w", err)
		}
		thing := component.Thing()
		if err := tx.addOwner(thing.Key(), domain.UserID(component.Owner), now); err != nil {
			return err
		}
		noteNetwork(tx, topicComponent, component.ID, component.Name)
		return tx.auditNetwork(by, "create", thing, component.Name)
	})
	if err != nil {
		return domain.Component{}, err
	}
	component.Given = domain.CreatorRights(domain.NounComponent)
	return component, nil
}

// componentFor reads a component with what the caller's user was given on it.
func (tx *Tx) componentFor(by domain.Caller, id domain.ComponentID) (domain.Component, error) {
	component, err := scanComponent(tx.queryRow(`SELECT `+componentColumns+componentsAndOwners+` WHERE t.id = $1`, id))
	if err != nil {
		return domain.Component{}, componentMissing(err)
	}
	component.Given, err = tx.given(component.Thing().Key(), by.User.ID)
	return component, err
}

// DeleteComponent deletes a component that allowed lets through as it stands
// in the transaction, with what the caller's user was given on it.
func (s *Store) DeleteComponent(ctx context.Context, by domain.Caller, id domain.ComponentID, allowed func(domain.Component) error) error {
	return s.write(ctx, func(tx *Tx) error {
		if err := tx.lockNetwork(componentKind, int64(id)); err != nil {
			return err
		}
		component, err := tx.componentFor(by, id)
		if err != nil {
			return err
		}
		if err := allowed(component); err != nil {
			return err
		}
		if err := tx.setDeleted(componentKind, int64(id), component.Name, tx.s.now()); err != nil {
			return err
		}
		return tx.auditNetwork(by, "delete", component.Thing(), component.Name)
	})
}

// RestoreComponent brings a deleted component back that allowed lets through.
// One that was deleted longer ago than domain.RestoreWithin is NotFound.
func (s *Store) RestoreComponent(ctx context.Context, by domain.Caller, name string, allowed func(domain.Component) error) (domain.Component, error) {
	var restored domain.Component
	err := s.write(ctx, func(tx *Tx) error {
		id, err := tx.lockDeleted(componentKind, name)
		if err != nil {
			return err
		}
		if restored, err = tx.componentFor(by, domain.ComponentID(id)); err != nil {
			return err
		}
		if err := allowed(restored); err != nil {
			return err
		}
		if err := tx.setDeleted(componentKind, id, name, time.Time{}); err != nil {
			return err
		}
		restored.DeletedAt, restored.ChangedAt = time.Time{}, fromMillis(millis(tx.s.now()))
		return tx.auditNetwork(by, "restore", restored.Thing(), name)
	})
	if err != nil {
		return domain.Component{}, err
	}
	return restored, nil
}

// SweepComponents purges components that can no longer be restored. Their
// names stay taken.
func (s *Store) SweepComponents(ctx context.Context, now time.Time) (int64, error) {
	return s.purgeNetwork(ctx, componentKind, now, func(*Tx, int64) error { return nil })
}
