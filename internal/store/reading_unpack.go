package store

import (
	"github.com/thingward/thingward/internal/domain"
)

// chunk is a packed chunk of which the times are read.
type chunk struct {
	times   []domain.Millis
	ids     []byte
	columns byteReader
	count   int // of columns
}

// openChunk reads the times of a chunk, into the given slice if it is large
// enough. Damaged bytes give an error, never a panic or a large allocation.
func openChunk(packed []byte, times []domain.Millis) (chunk, error) {
	r := byteReader{rest: packed}
	if r.byte() != chunkVersion {
		return chunk{}, errDamaged
	}
	n := r.uvarint()
	if n == 0 || n > maxChunk {
		return chunk{}, errDamaged
	}
	if uint64(cap(times)) < n {
		times = make([]domain.Millis, maxChunk)
	}
	c := chunk{times: times[:n]}
	var at, delta int64
	for i := range c.times {
		delta += r.varint()
		at += delta
		c.times[i] = domain.Millis(at)
	}
	c.ids = r.bytes()
	count := r.uvarint()
	if r.bad || count > uint64(len(r.rest)) {
		return chunk{}, errDamaged
	}
	c.columns, c.count = r, int(count)
	return c, nil
}

// positions returns the readings of the chunk without their values.
func (c *chunk) positions(sensor domain.SensorID) ([]domain.Reading, error) {
	readings := make([]domain.Reading, len(c.times))
	r := byteReader{rest: c.ids}
	var id int64
	for i, at := range c.times {
		id += r.varint()
		readings[i] = domain.Reading{ID: domain.ReadingID(id), Sensor: sensor, At: at}
	}
	if r.bad || len(r.rest) != 0 {
		return nil, errDamaged
	}
	return readings, nil
}

// readings returns the readings of the chunk.
func (c *chunk) readings(sensor domain.SensorID, names *nameTable) ([]domain.Reading, error) {
	readings, err := c.positions(sensor)
	if err != nil {
		return nil, err
	}
	const wide = 16 // columns; readings of more are sparse as a rule
	if c.count <= wide {
		all := make([]domain.NamedValue, len(readings)*c.count)
		for i := range readings {
			readings[i].Values = all[i*c.count : i*c.count : (i+1)*c.count]
		}
	}
	columns := c.columns
	for range c.count {
		name := names.text(columns.bytes())
		content := byteReader{rest: columns.bytes()}
		err := readColumn(content, len(readings), func(place int, v domain.Value) {
			readings[place].Values = append(readings[place].Values, domain.NamedValue{Name: name, Value: v})
		})
		if err != nil {
			return nil, err
		}
	}
	if columns.bad || len(columns.rest) != 0 {
		return nil, errDamaged
	}
	return readings, nil
}

// column visits the values of one name, with the places of their readings.
func (c *chunk) column(name string, visit func(place int, v domain.Value)) error {
	columns := c.columns
	for range c.count {
		found := string(columns.bytes()) == name
		content := byteReader{rest: columns.bytes()}
		if columns.bad {
			return errDamaged
		}
		if found {
			return readColumn(content, len(c.times), visit)
		}
	}
	return nil
}

// readColumn visits the values of a column in a chunk of n readings.
func readColumn(r byteReader, n int, visit func(place int, v domain.Value)) error {
	places, ok := readPresence(&r, n)
	if !ok {
		return errDamaged
	}
	readValues(&r, places, visit)
	if r.bad || len(r.rest) != 0 {
		return errDamaged
	}
	return nil
}

// everyPlace is the presence of a column that every reading has.
var everyPlace = func() (places [maxChunk]int) {
	for i := range places {
		places[i] = i
	}
	return places
}()

func readPresence(r *byteReader, n int) (places []int, ok bool) {
	switch r.byte() {
	case presentAll:
		return everyPlace[:n], !r.bad
	case presentBits:
		bits := r.take(uint64(n+7) / 8)
		for place := 0; place < n && !r.bad; place++ {
			if bits[place/8]&(1<<(place%8)) != 0 {
				places = append(places, place)
			}
		}
		return places, !r.bad
	case presentList:
		count := r.uvarint()
		if count > uint64(n) {
			return nil, false
		}
		last := uint64(0)
		for i := range count {
			delta := r.uvarint()
			if last += delta; delta >= uint64(n) || last >= uint64(n) || i > 0 && delta == 0 {
				return nil, false
			}
			places = append(places, int(last))
		}
		return places, !r.bad
	}
	return nil, false
}

func readValues(r *byteReader, places []int, visit func(place int, v domain.Value)) {
	switch r.byte() {
	case columnDecs:
		readDecimals(r, places, visit)
	case columnFloats:
		for _, place := range places {
			visit(place, domain.Number(r.float()))
		}
	case columnTexts:
		readTexts(r, places, visit)
	case columnBools:
		bits := r.take(uint64(len(places)+7) / 8)
		for i := 0; i < len(places) && !r.bad; i++ {
			visit(places[i], domain.Bool(bits[i/8]&(1<<(i%8)) != 0))
		}
	case columnMixed:
		for _, place := range places {
			visit(place, r.value())
		}
	default:
		r.fail()
	}
}

func readDecimals(r *byteReader, places []int, visit func(place int, v domain.Value)) {
	decimals := r.byte()
	if decimals > mostDecimals {
		r.fail()
		return
	}
	divisor := powersOfTen[decimals]
	var n int64
	for _, place := range places {
		n += r.varint()
		visit(place, domain.Number(float64(n)/divisor))
	}
}

func readTexts(r *byteReader, places []int, visit func(place int, v domain.Value)) {
	count := r.uvarint()
	if count > uint64(len(places)) {
		r.fail()
		return
	}
	dictionary := make([]string, count)
	for i := range dictionary {
		dictionary[i] = string(r.bytes())
	}
	for _, place := range places {
		i := r.uvarint()
		if i >= count {
			r.fail()
			return
		}
		visit(place, domain.Text(dictionary[i]))
	}
}
