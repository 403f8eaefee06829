package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/thingward/thingward/internal/domain"
)

// connectionColumns holds a grant with its key or client. Clients that are
// built in have no row; connectionOf adds them.
const connectionColumns = grantColumns + `, COALESCE(k.id, ''), COALESCE(k.description, ''), COALESCE(k.allowed, ''), COALESCE(c.owner_id, 0), COALESCE(o.name, ''),
	COALESCE(c.kind, ''), COALESCE(c.public, FALSE), COALESCE(c.official, FALSE), COALESCE(c.state, ''), COALESCE(c.name, ''), COALESCE(c.description, ''),
	COALESCE(c.website, ''), COALESCE(c.privacy_url, ''), COALESCE(c.icon, ''), COALESCE(c.grant_types, ''), COALESCE(c.switches, '')
	FROM grants g LEFT JOIN keys k ON k.grant_id = g.id LEFT JOIN clients c ON c.id = g.client_id LEFT JOIN owners o ON o.id = c.owner_id`

// connectionLives is the condition of a grant that acts for the user $1 at
// the time $2. What a client does for itself acts for nobody.
const connectionLives = `g.user_id = $1 AND NOT g.of_client AND g.revoked_at = 0 AND (g.expires_at = 0 OR g.expires_at > $2)`

func scanConnection(r row) (domain.Connection, error) {
	var k domain.Key
	var c domain.Client
	var allowed, types, switches string
	grant, err := scanGrantAnd(r, &k.ID, &k.Description, &allowed, &c.Owner, &c.OwnerName, &c.Kind, &c.Public, &c.Official, &c.State,
		&c.Name, &c.Description, &c.Website, &c.PrivacyURL, &c.Icon, &types, &switches)
	if err != nil {
		return domain.Connection{}, err
	}
	if grant.Client == "" {
		k.Grant = grant
		k.Allowed, err = domain.ParseAllowed(allowed)
		return domain.Connection{Grant: grant, Key: &k}, err
	}
	c.GrantTypes, c.Switches = words[domain.GrantType](types), words[domain.LegacySwitch](switches)
	c.ID = grant.Client
	if builtIn, ok := domain.BuiltInClient(c.ID); ok {
		c = builtIn
	}
	return domain.Connection{Grant: grant, Client: &c}, nil
}

// Connections returns what acts for a user and lives, newest first. Things in
// scopes are in stored form.
func (s *Store) Connections(ctx context.Context, user domain.UserID, page domain.Page) (domain.Listed[domain.Connection], error) {
	page = page.Clamped()
	before, err := beforeCursor(page)
	if err != nil {
		return domain.Listed[domain.Connection]{}, err
	}
	now := millis(s.now())
	rows, err := s.query(ctx, `SELECT `+connectionColumns+` WHERE `+connectionLives+` AND g.id < $3 ORDER BY g.id DESC LIMIT $4`, user, now, before, page.Limit+1)
	connections, err := collect(rows, err, scanConnection)
	if err != nil {
		return domain.Listed[domain.Connection]{}, fmt.Errorf("connections of user: %w", err)
	}
	total, err := s.counted(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM grants g WHERE g.user_id = $2 AND NOT g.of_client
		AND g.revoked_at = 0 AND (g.expires_at = 0 OR g.expires_at > $3) LIMIT $1) AS counted`, user, now)
	if err != nil {
		return domain.Listed[domain.Connection]{}, err
	}
	return listed(connections, page, total, func(c domain.Connection) int64 { return int64(c.Grant.ID) }), nil
}

// Connection returns one that acts for the user and lives.
func (s *Store) Connection(ctx context.Context, user domain.UserID, id domain.GrantID) (domain.Connection, error) {
	connection, err := scanConnection(s.queryRow(ctx, `SELECT `+connectionColumns+` WHERE `+connectionLives+` AND g.id = $3`, user, millis(s.now()), id))
	if err != nil {
		return domain.Connection{}, grantMissing(err)
	}
	return connection, nil
}

// RenameConnection changes what its user calls a connection.
func (s *Store) RenameConnection(ctx context.Context, user domain.UserID, id domain.GrantID, name string, event domain.AuditEvent) error {
	return s.write(ctx, func(tx *Tx) error {
		var key string
		err := tx.queryRow(`UPDATE grants SET name = $1, generation = generation + 1
			WHERE id = $2 AND user_id = $3 AND NOT of_client AND revoked_at = 0
			RETURNING COALESCE((SELECT k.id FROM keys k WHERE k.grant_id = grants.id), '')`, name, id, user).Scan(&key)
		if err != nil {
			return grantMissing(err)
		}
		tx.note(topicGrant, formatID(id))
		if key != "" {
			tx.note(topicKey, key)
		}
		return tx.audit(event)
	})
}

// EndConnection ends one that acts for the user, and all that hangs on it.
// When it returns, no node that took the call accepts any of it. The
// passwords of a key are gone.
func (s *Store) EndConnection(ctx context.Context, user domain.UserID, id domain.GrantID, event domain.AuditEvent) error {
	return s.revoke(ctx, func(tx *Tx) error {
		ended, err := tx.endConnections(`id = $3`, user, id, event)
		if err == nil && ended == 0 {
			err = grantMissing(errNoRows)
		}
		return err
	})
}

// EndConnections ends all that acts for the user, but the grant that is
// spared (zero: none), and says how many there were. Each leaves an event.
func (s *Store) EndConnections(ctx context.Context, user domain.UserID, spared domain.GrantID, event domain.AuditEvent) (ended int, err error) {
	err = s.revoke(ctx, func(tx *Tx) (err error) {
		ended, err = tx.endConnections(`id <> $3`, user, spared, event)
		return err
	})
	return ended, err
}

// endConnections revokes the living grants of the user that the condition on
// $3 selects. The event is written once for each, with its key or client.
func (tx *Tx) endConnections(condition string, user domain.UserID, id domain.GrantID, event domain.AuditEvent) (int, error) {
	type end struct {
		grant       domain.GrantID
		client, key string
	}
	rows, err := tx.query(`UPDATE grants SET revoked_at = $1, generation = generation + 1
		WHERE user_id = $2 AND NOT of_client AND revoked_at = 0 AND `+condition+`
		RETURNING id, client_id, COALESCE((SELECT k.id FROM keys k WHERE k.grant_id = grants.id), '')`, millis(event.At), user, id)
	ends, err := collect(rows, err, func(r row) (e end, err error) { return e, r.Scan(&e.grant, &e.client, &e.key) })
	if err != nil {
		return 0, fmt.Errorf("revoke grants: %w", err)
	}
	slices.SortFunc(ends, func(a, b end) int { return cmp.Compare(a.grant, b.grant) })
	for _, e := range ends {
		tx.note(topicGrant, formatID(e.grant))
		event.Thing = "client " + e.client
		if e.key != "" {
			if _, err := tx.exec("DELETE FROM key_passwords WHERE key_id = $1", e.key); err != nil {
				return 0, fmt.Errorf("drop passwords: %w", err)
			}
			tx.note(topicKey, e.key)
			event.Thing = "key " + e.key
		}
		if err := tx.audit(event); err != nil {
			return 0, err
		}
	}
	return len(ends), nil
}
