package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// CreateGateway stores a new gateway, whose Owner and OwnerName must be set,
// with its key. A name that is or was taken is a Conflict (gateway_id_taken).
func (s *Store) CreateGateway(ctx context.Context, by domain.Caller, gateway domain.Gateway, key domain.NewAccessKey) (domain.Gateway, error) {
	err := s.write(ctx, func(tx *Tx) error {
		now := fromMillis(millis(tx.s.now()))
		gateway.CreatedAt, gateway.ChangedAt = now, now
		if err := tx.insertGateway(&gateway); err != nil {
			return err
		}
		thing := gateway.Thing()
		if err := tx.addOwner(thing.Key(), domain.UserID(gateway.Owner), now); err != nil {
			return err
		}
		if err := tx.insertGatewayKey(gateway.ID, key, now); err != nil {
			return err
		}
		noteNetwork(tx, topicGateway, gateway.ID, gateway.Name)
		return tx.auditNetwork(by, "create", thing, gateway.Name)
	})
	if err != nil {
		return domain.Gateway{}, err
	}
	gateway.Given = domain.CreatorRights(domain.NounGateway)
	return gateway, nil
}

func (tx *Tx) insertGateway(g *domain.Gateway) error {
	place, attributes, err := gatewayTexts(*g)
	if err != nil {
		return err
	}
	const text = `INSERT INTO gateways (name, owner_id, frequency_plan, placed, latitude, longitude, altitude, attributes, router, fallback_routers,
		location_public, status_public, owner_public, auto_update, beta_updates, activated_at, created_at, changed_at, deleted_at, purged_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, 0, 0) RETURNING id`
	err = tx.queryRow(text, g.Name, g.Owner, g.FrequencyPlan, g.Antenna != nil, place.Latitude, place.Longitude, place.Altitude, attributes, g.Router,
		strings.Join(g.FallbackRouters, " "), g.LocationPublic, g.StatusPublic, g.OwnerPublic, g.AutoUpdate, g.BetaUpdates,
		millis(g.ActivatedAt), millis(g.CreatedAt), millis(g.ChangedAt)).Scan(&g.ID)
	if isTaken(err) {
		return gatewayKind.taken(g.Name)
	}
	if err != nil {
		return fmt.Errorf("insert gateway: %w", err)
	}
	return nil
}

// gatewayTexts returns a gateway's place, zero where it has none, and its
// attributes as they are stored.
func gatewayTexts(g domain.Gateway) (place domain.Location, attributes string, err error) {
	if g.Antenna != nil {
		place = *g.Antenna
	}
	if g.Attributes == nil {
		g.Attributes = map[string]string{}
	}
	text, err := json.Marshal(g.Attributes)
	if err != nil {
		return place, "", fmt.Errorf("attributes of a gateway: %w", err)
	}
	return place, string(text), nil
}

// lockedGateway reads a living gateway with what the caller's user was given
// on it, and keeps others from changing it until the transaction ends.
func (tx *Tx) lockedGateway(by domain.Caller, id domain.GatewayID) (domain.Gateway, error) {
	if err := tx.lockNetwork(gatewayKind, int64(id)); err != nil {
		return domain.Gateway{}, err
	}
	return tx.gatewayFor(by, id)
}

func (tx *Tx) gatewayFor(by domain.Caller, id domain.GatewayID) (domain.Gateway, error) {
	gateway, err := scanGateway(tx.queryRow(`SELECT `+gatewayColumns+gatewaysAndOwners+` WHERE t.id = $1`, id))
	if err != nil {
		return domain.Gateway{}, gatewayMissing(err)
	}
	gateway.Given, err = tx.given(gateway.Thing().Key(), by.User.ID)
	return gateway, err
}

// UpdateGateway lets edit change a gateway as it stands in the transaction,
// with what the caller's user was given on it. An error of edit undoes all.
// edit may be called again, with a fresh gateway, and must change nothing
// else. Another OwnerName hands the gateway over to that collaborator; id,
// name and times stay.
func (s *Store) UpdateGateway(ctx context.Context, by domain.Caller, id domain.GatewayID, edit func(*domain.Gateway) error) (domain.Gateway, error) {
	var updated domain.Gateway
	err := s.write(ctx, func(tx *Tx) error {
		before, err := tx.lockedGateway(by, id)
		if err != nil {
			return err
		}
		updated = before
		if err := edit(&updated); err != nil {
			return err
		}
		updated.ID, updated.Name, updated.Owner, updated.Given = before.ID, before.Name, before.Owner, before.Given
		updated.ActivatedAt, updated.CreatedAt, updated.DeletedAt = before.ActivatedAt, before.CreatedAt, before.DeletedAt
		updated.ChangedAt = fromMillis(millis(tx.s.now()))
		if updated.OwnerName != before.OwnerName {
			if err := tx.giveGateway(by, &updated); err != nil {
				return err
			}
		}
		if err := tx.updateGateway(updated); err != nil {
			return err
		}
		noteNetwork(tx, topicGateway, updated.ID, updated.Name)
		return tx.auditNetwork(by, "edit", before.Thing(), before.Name)
	})
	if err != nil {
		return domain.Gateway{}, err
	}
	return updated, nil
}

