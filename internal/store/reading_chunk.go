package store

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/thingward/thingward/internal/domain"
)

// A chunk is up to 256 readings of one sensor, in the order of (time, id):
//
//	version · count · times · length · ids · columns × { name · length · column }
//
// Times are deltas of deltas, ids deltas: readings at an even pace need one
// byte each. A column holds the values of one name:
//
//	presence (all | bitmap | list) · type · values
//
// All integers are varints; a reader that wants one column skips the others.
const (
	chunkVersion = 1
	maxChunk     = 256                   // readings
	maxChunkSpan = 32 * 24 * 3600 * 1000 // milliseconds
	maxChunkText = 128 << 10             // bytes of names and texts, about
	presentAll   = 0                     // every reading has a value
	presentBits  = 1                     // a bitmap says which
	presentList  = 2                     // a count and the deltas of their places
	columnDecs   = 1                     // number of decimals, zigzag deltas of whole numbers
	columnFloats = 2                     // 8 bytes each
	columnTexts  = 3                     // dictionary, places in it
	columnBools  = 4                     // bitmap
	columnMixed  = 5                     // each value as in a loose reading
)

// cutChunks cuts readings, which are in the order of (time, id), into runs
// that fit into a chunk each.
func cutChunks(readings []domain.Reading) [][]domain.Reading {
	runs := [][]domain.Reading{}
	start, text := 0, 0
	for i, r := range readings {
		size := textSize(r)
		if i > start && (i-start == maxChunk || r.At-readings[start].At > maxChunkSpan || text+size > maxChunkText) {
			runs = append(runs, readings[start:i])
			start, text = i, 0
		}
		text += size
	}
	if start < len(readings) {
		runs = append(runs, readings[start:])
	}
	return runs
}

func textSize(r domain.Reading) int {
	size := 0
	for _, v := range r.Values {
		size += len(v.Name) + len(v.Value.Text)
	}
	return size
}

// encodeChunk packs readings that are in the order of (time, id).
func encodeChunk(readings []domain.Reading) []byte {
	to := make([]byte, 0, 64+8*len(readings))
	to = append(to, chunkVersion)
	to = binary.AppendUvarint(to, uint64(len(readings)))
	to = appendTimes(to, readings)
	to = appendSized(to, func(to []byte) []byte { return appendIDs(to, readings) })
	columns := gatherColumns(readings)
	to = binary.AppendUvarint(to, uint64(len(columns)))
	for _, column := range columns {
		to = appendText(to, column.name)
		to = appendSized(to, func(to []byte) []byte { return column.append(to, len(readings)) })
	}
	return to
}

// appendSized appends what part appends, behind its length.
func appendSized(to []byte, part func([]byte) []byte) []byte {
	start := len(to)
	to = part(to)
	var length [binary.MaxVarintLen64]byte
	n := binary.PutUvarint(length[:], uint64(len(to)-start))
	return slices.Insert(to, start, length[:n]...)
}

func appendTimes(to []byte, readings []domain.Reading) []byte {
	var at, delta int64
	for _, r := range readings {
		next := int64(r.At) - at
		to = binary.AppendVarint(to, next-delta)
		at, delta = int64(r.At), next
	}
	return to
}

func appendIDs(to []byte, readings []domain.Reading) []byte {
	var id int64
	for _, r := range readings {
		to = binary.AppendVarint(to, int64(r.ID)-id)
		id = int64(r.ID)
	}
	return to
}

// column is the values of one name and the places of the readings that have one.
type column struct {
	name   string
	places []int
	values []domain.Value
}

// gatherColumns turns readings into columns, in the order in which the names
// appear. Most readings have the names of the one before in the same order.
func gatherColumns(readings []domain.Reading) []*column {
	columns := []*column{}
	byName := map[string]*column{}
	for place, r := range readings {
		for i, v := range r.Values {
			var c *column
			if i < len(columns) && columns[i].name == v.Name {
				c = columns[i]
			} else if c = byName[v.Name]; c == nil {
				c = &column{name: v.Name, places: make([]int, 0, len(readings)-place), values: make([]domain.Value, 0, len(readings)-place)}
				byName[v.Name] = c
				columns = append(columns, c)
			}
			c.places = append(c.places, place)
			c.values = append(c.values, v.Value)
		}
	}
	return columns
}

func (c *column) append(to []byte, n int) []byte {
	return c.appendValues(c.appendPresence(to, n))
}

func (c *column) appendPresence(to []byte, n int) []byte {
	switch {
	case len(c.places) == n:
		return append(to, presentAll)
	case len(c.places)*8 >= n:
		return appendBits(append(to, presentBits), n, c.places)
	}
	to = binary.AppendUvarint(append(to, presentList), uint64(len(c.places)))
	last := 0
	for _, place := range c.places {
		to = binary.AppendUvarint(to, uint64(place-last))
		last = place
	}
	return to
}

// appendBits appends a bitmap of n bits, set at the places.
func appendBits(to []byte, n int, places []int) []byte {
	start := len(to)
	to = append(to, make([]byte, (n+7)/8)...)
	for _, place := range places {
		to[start+place/8] |= 1 << (place % 8)
	}
	return to
}

func (c *column) appendValues(to []byte) []byte {
	kind := c.values[0].Kind
	for _, v := range c.values {
		if v.Kind != kind {
			return c.appendMixed(to)
		}
	}
	switch kind {
	case domain.NumberValue:
		return c.appendNumbers(to)
	case domain.TextValue:
		return c.appendTexts(to)
	case domain.BoolValue:
		places := []int{}
		for i, v := range c.values {
			if v.Number != 0 {
				places = append(places, i)
			}
		}
		return appendBits(append(to, columnBools), len(c.values), places)
	}
	return c.appendMixed(to)
}

func (c *column) appendMixed(to []byte) []byte {
	to = append(to, columnMixed)
	for _, v := range c.values {
		to = appendValue(to, v)
	}
	return to
}

// appendNumbers stores whole numbers of the least power of ten that keeps
// every number exactly, else the floats themselves.
func (c *column) appendNumbers(to []byte) []byte {
	decimals := 0
	for i := 0; i < len(c.values); {
		if _, ok := scaled(c.values[i].Number, decimals); ok {
			i++
			continue
		}
		if decimals++; decimals > mostDecimals {
			return c.appendFloats(to)
		}
		if i > 0 {
			i = 0 // what fitted before must fit again
		}
	}
	to = append(to, columnDecs, byte(decimals))
	var last int64
	for _, v := range c.values {
		n, _ := scaled(v.Number, decimals)
		to = binary.AppendVarint(to, n-last)
		last = n
	}
	return to
}

func (c *column) appendFloats(to []byte) []byte {
	to = append(to, columnFloats)
	for _, v := range c.values {
		to = binary.LittleEndian.AppendUint64(to, math.Float64bits(v.Number))
	}
	return to
}

func (c *column) appendTexts(to []byte) []byte {
	place := map[string]int{}
	dictionary := []string{}
	for _, v := range c.values {
		if _, ok := place[v.Text]; !ok {
			place[v.Text] = len(dictionary)
			dictionary = append(dictionary, v.Text)
		}
	}
	to = binary.AppendUvarint(append(to, columnTexts), uint64(len(dictionary)))
	for _, text := range dictionary {
		to = appendText(to, text)
	}
	for _, v := range c.values {
		to = binary.AppendUvarint(to, uint64(place[v.Text]))
	}
	return to
}
