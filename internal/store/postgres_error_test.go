package store

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

func TestAnUnreachableDatabaseIsSaidOnce(t *testing.T) {
	t.Parallel()
	at := Options{Postgres: "postgres://bob:sesame@127.0.0.1:1/things", Now: time.Now}
	_, openErr := Open(context.Background(), at)
	_, usedErr := Used(context.Background(), at)
	for _, err := range []error{openErr, usedErr} {
		var refused *pgconn.ConnectError
		if !errors.As(err, &refused) {
			t.Fatalf("got %v, want a refused connection", err)
		}
		text := err.Error()
		if n := strings.Count(text, "dial error"); n != 1 || strings.ContainsAny(text, "\n") {
			t.Errorf("the error is said %d times, want once and on one line: %s", n, text)
		}
		if strings.Contains(text, "sesame") {
			t.Errorf("the password is in the error: %s", text)
		}
	}
}