func (tx *Tx) updateGateway(g domain.Gateway) error {
	place, attributes, err := gatewayTexts(g)
	if err != nil {
		return err
	}
	const text = `UPDATE gateways SET owner_id = $1, frequency_plan = $2, placed = $3, latitude = $4, longitude = $5, altitude = $6, attributes = $7, router = $8,
		fallback_routers = $9, location_public = $10, status_public = $11, owner_public = $12, auto_update = $13, beta_updates = $14, changed_at = $15 WHERE id = $16`
	_, err = tx.exec(text, g.Owner, g.FrequencyPlan, g.Antenna != nil, place.Latitude, place.Longitude, place.Altitude, attributes, g.Router,
		strings.Join(g.FallbackRouters, " "), g.LocationPublic, g.StatusPublic, g.OwnerPublic, g.AutoUpdate, g.BetaUpdates, millis(g.ChangedAt), g.ID)
	if err != nil {
		return fmt.Errorf("update gateway: %w", err)
	}
	return nil
}

// giveGateway makes the collaborator whose name stands as the owner's the owner,
// with every right. The former owner keeps the rights that he is noted with,
// which are all, too.
func (tx *Tx) giveGateway(by domain.Caller, g *domain.Gateway) error {
	nobody := domain.InvalidField("owner", "A gateway is handed over to one of its collaborators, and %s is none. Add him first.", domain.Clip(g.OwnerName))
	if !storable(g.OwnerName) {
		return nobody
	}
	former, rights := g.Owner, domain.CreatorRights(domain.NounGateway)
	const text = `UPDATE collaborators SET rights = $1 WHERE noun = $2 AND thing_id = $3
		AND user_id = (SELECT u.id FROM users u JOIN owners o ON o.id = u.id WHERE o.name = $4 AND NOT u.suspended) RETURNING user_id`
	err := tx.queryRow(text, rights.PrintRights(), string(domain.NounGateway), g.ID, g.OwnerName).Scan(&g.Owner)
	if isNoRows(err) {
		return nobody
	}
	if err != nil {
		return fmt.Errorf("hand a gateway over: %w", err)
	}
	if by.User.ID.Owner() == g.Owner {
		g.Given = rights
	}
	tx.noteShare(g.Thing().Key())
	event := domain.NewAudit(by, tx.s.now(), "gateway.hand-over", "gateway "+g.Name+" of "+g.OwnerName)
	for _, subject := range []domain.OwnerID{former, g.Owner} {
		event.Subject = domain.UserID(subject)
		if err := tx.audit(event); err != nil {
			return err
		}
	}
	return nil
}

// DeleteGateway deletes a gateway that allowed lets through as it stands in
// the transaction. Its key is dead when DeleteGateway returns.
func (s *Store) DeleteGateway(ctx context.Context, by domain.Caller, id domain.GatewayID, allowed func(domain.Gateway) error) error {
	return s.revoke(ctx, func(tx *Tx) error {
		gateway, err := tx.lockedGateway(by, id)
		if err != nil {
			return err
		}
		if err := allowed(gateway); err != nil {
			return err
		}
		if err := tx.setDeleted(gatewayKind, int64(id), gateway.Name, tx.s.now()); err != nil {
			return err
		}
		return tx.auditNetwork(by, "delete", gateway.Thing(), gateway.Name)
	})
}

// RestoreGateway brings a deleted gateway back that allowed lets through. One
// that was deleted longer ago than domain.RestoreWithin is NotFound.
func (s *Store) RestoreGateway(ctx context.Context, by domain.Caller, name string, allowed func(domain.Gateway) error) (domain.Gateway, error) {
	var restored domain.Gateway
	err := s.write(ctx, func(tx *Tx) error {
		id, err := tx.lockDeleted(gatewayKind, name)
		if err != nil {
			return err
		}
		if restored, err = tx.gatewayFor(by, domain.GatewayID(id)); err != nil {
			return err
		}
		if err := allowed(restored); err != nil {
			return err
		}
		if err := tx.setDeleted(gatewayKind, id, name, time.Time{}); err != nil {
			return err
		}
		restored.DeletedAt, restored.ChangedAt = time.Time{}, fromMillis(millis(tx.s.now()))
		return tx.auditNetwork(by, "restore", restored.Thing(), name)
	})
	if err != nil {
		return domain.Gateway{}, err
	}
	return restored, nil
}

// SweepGateways purges gateways that can no longer be restored, and forgets
// what was said about them. Their names stay taken.
func (s *Store) SweepGateways(ctx context.Context, now time.Time) (int64, error) {
	return s.purgeNetwork(ctx, gatewayKind, now, func(tx *Tx, id int64) error {
		_, err := tx.exec(`UPDATE gateways SET placed = $1, latitude = 0, longitude = 0, altitude = 0, attributes = '{}', router = '', fallback_routers = '' WHERE id = $2`, false, id)
		return err
	})
}
