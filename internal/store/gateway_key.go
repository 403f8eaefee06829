package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// insertGatewayKey stores the key of a gateway, sealed under the number that
// it gets.
func (tx *Tx) insertGatewayKey(gateway domain.GatewayID, key domain.NewAccessKey, at time.Time) error {
	var id domain.AccessKeyID
	err := tx.queryRow(`INSERT INTO access_keys (noun, thing_id, name, rights, hash, created_at) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
		string(domain.NounGateway), gateway, key.Name, key.Rights.PrintRights(), key.Hash.Bytes(), millis(at)).Scan(&id)
	if err != nil {
		return fmt.Errorf("insert the key of a gateway: %w", err)
	}
	if _, err := tx.exec(`UPDATE access_keys SET sealed = $1 WHERE id = $2`, key.Seal(id), id); err != nil {
		return fmt.Errorf("keep the key of a gateway: %w", err)
	}
	tx.note(topicAccessKey, formatID(id))
	return nil
}

// RotateGatewayKey puts another key in the place of those of a gateway that
// allowed lets through. The old one, and every token that was got for it, is
// dead when RotateGatewayKey returns; of several at once the last one's counts.
func (s *Store) RotateGatewayKey(ctx context.Context, by domain.Caller, id domain.GatewayID, allowed func(domain.Gateway) error, key domain.NewAccessKey) error {
	return s.revoke(ctx, func(tx *Tx) error {
		gateway, err := tx.lockedGateway(by, id)
		if err != nil {
			return err
		}
		if err := allowed(gateway); err != nil {
			return err
		}
		rows, err := tx.query(`DELETE FROM access_keys WHERE noun = $1 AND thing_id = $2 RETURNING id`, string(domain.NounGateway), id)
		old, err := collect(rows, err, func(r row) (id domain.AccessKeyID, err error) { return id, r.Scan(&id) })
		if err != nil {
			return fmt.Errorf("end the key of a gateway: %w", err)
		}
		for _, id := range old {
			tx.note(topicAccessKey, formatID(id))
		}
		if err := tx.insertGatewayKey(id, key, tx.s.now()); err != nil {
			return err
		}
		return tx.auditNetwork(by, "rotate", gateway.Thing(), gateway.Name)
	})
}

// SealedGatewayKeys returns the sealed keys of those of the gateways that are
// there.
func (s *Store) SealedGatewayKeys(ctx context.Context, ids []domain.GatewayID) ([]domain.SealedAccessKey, error) {
	keys := []domain.SealedAccessKey{}
	for some := range slices.Chunk(ids, idsAtOnce) {
		c := &condition{}
		c.add("k.noun = ?", string(domain.NounGateway))
		c.add("k.thing_id IN ("+marks(len(some))+")", anys(some)...)
		rows, err := s.queryOnce(ctx, `SELECT `+accessKeyColumns+`, k.sealed FROM access_keys k JOIN gateways g ON g.id = k.thing_id AND g.deleted_at = 0`+
			c.where()+` ORDER BY k.id`, c.args...)
		list, err := collect(rows, err, func(r row) (k domain.SealedAccessKey, err error) {
			k.AccessKey, err = scanAccessKey(r, &k.Sealed)
			return k, err
		})
		if err != nil {
			return nil, fmt.Errorf("keys of gateways: %w", err)
		}
		keys = append(keys, list...)
	}
	return keys, nil
}

// GatewayKeysShown records that a caller was shown the keys of the gateways.
func (s *Store) GatewayKeysShown(ctx context.Context, by domain.Caller, gateways []domain.Gateway) error {
	return s.write(ctx, func(tx *Tx) error {
		for _, gateway := range gateways {
			if err := tx.auditNetwork(by, "view-key", gateway.Thing(), gateway.Name); err != nil {
				return err
			}
		}
		return nil
	})
}
