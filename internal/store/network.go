package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/thingward/thingward/internal/domain"
)

// network keeps applications, gateways and components by name, and by "#" and
// id: as requests and scopes name them.
type network struct {
	applications *cache[string, domain.Application]
	gateways     *cache[string, domain.Gateway]
	components   *cache[string, domain.Component]
}

func newNetwork() network {
	return network{newCache[string, domain.Application](20_000), newCache[string, domain.Gateway](20_000), newCache[string, domain.Component](5_000)}
}

func (n network) drop(change Change) {
	id, name, _ := strings.Cut(change.ID, "/")
	for _, ref := range []string{"#" + id, name} {
		switch change.Topic {
		case topicApplication:
			n.applications.drop(ref)
		case topicGateway:
			n.gateways.drop(ref)
		case topicComponent:
			n.components.drop(ref)
		}
	}
}

func (n network) dropAll() {
	n.applications.dropAll()
	n.gateways.dropAll()
	n.components.dropAll()
}

// noteNetwork tells that an application, gateway or component changed.
func noteNetwork[T ~int64](tx *Tx, topic string, id T, name string) {
	tx.note(topic, formatID(id)+"/"+name)
}

// byRef returns the condition that finds a thing by name, or by "#" and id.
func byRef(ref string) (condition string, value any) {
	if id, ok := domain.ThingID(ref); ok {
		return "t.id = $1", id
	}
	return "t.name = $1", ref
}

// found answers from the cache, or reads and keeps.
func found[V any](c *cache[string, V], ref string, read func(condition string, value any) (V, error)) (V, error) {
	value, generation, ok := c.get(ref)
	if ok {
		return value, nil
	}
	var none V
	if !storable(ref) {
		return none, errNoRows // PostgreSQL would refuse the text
	}
	value, err := read(byRef(ref))
	if err != nil {
		return none, err
	}
	c.fill(ref, generation, value)
	return value, nil
}

// networkTables are where applications, gateways and components stand.
var networkTables = map[domain.Noun]string{domain.NounApplication: "applications", domain.NounGateway: "gateways", domain.NounComponent: "components"}

// NetworkNames returns the names of applications, gateways or components,
// deleted ones too. Unknown ids are missing.
func (s *Store) NetworkNames(ctx context.Context, noun domain.Noun, ids []int64) (map[int64]string, error) {
	names := map[int64]string{}
	table, known := networkTables[noun]
	if !known || len(ids) == 0 {
		return names, nil
	}
	for len(ids) > 0 {
		some := ids[:min(len(ids), idsAtOnce)]
		ids = ids[len(some):]
		c := &condition{}
		c.add("t.id IN ("+marks(len(some))+")", anys(some)...)
		rows, err := s.queryOnce(ctx, `SELECT t.id, t.name FROM `+table+` t`+c.where()+` ORDER BY t.id`, c.args...)
		_, err = collect(rows, err, func(r row) (struct{}, error) {
			var id int64
			var name string
			err := r.Scan(&id, &name)
			names[id] = name
			return struct{}{}, err
		})
		if err != nil {
			return nil, fmt.Errorf("names of %s: %w", table, err)
		}
	}
	return names, nil
}
