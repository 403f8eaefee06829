package store

import (
	"context"
	"fmt"

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
