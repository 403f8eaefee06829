// Package store holds all SQL. A store method is one whole transaction, named
// for the act; what must happen once is one statement. One SQL text serves
// SQLite and PostgreSQL, and what differs is in dialect.go. Callers see
// domain types only.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// Options say where the store is and what surrounds it.
type Options struct {
	SQLite   string // path of the database file; used where Postgres is empty
	Postgres string // postgres://…
	Log      *slog.Logger
	Now      func() time.Time
	Observe  Observer
}

// Observer is told what the metrics show. Its methods return at once.
type Observer interface {
	Commit(took time.Duration, batch int)
	ReadingsStored(n int)
	Revocation(took time.Duration)
}

type silent struct{}

func (silent) Commit(time.Duration, int) {}
func (silent) ReadingsStored(int)        {}
func (silent) Revocation(time.Duration)  {}

// Store is the one store of Thingward. It is safe for concurrent use.
type Store struct {
	log     *slog.Logger
	now     func() time.Time
	observe Observer
	dialect dialect
	reads   *sql.DB
	stmts   sync.Map // SQL text → *sql.Stmt on reads
	writer  writer
	changes changes
	caches  caches
	packer  packer
	scopes  scopeShelf
	outages outages
	// patience is how long the database may leave a statement unanswered; 0
	// where it is no server.
	patience time.Duration
	stop     context.CancelFunc
	done     sync.WaitGroup
}

// Open opens the store, applies missing migrations and starts its background
// work. Close ends it.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Observe == nil {
		o.Observe = silent{}
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	s := &Store{log: o.Log, now: o.Now, observe: o.Observe, stop: stop}
	s.caches = newCaches(&s.changes)
	open := s.openSQLite
	if o.Postgres != "" {
		open = s.openPostgres
	}
	if err := open(ctx, background, o); err != nil {
		stop()
		return nil, err
	}
	s.startPacker(background)
	return s, nil
}

// Close waits for the writes under way, commits them and closes the database.
func (s *Store) Close() error {
	s.stop()
	s.packer.close()
	s.writer.close()
	s.done.Wait()
	return errors.Join(s.reads.Close(), s.dialect.close())
}

// pingPatience is how long a ping waits: whoever asks wants to know now.
const pingPatience = 2 * time.Second

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pingPatience)
	defer cancel()
	var one int
	if err := s.reads.QueryRowContext(ctx, "SELECT 1").Scan(&one); err != nil {
		return fmt.Errorf("database does not answer: %w", err)
	}
	return nil
}

// Kind returns "sqlite" or "postgres".
func (s *Store) Kind() string { return s.dialect.name() }

// prepared returns the statement of the text on the reading connections.
func (s *Store) prepared(text string) (*sql.Stmt, error) {
	if stmt, ok := s.stmts.Load(text); ok {
		return stmt.(*sql.Stmt), nil
	}
	w := s.watch(context.Background())
	defer w.end()
	stmt, err := s.reads.PrepareContext(w.ctx, text)
	if err != nil {
		return nil, s.noticed(fmt.Errorf("prepare: %w", w.explain(err)))
	}
	if kept, loaded := s.stmts.LoadOrStore(text, stmt); loaded {
		_ = stmt.Close()
		return kept.(*sql.Stmt), nil
	}
	return stmt, nil
}

// queryRow runs a prepared statement that selects one row.
func (s *Store) queryRow(ctx context.Context, text string, args ...any) row {
	stmt, err := s.prepared(text)
	if err != nil {
		return failedRow{err}
	}
	w := s.watch(ctx)
	return askedRow{s, stmt.QueryRowContext(w.ctx, args...), w}
}

// query runs a prepared statement that selects rows.
func (s *Store) query(ctx context.Context, text string, args ...any) (rowSet, error) {
	stmt, err := s.prepared(text)
	if err != nil {
		return nil, err
	}
	w := s.watch(ctx)
	rows, err := stmt.QueryContext(w.ctx, args...)
	return s.asked(rows, err, w)
}

// queryRowOnce is queryRow for a text that is not worth keeping prepared.
func (s *Store) queryRowOnce(ctx context.Context, text string, args ...any) row {
	w := s.watch(ctx)
	return askedRow{s, s.reads.QueryRowContext(w.ctx, text, args...), w}
}

// queryOnce is query for a text that is not worth keeping prepared.
func (s *Store) queryOnce(ctx context.Context, text string, args ...any) (rowSet, error) {
	w := s.watch(ctx)
	rows, err := s.reads.QueryContext(w.ctx, text, args...)
	return s.asked(rows, err, w)
}

// row is a selected row. Scan returns sql.ErrNoRows where there is none.
type row interface{ Scan(into ...any) error }

type failedRow struct{ err error }

func (r failedRow) Scan(...any) error { return r.err }

// collect scans all rows into a slice and closes them.
func collect[T any](rows rowSet, err error, scan func(row) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []T{}
	for rows.Next() {
		item, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, item)
	}
	return list, rows.Err()
}

// errNoRows says that there is nothing, also where it was found out without a
// query.
var errNoRows = sql.ErrNoRows

func isNoRows(err error) bool { return errors.Is(err, errNoRows) }

// notFound turns "no row" into the error that the caller may see.
func notFound(err error, code, format string, args ...any) error {
	if isNoRows(err) {
		return domain.Errorf(domain.NotFound, code, format, args...)
	}
	return err
}

// millis stores a time; the zero time is stored as 0.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// fromMillis reads a stored time.
func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
