package store

import (
	"context"
	"fmt"
	"strconv"

	"github.com/thingward/thingward/internal/domain"
)

// audit writes an event in the transaction of the act that it tells of. An
// event without a time gets the store's.
func (tx *Tx) audit(event domain.AuditEvent) error {
	if event.At.IsZero() {
		event.At = tx.s.now()
	}
	const text = `INSERT INTO audit_events (at, actor_id, actor_name, subject_id, credential, act, thing, address, result)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	_, err := tx.exec(text, millis(event.At), event.Actor, event.ActorName, event.Subject, event.Credential,
		event.Act, event.Thing, event.Address, event.Result)
	if err != nil {
		return fmt.Errorf("write audit event: %w", err)
	}
	return nil
}

// Record writes an event that no other act of the store carries, such as a
// failed sign-in.
func (s *Store) Record(ctx context.Context, event domain.AuditEvent) error {
	return s.write(ctx, func(tx *Tx) error { return tx.audit(event) })
}

const auditColumns = `id, at, actor_id, actor_name, subject_id, credential, act, thing, address, result`

// AuditOf returns the events that concern the account of a user, newest first.
func (s *Store) AuditOf(ctx context.Context, user domain.UserID, page domain.Page) (domain.Listed[domain.AuditEvent], error) {
	page = page.Clamped()
	before, err := beforeCursor(page)
	if err != nil {
		return domain.Listed[domain.AuditEvent]{}, err
	}
	rows, err := s.query(ctx, `SELECT `+auditColumns+` FROM audit_events
		WHERE subject_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, user, before, page.Limit+1)
	events, err := collect(rows, err, scanAudit)
	if err != nil {
		return domain.Listed[domain.AuditEvent]{}, fmt.Errorf("audit of a user: %w", err)
	}
	total, err := s.counted(ctx, `SELECT count(*) FROM (SELECT 1 FROM audit_events WHERE subject_id = $2 LIMIT $1) AS counted`, user)
	return auditPage(events, page, total), err
}

// AuditAll returns the events of everybody, newest first.
func (s *Store) AuditAll(ctx context.Context, page domain.Page) (domain.Listed[domain.AuditEvent], error) {
	page = page.Clamped()
	before, err := beforeCursor(page)
	if err != nil {
		return domain.Listed[domain.AuditEvent]{}, err
	}
	rows, err := s.query(ctx, `SELECT `+auditColumns+` FROM audit_events WHERE id < $1 ORDER BY id DESC LIMIT $2`,
		before, page.Limit+1)
	events, err := collect(rows, err, scanAudit)
	if err != nil {
		return domain.Listed[domain.AuditEvent]{}, fmt.Errorf("audit: %w", err)
	}
	total, err := s.counted(ctx, `SELECT count(*) FROM (SELECT 1 FROM audit_events LIMIT $1) AS counted`)
	return auditPage(events, page, total), err
}

func auditPage(events []domain.AuditEvent, page domain.Page, total int) domain.Listed[domain.AuditEvent] {
	return listed(events, page, total, func(e domain.AuditEvent) int64 { return e.ID })
}

func scanAudit(r row) (domain.AuditEvent, error) {
	var event domain.AuditEvent
	var at int64
	err := r.Scan(&event.ID, &at, &event.Actor, &event.ActorName, &event.Subject, &event.Credential,
		&event.Act, &event.Thing, &event.Address, &event.Result)
	event.At = fromMillis(at)
	return event, err
}

// listed cuts a page out of entries that were read with one more than its
// limit, so that it is known whether there is a next page.
func listed[T any](items []T, page domain.Page, total int, id func(T) int64) domain.Listed[T] {
	list := domain.Listed[T]{Items: items, Total: total}
	if len(items) > page.Limit {
		list.Items = items[:page.Limit]
		list.Next = strconv.FormatInt(id(items[page.Limit-1]), 10)
	}
	return list
}

// afterCursor reads the cursor of a list in growing order of ids.
func afterCursor(page domain.Page) (int64, error) {
	if page.Cursor == "" {
		return 0, nil
	}
	id, err := strconv.ParseInt(page.Cursor, 10, 64)
	if err != nil {
		return 0, domain.InvalidField("cursor", "The cursor is not one of this list.")
	}
	return id, nil
}

// beforeCursor reads the cursor of a list in falling order of ids.
func beforeCursor(page domain.Page) (int64, error) {
	if page.Cursor == "" {
		return 1<<63 - 1, nil
	}
	return afterCursor(page)
}

// counted runs a count that stops at MaxCounted, its first placeholder.
func (s *Store) counted(ctx context.Context, text string, args ...any) (int, error) {
	var total int
	if err := s.queryRow(ctx, text, append([]any{domain.MaxCounted}, args...)...).Scan(&total); err != nil {
		return 0, fmt.Errorf("count: %w", err)
	}
	return total, nil
}
