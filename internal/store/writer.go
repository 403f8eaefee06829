package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// Group commit. On SQLite one connection writes. The acts that wait while a
// commit is under way are gathered and committed together:
//
//	write ─┐                    ┌─ act 1 ─ act 2 ─ … ─ act n ─┐
//	write ─┼─ queue ─ gather ─ BEGIN                        COMMIT ─ changes ─ answers
//	write ─┘                                               (fsync)
//
// The batch runs without savepoints first, because acts rarely fail. If one
// does, all is undone and the batch runs again with a savepoint around each
// act, so that a failure undoes only itself. An act must therefore be able to
// run twice: it may change nothing but the database and what it is handed.

// act is what a caller wants to have done in a transaction.
type act func(tx *Tx) error

// writer runs acts durably: it returns from write when the act's commit is on
// disk, its changes are published, or it was undone.
type writer interface {
	write(ctx context.Context, do act) error
	close()
}

// Tx is the transaction that an act runs in.
type Tx struct {
	s       *Store
	q       querier
	changed []Change
	states  stateWrites
}

// querier runs statements inside a transaction. Statements are prepared once
// per connection.
type querier interface {
	exec(text string, args ...any) (sql.Result, error)
	queryRow(text string, args ...any) row
	query(text string, args ...any) (*sql.Rows, error)
}

func (tx *Tx) exec(text string, args ...any) (sql.Result, error) { return tx.q.exec(text, args...) }
func (tx *Tx) queryRow(text string, args ...any) row             { return tx.q.queryRow(text, args...) }
func (tx *Tx) query(text string, args ...any) (*sql.Rows, error) { return tx.q.query(text, args...) }

// execOne runs a statement that must change exactly one row, and reports
// whether it did.
func (tx *Tx) execOne(text string, args ...any) (bool, error) {
	result, err := tx.exec(text, args...)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

// Change tells caches that something is no longer what they hold.
type Change struct {
	Topic string // "key", "user", "session", "sensor"; "all" where it is not known what changed
	ID    string
}

// note records a change; it is published after the commit and before the answer.
func (tx *Tx) note(topic, id string) { tx.changed = append(tx.changed, Change{topic, id}) }

// write runs an act durably.
func (s *Store) write(ctx context.Context, do act) error { return s.noticed(s.writer.write(ctx, do)) }

const (
	queueLength = 4096 // acts that may wait; more are refused
	batchLimit  = 512  // acts in one commit
)

// pending is an act that waits for its commit.
type pending struct {
	do   act
	err  error
	done chan struct{}
}

// batchWriter is the single writer of SQLite.
type batchWriter struct {
	s      *Store
	conn   *sqliteConn
	memory stateMemory
	queue  chan *pending
	mu     sync.RWMutex // held for reading while sending to queue
	closed bool
	ended  chan struct{}
}

func newBatchWriter(s *Store, conn *sqliteConn) *batchWriter {
	w := &batchWriter{s: s, conn: conn, queue: make(chan *pending, queueLength), ended: make(chan struct{})}
	go w.run()
	return w
}

var pendings = sync.Pool{New: func() any { return &pending{done: make(chan struct{}, 1)} }}

func (w *batchWriter) write(ctx context.Context, do act) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	p := pendings.Get().(*pending)
	p.do, p.err = do, nil
	if err := w.enqueue(p); err != nil {
		return err
	}
	<-p.done // not the context: an act that was handed over has an outcome
	err := p.err
	p.do = nil
	pendings.Put(p)
	return err
}

func (w *batchWriter) enqueue(p *pending) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return &domain.Error{Kind: domain.Unavailable, Code: "stopping", Message: "The server is stopping. Try again in a moment.", RetryIn: 5}
	}
	select {
	case w.queue <- p:
		return nil
	default:
		return &domain.Error{Kind: domain.Unavailable, Code: "overloaded", Message: "Too many writes are waiting. Try again in a moment.", RetryIn: 1}
	}
}

func (w *batchWriter) close() {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.queue)
	}
	w.mu.Unlock()
	<-w.ended
}

// outsideCheck is how often the writer looks whether another process changed
// the database (PRAGMA data_version): the net beneath the control socket.
const outsideCheck = 500 * time.Millisecond

func (w *batchWriter) run() {
	defer close(w.ended)
	ticker := time.NewTicker(outsideCheck)
	defer ticker.Stop()
	batch := make([]*pending, 0, batchLimit)
	for {
		select {
		case first, ok := <-w.queue:
			if !ok {
				return
			}
			batch = w.gatherMore(w.gather(append(batch[:0], first)))
			w.commit(batch)
		case <-ticker.C:
			if err := w.lookOutside(); err != nil {
				w.s.log.Error("check for outside changes", "error", err)
			}
		}
	}
}

