package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // database/sql driver "pgx"
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/thingward/thingward/internal/domain"
)

// dialect is all that differs between the databases.
type dialect interface {
	name() string
	// oneWriter reports whether all writes go through this process.
	oneWriter() bool
	// reserveReadingIDs returns n growing ids that are the caller's alone.
	reserveReadingIDs(tx *Tx, n int) ([]domain.ReadingID, error)
	// lockSensor makes changes to the readings of one sensor happen one after
	// the other.
	lockSensor(tx *Tx, sensor int64) error
	// announce tells other nodes what a transaction changes.
	announce(tx *Tx, changed []Change) error
	upkeep
	close() error
}

// upkeep is what backups and the doctor need of a database.
type upkeep interface {
	// examine looks for damage.
	examine(ctx context.Context, s *Store) error
	// snapshot is the isolation under which one transaction sees one moment.
	snapshot() sql.IsolationLevel
	// nextID returns the id that a table, or readingSequence, gives out next.
	nextID(ctx context.Context, tx *sql.Tx, name string) (int64, error)
	// setNextID makes ids below next never be given out again.
	setNextID(tx *Tx, name string, next int64) error
}

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrate applies the missing migrations.
func migrate(ctx context.Context, db *sql.DB, name goose.Dialect, words map[string]string) error {
	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	provider, err := goose.NewProvider(name, db, translatedFS{files, words})
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// isTaken reports whether a statement failed because of a unique index.
func isTaken(err error) bool {
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "23505"
}

// openSQLite opens the database file with one writing connection and a few
// that only read.
func (s *Store) openSQLite(ctx, _ context.Context, o Options) error {
	if err := os.MkdirAll(filepath.Dir(o.SQLite), 0o700); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	if err := keepToOurselves(o.SQLite); err != nil {
		return err
	}
	write, err := sql.Open("sqlite", sqliteDSN(o.SQLite, "cache_size(-8192)", "wal_autocheckpoint(4000)"))
	if err != nil {
		return fmt.Errorf("open %s: %w", o.SQLite, err)
	}
	write.SetMaxOpenConns(1)
	if err := migrate(ctx, write, goose.DialectSQLite3, sqliteWords); err != nil {
		return errors.Join(adviseOnDamage(o.SQLite, err), write.Close())
	}
	conn, err := newSQLiteConn(ctx, write)
	if err != nil {
		return errors.Join(err, write.Close())
	}
	if s.reads, err = sql.Open("sqlite", sqliteDSN(o.SQLite, "cache_size(-2048)", "query_only(1)")); err != nil {
		return errors.Join(err, write.Close())
	}
	s.reads.SetMaxOpenConns(readConnections)
	s.reads.SetMaxIdleConns(readConnections)
	s.dialect = &sqliteDialect{db: write, conn: conn}
	s.writer = newBatchWriter(s, conn)
	return nil
}

// adviseOnDamage adds what to do where the file is damaged or no database.
func adviseOnDamage(path string, err error) error {
	var lite *sqlite.Error
	if errors.As(err, &lite) && (lite.Code() == sqlite3.SQLITE_CORRUPT || lite.Code() == sqlite3.SQLITE_NOTADB) {
		return fmt.Errorf("%s is damaged; keep it, and restore the newest backup into a new data folder: %w", path, err)
	}
	return err
}

// keepToOurselves makes the database file with mode 0600 before SQLite opens
// it: SQLite gives that mode to the files that it puts beside it.
func keepToOurselves(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) { // not opened: closing it would drop the locks that this process has on it
		return os.Chmod(path, 0o600)
	}
	if err != nil {
		return fmt.Errorf("database file: %w", err)
	}
	return file.Close()
}

const readConnections = 6

// sqliteWords translate the migrations.
var sqliteWords = map[string]string{
	"IDENTITY_KEY":  "INTEGER PRIMARY KEY AUTOINCREMENT",
	"WITHOUT_ROWID": "WITHOUT ROWID",
}

