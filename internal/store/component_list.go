package store

import (
	"context"

	"github.com/thingward/thingward/internal/domain"
)

var componentWalk = networkWalk[domain.Component]{
	kind: componentKind, columns: componentColumns, scan: scanComponent,
	give: func(c *domain.Component, given domain.RightSet) { c.Given = given },
	id:   func(c domain.Component) int64 { return int64(c.ID) },
}

// Components returns the components that a user owns or works on, by growing id,
// with what he was given on them. The cursor is an id.
func (s *Store) Components(ctx context.Context, filter domain.NetworkFilter[domain.ComponentID], page domain.Page) (domain.Listed[domain.Component], error) {
	return componentWalk.page(ctx, s, filter.User, numbers(filter.Only), s.walked(filter.Which), page)
}
