package store

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

const keyColumns = grantColumns + `, k.id, k.description, k.allowed, o.name,
	EXISTS (SELECT 1 FROM key_passwords p WHERE p.key_id = k.id AND p.expires_at = 0 AND p.sealed IS NOT NULL),
	COALESCE((SELECT MAX(p.expires_at) FROM key_passwords p WHERE p.key_id = k.id), 0)
	FROM keys k JOIN grants g ON g.id = k.grant_id JOIN owners o ON o.id = g.user_id`

func scanKey(r row) (domain.Key, error) {
	var k domain.Key
	var allowed string
	var oldUntil int64
	grant, err := scanGrantAnd(r, &k.ID, &k.Description, &allowed, &k.Owner, &k.Viewable, &oldUntil)
	if err != nil {
		return domain.Key{}, err
	}
	k.Grant, k.OldUntil = grant, fromMillis(oldUntil)
	if k.Allowed, err = domain.ParseAllowed(allowed); err != nil {
		return domain.Key{}, fmt.Errorf("stored addresses of key %s: %w", k.ID, err)
	}
	return k, nil
}

// CreateKey stores a key with its grant and its first password. The ids in
// key.Grant are filled in. A key id that is taken is a Conflict.
func (s *Store) CreateKey(ctx context.Context, key domain.Key, password domain.NewStoredSecret, event domain.AuditEvent) (domain.Key, error) {
	err := s.write(ctx, func(tx *Tx) error {
		if err := tx.refuseOwnerName(key.ID); err != nil {
			return err
		}
		g, err := tx.insertGrant(key.Grant)
		if err != nil {
			return err
		}
		key.Grant = g
		// Last uses are the grant's; these columns are there for the version before.
		_, err = tx.exec(`INSERT INTO keys (id, grant_id, description, allowed, used_at, used_address, used_program)
			VALUES ($1, $2, $3, $4, 0, '', '')`, key.ID, g.ID, key.Description, printAllowed(key.Allowed))
		if isTaken(err) {
			return domain.Errorf(domain.Conflict, "key_id_taken", "There is a key with the id %s already.", key.ID)
		}
		if err != nil {
			return fmt.Errorf("insert key: %w", err)
		}
		if err := tx.insertKeyPassword(key.ID, 1, password, g.CreatedAt); err != nil {
			return err
		}
		tx.note(topicKey, string(key.ID))
		return tx.audit(event)
	})
	return key, err
}

// refuseOwnerName keeps key ids and names apart, as Basic takes either: a key
// with the name of a user would shut his password out.
func (tx *Tx) refuseOwnerName(id domain.KeyID) error {
	var taken bool
	if err := tx.queryRow(`SELECT EXISTS (SELECT 1 FROM owners WHERE name = $1)`, string(id)).Scan(&taken); err != nil {
		return fmt.Errorf("look for an owner of that name: %w", err)
	}
	if taken {
		return domain.Errorf(domain.Conflict, "key_id_taken", "There is a user with the name %s: a key with that id would shut his password out.", id)
	}
	return nil
}

func (tx *Tx) insertKeyPassword(id domain.KeyID, number int64, p domain.NewStoredSecret, now time.Time) error {
	hash := []byte{}
	if p.SlowHash == "" {
		hash = p.Hash.Bytes()
	}
	_, err := tx.exec(`INSERT INTO key_passwords (key_id, number, hash, slow_hash, sealed, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, 0)`, id, number, hash, p.SlowHash, p.Seal(number), millis(now))
	if err != nil {
		return fmt.Errorf("insert key password: %w", err)
	}
	return nil
}

// KeyCheck returns what it takes to check the key, dead or alive. It is
// answered from memory until the key changes.
func (s *Store) KeyCheck(ctx context.Context, id domain.KeyID) (domain.KeyCheck, error) {
	credential, generation, ok := s.caches.keys.get(id)
	if ok {
		return credential, nil
	}
	key, err := s.Key(ctx, id)
	if err != nil {
		return domain.KeyCheck{}, err
	}
	rows, err := s.query(ctx, `SELECT number, hash, slow_hash, expires_at FROM key_passwords
		WHERE key_id = $1 ORDER BY number DESC`, id)
	passwords, err := collect(rows, err, scanStoredSecret)
	if err != nil {
		return domain.KeyCheck{}, fmt.Errorf("passwords of key: %w", err)
	}
	credential = domain.KeyCheck{Key: key, Passwords: passwords}
	s.caches.keys.fill(id, generation, credential)
	return credential, nil
}

// Key returns a key, dead or alive.
func (s *Store) Key(ctx context.Context, id domain.KeyID) (domain.Key, error) {
	if !storable(string(id)) {
		return domain.Key{}, domain.Errorf(domain.NotFound, "key_not_found", "There is no such key.")
	}
	key, err := scanKey(s.queryRow(ctx, "SELECT "+keyColumns+" WHERE k.id = $1", id))
	if err != nil {
		return domain.Key{}, notFound(err, "key_not_found", "There is no key %s.", id)
	}
	return key, nil
}

