package store

import (
	"context"
	"fmt"

	"github.com/thingward/thingward/internal/domain"
)

// Tags returns the tags of the sensors that the filter selects, most used
// first. Tags that differ only in case are one; Offset and Limit page them.
func (s *Store) Tags(ctx context.Context, f domain.SensorFilter) ([]domain.Tag, error) {
	c := sensorCondition(f)
	text := `SELECT min(g.tag), count(*), max(s.created_at) FROM ` + sensorTables + ` JOIN sensor_tags g ON g.sensor_id = s.id` +
		c.where() + ` GROUP BY g.folded ORDER BY count(*) DESC, g.folded` + c.paged(f)
	rows, err := s.queryOnce(ctx, text, c.args...)
	tags, err := collect(rows, err, func(r row) (domain.Tag, error) {
		var tag domain.Tag
		var newest int64
		err := r.Scan(&tag.Name, &tag.Count, &newest)
		tag.LastUsed = fromMillis(newest)
		return tag, err
	})
	if err != nil {
		return nil, fmt.Errorf("list tags: %w", err)
	}
	return tags, nil
}

// CountTags counts what Tags returns without its paging, up to
// domain.MaxCounted.
func (s *Store) CountTags(ctx context.Context, f domain.SensorFilter) (int, error) {
	c := sensorCondition(f)
	text := `SELECT count(*) FROM (SELECT 1 FROM ` + sensorTables + ` JOIN sensor_tags g ON g.sensor_id = s.id` + c.where() +
		` GROUP BY g.folded LIMIT ` + c.placeholder(domain.MaxCounted) + `) AS counted`
	var n int
	if err := s.queryRowOnce(ctx, text, c.args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("count tags: %w", err)
	}
	return n, nil
}
