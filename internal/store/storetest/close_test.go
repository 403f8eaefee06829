package storetest_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

// TestACleanStopLeavesOneFile holds that whoever copies the database of a
// stopped server copies everything: there is no write-ahead log any more.
func TestACleanStopLeavesOneFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "thingward.db")
	s, err := store.Open(context.Background(), store.Options{SQLite: path, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	alice := storetest.User(t, s, "alice")
	if _, err := s.UserByID(context.Background(), alice.ID); err != nil { // opens a connection that reads
		t.Fatal(err)
	}
	for _, file := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != 0o600 {
			t.Errorf("%s has mode %o, want 600", filepath.Base(file), got)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(path + "*")
	if err != nil || len(left) != 1 || left[0] != path {
		t.Errorf("a clean stop leaves %v, %v; want the database file alone", left, err)
	}
}

func TestADamagedDatabaseSaysWhatToDo(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "thingward.db")
	if err := os.WriteFile(path, bytes.Repeat([]byte("junk"), 4096), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(context.Background(), store.Options{SQLite: path, Now: time.Now})
	if err == nil {
		_ = s.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "restore the newest backup") {
		t.Errorf("got %v, want what to do", err)
	}
}