func (w *batchWriter) gather(batch []*pending) []*pending {
	for len(batch) < batchLimit {
		select {
		case p, ok := <-w.queue:
			if !ok {
				return batch
			}
			batch = append(batch, p)
		default:
			return batch
		}
	}
	return batch
}

// gatherMore lets callers that are about to write go first, for as long as
// some come: what they do before a write then happens before the commit that
// they would have waited for, and fewer commits serve them all. Where nobody
// else is ready to run, it costs nothing.
func (w *batchWriter) gatherMore(batch []*pending) []*pending {
	for n := 0; n < len(batch) && len(batch) < batchLimit; {
		n = len(batch)
		runtime.Gosched()
		batch = w.gather(batch)
	}
	return batch
}

// commit runs a batch and answers its callers.
func (w *batchWriter) commit(batch []*pending) {
	began := w.s.now()
	tx := &Tx{s: w.s, q: w.conn, states: stateWrites{memory: &w.memory}}
	err := w.together(tx, batch)
	if errors.Is(err, errActFailed) {
		w.memory.forget() // it knows nothing of the acts between savepoints
		tx = &Tx{s: w.s, q: w.conn}
		err = w.oneByOne(tx, batch)
	}
	if err == nil {
		w.committed(tx)
	}
	for _, p := range batch {
		if err != nil {
			p.err = err
		}
		p.done <- struct{}{}
	}
	w.s.observe.Commit(w.s.now().Sub(began), len(batch))
}

// committed tells memory and caches what is true now.
func (w *batchWriter) committed(tx *Tx) {
	if tx.states.memory == nil {
		w.s.caches.states.dropAll()
	} else {
		w.memory.learn(&tx.states)
		for id := range tx.states.sensors {
			w.s.caches.states.drop(id)
		}
	}
	if slices.Contains(tx.changed, Change{Topic: everything}) {
		w.memory.forget()
	}
	w.s.changes.publish(tx.changed)
}

// begin starts a transaction. From then on nobody else can write; if somebody
// did since the last commit, what is remembered is dropped.
func (w *batchWriter) begin() error {
	if err := w.conn.run("BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	return w.lookOutside()
}

// errActFailed says that an act of the batch failed and nothing was committed.
var errActFailed = errors.New("an act failed")

// together runs all acts without savepoints. A batch of one that fails is
// over with that: its error is the answer.
func (w *batchWriter) together(tx *Tx, batch []*pending) error {
	if err := w.begin(); err != nil {
		w.undo()
		return err
	}
	for _, p := range batch {
		if p.err = safely(p.do, tx); p.err != nil {
			w.undo()
			if len(batch) == 1 {
				return p.err
			}
			return errActFailed
		}
	}
	return w.finish(tx)
}

// oneByOne runs each act within a savepoint.
func (w *batchWriter) oneByOne(tx *Tx, batch []*pending) error {
	if err := w.begin(); err != nil {
		w.undo()
		return err
	}
	for _, p := range batch {
		if err := w.withSavepoint(tx, p); err != nil {
			w.undo()
			return err
		}
	}
	return w.finish(tx)
}

func (w *batchWriter) withSavepoint(tx *Tx, p *pending) error {
	if err := w.conn.run("SAVEPOINT act"); err != nil {
		return fmt.Errorf("savepoint: %w", err)
	}
	changed, ids := len(tx.changed), tx.states.ids
	if p.err = safely(p.do, tx); p.err == nil {
		p.err = tx.flushStates()
	}
	if p.err != nil {
		tx.changed = tx.changed[:changed]
		tx.states.backTo(ids)
		if err := w.conn.run("ROLLBACK TO act"); err != nil {
			if cause := outage(p.err); domain.IsKind(cause, domain.Unavailable) {
				return cause // on a full disk SQLite undoes the whole batch by itself
			}
			return fmt.Errorf("roll back to savepoint: %w", err)
		}
	}
	if err := w.conn.run("RELEASE act"); err != nil {
		return fmt.Errorf("release savepoint: %w", err)
	}
	return nil
}

func (w *batchWriter) finish(tx *Tx) error {
	err := tx.flushStates()
	if err == nil {
		err = w.conn.run("COMMIT")
	}
	if err != nil {
		w.undo()
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// undo rolls back. SQLite may have done so by itself (full disk); then there
// is no transaction to roll back, which is as well.
func (w *batchWriter) undo() { _ = w.conn.run("ROLLBACK") }

// safely turns a panic inside an act into an error, so that one request
// cannot take the only writer down.
func safely(do act, tx *Tx) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic in a store method: %v", cause)
		}
	}()
	return do(tx)
}

// lookOutside drops all that is remembered when another process wrote to the
// database.
func (w *batchWriter) lookOutside() error {
	changed, err := w.conn.changedOutside()
	if changed || err != nil {
		w.memory.forget()
		w.s.changes.publish([]Change{{Topic: everything}})
	}
	return err
}
