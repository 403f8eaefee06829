package store

import (
	"context"

	"github.com/thingward/thingward/internal/domain"
)

var gatewayWalk = networkWalk[domain.Gateway]{
	kind: gatewayKind, columns: gatewayColumns, scan: scanGateway,
	give: func(g *domain.Gateway, given domain.RightSet) { g.Given = given },
	id:   func(g domain.Gateway) int64 { return int64(g.ID) },
}

// Gateways returns the gateways that a user owns or works on, by growing id,
// with what he was given on them: all of them where only is nil, else those of
// the listed ones. The cursor is an id.
func (s *Store) Gateways(ctx context.Context, user domain.UserID, only []domain.GatewayID, page domain.Page) (domain.Listed[domain.Gateway], error) {
	return gatewayWalk.page(ctx, s, user, numbers(only), walkLiving, page)
}

// DeletedGateways is Gateways for those that were deleted and can still be
// restored.
func (s *Store) DeletedGateways(ctx context.Context, user domain.UserID, page domain.Page) (domain.Listed[domain.Gateway], error) {
	return gatewayWalk.page(ctx, s, user, nil, s.walkDeleted(), page)
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
