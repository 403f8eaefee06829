package storetest

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/thingward/thingward/internal/domain"
)

// TestADatabaseThatDoesNotAnswerIsGivenUp locks a table in PostgreSQL and
// does not let go: what needs it must end, and work again afterwards.
func TestADatabaseThatDoesNotAnswerIsGivenUp(t *testing.T) {
	t.Parallel()
	url := PostgresURL(t)
	s := OpenURL(t, url)
	locker, err := pgxpool.New(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer locker.Close()
	tx, err := locker.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "LOCK TABLE once_codes, users IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 2)
	go func() { _, err := s.SweepOnceCodes(t.Context()); ended <- err }()
	go func() { _, err := s.AnyUsers(t.Context()); ended <- err }()
	for range 2 {
		select {
		case err := <-ended:
			if domain.CodeOf(err) != "database_unavailable" {
				t.Errorf("got %v, want database_unavailable", err)
			}
		case <-time.After(25 * time.Second):
			t.Fatal("it waits for ever")
		}
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.SweepOnceCodes(t.Context()); err != nil {
		t.Errorf("writing afterwards: %v", err)
	}
	if _, err := s.AnyUsers(t.Context()); err != nil {
		t.Errorf("reading afterwards: %v", err)
	}
}
