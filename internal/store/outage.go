package store

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/thingward/thingward/internal/domain"
)

// A database that is full, locked, broken or away is nobody's fault and often
// passes: callers are told so and when to come again. What a commit without an
// answer came to is not known, so a message promises nothing about it.

// outageLogged is how often the log says that an outage goes on: thousands of
// requests may meet it in a second.
const outageLogged = 5 * time.Second

// outages keeps the log of an outage short.
type outages struct {
	mu     sync.Mutex
	logged time.Time
	silent int // errors since then
}

// noticed is outage, and tells the operator.
func (s *Store) noticed(err error) error {
	shown := outage(err)
	if shown == err || !domain.IsKind(shown, domain.Unavailable) {
		return shown
	}
	now := s.now()
	s.outages.mu.Lock()
	defer s.outages.mu.Unlock()
	if since := now.Sub(s.outages.logged); since >= 0 && since < outageLogged {
		s.outages.silent++
		return shown
	}
	s.log.Error("the database is not available", slog.String("code", domain.CodeOf(shown)), slog.String("error", err.Error()), slog.Int("not_logged_before", s.outages.silent))
	s.outages.logged, s.outages.silent = now, 0
	return shown
}

// outage turns an error that says that the database cannot work just now into
// one that the caller may see. Every other error stays as it is.
func outage(err error) error {
	var known *domain.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	switch {
	case isFull(err):
		return &domain.Error{Kind: domain.Unavailable, Code: "storage_full", RetryIn: 30, Err: err,
			Message: "The server has no room to store anything at the moment. Its operator must make room; try again later."}
	case isAway(err):
		return &domain.Error{Kind: domain.Unavailable, Code: "database_unavailable", RetryIn: 5, Err: err,
			Message: "The database of the server does not answer at the moment. Try again in a few seconds."}
	}
	return err
}

func isFull(err error) bool {
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return lite.Code()&0xff == sqlite3.SQLITE_FULL
	}
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "53100"
}

func isAway(err error) bool {
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		switch lite.Code() & 0xff {
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL:
			return true
		}
		return false
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return isAwayCode(pg.Code)
	}
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.Is(err, errNoAnswer) || errors.As(err, &connect) || errors.As(err, &network) && !isContext(err) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		strings.HasSuffix(err.Error(), "conn closed")
}

// isAwayCode knows the codes of PostgreSQL for lost connections, exhausted
// resources, a stop by the operator, faults of its disk, a replica that takes
// no writes, and clashes that do not end.
func isAwayCode(code string) bool {
	switch code {
	case "25006", "40001", "40P01", "55P03":
		return true
	}
	return strings.HasPrefix(code, "08") || strings.HasPrefix(code, "53") || strings.HasPrefix(code, "57P") || strings.HasPrefix(code, "58")
}
