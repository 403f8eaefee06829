package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

func openForTest(t *testing.T) *Store {
	t.Helper()
	s, err := Open(context.Background(), Options{SQLite: filepath.Join(t.TempDir(), "t.db"), Now: time.Now,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func setFact(name string) act {
	return func(tx *Tx) error {
		_, err := tx.exec("INSERT INTO facts (name, value) VALUES ($1, '')", name)
		return err
	}
}

func countFacts(t *testing.T, s *Store) int {
	t.Helper()
	var n int
	if err := s.queryRow(context.Background(), "SELECT COUNT(*) FROM facts").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// batchOf runs acts in one batch: the writer is held up until all wait.
func batchOf(t *testing.T, s *Store, acts ...act) []error {
	t.Helper()
	writer := s.writer.(*batchWriter)
	held, release := make(chan struct{}), make(chan struct{})
	errs := make([]error, len(acts))
	var wait sync.WaitGroup
	wait.Go(func() {
		_ = s.write(context.Background(), func(*Tx) error {
			select {
			case <-held:
			default:
				close(held)
			}
			<-release
			return nil
		})
	})
	<-held
	for i, do := range acts {
		wait.Go(func() { errs[i] = s.write(context.Background(), do) })
	}
	for len(writer.queue) < len(acts) {
		time.Sleep(time.Millisecond)
	}
	close(release)
	wait.Wait()
	return errs
}

func TestAFailedActUndoesOnlyItself(t *testing.T) {
	t.Parallel()
	s := openForTest(t)
	failure := errors.New("no")
	var changes []Change
	s.OnChange(func(c Change) { changes = append(changes, c) })
	failing := func(tx *Tx) error {
		tx.note("test", "failed")
		return errors.Join(setFact("failed")(tx), failure)
	}
	panicking := func(*Tx) error { panic("boom") }
	noted := func(tx *Tx) error {
		tx.note("test", "b")
		return setFact("b")(tx)
	}
	errs := batchOf(t, s, setFact("a"), failing, noted, panicking, setFact("c"))
	failed := 0
	for _, err := range errs {
		if err != nil {
			failed++
		}
	}
	if failed != 2 || !errors.Is(errs[1], failure) || errs[3] == nil {
		t.Errorf("got %v", errs)
	}
	if got := countFacts(t, s); got != 3 {
		t.Errorf("got %d facts, want 3", got)
	}
	if len(changes) != 1 || changes[0].ID != "b" {
		t.Errorf("published %v, want the change of the act that did not fail", changes)
	}
}

func TestWritersShareCommits(t *testing.T) {
	t.Parallel()
	s := openForTest(t)
	observer := &batches{}
	s.observe = observer
	acts := make([]act, 50)
	for i := range acts {
		acts[i] = setFact(fmt.Sprint(i))
	}
	for _, err := range batchOf(t, s, acts...) {
		if err != nil {
			t.Error(err)
		}
	}
	observer.mu.Lock()
	defer observer.mu.Unlock()
	if observer.largest < 50 {
		t.Errorf("the largest batch has %d acts, want 50 at least", observer.largest)
	}
}

type batches struct {
	silent
	mu      sync.Mutex
	largest int
}

func (b *batches) Commit(_ time.Duration, n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.largest = max(b.largest, n)
}

func TestAWaitingWriteIsOverWithItsContext(t *testing.T) {
	t.Parallel()
	s := openForTest(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.write(ctx, setFact("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if got := countFacts(t, s); got != 0 {
		t.Errorf("got %d facts, want none", got)
	}
}

func TestAFullQueueRefuses(t *testing.T) {
	t.Parallel()
	s := openForTest(t)
	w := &batchWriter{s: s, queue: make(chan *pending)}
	err := w.write(context.Background(), setFact("x"))
	if !domain.IsKind(err, domain.Unavailable) {
		t.Errorf("got %v, want Unavailable", err)
	}
}

func TestCachesForgetWhatAnotherProcessChanged(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "t.db")
	open := func() *Store {
		s, err := Open(context.Background(), Options{SQLite: path, Now: time.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
	ours, theirs := open(), open()
	told := make(chan Change, 10)
	ours.OnChange(func(c Change) { told <- c })
	if err := theirs.write(context.Background(), setFact("x")); err != nil {
		t.Fatal(err)
	}
	select {
	case c := <-told:
		if c.Topic != everything {
			t.Errorf("got %v, want everything", c)
		}
	case <-time.After(5 * time.Second):
		t.Error("nobody told the first store")
	}
}

func TestAnOldRowCannotComeBackIntoACache(t *testing.T) {
	t.Parallel()
	c := newCache[int, string](10)
	_, generation, ok := c.get(1)
	if ok {
		t.Fatal("an empty cache has an entry")
	}
	c.drop(1) // somebody commits a change while we read the old row
	c.fill(1, generation, "old")
	if value, _, ok := c.get(1); ok {
		t.Errorf("got %q, want nothing", value)
	}
	_, generation, _ = c.get(1)
	c.fill(1, generation, "new")
	if value, _, _ := c.get(1); value != "new" {
		t.Errorf("got %q, want new", value)
	}
	for i := range 100 {
		c.fill(i, generation, "x")
	}
	if len(c.entries) > 10 {
		t.Errorf("the cache has %d entries, want at most 10", len(c.entries))
	}
}

func TestStatesAreKeptUntilACommitChangesThem(t *testing.T) {
	t.Parallel()
	s, ctx := openForTest(t), context.Background()
	user, err := s.CreateUser(ctx, domain.NewUser{User: domain.User{Name: "alice", Email: "a@example.org"}}, domain.AuditEvent{Act: "x"})
	if err != nil {
		t.Fatal(err)
	}
	made, err := s.CreateSensors(ctx, domain.Caller{User: user}, []domain.Sensor{{Owner: user.ID.Owner(), OwnerName: "alice",
		Name: "sensor", LongName: "Sensor", Visibility: domain.Private, Fields: domain.DefaultFields()}})
	if err != nil {
		t.Fatal(err)
	}
	id := made[0].ID
	for n := range 5 {
		states, err := s.SensorStates(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if got := states[id].Last["value"].Value.Number; got != float64(n) {
			t.Errorf("after %d readings the last value is %v", n, got)
		}
		if _, _, kept := s.caches.states.get(id); !kept {
			t.Error("what was read is not kept")
		}
		reading := domain.Reading{At: domain.Millis(1000 + n), Values: []domain.NamedValue{{Name: "value", Value: domain.Number(float64(n + 1))}}}
		if _, err := s.AppendReadings(ctx, id, []domain.Reading{reading}, domain.Once{}); err != nil {
			t.Fatal(err)
		}
	}
}
