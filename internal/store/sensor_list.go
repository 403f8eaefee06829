package store

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/thingward/thingward/internal/domain"
)

// The texts of these queries depend on how many values a filter has, so they
// are not kept as prepared statements: strangers could fill the memory.

// Sensors returns the sensors that the filter selects, in the order of their
// ids, with what the user who asks was given on each.
func (s *Store) Sensors(ctx context.Context, f domain.SensorFilter) ([]domain.Sensor, error) {
	c := &condition{}
	asker := f.Asker
	if asker == 0 {
		asker = f.VisibleTo
	}
	given := `COALESCE((SELECT g.rights FROM collaborators g WHERE g.noun = 'sensor' AND g.thing_id = s.id AND g.user_id = ` + c.placeholder(asker) + `), '')`
	c.selects(f)
	c.add("s.id > ?", f.After)
	text := `SELECT ` + given + `, ` + sensorColumns + ` FROM ` + sensorTables + c.where() + ` ORDER BY s.id` + c.paged(f)
	rows, err := s.queryOnce(ctx, text, c.args...)
	sensors, err := collect(rows, err, scanGivenSensor)
	if err != nil {
		return nil, fmt.Errorf("list sensors: %w", err)
	}
	return sensors, nil
}

func scanGivenSensor(r row) (domain.Sensor, error) {
	var names string
	sensor, err := scanSensor(behind(r, &names))
	if err == nil {
		sensor.Given, err = parseRights(domain.NounSensor, names)
	}
	return sensor, err
}

// paged returns the LIMIT and OFFSET of a filter.
func (c *condition) paged(f domain.SensorFilter) string {
	limit := int64(math.MaxInt64)
	if f.Limit > 0 {
		limit = int64(f.Limit)
	}
	return " LIMIT " + c.placeholder(limit) + " OFFSET " + c.placeholder(max(f.Offset, 0))
}

// CountSensors counts what the filter selects without its paging, up to
// domain.MaxCounted.
func (s *Store) CountSensors(ctx context.Context, f domain.SensorFilter) (int, error) {
	c := sensorCondition(f)
	text := `SELECT count(*) FROM (SELECT 1 FROM ` + sensorTables + c.where() + ` LIMIT ` + c.placeholder(domain.MaxCounted) + `) AS counted`
	var n int
	if err := s.queryRowOnce(ctx, text, c.args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("count sensors: %w", err)
	}
	return n, nil
}

// idsAtOnce bounds the placeholders of one statement.
const idsAtOnce = 1000

// SensorsByIDs returns those of the sensors that exist, in the order of their ids.
func (s *Store) SensorsByIDs(ctx context.Context, ids []domain.SensorID) ([]domain.Sensor, error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	sensors := make([]domain.Sensor, 0, len(ids))
	for some := range slices.Chunk(ids, idsAtOnce) {
		c := &condition{}
		c.add("s.id IN ("+marks(len(some))+")", anys(some)...)
		rows, err := s.queryOnce(ctx, `SELECT `+sensorColumns+` FROM `+sensorTables+c.where()+` ORDER BY s.id`, c.args...)
		list, err := collect(rows, err, scanSensor)
		if err != nil {
			return nil, fmt.Errorf("sensors by id: %w", err)
		}
		sensors = append(sensors, list...)
	}
	return sensors, nil
}
