package store

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/thingward/thingward/internal/domain"
)

// AddCredentialUses adds to the counts of what credentials did.
func (s *Store) AddCredentialUses(ctx context.Context, uses []domain.CredentialUse) error {
	return s.write(ctx, func(tx *Tx) error {
		for _, use := range uses {
			thing := string(use.Thing.Noun) + ":" + formatID(use.Thing.ID)
			_, err := tx.exec(`INSERT INTO credential_uses (grant_id, thing, right_, day, uses, last_at, address)
				VALUES ($1, $2, $3, $4, $5, $6, $7)
				ON CONFLICT (grant_id, thing, right_, day) DO UPDATE
				SET uses = credential_uses.uses + excluded.uses, last_at = excluded.last_at, address = excluded.address`,
				use.Grant, thing, string(use.Right), use.Day, use.Uses, millis(use.LastAt), addressText(use.Address))
			if err != nil {
				return fmt.Errorf("count use: %w", err)
			}
		}
		return nil
	})
}

// CredentialUses returns what a grant did with which thing on which day,
// newest first, at most limit entries.
func (s *Store) CredentialUses(ctx context.Context, grant domain.GrantID, limit int) ([]domain.CredentialUse, error) {
	rows, err := s.query(ctx, `SELECT thing, right_, day, uses, last_at, address FROM credential_uses
		WHERE grant_id = $1 ORDER BY day DESC, last_at DESC, thing, right_ LIMIT $2`, grant, limit)
	uses, err := collect(rows, err, func(r row) (domain.CredentialUse, error) {
		use := domain.CredentialUse{Grant: grant}
		var thing, address string
		var last int64
		err := r.Scan(&thing, &use.Right, &use.Day, &use.Uses, &last, &address)
		use.Thing, use.LastAt = parseThing(thing), fromMillis(last)
		use.Address, _ = netip.ParseAddr(address)
		return use, err
	})
	if err != nil {
		return nil, fmt.Errorf("uses of grant: %w", err)
	}
	return uses, nil
}

func parseThing(text string) domain.ThingKey {
	for i := range text {
		if text[i] == ':' {
			return domain.ThingKey{Noun: domain.Noun(text[:i]), ID: parseID(text[i+1:])}
		}
	}
	return domain.ThingKey{}
}

func addressText(address netip.Addr) string {
	if !address.IsValid() {
		return ""
	}
	return address.String()
}
