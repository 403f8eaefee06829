package datatable

import (
	"io"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// ContentType returns the media type of the output.
func (r Request) ContentType() string {
	switch r.Out {
	case CSV:
		return "text/csv;charset=UTF-8"
	case HTML:
		return "text/html;charset=UTF-8"
	case TSVExcel:
		return "text/tab-separated-values;charset=UTF-16"
	}
	return "text/javascript;charset=UTF-8"
}

// Disposition returns the Content-Disposition header, empty for none.
func (r Request) Disposition() string {
	if r.Out != CSV && r.Out != TSVExcel {
		return ""
	}
	name := r.FileName
	if name == defaultFileName {
		name += map[Output]string{CSV: ".csv", TSVExcel: ".tsv"}[r.Out]
	}
	return `attachment; filename="` + name + `"`
}

// Write writes the table. lastID is asked when all rows are out; a NullCell
// means that there was none.
func (r Request) Write(w io.Writer, table Table, lastID func() Cell) error {
	switch r.Out {
	case CSV:
		return writeDelimited(w, table, ',')
	case HTML:
		return writeHTML(w, table)
	case TSVExcel:
		return writeExcel(w, table)
	}
	return r.writeScript(w, table, lastID)
}

// WriteFault writes why there is no table, in the form of the output.
func (r Request) WriteFault(w io.Writer, fault *Fault) error {
	message := "Error: " + fault.Reason + ": " + fault.Message
	table := Table{Columns: []Column{{Label: message}}, Rows: func(func(Row, error) bool) {}}
	switch r.Out {
	case CSV:
		return writeDelimited(w, table, ',')
	case HTML:
		return writeHTML(w, table)
	case TSVExcel:
		return writeExcel(w, table)
	}
	return r.writeScriptFault(w, fault)
}

// appendText appends the cell as people read it: numbers in the shortest
// form, times in ISO 8601 with milliseconds.
func (c Cell) appendText(to []byte, zone *time.Location) []byte {
	switch c.Kind {
	case NumberCell:
		return domain.Number(c.Number).AppendNumber(to)
	case TextCell:
		return append(to, c.Text...)
	case TimeCell:
		return c.time(zone).AppendFormat(to, isoMillis)
	}
	return to
}

const isoMillis = "2006-01-02T15:04:05.000Z07:00"
