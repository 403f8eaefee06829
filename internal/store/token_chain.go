package store

import (
	"context"
	"fmt"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

func (tx *Tx) insertChain(c domain.Chain) error {
	_, err := tx.exec(`INSERT INTO token_chains (id, grant_id, scopes, audience, proof_hash, token_hash, spent_hash, spent_at, started_at, used_at, idle_until, ends_at, revoked_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $8, $9, $10, 0)`,
		c.ID, c.Grant, c.Scopes.String(), c.Audience, hashBytes(c.ProofHash), hashBytes(c.TokenHash), []byte{}, millis(c.StartedAt), millis(c.IdleUntil), millis(c.EndsAt))
	if err != nil {
		return fmt.Errorf("insert chain: %w", err)
	}
	return nil
}

// hashBytes stores the zero hash as nothing.
func hashBytes(hash secret.Hash) []byte {
	if hash == (secret.Hash{}) {
		return []byte{}
	}
	return hash.Bytes()
}

const selectChain = `SELECT id, grant_id, scopes, audience, proof_hash, token_hash, started_at, used_at, idle_until, ends_at, revoked_at FROM token_chains`

func scanChain(r row) (domain.Chain, error) {
	var c domain.Chain
	var scopes string
	var proof, token []byte
	var started, used, idle, ends, revoked int64
	err := r.Scan(&c.ID, &c.Grant, &scopes, &c.Audience, &proof, &token, &started, &used, &idle, &ends, &revoked)
	if err != nil {
		return domain.Chain{}, err
	}
	c.ProofHash, c.TokenHash = secret.HashFrom(proof), secret.HashFrom(token)
	c.StartedAt, c.UsedAt, c.IdleUntil, c.EndsAt, c.RevokedAt = fromMillis(started), fromMillis(used), fromMillis(idle), fromMillis(ends), fromMillis(revoked)
	if c.Scopes, err = domain.ParseScopes(scopes); err != nil {
		return domain.Chain{}, fmt.Errorf("stored scopes of a chain: %w", err)
	}
	return c, nil
}

// Chain returns a chain, dead or alive. It is answered from memory until the
// chain is revoked; which refresh token is next is not to be read from it.
func (s *Store) Chain(ctx context.Context, id domain.ChainID) (domain.Chain, error) {
	chain, generation, ok := s.caches.chains.get(id)
	if ok {
		return chain, nil
	}
	chain, err := s.ChainNow(ctx, id)
	if err != nil {
		return domain.Chain{}, err
	}
	s.caches.chains.fill(id, generation, chain)
	return chain, nil
}

// ChainNow returns a chain as it stands in the database, with the refresh
// token that is next.
func (s *Store) ChainNow(ctx context.Context, id domain.ChainID) (domain.Chain, error) {
	chain, err := scanChain(s.queryRow(ctx, selectChain+` WHERE id = $1`, id))
	if err != nil {
		return domain.Chain{}, notFound(err, "chain_not_found", "There is no such token.")
	}
	return chain, nil
}

// RotateRefresh redeems the refresh token of a chain. One redemption counts;
// whoever brings the same token within the grace gets its answer (Repeated). Whoever comes later has a token that was redeemed long ago: the
// grant is revoked, and event written (RFC 9700 §4.14.2).
func (s *Store) RotateRefresh(ctx context.Context, r domain.RefreshRotation, event domain.AuditEvent) (outcome domain.RefreshOutcome, sealed []byte, err error) {
	_, generation, _ := s.caches.tokens.get(r.Access.Hash)
	scopes := r.Access.Scopes.String()
	err = s.write(ctx, func(tx *Tx) (err error) {
		outcome, sealed, err = tx.rotate(r, scopes, event)
		return err
	})
	if err == nil && outcome == domain.RefreshRotated {
		s.holdToken(r.Access, scopes, generation)
	}
	return outcome, sealed, err
}

func (tx *Tx) rotate(r domain.RefreshRotation, scopes string, event domain.AuditEvent) (domain.RefreshOutcome, []byte, error) {
	now := millis(r.Access.IssuedAt)
	rotated, err := tx.execOne(`UPDATE token_chains SET spent_hash = token_hash, spent_at = $1, token_hash = $2, used_at = $1, idle_until = $3
		WHERE id = $4 AND token_hash = $5 AND revoked_at = 0 AND idle_until > $1 AND ends_at > $1`,
		now, r.Successor.Bytes(), millis(r.IdleUntil), r.Chain, r.Presented.Bytes())
	if err != nil {
		return domain.RefreshOver, nil, fmt.Errorf("rotate refresh token: %w", err)
	}
	if !rotated {
		return tx.rotatedBefore(r, event)
	}
	if len(r.Sealed) > 0 {
		_, err := tx.exec(`INSERT INTO refresh_answers (second, chain_id, spent_hash, kept_until, sealed) VALUES ($1, $2, $3, $4, $5)`,
			r.KeptUntil.Unix(), r.Chain, r.Presented.Bytes(), millis(r.KeptUntil), r.Sealed)
		if err != nil {
			return domain.RefreshOver, nil, fmt.Errorf("keep refresh answer: %w", err)
		}
	}
	return domain.RefreshRotated, nil, tx.insertToken(r.Access, scopes)
}

// rotatedBefore says why a refresh token is not the next one of its chain.
func (tx *Tx) rotatedBefore(r domain.RefreshRotation, event domain.AuditEvent) (domain.RefreshOutcome, []byte, error) {
	now := millis(r.Access.IssuedAt)
	var current []byte
	var grant domain.GrantID
	var idle, ends, revoked int64
	err := tx.queryRow(`SELECT token_hash, grant_id, idle_until, ends_at, revoked_at FROM token_chains WHERE id = $1`, r.Chain).
		Scan(&current, &grant, &idle, &ends, &revoked)
	if isNoRows(err) {
		return domain.RefreshOver, nil, nil
	}
	if err != nil {
		return domain.RefreshOver, nil, fmt.Errorf("chain of a refresh token: %w", err)
	}
	if revoked > 0 || ends <= now || secret.HashFrom(current).Matches(r.Presented) {
		return domain.RefreshOver, nil, nil
	}
	sealed, err := tx.keptAnswer(r.Chain, r.Presented, now)
	if err != nil {
		return domain.RefreshOver, nil, fmt.Errorf("kept refresh answer: %w", err)
	}
	if sealed != nil {
		return domain.RefreshRepeated, sealed, nil
	}
	alive, err := tx.revokeGrant(grant, event.At)
	if err != nil {
		return domain.RefreshOver, nil, err
	}
	if !alive {
		return domain.RefreshOver, nil, nil
	}
	return domain.RefreshReused, nil, tx.audit(event)
}

// keptAnswer looks through the seconds in which a grace that is not over can
// end: a lookup each, so that no repetition costs more when many are kept.
func (tx *Tx) keptAnswer(chain domain.ChainID, presented secret.Hash, now int64) ([]byte, error) {
	for second := now / 1000; second <= (now+domain.MaxRefreshGrace.Milliseconds())/1000; second++ {
		var sealed []byte
		err := tx.queryRow(`SELECT sealed FROM refresh_answers WHERE second = $1 AND chain_id = $2 AND spent_hash = $3 AND kept_until > $4`,
			second, chain, presented.Bytes(), now).Scan(&sealed)
		if err == nil || !isNoRows(err) {
			return sealed, err
		}
	}
	return nil, nil
}

// RevokeChain ends a chain: its refresh tokens and the access tokens beside
// them. One that has ended already is no error.
func (s *Store) RevokeChain(ctx context.Context, id domain.ChainID, event domain.AuditEvent) error {
	return s.revoke(ctx, func(tx *Tx) error {
		revoked, err := tx.execOne(`UPDATE token_chains SET revoked_at = $1 WHERE id = $2 AND revoked_at = 0`, millis(event.At), id)
		if err != nil {
			return fmt.Errorf("revoke chain: %w", err)
		}
		if !revoked {
			return nil
		}
		tx.note(topicChain, formatID(id))
		return tx.audit(event)
	})
}
