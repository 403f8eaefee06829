// Package datatable is the Google Chart Tools data source of the WoTKit
// contract (V1, dataTable): the request parameter tqx, the query language of tq
// with a parser and evaluator of its own, and the outputs. It knows tables of
// cells and nothing of sensors.
package datatable

import (
	"iter"
	"strings"
	"time"
)

// Type is the type of a column, as the data source protocol writes it.
type Type string

// The types of columns.
const (
	NumberColumn   Type = "number"
	StringColumn   Type = "string"
	DatetimeColumn Type = "datetime"
)

// Column describes one column of a table.
type Column struct {
	ID    string // as tq names it; case-sensitive
	Label string // as people read it
	Type  Type
}

// CellKind says what a cell holds.
type CellKind uint8

// The kinds of cells. The zero kind is no value.
const (
	NullCell CellKind = iota
	NumberCell
	TextCell
	TimeCell
	BoolCell // in queries only: no column is boolean
)

// Cell is one value of a row.
type Cell struct {
	Kind   CellKind
	Number float64 // of NumberCell; Unix milliseconds of TimeCell; 1 or 0 of BoolCell
	Text   string  // of TextCell
}

// Row is the cells of one row in the order of the columns.
type Row []Cell

// Rows are the rows of a table. A row is only good until the next one: who
// keeps it clones it.
type Rows = iter.Seq2[Row, error]

// Table is what is answered.
type Table struct {
	Columns []Column
	Rows    Rows
	Zone    *time.Location
}

// compare orders two cells of the same kind; a missing value comes first.
// Cells of different kinds are ordered by kind.
func (c Cell) compare(d Cell) int {
	switch {
	case c.Kind != d.Kind:
		return int(c.Kind) - int(d.Kind)
	case c.Kind == TextCell:
		return strings.Compare(c.Text, d.Text)
	case c.Number < d.Number:
		return -1
	case c.Number > d.Number:
		return 1
	}
	return 0
}

// time returns the time of a TimeCell in the zone.
func (c Cell) time(zone *time.Location) time.Time {
	return time.UnixMilli(int64(c.Number)).In(zone)
}