func sqliteDSN(path string, pragmas ...string) string {
	query := url.Values{}
	always := []string{"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "temp_store(MEMORY)"}
	for _, pragma := range append(always, pragmas...) {
		query.Add("_pragma", pragma)
	}
	return (&url.URL{Scheme: "file", Opaque: url.PathEscape(path), RawQuery: query.Encode()}).String()
}

// sqliteConn is the writing connection with its prepared statements. Only the
// batch writer uses it.
type sqliteConn struct {
	conn    *sql.Conn
	stmts   map[string]*sql.Stmt
	version int64
}

func newSQLiteConn(ctx context.Context, db *sql.DB) (*sqliteConn, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("writing connection: %w", err)
	}
	c := &sqliteConn{conn: conn, stmts: map[string]*sql.Stmt{}}
	_, err = c.changedOutside()
	return c, err
}

// prepared keeps statements for as long as the connection lives. Texts are
// constants, or built from few parts, so there are not many.
func (c *sqliteConn) prepared(text string) (*sql.Stmt, error) {
	if stmt, ok := c.stmts[text]; ok {
		return stmt, nil
	}
	stmt, err := c.conn.PrepareContext(context.Background(), text)
	if err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	c.stmts[text] = stmt
	return stmt, nil
}

// The statements run without a context that could end: interrupting one
// would undo the work of every caller in the batch.

func (c *sqliteConn) exec(text string, args ...any) (sql.Result, error) {
	stmt, err := c.prepared(text)
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(context.Background(), args...)
}

func (c *sqliteConn) queryRow(text string, args ...any) row {
	stmt, err := c.prepared(text)
	if err != nil {
		return failedRow{err}
	}
	return stmt.QueryRowContext(context.Background(), args...)
}

func (c *sqliteConn) query(text string, args ...any) (*sql.Rows, error) {
	stmt, err := c.prepared(text)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(context.Background(), args...)
}

func (c *sqliteConn) run(text string) error {
	_, err := c.exec(text)
	return err
}

// close ends the statements first, which a sql.Conn does not do by itself:
// SQLite keeps a connection with open statements, and with it the files beside
// the database.
func (c *sqliteConn) close() error {
	var errs []error
	for _, stmt := range c.stmts {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(append(errs, c.conn.Close())...)
}

// changedOutside reports whether another connection committed since the last
// call. Our own commits do not count.
func (c *sqliteConn) changedOutside() (bool, error) {
	var version int64
	if err := c.queryRow("PRAGMA data_version").Scan(&version); err != nil {
		return false, fmt.Errorf("data_version: %w", err)
	}
	changed := version != c.version
	c.version = version
	return changed, nil
}

type sqliteDialect struct {
	db   *sql.DB
	conn *sqliteConn
}

func (d *sqliteDialect) name() string                      { return "sqlite" }
func (d *sqliteDialect) oneWriter() bool                   { return true }
func (d *sqliteDialect) lockSensor(*Tx, int64) error       { return nil } // there is one writer
func (d *sqliteDialect) announce(tx *Tx, _ []Change) error { return nil } // data_version tells

// close moves what is in the write-ahead log into the database file, so that
// this file alone is everything once the server has stopped.
func (d *sqliteDialect) close() error {
	_, err := d.conn.exec("PRAGMA wal_checkpoint(TRUNCATE)")
	return errors.Join(err, d.conn.close(), d.db.Close())
}

func (d *sqliteDialect) reserveReadingIDs(tx *Tx, n int) ([]domain.ReadingID, error) {
	return tx.countReadingIDs(n)
}

// translatedFS hands out the migrations in the words of one database.
type translatedFS struct {
	fs.FS
	words map[string]string
}

func (f translatedFS) Open(name string) (fs.File, error) {
	file, err := f.FS.Open(name)
	if err != nil || !strings.HasSuffix(name, ".sql") {
		return file, err
	}
	return translate(file, f.words)
}

func (f translatedFS) Glob(pattern string) ([]string, error) { return fs.Glob(f.FS, pattern) }
