package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// accessKeyColumns leave out the keys of deleted things.
const (
	accessKeyColumns = `k.id, k.noun, k.thing_id, k.name, k.rights, k.hash, k.sealed IS NOT NULL, k.created_at`
	accessKeyTables  = ` FROM access_keys k
		LEFT JOIN applications a ON k.noun = 'application' AND a.id = k.thing_id AND a.deleted_at = 0
		LEFT JOIN gateways g ON k.noun = 'gateway' AND g.id = k.thing_id AND g.deleted_at = 0
		WHERE (a.id IS NOT NULL OR g.id IS NOT NULL)`
)

// scanAccessKey scans an access key and what was selected behind its columns.
func scanAccessKey(r row, more ...any) (domain.AccessKey, error) {
	var k domain.AccessKey
	var rights string
	var hash []byte
	var created int64
	err := r.Scan(append([]any{&k.ID, &k.Thing.Noun, &k.Thing.ID, &k.Name, &rights, &hash, &k.Viewable, &created}, more...)...)
	if err != nil {
		return domain.AccessKey{}, err
	}
	k.Hash, k.CreatedAt = secret.HashFrom(hash), fromMillis(created)
	if k.Rights, err = domain.ParseRights(k.Thing.Noun, strings.Fields(rights)...); err != nil {
		return domain.AccessKey{}, fmt.Errorf("stored rights of access key %d: %w", k.ID, err)
	}
	return k, nil
}

// AccessKey returns an access key, from memory where it can. Unknown ones,
// and those of things that were deleted, are NotFound.
func (s *Store) AccessKey(ctx context.Context, id domain.AccessKeyID) (domain.AccessKey, error) {
	key, generation, ok := s.caches.accessKeys.get(id)
	if ok {
		return key, nil
	}
	key, err := scanAccessKey(s.queryRow(ctx, `SELECT `+accessKeyColumns+accessKeyTables+` AND k.id = $1`, id))
	if err != nil {
		return domain.AccessKey{}, accessKeyMissing(err)
	}
	s.caches.accessKeys.fill(id, generation, key)
	return key, nil
}

// AccessKeyByHash is AccessKey for the hash of the key itself.
func (s *Store) AccessKeyByHash(ctx context.Context, hash secret.Hash) (domain.AccessKey, error) {
	id, generation, ok := s.caches.accessIDs.get(hash)
	if ok {
		return s.AccessKey(ctx, id)
	}
	if err := s.queryRow(ctx, `SELECT id FROM access_keys WHERE hash = $1`, hash.Bytes()).Scan(&id); err != nil {
		return domain.AccessKey{}, accessKeyMissing(err)
	}
	s.caches.accessIDs.fill(hash, generation, id)
	return s.AccessKey(ctx, id)
}

func accessKeyMissing(err error) error {
	return notFound(err, "access_key_not_found", "There is no such access key.")
}
