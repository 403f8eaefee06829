package store

import (
	"slices"

	"github.com/thingward/thingward/internal/domain"
)

// depth says how much of readings is decoded.
type depth int

const (
	wholeReadings depth = iota
	onlyPositions
)

// merge hands out readings of a range in order, from loose rows and chunks,
// which may overlap each other in time. Rows are read at once, as there are
// few; a chunk is read when its edge is reached and nothing nearer is left:
//
//	rows    ·· · ·   ·· ·
//	chunks  [······]
//	            [·····]       ← opened when the cursor reaches its edge
//	                    [····]
type merge struct {
	snap     snapshot
	sensor   domain.SensorID
	want     domain.Range
	d        domain.Direction
	depth    depth
	names    nameTable
	timeSpan domain.Millis
	open     []run
	chunks   []storedChunk // fetched, not yet opened
	last     storedChunk   // the last one fetched
	fetch    int           // how many to fetch next; 0: there are no more
}

// run is readings in the direction of the merge, the next one first.
type run []domain.Reading

// storedChunk is a chunk as it is stored.
type storedChunk struct {
	first  domain.Position
	lastAt domain.Millis
	packed []byte
}

func scanChunk(r row) (c storedChunk, err error) {
	return c, r.Scan(&c.first.At, &c.first.ID, &c.lastAt, &c.packed)
}

func (c storedChunk) readings(sensor domain.SensorID, names *nameTable) ([]domain.Reading, error) {
	opened, err := openChunk(c.packed, nil)
	if err != nil {
		return nil, err
	}
	return opened.readings(sensor, names)
}

// withinReach cuts a range to times that sums of times cannot overflow.
func withinReach(r domain.Range) domain.Range {
	if r.From.At < domain.MinMillis {
		r.From = domain.MinMillis.BeforeAll()
	}
	if r.To.At > domain.MaxMillis {
		r.To = domain.MaxMillis.AfterAll()
	}
	return r
}

const (
	rowsAscending = `SELECT at, id, named FROM readings WHERE sensor_id = $1 AND (at, id) > ($2, $3) AND (at, id) <= ($4, $5)
		ORDER BY at, id LIMIT $6`
	rowsDescending = `SELECT at, id, named FROM readings WHERE sensor_id = $1 AND (at, id) > ($2, $3) AND (at, id) <= ($4, $5)
		ORDER BY at DESC, id DESC LIMIT $6`
	chunksAscending = `SELECT first_at, first_id, last_at, packed FROM reading_chunks
		WHERE sensor_id = $1 AND (first_at, first_id) > ($2, $3) AND first_at <= $4 AND last_at >= $5
		ORDER BY first_at, first_id LIMIT $6`
	chunksDescending = `SELECT first_at, first_id, last_at, packed FROM reading_chunks
		WHERE sensor_id = $1 AND (last_at, first_at, first_id) < ($2, $3, $4) AND last_at >= $5 AND first_at <= $6
		ORDER BY last_at DESC, first_at DESC, first_id DESC LIMIT $7`
)

// merge starts to hand out at most limit readings.
func (snap snapshot) merge(sensor domain.SensorID, want domain.Range, limit int, d domain.Direction, depth depth) (*merge, error) {
	want = withinReach(want)
	m := &merge{snap: snap, sensor: sensor, want: want, d: d, depth: depth}
	timeSpan, _, ok, err := snap.spans(sensor)
	if err != nil || !ok || want.From.Compare(want.To) >= 0 {
		return m, err
	}
	m.timeSpan, m.fetch = timeSpan, min(limit/maxChunk+3, 64)
	m.last = storedChunk{first: domain.Position{At: want.From.At - timeSpan - 1}, lastAt: want.To.At + timeSpan + 1}
	text := rowsAscending
	if d == domain.NewestFirst {
		text = rowsDescending
	}
	rows, err := snap.query(text, int64(sensor), int64(want.From.At), int64(want.From.ID), int64(want.To.At), int64(want.To.ID), limit)
	loose, err := collectReadings(rows, err, sensor)
	if err == nil && len(loose) > 0 {
		m.open = append(m.open, loose)
	}
	return m, err
}

// next returns the next reading; not ok: there is none.
func (m *merge) next() (next domain.Reading, ok bool, err error) {
	best := m.nearest()
	for {
		edge, there, err := m.edge()
		if err != nil {
			return next, false, err
		}
		if !there || best >= 0 && m.before(m.open[best][0].Position(), edge) {
			break
		}
		if err := m.openNext(); err != nil {
			return next, false, err
		}
		best = m.nearest()
	}
	if best < 0 {
		return next, false, nil
	}
	next = m.open[best][0]
	if m.open[best] = m.open[best][1:]; len(m.open[best]) == 0 {
		m.open = append(m.open[:best], m.open[best+1:]...)
	}
	return next, true, nil
}

// nearest returns which open run has the next reading, or -1.
func (m *merge) nearest() int {
	best := -1
	for i, r := range m.open {
		if best < 0 || m.before(r[0].Position(), m.open[best][0].Position()) {
			best = i
		}
	}
	return best
}

func (m *merge) before(p, q domain.Position) bool {
	if m.d == domain.NewestFirst {
		return p.Compare(q) > 0
	}
	return p.Compare(q) < 0
}

// edge returns the position before which the next chunk has no reading.
func (m *merge) edge() (domain.Position, bool, error) {
	if len(m.chunks) == 0 && m.fetch > 0 {
		if err := m.fetchChunks(); err != nil {
			return domain.Position{}, false, err
		}
	}
	switch {
	case len(m.chunks) == 0:
		return domain.Position{}, false, nil
	case m.d == domain.NewestFirst:
		return m.chunks[0].lastAt.AfterAll(), true, nil
	}
	return m.chunks[0].first, true, nil
}

func (m *merge) fetchChunks() error {
	text, args := chunksAscending, []any{int64(m.sensor), int64(m.last.first.At), int64(m.last.first.ID), int64(m.want.To.At), int64(m.want.From.At), m.fetch}
	if m.d == domain.NewestFirst {
		text, args = chunksDescending, []any{int64(m.sensor), int64(m.last.lastAt), int64(m.last.first.At), int64(m.last.first.ID),
			int64(m.want.From.At), int64(m.want.To.At), m.fetch}
	}
	rows, err := m.snap.query(text, args...)
	if m.chunks, err = collect(rows, err, scanChunk); err != nil {
		return err
	}
	if len(m.chunks) < m.fetch {
		m.fetch = 0
		return nil
	}
	m.last = m.chunks[len(m.chunks)-1]
	return nil
}

// openNext decodes the next chunk and keeps what lies in the range.
func (m *merge) openNext() error {
	stored := m.chunks[0]
	m.chunks = m.chunks[1:]
	opened, err := openChunk(stored.packed, nil)
	if err != nil {
		return err
	}
	var all []domain.Reading
	if m.depth == onlyPositions {
		all, err = opened.positions(m.sensor)
	} else {
		all, err = opened.readings(m.sensor, &m.names)
	}
	if err != nil {
		return err
	}
	for len(all) > 0 && !m.want.Contains(all[0].Position()) {
		all = all[1:]
	}
	for len(all) > 0 && !m.want.Contains(all[len(all)-1].Position()) {
		all = all[:len(all)-1]
	}
	if len(all) == 0 {
		return nil
	}
	if m.d == domain.NewestFirst {
		slices.Reverse(all)
	}
	m.open = append(m.open, all)
	return nil
}
