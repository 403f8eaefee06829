package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// insertAccessKey stores a key of a thing, sealed under the id that it gets.
func (tx *Tx) insertAccessKey(thing domain.ThingKey, key domain.NewAccessKey, at time.Time) (domain.AccessKey, error) {
	made := domain.AccessKey{Thing: thing, Name: key.Name, Rights: key.Rights, Hash: key.Hash, CreatedAt: fromMillis(millis(at))}
	err := tx.queryRow(`INSERT INTO access_keys (noun, thing_id, name, rights, hash, created_at) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
		string(thing.Noun), thing.ID, key.Name, key.Rights.PrintRights(), key.Hash.Bytes(), millis(at)).Scan(&made.ID)
	if isTaken(err) {
		return domain.AccessKey{}, domain.Errorf(domain.Conflict, "access_key_name_taken", "There is an access key with this name already. Choose another name, or delete that one first.")
	}
	if err != nil {
		return domain.AccessKey{}, fmt.Errorf("insert access key: %w", err)
	}
	sealed := key.Seal(made.ID)
	if made.Viewable = len(sealed) > 0; made.Viewable {
		if _, err := tx.exec(`UPDATE access_keys SET sealed = $1 WHERE id = $2`, sealed, made.ID); err != nil {
			return domain.AccessKey{}, fmt.Errorf("keep access key: %w", err)
		}
	}
	return made, nil
}

// CreateAccessKey stores an access key of an application that allowed lets
// through. A name that another one has is a Conflict (access_key_name_taken),
// and so is one more than domain.MaxAccessKeys.
func (s *Store) CreateAccessKey(ctx context.Context, by domain.Caller, id domain.ApplicationID, key domain.NewAccessKey, allowed domain.MayApplication) (domain.AccessKey, error) {
	var made domain.AccessKey
	err := s.write(ctx, func(tx *Tx) error {
		a, err := tx.lockedApplication(by, id)
		if err != nil {
			return err
		}
		if err := allowed(a); err != nil {
			return err
		}
		var keys int
		if err := tx.queryRow(`SELECT count(*) FROM access_keys WHERE noun = $1 AND thing_id = $2`, string(domain.NounApplication), id).Scan(&keys); err != nil {
			return fmt.Errorf("count access keys: %w", err)
		}
		if keys >= domain.MaxAccessKeys {
			return domain.Errorf(domain.Conflict, "too_many_access_keys", "An application has at most %d access keys. Delete one first.", domain.MaxAccessKeys)
		}
		if made, err = tx.insertAccessKey(a.Thing().Key(), key, tx.s.now()); err != nil {
			return err
		}
		return tx.auditPart(by, "access_key.create", "access key", a, key.Name)
	})
	return made, err
}

// auditPart writes an act on a part of an application, which its owner sees
// too where somebody else did it.
func (tx *Tx) auditPart(by domain.Caller, act, kind string, a domain.Application, name string) error {
	event := domain.NewAudit(by, tx.s.now(), act, kind+" "+a.Name+"/"+name)
	event.Subject = domain.UserID(a.Owner)
	return tx.audit(event)
}

// DeleteAccessKey ends an access key of an application that allowed lets
// through: it, and all that was got for it, is dead when DeleteAccessKey
// returns. End devices no longer register themselves with it.
func (s *Store) DeleteAccessKey(ctx context.Context, by domain.Caller, id domain.ApplicationID, name string, allowed domain.MayApplication) error {
	if !storable(name) {
		return accessKeyMissing(errNoRows)
	}
	return s.revoke(ctx, func(tx *Tx) error {
		a, err := tx.lockedApplication(by, id)
		if err != nil {
			return err
		}
		if err := allowed(a); err != nil {
			return err
		}
		var key domain.AccessKeyID
		err = tx.queryRow(`DELETE FROM access_keys WHERE noun = $1 AND thing_id = $2 AND name = $3 RETURNING id`, string(domain.NounApplication), id, name).Scan(&key)
		if err != nil {
			return accessKeyMissing(err)
		}
		tx.note(topicAccessKey, formatID(key))
		if a.JoinKey == key {
			if _, err := tx.exec(`UPDATE applications SET join_key_id = 0 WHERE id = $1`, id); err != nil {
				return fmt.Errorf("forget the join key: %w", err)
			}
			noteNetwork(tx, topicApplication, id, a.Name)
		}
		return tx.auditPart(by, "access_key.delete", "access key", a, name)
	})
}

// AccessKeysOf returns the access keys of things of a kind, those of each in
// the order in which they were made.
func (s *Store) AccessKeysOf(ctx context.Context, noun domain.Noun, things []int64) ([]domain.SealedAccessKey, error) {
	keys := []domain.SealedAccessKey{}
	for some := range slices.Chunk(things, idsAtOnce) {
		c := &condition{}
		c.add("k.noun = ?", string(noun))
		c.add("k.thing_id IN ("+marks(len(some))+")", anys(some)...)
		rows, err := s.queryOnce(ctx, `SELECT `+accessKeyColumns+`, k.sealed FROM access_keys k`+c.where()+` ORDER BY k.thing_id, k.id`, c.args...)
		list, err := collect(rows, err, scanSealedAccessKey)
		if err != nil {
			return nil, fmt.Errorf("access keys: %w", err)
		}
		keys = append(keys, list...)
	}
	return keys, nil
}

// NewestAccessKeys returns the newest access keys of all things that are kept
// sealed, to see whether they open.
func (s *Store) NewestAccessKeys(ctx context.Context, limit int) ([]domain.SealedAccessKey, error) {
	rows, err := s.query(ctx, `SELECT `+accessKeyColumns+`, k.sealed FROM access_keys k WHERE k.sealed IS NOT NULL ORDER BY k.id DESC LIMIT $1`, limit)
	keys, err := collect(rows, err, scanSealedAccessKey)
	if err != nil {
		return nil, fmt.Errorf("newest access keys: %w", err)
	}
	return keys, nil
}

func scanSealedAccessKey(r row) (k domain.SealedAccessKey, err error) {
	k.AccessKey, err = scanAccessKey(r, &k.Sealed)
	return k, err
}

// ApplicationsViewed records that a caller was shown keys of the applications:
// act says of what kind.
func (s *Store) ApplicationsViewed(ctx context.Context, by domain.Caller, act string, applications []domain.Application) error {
	return s.write(ctx, func(tx *Tx) error {
		for _, a := range applications {
			event := domain.NewAudit(by, tx.s.now(), act, string(domain.NounApplication)+" "+a.Name)
			event.Subject = domain.UserID(a.Owner)
			if err := tx.audit(event); err != nil {
				return err
			}
		}
		return nil
	})
}
