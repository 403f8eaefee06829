package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/thingward/thingward/internal/domain"
)

func bulk(name string) act {
	return func(tx *Tx) error {
		_, err := tx.exec("INSERT INTO facts (name, value) VALUES ($1, $2)", name, strings.Repeat("x", 64<<10))
		return err
	}
}

func TestAFullDiskIsUnavailableAndLoggedOnce(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer // read after Close only
	now := time.UnixMilli(1)
	s, err := Open(context.Background(), Options{SQLite: filepath.Join(t.TempDir(), "t.db"), Now: func() time.Time { return now },
		Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	limit := func(pages int) {
		err := s.write(t.Context(), func(tx *Tx) error {
			var got int
			return tx.queryRow(fmt.Sprintf("PRAGMA max_page_count = %d", pages)).Scan(&got)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	limit(1) // SQLite takes it as: no larger than it is
	for i := range 20 {
		err := s.write(t.Context(), bulk(fmt.Sprint("bulk", i)))
		if domain.CodeOf(err) != "storage_full" || !domain.IsKind(err, domain.Unavailable) {
			t.Fatalf("got %v, want storage_full", err)
		}
	}
	for _, err := range batchOf(t, s, bulk("a"), bulk("b"), bulk("c")) {
		if domain.CodeOf(err) != "storage_full" {
			t.Errorf("in a batch: got %v, want storage_full", err)
		}
	}
	if n := countFacts(t, s); n != 0 {
		t.Errorf("%d facts were stored", n)
	}
	limit(1 << 20)
	if err := s.write(t.Context(), bulk("after")); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(log.String(), "the database is not available"); n != 1 {
		t.Errorf("logged %d times:\n%s", n, log.String())
	}
}

func TestOutageKnowsWhatPasses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		code string
	}{
		{nil, ""},
		{errors.New("a bug"), ""},
		{context.Canceled, ""},
		{fmt.Errorf("begin: %w", context.DeadlineExceeded), ""},
		{&pgconn.PgError{Code: "57014"}, ""}, // the caller went away
		{&pgconn.PgError{Code: "23505"}, ""},
		{fmt.Errorf("commit: %w", &pgconn.PgError{Code: "53100"}), "storage_full"},
		{fmt.Errorf("begin: %w", &pgconn.PgError{Code: "57P03"}), "database_unavailable"},
		{&pgconn.PgError{Code: "25006"}, "database_unavailable"},
		{fmt.Errorf("lock sensor: %w", io.ErrUnexpectedEOF), "database_unavailable"},
		{fmt.Errorf("%w: %w", errNoAnswer, context.Canceled), "database_unavailable"},
	} {
		got := outage(c.err)
		if c.code == "" && got != c.err || c.code != "" && domain.CodeOf(got) != c.code {
			t.Errorf("outage(%v) = %v, want code %q", c.err, got, c.code)
		}
	}
	own := domain.Errorf(domain.Invalid, "x", "y")
	if got := outage(own); got != own {
		t.Errorf("a known error became %v", got)
	}
}
