package store

import (
	"context"
	"fmt"
)

// Fact returns what is known about the store itself under the name, such as
// "demo"; the empty text where nothing is.
func (s *Store) Fact(ctx context.Context, name string) (string, error) {
	var value string
	err := s.queryRow(ctx, `SELECT value FROM facts WHERE name = $1`, name).Scan(&value)
	if isNoRows(err) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("fact %s: %w", name, err)
	}
	return value, nil
}

// SetFact writes a fact over what was there.
func (s *Store) SetFact(ctx context.Context, name, value string) error {
	return s.write(ctx, func(tx *Tx) error { return tx.setFact(name, value) })
}

func (tx *Tx) setFact(name, value string) error {
	const text = `INSERT INTO facts (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2`
	if _, err := tx.exec(text, name, value); err != nil {
		return fmt.Errorf("set fact %s: %w", name, err)
	}
	return nil
}

// oneAtATime makes the transactions that call it with the same name wait for
// each other until they commit, on either database: they write the same row.
// It is for rules over many rows that one statement cannot hold.
func (tx *Tx) oneAtATime(name string) error { return tx.setFact("lock."+name, "") }
