package store

import (
	"context"
	"fmt"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// Allow stores a person's yes. A grant with an id is changed to what is
// given, if it still lives; one without is new. The code or token hangs on it.
func (s *Store) Allow(ctx context.Context, yes domain.Allowed, event domain.AuditEvent) (domain.Grant, error) {
	grant := yes.Grant
	err := s.write(ctx, func(tx *Tx) error {
		grant.ID = yes.Grant.ID // an act that runs again starts anew
		switch {
		case grant.ID == 0:
			made, err := tx.insertGrant(grant)
			if err != nil {
				return err
			}
			grant.ID = made.ID
		case yes.Change:
			if err := tx.changeGrant(grant); err != nil {
				return err
			}
		}
		if err := tx.handOut(yes, grant.ID); err != nil {
			return err
		}
		return tx.audit(event)
	})
	if err != nil {
		return domain.Grant{}, err
	}
	return grant, nil
}

// changeGrant widens, narrows or prolongs a living grant.
func (tx *Tx) changeGrant(g domain.Grant) error {
	changed, err := tx.execOne(`UPDATE grants SET name = $1, scopes = $2, asked = $3, expires_at = $4, generation = generation + 1
		WHERE id = $5 AND revoked_at = 0`, g.Name, g.Scopes.String(), g.Asked.String(), millis(g.ExpiresAt), g.ID)
	if err != nil {
		return fmt.Errorf("change grant: %w", err)
	}
	if !changed {
		return domain.Errorf(domain.Conflict, "connection_ended", "This connection was ended meanwhile. Go back to the app and start again.")
	}
	tx.note(topicGrant, formatID(g.ID))
	return nil
}

// handOut stores the code or token on the grant, or tells the device of it.
func (tx *Tx) handOut(yes domain.Allowed, grant domain.GrantID) error {
	if yes.Device != nil {
		return tx.allowDevice(*yes.Device, grant)
	}
	if yes.Code != nil {
		code := *yes.Code
		code.Grant = grant
		if err := tx.insertCode(code); err != nil {
			return err
		}
	}
	if yes.Token != nil {
		token := *yes.Token
		token.Grant = grant
		return tx.insertToken(token, token.Scopes.String())
	}
	return nil
}

func (tx *Tx) insertCode(code domain.AuthorizationCode) error {
	_, err := tx.exec(`INSERT INTO authorization_codes (hash, grant_id, client_id, redirect_uri, challenge, scopes, audience, issued_at, expires_at, redeemed_at, chain_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0)`,
		code.Hash.Bytes(), code.Grant, code.Client, code.RedirectURI, code.Challenge, code.Scopes.String(), code.Audience, millis(code.IssuedAt), millis(code.ExpiresAt))
	if err != nil {
		return fmt.Errorf("insert code: %w", err)
	}
	return nil
}

// AuthorizationCode returns a code, redeemed or not. Unknown ones are NotFound.
func (s *Store) AuthorizationCode(ctx context.Context, hash secret.Hash) (domain.AuthorizationCode, error) {
	code := domain.AuthorizationCode{Hash: hash}
	var scopes string
	var issued, expires, redeemed int64
	err := s.queryRow(ctx, `SELECT grant_id, client_id, redirect_uri, challenge, scopes, audience, issued_at, expires_at, redeemed_at, chain_id
		FROM authorization_codes WHERE hash = $1`, hash.Bytes()).
		Scan(&code.Grant, &code.Client, &code.RedirectURI, &code.Challenge, &scopes, &code.Audience, &issued, &expires, &redeemed, &code.Chain)
	if err != nil {
		return domain.AuthorizationCode{}, notFound(err, "code_not_found", "There is no such code.")
	}
	code.IssuedAt, code.ExpiresAt, code.RedeemedAt = fromMillis(issued), fromMillis(expires), fromMillis(redeemed)
	if code.Scopes, err = domain.ParseScopes(scopes); err != nil {
		return domain.AuthorizationCode{}, fmt.Errorf("stored scopes of a code: %w", err)
	}
	return code, nil
}

// RedeemCode marks a code as used and stores what came of it. A code works
// once, however many bring it: to all but the first it reports false, and what
// the first got is revoked (RFC 6749 §4.1.2); event is written then.
func (s *Store) RedeemCode(ctx context.Context, hash secret.Hash, chain domain.Chain, token domain.AccessToken, event domain.AuditEvent) (redeemed bool, err error) {
	_, generation, _ := s.caches.tokens.get(token.Hash)
	scopes := token.Scopes.String()
	err = s.write(ctx, func(tx *Tx) (err error) {
		redeemed, err = tx.execOne(`UPDATE authorization_codes SET redeemed_at = $1, chain_id = $2
			WHERE hash = $3 AND redeemed_at = 0 AND expires_at > $1`, millis(chain.StartedAt), chain.ID, hash.Bytes())
		if err != nil {
			return fmt.Errorf("redeem code: %w", err)
		}
		if !redeemed {
			return tx.revokeChainOfCode(hash, event)
		}
		if err := tx.insertChain(chain); err != nil {
			return err
		}
		return tx.insertToken(token, scopes)
	})
	if err == nil && redeemed {
		s.holdToken(token, scopes, generation)
	}
	return redeemed, err
}

// revokeChainOfCode ends what came of a code that is presented again.
func (tx *Tx) revokeChainOfCode(hash secret.Hash, event domain.AuditEvent) error {
	var chain domain.ChainID
	err := tx.queryRow(`UPDATE token_chains SET revoked_at = $1
		WHERE revoked_at = 0 AND id = (SELECT chain_id FROM authorization_codes WHERE hash = $2 AND redeemed_at > 0) RETURNING id`,
		millis(event.At), hash.Bytes()).Scan(&chain)
	if isNoRows(err) {
		return nil // expired, or revoked by the one before
	}
	if err != nil {
		return fmt.Errorf("revoke what came of a code: %w", err)
	}
	tx.note(topicChain, formatID(chain))
	return tx.audit(event)
}

// mostRequests is how many authorization requests are kept at once: anybody
// can send one, and none is kept for long.
const mostRequests = 10_000

// KeepRequest keeps the query of an authorization request for a while. Where
// too many are kept already it is Unavailable.
func (s *Store) KeepRequest(ctx context.Context, hash secret.Hash, query string, until time.Time) error {
	return s.write(ctx, func(tx *Tx) error {
		kept, err := tx.execOne(`INSERT INTO authorization_requests (hash, query, expires_at) SELECT $1, $2, $3
			WHERE (SELECT COUNT(*) FROM (SELECT 1 FROM authorization_requests LIMIT $4) AS counted) < $4`, hash.Bytes(), query, millis(until), mostRequests)
		if err != nil {
			return fmt.Errorf("keep request: %w", err)
		}
		if !kept {
			return &domain.Error{Kind: domain.Unavailable, Code: "too_many_requests_kept", Message: "Too many people are on their way to a sign-in at the moment. Try again in a minute.", RetryIn: 60}
		}
		return nil
	})
}

// KeptRequest returns the query that KeepRequest kept. It can be asked for
// again until it expires: people go back and open second tabs.
func (s *Store) KeptRequest(ctx context.Context, hash secret.Hash) (string, error) {
	var query string
	err := s.queryRow(ctx, `SELECT query FROM authorization_requests WHERE hash = $1 AND expires_at > $2`, hash.Bytes(), millis(s.now())).Scan(&query)
	if err != nil {
		return "", notFound(err, "request_over", "This request for access is over. Go back to the app and start again.")
	}
	return query, nil
}
