package datatable

import (
	"html"
	"io"
	"time"
)

// writeHTML writes a page with one table. Every value is escaped.
func writeHTML(w io.Writer, table Table) error {
	line := []byte("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"UTF-8\"><title>Data</title></head>\n" +
		"<body><table border=\"1\">\n<thead><tr>")
	for _, column := range table.Columns {
		line = append(line, "<th>"+html.EscapeString(column.Label)+"</th>"...)
	}
	if _, err := w.Write(append(line, "</tr></thead>\n<tbody>\n"...)); err != nil {
		return err
	}
	for row, err := range table.Rows {
		if err != nil {
			return err
		}
		if _, err := w.Write(appendHTMLRow(line[:0], row, table.Zone)); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, "</tbody></table></body></html>\n")
	return err
}

func appendHTMLRow(to []byte, row Row, zone *time.Location) []byte {
	to = append(to, "<tr>"...)
	for _, cell := range row {
		if cell.Kind == NumberCell {
			to = append(to, `<td align="right">`...)
		} else {
			to = append(to, "<td>"...)
		}
		to = append(to, html.EscapeString(string(cell.appendText(nil, zone)))...)
		to = append(to, "</td>"...)
	}
	return append(to, "</tr>\n"...)
}
