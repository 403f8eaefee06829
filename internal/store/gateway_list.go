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
// with what he was given on them. The cursor is an id.
func (s *Store) Gateways(ctx context.Context, filter domain.NetworkFilter[domain.GatewayID], page domain.Page) (domain.Listed[domain.Gateway], error) {
	return gatewayWalk.page(ctx, s, filter.User, numbers(filter.Only), s.walked(filter.Which), page)
}
