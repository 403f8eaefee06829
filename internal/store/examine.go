package store

import (
	"context"
	"fmt"

	"github.com/thingward/thingward/internal/domain"
)

// Examine looks for damage in the database.
func (s *Store) Examine(ctx context.Context) error { return s.dialect.examine(ctx, s) }

func (d *sqliteDialect) examine(ctx context.Context, s *Store) error {
	var found string
	if err := s.reads.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&found); err != nil {
		return fmt.Errorf("check the database: %w", err)
	}
	if found != "ok" {
		return fmt.Errorf("the database file is damaged: %s; restore the last backup", found)
	}
	rows, err := s.reads.QueryContext(ctx, "PRAGMA foreign_key_check")
	if err != nil {
		return fmt.Errorf("check the database: %w", err)
	}
	defer rows.Close()
	if rows.Next() {
		return fmt.Errorf("the database has rows whose parent is gone; restore the last backup")
	}
	return rows.Err()
}

// examine trusts PostgreSQL with its own files.
func (d *postgresDialect) examine(ctx context.Context, s *Store) error { return s.Ping(ctx) }

// SealedKeyPasswords returns the sealed current passwords of the newest keys.
func (s *Store) SealedKeyPasswords(ctx context.Context, limit int) ([]domain.SealedKeyPassword, error) {
	rows, err := s.query(ctx, `SELECT key_id, number, sealed FROM key_passwords
		WHERE sealed IS NOT NULL AND expires_at = 0 ORDER BY created_at DESC, key_id LIMIT $1`, limit)
	return collect(rows, err, func(r row) (p domain.SealedKeyPassword, err error) {
		return p, r.Scan(&p.Key, &p.Number, &p.Sealed)
	})
}
