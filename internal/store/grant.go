package store

import (
	"context"
	"fmt"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

const grantColumns = `g.id, g.user_id, g.client_id, g.of_client, g.name, g.scopes, g.asked, g.generation, g.created_at, g.expires_at, g.revoked_at,
	g.used_at, g.used_address, g.used_program`

func scanGrant(r row) (domain.Grant, error) { return scanGrantAnd(r) }

// scanGrantAnd scans a grant and what was selected behind its columns.
func scanGrantAnd(r row, more ...any) (domain.Grant, error) {
	var g domain.Grant
	var scopes, asked string
	var created, expires, revoked, used int64
	into := append([]any{&g.ID, &g.User, &g.Client, &g.OfClient, &g.Name, &scopes, &asked, &g.Generation, &created, &expires, &revoked,
		&used, &g.LastUse.Address, &g.LastUse.Program}, more...)
	err := r.Scan(into...)
	if err != nil {
		return domain.Grant{}, err
	}
	g.CreatedAt, g.ExpiresAt, g.RevokedAt, g.LastUse.At = fromMillis(created), fromMillis(expires), fromMillis(revoked), fromMillis(used)
	if g.Scopes, err = domain.ParseScopes(scopes); err != nil {
		return domain.Grant{}, fmt.Errorf("stored scopes of grant %d: %w", g.ID, err)
	}
	if g.Asked, err = domain.ParseScopes(asked); err != nil {
		return domain.Grant{}, fmt.Errorf("stored request of grant %d: %w", g.ID, err)
	}
	return g, nil
}

// insertGrant stores a grant and returns it with its id.
func (tx *Tx) insertGrant(g domain.Grant) (domain.Grant, error) {
	g.Generation = 1
	err := tx.queryRow(`INSERT INTO grants (user_id, client_id, of_client, name, scopes, asked, generation, created_at, expires_at, revoked_at)
		VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, 0) RETURNING id`,
		g.User, g.Client, g.OfClient, g.Name, g.Scopes.String(), g.Asked.String(), millis(g.CreatedAt), millis(g.ExpiresAt)).Scan(&g.ID)
	if err != nil {
		return domain.Grant{}, fmt.Errorf("insert grant: %w", err)
	}
	return g, nil
}

// Grant returns a grant, dead or alive. It is answered from memory until the
// grant changes; nobody may change what its slices hold.
func (s *Store) Grant(ctx context.Context, id domain.GrantID) (domain.Grant, error) {
	grant, generation, ok := s.caches.grants.get(id)
	if ok {
		return grant, nil
	}
	grant, err := scanGrant(s.queryRow(ctx, `SELECT `+grantColumns+` FROM grants g WHERE g.id = $1`, id))
	if err != nil {
		return domain.Grant{}, grantMissing(err)
	}
	s.caches.grants.fill(id, generation, grant)
	return grant, nil
}

func grantMissing(err error) error {
	return notFound(err, "connection_not_found", "There is no such connection among yours.")
}

// TouchGrants notes when, from where and by which program grants were last
// used. No cache holds that, so none is told.
func (s *Store) TouchGrants(ctx context.Context, used map[domain.GrantID]domain.Use) error {
	return s.write(ctx, func(tx *Tx) error {
		for id, use := range used {
			_, err := tx.exec(`UPDATE grants SET used_at = $1, used_address = $2, used_program = $3 WHERE id = $4 AND used_at < $1`,
				millis(use.At), use.Address, use.Program, id)
			if err != nil {
				return fmt.Errorf("touch grant: %w", err)
			}
		}
		return nil
	})
}

// LiveGrants returns what a user allowed a client and what still holds,
// newest first.
func (s *Store) LiveGrants(ctx context.Context, user domain.UserID, client domain.ClientID) ([]domain.Grant, error) {
	rows, err := s.query(ctx, `SELECT `+grantColumns+` FROM grants g WHERE g.client_id = $1 AND g.user_id = $2 AND NOT g.of_client
		AND g.revoked_at = 0 AND (g.expires_at = 0 OR g.expires_at > $3) ORDER BY g.id DESC LIMIT 100`, client, user, millis(s.now()))
	grants, err := collect(rows, err, scanGrant)
	if err != nil {
		return nil, fmt.Errorf("grants of a client: %w", err)
	}
	return grants, nil
}

// RevokeGrant ends a grant and all that hangs on it. When it returns, no node
// that took the call accepts any of it. One that has ended is NotFound.
func (s *Store) RevokeGrant(ctx context.Context, id domain.GrantID, event domain.AuditEvent) error {
	return s.revoke(ctx, func(tx *Tx) error {
		revoked, err := tx.revokeGrant(id, event.At)
		if err != nil {
			return err
		}
		if !revoked {
			return grantMissing(errNoRows)
		}
		return tx.audit(event)
	})
}

// revokeGrant reports whether the grant was alive until now.
func (tx *Tx) revokeGrant(id domain.GrantID, at time.Time) (bool, error) {
	revoked, err := tx.execOne(`UPDATE grants SET revoked_at = $1, generation = generation + 1 WHERE revoked_at = 0 AND id = $2`, millis(at), id)
	if err != nil {
		return false, fmt.Errorf("revoke grant: %w", err)
	}
	tx.note(topicGrant, formatID(id))
	return revoked, nil
}

// StandingGrant returns the grant on which a client's client_credentials
// tokens hang, and makes it where there is none that lives. wanted says what
// it must be: an existing one with other scopes is changed.
func (s *Store) StandingGrant(ctx context.Context, wanted domain.Grant, event domain.AuditEvent) (domain.Grant, error) {
	var grant domain.Grant
	err := s.write(ctx, func(tx *Tx) error {
		if err := tx.oneAtATime("standing " + string(wanted.Client)); err != nil {
			return err
		}
		found, err := scanGrant(tx.queryRow(`SELECT `+grantColumns+` FROM grants g WHERE g.client_id = $1 AND g.user_id = $2
			AND g.of_client = $3 AND g.name = $4 AND g.asked = '' AND g.expires_at = 0 AND g.revoked_at = 0 ORDER BY g.id DESC LIMIT 1`, wanted.Client, wanted.User, wanted.OfClient, wanted.Name))
		if isNoRows(err) {
			if grant, err = tx.insertGrant(wanted); err != nil {
				return err
			}
			return tx.audit(event)
		}
		if err != nil {
			return fmt.Errorf("standing grant: %w", err)
		}
		grant = found
		if grant.Scopes.String() == wanted.Scopes.String() {
			return nil
		}
		grant.Scopes = wanted.Scopes
		grant.Generation++
		if _, err := tx.exec(`UPDATE grants SET scopes = $1, generation = generation + 1 WHERE id = $2`, grant.Scopes.String(), grant.ID); err != nil {
			return fmt.Errorf("change standing grant: %w", err)
		}
		tx.note(topicGrant, formatID(grant.ID))
		return tx.audit(event)
	})
	return grant, err
}
