package datatable

import (
	"encoding/json"
	"hash/fnv"
	"io"
	"strconv"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// appendQuoted appends a JSON string that is harmless inside a script and
// inside a page: <, >, &, U+2028 and U+2029 are escaped.
func appendQuoted(to []byte, text string) []byte {
	quoted, _ := json.Marshal(text) // a string always can be marshalled
	return append(to, quoted...)
}

func (r Request) appendHead(to []byte, status string) []byte {
	to = append(to, r.Handler...)
	to = append(to, `({"version":"0.6","reqId":`...)
	to = appendQuoted(to, r.ID)
	to = append(to, `,"status":"`...)
	to = append(to, status...)
	return append(to, '"')
}

// writeScript writes the table while its rows arrive. The signature comes
// behind them, when it is known.
func (r Request) writeScript(w io.Writer, table Table, lastID func() Cell) error {
	if _, err := w.Write(append(r.appendHead(nil, "ok"), `,"table":{`...)); err != nil {
		return err
	}
	sum := fnv.New64a()
	if err := writeBody(io.MultiWriter(w, sum), table); err != nil {
		return err
	}
	tail := []byte(`,"p":{`)
	if last := lastID(); last.Kind == TimeCell {
		tail = append(tail, `"lastId":"`...)
		tail = last.appendText(tail, time.UTC)
		tail = append(tail, '"')
	}
	tail = append(tail, `}},"sig":"`...)
	tail = strconv.AppendUint(tail, sum.Sum64(), 10)
	_, err := w.Write(append(tail, `"})`...))
	return err
}

// Signature returns the signature of the table, which writeScript writes.
func Signature(table Table) (string, error) {
	sum := fnv.New64a()
	err := writeBody(sum, table)
	return strconv.FormatUint(sum.Sum64(), 10), err
}

// writeBody writes the columns and rows of a table.
func writeBody(w io.Writer, table Table) error {
	line := []byte(`"cols":[`)
	for i, column := range table.Columns {
		if i > 0 {
			line = append(line, ',')
		}
		line = append(line, `{"id":`...)
		line = appendQuoted(line, column.ID)
		line = append(line, `,"label":`...)
		line = appendQuoted(line, column.Label)
		line = append(line, `,"type":"`...)
		line = append(line, column.Type...)
		line = append(line, `","pattern":""}`...)
	}
	line = append(line, `],"rows":[`...)
	first := true
	for row, err := range table.Rows {
		if err != nil {
			return err
		}
		if !first {
			line = append(line, ',')
		}
		first = false
		line = appendRow(line, row, table.Zone)
		if _, err := w.Write(line); err != nil {
			return err
		}
		line = line[:0]
	}
	_, err := w.Write(append(line, ']'))
	return err
}

func appendRow(to []byte, row Row, zone *time.Location) []byte {
	to = append(to, `{"c":[`...)
	for i, cell := range row {
		if i > 0 {
			to = append(to, ',')
		}
		to = append(to, `{"v":`...)
		to = appendCell(to, cell, zone)
		to = append(to, '}')
	}
	return append(to, `]}`...)
}

func appendCell(to []byte, cell Cell, zone *time.Location) []byte {
	switch cell.Kind {
	case NumberCell:
		return domain.Number(cell.Number).AppendNumber(to)
	case TextCell:
		return appendQuoted(to, cell.Text)
	case TimeCell:
		return appendDate(to, cell.time(zone))
	}
	return append(to, "null"...)
}

// appendDate appends the constructor that the protocol uses; months count
// from 0.
func appendDate(to []byte, t time.Time) []byte {
	to = append(to, "new Date("...)
	for i, part := range []int{t.Year(), int(t.Month()) - 1, t.Day(), t.Hour(), t.Minute(), t.Second()} {
		if i > 0 {
			to = append(to, ',')
		}
		to = strconv.AppendInt(to, int64(part), 10)
	}
	return append(to, ')')
}

func (r Request) writeScriptFault(w io.Writer, fault *Fault) error {
	text := r.appendHead(nil, "error")
	text = append(text, `,"errors":[{"reason":`...)
	text = appendQuoted(text, fault.Reason)
	text = append(text, `,"message":`...)
	text = appendQuoted(text, fault.Message)
	_, err := w.Write(append(text, `}]})`...))
	return err
}
