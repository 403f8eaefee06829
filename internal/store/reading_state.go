package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/thingward/thingward/internal/domain"
)

// stateWrites gathers what the acts of one transaction do to the readings and
// states of sensors, so that each state, the counter of ids and the new rows
// are written once per commit, however many acts share it.
type stateWrites struct {
	sensors map[domain.SensorID]*sensorWrite
	rows    []looseRow
	ids     idCount
	memory  *stateMemory // of the writer; nil where there are several
}

// idCount is where SQLite's counter of reading ids stands.
type idCount struct {
	next   domain.ReadingID // 0: not known yet
	stored domain.ReadingID // what the database says: ids below are taken
}

// sensorWrite is the state of one sensor as this transaction leaves it.
type sensorWrite struct {
	id         domain.SensorID
	lastUpdate domain.Millis
	last       []lastValue
	loose      int64
	timeSpan   int64
	idSpan     int64
	known      bool // there was or will be a row
	changed    bool
	gone       bool // the sensor is deleted in this transaction
}

type lastValue struct {
	name  string
	at    domain.Millis
	value domain.Value
}

// looseRow is a reading that waits to be inserted.
type looseRow struct {
	sensor domain.SensorID
	at     domain.Millis
	id     domain.ReadingID
	named  []byte
}

// backTo drops everything that was gathered but not written, and what was read
// since: the transaction went back to before. The count of ids is as it was
// then, because acts that stay have taken some.
func (w *stateWrites) backTo(before idCount) { *w = stateWrites{memory: w.memory, ids: before} }

// sensorState returns the state of a sensor, locked until the transaction
// ends. A sensor that does not exist any more is NotFound.
func (tx *Tx) sensorState(id domain.SensorID) (*sensorWrite, error) {
	if w, ok := tx.states.sensors[id]; ok {
		if w.gone {
			return nil, sensorMissing(errNoRows)
		}
		return w, nil
	}
	w, ok := tx.states.memory.recall(id)
	if !ok {
		if err := tx.s.dialect.lockSensor(tx, int64(id)); err != nil {
			return nil, err
		}
		var err error
		if w, err = tx.loadState(id); err != nil {
			return nil, err
		}
	}
	if tx.states.sensors == nil {
		tx.states.sensors = map[domain.SensorID]*sensorWrite{}
	}
	tx.states.sensors[id] = w
	return w, nil
}

func (tx *Tx) loadState(id domain.SensorID) (*sensorWrite, error) {
	w := &sensorWrite{id: id}
	var update, loose, timeSpan, idSpan sql.NullInt64
	var last []byte
	err := tx.queryRow(`SELECT u.last_update, u.last_values, u.loose, u.time_span, u.id_span
		FROM sensors s LEFT JOIN sensor_states u ON u.sensor_id = s.id WHERE s.id = $1`, int64(id)).
		Scan(&update, &last, &loose, &timeSpan, &idSpan)
	if err != nil {
		return nil, fmt.Errorf("state of sensor: %w", sensorMissing(err))
	}
	w.lastUpdate, w.loose, w.timeSpan, w.idSpan = domain.Millis(update.Int64), loose.Int64, timeSpan.Int64, idSpan.Int64
	if w.known = update.Valid; w.known {
		w.last, err = decodeLast(last)
	}
	return w, err
}

// mostLastValues bounds the names of which the newest value is kept, as
// senders may use names that no field has.
const mostLastValues = 200

// see notes a new reading in the state. A late reading does not replace what
// is newer.
func (w *sensorWrite) see(r domain.Reading) {
	if !w.known || r.At > w.lastUpdate {
		w.lastUpdate = r.At
	}
	w.known, w.changed = true, true
	for i, v := range r.Values {
		w.seeValue(i, lastValue{v.Name, r.At, v.Value})
	}
}

func (w *sensorWrite) seeValue(hint int, v lastValue) {
	if hint >= len(w.last) || w.last[hint].name != v.name {
		hint = slices.IndexFunc(w.last, func(l lastValue) bool { return l.name == v.name })
	}
	switch {
	case hint < 0 && len(w.last) < mostLastValues:
		w.last = append(w.last, v)
	case hint >= 0 && v.at >= w.last[hint].at:
		w.last[hint] = v
	}
}

