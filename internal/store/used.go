package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Used reports whether a store was ever opened there. It changes nothing.
func Used(ctx context.Context, o Options) (bool, error) {
	if o.Postgres != "" {
		return askPostgres(ctx, o.Postgres, tablesThere)
	}
	file, err := os.Stat(o.SQLite)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("database file: %w", err)
	}
	return file.Size() > 0, nil
}

// MayHoldSealed reports whether a server key is needed there to open what was
// sealed. It opens and changes nothing: a SQLite file that is there may.
func MayHoldSealed(ctx context.Context, o Options) (bool, error) {
	used, err := Used(ctx, o)
	if err != nil || !used || o.Postgres == "" {
		return used, err
	}
	for _, kept := range []struct{ table, column string }{{"key_passwords", "sealed"}, {"client_secrets", "sealed"}, {"devices", "key_sealed"},
		{"access_keys", "sealed"}, {"end_devices", "keys_sealed"}, {"signing_keys", "sealed"}} {
		there, err := askPostgres(ctx, o.Postgres, "SELECT to_regclass('"+kept.table+"') IS NOT NULL")
		if err != nil || !there { // an older store has fewer tables
			return false, err
		}
		sealed, err := askPostgres(ctx, o.Postgres, "SELECT EXISTS (SELECT 1 FROM "+kept.table+" WHERE "+kept.column+" IS NOT NULL)")
		if err != nil || sealed {
			return sealed, err
		}
	}
	return false, nil
}

const tablesThere = "SELECT to_regclass('key_passwords') IS NOT NULL"

// askPostgres asks a database that is not opened as a store.
func askPostgres(ctx context.Context, url, question string) (yes bool, err error) {
	config, err := pgxpool.ParseConfig(url) // as the store reads it, pool settings included
	if err != nil {
		return false, fmt.Errorf("open PostgreSQL: %w", err)
	}
	conn, err := pgx.ConnectConfig(ctx, config.ConnConfig)
	if err != nil {
		return false, fmt.Errorf("connect to PostgreSQL: %w", saidOnce{err})
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if err := conn.QueryRow(ctx, question).Scan(&yes); err != nil {
		return false, fmt.Errorf("look into PostgreSQL: %w", err)
	}
	return yes, nil
}
