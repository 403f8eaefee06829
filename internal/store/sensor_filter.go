package store

import (
	"strconv"
	"strings"

	"github.com/thingward/thingward/internal/domain"
)

// condition is a WHERE clause that grows: fixed fragments, with a placeholder
// for every value. Placeholders stand in the order of their arguments, which
// SQLite asks for.
type condition struct {
	parts []string
	args  []any
}

// add appends a fragment; each ? in it becomes the placeholder of one value.
func (c *condition) add(fragment string, values ...any) {
	var text strings.Builder
	for i, piece := range strings.Split(fragment, "?") {
		if i > 0 {
			text.WriteString(c.placeholder(values[i-1]))
		}
		text.WriteString(piece)
	}
	c.parts = append(c.parts, text.String())
}

func (c *condition) placeholder(value any) string {
	c.args = append(c.args, value)
	return "$" + strconv.Itoa(len(c.args))
}

// where returns the clause.
func (c *condition) where() string { return " WHERE " + strings.Join(c.parts, " AND ") }

// marks returns the inside of an IN list of n values, for a fragment of add.
func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?,", n), ",") }

func anys[T any](list []T) []any {
	values := make([]any, len(list))
	for i, v := range list {
		values[i] = v
	}
	return values
}

// sensorCondition is the whole filter but its paging, for sensors s and their
// owners o.
func sensorCondition(f domain.SensorFilter) *condition {
	c := &condition{}
	c.selects(f)
	return c
}

// selects adds the parts of a filter.
func (c *condition) selects(f domain.SensorFilter) {
	c.visible(f)
	c.related(f)
	if len(f.Owners) > 0 {
		c.add("o.name IN ("+marks(len(f.Owners))+")", anys(f.Owners)...)
	}
	if f.Visibility != "" {
		c.shown(f.Visibility)
	}
	if f.Text != "" {
		c.add(`s.search LIKE ? ESCAPE '\'`, "%"+escapeLike(strings.ToLower(f.Text))+"%")
	}
	c.tagged(f.Tags)
	c.described(f.Metadata)
	c.active(f)
	c.within(f.Area)
}

// visible is the rule of domain.SensorFilter.For in SQL.
func (c *condition) visible(f domain.SensorFilter) {
	own, values := givenOn(f)
	switch {
	case f.Everyones && f.OnlyThings == nil:
		c.add("TRUE")
		return
	case f.Everyones:
		own, values = "TRUE", nil
	case f.VisibleTo == 0:
		c.add("s.public")
		return
	}
	switch {
	case f.OnlyThings == nil:
	case len(f.OnlyThings) == 0:
		own, values = "FALSE", nil
	default:
		own += " AND s.id IN (" + marks(len(f.OnlyThings)) + ")"
		values = append(values, anys(f.OnlyThings)...)
	}
	c.add("(s.public OR "+own+")", values...)
}

// givenOn is what makes a private sensor visible to a user: it is his, or he
// was given the right on it.
func givenOn(f domain.SensorFilter) (fragment string, values []any) {
	const works = "EXISTS (SELECT 1 FROM collaborators k WHERE k.noun = 'sensor' AND k.thing_id = s.id AND k.user_id = ?"
	if f.Given == "" || f.Given.Seeing() { // comes with any right
		return "(s.owner_id = ? OR " + works + "))", []any{f.VisibleTo, f.VisibleTo}
	}
	return "(s.owner_id = ? OR " + works + " AND ' ' || k.rights || ' ' LIKE ?))", []any{f.VisibleTo, f.VisibleTo, "% " + f.Given.Name() + " %"}
}

// sharedSensors are what a user works on, found by the user.
const sharedSensors = "s.id IN (SELECT w.thing_id FROM collaborators w WHERE w.user_id = ? AND w.noun = 'sensor')"

// workableSensors are those and his own. They are one list, which is walked in
// the order of ids: behind an OR all of them would be read to be sorted.
const workableSensors = `s.id IN (SELECT m.id FROM sensors m WHERE m.owner_id = ?
	UNION SELECT w.thing_id FROM collaborators w WHERE w.user_id = ? AND w.noun = 'sensor')`

func (c *condition) related(f domain.SensorFilter) {
	switch f.Relation {
	case domain.Subscribed:
		c.add("EXISTS (SELECT 1 FROM subscriptions b WHERE b.sensor_id = s.id AND b.user_id = ?)", f.VisibleTo)
	case domain.Contributed:
		c.add("s.owner_id = ?", f.VisibleTo)
	case domain.Shared:
		c.add(sharedSensors, f.VisibleTo)
	case domain.Workable:
		c.add(workableSensors, f.VisibleTo, f.VisibleTo)
	}
}

// shown keeps sensors of one visibility. Values that no sensor has, such as
// WoTKit's former ORGANIZATION, match nothing.
func (c *condition) shown(visibility domain.Visibility) {
	switch visibility {
	case domain.Public:
		c.add("s.public")
	case domain.Private:
		c.add("NOT s.public")
	default:
		c.add("FALSE")
	}
}

// tagged is an "or" of groups that are each an "and".
func (c *condition) tagged(groups [][]string) {
	if len(groups) == 0 {
		return
	}
	const has = "EXISTS (SELECT 1 FROM sensor_tags t WHERE t.sensor_id = s.id AND t.folded = ?)"
	alternatives := make([]string, len(groups))
	var values []any
	for i, group := range groups {
		all := make([]string, len(group))
		for j, tag := range group {
			all[j] = has
			values = append(values, strings.ToLower(tag))
		}
		alternatives[i] = "(" + strings.Join(append(all, "TRUE"), " AND ") + ")"
	}
	c.add("("+strings.Join(alternatives, " OR ")+")", values...)
}

// described compares beginnings with substr, because LIKE takes no notice of
// case on SQLite.
func (c *condition) described(terms []domain.MetadataTerm) {
	const named = "EXISTS (SELECT 1 FROM sensor_metadata m WHERE m.sensor_id = s.id AND m.name = ?"
	for _, term := range terms {
		switch {
		case term.AnyValue:
			c.add(named+")", term.Key)
		case term.Prefix:
			c.add(named+" AND substr(m.value, 1, CAST(? AS INTEGER)) = ?)", term.Key, len([]rune(term.Value)), term.Value)
		default:
			c.add(named+" AND m.value = ?)", term.Key, term.Value)
		}
	}
}

func (c *condition) active(f domain.SensorFilter) {
	const since = "EXISTS (SELECT 1 FROM sensor_states u WHERE u.sensor_id = s.id AND u.last_update <> 0 AND u.last_update >= ?)"
	if !f.ActiveSince.IsZero() {
		c.add(since, millis(f.ActiveSince))
	}
	if !f.InactiveSince.IsZero() {
		c.add("NOT "+since, millis(f.InactiveSince))
	}
}

func (c *condition) within(area *domain.Area) {
	if area == nil {
		return
	}
	c.add("s.latitude BETWEEN ? AND ?", area.South, area.North)
	if area.West > area.East {
		c.add("(s.longitude >= ? OR s.longitude <= ?)", area.West, area.East)
		return
	}
	c.add("s.longitude BETWEEN ? AND ?", area.West, area.East)
}

func escapeLike(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
}