// flushStates writes what the acts gathered. Whoever reads or deletes readings
// in a transaction calls it first; the writer calls it before the commit.
func (tx *Tx) flushStates() error {
	w := &tx.states
	if err := tx.insertRows(w.rows); err != nil {
		return err
	}
	w.rows = w.rows[:0]
	if w.ids.next > w.ids.stored {
		w.ids.stored = w.ids.next + idsAhead
		const text = `INSERT INTO counters (name, next) VALUES ('reading', $1) ON CONFLICT (name) DO UPDATE SET next = excluded.next`
		if _, err := tx.exec(text, int64(w.ids.stored)); err != nil {
			return fmt.Errorf("count reading ids: %w", err)
		}
	}
	for _, state := range w.sensors {
		if err := tx.writeState(state); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) writeState(w *sensorWrite) error {
	if !w.changed || w.gone {
		return nil
	}
	_, err := tx.exec(`INSERT INTO sensor_states (sensor_id, last_update, last_values, loose, time_span, id_span)
		VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (sensor_id) DO UPDATE
		SET last_update = excluded.last_update, last_values = excluded.last_values, loose = excluded.loose,
			time_span = excluded.time_span, id_span = excluded.id_span`,
		int64(w.id), int64(w.lastUpdate), encodeLast(w.last), w.loose, w.timeSpan, w.idSpan)
	if err != nil {
		return fmt.Errorf("write state of sensor: %w", err)
	}
	w.changed = false
	if w.loose >= packFrom {
		tx.s.packer.mark(w.id)
	}
	return nil
}

const rowsAtOnce = 16 // in one statement

var (
	insertRow  = insertRowsText(1)
	insertMany = insertRowsText(rowsAtOnce)
)

func insertRowsText(n int) string {
	var text strings.Builder
	text.WriteString("INSERT INTO readings (sensor_id, at, id, named) VALUES ")
	for i := range n {
		if i > 0 {
			text.WriteString(", ")
		}
		fmt.Fprintf(&text, "($%d, $%d, $%d, $%d)", 4*i+1, 4*i+2, 4*i+3, 4*i+4)
	}
	return text.String()
}

func (tx *Tx) insertRows(rows []looseRow) error {
	var args [4 * rowsAtOnce]any
	for len(rows) > 0 {
		n, text := 1, insertRow
		if len(rows) >= rowsAtOnce {
			n, text = rowsAtOnce, insertMany
		}
		for i, r := range rows[:n] {
			args[4*i], args[4*i+1], args[4*i+2], args[4*i+3] = int64(r.sensor), int64(r.at), int64(r.id), r.named
		}
		if _, err := tx.exec(text, args[:4*n]...); err != nil {
			return fmt.Errorf("insert readings: %w", err)
		}
		rows = rows[n:]
	}
	return nil
}

// countReadingIDs takes n ids from the counter of SQLite, whose only writer
// we are until the transaction ends.
func (tx *Tx) countReadingIDs(n int) ([]domain.ReadingID, error) {
	w := &tx.states
	if w.ids.next == 0 {
		w.ids = w.memory.count()
	}
	if w.ids.next == 0 {
		err := tx.queryRow(`SELECT next FROM counters WHERE name = 'reading'`).Scan(&w.ids.stored)
		if isNoRows(err) {
			w.ids.stored, err = 1, nil
		}
		if err != nil {
			return nil, fmt.Errorf("count reading ids: %w", err)
		}
		w.ids.next = w.ids.stored
	}
	ids := make([]domain.ReadingID, n)
	for i := range ids {
		ids[i] = w.ids.next + domain.ReadingID(i)
	}
	w.ids.next += domain.ReadingID(n)
	return ids, nil
}

// idsAhead is how many ids are taken from the counter beyond those in use, so
// that most commits need not write it. A crash leaves a gap of so many.
const idsAhead = 1000

func encodeLast(last []lastValue) []byte {
	to := make([]byte, 0, 2+24*len(last))
	to = binary.AppendUvarint(append(to, namedVersion), uint64(len(last)))
	for _, l := range last {
		to = appendText(to, l.name)
		to = binary.AppendVarint(to, int64(l.at))
		to = appendValue(to, l.value)
	}
	return to
}

func decodeLast(stored []byte) ([]lastValue, error) {
	r := byteReader{rest: stored}
	if r.byte() != namedVersion {
		return nil, errDamaged
	}
	n := r.uvarint()
	if n > uint64(len(r.rest)) {
		return nil, errDamaged
	}
	last := make([]lastValue, n)
	for i := range last {
		last[i].name = string(r.bytes())
		last[i].at = domain.Millis(r.varint())
		last[i].value = r.value()
	}
	if r.bad || len(r.rest) != 0 {
		return nil, errDamaged
	}
	return last, nil
}

const statesAtOnce = 50 // in one statement

var (
	oneStateText   = statesText(1)
	manyStatesText = statesText(statesAtOnce)
)

func statesText(n int) string {
	marks := make([]string, n)
	for i := range marks {
		marks[i] = fmt.Sprintf("$%d", i+1)
	}
	return "SELECT sensor_id, last_update, last_values FROM sensor_states WHERE sensor_id IN (" + strings.Join(marks, ", ") + ")"
}

// SensorStates returns what the readings of sensors left behind. Sensors that
// never had a reading are not in the map. Nobody may change what it holds.
func (s *Store) SensorStates(ctx context.Context, ids ...domain.SensorID) (map[domain.SensorID]domain.SensorState, error) {
	states := make(map[domain.SensorID]domain.SensorState, len(ids))
	missing, generation := s.cachedStates(states, ids)
	for len(missing) > 0 {
		n, text := 1, oneStateText
		if len(missing) > 1 {
			n, text = min(len(missing), statesAtOnce), manyStatesText
		}
		if err := s.readStates(ctx, states, text, missing[:n]); err != nil {
			return nil, fmt.Errorf("states of sensors: %w", err)
		}
		s.keepStates(states, missing[:n], generation)
		missing = missing[n:]
	}
	return states, nil
}

// cachedStates fills in what is known and returns the ids of the others, with
// the generation under which to keep what is read of them.
func (s *Store) cachedStates(states map[domain.SensorID]domain.SensorState, ids []domain.SensorID) (missing []domain.SensorID, generation uint64) {
	for i, id := range ids {
		state, now, ok := s.caches.states.get(id)
		if i == 0 {
			generation = now
		}
		switch {
		case !ok:
			missing = append(missing, id)
		case state != nil:
			states[id] = *state
		}
	}
	return missing, generation
}

func (s *Store) keepStates(states map[domain.SensorID]domain.SensorState, ids []domain.SensorID, generation uint64) {
	if !s.dialect.oneWriter() {
		return
	}
	for _, id := range ids {
		var kept *domain.SensorState // nil: it never had a reading
		if state, ok := states[id]; ok {
			kept = &state
		}
		s.caches.states.fill(id, generation, kept)
	}
}

func (s *Store) readStates(ctx context.Context, states map[domain.SensorID]domain.SensorState, text string, ids []domain.SensorID) error {
	args := []any{int64(ids[0])}
	if text == manyStatesText {
		for len(args) < statesAtOnce {
			args = append(args, int64(ids[min(len(args), len(ids)-1)])) // the last one fills up
		}
	}
	rows, err := s.query(ctx, text, args...)
	_, err = collect(rows, err, func(r row) (struct{}, error) {
		var id domain.SensorID
		var update int64
		var stored []byte
		if err := r.Scan(&id, &update, &stored); err != nil {
			return struct{}{}, err
		}
		last, err := decodeLast(stored)
		state := domain.SensorState{LastUpdate: domain.Millis(update).Time(), Last: make(map[string]domain.LastValue, len(last))}
		for _, l := range last {
			state.Last[l.name] = domain.LastValue{Value: l.value, At: l.at.Time()}
		}
		states[id] = state
		return struct{}{}, err
	})
	return err
}