// Keys returns the keys of a user that are not revoked, newest first.
func (s *Store) Keys(ctx context.Context, user domain.UserID, page domain.Page) (domain.Listed[domain.Key], error) {
	page = page.Clamped()
	before, err := beforeCursor(page)
	if err != nil {
		return domain.Listed[domain.Key]{}, err
	}
	rows, err := s.query(ctx, "SELECT "+keyColumns+` WHERE g.user_id = $1 AND g.revoked_at = 0 AND g.id < $2
		ORDER BY g.id DESC LIMIT $3`, user, before, page.Limit+1)
	keys, err := collect(rows, err, scanKey)
	if err != nil {
		return domain.Listed[domain.Key]{}, fmt.Errorf("keys of user: %w", err)
	}
	total, err := s.counted(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM keys k JOIN grants g ON g.id = k.grant_id
		WHERE g.user_id = $2 AND g.revoked_at = 0 LIMIT $1) AS counted`, user)
	if err != nil {
		return domain.Listed[domain.Key]{}, err
	}
	return listed(keys, page, total, func(k domain.Key) int64 { return int64(k.Grant.ID) }), nil
}

// EditKey changes a key that is not revoked. edit gets the key as it is and
// returns it as it shall be: name, description, addresses and expiry count.
func (s *Store) EditKey(ctx context.Context, id domain.KeyID, edit func(domain.Key) (domain.Key, error), event domain.AuditEvent) error {
	return s.write(ctx, func(tx *Tx) error {
		key, err := tx.lockKey(id)
		if err != nil {
			return err
		}
		if key, err = edit(key); err != nil {
			return err
		}
		_, err = tx.exec(`UPDATE grants SET name = $1, expires_at = $2 WHERE id = $3`,
			key.Grant.Name, millis(key.Grant.ExpiresAt), key.Grant.ID)
		if err != nil {
			return fmt.Errorf("change grant: %w", err)
		}
		_, err = tx.exec(`UPDATE keys SET description = $1, allowed = $2 WHERE id = $3`, key.Description, printAllowed(key.Allowed), id)
		if err != nil {
			return fmt.Errorf("change key: %w", err)
		}
		tx.note(topicKey, string(id))
		tx.note(topicGrant, formatID(key.Grant.ID))
		return tx.audit(event)
	})
}

// lockKey reads a key that is not revoked and keeps others from changing it
// until the transaction ends: the update is what locks it on PostgreSQL.
func (tx *Tx) lockKey(id domain.KeyID) (domain.Key, error) {
	locked, err := tx.execOne(`UPDATE grants SET generation = generation + 1
		WHERE revoked_at = 0 AND id = (SELECT grant_id FROM keys WHERE id = $1)`, id)
	if err != nil {
		return domain.Key{}, fmt.Errorf("lock key: %w", err)
	}
	if !locked {
		return domain.Key{}, domain.Errorf(domain.NotFound, "key_not_found", "There is no key %s.", id)
	}
	return scanKey(tx.queryRow("SELECT "+keyColumns+" WHERE k.id = $1", id))
}

// RotateKey gives the key a new password. Those before it work until oldUntil
// at most; with the zero time they stop at once.
func (s *Store) RotateKey(ctx context.Context, id domain.KeyID, password domain.NewStoredSecret, oldUntil time.Time, event domain.AuditEvent) error {
	now := event.At
	return s.write(ctx, func(tx *Tx) error {
		if _, err := tx.lockKey(id); err != nil {
			return err
		}
		var last int64
		if err := tx.queryRow("SELECT MAX(number) FROM key_passwords WHERE key_id = $1", id).Scan(&last); err != nil {
			return fmt.Errorf("last password of key: %w", err)
		}
		until := millis(oldUntil)
		if oldUntil.IsZero() {
			until = millis(now)
		}
		_, err := tx.exec(`UPDATE key_passwords SET expires_at = $1, sealed = NULL
			WHERE key_id = $2 AND (expires_at = 0 OR expires_at > $1)`, until, id)
		if err != nil {
			return fmt.Errorf("expire old passwords: %w", err)
		}
		if _, err := tx.exec("DELETE FROM key_passwords WHERE key_id = $1 AND expires_at > 0 AND expires_at <= $2", id, millis(now)); err != nil {
			return fmt.Errorf("drop old passwords: %w", err)
		}
		if err := tx.insertKeyPassword(id, last+1, password, now); err != nil {
			return err
		}
		tx.note(topicKey, string(id))
		return tx.audit(event)
	})
}

// RevokeKey ends a key for good. When it returns, no node that took the call
// accepts it any more. Its sealed passwords are gone.
func (s *Store) RevokeKey(ctx context.Context, id domain.KeyID, event domain.AuditEvent) error {
	began := s.now()
	err := s.write(ctx, func(tx *Tx) error {
		var grant domain.GrantID
		err := tx.queryRow(`UPDATE grants SET revoked_at = $1, generation = generation + 1
			WHERE revoked_at = 0 AND id = (SELECT grant_id FROM keys WHERE id = $2) RETURNING id`, millis(event.At), id).Scan(&grant)
		if err != nil {
			return notFound(err, "key_not_found", "There is no key %s.", id)
		}
		tx.note(topicGrant, formatID(grant))
		if _, err := tx.exec("DELETE FROM key_passwords WHERE key_id = $1", id); err != nil {
			return fmt.Errorf("drop passwords: %w", err)
		}
		tx.note(topicKey, string(id))
		return tx.audit(event)
	})
	if err == nil {
		s.observe.Revocation(s.now().Sub(began))
	}
	return err
}

// SealedKeyPassword returns the sealed current password and its number, and
// records that somebody looked at it. It is empty where none was kept.
func (s *Store) SealedKeyPassword(ctx context.Context, id domain.KeyID, event domain.AuditEvent) (sealed []byte, number int64, err error) {
	err = s.write(ctx, func(tx *Tx) error {
		err := tx.queryRow(`SELECT sealed, number FROM key_passwords WHERE key_id = $1 AND expires_at = 0`, id).Scan(&sealed, &number)
		if err != nil {
			return notFound(err, "key_not_found", "There is no key %s.", id)
		}
		return tx.audit(event)
	})
	return sealed, number, err
}

func printAllowed(allowed []netip.Prefix) string {
	words := make([]string, len(allowed))
	for i, prefix := range allowed {
		words[i] = prefix.String()
	}
	return strings.Join(words, " ")
}
