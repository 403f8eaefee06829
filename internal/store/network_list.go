package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/thingward/thingward/internal/domain"
)

// networkWalk lists the things of one kind that a user works on, as owner or
// collaborator: one walk through what he was given, in growing order of ids,
// so that a page costs the page.
type networkWalk[T any] struct {
	kind    networkKind
	columns string // of the thing t and its owner o
	scan    func(row, ...any) (T, error)
	give    func(*T, domain.RightSet) // puts what the user was given into the thing
	id      func(T) int64
}

// walked is which things a walk lists.
type walked struct {
	fragment string
	values   []any
}

// walked selects what a list holds: deleted things as long as they can be
// restored.
func (s *Store) walked(which domain.Which) walked {
	restorable := millis(s.now().Add(-domain.RestoreWithin))
	switch which {
	case domain.OnlyDeleted:
		return walked{"t.purged_at = 0 AND t.deleted_at > ?", []any{restorable}}
	case domain.WithDeleted:
		return walked{"t.purged_at = 0 AND (t.deleted_at = 0 OR t.deleted_at > ?)", []any{restorable}}
	}
	return walked{"t.deleted_at = 0", nil}
}

// numbers returns ids as what they are in the database; nil stays nil.
func numbers[T ~int64](ids []T) []int64 {
	if ids == nil {
		return nil
	}
	list := make([]int64, len(ids))
	for i, id := range ids {
		list[i] = int64(id)
	}
	return list
}

// page returns a page of what the user works on: of all of it where only is
// nil, else of the listed things.
func (w networkWalk[T]) page(ctx context.Context, s *Store, user domain.UserID, only []int64, which walked, page domain.Page) (domain.Listed[T], error) {
	page = page.Clamped()
	after, err := afterCursor(page)
	if err != nil {
		return domain.Listed[T]{}, err
	}
	if only != nil {
		return w.among(ctx, s, user, only, which, after, page)
	}
	c := w.condition(user, which)
	c.add("c.thing_id > ?", after)
	text, args := w.text(c, page.Limit+1)
	rows, err := s.query(ctx, text, args...)
	items, err := w.collect(rows, err)
	if err != nil {
		return domain.Listed[T]{}, err
	}
	total, err := w.count(ctx, s, user, which)
	return listed(items, page, total, w.id), err
}

// among lists what a narrowed credential names: a handful.
func (w networkWalk[T]) among(ctx context.Context, s *Store, user domain.UserID, only []int64, which walked, after int64, page domain.Page) (domain.Listed[T], error) {
	only = slices.Clone(only)
	slices.Sort(only)
	items, total := []T{}, 0
	for some := range slices.Chunk(slices.Compact(only), idsAtOnce) {
		c := w.condition(user, which)
		c.add("c.thing_id IN ("+marks(len(some))+")", anys(some)...)
		text, args := w.text(c, len(some))
		rows, err := s.queryOnce(ctx, text, args...)
		found, err := w.collect(rows, err)
		if err != nil {
			return domain.Listed[T]{}, err
		}
		total += len(found)
		items = append(items, slices.DeleteFunc(found, func(item T) bool { return w.id(item) <= after })...)
	}
	return listed(items, page, total, w.id), nil
}

func (w networkWalk[T]) condition(user domain.UserID, which walked) *condition {
	c := &condition{}
	c.add("c.user_id = ?", user)
	c.add("c.noun = ?", string(w.kind.noun))
	c.add(which.fragment, which.values...)
	return c
}

func (w networkWalk[T]) text(c *condition, limit int) (string, []any) {
	text := `SELECT ` + w.columns + `, c.rights FROM collaborators c JOIN ` + w.kind.table + ` t ON t.id = c.thing_id JOIN owners o ON o.id = t.owner_id` +
		c.where() + ` ORDER BY c.thing_id LIMIT ` + c.placeholder(limit)
	return text, c.args
}

// collect reads things together with what the user was given on them.
func (w networkWalk[T]) collect(rows rowSet, err error) ([]T, error) {
	items, err := collect(rows, err, func(r row) (T, error) {
		var names string
		item, err := w.scan(r, &names)
		if err != nil {
			return item, err
		}
		given, err := parseRights(w.kind.noun, names)
		w.give(&item, given)
		return item, err
	})
	if err != nil {
		return nil, fmt.Errorf("%s of a user: %w", w.kind.table, err)
	}
	return items, nil
}

func (w networkWalk[T]) count(ctx context.Context, s *Store, user domain.UserID, which walked) (int, error) {
	c := w.condition(user, which)
	where := c.where()
	var total int
	text := `SELECT count(*) FROM (SELECT 1 FROM collaborators c JOIN ` + w.kind.table + ` t ON t.id = c.thing_id` + where + ` LIMIT ` + c.placeholder(domain.MaxCounted) + `) AS counted`
	if err := s.queryRow(ctx, text, c.args...).Scan(&total); err != nil {
		return 0, fmt.Errorf("count %s: %w", w.kind.table, err)
	}
	return total, nil
}
