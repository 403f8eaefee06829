package store

import (
	"context"
	"database/sql"
)

// A backup carries where each database counts its ids, so that an id is never
// given out twice: a scope that names a deleted thing must not come to mean
// another one.

// snapshot is any read transaction: SQLite shows each the same moment throughout.
func (d *sqliteDialect) snapshot() sql.IsolationLevel { return sql.LevelDefault }

func (d *sqliteDialect) nextID(ctx context.Context, tx *sql.Tx, name string) (int64, error) {
	text, args := "SELECT seq + 1 FROM sqlite_sequence WHERE name = $1", []any{name}
	if name == readingSequence {
		text, args = "SELECT next FROM counters WHERE name = 'reading'", nil
	}
	var next int64
	err := tx.QueryRowContext(ctx, text, args...).Scan(&next)
	if isNoRows(err) {
		return 1, nil
	}
	return next, err
}

func (d *sqliteDialect) setNextID(tx *Tx, name string, next int64) error {
	if name == readingSequence {
		_, err := tx.exec("INSERT INTO counters (name, next) VALUES ('reading', $1)", next)
		return err
	}
	result, err := tx.exec("UPDATE sqlite_sequence SET seq = $1 WHERE name = $2", next-1, name)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); n > 0 || err != nil {
		return err
	}
	_, err = tx.exec("INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)", name, next-1)
	return err
}

func (d *postgresDialect) snapshot() sql.IsolationLevel { return sql.LevelRepeatableRead }

// sequenceOf names the sequence behind the ids of a table.
func sequenceOf(name string) string {
	if name == readingSequence {
		return readingSequence
	}
	return name + "_id_seq"
}

func (d *postgresDialect) nextID(ctx context.Context, tx *sql.Tx, name string) (int64, error) {
	var next int64
	err := tx.QueryRowContext(ctx, "SELECT last_value + CASE WHEN is_called THEN 1 ELSE 0 END FROM "+sequenceOf(name)).Scan(&next)
	return next, err
}

func (d *postgresDialect) setNextID(tx *Tx, name string, next int64) error {
	_, err := tx.exec("SELECT setval($1::regclass, $2, false)", sequenceOf(name), max(next, 1))
	return err
}
