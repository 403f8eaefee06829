package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/jackc/pgx/v5"
)

// Used reports whether a store was ever opened there. It changes nothing.
func Used(ctx context.Context, o Options) (used bool, err error) {
	if o.Postgres == "" {
		file, err := os.Stat(o.SQLite)
		if errors.Is(err, fs.ErrNotExist) {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("database file: %w", err)
		}
		return file.Size() > 0, nil
	}
	conn, err := pgx.Connect(ctx, o.Postgres)
	if err != nil {
		return false, fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if err := conn.QueryRow(ctx, "SELECT to_regclass('key_passwords') IS NOT NULL").Scan(&used); err != nil {
		return false, fmt.Errorf("look for tables: %w", err)
	}
	return used, nil
}
