package store

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// heldToken is an access token in the cache. With its key and the room in the
// map it takes about 170 bytes, and a million are kept at most. What it may do is
// shared between tokens that may do the same.
type heldToken struct {
	id     domain.TokenID
	grant  domain.GrantID
	chain  domain.ChainID
	issued int64 // milliseconds
	may    *heldScopes
	hangs  *heldTie // nil for most
}

// heldTie is what a token hangs on besides a grant and a chain.
type heldTie struct {
	parent domain.TokenRef // zero: none
	key    domain.AccessKeyID
}

type heldScopes struct {
	scopes   domain.ScopeSet
	audience string
}

// scopeShelf keeps one copy of what many tokens may do.
type scopeShelf struct {
	mu   sync.Mutex
	kept map[string]*heldScopes
}

const shelfLimit = 10_000

func (s *scopeShelf) share(text, audience string, parse func(string) (domain.ScopeSet, error)) (*heldScopes, error) {
	key := audience + "\n" + text
	s.mu.Lock()
	defer s.mu.Unlock()
	if held, ok := s.kept[key]; ok {
		return held, nil
	}
	scopes, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("stored scopes of a token: %w", err)
	}
	if s.kept == nil || len(s.kept) >= shelfLimit {
		s.kept = map[string]*heldScopes{}
	}
	held := &heldScopes{scopes, audience}
	s.kept[key] = held
	return held, nil
}

func (h heldToken) token(hash secret.Hash) domain.AccessToken {
	token := domain.AccessToken{ID: h.id, Hash: hash, Grant: h.grant, Chain: h.chain, Scopes: h.may.scopes, Audience: h.may.audience, IssuedAt: fromMillis(h.issued)}
	if h.hangs != nil {
		token.Key = h.hangs.key
		if h.hangs.parent.ID != 0 {
			token.Parent = &h.hangs.parent
		}
	}
	return token
}

// IssueToken stores an access token.
func (s *Store) IssueToken(ctx context.Context, token domain.AccessToken) error {
	_, generation, _ := s.caches.tokens.get(token.Hash)
	scopes := token.Scopes.String()
	err := s.write(ctx, func(tx *Tx) error { return tx.insertToken(token, scopes) })
	if err == nil {
		s.holdToken(token, scopes, generation)
	}
	return err
}

// holdToken puts a token that was just stored where its first use finds it.
func (s *Store) holdToken(token domain.AccessToken, scopes string, generation uint64) {
	may, err := s.scopes.share(scopes, token.Audience, domain.ParseScopes)
	if err == nil {
		s.caches.tokens.fill(token.Hash, generation, heldToken{token.ID, token.Grant, token.Chain, millis(token.IssuedAt), may, tieOf(token)})
	}
}

func tieOf(token domain.AccessToken) *heldTie {
	switch {
	case token.Parent != nil:
		return &heldTie{*token.Parent, token.Key}
	case token.Key != 0:
		return &heldTie{key: token.Key}
	}
	return nil
}

