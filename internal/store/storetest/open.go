// Package storetest holds the promises of the store as tests that run on both
// databases, and opens stores for the tests of everything above.
package storetest

import (
	"context"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
)

// postgresVariable names the environment variable with the URL of a
// PostgreSQL server on which databases may be created.
const postgresVariable = "THINGWARD_TEST_POSTGRES"

// Each runs the body on SQLite and on PostgreSQL, each time on an empty store
// of its own. The subtests run in parallel.
func Each(t *testing.T, body func(t *testing.T, s *store.Store)) {
	t.Helper()
	EachAt(t, time.Now, body)
}

// EachAt is Each with a clock of the test's own, shared by both stores.
func EachAt(t *testing.T, now func() time.Time, body func(t *testing.T, s *store.Store)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		body(t, OpenAt(t, now))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		body(t, openPostgres(t, now))
	})
}

// EachWithClock is Each with a clock for each store that the body may move.
func EachWithClock(t *testing.T, body func(t *testing.T, s *store.Store, clock *Clock)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		clock := NewClock()
		body(t, OpenAt(t, clock.Now), clock)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		clock := NewClock()
		body(t, openPostgres(t, clock.Now), clock)
	})
}

// Open opens an empty SQLite store that ends with the test.
func Open(t testing.TB) *store.Store {
	t.Helper()
	return OpenAt(t, time.Now)
}

// OpenAt is Open with a clock of the test's own.
func OpenAt(t testing.TB, now func() time.Time) *store.Store {
	t.Helper()
	return open(t, store.Options{SQLite: filepath.Join(t.TempDir(), "thingward.db"), Now: now})
}

// OpenAgain opens the SQLite file at path, for tests of what outlives a
// process.
func OpenAgain(t testing.TB, path string) *store.Store {
	t.Helper()
	return open(t, store.Options{SQLite: path, Now: time.Now})
}

func open(t testing.TB, o store.Options) *store.Store {
	t.Helper()
	o.Log = slog.New(slog.DiscardHandler)
	s, err := store.Open(context.Background(), o)
	if err != nil {
		t.Fatalf("open store: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
	})
	return s
}

func openPostgres(t testing.TB, now func() time.Time) *store.Store {
	t.Helper()
	return open(t, store.Options{Postgres: PostgresURL(t), Now: now})
}

// OpenURL opens the PostgreSQL database at a URL of PostgresURL, for tests of
// several nodes on one database.
func OpenURL(t testing.TB, url string) *store.Store {
	t.Helper()
	return open(t, store.Options{Postgres: url, Now: time.Now})
}

// PostgresURL makes an empty database that goes with the test and returns its
// URL. It skips the test where there is no server; in CI that is a failure.
func PostgresURL(t testing.TB) string {
	t.Helper()
	server := os.Getenv(postgresVariable)
	switch {
	case server == "" && os.Getenv("CI") == "true":
		t.Fatalf("PostgreSQL tests cannot run: set %s", postgresVariable)
	case server == "":
		t.Skipf("PostgreSQL tests skipped: set %s, or run make test", postgresVariable)
	}
	name := "thingward_test_" + secret.NewID()
	administer(t, server, "CREATE DATABASE "+name)
	t.Cleanup(func() { administer(t, server, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	return databaseURL(t, server, name)
}

// administer runs one statement on the server's own database.
func administer(t testing.TB, server, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatalf("connect to the PostgreSQL of the tests: %v", err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, text); err != nil {
		t.Errorf("%s: %v", text, err)
	}
}

// databaseURL names another database of the same server, with few connections.
func databaseURL(t testing.TB, server, name string) string {
	t.Helper()
	parsed, err := url.Parse(server)
	if err != nil {
		t.Fatalf("%s is not a URL", postgresVariable)
	}
	parsed.Path = "/" + name
	query := parsed.Query()
	query.Set("pool_max_conns", "8")
	parsed.RawQuery = query.Encode()
	return parsed.String()
}

// Password is the password of every user that User makes.
const Password = "correct horse battery"

// passwordHash is the argon2id PHC string of Password, made once because it
// is slow.
const passwordHash = "$argon2id$v=19$m=19456,t=2,p=1$D499+DS9578NJ4r3iTPhFg$Q6hfFY/WPj82g4aLNB8Q56SjQfhL9aLUExvnP29Zvxc"

// User makes a user with the name, who signs in with Password.
func User(t testing.TB, s *store.Store, name string) domain.User {
	t.Helper()
	return makeUser(t, s, domain.User{Name: name})
}

// Admin makes an administrator with the name, who signs in with Password.
func Admin(t testing.TB, s *store.Store, name string) domain.User {
	t.Helper()
	return makeUser(t, s, domain.User{Name: name, Admin: true})
}

func makeUser(t testing.TB, s *store.Store, user domain.User) domain.User {
	t.Helper()
	user.Email, user.TimeZone, user.EmailProvenAt = user.Name+"@example.org", "UTC", time.UnixMilli(1).UTC()
	event := domain.AuditEvent{Act: "user.create", ActorName: "operator", Credential: string(domain.OperatorCredential)}
	made, err := s.CreateUser(context.Background(), domain.NewUser{User: user, PasswordHash: passwordHash}, event)
	if err != nil {
		t.Fatalf("make user %s: %v", user.Name, err)
	}
	return made
}

// Clock is a clock that tests move by hand. It is safe for concurrent use.
type Clock struct{ ms atomic.Int64 }

// NewClock returns a clock that stands at a fixed time in 2026.
func NewClock() *Clock {
	c := &Clock{}
	c.ms.Store(time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC).UnixMilli())
	return c
}

// Now returns the time of the clock.
func (c *Clock) Now() time.Time { return time.UnixMilli(c.ms.Load()).UTC() }

// Advance moves the clock, by whole milliseconds.
func (c *Clock) Advance(by time.Duration) { c.ms.Add(by.Milliseconds()) }
