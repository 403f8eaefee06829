package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/thingward/thingward/internal/domain"
)

const gatewayColumns = `t.id, t.name, t.owner_id, o.name, t.frequency_plan, t.placed, t.latitude, t.longitude, t.altitude, t.attributes, t.router, t.fallback_routers,
	t.location_public, t.status_public, t.owner_public, t.auto_update, t.beta_updates, t.activated_at, t.created_at, t.changed_at, t.deleted_at`

const gatewaysAndOwners = ` FROM gateways t JOIN owners o ON o.id = t.owner_id`

// scanGateway scans a gateway and what was selected behind its columns.
func scanGateway(r row, more ...any) (domain.Gateway, error) {
	var g domain.Gateway
	var antenna domain.Location
	var placed bool
	var attributes, fallbacks string
	var activated, created, changed, deleted int64
	into := []any{&g.ID, &g.Name, &g.Owner, &g.OwnerName, &g.FrequencyPlan, &placed, &antenna.Latitude, &antenna.Longitude, &antenna.Altitude, &attributes, &g.Router, &fallbacks,
		&g.LocationPublic, &g.StatusPublic, &g.OwnerPublic, &g.AutoUpdate, &g.BetaUpdates, &activated, &created, &changed, &deleted}
	if err := r.Scan(append(into, more...)...); err != nil {
		return domain.Gateway{}, err
	}
	if placed {
		g.Antenna = &antenna
	}
	g.FallbackRouters = strings.Fields(fallbacks)
	g.ActivatedAt, g.CreatedAt, g.ChangedAt, g.DeletedAt = fromMillis(activated), fromMillis(created), fromMillis(changed), fromMillis(deleted)
	if err := json.Unmarshal([]byte(attributes), &g.Attributes); err != nil {
		return domain.Gateway{}, fmt.Errorf("stored attributes of gateway %s: %w", g.Name, err)
	}
	return g, nil
}

// Gateway returns the gateway with the name, or "#" and its id, from memory
// where it can: its slices and its map are shared and must not be changed.
// Unknown and deleted ones are NotFound.
func (s *Store) Gateway(ctx context.Context, ref string) (domain.Gateway, error) {
	gateway, err := found(s.caches.network.gateways, ref, func(condition string, value any) (domain.Gateway, error) {
		return scanGateway(s.queryRow(ctx, `SELECT `+gatewayColumns+gatewaysAndOwners+` WHERE t.deleted_at = 0 AND `+condition, value))
	})
	if err != nil {
		return domain.Gateway{}, gatewayMissing(err)
	}
	return gateway, nil
}

func gatewayMissing(err error) error {
	return notFound(err, "gateway_not_found", "There is no such gateway, or it is not yours to see.")
}
