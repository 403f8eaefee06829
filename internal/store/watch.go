package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// postgresPatience is how long PostgreSQL may leave one statement unanswered.
// A server that hangs, or a line that was cut without a word, must not hold
// requests for ever.
const postgresPatience = 10 * time.Second

var errNoAnswer = errors.New("the database left a statement unanswered for too long")

// watch ends the context of a piece of work when one step of it takes longer
// than the patience of the store. The work as a whole may take as long as it
// likes. Without patience (SQLite, which is no server) it does nothing.
type watch struct {
	ctx      context.Context
	timer    *time.Timer
	cancel   context.CancelCauseFunc
	patience time.Duration
}

func (s *Store) watch(ctx context.Context) watch {
	if s.patience == 0 {
		return watch{ctx: ctx}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	return watch{ctx, time.AfterFunc(s.patience, func() { cancel(errNoAnswer) }), cancel, s.patience}
}

// step begins the next step and returns the context for it.
func (w watch) step() context.Context {
	if w.timer != nil {
		w.timer.Reset(w.patience)
	}
	return w.ctx
}

// end must be called when the work is over.
func (w watch) end() {
	if w.timer != nil {
		w.timer.Stop()
		w.cancel(nil)
	}
}

// explain says so where an error comes from lost patience.
func (w watch) explain(err error) error {
	if err != nil && w.timer != nil && errors.Is(context.Cause(w.ctx), errNoAnswer) {
		return fmt.Errorf("%w: %w", errNoAnswer, err)
	}
	return err
}

func isContext(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// askedRow is a row that a watch waits for.
type askedRow struct {
	s   *Store
	row row
	watch
}

// Scan waits for the row.
func (r askedRow) Scan(into ...any) error {
	err := r.row.Scan(into...)
	if err != nil && !isNoRows(err) {
		err = r.s.noticed(r.explain(err))
	}
	r.end()
	return err
}

// rowSet is what a query selected.
type rowSet interface {
	row
	Next() bool
	Err() error
	Close() error
}

// askedRows are rows that a watch waits for until they are closed.
type askedRows struct {
	*sql.Rows
	s *Store
	watch
}

// Err returns what ended the rows.
func (r askedRows) Err() error { return r.s.noticed(r.explain(r.Rows.Err())) }

// Close ends the rows.
func (r askedRows) Close() error {
	defer r.end()
	return r.Rows.Close()
}

// asked hands out the rows of a query that was asked under a watch.
func (s *Store) asked(rows *sql.Rows, err error, w watch) (rowSet, error) {
	if err != nil {
		defer w.end()
		return nil, s.noticed(w.explain(err))
	}
	return askedRows{rows, s, w}, nil
}
