package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

const clientColumns = `c.id, c.owner_id, o.name, c.kind, c.public, c.official, c.state, c.reason, c.name, c.description, c.website, c.privacy_url, c.icon,
	c.redirect_uris, c.scopes, c.grant_types, c.switches, c.resources, c.access_life, c.refresh_idle, c.refresh_end, c.refresh_grace, c.created_at, c.changed_at,
	EXISTS (SELECT 1 FROM client_secrets s WHERE s.client_id = c.id AND s.expires_at = 0 AND s.sealed IS NOT NULL),
	COALESCE((SELECT MAX(s.expires_at) FROM client_secrets s WHERE s.client_id = c.id), 0)
	FROM clients c JOIN owners o ON o.id = c.owner_id`

// scanClient reads a client without its testers.
func scanClient(r row) (domain.Client, error) {
	var c domain.Client
	var uris, scopes, types, switches, resources string
	var access, idle, end, grace, created, changed, old int64
	err := r.Scan(&c.ID, &c.Owner, &c.OwnerName, &c.Kind, &c.Public, &c.Official, &c.State, &c.Reason, &c.Name, &c.Description, &c.Website, &c.PrivacyURL, &c.Icon,
		&uris, &scopes, &types, &switches, &resources, &access, &idle, &end, &grace, &created, &changed, &c.Viewable, &old)
	if err != nil {
		return domain.Client{}, err
	}
	c.RedirectURIs, c.Resources = lines(uris), lines(resources)
	c.GrantTypes, c.Switches = words[domain.GrantType](types), words[domain.LegacySwitch](switches)
	c.Lives = domain.TokenLives{Access: ofMillis(access), RefreshIdle: ofMillis(idle), RefreshEnd: ofMillis(end), Grace: ofMillis(grace)}
	c.CreatedAt, c.ChangedAt, c.OldUntil = fromMillis(created), fromMillis(changed), fromMillis(old)
	if c.Scopes, err = domain.ParseScopes(scopes); err != nil {
		return domain.Client{}, fmt.Errorf("stored scopes of client %s: %w", c.ID, err)
	}
	return c, nil
}

func ofMillis(ms int64) time.Duration { return time.Duration(ms) * time.Millisecond }

// words reads what joined stored.
func words[T ~string](text string) []T {
	var read []T
	for word := range strings.FieldsSeq(text) {
		read = append(read, T(word))
	}
	return read
}

func lines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// Client returns a client with its testers. Built-in ones are there always;
// unknown and deleted ones are NotFound.
func (s *Store) Client(ctx context.Context, id domain.ClientID) (domain.Client, error) {
	check, err := s.ClientCheck(ctx, id)
	return check.Client, err
}

// ClientCheck returns what it takes to check the client. It is answered from
// memory until the client changes.
func (s *Store) ClientCheck(ctx context.Context, id domain.ClientID) (domain.ClientCheck, error) {
	check, generation, ok := s.caches.clients.get(id)
	if ok {
		return check, nil
	}
	if client, ok := domain.BuiltInClient(id); ok {
		check = domain.ClientCheck{Client: client}
		s.caches.clients.fill(id, generation, check)
		return check, nil
	}
	if !storable(string(id)) {
		return domain.ClientCheck{}, clientMissing(errNoRows)
	}
	client, err := scanClient(s.queryRow(ctx, `SELECT `+clientColumns+` WHERE c.id = $1 AND c.deleted_at = 0`, string(id)))
	if err != nil {
		return domain.ClientCheck{}, clientMissing(err)
	}
	if client.Testers, err = s.testersOf(ctx, id); err != nil {
		return domain.ClientCheck{}, err
	}
	check.Client = client
	if check.Secrets, err = s.clientSecrets(ctx, id); err != nil {
		return domain.ClientCheck{}, err
	}
	s.caches.clients.fill(id, generation, check)
	return check, nil
}

func clientMissing(err error) error {
	return notFound(err, "client_not_found", "There is no such app, or it is not yours.")
}

const selectTesters = `SELECT o.id, o.name FROM client_testers t JOIN owners o ON o.id = t.user_id WHERE t.client_id = $1 ORDER BY o.name LIMIT 1000`

func scanTester(r row) (t domain.Tester, err error) { return t, r.Scan(&t.ID, &t.Name) }

func (s *Store) testersOf(ctx context.Context, id domain.ClientID) ([]domain.Tester, error) {
	rows, err := s.query(ctx, selectTesters, string(id))
	testers, err := collect(rows, err, scanTester)
	if err != nil {
		return nil, fmt.Errorf("testers of a client: %w", err)
	}
	return testers, nil
}

func (s *Store) clientSecrets(ctx context.Context, id domain.ClientID) ([]domain.StoredSecret, error) {
	rows, err := s.query(ctx, `SELECT number, hash, slow_hash, expires_at FROM client_secrets WHERE client_id = $1 ORDER BY number DESC LIMIT 100`, string(id))
	secrets, err := collect(rows, err, scanStoredSecret)
	if err != nil {
		return nil, fmt.Errorf("secrets of a client: %w", err)
	}
	return secrets, nil
}

// scanStoredSecret reads number, hash, slow hash and expiry.
func scanStoredSecret(r row) (p domain.StoredSecret, err error) {
	var hash []byte
	var expires int64
	err = r.Scan(&p.Number, &hash, &p.SlowHash, &expires)
	p.Hash, p.ExpiresAt = secret.HashFrom(hash), fromMillis(expires)
	return p, err
}