func (tx *Tx) insertToken(token domain.AccessToken, scopes string) error {
	var parent domain.TokenID
	var parentHash []byte
	if token.Parent != nil {
		parent, parentHash = token.Parent.ID, token.Parent.Hash.Bytes()
	}
	_, err := tx.exec(`INSERT INTO access_tokens (id, hash, grant_id, chain_id, scopes, audience, issued_at, parent_id, parent_hash, access_key_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		token.ID, token.Hash.Bytes(), token.Grant, token.Chain, scopes, token.Audience, millis(token.IssuedAt), parent, parentHash, token.Key)
	if err != nil {
		return fmt.Errorf("insert access token: %w", err)
	}
	return nil
}

// AccessToken returns the access token with the number and hash, expired or
// not. Unknown and revoked ones are NotFound.
func (s *Store) AccessToken(ctx context.Context, id domain.TokenID, hash secret.Hash) (domain.AccessToken, error) {
	held, generation, ok := s.caches.tokens.get(hash)
	if ok {
		return held.token(hash), nil
	}
	var scopes, audience string
	var parentHash []byte
	var tie heldTie
	err := s.queryRow(ctx, `SELECT id, grant_id, chain_id, scopes, audience, issued_at, parent_id, parent_hash, access_key_id FROM access_tokens WHERE id = $1 AND hash = $2`,
		id, hash.Bytes()).Scan(&held.id, &held.grant, &held.chain, &scopes, &audience, &held.issued, &tie.parent.ID, &parentHash, &tie.key)
	if err != nil {
		return domain.AccessToken{}, notFound(err, "token_not_found", "There is no such token.")
	}
	if tie.parent.ID != 0 || tie.key != 0 {
		tie.parent.Hash = secret.HashFrom(parentHash)
		held.hangs = &tie
	}
	if held.may, err = s.scopes.share(scopes, audience, domain.ParseScopes); err != nil {
		return domain.AccessToken{}, err
	}
	s.caches.tokens.fill(hash, generation, held)
	return held.token(hash), nil
}

// RevokeToken ends one access token. One that is not there is no error.
func (s *Store) RevokeToken(ctx context.Context, id domain.TokenID, hash secret.Hash, event domain.AuditEvent) error {
	return s.revoke(ctx, func(tx *Tx) error {
		gone, err := tx.execOne(`DELETE FROM access_tokens WHERE id = $1 AND hash = $2`, id, hash.Bytes())
		if err != nil {
			return fmt.Errorf("delete access token: %w", err)
		}
		if !gone {
			return nil
		}
		tx.note(topicToken, formatHash(hash))
		return tx.audit(event)
	})
}

// sweepBatch is how many rows one commit of a sweep deletes: little enough
// that nobody who waits for the same commit notices.
const sweepBatch = 500

// SweepTokens deletes access tokens that expired before, as many as fit into
// one short commit, and says how many.
func (s *Store) SweepTokens(ctx context.Context, before time.Time) (int64, error) {
	return s.sweep(ctx, sweepTexts{
		bound: `SELECT COALESCE((SELECT id FROM access_tokens WHERE id < $1 ORDER BY id LIMIT 1 OFFSET $2), (SELECT MAX(id) FROM access_tokens WHERE id < $1), 0)`,
		clear: `DELETE FROM access_tokens WHERE id <= $1`,
	}, secret.FirstNumber(before))
}

// SweepRefreshAnswers deletes answers whose grace is over.
func (s *Store) SweepRefreshAnswers(ctx context.Context, before time.Time) (int64, error) {
	return s.sweep(ctx, sweepTexts{
		bound: `SELECT COALESCE((SELECT second FROM refresh_answers WHERE second < $1 ORDER BY second LIMIT 1 OFFSET $2), (SELECT MAX(second) FROM refresh_answers WHERE second < $1), 0)`,
		clear: `DELETE FROM refresh_answers WHERE second <= $1`,
	}, before.Unix())
}

// codeKept is how long a code is kept after it expired, so that its reuse is
// recognised.
const codeKept = 24 * time.Hour

// SweepCodes deletes authorization codes that expired long ago, as many as fit
// into one short commit.
func (s *Store) SweepCodes(ctx context.Context, now time.Time) (int64, error) {
	return s.sweep(ctx, sweepTexts{
		bound: `SELECT COALESCE((SELECT expires_at FROM authorization_codes WHERE expires_at < $1 ORDER BY expires_at LIMIT 1 OFFSET $2), (SELECT MAX(expires_at) FROM authorization_codes WHERE expires_at < $1), 0)`,
		clear: `DELETE FROM authorization_codes WHERE expires_at <= $1`,
	}, millis(now.Add(-codeKept)))
}

// SweepRequests deletes kept authorization requests that nobody came for.
func (s *Store) SweepRequests(ctx context.Context, now time.Time) (int64, error) {
	return s.sweep(ctx, sweepTexts{
		bound: `SELECT COALESCE((SELECT expires_at FROM authorization_requests WHERE expires_at < $1 ORDER BY expires_at LIMIT 1 OFFSET $2), (SELECT MAX(expires_at) FROM authorization_requests WHERE expires_at < $1), 0)`,
		clear: `DELETE FROM authorization_requests WHERE expires_at <= $1`,
	}, millis(now))
}

// chainKept is how long a chain is kept after it ended, so that the reuse of
// its refresh tokens is recognised.
const chainKept = 30 * 24 * time.Hour

// SweepChains deletes chains that ended long ago, in the order of their start
// from the number on. It returns the number to go on from next time; zero
// where the end was reached.
func (s *Store) SweepChains(ctx context.Context, now time.Time, from domain.ChainID) (next domain.ChainID, err error) {
	err = s.write(ctx, func(tx *Tx) error {
		next = 0
		rows, err := tx.query(`SELECT id, ends_at, idle_until FROM token_chains WHERE id > $1 ORDER BY id LIMIT $2`, from, sweepBatch)
		type end struct {
			id         domain.ChainID
			ends, idle int64
		}
		ends, err := collect(rows, err, func(r row) (e end, err error) { return e, r.Scan(&e.id, &e.ends, &e.idle) })
		if err != nil {
			return fmt.Errorf("chains: %w", err)
		}
		for _, e := range ends {
			if min(e.ends, e.idle) >= millis(now.Add(-chainKept)) {
				continue
			}
			if _, err := tx.exec(`DELETE FROM token_chains WHERE id = $1`, e.id); err != nil {
				return fmt.Errorf("delete chain: %w", err)
			}
			tx.note(topicChain, formatID(e.id))
		}
		if len(ends) == sweepBatch {
			next = ends[len(ends)-1].id
		}
		return nil
	})
	return next, err
}

// sweepTexts find how far one short commit gets, and delete up to there. The
// bound is a value of its own: within the DELETE it would be compared with
// every row that has expired, and not be the end of a range.
type sweepTexts struct{ bound, clear string }

// sweep deletes what lies below the limit, up to sweepBatch rows. Where there
// is nothing, nothing is written.
func (s *Store) sweep(ctx context.Context, texts sweepTexts, limit int64) (swept int64, err error) {
	var bound int64
	if err := s.queryRow(ctx, texts.bound, limit, sweepBatch).Scan(&bound); err != nil {
		return 0, fmt.Errorf("what to sweep: %w", err)
	}
	if bound == 0 {
		return 0, nil
	}
	err = s.write(ctx, func(tx *Tx) error {
		result, err := tx.exec(texts.clear, bound)
		if err != nil {
			return fmt.Errorf("sweep: %w", err)
		}
		swept, err = result.RowsAffected()
		return err
	})
	return swept, err
}
