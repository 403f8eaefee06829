package store

import (
	"context"
	"fmt"
	"strings"
)

// ResourceKnown reports whether some approved client is the resource server
// of a resource indicator (RFC 8707). Resources are compared as text.
func (s *Store) ResourceKnown(ctx context.Context, resource string) (known bool, err error) {
	if !storable(resource) || strings.Contains(resource, "\n") {
		return false, nil
	}
	err = s.queryRow(ctx, `SELECT EXISTS (SELECT 1 FROM clients WHERE state = 'approved' AND deleted_at = 0 AND resources <> ''
		AND replace(CAST($1 AS TEXT) || resources || CAST($1 AS TEXT), CAST($2 AS TEXT), '') <> CAST($1 AS TEXT) || resources || CAST($1 AS TEXT))`,
		"\n", "\n"+resource+"\n").Scan(&known)
	if err != nil {
		return false, fmt.Errorf("resource of a client: %w", err)
	}
	return known, nil
}
