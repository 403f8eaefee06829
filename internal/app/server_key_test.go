package app

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/thingward/thingward/internal/store/storetest"
)

// configAt is for a store of the test's own.
func configAt(t *testing.T, database string) Config {
	c := Defaults()
	c.Data, c.Database = filepath.Join(t.TempDir(), "data"), database
	c.Log, c.Out = io.Discard, io.Discard
	return c
}

// operate does something on a store that no server runs on.
func operate(t *testing.T, c Config, do func(o *Operator) error) error {
	t.Helper()
	o, err := OpenOperator(context.Background(), c)
	if err != nil {
		return err
	}
	return errors.Join(do(o), o.Close())
}

func TestALostServerKeyIsNotReplaced(t *testing.T) {
	t.Parallel()
	for name, database := range map[string]func(t *testing.T) string{
		"sqlite":   func(*testing.T) string { return "" },
		"postgres": func(t *testing.T) string { return storetest.PostgresURL(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, c := context.Background(), configAt(t, database(t))
			err := operate(t, c, func(o *Operator) error {
				_, err := o.CreateUser(ctx, "alice", "alice@example.org", false, "correct horse battery")
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if c.Database != "" { // nothing is sealed yet: another key does as well
				if err := os.Remove(c.serverKeyFile()); err != nil {
					t.Fatal(err)
				}
			}
			err = operate(t, c, func(o *Operator) error {
				_, err := o.CreateKey(ctx, OperatorKey{User: "alice", Name: "gateway"})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Remove(c.serverKeyFile()); err != nil {
				t.Fatal(err)
			}
			err = Run(ctx, c)
			if err == nil || !strings.Contains(err.Error(), "is missing: put back the one") {
				t.Errorf("got %v, want what to do about the lost server key", err)
			}
			if _, err := os.Stat(c.serverKeyFile()); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("a server key was made in the place of the lost one: %v", err)
			}
		})
	}
}

func TestTheDoctorMakesNothing(t *testing.T) {
	t.Parallel()
	c := configAt(t, storetest.PostgresURL(t))
	if err := os.Mkdir(c.Data, 0o700); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the first look has changed nothing for the second
		checks, err := Diagnose(context.Background(), c)
		if err != nil || len(checks) == 0 {
			t.Fatalf("got %v, %v", checks, err)
		}
		if last := checks[len(checks)-1]; last.OK || !strings.Contains(last.Detail, "thingward serve --data") {
			t.Errorf("got %+v, want that there is no store yet, and how to start", last)
		}
	}
	if left, err := os.ReadDir(c.Data); err != nil || len(left) > 0 {
		t.Errorf("the doctor left %v in the data folder, %v", left, err)
	}
}
