package wotkit

import (
	"net/http"

	"github.com/thingward/thingward/internal/domain"
)

// tagJSON is a tag as V1 returns it.
type tagJSON struct {
	Name     string `json:"name"`
	Count    int    `json:"count"`
	LastUsed int64  `json:"lastUsed"` // milliseconds
}

// listTags is GET /tags. The parameters tags and metadata are not for it.
func (d *Door) listTags(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	q := queryOf(r)
	delete(q, "tags")
	delete(q, "metadata")
	filter, err := sensorFilter(q, d.Now())
	if err != nil {
		return err
	}
	if filter.Limit, filter.Offset, err = q.page(); err != nil {
		return err
	}
	shown := []tagJSON{}
	if filter.Limit == 0 || filter.nothing {
		return writeJSON(w, shown)
	}
	tags, err := d.Sensors.Tags(r.Context(), c, filter.SensorFilter)
	if err != nil {
		return err
	}
	for _, tag := range tags {
		shown = append(shown, tagJSON{Name: tag.Name, Count: tag.Count, LastUsed: int64(domain.MillisOf(tag.LastUsed))})
	}
	return writeJSON(w, shown)
}
