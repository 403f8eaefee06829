package store

import (
	"context"

	"github.com/thingward/thingward/internal/domain"
)

const componentColumns = `t.id, t.kind, t.name, t.owner_id, o.name, t.created_at, t.changed_at, t.deleted_at`

const componentsAndOwners = ` FROM components t JOIN owners o ON o.id = t.owner_id`

// scanComponent scans a component and what was selected behind its columns.
func scanComponent(r row, more ...any) (domain.Component, error) {
	var c domain.Component
	var created, changed, deleted int64
	err := r.Scan(append([]any{&c.ID, &c.Kind, &c.Name, &c.Owner, &c.OwnerName, &created, &changed, &deleted}, more...)...)
	c.CreatedAt, c.ChangedAt, c.DeletedAt = fromMillis(created), fromMillis(changed), fromMillis(deleted)
	return c, err
}

// Component returns the component with the name, or "#" and its id, from
// memory where it can. Unknown and deleted ones are NotFound.
func (s *Store) Component(ctx context.Context, ref string) (domain.Component, error) {
	component, err := found(s.caches.network.components, ref, func(condition string, value any) (domain.Component, error) {
		return scanComponent(s.queryRow(ctx, `SELECT `+componentColumns+componentsAndOwners+` WHERE t.deleted_at = 0 AND `+condition, value))
	})
	if err != nil {
		return domain.Component{}, componentMissing(err)
	}
	return component, nil
}

func componentMissing(err error) error {
	return notFound(err, "component_not_found", "There is no such component, or it is not yours to see.")
}
